"""Which label is which point of the body."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.errors import TrialError
from workbench.recordings.landmarks import LANDMARKS
from workbench.recordings.marker_maps import mirrored_labels, published_sets, read_map, suggest_map

PLUG_IN_GAIT = [f"{s}{n}" for s in "LR" for n in ("ASI", "PSI", "THI", "KNE", "TIB", "ANK", "HEE", "TOE")]


def test_every_published_set_names_its_source_and_both_sides() -> None:
    for marker_set in published_sets():
        assert marker_set.source
        twins = mirrored_labels(marker_set.placements)
        assert all(p.label in twins for p in marker_set.placements if p.is_anatomical)
        assert all(twins[twin] == label for label, twin in twins.items())


def test_left_is_the_mirror_image_of_right() -> None:
    for name, landmark in LANDMARKS.items():
        if name.startswith("right_"):
            x, y, z = landmark.location_m
            assert LANDMARKS["left" + name[5:]].location_m == (x, y, -z)


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (PLUG_IN_GAIT, "Plug-in Gait"),
        ([*PLUG_IN_GAIT, "LKNM", "RKNM", "LTHAP", "RTHAP", "LTIAD", "RTIAD", "LSMH", "RSMH"], "CGM2"),
        (["RASI", "LASI", "VSAC", "RTHI", "RKNE", "RSHA", "RANK", "RHEE", "RTOE"], "Helen Hayes"),
        (
            ["r.ASIS_study", "L.ASIS_study", "r_knee_study", "r_calc_study", "r_5meta_study"],
            "OpenCap and AddBiomechanics study set",
        ),
        (["RHip", "LHip", "RKnee", "RAnkle", "RBigToe", "Neck"], "Joint centres of pose estimation"),
        (["R_Asis", "L_Asis", "R_Thigh_Superior", "R_Heel"], "Grand Challenge knee-implant set"),
        (["R.ASIS", "R.TH1", "R.MT5", "S2"], "Rajagopal 2016"),
        (["RASI", "RLFC", "RMFC", "RLMAL", "RCAL"], "Condyles, malleoli and two metatarsals"),
    ],
)
def test_sets_are_told_by_their_labels(labels: list[str], name: str) -> None:
    marker_map = suggest_map(labels)
    assert marker_map.name == name
    assert marker_map.unmatched == ()


def test_capitals_and_separators_do_not_count() -> None:
    assert suggest_map(["R_Asis", "LASIS", "Sacral"]).landmark_labels["right_asis"] == "R_Asis"


def test_a_label_with_a_slip_is_suggested_and_not_decided() -> None:
    marker_map = suggest_map([label for label in PLUG_IN_GAIT if label != "LKNE"] + ["LKNEX"])
    assert marker_map.unmatched == ("LKNEX",)
    assert marker_map.suggestions == {"LKNEX": "left_lateral_knee"}


def test_unknown_labels_are_refused() -> None:
    with pytest.raises(TrialError, match="none of the marker labels is known: A1, A2"):
        suggest_map(["A1", "A2"])


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "Mine"\n[landmarks]\nasis = ["LF", "RF"]\nsacrum = "SAC"\n[tracking]\nfemur = [["LT"], ["RT"]]\n'
        "[weights]\nLF = 3.0\n[locations]\nRT = [0.05, -0.2, 0.06]\n",
        encoding="utf-8",
    )
    marker_map = read_map(path)
    assert marker_map.name == "Mine"
    assert marker_map["LF"].weight == 3.0
    assert marker_map["RT"].location_m == (0.05, -0.2, 0.06)
    assert not marker_map["RT"].is_anatomical
    assert marker_map["LT"].body == "femur_l"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[landmarks]\nhump = 'A'", "no landmark 'hump'"),
        ("[landmarks]\nasis = 'A'", "two labels, left and right"),
        ("[landmarks]\nasis = ['A', 'A']", "occurs twice"),
        ("[tracking]\nskull = ['A']", "skull is not a body"),
        ("[weights]\nA = 1.0", "'A', which is not in the map"),
        ("[landmarks]\nsacrum = 'A'\n[weights]\nA = -1.0", "weight of A"),
        ("[landmarks]\nsacrum = 'A'\n[locations]\nA = [50, 0, 0]", "location of A"),
        ("[marks]\nA = 1", "unknown entry: 'marks'"),
        ("landmarks = 3", "not a table"),
        ("[landmarks", "cannot be read"),
    ],
)
def test_faults_of_a_map_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TrialError, match=said):
        read_map(path)
