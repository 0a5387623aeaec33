"""From markers to a scaled model and joint angles, on a walk of which the truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim
import pytest

from tests.simulation.walking_markers import FACTORS, MASS_KG, KnownWalk, known_walk, written
from workbench.core.errors import ModelError, TrialError
from workbench.core.types import Array, Subject, Trial
from workbench.provenance import own_model_path
from workbench.recordings.marker_maps import suggest_map
from workbench.recordings.recording import Markers
from workbench.simulation.inverse_kinematics import inverse_kinematics
from workbench.simulation.knee_alignment import with_varus
from workbench.simulation.marker_scaling import ScaledModel, scale_to_markers
from workbench.simulation.scaling import scale_model

SUBJECT = Subject(MASS_KG, 1.75)


@pytest.fixture(scope="module")
def truth(reference: Trial) -> KnownWalk:
    return known_walk(reference)


@pytest.fixture(scope="module")
def scaled(truth: KnownWalk) -> ScaledModel:
    return scale_to_markers(truth.markers, None, truth.marker_map, SUBJECT)


@pytest.fixture(scope="module")
def model_path(scaled: ScaledModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("model"), scaled.osim_xml)


def changed(markers: Markers, position_m: Array) -> Markers:
    return replace(markers, position_m=position_m)


def exchange(markers: Markers, one: str, other: str) -> Markers:
    position = np.array(markers.position_m)
    i, j = markers.names.index(one), markers.names.index(other)
    position[:, [i, j]] = position[:, [j, i]]
    return changed(markers, position)


def exchange_sides(markers: Markers) -> Markers:
    twins = [{"L": "R", "R": "L"}.get(name[0], name[0]) + name[1:] for name in markers.names]
    twins = [twin if twin in markers.names else name for twin, name in zip(twins, markers.names, strict=True)]
    return changed(markers, markers.position_m[:, [markers.names.index(twin) for twin in twins]])


def test_scale_factors_come_back(scaled: ScaledModel) -> None:
    assert set(scaled.scale_factors) == set(FACTORS)
    for body, factors in scaled.scale_factors.items():
        np.testing.assert_allclose(factors, FACTORS[body], rtol=0.01, err_msg=body)
    assert scaled.frontal_alignment_deg == {}
    assert not [finding for finding in scaled.findings if finding.severity != "note"]


def test_mass_is_the_subjects(model_path: Path) -> None:
    model = opensim.Model(str(model_path))
    assert model.getTotalMass(model.initSystem()) == pytest.approx(MASS_KG)


def test_angles_come_back(truth: KnownWalk, model_path: Path) -> None:
    fit = inverse_kinematics(model_path, truth.markers, truth.marker_map)
    assert fit.rms_m.max() < 0.002
    for name, values in zip(fit.motion.names, fit.motion.values.T, strict=True):
        if name in truth.motion and not name.startswith(("pelvis_t", "mtp")):
            np.testing.assert_allclose(values, truth.motion[name], atol=0.2, err_msg=name)


def test_agrees_with_opensims_own_tool(truth: KnownWalk, model_path: Path, tmp_path: Path) -> None:
    """InverseKinematicsTool, with the couplers that the workbench leaves out while it solves."""
    fit = inverse_kinematics(model_path, truth.markers, truth.marker_map)
    times = truth.markers.time_s
    trc = tmp_path / "walk.trc"
    _write_trc(trc, truth.markers)
    tool = opensim.InverseKinematicsTool()
    tool.set_model_file(str(model_path))
    tool.set_marker_file(str(trc))
    tool.set_accuracy(1e-7)
    tool.setStartTime(float(times[0]))
    tool.setEndTime(float(times[10]))
    tool.set_output_motion_file(str(tmp_path / "tool.mot"))
    tool.setResultsDir(str(tmp_path))
    for placement in truth.marker_map.placements:
        task = opensim.IKMarkerTask()
        task.setName(placement.label)
        task.setWeight(placement.weight)
        tool.upd_IKTaskSet().cloneAndAppend(task)
    tool.printToXML(str(tmp_path / "setup.xml"))
    assert opensim.InverseKinematicsTool(str(tmp_path / "setup.xml")).run()
    table = opensim.TimeSeriesTable(str(tmp_path / "tool.mot"))
    for name in ("hip_flexion_r", "knee_angle_l", "ankle_angle_r", "pelvis_list"):
        tool_values = table.getDependentColumn(name).to_numpy()
        own_values = fit.motion.values[: len(tool_values), fit.motion.names.index(name)]
        np.testing.assert_allclose(own_values, tool_values, atol=0.1, err_msg=name)


@pytest.mark.parametrize("varus", [-5.0, 4.0])
def test_a_crooked_knee_is_seen(truth: KnownWalk, scaled: ScaledModel, model_path: Path, varus: float) -> None:
    """The right knee's own markers moved aside, those of the ankle kept: a bend of as many degrees."""
    position = np.array(truth.markers.position_m)
    names = truth.markers.names
    hip, knee, ankle = (position[:, names.index(name)] for name in ("RHJC", "RLFC", "RLMAL"))
    thigh, shank = np.linalg.norm(hip - knee, axis=1), np.linalg.norm(knee - ankle, axis=1)
    aside = np.median(np.radians(varus) * thigh * shank / (thigh + shank))
    across = position[:, names.index("RLFC")] - position[:, names.index("RMFC")]
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    for name in ("RLFC", "RMFC", "RTH1", "RTH2", "RTH3"):
        position[:, names.index(name)] += aside * across
    bent = scale_to_markers(truth.markers, changed(truth.markers, position), truth.marker_map, SUBJECT)
    assert bent.frontal_alignment_deg["right"] == pytest.approx(0.85 * varus, abs=1.2)
    assert "left" not in bent.frontal_alignment_deg
    assert "frontal_alignment" in {finding.code for finding in bent.findings}


