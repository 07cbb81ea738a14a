"""Twins: what tells them apart, and how many there can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import ACCENTS, ANOTHER_WORD, PRIOR_M, PRIOR_U, SAME_NAME
from mpi.schema import FORM_OF, Kind
from mpi.score.em import Fit
from mpi.score.twins import can_tell_twins, fit_twins, twin_levels


def comparison(kind: Kind) -> Comparison:
    return Comparison(kind.value, kind, FORM_OF[kind], None)


def learnt(kind: Kind) -> tuple[np.ndarray, np.ndarray]:
    return np.array(PRIOR_M[FORM_OF[kind]]), np.array(PRIOR_U[FORM_OF[kind]])


KINDS = (Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.SEX, Kind.MOTHER_NAME, Kind.INSURANCE_ID)
COMPARISONS = tuple(comparison(kind) for kind in KINDS)


def fit_of(*, prior: float = 1e-5, relative: float = 1e-5) -> Fit:
    m, u = ([learnt(kind)[k] for kind in KINDS] for k in range(2))
    return Fit(m, [p.copy() for p in u], u, prior, relative, (), np.array([0.5, 0.5]), True, 1)


@pytest.mark.parametrize("kind", sorted(FORM_OF))
def test_levels_of_twins_are_shares(kind: Kind) -> None:
    m, u = learnt(kind)
    t = twin_levels(comparison(kind), m, 0.5 * (m + u), u)
    assert len(t) == len(m)
    assert t.sum() == pytest.approx(1.0, abs=1e-4)
    assert (t > 0.0).all()


def test_what_a_family_has_in_common_tells_nothing() -> None:
    for kind in (Kind.BIRTH_DATE, Kind.MOTHER_NAME, Kind.ADDRESS, Kind.PHONE, Kind.FAMILY_NAME):
        m, u = learnt(kind)
        assert np.array_equal(twin_levels(comparison(kind), m, u, u), m)
    m, u = learnt(Kind.INSURANCE_ID)
    assert np.array_equal(twin_levels(comparison(Kind.INSURANCE_ID), m, u, u), u)


def test_fields_that_can_tell_twins() -> None:
    assert can_tell_twins(COMPARISONS)
    assert not can_tell_twins(COMPARISONS[1:])
    assert not can_tell_twins((COMPARISONS[0], *COMPARISONS[2:]))


def test_the_usual_number_of_twins_is_found_again() -> None:
    """10,000 persons of two records each have 400 pairs of twins' records: another given name on
    one birth date, with another insurance number, is one of them; lost accents are not."""
    n_pairs, of_one, of_twins = 20_000 * 19_999 / 2, 10_000.0, 400.0
    fit = fit_of(prior=of_one / n_pairs, relative=0.0)
    learnt_of = zip(COMPARISONS, fit.m, fit.r, fit.u, strict=True)
    t = [twin_levels(*one) for one in learnt_of]
    top = [len(learnt(kind)[0]) - 1 for kind in KINDS]
    levels = np.array(
        [
            (name, top[1], sex, top[3], number)
            for name in range(SAME_NAME + 1)
            for sex in range(2)
            for number in range(4)
        ],
        np.int8,
    )
    counts = np.zeros(len(levels))
    for pairs, shares in ((of_one, fit.m), (of_twins, t)):
        counts += pairs * np.prod([shares[f][levels[:, f]] for f in (0, 2, 4)], axis=0)
    found, twin, posterior = fit_twins(levels, counts, COMPARISONS, fit, n_pairs, 20_000.0)
    assert len(found) == len(KINDS)
    assert twin * n_pairs == pytest.approx(of_twins, rel=0.1)
    chance = dict(zip(map(tuple, levels.tolist()), posterior.tolist(), strict=True))
    assert chance[(ANOTHER_WORD, top[1], 1, top[3], 0)] < 0.1
    assert chance[(ACCENTS, top[1], 1, top[3], 3)] > 0.999
    assert chance[(SAME_NAME, top[1], 1, top[3], 0)] > 0.9


def test_without_birth_dates_nothing_is_said() -> None:
    fit = fit_of()
    found = fit_twins(np.zeros((2, 5), np.int8), np.ones(2), COMPARISONS[:1] * 5, fit, 1e6, 1e3)
    assert found[:2] == ([], 0.0)
    assert found[2] is fit.posterior


@given(st.floats(1e-9, 0.4), st.floats(0.0, 0.4), st.integers(2, 10_000), st.integers(0, 9))
def test_shares_stay_shares(prior: float, relative: float, n_records: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    levels = np.stack(
        [rng.integers(-1, len(learnt(kind)[0]), 20) for kind in KINDS], axis=1
    ).astype(np.int8)
    n_pairs = n_records * (n_records - 1) / 2
    counts = rng.random(20) * n_pairs / 20
    fit = fit_of(prior=prior, relative=relative)
    _, twin, posterior = fit_twins(levels, counts, COMPARISONS, fit, n_pairs, float(n_records))
    assert 0.0 < twin < 1.0 - prior - relative
    assert np.isfinite(posterior).all()
    assert ((posterior >= 0.0) & (posterior <= 1.0)).all()
