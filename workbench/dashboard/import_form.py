"""A small form for what the files do not contain, prefilled with what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import panel as pn
import panel_material_ui as pmui

from workbench.core.errors import SettingError
from workbench.core.vocabulary import Side
from workbench.dashboard.controls import TEXT_STYLE, in_turn
from workbench.intake.seen import LANDMARK_NAMES, Answers, Look
from workbench.session.solvers import Later

_UNUSED: Final = "not used"
_LANDMARKS: Final = {_UNUSED: "", **{name.replace("_", " "): name for name in LANDMARK_NAMES}}


class ImportForm(pn.viewable.Viewer):
    """Asks for what could not be found.

    Parameters
    ----------
    seen : Look
    on_answers : callable
        Is given the answers.
    on_walk : callable
        Is given the name of another walk of the files.
    on_cancel : callable
    on_error : callable
        Is given what is wrong with an answer.
    later : callable
        Runs a function on the thread that owns the page after some milliseconds.
    """

    def __init__(
        self,
        seen: Look,
        on_answers: Callable[[Answers], None],
        on_walk: Callable[[str], None],
        on_cancel: Callable[[], None],
        on_error: Callable[[SettingError], None],
        later: Later,
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._seen, self._later = seen, later
        self._on_answers, self._on_walk = on_answers, on_walk
        self._on_cancel, self._on_error = on_cancel, on_error
        self._mass = _field("Mass (kg)", seen.mass_kg)
        self._height = _field("Height (m)", seen.height_m)
        statics = {path.name: path for path in seen.statics}
        self._statics: dict[str, Path | None] = {"none": None, **statics}
        found = seen.sources.static
        self._static = _select("Static trial", list(self._statics), found.name if found else "none")
        self._side = _select("Knee of the measured loads", ["not used", "left", "right"], "not used")
        self._no_plates = pmui.Checkbox(
            label="Ignore the force plates and estimate the forces from the motion", size="small", margin=(2, 8)
        )
        self._markers: dict[str, Any] = {}

    def __panel__(self) -> pn.viewable.Viewable:
        """The form; what is known already can be corrected."""
        seen = self._seen
        parts: list[Any] = []
        if len(seen.walks) > 1:
            walk = _select("Walk", [one.name for one in seen.walks], seen.walk.name)
            walk.param.watch(lambda event: self._later(lambda: self._on_walk(event.new), 1.0), "value")
            parts.append(walk)
        parts.append(pn.Row(self._mass, self._height, margin=0, sizing_mode="stretch_width"))
        if seen.statics:
            parts.append(self._static)
        if seen.asks_side:
            parts.append(self._side)
        if seen.plates:
            parts.append(self._no_plates)
        else:
            parts.append(
                _text(
                    "There are no forces in these files: they will be estimated from the motion, and labelled as"
                    " estimated in every answer."
                )
            )
        asked, folded = self._marker_parts()
        compute = pmui.Button(label="Compute the loads", variant="contained", size="small", margin=8)
        discard = pmui.Button(label="Discard", variant="outlined", size="small", margin=8)
        compute.on_click(in_turn(self._later, self._send))
        discard.on_click(in_turn(self._later, self._on_cancel))
        buttons = pn.Row(compute, discard, margin=0)
        return pn.Column(*parts, *asked, buttons, *folded, sizing_mode="stretch_width", margin=0)

    def _marker_parts(self) -> tuple[Sequence[Any], Sequence[Any]]:
        """A row for each label that is like a known one, and the other unknown ones folded away."""
        seen = self._seen
        asked = list(seen.suggestions) if not seen.problem else list(seen.unmatched)
        folded = [label for label in seen.unmatched if label not in asked]
        rows: list[Any] = []
        if asked:
            rows.append(_text("Which landmarks do these markers represent?"))
            rows += [self._marker(label) for label in asked]
        if not folded:
            return rows, []
        card = pmui.Card(
            title=f"{len(folded)} {'label is' if len(folded) == 1 else 'labels are'} not used", collapsed=True,
            sizing_mode="stretch_width", margin=(4, 8), title_variant="body2",
        )  # fmt: skip

        def fill() -> None:
            if not card.objects:
                card.objects = [self._marker(label) for label in folded]

        card.param.watch(lambda _: self._later(fill, 1.0), "collapsed")
        return rows, [card]

    def _marker(self, label: str) -> Any:
        suggested = self._seen.suggestions.get(label, "")
        self._markers[label] = pmui.Select(
            label=label, options=_LANDMARKS, value=suggested, size="small", sizing_mode="stretch_width", margin=(4, 8)
        )
        return self._markers[label]

    def _send(self) -> None:
        try:
            self._on_answers(self.answers())
        except SettingError as error:
            self._on_error(error)

    def answers(self) -> Answers:
        """The answers in the form.

        Raises
        ------
        SettingError
            If mass or height is not a number, or two markers stand for one place.
        """
        landmarks = {label: str(widget.value) for label, widget in self._markers.items() if widget.value}
        places = list(landmarks.values())
        twice = next((place for place in places if places.count(place) > 1), None)
        if twice is not None:
            labels = " and ".join(label for label, place in landmarks.items() if place == twice)
            raise SettingError(
                f"{labels} represent the same landmark, {twice.replace('_', ' ')}.", remedy="Choose one."
            )
        side = self._side.value
        return Answers(
            mass_kg=_number(self._mass, "75"),
            height_m=_number(self._height, "1.75"),
            static=self._statics[self._static.value],
            landmarks=landmarks,
            plates=not self._no_plates.value,
            measured_side=None if side == _UNUSED else cast("Side", side),
        )


def _field(label: str, value: float | None) -> Any:
    return pmui.TextInput(
        label=label, value="" if value is None else f"{value:g}", size="small", sizing_mode="stretch_width",
        margin=(4, 8), description="",
    )  # fmt: skip


def _number(field: Any, example: str) -> float:
    text = str(field.value).strip().replace(",", ".")
    try:
        return float(text)
    except ValueError:
        what = f"{text!r} is not a number" if text else "it is missing"
        raise SettingError(f"{what}.", where=field.label, remedy=f"Write it like {example}.") from None


def _select(label: str, options: list[str], value: str) -> Any:
    return pmui.Select(
        label=label, options=options, value=value, size="small", sizing_mode="stretch_width", margin=(4, 8)
    )


def _text(text: str) -> pn.viewable.Viewable:
    style = [TEXT_STYLE, "p { margin: 3px 0; }"]
    return pn.pane.HTML(f"<p>{text}</p>", stylesheets=style, sizing_mode="stretch_width", margin=(0, 8))
