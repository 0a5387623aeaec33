"""What laboratories do wrong with their own files is refused, or named by the check that it concerns."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.campaign.raw_recordings import PLACE, Raw, RawFault, faults, raw_recording
from workbench.cli.main import main
from workbench.core.errors import WorkbenchError
from workbench.core.findings import Finding
from workbench.intake.looked_over import findings_of
from workbench.intake.pipeline import import_recording

pytestmark = [pytest.mark.slow, pytest.mark.data]

OF_C3D = faults(("LKNE", "LANK", "RKNE"), gap="LKNE")
#: Of the TRC file those that are refused while it is read: the others take the way of the C3D file's.
OF_TRC = tuple(fault for fault in faults(("R_Heel", "R_Toe", "L_Heel"), gap="R_Heel") if fault.refusal)


@pytest.fixture(scope="module")
def of_c3d(data_folder: Path) -> Raw:
    return raw_recording(data_folder / "c3d" / "btk_PiG_Motion3_FF.c3d", None, 74.0, 1.76)


@pytest.fixture(scope="module")
def of_trc(data_folder: Path) -> Raw:
    og1 = data_folder / "overground_dm" / "DM_ngait_og1_new.trc"
    return raw_recording(og1, og1.with_name("DM_ngait_og1_grf.sto"), 70.0, 1.72)


def said_of(fault: RawFault, raw: Raw, folder: Path) -> tuple[tuple[Finding, ...], str]:
    """Findings, or the words of the refusal."""
    try:
        path, wishes = fault.write(raw, folder / "lab")
        return findings_of(import_recording(path, wishes, folder / "trial")), ""
    except WorkbenchError as error:
        return (), str(error)


def test_the_clean_recording_has_no_serious_finding(of_c3d: Raw, tmp_path: Path) -> None:
    findings, refusal = said_of(RawFault("clean", lambda raw: raw), of_c3d, tmp_path)
    assert refusal == ""
    assert [finding.problem for finding in findings if finding.severity == "serious"] == []
    assert not {finding.code for finding in findings} & {"late_forces", "plate_sideways", "exchanged_markers"}


@pytest.mark.parametrize("fault", OF_C3D, ids=[fault.name for fault in OF_C3D])
def test_what_is_wrong_with_a_c3d_file_is_named(fault: RawFault, of_c3d: Raw, tmp_path: Path) -> None:
    require_named(fault, *said_of(fault, of_c3d, tmp_path))


@pytest.mark.parametrize("fault", OF_TRC, ids=[fault.name for fault in OF_TRC])
def test_what_is_wrong_with_a_trc_file_is_named(fault: RawFault, of_trc: Raw, tmp_path: Path) -> None:
    require_named(fault, *said_of(fault, of_trc, tmp_path))


def require_named(fault: RawFault, findings: tuple[Finding, ...], refusal: str) -> None:
    if refusal:
        assert fault.refusal
        assert re.search(fault.refusal, refusal), refusal
    else:
        named = {finding.code for finding in findings if finding.severity != "note" or fault.corrected} & fault.codes
        assert named, [finding.problem for finding in findings]


def test_every_command_says_it(of_c3d: Raw, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    aside = next(fault for fault in OF_C3D if fault.name == "plates 5 cm to the right")
    path, wishes = aside.write(of_c3d, tmp_path / "lab")
    trial = str(tmp_path / "trial")
    person = ["--mass", f"{wishes.mass_kg:g}", "--height", f"{wishes.height_m:g}"]
    assert main(["import", str(path), *person, "-o", trial]) == 0
    assert "Both centres of pressure lie" in capsys.readouterr().out
    for command, status in (("check", 1), ("simulate", 0)):
        assert main([command, trial, "--json", "-"]) == status
        answer = json.loads(capsys.readouterr().out)
        assert {finding["code"] for finding in answer["findings"] if finding["severity"] == "serious"} & PLACE
