"""What is counted before anything is fitted: pairs in all, random pairs, copies."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import encoded_table

from mpi.compare.patterns import radices, unpack
from mpi.encode.rows import Encoded
from mpi.schema import Kind
from mpi.score import chance, learn

VALUES = st.one_of(st.none(), st.sampled_from(["A", "B", "C"]))
RECORDS = st.lists(st.tuples(VALUES, VALUES, st.sampled_from(["x", "y"])), min_size=1, max_size=20)


def encoded_of(records: list[tuple[str | None, ...]], *, across: bool = False) -> Encoded:
    columns = {
        ("given_name", Kind.GIVEN_NAME): [r[0] for r in records],
        ("sex", Kind.SEX): [r[1] for r in records],
    }
    return encoded_table(columns, [str(r[2]) for r in records], across=across)


@given(RECORDS, st.booleans())
def test_random_pairs_of_a_small_table_are_all(
    records: list[tuple[str | None, ...]], across: bool
) -> None:
    encoded = encoded_of(records, across=across)
    expected = [
        (i, j)
        for i, j in combinations(range(encoded.n_rows), 2)
        if not across or encoded.source[i] != encoded.source[j]
    ]
    left, right = chance.random_pairs(encoded, seed=1, across=across)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected
    counted = [k for k, n in enumerate(encoded.counted) for _ in range(n)]
    every = sum(
        not across or encoded.source[i] != encoded.source[j] for i, j in combinations(counted, 2)
    )
    assert learn.all_pairs(encoded, across=across) == max(1, every)


def test_random_pairs_of_a_large_table() -> None:
    n = 2000
    encoded = encoded_table({("own", Kind.IDENTIFIER): [f"{i:06d}" for i in range(n)]})
    left, right = chance.random_pairs(encoded, seed=1, across=False)
    again = chance.random_pairs(encoded, seed=1, across=False)
    other = chance.random_pairs(encoded, seed=2, across=False)
    assert (left != right).all()
    assert max(left.max(), right.max()) < n
    assert len(left) > 250_000
    assert np.array_equal(left, again[0])
    assert not np.array_equal(left[:100], other[0][:100])


@given(RECORDS)
def test_values_are_counted_three_times_a_row_at_most(
    records: list[tuple[str | None, ...]],
) -> None:
    encoded = encoded_of(records)
    names = encoded.columns[0].values.to_pylist()
    for g, name in enumerate(names):
        kept = [r for r in records if r[0] == name]
        rows = {r[:2] for r in kept}
        expected = sum(min(3, sum(r[:2] == row for r in kept)) for row in rows)
        assert encoded.held[0][g] == expected


@given(RECORDS)
def test_copies_agree_wherever_they_have_a_value(records: list[tuple[str | None, ...]]) -> None:
    encoded = encoded_of(records)
    radix = radices(encoded.comparisons)
    patterns, counts = learn.copy_patterns(encoded, radix)
    got = sorted(zip(unpack(patterns, radix).tolist(), counts.tolist(), strict=True))
    expected = []
    for row in {r[:2] for r in records}:
        n = min(3, sum(r[:2] == row for r in records))
        if n > 1:
            levels = [-1 if row[0] is None else 11, -1 if row[1] is None else 1]
            expected.append((levels, n * (n - 1) / 2))
    assert got == sorted(expected)


def test_identical_values_are_counted_over_all_pairs() -> None:
    """A value that one in 1,000 pairs shares is not left to a sample's luck."""
    n = 3000
    names = [f"N{i % 1000:04d}" for i in range(n)]
    encoded = encoded_table(
        {
            ("given_name", Kind.GIVEN_NAME): names,
            ("own", Kind.IDENTIFIER): [f"{i:06d}" for i in range(n)],
        }
    )
    outcomes = chance.random_outcomes(encoded, seed=1, across=False)
    levels = chance.random_levels(encoded, outcomes)
    share = levels[0][-1] / levels[0].sum()
    assert share == pytest.approx(1000 * 3 / (n * (n - 1) / 2), rel=0.02)
    for table in levels:
        assert (table > 0.0).all()
        assert table.sum() == pytest.approx(1.0)


def test_names_that_agree_but_for_accents_order_or_sound_are_counted() -> None:
    names = ["NGUYỄN AN", "NGUYỄN ÁN", "NGUYEN AN", "AN NGUYỄN", "NGUYỂN AN", "LÊ BA", "LÊ BA"]
    encoded = encoded_table({("full_name", Kind.FULL_NAME): names}, locale="vi")
    found = chance.counted_pairs(encoded, 0)
    # Three tell the tone alone, and three more the same without any accents.
    assert found == {11: 1.0, 10: 3.0, 9: 3.0, 7: 4.0, 6: 0.0}
    sexes = encoded_table({("sex", Kind.SEX): ["M", "M", "F"]})
    assert chance.counted_pairs(sexes, 0) == {1: 1.0}
