"""Figures for notebooks: the load map, and several answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.api.progress import terminal_progress
from workbench.core.changes import two_kinds
from workbench.core.response import PLANE
from workbench.core.settings import LoadSettings, Processing, assumptions_alone, check_side
from workbench.core.types import Trial
from workbench.core.vocabulary import Side

if TYPE_CHECKING:
    from workbench.report.answers import Answer


def plot_map(
    trial: Trial,
    outcome: str = "kam_peak_1_pct_bw_ht",
    *,
    axes: Sequence[str] = PLANE,
    side: Side | None = None,
    stride: int | None = None,
    personal: bool = False,
    settings: LoadSettings | None = None,
    processing: Processing | None = None,
    **assumptions: Any,
) -> Any:
    """Draw how one outcome changes with two changes of gait, by default foot progression angle and step width.

    Takes as long as `personal_target` the first time; then it is cached on disk.

    Parameters
    ----------
    trial : Trial
        See `open_trial`.
    outcome : str
        What is mapped: a name of `workbench.core.load_map.OUTCOMES`.
    axes : sequence of str
        Two kinds of change, across and up: ``("foot angle", "step width")``.
    side : {"left", "right"}, optional
        Leg to analyse; by default the instrumented one, else the right where it can be.
    stride : int, optional
        Number of the stride; by default the most typical one.
    personal : bool
        Take the assumptions that this person's own strides settle in place of the defaults, see `own_law`; the answer
        names them with their errors. Needs twenty strides or more.
    settings : LoadSettings, optional
        Muscle weights, contact points, moment frame.
    processing : Processing, optional
        Filters and contact threshold.
    **assumptions
        The assumptions of `GaitModification`: ``sides``, ``pivot``, ``virtual_point_statures``, ``swing_fade``.

    Returns
    -------
    holoviews.Overlay
        Shown as the last line of a cell. Toe-out and wider steps positive; blue where the outcome falls, red where it
        rises, a line where it does not change, a circle at the recorded walk, dots where a guard rail is broken.

    Raises
    ------
    SettingError, TrialError, ModelError, SimulationError
        With what is wrong, where, and what to do.

    Examples
    --------
    >>> import workbench
    >>> drawn = workbench.plot_map(workbench.open_trial("reference"), "mcf_peak_2_bw")
    >>> low, high = drawn.Image.I.range(2)  # of the change, BW: toe-out lowers the second peak, toe-in raises it
    >>> bool(low < 0 < high)
    True
    """
    from workbench.core.load_map import mapped_quantity, outcome_map
    from workbench.figures import maps
    from workbench.workers.preparation import prepared_leg

    mapped_quantity(outcome)  # refused before the work begins
    check_side(side)
    plane = two_kinds(axes)
    settings, processing = settings or LoadSettings(), processing or Processing()
    progress, template = terminal_progress(), assumptions_alone(assumptions)
    with prepared_leg(
        trial, processing, template, side=side, stride=stride, axes=plane, personal=settings if personal else None,
        chosen=assumptions, progress=progress,
    ) as (leg, _):  # fmt: skip
        pass
    loads = outcome_map(leg.surface, settings, plane, progress=progress)
    return maps.plot_map(loads, outcome, title=leg.title(settings))


def plot_compare(answers: Sequence[Answer]) -> Any:
    """Draw the curves of several answers in the same charts.

    Parameters
    ----------
    answers : sequence of Answer
        One to six; of each the modified walk is drawn, or the recorded one where nothing is modified.

    Returns
    -------
    holoviews.Layout
        Shown as the last line of a cell: medial and lateral force (body weight), KAM and KFM (% body weight x height).

    Raises
    ------
    SettingError
        If there is no answer, or more than can be told apart.

    Examples
    --------
    >>> import workbench
    >>> walk = workbench.open_trial("reference")
    >>> answers = [workbench.simulate(walk), workbench.simulate(walk, toe_in_deg=10)]
    >>> medial, *_ = workbench.plot_compare(answers)
    >>> [curve.label for curve in medial.traverse(lambda one: one, ["Curve"])]
    ['1: natural gait', '2: toe-in 10° (simulated)']
    """
    from workbench.figures import plots

    return plots.plot_compare([one.simulation for one in answers])
