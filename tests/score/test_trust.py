"""What a fitted model shows of itself: whether it separates anything, and what stood in."""

from __future__ import annotations

import numpy as np
import pytest

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import PRIOR_U
from mpi.schema import Form, Kind
from mpi.score.em import MOST_PRIOR, Fit, fit_em
from mpi.score.thresholds import Expected, choose_link_at
from mpi.score.trust import Diagnosis, diagnose

NAME = Comparison("given_name", Kind.GIVEN_NAME, Form.NAME)
BORN = Comparison("birth_date", Kind.BIRTH_DATE, Form.DATE)
SEX = Comparison("sex", Kind.SEX, Form.CATEGORY)
GOOD = Expected(0.9, 0.999, 0.99, 0.99)


def fitted(
    comparisons: tuple[Comparison, ...], levels: np.ndarray, counts: np.ndarray, n_pairs: float
) -> Fit:
    seen = [1e5 * np.array(PRIOR_U[c.form]) for c in comparisons]
    return fit_em(levels, counts, comparisons, seen, n_pairs)


def usual(records: int = 2000, comparisons: tuple[Comparison, ...] = (NAME, BORN)) -> Diagnosis:
    """Sure matches and strangers in plenty."""
    top = [c.n_levels - 1 for c in comparisons]
    levels = np.array([top, [0] * len(top)], np.int8)
    counts = np.array([500.0, 50_000.0])
    fit = fitted(comparisons, levels, counts, 2e6)
    expected = choose_link_at(fit.posterior, counts)
    return diagnose(fit, levels, counts, comparisons, expected, records=records, n_pairs=2e6)


def test_a_usual_model_is_trusted() -> None:
    found = usual()
    assert (found.doubts, found.notes) == ((), ())
    assert found.facts["converged"]
    assert found.facts["expected_matches"] == pytest.approx(500.0, rel=0.05)
    assert found.facts["levels_without_support"]["birth_date"] == [0, 1, 2, 3, 4]


def test_few_records() -> None:
    assert "7 records are too few" in usual(7).doubts[0]
    assert "1 record is too few" in usual(1).doubts[0]


def test_names_alone() -> None:
    assert any("only given_name, sex" in d for d in usual(comparisons=(NAME, SEX)).doubts)
    assert not any("only" in d for d in usual().doubts)


def test_columns_that_tell_too_little() -> None:
    assert any("tell too little" in d for d in usual(comparisons=(SEX,)).doubts)


def a_fit(**changes: object) -> Fit:
    m, u = [np.array([0.1, 0.9])], [np.array([0.5, 0.5])]
    values: dict[str, object] = {
        "m": m,
        "r": u,
        "u": u,
        "prior": 1e-3,
        "relative": 0.0,
        "likelihood": (),
        "posterior": np.ones(1),
        "converged": True,
        "steps": 9,
    }
    return Fit(**{**values, **changes})  # type: ignore[arg-type]


def told(fit: Fit, expected: Expected = GOOD, n_pairs: float = 1e6) -> Diagnosis:
    levels, counts = np.array([[1]], np.int8), np.array([1000.0])
    return diagnose(fit, levels, counts, (SEX,), expected, records=1500, n_pairs=n_pairs)


def test_m_is_nowhere_above_u() -> None:
    even = [np.array([0.5, 0.5])]
    assert any("no column agrees more often" in d for d in told(a_fit(m=even)).doubts)


def test_a_prior_at_its_bound() -> None:
    assert any("held at 45%" in d for d in told(a_fit(prior=MOST_PRIOR)).doubts)


def test_matches_and_strangers_alike() -> None:
    poor = Expected(0.5, 0.7, 0.7, 0.7)
    assert any("look alike" in d for d in told(a_fit(), poor).doubts)
    assert not any("look alike" in d for d in told(a_fit()).doubts)


def test_a_model_that_does_not_settle_says_what_was_used() -> None:
    found = told(a_fit(converged=False, steps=600))
    assert "did not settle in 600 steps; its last step was used" in found.notes[0]
    assert found.facts["converged"] is False


def test_without_matches_usual_rates_stand_in() -> None:
    assert "usual rates of errors" in told(a_fit(prior=1e-9)).notes[0]
