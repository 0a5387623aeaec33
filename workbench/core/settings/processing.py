"""Settings of how a recording is filtered and cut."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.contacts import CONTACT_THRESHOLD_N
from workbench.core.declaration import Number, check_all, declared


@dataclass(frozen=True)
class Processing:
    """How the recording is filtered and cut.

    The cut-offs are those of a Butterworth low-pass, 4th order, zero lag, and the same for both by default: unequal
    ones put impact artefacts into the joint moments (Kristianslund et al. 2012, J Biomech 45:666; Bezodis et al. 2013,
    J Biomech 46:1883).

    Raises
    ------
    SettingError
        If a number lies outside its limits.

    Examples
    --------
    >>> Processing(coordinate_cutoff_hz=8.0, force_cutoff_hz=8.0)
    Processing(coordinate_cutoff_hz=8.0, force_cutoff_hz=8.0, contact_threshold_N=20.0, emg_cutoff_hz=6.0, \
emg_delay_s=0.04)
    >>> Processing(coordinate_cutoff_hz=0.1)
    Traceback (most recent call last):
    workbench.core.errors.SettingError: the cut-off for the coordinates is 0.1 Hz, outside 1 to 50 Hz.
    """

    #: Low-pass cut-off of the joint coordinates.
    coordinate_cutoff_hz: float = declared(
        6.0,
        Number(
            what="the cut-off for the coordinates",
            label="Low-pass cut-off, joint angles, Hz",
            help="low-pass cut-off for the joint angles",
            option="coordinate-cutoff",
            source="Winter 2009; same as for the forces (Kristianslund 2012, Bezodis 2013)",
            unit="Hz",
            low=1.0,
            high=50.0,
            step=0.5,
            metavar="HZ",
            alternatives=(4.0, 10.0),
            alike=("force_cutoff_hz",),
            clause="motion and forces are low-passed at {} Hz",
            in_range=True,
        ),
    )
    #: Low-pass cut-off of the ground reaction.
    force_cutoff_hz: float = declared(
        6.0,
        Number(
            what="the cut-off for the ground reaction",
            label="Low-pass cut-off, ground forces, Hz",
            help="low-pass cut-off for the ground forces",
            option="force-cutoff",
            source="same as for the coordinates (Kristianslund 2012, Bezodis 2013)",
            unit="Hz",
            low=1.0,
            high=500.0,
            step=0.5,
            metavar="HZ",
        ),
    )
    #: Vertical force above which a foot is on the ground, on the raw signal.
    contact_threshold_N: float = declared(
        CONTACT_THRESHOLD_N,
        Number(
            what="the contact threshold",
            label="Contact threshold (vertical force), N",
            help="vertical force above which a foot is on the ground",
            option="contact-threshold",
            source="common in gait laboratories; above force-plate noise",
            unit="N",
            low=1.0,
            high=200.0,
            step=1.0,
            metavar="N",
            alternatives=(10.0, 50.0),
            clause="a foot is on the ground from {} N",
            in_range=True,
        ),
    )
    #: Low-pass cut-off of the rectified EMG.
    emg_cutoff_hz: float = declared(
        6.0,
        Number(
            what="the cut-off of the EMG",
            label="Low-pass of the rectified EMG, Hz",
            help="low-pass of the rectified EMG",
            option="emg-cutoff",
            source="usual for envelopes of walking (Lloyd and Besier 2003)",
            unit="Hz",
            low=1.0,
            high=50.0,
            step=0.5,
            metavar="HZ",
        ),
    )
    #: By how much the force of a muscle comes after its EMG.
    emg_delay_s: float = declared(
        0.04,
        Number(
            what="the electromechanical delay",
            label="Delay from EMG to force, ms",
            help="delay from EMG to muscle force",
            option="emg-delay",
            source="10 to 100 ms (Buchanan 2004); 40 is usual",
            unit="s",
            low=0.0,
            high=0.15,
            step=5.0,
            shown_unit="ms",
            shown_factor=1000.0,
            known_as="emg_delay_ms",
            metavar="MS",
        ),
    )

    def __post_init__(self) -> None:
        check_all(self)
