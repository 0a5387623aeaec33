"""The workbench in a few words, for a notebook: open a trial, simulate, look at the tables."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.errors import SettingError
from workbench.core.types import GaitModification, LoadSettings, Processing, Trial
from workbench.core.vocabulary import DISCLAIMER, Side

if TYPE_CHECKING:
    import pandas as pd

    from workbench.core.results import Simulation


@dataclass(frozen=True)
class Answer:
    """The recorded and the modified walk side by side; shows itself as a table in a notebook."""

    simulation: Simulation

    def summary(self) -> pd.DataFrame:
        """Peaks, impulses, foot progression angle and step width: recorded, modified, change, percent, remark."""
        from workbench import report

        return report.peaks_table(self.simulation)

    def curves(self) -> pd.DataFrame:
        """Moments (% body weight x height) and contact forces (body weight) over the cycle, 101 rows."""
        from workbench import report

        return report.curves_table(self.simulation)

    def document(self) -> dict[str, object]:
        """Everything with settings, checks and provenance, as ``workbench simulate --json`` writes it."""
        from workbench import report

        return report.simulation_document(self.simulation)

    def __str__(self) -> str:
        from workbench import report

        return report.simulation_text(self.simulation)

    def _repr_html_(self) -> str:
        from workbench import report

        headline, change, *_ = report.simulation_text(self.simulation).splitlines()
        table = self.summary().to_html(float_format=lambda value: f"{value:.3f}", index=False, na_rep="")
        return f"<p><b>{headline}</b><br>{change}</p>{table}<p><i>{DISCLAIMER}</i></p>"


def open_trial(path_or_name: str | Path = "reference") -> Trial:
    """Open the built-in walk, or the recording that a ``trial.toml`` describes.

    Parameters
    ----------
    path_or_name : str or Path
        ``"reference"`` or the path of a ``trial.toml`` (or of its folder).

    Returns
    -------
    Trial

    Raises
    ------
    TrialError
        If it cannot be read, with what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> workbench.open_trial("reference").subject
    Subject(mass_kg=86.04, height_m=1.87)
    """
    from workbench.trials import open_trial as open_from_disk

    return open_from_disk(path_or_name)


def simulate(
    trial: Trial,
    *,
    toe_in_deg: float = 0.0,
    toe_out_deg: float = 0.0,
    wider_cm: float = 0.0,
    narrower_cm: float = 0.0,
    side: Side | None = None,
    stride: int | None = None,
    mean: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> Answer:
    """Simulate a change of gait and set it beside the recorded walk.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    toe_in_deg, toe_out_deg : float
        Turn of the feet about the vertical, 0 to 20 degrees; one of them.
    wider_cm, narrower_cm : float
        Change of step width, 0 to 15 cm; one of them.
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    stride : int, optional
        Number of the stride; by default the most typical one.
    mean : bool
        Average over all strides; takes about half a second a stride, with a progress bar in a terminal.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **assumptions
        The other fields of `GaitModification`: ``sides``, ``pivot``, ``virtual_point_statures``, ``swing_fade``.

    Returns
    -------
    Answer

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> answer = workbench.simulate(workbench.open_trial("reference"), toe_in_deg=10)
    >>> float(answer.summary().loc["kam_peak_1_pct_bw_ht", "change"].round(1))
    -0.2
    """
    from workbench.simulation.simulate import simulate as simulate_walk
    from workbench.simulation.walk import Walk

    if (toe_in_deg and toe_out_deg) or (wider_cm and narrower_cm):
        raise SettingError("give toe-in or toe-out, and wider or narrower, not both.")
    if min(toe_in_deg, toe_out_deg, wider_cm, narrower_cm) < 0.0:
        raise SettingError("changes are numbers from 0 up.", remedy="Use the opposite one for the other way.")
    modification = GaitModification(
        foot_progression_change_deg=toe_out_deg - toe_in_deg,
        step_width_change_m=(wider_cm - narrower_cm) / 100.0,
        **assumptions,
    )
    walk = Walk(trial, processing)
    progress = progress_bar if mean and sys.stderr.isatty() else None
    return Answer(simulate_walk(walk, modification, settings, side=side, stride=stride, mean=mean, progress=progress))


def explore(trial: Trial | None = None) -> Any:
    """Open the interactive view of a trial in a notebook.

    Parameters
    ----------
    trial : Trial, optional
        By default the built-in walk.

    Returns
    -------
    panel.viewable.Viewer
        Shown as the last line of a cell.
    """
    from workbench.dashboard.notebook import explore as explore_trial

    return explore_trial(trial or open_trial())


def progress_bar(done: int, total: int) -> None:
    """Draw a progress bar on standard error."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:30}] {done} of {total} solved", end="\n" if done == total else "", file=sys.stderr, flush=True)
