"""The footprints of the changed gait, which the browser draws and describes as the sliders move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import panel as pn
import param

from workbench.core.vocabulary import Side
from workbench.dashboard.footprint_figure import packed_prints, print_words
from workbench.report.browser import with_answers
from workbench.scene.footprint import Footprints


class Prints(pn.custom.JSComponent):
    """Fills the sources of `footprint_figure.footprint_view`, and says what they show."""

    store = param.String(doc="Key of the answers that it follows, see `workbench.dashboard.levers`.")
    side = param.String(doc="The analysed leg.")
    words = param.Dict(default={}, doc="See `print_words`.")
    layout = param.List(default=[], doc="What the numbers of a row are, see `packed_prints`.")
    nodes = param.Bytes(default=b"", doc="Rows on a grid of changes, float32; empty while there are none.")
    places = param.Dict(default={}, doc="Places of the grid along each change, by shown names in shown units.")
    held = param.Dict(default={}, doc="The other changes that the nodes hold.")
    direct = param.Bytes(default=b"", doc="One row, of the last change that was solved.")

    _esm = with_answers(Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))

    recorded: Footprints | None = None

    def set_natural(self, recorded: Footprints, side: Side) -> None:
        """Show another natural gait; modified prints shown before are dropped."""
        self.recorded = recorded
        layout, _ = packed_prints(recorded, recorded)
        self.param.update(side=side, words=print_words(recorded), layout=layout, nodes=b"", direct=b"")

    def set_nodes(
        self, modified: Sequence[Footprints], places: Mapping[str, Sequence[float]], held: Mapping[str, float]
    ) -> None:
        """Send the prints on a grid of changes, the last one varying fastest; places in shown units."""
        assert self.recorded is not None
        rows = [packed_prints(self.recorded, one)[1] for one in modified]
        self.param.update(
            places={name: list(at) for name, at in places.items()},
            held=dict(held),
            nodes=np.array(rows).astype("<f4").tobytes(),
        )

    def set_direct(self, modified: Footprints | None) -> None:
        """Send the prints of one change that was solved directly, or None."""
        assert self.recorded is not None
        self.direct = b"" if modified is None else packed_prints(self.recorded, modified)[1].astype("<f4").tobytes()
