"""EM on data made from known parameters; its objective; what it does where there is little."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpi.encode.comparisons import Comparison
from mpi.encode.levels import PRIOR_M, PRIOR_U
from mpi.schema import Form, Kind
from mpi.score.em import fit_em
from mpi.score.relatives import can_learn_relatives

Share = np.ndarray

OWN = (
    Comparison("given_name", Kind.GIVEN_NAME, Form.NAME),
    Comparison("birth_date", Kind.BIRTH_DATE, Form.DATE),
    Comparison("sex", Kind.SEX, Form.CATEGORY),
)
HOUSEHOLD = (
    *OWN[:2],
    Comparison("family_name", Kind.FAMILY_NAME, Form.NAME),
    Comparison("postcode", Kind.POSTCODE, Form.IDENTIFIER),
)
M = {
    Form.NAME: np.array([0.02, 0.02, 0.02, 0.01, 0.01, 0.09, 0.01, 0.08, 0.04, 0.08, 0.02, 0.60]),
    Form.DATE: np.array([0.01, 0.02, 0.02, 0.05, 0.10, 0.80]),
    Form.CATEGORY: np.array([0.03, 0.97]),
    Form.IDENTIFIER: np.array([0.15, 0.05, 0.10, 0.70]),
}
U = {
    Form.NAME: np.array(
        [0.90, 0.05, 0.020, 0.005, 0.005, 0.008, 0.001, 0.001, 0.002, 0.001, 0.001, 0.006]
    ),
    Form.DATE: np.array([0.95, 0.03, 0.01, 0.005, 0.004, 0.001]),
    Form.CATEGORY: np.array([0.5, 0.5]),
    Form.IDENTIFIER: np.array([0.97, 0.015, 0.01, 0.005]),
}
R = {
    Kind.FAMILY_NAME: np.array(
        [0.08, 0.01, 0.01, 0.01, 0.01, 0.02, 0.01, 0.03, 0.02, 0.05, 0.05, 0.70]
    ),
    Kind.POSTCODE: np.array([0.2, 0.05, 0.05, 0.7]),
}


def expected_counts(
    comparisons: tuple[Comparison, ...],
    n_pairs: float,
    prior: float,
    relative: float = 0.0,
    missing: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Patterns that blocking rules make, with the pairs that are expected to show each.

    A rule for the given name, one for the birth date, one for the household.
    """
    patterns, counts = [], []
    for levels in product(*(range(-1 if missing else 0, c.n_levels) for c in comparisons)):
        shares = np.array([prior, relative, 1.0 - prior - relative])
        for level, c in zip(levels, comparisons, strict=True):
            if level < 0:
                shares *= missing
                continue
            r = R.get(c.kind, U[c.form])
            shares *= (1.0 - missing) * np.array([M[c.form][level], r[level], U[c.form][level]])
        patterns.append(levels)
        counts.append(n_pairs * shares.sum())
    made = np.array(patterns, np.int8)
    by_rule = (made[:, 0] >= 3) | (made[:, 1] >= 3)
    if len(comparisons) > 3:
        by_rule |= (made[:, 2] >= 4) & (made[:, 3] == 3)
    return made[by_rule], np.array(counts)[by_rule]


def random_levels(
    comparisons: tuple[Comparison, ...], prior: float, relative: float = 0.0
) -> list[np.ndarray]:
    """What random pairs show: a few matches and relatives among strangers."""
    rest = 1.0 - prior - relative
    return [
        1e5 * (prior * M[c.form] + relative * R.get(c.kind, U[c.form]) + rest * U[c.form])
        for c in comparisons
    ]


def share_found(comparisons: tuple[Comparison, ...], levels: np.ndarray, missing: float) -> float:
    """Share of the matches that show one of these patterns."""
    total = 0.0
    for row in levels:
        shares = [
            missing if level < 0 else (1.0 - missing) * M[c.form][level]
            for level, c in zip(row, comparisons, strict=True)
        ]
        total += float(np.prod(shares))
    return total


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("prior", [1e-4, 1e-3])
def test_m_u_and_prior_are_found_again(prior: float, missing: float) -> None:
    """With three fields only, and 300 strangers in the rules' pairs to one match."""
    n_pairs = 5e7
    levels, counts = expected_counts(OWN, n_pairs, prior, missing=missing)
    assert counts.sum() > 10.0 * prior * n_pairs
    fit = fit_em(levels, counts, OWN, random_levels(OWN, prior), n_pairs)
    assert fit.relative == 0.0
    assert fit.prior == pytest.approx(prior * share_found(OWN, levels, missing), rel=0.15)
    for f, c in enumerate(OWN):
        assert fit.m[f] == pytest.approx(M[c.form], abs=0.06)
        assert fit.u[f] == pytest.approx(U[c.form], abs=0.002)
        assert fit.m[f].sum() == pytest.approx(1.0)
        assert fit.u[f].sum() == pytest.approx(1.0)


