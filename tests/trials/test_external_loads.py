"""ExternalLoads files: both versions in use, and what is refused."""

from __future__ import annotations

import pytest

from workbench.core.errors import TrialError
from workbench.trials.external_loads import Plate, parse_external_loads


def force(body: str = "calcn_r", number: int = 1, **tags: str) -> str:
    every = {
        "applied_to_body": body,
        "force_expressed_in_body": "ground",
        "point_expressed_in_body": "ground",
        "force_identifier": f"ground_force_{number}_v",
        "point_identifier": f"ground_force_{number}_p",
        "torque_identifier": f"ground_torque_{number}_",
        **tags,
    }
    inside = "".join(f"<{tag}>{text}</{tag}>" for tag, text in every.items())
    return f'<ExternalForce name="plate {number}">{inside}</ExternalForce>'


def document(*forces: str, version: int = 40000, datafile: str = "<datafile>grf.mot</datafile>") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<OpenSimDocument Version="{version}"><ExternalLoads name="loads"><objects>{"".join(forces)}</objects>'
        f"<groups />{datafile}</ExternalLoads></OpenSimDocument>"
    )


@pytest.mark.parametrize("version", [30000, 40000])
def test_columns_of_each_foot(version: int) -> None:
    loads = parse_external_loads(document(force(), force("calcn_l", 2), version=version), "loads.xml")
    assert loads.data_file == "grf.mot"
    assert loads.plates == {
        "right": (Plate("ground_force_1_v", "ground_force_1_p", "ground_torque_1_"),),
        "left": (Plate("ground_force_2_v", "ground_force_2_p", "ground_torque_2_"),),
    }


def test_two_plates_under_one_foot() -> None:
    loads = parse_external_loads(document(force(), force("calcn_l", 2), force("calcn_l", 3)), "loads.xml")
    assert [plate.force for plate in loads.plates["left"]] == ["ground_force_2_v", "ground_force_3_v"]


def test_file_named_by_the_force_itself() -> None:
    text = document(force(data_source_name="grf.sto"), datafile="<datafile />")
    assert parse_external_loads(text, "loads.xml").data_file == "grf.sto"


def test_force_switched_off_is_left_out() -> None:
    loads = parse_external_loads(document(force(), force("calcn_l", 2, appliesForce="false")), "loads.xml")
    assert list(loads.plates) == ["right"]


def test_torque_may_be_absent() -> None:
    loads = parse_external_loads(document(force(torque_identifier="Unassigned")), "loads.xml")
    assert loads.plates["right"][0].torque is None


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
READS_A_FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (document(force()).replace("<OpenSimDocument", BOMB + "<OpenSimDocument"), "document type or entities"),
        (document(force()).replace("<OpenSimDocument", READS_A_FILE + "<OpenSimDocument"), "document type or entities"),
        (document(force())[:-9], "XML is invalid"),
        ("<Model />", "contains <Model>, not ExternalLoads"),
        (document(), "contains no ExternalForce"),
        (document(force(), datafile=""), "name no data file"),
        (
            document(force(data_source_name="a.mot"), force("calcn_l", 2, data_source_name="b.mot"), datafile=""),
            "from 2 files",
        ),
        (document(force("torso")), "acts on the body 'torso'"),
        (document(force(force_expressed_in_body="calcn_r")), "force_expressed_in_body of the external force 'plate 1'"),
        (document(force(point_expressed_in_body="calcn_r")), "point_expressed_in_body of the external force 'plate 1'"),
        (document(force(force_identifier="")), "has no force_identifier"),
        (document(force(point_identifier="Unassigned")), "has no point_identifier"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(TrialError) as caught:
        parse_external_loads(text, "loads.xml")
    assert message in str(caught.value)
    assert caught.value.where == "loads.xml"
    assert caught.value.remedy
