"""A plugin of pytest that makes up a kind of change and a setting before anything else is imported.

The tests of `arrives.py` run in an interpreter of their own with it, see `test_contracts.py`.
"""

from __future__ import annotations

from dataclasses import make_dataclass
from typing import Any

import numpy as np

from workbench.core import changes, declaration
from workbench.core.changes.kind import Direction, FootMove, Kind
from workbench.core.declaration import Number, declared


def lifted(metres: float, share: Any, _: int) -> FootMove:
    return FootMove(np.zeros(len(share)), np.outer(share, [0.0, metres, 0.0]))


def bowed(metres: float, timing: Any) -> dict[str, Any]:
    """Who lifts the feet leans back: a degree for each centimetre, while a foot shows it."""
    return {"pelvis_tilt": np.radians(100.0 * metres) * np.max(list(timing.share.values()), axis=0)}


LIFT = Kind(
    name="foot_lift_change_m", label="foot lift", short="foot lift", unit="m", sign="higher positive",
    largest=0.05, reach=0.02, sought=0.02, check=0.01, step=0.005, slope_step=0.01,
    shown_unit="mm", shown_factor=1000.0, shown_suffix="mm", shown_step=1.0, every="five millimetres",
    more=Direction("lift", "feet {} higher", "{} up", "lift the feet"),
    less=Direction("sink", "feet {} lower", "{} down", "let the feet sink"),
    key="lift", outcome=None, move_foot=lifted, move_body=bowed,
)  # fmt: skip
changes.KINDS[LIFT.name] = LIFT

#: How stiff the shoe is: a setting that nothing uses.
STIFFNESS = Number(
    what="the stiffness of the shoe", label="Stiffness of the shoe, N/mm", help="stiffness of the shoe",
    option="shoe-stiffness", source="nobody", unit="N/m", low=1000.0, high=9000.0, step=0.5, shown_unit="N/mm",
    shown_factor=0.001, known_as="shoe_stiffness_N_per_mm", metavar="N/MM",
)  # fmt: skip


def with_stiffness(owner: type) -> type:
    """The class of settings with one more field."""
    longer = make_dataclass(
        owner.__name__, [("shoe_stiffness_N_per_m", float, declared(4000.0, STIFFNESS))], bases=(owner,), frozen=True
    )
    longer.__module__ = owner.__module__
    return longer


def _declare() -> None:
    import workbench.core.settings as package
    import workbench.core.settings.load_settings as module

    longer = with_stiffness(module.LoadSettings)
    module.LoadSettings = package.LoadSettings = longer  # type: ignore[misc]
    package.GROUPS["The loads"] = longer
    package.SETTINGS.update(declaration.settings_of(longer))


_declare()
