"""The command ``workbench``, from outside: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.synthetic import synthetic_walk
from workbench import __version__
from workbench.cli.main import main
from workbench.core.changes import KINDS
from workbench.core.settings import SETTINGS

CURVES = [
    "knee_adduction_moment_pct_bw_ht",
    "knee_flexion_moment_pct_bw_ht",
    "medial_contact_force_bw",
    "lateral_contact_force_bw",
    "total_contact_force_bw",
]
PEAKS = [
    "kam_peak_1_pct_bw_ht",
    "kam_peak_2_pct_bw_ht",
    "kam_impulse_pct_bw_ht_s",
    "kfm_peak_pct_bw_ht",
    "mcf_peak_1_bw",
    "mcf_peak_2_bw",
    "lcf_peak_1_bw",
    "lcf_peak_2_bw",
    "tcf_peak_1_bw",
    "tcf_peak_2_bw",
    "foot_progression_angle_deg",
    "step_width_m",
]


@dataclass(frozen=True)
class Said:
    """What a call of the command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def workbench(capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the command in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            status = main([str(one) for one in arguments])
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return call


def document_of(*arguments: object) -> Any:
    """The JSON document that a call writes on standard output."""
    out = StringIO()
    with redirect_stdout(out):
        assert main([str(one) for one in arguments]) == 0
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def toe_in() -> Iterator[Any]:
    """The JSON of toe-in by ten degrees on the left leg of the built-in walk."""
    return document_of("simulate", "reference", "--side", "left", "--toe-in", 10, "--json", "-")


class TestSimulate:
    def test_the_document_has_the_parts_that_were_promised(self, toe_in: Any) -> None:
        assert toe_in["schema"] == "workbench.simulation/1"
        assert {"schema", "trial", "modification", "percent", "baseline", "modified", "summary", "checks",
                "provenance"} <= set(toe_in)  # fmt: skip
        assert {"name", "side", "mass_kg", "height_m", "stride_s", "stance_percent", "strides"} <= set(toe_in["trial"])
        assert {"foot_progression_change_deg", "step_width_change_m", "pivot"} <= set(toe_in["modification"])
        assert toe_in["percent"] == list(range(101))
        for gait in ("baseline", "modified"):
            assert list(toe_in[gait]) == CURVES
            assert all(len(curve) == 101 for curve in toe_in[gait].values())
        assert list(toe_in["summary"]) == ["baseline", "modified", "change"]
        for numbers in toe_in["summary"].values():
            assert list(numbers) == PEAKS

    def test_every_setting_is_told(self, toe_in: Any) -> None:
        assert set(toe_in["modification"]) == {*KINDS, *SETTINGS}

    def test_numbers_fit_together(self, toe_in: Any) -> None:
        trial, summary = toe_in["trial"], toe_in["summary"]
        assert (trial["side"], trial["mass_kg"], trial["height_m"], trial["strides"]) == ("left", 86.04, 1.87, 1)
        assert trial["stride_s"] == pytest.approx(1.1124)
        assert summary["change"]["foot_progression_angle_deg"] == pytest.approx(-10.0, abs=0.1)
        for gait in ("baseline", "modified"):
            stance = np.arange(101) <= trial["stance_percent"]
            kam = np.array(toe_in[gait]["knee_adduction_moment_pct_bw_ht"])[stance]
            assert kam.max() == max(summary[gait][f"kam_peak_{i}_pct_bw_ht"] for i in (1, 2))

    def test_provenance_names_versions_and_hashes(self, toe_in: Any) -> None:
        provenance = toe_in["provenance"]
        assert provenance["workbench"] == __version__
        assert provenance["versions"]["opensim"].startswith("4.6")
        assert provenance["sha256"]
        assert all(len(one) == 64 for one in provenance["sha256"].values())

    def test_a_table_is_printed_without_json(self, workbench: Any) -> None:
        said = workbench("simulate", "--toe-out", 10, "--wider", 5)
        assert said.status == 0
        assert said.err == ""
        assert "Reference walk: right leg" in said.out
        assert "toe-out 10° and 5 cm wider steps" in said.out
        for label in ("KAM, first peak", "KAM, second peak", "Medial force, first peak", "Foot progression angle"):
            assert label in said.out
        assert "Simulated, not measured" in said.out

    def test_no_change_prints_the_recorded_walk_alone(self, workbench: Any) -> None:
        said = workbench("simulate")
        assert said.status == 0
        assert "modified" not in said.out.replace("(recorded, modified)", "")

    def test_json_and_csv_go_to_files_and_are_the_same_again(self, workbench: Any, tmp_path: Path, toe_in: Any) -> None:
        document, table = tmp_path / "answer.json", tmp_path / "curves.csv"
        said = workbench("simulate", "--side", "left", "--toe-in", 10, "--json", document, "--csv", table)
        assert (said.status, said.out, said.err) == (0, "", "")
        assert json.loads(document.read_text(encoding="utf-8")) == toe_in
        lines = table.read_text(encoding="utf-8").splitlines()
        rows = [line for line in lines if not line.startswith("#")]
        assert len(rows) == 102
        assert rows[0].split(",")[:3] == ["percent", f"recorded_{CURVES[0]}", f"modified_{CURVES[0]}"]

    def test_csv_on_standard_output_is_csv_alone(self, workbench: Any, tmp_path: Path) -> None:
        said = workbench("simulate", "--csv", "-", "--json", tmp_path / "answer.json")
        assert said.status == 0
        assert all(line.startswith("#") or line.count(",") == 10 for line in said.out.splitlines())

    def test_settings_reach_the_computation(self) -> None:
        plain = document_of("simulate", "--side", "left", "--json", "-")
        other = document_of(
            "simulate", "--side", "left", "--weights", "equal", "--contact-spacing", 50, "--contact-offset", -3,
            "--alignment", 2, "--moment-frame", "walkway", "--virtual-point", 1.5, "--change-sides", "one",
            "--pivot", 0.4, "--json", "-",
        )  # fmt: skip
        told = other["modification"]
        assert (told["weights"], told["contact_spacing_m"], told["contact_offset_m"]) == ("equal", 0.05, -0.003)
        assert (told["frontal_alignment_deg"], told["moment_frame"]) == (2.0, "walkway")
        assert (told["balance"], told["virtual_point_statures"]) == ("held", 1.5)
        assert (told["sides"], told["pivot"]) == ("one", 0.4)
        for name in (CURVES[0], *CURVES[2:]):
            assert not np.allclose(plain["baseline"][name], other["baseline"][name])
        kept = document_of("simulate", "--keep-force-direction", "--json", "-")["modification"]
        assert (kept["balance"], kept["virtual_point_statures"]) == ("held", None)
        own = document_of("simulate", "--lean-height", "own", "--json", "-")["modification"]
        assert (own["balance"], own["lean_height_statures"]) == ("solved", None)

    def test_narrower_is_negative(self) -> None:
        document = document_of("simulate", "--narrower", 4, "--json", "-")
        assert document["modification"]["step_width_change_m"] == -0.04
        assert document["summary"]["change"]["step_width_m"] == pytest.approx(-0.04, abs=0.002)

    def test_a_trial_on_disk_its_strides_and_their_mean(self, tmp_path: Path) -> None:
        file = synthetic_walk(duration_s=4.0).write(tmp_path)
        one, other = (document_of("simulate", file, "--side", "right", "--stride", n, "--json", "-") for n in (1, 2))
        assert [each["trial"]["stride"] for each in (one, other)] == [1, 2]
        assert one["trial"]["stride_start_s"] < other["trial"]["stride_start_s"]
        mean = document_of("simulate", tmp_path, "--side", "right", "--mean", "--json", "-")
        count = mean["trial"]["strides"]
        assert count == mean["trial"]["strides_found"] >= 2
        if count == 2:
            for name in CURVES:
                both = (np.array(one["baseline"][name]) + np.array(other["baseline"][name])) / 2.0
                np.testing.assert_allclose(mean["baseline"][name], both, atol=1e-9)
        assert set(mean["spread"]["curves_sd"]) == set(CURVES)


class TestBadUse:
    """Status 2, one readable line on standard error, and nothing else."""

    @staticmethod
    def complains(said: Said, *words: str) -> None:
        assert said.status == 2
        assert said.out == ""
        lines = said.err.splitlines()
        assert len(lines) == 1, said.err
        assert lines[0].startswith("workbench: ")
        assert "Traceback" not in said.err
        for word in words:
            assert word in lines[0]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ("simulate nowhere/trial.toml", ("nowhere/trial.toml", "no such trial")),
            ("simulate --toe-in 30", ("foot progression angle", "30 degrees", "-25 to 25")),
            ("simulate --toe-out 25.5", ("foot progression angle", "25.5 degrees")),
            ("simulate --toe-in -5", ("--toe-in is -5", "must be 0 or more")),
            ("simulate --wider -5", ("--wider is -5",)),
            ("simulate --toe-in nan", ("--toe-in is nan",)),
            ("simulate --wider 20", ("step width", "0.2 m")),
            ("simulate --narrower 15.1", ("step width",)),
            ("simulate --pivot 2", ("pivot is 2", "0 to 1")),
            ("simulate --virtual-point 0.2", ("virtual point is 0.2",)),
            ("simulate --virtual-point 2 --keep-force-direction", ("cannot be combined",)),
            ("simulate --virtual-point 2 --lean-height own", ("--virtual-point and --lean-height cannot",)),
            ("simulate --balance solved --keep-force-direction", ("--balance and --keep-force-direction cannot",)),
            ("simulate --lean-height mine", ("'mine' is not a number and not 'own'",)),
            ("simulate --contact-spacing 0.04", ("contact spacing",)),
            ("simulate --contact-offset 30", ("contact offset is 0.03 m",)),
            ("simulate --alignment 40", ("frontal alignment is 40",)),
            ("simulate --coordinate-cutoff 0", ("cut-off for the coordinates is 0",)),
            ("simulate --toe-in 5 --toe-out 5", ("--toe-out", "not allowed with", "--toe-in")),
            ("simulate --wider 5 --narrower 5", ("not allowed with",)),
            ("simulate --stride 999", ("no right stride 999", "Choose 1 to 1")),
            ("simulate --stride 0", ("no right stride 0",)),
            ("simulate --stride 1 --mean", ("not allowed with",)),
            ("simulate --weights light", ("--weights", "light", "contact", "equal")),
            ("simulate --moment-frame lab", ("--moment-frame", "lab")),
            ("simulate --side both", ("--side", "both")),
            ("simulate --toe-in ten", ("--toe-in", "ten")),
            ("simulate --toes-in 10", ("--toes-in",)),
            ("simulate reference other", ("other",)),
            ("simulate --json /nowhere/answer.json", ("/nowhere/answer.json", "cannot be written")),
            ("simulate --csv /nowhere/curves.csv", ("/nowhere/curves.csv", "cannot be written")),
            ("validate reference", ("no measured loads",)),
            ("validate", ("TRIAL",)),
            ("dance", ("dance",)),
            ("", ("COMMAND",)),
        ],
    )  # fmt: skip
    def test_of_options(self, workbench: Any, arguments: str, words: tuple[str, ...]) -> None:
        self.complains(workbench(*arguments.split()), *words)

    @pytest.mark.parametrize(
        ("section", "key", "value", "words"),
        [
            ("subject", "mass", 7500.0, ("mass is 7500", "kilograms")),
            ("subject", "mass", "heavy", ("mass",)),
            ("subject", "height", 175.0, ("height is 175", "metres")),
            ("motion", "coordinates", "none.mot", ("none.mot",)),
            ("motion", "coordinates", "../ik.mot", ("../ik.mot",)),
            ("ground_reactions", "file", "none.mot", ("none.mot",)),
            ("model", "file", "none.osim", ("none.osim",)),
        ],
    )
    def test_of_a_trial(
        self, workbench: Any, tmp_path: Path, section: str, key: str, value: object, words: tuple[str, ...]
    ) -> None:
        walk = synthetic_walk()
        walk.settings.setdefault(section, {})[key] = value
        self.complains(workbench("simulate", walk.write(tmp_path / "trial")), *words)

    def test_left_and_right_swapped(self, workbench: Any, tmp_path: Path) -> None:
        walk = synthetic_walk()
        forces = dict(walk.forces)
        for name in forces:
            if name != "time":
                swapped = name.replace("_r_", "_x_").replace("_l_", "_r_").replace("_x_", "_l_")
                walk.forces[swapped] = forces[name]
        self.complains(workbench("simulate", walk.write(tmp_path)), "left and right swapped")

    def test_nan_in_the_forces(self, workbench: Any, tmp_path: Path) -> None:
        walk = synthetic_walk()
        walk.forces["ground_force_l_vy"][120] = np.nan
        self.complains(workbench("simulate", walk.write(tmp_path)), "grf.mot")

    def test_help_is_no_mistake(self, workbench: Any) -> None:
        for command in (("--help",), ("simulate", "--help"), ("validate", "--help"), ("serve", "--help")):
            said = workbench(*command)
            assert said.status == 0
            assert "usage: workbench" in said.out
            assert said.err == ""

    def test_the_version(self, workbench: Any) -> None:
        assert workbench("--version").out.strip() == f"workbench {__version__}"


