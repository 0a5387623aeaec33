"""Settings of the load computation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workbench.core.declaration import Choice, Number, Setting, Without, check_all, declared
from workbench.core.muscles import WEIGHT_PRESETS

MOMENT_FRAMES: Final = {"tibia": "Tibia", "femur": "Femur", "walkway": "Walkway"}


def _muscle_weight(group: str, usual: float) -> Number:
    return Number(
        what=f"the weight of the {group}",
        label=f"Weight of the {group}",
        help=f"weight of the {group} in the cost (on squared activation); preset: from --weights",
        option=f"{group}-weight",
        source="as in the preset: Steele 2012, DeMers 2014",
        unit="× other muscles",
        low=0.1,
        high=100.0,
        step=0.5,
        metavar="WEIGHT|preset",
        without=Without(
            word="preset",
            help="",
            shown_name=f"{group}_weight_chosen",
            label=f"Set the weight of the {group}",
            told="from the preset",
            clause="",
            start=usual,
        ),
    )


@dataclass(frozen=True)
class LoadSettings:
    """How contact force and moments are computed from the mechanics of a leg.

    Raises
    ------
    SettingError
        If a number lies outside its limits, or the weights or the frame are unknown.

    Examples
    --------
    >>> LoadSettings(weights="equal").contact_spacing_m  # 40 mm, Lerner et al. 2015
    0.04
    >>> LoadSettings(moment_frame="foot")
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the moment frame is 'foot'. Use one of tibia, femur, walkway.
    """

    #: Preset of muscle weights in the static optimisation, a key of `workbench.core.muscles.WEIGHT_PRESETS`.
    weights: str = declared(
        "contact",
        Choice(
            what="the set of muscle weights",
            label="Muscle weights",
            help="muscle weights",
            option="weights",
            source="Steele 2012, DeMers 2014",
            choices={name: name.capitalize() for name in WEIGHT_PRESETS},
            alternatives=tuple(WEIGHT_PRESETS),
            clauses={
                "contact": "gastrocnemii and hamstrings weigh more than other muscles",
                "equal": "all muscles weigh the same",
            },
            in_range=True,
        ),
    )
    #: Distance between the medial and the lateral contact point.
    contact_spacing_m: float = declared(
        0.040,
        Number(
            what="the contact spacing",
            label="Distance between contact points, mm",
            help="distance between the contact points",
            option="contact-spacing",
            source="Lerner 2015",
            unit="m",
            low=0.02,
            high=0.08,
            step=1.0,
            shown_unit="mm",
            shown_factor=1000.0,
            known_as="contact_spacing_mm",
            metavar="MM",
        ),
    )
    #: Lateral shift of both contact points from the tibia frame's origin.
    contact_offset_m: float = declared(
        0.0,
        Number(
            what="the contact offset",
            label="Lateral shift of the contact points, mm",
            help="lateral shift of the contact points",
            option="contact-offset",
            source="the model's own knee centre; an implant calibrates it (section 8)",
            unit="m",
            low=-0.02,
            high=0.02,
            step=0.5,
            shown_unit="mm",
            shown_factor=1000.0,
            known_as="contact_offset_mm",
            metavar="MM",
        ),
    )
    #: Varus (positive) by which the knee lies lateral of where the model has it on the line from hip to ankle.
    frontal_alignment_deg: float = declared(
        0.0,
        Number(
            what="the frontal alignment",
            label="Added varus, degrees",
            help="varus to add to the model",
            option="alignment",
            source="the model's own alignment",
            unit="degrees",
            low=-15.0,
            high=15.0,
            step=0.5,
            metavar="DEG",
        ),
    )
    #: Whether the passive force of the muscle fibres is counted.
    passive_muscle_force: bool = declared(
        False,
        Setting(
            what="passive muscle force",
            label="Include passive muscle force",
            help="include the passive force of the muscle fibres",
            option="passive-muscle-force",
            source="as in OpenSim's StaticOptimization",
        ),
    )
    #: Axes in which adduction and flexion moment are expressed.
    moment_frame: str = declared(
        "tibia",
        Choice(
            what="the moment frame",
            label="Axes of KAM and KFM",
            help="axes of KAM and KFM",
            option="moment-frame",
            source="the axes in which the load is split between the compartments (section 5)",
            choices=MOMENT_FRAMES,
        ),
    )

    #: Weight on squared activation of these muscles in place of the preset's; other muscles weigh 1.
    gastrocnemius_weight: float | None = declared(None, _muscle_weight("gastrocnemius", 7.0))
    hamstrings_weight: float | None = declared(None, _muscle_weight("hamstrings", 3.0))
    #: Whether the muscles share the moments by static optimisation alone, or those with EMG follow it.
    muscle_sharing: str = declared(
        "optimised",
        Choice(
            what="the sharing of the moments among the muscles",
            label="Muscles with EMG",
            help="how muscles share the moments: optimised, or those with EMG follow it",
            option="muscle-sharing",
            source="few trials have EMG; where there is one, it is a second opinion (section 4)",
            choices={"optimised": "Optimised like the others", "emg": "Follow the recorded EMG"},
        ),
    )
    #: Weight on the squared difference between activation and EMG, beside 1 for the squared activation of others.
    emg_weight: float = declared(
        10.0,
        Number(
            what="the weight of the EMG",
            label="How firmly muscles follow the EMG",
            help="weight on the squared difference between activation and EMG",
            option="emg-weight",
            source="the moments are met as before, and the EMG followed as far as they allow (section 4)",
            unit="times that of other muscles",
            low=0.1,
            high=1000.0,
            step=1.0,
            metavar="WEIGHT",
            only_with=("muscle_sharing", "emg"),
        ),
    )
    #: Whether a compartment may pull, as in OpenSim's static optimisation. Where it may not, the muscles hold it down,
    #: see `workbench.core.muscles.share_moments`.
    compartments_may_lift_off: bool = declared(
        False,
        Setting(
            what="whether compartments may lift off",
            label="Compartments may lift off",
            help="let a compartment lift off (pull), as in OpenSim's StaticOptimization",
            option="allow-lift-off",
            source="contact cannot pull (section 4)",
        ),
    )

    def __post_init__(self) -> None:
        check_all(self)
