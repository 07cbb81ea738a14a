"""The benchmark of stated intervals: a world measured, and its figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.coverage import Covered, calibration_error, figures_of, pairs_in, world


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> Covered:
    return world(4, tmp_path_factory.mktemp("world") / "w")


def test_a_world_is_measured(covered: Covered, tmp_path: Path) -> None:
    assert covered.records > 700
    for name, truth in covered.truth.items():
        estimate, low, high = covered.stated[name]
        assert 0.9 < truth <= 1.0
        assert 0.0 <= low <= estimate <= high <= 1.0
    assert world(4, tmp_path / "w") == covered


def test_figures_of_worlds(covered: Covered) -> None:
    wrong = replace(covered, truth=dict.fromkeys(covered.truth, 0.25))
    figures = figures_of([covered, covered, wrong, covered])
    assert figures["worlds"] == 4
    assert figures["precision_covered"] == 0.75
    assert figures["least_covered"] == 0.75


def test_errors_of_all_worlds_together(covered: Covered) -> None:
    """Two worlds that err in opposite directions are right together."""
    one = replace(covered, bins=((0.5, 10, 6.0, 8.0),))
    two = replace(covered, bins=((0.5, 10, 6.0, 4.0),))
    assert calibration_error([one]) == pytest.approx(0.2)
    assert calibration_error([one, two]) == pytest.approx(0.0)
    assert calibration_error([]) == 0.0


def test_pairs_are_counted() -> None:
    assert pairs_in(np.array([5, 5, 5, 7, 8, 8])) == 4