class TestAsAProgram:
    """In its own process, as a user starts it."""

    @staticmethod
    def run(*arguments: str, cwd: Path) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *arguments], capture_output=True, text=True, cwd=cwd, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def test_standard_output_is_pure_json_and_the_folder_stays_clean(self, tmp_path: Path, toe_in: Any) -> None:
        said = self.run("simulate", "--side", "left", "--toe-in", "10", "--json", "-", cwd=tmp_path)
        assert said.status == 0
        assert said.err == ""
        assert said.json == toe_in
        assert list(tmp_path.iterdir()) == []  # no log file

    def test_a_mistake_is_one_line_and_status_two(self, tmp_path: Path) -> None:
        TestBadUse.complains(self.run("simulate", "--pivot", "2", cwd=tmp_path), "pivot is 2")

    def test_a_junk_model_is_one_line_and_status_two(self, tmp_path: Path) -> None:
        walk = synthetic_walk()
        walk.settings["model"] = {"file": "model.osim"}
        file = walk.write(tmp_path)
        (tmp_path / "model.osim").write_text("<OpenSimDocument><Model><broken</OpenSimDocument>", encoding="utf-8")
        # OpenSim itself may want to talk on standard output or standard error.
        TestBadUse.complains(self.run("simulate", str(file), cwd=tmp_path), "model.osim", "OpenSim cannot read")


