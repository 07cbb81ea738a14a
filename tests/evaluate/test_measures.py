"""Counts of cells against enumeration of pairs, scikit-learn, and a worked example."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import measures as naive
from sklearn.metrics.cluster import pair_confusion_matrix

from mpi.evaluate import measures
from mpi.evaluate.measures import PairMeasures

labels = st.integers(0, 40).flatmap(
    lambda n: st.tuples(
        *(
            st.lists(st.integers(0, k), min_size=n, max_size=n)
            for k in (max(n // 2, 1), max(n // 2, 1), 3)
        )
    )
)


def codes(values):
    return measures.dense(np.array(values, np.int64))[0]


@given(labels)
def test_twins_agree(partition):
    cluster, person, source = partition
    table = measures.contingency(codes(cluster), codes(person))
    pairs = measures.pair_measures(table)
    assert astuple(pairs) == naive.pair_measures(cluster, person)
    within = measures.within_measures(codes(source), codes(cluster), codes(person))
    assert astuple(within) == naive.within_measures(source, cluster, person)
    assert astuple(measures.b_cubed(table)) == pytest.approx(naive.b_cubed(cluster, person))
    assert measures.exact_matches(table) == naive.exact_matches(cluster, person)
    assert [astuple(r) for r in measures.false_merges(table)] == naive.false_merges(cluster, person)
    assert [astuple(r) for r in measures.splits(table)] == naive.splits(cluster, person)


@given(labels)
def test_scikit_learn_agrees(partition):
    cluster, person, _ = partition
    if not cluster:
        return
    pairs = measures.pair_measures(measures.contingency(codes(cluster), codes(person)))
    (_, false), (missed, correct) = pair_confusion_matrix(person, cluster)
    assert (pairs.correct, pairs.predicted, pairs.true) == (
        correct // 2,
        (correct + false) // 2,
        (correct + missed) // 2,
    )


@given(labels, st.randoms(use_true_random=False))
def test_order_and_labels_do_not_matter(partition, random):
    cluster, person, _ = partition
    order = list(range(len(cluster)))
    random.shuffle(order)
    moved = measures.contingency(
        codes([1000 - cluster[i] for i in order]), codes([7 * person[i] for i in order])
    )
    table = measures.contingency(codes(cluster), codes(person))
    assert measures.b_cubed(moved) == measures.b_cubed(table)
    assert measures.pair_measures(moved) == measures.pair_measures(table)
    assert measures.false_merges(moved) == measures.false_merges(table)


def test_worked_example():
    """Amigo et al. (2009) count B-cubed so: clusters {a a b} {b b}, by hand."""
    table = measures.contingency(codes([0, 0, 0, 1, 1]), codes([0, 0, 1, 1, 1]))
    b_cubed = measures.b_cubed(table)
    assert b_cubed.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert b_cubed.recall == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert measures.pair_measures(table) == PairMeasures(true=4, predicted=4, correct=2)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (PairMeasures(0, 0, 0), (1.0, 1.0, 1.0)),
        (PairMeasures(3, 0, 0), (1.0, 0.0, 0.0)),
        (PairMeasures(0, 3, 0), (0.0, 1.0, 0.0)),
        (PairMeasures(3, 3, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_degenerate_cases(pairs, expected):
    assert (pairs.precision, pairs.recall, pairs.f1) == expected


def test_large_codes_do_not_overflow():
    n = 200_000
    everyone = measures.contingency(np.zeros(n, np.int64), np.arange(n))
    assert measures.pair_measures(everyone) == PairMeasures(0, n * (n - 1) // 2, 0)
    assert measures.false_merges(everyone)[0].false_pairs == n * (n - 1) // 2
