"""Expected errors: laws that hold whatever the pairs, and a case worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpi.encode.comparisons import Comparison
from mpi.schema import Form, Kind
from mpi.score.estimate import Estimate, Evidence, Range, contradictions, estimate
from mpi.score.intervals import count_interval
from mpi.score.labels import DIFFERENT, SAME, UNTOLD
from mpi.score.recall import recall_of_rules


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(0, 60))
    together = rng.random(n) < draw(st.floats(0.0, 1.0))
    pairs = rng.integers(1, draw(st.sampled_from([2, 50])), n).astype(np.float64)
    unseen = float(rng.integers(0, 10))
    return Evidence(
        probability=rng.random(n) ** draw(st.sampled_from([0.01, 1.0])),
        linked=together & (rng.random(n) < 0.8),
        together=together,
        contradicted=rng.random(n) < 0.2,
        pairs=pairs,
        sizes=np.maximum(1.0, pairs * rng.random(n) * 4.0),
        rules=rng.integers(0, 16, n).astype(np.uint64),
        inside=float(pairs[together].sum()) + unseen,
    )


def ranges(found: Estimate) -> list[Range]:
    return [
        *(found.precision, found.recall, found.false_pairs, found.missed_pairs),
        *(found.false_links, found.missed_candidates),
    ]


@given(evidence())
@settings(max_examples=200)
def test_an_estimate_lies_in_its_interval(seen: Evidence) -> None:
    found = estimate(seen)
    for part in ranges(found):
        assert np.isfinite([part.estimate, part.low, part.high]).all()
        assert 0.0 <= part.low <= part.estimate + 1e-12 <= part.high + 2e-12
    for share in (found.precision, found.recall, found.blocking):
        assert share.high <= 1.0
    assert found.false_pairs.high <= max(seen.inside, found.false_pairs.estimate) + 1e-9
    assert found.false_links.estimate <= found.false_pairs.estimate + 1e-12


@given(evidence())
def test_surer_links_are_expected_to_be_better(seen: Evidence) -> None:
    surer = replace(seen, probability=0.5 + seen.probability / 2.0)
    assert estimate(surer).precision.estimate >= estimate(seen).precision.estimate - 1e-12


@given(evidence())
def test_a_contradiction_never_makes_links_better(seen: Evidence) -> None:
    against = replace(seen, contradicted=np.ones_like(seen.contradicted))
    assert estimate(against).precision.estimate <= estimate(seen).precision.estimate + 1e-12


@given(evidence(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_is_nothing(seen: Evidence, random: object) -> None:
    order = np.random.default_rng(1).permutation(len(seen.pairs))
    names = ("probability", "linked", "together", "contradicted", "pairs", "sizes", "rules")
    turned = replace(seen, **{name: getattr(seen, name)[order] for name in names})
    for one, two in zip(ranges(estimate(seen)), ranges(estimate(turned)), strict=True):
        assert one.to_dict() == pytest.approx(two.to_dict(), abs=1e-6)


def test_by_hand() -> None:
    """90 sure links, 10 at 0.9 of which 4 contradict themselves, 6 pairs joined unseen."""
    n = 100
    chance = np.where(np.arange(n) < 90, 1.0, 0.9)
    seen = Evidence(
        probability=chance,
        linked=np.ones(n, bool),
        together=np.ones(n, bool),
        contradicted=np.arange(n) >= 96,
        pairs=np.ones(n),
        sizes=np.ones(n),
        rules=np.full(n, 3, np.uint64),
        inside=106.0,
    )
    found = estimate(seen)
    assert found.false_links.estimate == pytest.approx(0.4 + 0.25 * 0.6 + 4.0 * 0.4)
    assert found.false_pairs.estimate == pytest.approx(found.false_links.estimate + 0.25 * 6)
    assert found.precision.estimate == pytest.approx(1.0 - found.false_pairs.estimate / 106.0)
    assert found.blocking.once == 0.0
    assert found.recall.high == 1.0


def test_nothing_linked_and_nothing_to_link() -> None:
    none = np.zeros(0)
    flags = np.zeros(0, bool)
    found = estimate(Evidence(none, flags, flags, flags, none, none, np.zeros(0, np.uint64), 0.0))
    assert found.precision.to_dict() == {"estimate": 1.0, "low": 0.0, "high": 1.0}
    assert found.recall.to_dict() == {"estimate": 1.0, "low": 0.0, "high": 1.0}


def test_what_contradicts_a_person() -> None:
    comparisons = (
        Comparison("given_name", Kind.GIVEN_NAME, Form.NAME),
        Comparison("birth_date", Kind.BIRTH_DATE, Form.DATE),
        Comparison("address", Kind.ADDRESS, Form.TEXT),
        Comparison("national_id", Kind.NATIONAL_ID, Form.IDENTIFIER),
    )
    levels = np.array(
        [
            [11, 5, 4, 3],  # identical
            [2, 5, 4, 3],  # another given name
            [11, 1, 4, 3],  # the same year only
            [11, 5, 0, -1],  # moved house
            [-1, -1, 4, 0],  # another number
        ],
        np.int8,
    )
    assert contradictions(levels, comparisons).tolist() == [False, True, True, False, True]


@given(st.floats(0.0, 2000.0), st.floats(0.0, 1.2))
@settings(max_examples=60)
def test_a_count_lies_in_its_interval(mean: float, spread: float) -> None:
    low, high = count_interval(mean, spread)
    wider = count_interval(mean, spread + 0.3)
    assert 0.0 <= low <= mean + 1.0
    assert high + 1.0 >= mean * 0.8
    if mean > 0.0:
        assert wider[0] <= low + 1e-9 or mean < 1.0
        assert wider[1] >= high - 1e-9


def test_counts_fall_into_their_interval() -> None:
    """Poisson with a log-normal mean, drawn: 95 % of them and not far more."""
    rng = np.random.default_rng(5)
    for mean in (3.0, 30.0, 380.0, 3000.0):
        drawn = rng.poisson(mean * np.exp(0.6 * rng.standard_normal(20_000)))
        low, high = count_interval(mean, 0.6)
        inside = float(np.mean((drawn >= low) & (drawn <= high)))
        assert 0.945 <= inside <= 0.985, (mean, inside)


@given(st.lists(st.tuples(st.integers(0, 255), st.floats(0.0, 1.0)), max_size=80))
def test_recall_of_rules_lies_in_its_interval(pairs: list[tuple[int, float]]) -> None:
    rules = np.array([r for r, _ in pairs], np.uint64)
    chance = np.array([p for _, p in pairs])
    found = recall_of_rules(rules, chance)
    assert 0.0 <= found.low <= found.estimate + 1e-12 <= found.high + 2e-12 <= 1.0 + 4e-12


def test_recall_of_independent_rules_is_found() -> None:
    """Three rules that find 0.8 of the pairs each, by themselves: 0.992 in all."""
    rng = np.random.default_rng(3)
    made = rng.random((50_000, 3)) < 0.8
    bits = (made * [1, 2, 4]).sum(axis=1).astype(np.uint64)
    seen = bits[bits > 0]
    found = recall_of_rules(seen, np.ones(len(seen)))
    assert found.low <= np.mean(bits > 0) <= found.high
    assert found.estimate == pytest.approx(0.992, abs=0.006)


def test_rules_that_all_find_the_same_miss_nothing_that_they_know_of() -> None:
    found = recall_of_rules(np.full(500, 7, np.uint64), np.ones(500))
    assert found.estimate == found.high == 1.0
    assert 0.98 < found.low < 1.0


def said(seen: Evidence, wrong: int, right: int) -> Evidence:
    """The same evidence with so many links labelled."""
    told = np.full(len(seen.pairs), UNTOLD, np.int8)
    links = np.flatnonzero(seen.linked)
    told[links[:wrong]] = DIFFERENT
    told[links[wrong : wrong + right]] = SAME
    return replace(seen, told=told)


def test_labels_move_the_estimate_and_narrow_it() -> None:
    n = 2000
    every = np.ones(n, bool)
    seen = Evidence(
        probability=np.full(n, 0.96),
        linked=every,
        together=every,
        contradicted=~every,
        pairs=np.ones(n),
        sizes=np.ones(n),
        rules=np.full(n, 3, np.uint64),
        inside=float(n),
    )
    plain = estimate(seen).precision
    assert plain.estimate == pytest.approx(0.99, abs=0.001)
    good, bad = (estimate(said(seen, wrong, 900 - wrong)).precision for wrong in (0, 90))
    assert good.estimate > plain.estimate > bad.estimate
    assert bad.estimate == pytest.approx(0.909, abs=0.005)
    assert bad.low > 0.83
    assert bad.high < 0.95
    assert estimate(said(seen, 0, 0)).precision == plain
