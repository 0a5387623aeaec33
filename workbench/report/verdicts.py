"""The checks of a trial in green, amber and red, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from workbench.core.results import Simulation
from workbench.core.types import Trial

Colour = Literal["green", "amber", "red"]

#: Hicks et al. 2015 (J Biomech Eng 137:020905) ask for residual forces below 5 % of the external force and residual
#: moments below 1 % of the centre of mass height times it, which is about half of the body height.
RESIDUAL_FORCE_PCT_BW: Final = (5.0, 15.0)
RESIDUAL_MOMENT_PCT_BW_HT: Final = (1.0, 5.0)
OUTSIDE_FOOT_M: Final = (0.005, 0.02)
RESERVE_NM: Final = (1.0, 10.0)
LIFT_OFF_BW: Final = (0.0, -0.3)


@dataclass(frozen=True)
class Verdict:
    """One check."""

    colour: Colour
    what: str
    found: str
    advice: str  #: empty where there is nothing to do


def verdicts(trial: Trial, answer: Simulation | None) -> tuple[Verdict, ...]:
    """All checks of a trial and of its recorded walk, the worst first."""
    found = [*_of_trial(trial), *(_of_answer(answer) if answer is not None else ())]
    found = [replace(one, advice="") if one.colour == "green" else one for one in found]
    order: tuple[Colour, ...] = ("red", "amber", "green")
    return tuple(sorted(found, key=lambda one: order.index(one.colour)))


def _of_trial(trial: Trial) -> Iterator[Verdict]:
    for warning in trial.warnings:
        yield Verdict("amber", "Recording", warning, "Look at the force traces and at the file that is named.")
    if not trial.warnings:
        yield Verdict("green", "Recording", "units, signs, timing and plates passed all checks", "")
    missing = [side for side in ("left", "right") if side not in trial.ground_reactions]
    for side in missing:
        yield Verdict(
            "amber", "Force plates", f"no force was recorded under the {side} foot",
            f"Only the {'right' if side == 'left' else 'left'} leg can be analysed, and residuals cannot be computed.",
        )  # fmt: skip


def _of_answer(answer: Simulation) -> Iterator[Verdict]:
    checks = answer.checks
    force = checks["residual_force_pct_bw_baseline"]
    if isinstance(force, float):
        yield Verdict(
            _graded(force, *RESIDUAL_FORCE_PCT_BW), "Residual force at the pelvis", f"up to {force:.1f} % BW",
            "Check mass, model scaling and whether motion and forces share one clock and one origin.",
        )  # fmt: skip
    moment = checks["residual_moment_pct_bw_ht_baseline"]
    if isinstance(moment, float):
        yield Verdict(
            _graded(moment, *RESIDUAL_MOMENT_PCT_BW_HT), "Residual moment at the pelvis", f"up to {moment:.1f} % BW·ht",
            "A model without arms leaves some; more points to a trunk marker or the origin of the plates.",
        )  # fmt: skip
    outside = checks["centre_of_pressure_outside_foot_m_baseline"]
    if isinstance(outside, float):
        yield Verdict(
            _graded(outside, *OUTSIDE_FOOT_M), "Centre of pressure",
            f"{100 * outside:.1f} cm outside the foot's outline" if outside > 0.0 else "inside the foot's outline",
            "Check which foot each plate belongs to, and the origin of the plates in the laboratory.",
        )  # fmt: skip
    reserve = checks["largest_reserve_moment_Nm"]
    if isinstance(reserve, float):
        yield Verdict(
            _graded(reserve, *RESERVE_NM), "Moment the muscles could not supply", f"up to {reserve:.1f} N·m",
            "The muscles of the model are too weak here: check the scaling, or the moment that is asked for.",
        )  # fmt: skip
    lowest, held = checks["lowest_lateral_force_bw"], checks["lift_off_prevented_lateral_bw"]
    if isinstance(lowest, float) and isinstance(held, float):
        found = "loaded throughout"
        if round(held, 2) > 0.0:
            more = checks["lift_off_prevented_muscle_force_bw"]
            found = f"would pull with {held:.2f} BW; to hold it down takes up to {more:.2f} BW more muscle force"
        if round(lowest, 2) < 0.0:
            found = f"lifts off, down to {lowest:.2f} BW"
        yield Verdict(
            _graded(round(max(-lowest, held), 2), *(-limit for limit in LIFT_OFF_BW)), "Lateral compartment", found,
            "The split between the compartments depends on the contact points and the alignment: calibrate on an"
            " implant, or read the changes rather than the values.",
        )  # fmt: skip


def _graded(value: float, good: float, bad: float) -> Colour:
    return "green" if value <= good else "amber" if value <= bad else "red"
