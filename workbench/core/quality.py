"""Quality checks of an answer: figures and their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from workbench.core.findings import About, Finding, Severity

#: A figure of the modified walk is told again only where it is so much worse than that of the recorded walk.
_WORSE: Final = 1.1


@dataclass(frozen=True)
class Check:
    """A figure of ``Simulation.checks`` with its limits.

    The recorded walk's figure has the name with ``_baseline``, the modified walk's with ``_modified``.
    """

    code: str  #: of the finding
    figure: str  #: name in the checks, without ``_baseline`` and ``_modified``
    label: str  #: a few words, for a table
    problem: str  #: the sentence up to the walk it is about; ``{}`` is the number with its unit
    number: str  #: how the number and its unit are written
    doubtful: float  #: above it the numbers may be off
    serious: float  #: above it they probably are
    remedy: str
    source: str
    scale: float = 1.0  #: from the figure's unit to that of the limits; negative where less is worse

    def written(self, value: float) -> str:
        """A number in the unit of the limits, for people."""
        return self.number.format(self.scale * value)

    def severity(self, value: float) -> Severity | None:
        """How bad a figure is; None within the limits."""
        scaled = self.scale * value
        return "serious" if scaled > self.serious else "doubtful" if scaled > self.doubtful else None

    def finding(self, value: float, severity: Severity, about: About, walk: str) -> Finding:
        """The finding for a figure beyond its limit."""
        limit = self.number.format(self.serious if severity == "serious" else self.doubtful)
        problem = f"{self.problem.format(self.written(value))} {walk}."
        return Finding(self.code, severity, about, problem, self.remedy, limit=limit, source=self.source)


_HICKS: Final = (
    "Hicks et al. 2015, J Biomech Eng 137:020905, recommend 5 % BW and 0.5 % BW·ht; clean recordings with models"
    " without arms reach 10 and 5, one whose plates read 11 % more than the stated weight 23"
)
_OWN: Final = "rule of thumb of this program"

CHECKS: Final = (
    # The published limits are for a motion that was adjusted to the forces; these recordings were not.
    Check(
        "residual_force", "residual_force_pct_bw", "Residual force at the pelvis",
        "The residual force at the pelvis reaches {}", "{:.1f} % BW", 10.0, 25.0,
        "Check the mass, the model scaling, and that motion and forces share the same clock and origin.", _HICKS,
    ),
    Check(
        "residual_moment", "residual_moment_pct_bw_ht", "Residual moment at the pelvis",
        "The residual moment at the pelvis reaches {}", "{:.1f} % BW·ht", 5.0, 10.0,
        "A model without arms leaves a small residual; a larger one points to a trunk marker or the origin of the"
        " plates.", _HICKS,
    ),
    Check(
        "centre_of_pressure", "centre_of_pressure_outside_foot_m", "Centre of pressure",
        "The centre of pressure lies up to {} outside the foot's outline", "{:.1f} cm", 2.0, 6.0,
        "Check which foot stood on which plate, and the origin of the plates in the laboratory.", _OWN, scale=100.0,
    ),
    Check(
        "foot_place", "foot_missed_mm", "Foot position error",
        "The model's feet miss their position on the ground by up to {}", "{:.1f} mm", 5.0, 15.0,
        "Try a smaller change: the legs cannot follow this one.", _OWN,
    ),
    Check(
        "foot_angle", "foot_missed_deg", "Foot angle error",
        "The model's feet miss their angle on the ground by up to {}", "{:.1f}°", 2.0, 5.0,
        "Try a smaller change: the legs cannot follow this one.", _OWN,
    ),
    Check(
        "not_converged", "instants_not_converged", "Poses not converged",
        "The solution for the legs' pose did not converge at {} of 101 instants", "{:.0f}", 0.0, 10.0,
        "Try a smaller change: the legs cannot follow this one.", _OWN,
    ),
    Check(
        "reserve_moment", "largest_reserve_moment_Nm", "Moment the muscles cannot supply",
        "The model's muscles fall short of the joint moment by up to {}", "{:.1f} N·m", 1.0, 10.0,
        "Check the scaling and the joint moments: the model's muscles are too weak here.", _OWN,
    ),
    *(
        Check(
            f"{part}_lift_off", f"lowest_{part}_force_bw", f"{part.capitalize()} lift-off",
            f"The {part} compartment lifts off in the model, pulling with up to {{}}", "{:.2f} BW", 0.005, 0.3,
            "The split between the compartments depends on the contact points and the alignment: calibrate on an"
            " implant, or rely on the changes, not the absolute values.", _OWN, scale=-1.0,
        )
        for part in ("lateral", "medial")
    ),
    *(
        Check(
            f"{part}_held_down", f"lift_off_prevented_{part}_bw", f"{part.capitalize()} lift-off prevented",
            f"Muscles prevent lift-off of the {part} compartment, which would otherwise pull with up to {{}}",
            "{:.2f} BW", 0.5, 1.5,
            "The extra muscle force is listed under the checks. The split between the compartments depends on the"
            " contact"
            " points and the alignment.", _OWN,
        )
        for part in ("medial", "lateral")
    ),
)  # fmt: skip

Checks = Mapping[str, float | str | bool | None]


def findings_of_checks(checks: Checks) -> Iterator[Finding]:
    """Findings from the checks of an answer: about the recording, then about the modified walk.

    A figure of the modified walk is reported only if it exceeds its limit and is worse than in the recorded walk:
    errors of the recording are not blamed on the change of gait.

    Examples
    --------
    >>> figures = {"residual_force_pct_bw_baseline": 4.0, "residual_force_pct_bw_modified": 12.0}
    >>> for finding in findings_of_checks(figures):
    ...     print(finding.about, finding.severity, finding.problem)
    modified walk doubtful The residual force at the pelvis reaches 12.0 % BW in the modified walk.
    """
    for check in CHECKS:
        recorded = checks.get(f"{check.figure}_baseline")
        if isinstance(recorded, float) and (severity := check.severity(recorded)):
            yield check.finding(recorded, severity, "recording", "in the recorded walk")
    if "residual_force_pct_bw_baseline" in checks and checks["residual_force_pct_bw_baseline"] is None:
        yield Finding(
            "residuals_unknown", "note", "recording",
            "Residuals at the pelvis were not computed: they need the ground reactions of both feet.",
        )  # fmt: skip
    for check in CHECKS:
        recorded, modified = checks.get(f"{check.figure}_baseline"), checks.get(f"{check.figure}_modified")
        if not isinstance(modified, float) or not (severity := check.severity(modified)):
            continue
        if isinstance(recorded, float) and check.scale * modified <= _WORSE * max(check.scale * recorded, 0.0):
            continue
        yield check.finding(modified, severity, "modified walk", "in the modified walk")


def passed(checks: Checks) -> list[tuple[str, str]]:
    """Label and number of the checks that the recorded walk passes."""
    known = [(check, checks.get(f"{check.figure}_baseline")) for check in CHECKS]
    return [
        (check.label, f"{check.written(value)}" if check.scale > 0 else "none")
        for check, value in known
        if isinstance(value, float) and check.severity(value) is None
    ]
