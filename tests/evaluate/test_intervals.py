"""Intervals against textbook values, a bootstrap, and two hundred drawn worlds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import measures as naive

from mpi.evaluate import measures
from mpi.evaluate.intervals import groups_of, ratio_interval, wilson
from mpi.evaluate.slices import measure_slice


def codes(values):
    return measures.dense(np.array(values, np.int64))[0]


def world(rng, persons):
    """Clusters and persons: persons of several records, some split, some joined to the next."""
    person = np.repeat(np.arange(persons), rng.integers(1, 6, persons))
    cluster = np.where(rng.random(persons) < 0.04, np.arange(persons) ^ 1, np.arange(persons))
    found = cluster[person]
    alone = rng.random(len(person)) < 0.03
    found[alone] = persons + 2 + np.flatnonzero(alone)
    return codes(found), codes(person)


def everything(cluster, person):
    table = measures.contingency(cluster, person)
    cells = np.arange(len(table.cells))
    return measure_slice("", table, groups_of(table), cells, table.cells)


def test_wilson_of_the_literature():
    """Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20 and 1 of 29."""
    for part, whole, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(part / whole, whole) == pytest.approx((low, high), abs=6e-5)


@given(st.floats(0, 1), st.floats(0, 1e9))
def test_wilson_holds_the_share_and_stays_a_share(share, n):
    low, high = wilson(share, n)
    assert 0.0 <= low <= share <= high <= 1.0


def test_independent_groups_of_one_are_wilsons_own():
    part = np.array([1.0] * 90 + [0.0] * 10)
    found = ratio_interval(part, np.ones(100))
    assert found == pytest.approx(wilson(0.9, 100), abs=2e-3)


def test_what_is_right_together_is_less_certain():
    alone = ratio_interval(np.array([1.0] * 90 + [0.0] * 10), np.ones(100))
    together = ratio_interval(np.array([10.0] * 9 + [0.0]), np.full(10, 10.0))
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])


partitions = st.integers(1, 12).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 6), min_size=n, max_size=n) for _ in range(2)))
)


@given(partitions)
def test_groups_are_the_connected_ones(partition):
    cluster, person = partition
    c, p = codes(cluster), codes(person)
    table = measures.contingency(c, p)
    group = groups_of(table)
    width = len(table.persons)
    cell = np.searchsorted(table.cell_cluster * width + table.cell_person, c * width + p)
    assert sorted(set(group.tolist())) == list(range(group.max() + 1))
    wanted = naive.groups_of(cluster, person)
    for i in range(len(cluster)):
        for j in range(i):
            assert (group[cell[i]] == group[cell[j]]) == (wanted[i] == wanted[j])


def test_a_long_chain_is_one_group():
    n = 20_000
    rows = np.arange(n)
    chain = measures.contingency(codes((rows + 1) // 2), codes(rows // 2))
    assert groups_of(chain).max() == 0


def test_the_interval_is_that_of_a_bootstrap_over_groups():
    cluster, person = world(np.random.default_rng(7), 3000)
    found = everything(cluster, person)
    table = measures.contingency(cluster, person)
    group = groups_of(table)
    n = int(group.max()) + 1
    per = np.zeros((4, n))
    np.add.at(per[0], group, table.cells * (table.cells - 1) / 2)
    first = np.unique(table.cell_cluster, return_index=True)[1]
    np.add.at(per[1], group[first], table.clusters * (table.clusters - 1) / 2)
    first = np.unique(table.cell_person, return_index=True)[1]
    np.add.at(per[2], group[first], table.persons * (table.persons - 1) / 2)
    rng = np.random.default_rng(8)
    drawn = np.array([per[:, rng.integers(0, n, n)].sum(axis=1) for _ in range(1500)])
    for share, interval in (
        (drawn[:, 0] / drawn[:, 1], found.pair_intervals.precision),
        (drawn[:, 0] / drawn[:, 2], found.pair_intervals.recall),
        (2 * drawn[:, 0] / (drawn[:, 1] + drawn[:, 2]), found.pair_intervals.f1),
    ):
        low, high = np.quantile(share, [0.025, 0.975])
        assert interval == pytest.approx((low, high), abs=0.15 * (high - low))


def test_the_interval_holds_the_truth_in_95_of_100_worlds():
    rng = np.random.default_rng(20)
    large = [everything(*world(rng, 40_000)) for _ in range(3)]
    names = [(of, m) for of in ("pairs", "b_cubed") for m in ("precision", "recall", "f1")]
    truth = {key: np.mean([getattr(getattr(w, key[0]), key[1]) for w in large]) for key in names}
    inside = dict.fromkeys(names, 0)
    for _ in range(200):
        found = everything(*world(rng, 400))
        for of, m in names:
            sure = found.pair_intervals if of == "pairs" else found.b_cubed_intervals
            low, high = getattr(sure, m)
            inside[of, m] += low <= truth[of, m] <= high
    # 190 are expected, with a standard deviation of 3.1.
    assert all(180 <= n <= 199 for n in inside.values()), inside


def test_no_error_seen_is_no_certainty():
    rows = np.repeat(np.arange(50), 2)
    found = everything(rows, rows)
    assert found.pairs.precision == 1.0
    assert found.pair_intervals.precision == pytest.approx((0.9287, 1.0), abs=1e-4)
    nothing = everything(np.arange(3), np.arange(3))
    assert nothing.pair_intervals.recall == (0.0, 1.0)