def test_varus_turns_the_shank_as_many_degrees() -> None:
    generic = opensim.Model(str(own_model_path()))
    bent = with_varus(generic, {"right": 6.0, "left": 6.0})
    for model, expected in ((generic, 0.0), (bent, 6.0)):
        state = model.initSystem()
        for side, sign in (("r", 1.0), ("l", -1.0)):
            tibia, femur = (model.getBodySet().get(f"{body}_{side}") for body in ("tibia", "femur"))
            down = tibia.expressVectorInAnotherFrame(state, opensim.Vec3(0, -1, 0), femur).to_numpy()
            medial = -sign * down[2]
            assert np.degrees(np.arctan2(medial, -down[1])) == pytest.approx(expected, abs=0.05)


def test_exchanged_labels_are_named(truth: KnownWalk, model_path: Path) -> None:
    fit = inverse_kinematics(model_path, exchange(truth.markers, "RLFC", "RLMAL"), truth.marker_map)
    (finding,) = (finding for finding in fit.findings if finding.code == "exchanged_markers")
    assert finding.severity == "serious"
    assert "RLFC" in finding.problem
    assert "RLMAL" in finding.problem


def test_exchanged_sides_are_named(truth: KnownWalk, model_path: Path) -> None:
    fit = inverse_kinematics(model_path, exchange_sides(truth.markers), truth.marker_map)
    (finding,) = (finding for finding in fit.findings if finding.code == "exchanged_markers")
    assert "left and right" in finding.problem


def test_exchanged_landmarks_are_named_while_scaling(truth: KnownWalk) -> None:
    wrong = scale_to_markers(exchange(truth.markers, "RMFC", "CLAV"), None, truth.marker_map, SUBJECT)
    (finding,) = (finding for finding in wrong.findings if finding.code == "exchanged_markers")
    assert "RMFC" in finding.problem
    assert "CLAV" in finding.problem


def test_a_marker_that_is_away_for_long_does_not_count(truth: KnownWalk, model_path: Path) -> None:
    position = np.array(truth.markers.position_m)
    position[20:50, truth.markers.names.index("RLMAL")] = np.nan
    fit = inverse_kinematics(model_path, changed(truth.markers, position), truth.marker_map)
    (finding,) = (finding for finding in fit.findings if finding.code == "gaps_open")
    assert "RLMAL" in finding.problem
    assert "30 frames" in finding.problem
    values = fit.motion.values[:, fit.motion.names.index("ankle_angle_r")]
    np.testing.assert_allclose(values, truth.motion["ankle_angle_r"], atol=0.3)


