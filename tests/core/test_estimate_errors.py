from __future__ import annotations

import numpy as np
import pytest

from workbench.core.estimate_errors import ESTIMATE_ERRORS, ESTIMATED_SUFFIX, estimate_band
from workbench.core.vocabulary import CURVES


@pytest.mark.parametrize("name", CURVES)
def test_every_curve_has_a_band_in_its_own_unit(name: str) -> None:
    assert ESTIMATE_ERRORS[name].unit == CURVES[name].unit
    low, high = estimate_band(name, np.zeros(101), 100.0)
    assert np.allclose(high, ESTIMATE_ERRORS[name].typical)
    assert np.allclose(low, -high)


def test_nothing_is_claimed_of_swing() -> None:
    low, _ = estimate_band("medial_contact_force_bw", np.zeros(101), 60.0)
    assert np.isfinite(low[:61]).all()
    assert np.isnan(low[61:]).all()


def test_the_label_tells_what_is_estimated() -> None:
    assert ESTIMATED_SUFFIX == " (estimated ground forces)"
