"""The axis of a knee from how two clusters move."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from workbench.recordings.functional_joints import knee_on_line, rigid_fit
from workbench.recordings.gaps import fill_gaps
from workbench.recordings.recording import Markers
from workbench.recordings.segment_lengths import hip_centres


def test_a_rigid_fit_undoes_a_turn_and_a_shift() -> None:
    random = np.random.default_rng(1)
    points, turn = random.normal(size=(5, 3)), Rotation.from_rotvec([0.3, -0.8, 0.2]).as_matrix()
    rotation, shift = rigid_fit(points, points @ turn.T + [1.0, 2.0, 3.0])
    np.testing.assert_allclose(rotation, turn, atol=1e-12)
    np.testing.assert_allclose(shift, [1.0, 2.0, 3.0], atol=1e-12)


@pytest.mark.parametrize("flexion_deg", [60.0, 10.0])
def test_the_axis_of_a_hinge_is_found_where_it_bends_enough(flexion_deg: float) -> None:
    n = 80
    thigh_pose = Rotation.from_euler(
        "ZY", np.column_stack([0.4 * np.sin(np.linspace(0, 6, n)), np.linspace(0, 0.2, n)])
    )
    bend = Rotation.from_rotvec(np.column_stack([np.zeros((n, 2)), -np.radians(flexion_deg) * np.linspace(0, 1, n)]))
    hip = np.column_stack([np.linspace(0, 1, n), np.full(n, 0.9), np.zeros(n)])
    knee = hip + thigh_pose.apply([0.0, -0.4, 0.0])
    shank_pose = thigh_pose * bend
    ankle = knee + shank_pose.apply([0.0, -0.4, 0.0])
    thigh = np.stack(
        [hip + thigh_pose.apply(p) for p in ([0.05, -0.1, 0], [0, -0.2, 0.08], [0.06, -0.3, 0.02])], axis=1
    )
    shank = np.stack([knee + shank_pose.apply(p) for p in ([0.05, -0.1, 0], [0, -0.2, 0.06], [0.04, -0.3, 0])], axis=1)
    found = knee_on_line(thigh, shank, hip, ankle)
    if flexion_deg < 25.0:
        assert found is None
    else:
        assert found is not None
        straight = slice(0, 20)  # bent, the nearest point of the axis is still the knee only in the plane of the leg
        np.testing.assert_allclose(found[straight], knee[straight], atol=1e-6)


def test_hip_centres_of_the_published_regression() -> None:
    """Harrington et al. 2007, table 4: x = -0.24 depth - 9.9, y = -0.30 width - 10.9, z = 0.33 width + 7.3 (mm)."""
    left_asis, right_asis, rear = np.array([[[0.0, 1.0, -0.13]], [[0.0, 1.0, 0.13]], [[-0.16, 1.0, 0.0]]])
    left, right = hip_centres(left_asis, right_asis, rear)
    np.testing.assert_allclose(right, [[-0.0483, 1.0 - 0.0889, 0.0931]], atol=1e-9)
    np.testing.assert_allclose(left, right * [1, 1, -1], atol=1e-9)


def test_short_gaps_are_bridged_and_long_ones_said() -> None:
    time_s = np.arange(200) / 100.0
    path = np.sin(2.0 * time_s)[:, None] * np.ones(3)
    position = np.stack([path, path, path], axis=1)
    position[50:60, 0] = np.nan
    position[50:90, 1] = np.nan
    position[:20, 2] = np.nan
    filled, findings = fill_gaps(Markers(time_s, ("A", "B", "C"), position))
    np.testing.assert_allclose(filled.position_m[:, 0], path, atol=1e-4)
    assert np.isnan(filled.position_m[50:90, 1]).all()
    said = {finding.code: finding for finding in findings}
    assert "A 0.50 to 0.59 s (10 frames)" in said["gaps_filled"].problem
    assert "B 0.50 to 0.89 s (40 frames)" in said["gaps_open"].problem
    assert said["gaps_open"].severity == "doubtful"