def test_what_cannot_be_scaled_is_refused_in_words(truth: KnownWalk, model_path: Path) -> None:
    feet = [name for name in truth.markers.names if "ASI" not in name and "HJC" not in name]
    columns = [truth.markers.names.index(name) for name in feet]
    legs = Markers(truth.markers.time_s, tuple(feet), truth.markers.position_m[:, columns])
    with pytest.raises(TrialError, match="pelvis"):
        scale_to_markers(legs, None, suggest_map(feet), SUBJECT)
    with pytest.raises(TrialError, match="times as deep"):
        scale_to_markers(exchange(truth.markers, "LASI", "LLMAL"), None, truth.marker_map, SUBJECT)
    with pytest.raises(ModelError, match="unscaled generic"):
        scale_to_markers(truth.markers, None, truth.marker_map, SUBJECT, base_model=model_path)


def test_a_stature_that_does_not_fit_the_markers_is_said(truth: KnownWalk) -> None:
    short = scale_to_markers(truth.markers, None, truth.marker_map, Subject(MASS_KG, 1.40))
    assert "segment_proportions" in {finding.code for finding in short.findings}


def test_progress_counts_to_the_end_and_can_stop(truth: KnownWalk) -> None:
    told: list[tuple[int, int]] = []
    scale_to_markers(
        truth.markers, None, truth.marker_map, SUBJECT, progress=lambda done, total: told.append((done, total))
    )
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scale_to_markers(truth.markers, None, truth.marker_map, SUBJECT, progress=stop)


def test_scaling_leaves_the_generic_model_alone() -> None:
    generic = opensim.Model(str(own_model_path()))
    scale_model(generic, FACTORS, MASS_KG)
    assert generic.getTotalMass(generic.initSystem()) == pytest.approx(75.337)


def _write_trc(path: Path, markers: Markers) -> None:
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{markers.rate_hz}\t{markers.rate_hz}\t{len(markers.time_s)}\t{len(markers.names)}\tm\t{markers.rate_hz}\t1\t"
        f"{len(markers.time_s)}",
        "Frame#\tTime\t" + "\t\t\t".join(markers.names),
        "\t\t" + "\t".join(f"{axis}{k + 1}" for k in range(len(markers.names)) for axis in "XYZ"),
        "",
    ]
    rows = [
        f"{i + 1}\t{time:.9f}\t" + "\t".join(f"{x:.9f}" for x in frame.ravel())
        for i, (time, frame) in enumerate(zip(markers.time_s, markers.position_m, strict=True))
    ]
    path.write_text("\n".join(head + rows) + "\n", encoding="utf-8")


def test_heel_and_toe_alone_do_not_roll_the_foot(truth: KnownWalk, tmp_path: Path) -> None:
    """Plug-in Gait's set, toe markers 2 cm aside: a free subtalar joint would turn by 15 degrees to reach them."""
    left_out = ("MT1", "MT5", "MFC", "MMAL", "HJC")
    names = tuple(name for name in truth.markers.names if name[1:] not in left_out)
    position = np.array(truth.markers.position_m)
    for label, outwards in (("RMT2", 0.02), ("LMT2", -0.02)):
        position[:, truth.markers.names.index(label), 2] += outwards
    walk = Markers(truth.markers.time_s, names, position[:, [truth.markers.names.index(name) for name in names]])
    marker_map = suggest_map(names)
    model = written(tmp_path, scale_to_markers(walk, None, marker_map, SUBJECT).osim_xml)
    motion = inverse_kinematics(model, walk, marker_map).motion
    for name, within in (("subtalar_angle_r", 8.0), ("subtalar_angle_l", 8.0), ("hip_rotation_r", 4.0)):
        assert abs(float(np.mean(motion.values[:, motion.names.index(name)] - truth.motion[name]))) < within, name