@pytest.mark.data
class TestValidate:
    @pytest.fixture(scope="class")
    @classmethod
    def trial(cls, data_folder: Path) -> Path:
        return data_folder / "implant_ps" / "trial.toml"

    def test_the_document(self, trial: Path) -> None:
        document = document_of("validate", trial, "--json", "-")
        assert document["schema"] == "workbench.validation/1"
        assert document["calibration"] is None
        assert document["trial"]["side"] == "left"
        assert 0.0 <= document["lag_s"] <= 0.04
        weight_N = 75.0 * 9.80665
        for name in ("medial", "lateral", "total"):
            one = document["agreement"][name]
            assert one["root_mean_square_error_bw"] == pytest.approx(one["root_mean_square_error_N"] / weight_N)
            assert 0.5 < one["r"] <= 1.0
            curves = [np.array(document[each][f"{name}_contact_force_bw"]) for each in ("simulated", "measured")]
            stance = np.arange(101) <= document["trial"]["stance_percent"]
            error_bw = np.sqrt(np.mean((curves[0] - curves[1])[stance] ** 2))
            assert one["root_mean_square_error_bw"] == pytest.approx(error_bw, rel=1e-6)

    def test_the_two_calibrated_numbers_give_the_same_errors_again(self, trial: Path) -> None:
        calibrated = document_of("validate", trial, "--calibrate", "--json", "-")
        numbers = calibrated["calibration"]
        again = document_of(
            "validate", trial, "--contact-spacing", numbers["contact_spacing_mm"],
            "--contact-offset", numbers["contact_offset_mm"], "--json", "-",
        )  # fmt: skip
        assert again["agreement"] == calibrated["agreement"]
        plain = document_of("validate", trial, "--json", "-")
        for name in ("medial", "lateral"):
            errors = [each["agreement"][name]["root_mean_square_error_N"] for each in (calibrated, plain)]
            assert errors[0] < errors[1]

    def test_a_person_reads_a_table(self, workbench: Any, trial: Path) -> None:
        said = workbench("validate", trial, "--calibrate")
        assert said.status == 0
        assert said.err == ""
        assert "Calibrated on this trial: --contact-spacing 40.0 --contact-offset " in said.out
        rows = [line.split()[0] for line in said.out.splitlines() if line]
        assert [row for row in rows if row in ("medial", "lateral", "total")] == ["medial", "lateral", "total"]

    def test_the_other_knee_has_no_implant(self, workbench: Any, trial: Path) -> None:
        TestBadUse.complains(workbench("validate", trial, "--side", "right"), "implant is in the left knee")

    def test_a_trial_without_measured_loads(self, workbench: Any, data_folder: Path) -> None:
        said = workbench("validate", data_folder / "overground_walk" / "trial.toml")
        TestBadUse.complains(said, "overground walk", "no measured loads", "[measured_loads]")
