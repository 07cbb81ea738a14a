"""Probabilities drawn towards what people said, monotone and sane however few labels there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.score.calibrate import calibrated, fit_calibration
from mpi.score.model import probability


def drawn(n: int, shift: float, slope: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights, and answers that are right with the shifted and sloped probability."""
    rng = np.random.default_rng(seed)
    weight = rng.uniform(-8.0, 12.0, n)
    return weight, rng.random(n) < probability(shift + slope * weight)


@pytest.mark.parametrize(("shift", "slope"), [(0.0, 1.0), (-3.0, 0.6), (2.0, 1.3)])
def test_a_curve_is_found_again(shift: float, slope: float) -> None:
    weight, same = drawn(20_000, shift, slope, 1)
    found = fit_calibration(weight, same)
    assert found is not None
    assert found == pytest.approx((shift, slope), abs=0.12)
    told = probability(found[0] + found[1] * weight)
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)):
        here = (told >= low) & (told < high)
        assert told[here].mean() == pytest.approx(same[here].mean(), abs=0.03)


def test_few_labels_say_nothing() -> None:
    weight, same = drawn(29, -3.0, 0.5, 2)
    assert fit_calibration(weight, same) is None
    assert fit_calibration(np.linspace(-3, 9, 400), np.ones(400, bool)) is None


def test_labels_without_an_overlap_stay_finite() -> None:
    weight = np.linspace(-30.0, 30.0, 200)
    found = fit_calibration(weight, weight > 0)
    assert found is not None
    assert np.isfinite(found).all()
    assert found[1] < 3.0


@given(st.integers(0, 2**32 - 1), st.integers(30, 300))
def test_it_is_monotone_and_does_not_depend_on_the_order(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    weight, same = rng.normal(0.0, 20.0, n), rng.random(n) < 0.5
    found = fit_calibration(weight, same)
    if found is None:
        return
    order = rng.permutation(n)
    assert fit_calibration(weight[order], same[order]) == found
    assert found[1] > 0.0
    share = np.sort(rng.random(50))
    assert (np.diff(calibrated(share, found)) >= 0.0).all()


def test_without_calibration_nothing_moves() -> None:
    share = np.array([0.1, 0.9])
    assert calibrated(share, None) is share
