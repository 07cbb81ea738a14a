"""Thresholds: the best expected F1, or as much precision as is asked for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mpi.score.thresholds import choose_link_at, choose_review_at

PATTERNS = st.lists(
    st.tuples(st.floats(1e-6, 1.0 - 1e-6), st.integers(1, 1000)), min_size=1, max_size=20
)


def arrays(patterns: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    posterior, counts = zip(*patterns, strict=True)
    return np.array(posterior), np.array(counts, np.float64)


@given(PATTERNS)
def test_no_cut_has_a_better_expected_f1(patterns: list[tuple[float, int]]) -> None:
    posterior, counts = arrays(patterns)
    found = choose_link_at(posterior, counts)
    assert 0.5 <= found.link_at < 1.0
    linked = posterior >= found.link_at
    everything = (posterior * counts).sum()

    def f1(above: np.ndarray) -> float:
        return 2.0 * (posterior * counts)[above].sum() / (counts[above].sum() + everything)

    assert all(f1(posterior >= cut) <= f1(linked) + 1e-9 for cut in posterior[posterior >= 0.5])
    assert found.recall == pytest.approx((posterior * counts)[linked].sum() / everything)
    if linked.any():
        assert found.f1 == pytest.approx(f1(linked))
        assert found.precision == pytest.approx(
            np.average(posterior[linked], weights=counts[linked])
        )
    else:
        assert np.isnan(found.precision)


@given(PATTERNS, st.floats(0.05, 0.999))
@example([(0.99, 1), (0.5, 1), (0.5, 1)], 0.7)
@example([(0.9, 1)], 0.99)
def test_precision_is_kept(patterns: list[tuple[float, int]], precision: float) -> None:
    """And no lower threshold would keep it, but for that of even chances."""
    posterior, counts = arrays(patterns)
    found = choose_link_at(posterior, counts, precision=precision)
    linked = posterior >= found.link_at
    if linked.any():
        share = np.average(posterior[linked], weights=counts[linked])
        assert share >= precision - 1e-9
        assert found.precision == pytest.approx(share)
    else:
        assert np.isnan(found.precision)
        assert found.recall == 0.0
    assert (posterior[linked] >= 0.5).all()
    rest = posterior[~linked & (posterior >= 0.5)]
    if len(rest):
        more = posterior >= rest.max()
        assert np.average(posterior[more], weights=counts[more]) < precision + 1e-9


@given(PATTERNS, st.lists(st.floats(0.05, 0.999), min_size=2, max_size=5))
def test_more_precision_never_lowers_the_threshold(
    patterns: list[tuple[float, int]], wanted: list[float]
) -> None:
    posterior, counts = arrays(patterns)
    at = [choose_link_at(posterior, counts, precision=p).link_at for p in sorted(wanted)]
    assert all(a <= b for a, b in pairwise(at))


def test_a_worked_case() -> None:
    """100 sure pairs, 20 likely, 1,000 unlikely: link the first two, midway in bits below."""
    posterior = np.array([0.01, 0.999, 0.9])
    found = choose_link_at(posterior, np.array([1000.0, 100.0, 20.0]))
    assert found.precision == pytest.approx((99.9 + 18.0) / 120.0)
    assert found.recall == pytest.approx((99.9 + 18.0) / (99.9 + 18.0 + 10.0))
    assert found.f1 == pytest.approx(2 * 117.9 / (120.0 + 127.9))
    odds = np.sqrt((0.9 / 0.1) * (0.01 / 0.99))
    assert found.link_at == pytest.approx(max(0.5, odds / (1.0 + odds)))
    strict = choose_link_at(posterior, np.array([1000.0, 100.0, 20.0]), precision=0.99)
    odds = np.sqrt((0.999 / 0.001) * (0.9 / 0.1))
    assert strict.link_at == pytest.approx(odds / (1.0 + odds))
    assert strict.recall == pytest.approx(99.9 / 127.9)


def test_nothing_to_choose_from() -> None:
    none = np.zeros(0)
    assert choose_link_at(none, none).link_at == 0.5
    assert choose_link_at(none, none, precision=0.97).link_at == 0.97
    assert np.isnan(choose_link_at(none, none).f1)
    assert choose_link_at(np.zeros(2), np.ones(2)).link_at == 0.5


def test_review_begins_no_higher_than_links() -> None:
    none = np.zeros(0)
    assert choose_review_at(0.9, none, none) == 0.05
    assert choose_review_at(0.01, none, none) == 0.01


@given(PATTERNS, st.integers(0, 5000), st.floats(0.5, 0.999))
def test_review_begins_where_people_can_look(
    patterns: list[tuple[float, int]], pairs: int, link_at: float
) -> None:
    posterior, counts = arrays(patterns)
    at = choose_review_at(link_at, posterior, counts, pairs=pairs)
    assert 0.001 <= at <= link_at
    asked = (posterior >= at) & (posterior < link_at)
    if at != 0.05:
        # Patterns of one probability stand or fall together.
        tied = posterior == at
        assert counts[asked & ~tied].sum() <= pairs


def test_a_pattern_alone_is_linked_with_room_to_spare() -> None:
    """A weight is a float32, so that a threshold on the pattern itself may miss it."""
    found = choose_link_at(np.array([1.0 - 1e-9]), np.ones(1))
    assert 0.99 < found.link_at < 0.9999999
