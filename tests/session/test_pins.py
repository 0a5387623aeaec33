from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.core.results import Simulation
from workbench.dashboard.compare_view import implant_html, pins_html
from workbench.session.pins import Pins, apart, peak_rows, pin_of


def test_a_walk_is_kept_once(recorded: Simulation, toed_in: Simulation) -> None:
    pins = Pins()
    for answer in (recorded, toed_in, toed_in):
        pins.add(answer)
    assert [pin.label.split(": ")[1] for pin in pins.kept] == ["as recorded", "toe-in 10°"]
    assert [pin.simulated for pin in pins.kept] == [False, True]
    pins.clear()
    assert pins.kept == []


def test_a_walk_agrees_with_itself(recorded: Simulation) -> None:
    pin = pin_of(recorded)
    for one in apart(pin, pin).values():
        assert one.root_mean_square_error == 0.0
        assert one.correlation == pytest.approx(1.0)


def test_stances_of_other_length_are_stretched(recorded: Simulation) -> None:
    pin = pin_of(recorded)
    percent = np.arange(101.0)
    shorter = replace(
        pin,
        stance_percent=0.5 * pin.stance_percent,
        curves={name: np.interp(2.0 * percent, percent, curve) for name, curve in pin.curves.items()},
    )
    assert apart(pin, shorter)["medial_contact_force_bw"].root_mean_square_error < 0.02


def test_differences_are_from_the_first(recorded: Simulation, toed_in: Simulation) -> None:
    rows = peak_rows([pin_of(recorded), pin_of(toed_in)], "kam_peak_1_pct_bw_ht")
    assert rows[0][1] is None
    assert rows[1][1] == pytest.approx(toed_in.change["kam_peak_1_pct_bw_ht"])


def test_names_are_shown_as_they_are(recorded: Simulation) -> None:
    pin = pin_of(replace(recorded, trial_name="<script>alert(1)</script>"))
    assert "<script>" not in pins_html([pin])


def test_nothing_is_said_of_an_implant_that_is_not_there(recorded: Simulation) -> None:
    assert implant_html(recorded, None) == ""