def test_relatives_are_told_from_one_person() -> None:
    n_pairs, prior, relative = 5e7, 3e-4, 2e-4
    levels, counts = expected_counts(HOUSEHOLD, n_pairs, prior, relative)
    assert can_learn_relatives(HOUSEHOLD)
    fit = fit_em(levels, counts, HOUSEHOLD, random_levels(HOUSEHOLD, prior, relative), n_pairs)
    assert fit.converged
    assert fit.prior == pytest.approx(prior, rel=0.05)
    # Relatives are found by the rule of the household alone.
    found = R[Kind.FAMILY_NAME][4:].sum() * R[Kind.POSTCODE][3]
    assert fit.relative == pytest.approx(relative * found, rel=0.1)
    for f, c in enumerate(HOUSEHOLD):
        assert fit.m[f] == pytest.approx(M[c.form], abs=0.01)
        if c.kind not in R:
            assert fit.r[f].tolist() == fit.u[f].tolist()
    seen = R[Kind.FAMILY_NAME][4:] / R[Kind.FAMILY_NAME][4:].sum()
    assert fit.r[2][4:] == pytest.approx(seen, abs=0.02)
    same_home = (levels == [0, 0, 11, 3]).all(axis=1)
    assert fit.posterior[same_home][0] < 0.01


def test_two_records_are_enough_to_begin_with() -> None:
    """One pair in all: neither one person nor relatives may take the whole prior."""
    levels = np.array([[11, 5, 11, 3]], np.int8)
    fit = fit_em(levels, np.ones(1), HOUSEHOLD, random_levels(HOUSEHOLD, 0.0), 1.0)
    assert all(np.isfinite(steps).all() for steps in fit.likelihood)
    assert 0.5 < fit.posterior[0] < 1.0


def test_pairs_that_no_rule_made_are_differences() -> None:
    """With the pairs of one rule alone, the prior is the share of matches that the rule makes."""
    n_pairs, prior = 5e7, 3e-4
    levels, counts = expected_counts(OWN, n_pairs, prior)
    made = levels[:, 0] == 11
    fit = fit_em(levels[made], counts[made], OWN, random_levels(OWN, prior), n_pairs)
    assert fit.prior == pytest.approx(prior * M[Form.NAME][-1], rel=0.1)
    assert fit.m[1] == pytest.approx(M[Form.DATE], abs=0.02)
    # Agreement on the blocking key alone is chance: strangers are many.
    alone = (levels[made] == [11, 0, 0]).all(axis=1)
    assert fit.posterior[alone][0] < 0.01


