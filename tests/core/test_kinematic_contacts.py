"""Contacts from the motion of the feet."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.contacts import Contact
from workbench.core.kinematic_contacts import kinematic_contacts, whole_spans

TIME_S = np.arange(0.0, 3.0, 0.01)
ON_BELT_M = np.interp(TIME_S % 1.0, [0.0, 0.64, 1.0], [0.4, -0.4, 0.4])


@pytest.mark.parametrize("speed", [0.0, 1.25, 4.0])
def test_belt_and_floor_are_alike(speed: float) -> None:
    """Axes that move along with the walker change no event."""
    moved = ON_BELT_M + speed * TIME_S
    contacts = kinematic_contacts(TIME_S, moved, moved, speed * TIME_S)
    assert [contact.complete for contact in contacts] == [False, True, True]
    assert contacts[1].start_s == pytest.approx(1.0, abs=0.01)
    assert contacts[1].end_s == pytest.approx(1.64, abs=0.01)


def test_a_foot_that_never_moves_has_no_contact() -> None:
    assert kinematic_contacts(TIME_S, 0.0 * TIME_S, 0.0 * TIME_S, 0.0 * TIME_S) == ()


def test_both_feet_on_the_ground_at_the_end() -> None:
    left = [Contact(0.0, 0.7, start_recorded=True, end_recorded=True), Contact(1.0, 1.5, True, False)]
    right = [Contact(0.6, 1.2, True, True), Contact(1.45, 1.5, True, False)]
    spans = whole_spans({"left": left, "right": right}, -0.1, 1.5)
    double_s = np.mean([0.1, 0.2])
    assert spans["left"][1][1] == pytest.approx(1.45 + double_s)
    assert spans["right"][1] == pytest.approx((1.45, 1.45 + 0.65))
