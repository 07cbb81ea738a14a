"""Scored pairs in order, against sorting them as tuples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import score as naive

from mpi.score._kernels_order import order_pairs


def check(pairs: list[tuple[int, int]], n_rows: int) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    found = order_pairs(both[:, 0].copy(), both[:, 1].copy(), n_rows)
    got = [((i, j), place) for i, j, place in zip(*(a.tolist() for a in found), strict=True)]
    assert got == naive.order_pairs(pairs)


@given(st.integers(1, 12), st.data())
def test_order_pairs(n_rows: int, data: st.DataObject) -> None:
    row = st.integers(0, n_rows - 1)
    check(data.draw(st.lists(st.tuples(row, row), max_size=40)), n_rows)


@pytest.mark.parametrize("most", [47, 48, 49, 1000])
def test_a_row_of_many_pairs(most: int) -> None:
    rng = np.random.default_rng(most)
    right = rng.integers(0, most, most).tolist()
    check([(3, j) for j in right] + [(1, j) for j in right[:5]] + [(3, 0)], max(most, 4))
