"""How far pelvis and knee give way as the legs follow moved feet: the joint angles that the feet leave open."""

from __future__ import annotations

from typing import Final

from workbench.core.declaration import Number

PELVIS_HOLD: Final = Number(
    what="the pelvis tolerance",
    label="Pelvis held: tolerance of its path, mm",
    help="pelvis held: tolerance of its path, forwards and sideways (unit cost)",
    option="pelvis-hold",
    source="a free pelvis reverses the second peak's response to toe-in (section 2)",
    unit="m",
    low=0.001,
    high=0.1,
    step=1.0,
    shown_unit="mm",
    shown_factor=1000.0,
    known_as="pelvis_hold_mm",
    metavar="MM",
    only_with=("balance", "held"),
    alternatives=(0.002, 0.02),
    in_range=True,
    bears_on="feet",
    clause="the pelvis is held to {} mm",
)

KNEE_HOLD: Final = Number(
    what="the knee-angle tolerance",
    label="Tolerance of the knee angle, degrees",
    help="tolerance of the knee angle (unit cost)",
    option="knee-hold",
    source="with the tolerance of the other joints (10°) the knee alternates between flexion and extension"
    " when nearly straight (section 2)",
    unit="degrees",
    low=0.2,
    high=10.0,
    step=0.1,
    metavar="DEG",
    alternatives=(0.5, 2.0),
    in_range=True,
    bears_on="feet",
    clause="the knee angle is held to {}°",
)
