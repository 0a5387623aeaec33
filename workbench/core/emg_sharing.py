"""Muscles that follow their recorded EMG, and how well computed activations agree with it.

The EMG tells when a muscle acts; how strongly, only where it was set against a maximal voluntary contraction. Otherwise
its size is that of the optimised activation: the same root mean square over the cycle. In a modified walk the recorded
shape is kept, because nobody recorded that walk.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.core.errors import SettingError
from workbench.core.findings import Finding
from workbench.core.muscles import Followed
from workbench.core.types import Array, LegMechanics

_LEAST_SD = 1e-3  # of an activation over the cycle; less is rounding


def scaled_emg(mechanics: LegMechanics, activation: Array) -> Mapping[str, Array]:
    """EMG of each recorded muscle as an activation, (n,), by the muscle's name.

    Parameters
    ----------
    mechanics : LegMechanics
    activation : (n, m) array
        Optimised, of all muscles of the leg: it gives the size where the EMG has none of its own.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> leg = SimpleNamespace(
    ...     muscles=("soleus_r",), emg_muscles=("soleus_r",), emg_envelope=np.array([[1.0], [0.0]]),
    ...     emg_normalised_to="maximum",
    ... )
    >>> scaled_emg(leg, np.array([[0.3], [0.4]]))["soleus_r"].tolist()
    [0.5, 0.0]
    """
    found = {}
    for column, name in enumerate(mechanics.emg_muscles):
        envelope = mechanics.emg_envelope[:, column]
        size = 1.0
        if mechanics.emg_normalised_to != "mvc":
            power = float(envelope @ envelope)
            of_muscle = activation[:, mechanics.muscles.index(name)]
            size = float(np.sqrt(of_muscle @ of_muscle / power)) if power > 0.0 else 0.0
        found[name] = np.clip(size * envelope, 0.0, 1.0)
    return found


def followed_emg(mechanics: LegMechanics, activation: Array, weight: float) -> Followed:
    """What the muscles with EMG are to follow, for `workbench.core.muscles.share_moments`.

    Raises
    ------
    SettingError
        If none was recorded of this leg.
    """
    if not mechanics.emg_muscles:
        raise SettingError(
            f"there is no EMG of the {mechanics.side} leg in this stride for the muscles to follow.",
            remedy="Name its file and columns under [emg] in trial.toml, choose another leg or stride, or let the"
            " muscles be optimised (--muscle-sharing optimised).",
        )
    emg = scaled_emg(mechanics, activation)
    places = np.array([mechanics.muscles.index(name) for name in emg], dtype=np.intp)
    return Followed(places, np.column_stack(list(emg.values())), weight)


def agreement(activation: Array, mechanics: LegMechanics) -> dict[str, float]:
    """Correlation over the cycle of each computed activation with the recorded EMG, by the muscle's name.

    It does not depend on the size of the EMG. NaN where either does not vary: a muscle that the optimisation leaves at
    its least activation.
    """
    found = {}
    for column, name in enumerate(mechanics.emg_muscles):
        computed, recorded = activation[:, mechanics.muscles.index(name)], mechanics.emg_envelope[:, column]
        vary = min(computed.std(), recorded.std()) > _LEAST_SD
        found[name] = float(np.corrcoef(computed, recorded)[0, 1]) if vary else float("nan")
    return found


def emg_finding(mechanics: LegMechanics) -> Finding:
    """What a reader has to know of loads whose muscles follow the EMG."""
    size = (
        "its size is set against the maximal voluntary contraction"
        if mechanics.emg_normalised_to == "mvc"
        else "its size is that of the optimised activation (the same root mean square)"
    )
    return Finding(
        "muscles_follow_emg", "note", "recording",
        f"The activations of {', '.join(mechanics.emg_muscles)} follow the recorded EMG; {size}. A modified walk keeps"
        " the shape of the recorded EMG: its own was not recorded.",
    )  # fmt: skip
