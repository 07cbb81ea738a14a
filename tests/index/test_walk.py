"""Rows of a table by hash bucket."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.index import walk
from mpi.index.walk import Walk, part
from mpi.scratch import Scratch


@given(st.lists(st.integers(0, 7), max_size=40), st.integers(0, 300))
def test_each_bucket_has_its_rows_in_order_and_groups_have_every_bucket(numbers, size):
    parted = part(np.array(numbers, np.uint16), 8)
    for bucket in range(8):
        rows = [row for row, number in enumerate(numbers) if number == bucket]
        assert parted.rows(bucket).tolist() == rows
    groups = parted.groups(size)
    assert [bucket for group in groups for bucket in group] == list(range(8))
    for group in groups:
        several = [row for bucket in group for row in parted.rows(bucket).tolist()]
        assert parted.rows(group.start, group.stop).tolist() == several


def test_rows_that_are_few_are_taken_together(monkeypatch):
    parted = part(np.repeat(np.arange(4), [1, 1, 5, 1]).astype(np.uint16), 4)
    monkeypatch.setattr(walk, "AT_ONCE", 200)
    monkeypatch.setattr(walk, "_GROUPS", 1)
    assert parted.groups(800) == [range(2), range(2, 3), range(3, 4)]
    monkeypatch.setattr(walk, "_GROUPS", 8)
    assert parted.groups(800) == [range(k, k + 1) for k in range(4)]


@pytest.mark.parametrize("cuts", [[], [3], [0, 3, 3, 8]], ids=str)
def test_rows_of_a_column_in_pieces(cuts):
    whole = pa.array([None, "", "b", "cc", "é", None, "f", "g"])
    ends = [0, *cuts, len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(ends)]
    table = pa.table({"x": pa.chunked_array(pieces), "y": pa.array(range(8))})
    for rows in ([], [7, 0, 3, 3, 5, 2], [4]):
        taken = Walk(Scratch()).take(table, np.array(rows, np.int32))
        assert taken.equals(pa.table({"x": whole, "y": range(8)}).take(pa.array(rows, pa.int64())))


def test_what_was_looked_at_is_let_go_of(monkeypatch):
    let_go = []
    monkeypatch.setattr(Scratch, "let_go", lambda scratch: let_go.append(scratch))
    monkeypatch.setattr(walk, "_HELD", 100)
    walking = Walk(Scratch())
    table = pa.table({name: np.zeros(5) for name in "abcdef"})  # 40 bytes a column
    walking.take(table, np.array([1]))
    assert len(let_go) == 2
    walking.saw(500)
    assert len(let_go) == 3
