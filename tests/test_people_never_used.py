"""People on whom no default was chosen: a second instrumented knee, and a laboratory's own Plug-in-Gait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.bench_people import TOE_IN, WIDER, peaks, plug_in_gait
from workbench.core import implant
from workbench.core.loads import knee_loads
from workbench.core.settings import GaitModification, LoadSettings
from workbench.intake.kept import open_recorded
from workbench.recordings.sources import Wishes
from workbench.simulation.simulate import simulate
from workbench.simulation.walk import Walk

pytestmark = [pytest.mark.data, pytest.mark.slow]
NONE = GaitModification()


@pytest.fixture(scope="module", params=["og1", "og3"])
def dm(request: pytest.FixtureRequest, data_folder: Path) -> Walk:
    """Subject DM (Fregly et al. 2012, J Orthop Res 30:503), from the markers."""
    file = data_folder / "overground_dm" / f"DM_ngait_{request.param}_new.trc"
    return Walk(open_recorded(file, Wishes(mass_kg=70.0, height_m=1.72, measured_side="right")))


def test_dm_against_the_implant(dm: Walk) -> None:
    # Blinded winners of the Grand Challenge: 229 to 312 N medial, 238 to 326 N lateral (Kinney et al. 2013).
    measured = dm.trial.measured_loads
    assert measured is not None
    found = implant.compare_simulation(simulate(dm, NONE, side="right"), measured).agreement_N
    assert found["medial"].root_mean_square_error < 312.0
    assert found["lateral"].root_mean_square_error < 326.0
    assert found["total"].root_mean_square_error < 326.0
    assert found["medial"].correlation > 0.8


def test_dm_responds_as_groups_do(dm: Walk) -> None:
    for side in dm.sides:
        recorded, toe_in, wider = (peaks(dm, dm.strides(side), change) for change in (NONE, TOE_IN, WIDER))
        assert -0.85 < (toe_in - recorded)[0] < 0.0
        assert 0.0 < (toe_in - recorded)[1] < 0.5
        assert -0.3 < (wider - recorded)[0] < 0.02


def test_foot_angle_and_adduction_moment_against_plug_in_gait(data_folder: Path) -> None:
    file = data_folder / "c3d" / "btk_PiG_Motion3_FF.c3d"
    walk = Walk(open_recorded(file, Wishes(mass_kg=74.0, height_m=1.76)))
    for side in walk.sides:
        for stride in walk.strides(side):
            mechanics = walk.solve(stride, NONE).mechanics
            loads = knee_loads(mechanics, stride, walk.trial.subject, LoadSettings())
            angle_deg, kam = plug_in_gait(file, side, stride, walk.trial.subject)
            own = loads.curves["knee_adduction_moment_pct_bw_ht"][: len(kam)]
            assert loads.peaks["foot_progression_angle_deg"] == pytest.approx(angle_deg, abs=3.0)
            assert np.sqrt(np.mean((own - kam) ** 2)) < 1.0
            assert loads.peaks["kam_peak_1_pct_bw_ht"] == pytest.approx(kam[: len(kam) // 2].max(), abs=0.8)