def test_posterior_is_bayes() -> None:
    n_pairs, prior = 1e6, 1e-3
    levels, counts = expected_counts(OWN, n_pairs, prior)
    fit = fit_em(levels, counts, OWN, random_levels(OWN, prior), n_pairs)
    for row in (0, len(levels) // 2, len(levels) - 1):
        same, stranger = fit.prior, 1.0 - fit.prior
        for f, level in enumerate(levels[row]):
            same *= fit.m[f][level]
            stranger *= fit.u[f][level]
        assert fit.posterior[row] == pytest.approx(same / (same + stranger), rel=1e-9)


@given(st.data())
@settings(max_examples=40)
def test_the_objective_never_falls_within_a_round(data: st.DataObject) -> None:
    comparisons = data.draw(st.sampled_from([OWN, HOUSEHOLD, OWN[:1], HOUSEHOLD[1:]]))
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    n = data.draw(st.integers(1, 60))
    levels = np.stack([rng.integers(-1, c.n_levels, n) for c in comparisons], axis=1).astype(
        np.int8
    )
    counts = np.floor(10.0 ** rng.uniform(0.0, 4.0, n))
    random = [rng.uniform(0.5, 100.0, c.n_levels) for c in comparisons]
    n_pairs = counts.sum() * data.draw(st.sampled_from([1.0, 3.0, 1e4]))
    fit = fit_em(levels, counts, comparisons, random, n_pairs)
    for steps in fit.likelihood:
        assert (np.diff(steps) >= -1e-9 * np.abs(steps[:-1]) - 1e-9).all()
    for table in (*fit.m, *fit.u, *fit.r):
        assert table.sum() == pytest.approx(1.0)
        assert (table > 0.0).all()
    assert 0.0 < fit.prior <= 0.5
    assert ((fit.posterior >= 0.0) & (fit.posterior <= 1.0)).all()


def test_without_pairs_the_default_stands() -> None:
    none = np.zeros((0, 3), np.int8)
    fit = fit_em(none, np.zeros(0), OWN, random_levels(OWN, 0.0), 1e4)
    for f, c in enumerate(OWN):
        assert fit.m[f] == pytest.approx(np.array(PRIOR_M[c.form]))
    assert fit.prior <= 1e-4
    assert len(fit.posterior) == 0


def test_a_few_pairs_do_not_overrule_the_default() -> None:
    """Three sure matches with the same slip: likelier than before, not certain."""
    levels = np.array([[5, 4, 1]], np.int8)
    fit = fit_em(levels, np.array([3.0]), OWN, random_levels(OWN, 0.0), 1e4)
    default = PRIOR_M[Form.DATE]
    assert default[4] < fit.m[1][4] < 0.2
    assert fit.m[1][5] > 0.6


@pytest.mark.parametrize(
    ("kinds", "able"),
    [
        ((Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.FAMILY_NAME), True),
        ((Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.ADDRESS), True),
        ((Kind.GIVEN_NAME, Kind.BIRTH_DATE), False),
        ((Kind.BIRTH_DATE, Kind.FAMILY_NAME, Kind.PHONE), True),
        ((Kind.SEX, Kind.FAMILY_NAME, Kind.PHONE), False),
        ((), False),
    ],
)
def test_what_it_takes_to_know_relatives(kinds: tuple[Kind, ...], able: bool) -> None:
    made = tuple(Comparison(k.value, k, Form.NAME) for k in kinds)
    assert can_learn_relatives(made) is able


def test_households_are_not_learnt_as_persons() -> None:
    """Many pairs that share name and address, and few that also share the birth date."""
    kinds = ((Kind.NAME, Form.NAME), (Kind.BIRTH_DATE, Form.DATE), (Kind.ADDRESS, Form.TEXT))
    made = tuple(Comparison(k.value, k, form) for k, form in kinds)
    levels = np.array([[10, 0, 4], [10, 5, 4], [0, 0, 0]], np.int8)
    seen = [1e5 * np.array(PRIOR_U[c.form]) for c in made]
    fit = fit_em(levels, np.array([2000.0, 200.0, 5000.0]), made, seen, 1e6)
    assert fit.posterior[1] > 0.99
    assert fit.posterior[0] < 0.01
    assert fit.m[1][:2].sum() <= 0.2 + 1e-9


@given(st.data())
@settings(max_examples=60)
def test_no_weight_is_infinite_or_no_number(data: st.DataObject) -> None:
    """Whatever the counts: none, enormous, of one pattern, of levels that nobody shows."""
    comparisons = data.draw(st.sampled_from([OWN, HOUSEHOLD, OWN[:1], HOUSEHOLD[1:]]))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n = data.draw(st.integers(0, 30))
    levels = np.stack([rng.integers(-1, c.n_levels, n) for c in comparisons], axis=1).astype(
        np.int8
    )
    if data.draw(st.booleans()):
        levels[:] = [c.n_levels - 1 for c in comparisons]
    counts = 10.0 ** rng.uniform(-2.0, data.draw(st.sampled_from([3.0, 12.0, 18.0])), n)
    least = data.draw(st.sampled_from([1e-9, 1e-3, 1.0]))
    random = [rng.uniform(least, 1.0, c.n_levels) ** 6 + 1e-300 for c in comparisons]
    known = None
    if data.draw(st.booleans()):
        known = [rng.integers(0, 100, c.n_levels).astype(np.float64) for c in comparisons]
    n_pairs = max(1.0, counts.sum() * data.draw(st.sampled_from([1e-3, 1.0, 1e6])))
    fit = fit_em(levels, counts, comparisons, random, n_pairs, known)
    assert 0.0 < fit.prior < 1.0
    assert 0.0 <= fit.relative < 1.0 - fit.prior
    for tables in (fit.m, fit.r, fit.u):
        for table in tables:
            assert ((table > 0.0) & (table <= 1.0)).all()
            assert np.isfinite(np.log2(table)).all()
    assert np.isfinite(fit.posterior).all()


def test_labelled_pairs_count_for_m() -> None:
    """A thousand labelled pairs, a third of them with another birth date."""
    none = np.zeros((0, 3), np.int8)
    known = [np.zeros(c.n_levels) for c in OWN]
    at = next(f for f, c in enumerate(OWN) if c.form == Form.DATE)
    known[at][[2, -1]] = [333.0, 667.0]
    plain = fit_em(none, np.zeros(0), OWN, random_levels(OWN, 0.0), 1e4)
    told = fit_em(none, np.zeros(0), OWN, random_levels(OWN, 0.0), 1e4, known)
    assert told.m[at][-1] == pytest.approx(667.0 / 1000.0, abs=0.02)
    assert plain.m[at][-1] > 0.8
    assert told.m[1 - at].tolist() == pytest.approx(plain.m[1 - at].tolist())
