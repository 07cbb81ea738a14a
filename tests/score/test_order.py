"""Scored pairs in order, against sorting them as tuples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from naive import score as naive

from mpi.score._kernels_order import order_pairs


def check(pairs: list[tuple[int, int]], n_rows: int) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    found = order_pairs(both[:, 0].copy(), both[:, 1].copy(), n_rows)
    assert [(pairs[place], place) for place in found.tolist()] == naive.order_pairs(pairs)


@given(st.integers(1, 12), st.data())
def test_order_pairs(n_rows: int, data: st.DataObject) -> None:
    row = st.integers(0, n_rows - 1)
    check(data.draw(st.lists(st.tuples(row, row), max_size=40)), n_rows)


def test_a_row_of_many_pairs() -> None:
    right = np.random.default_rng(1).integers(0, 1000, 1000).tolist()
    check([(3, j) for j in right] + [(1, j) for j in right[:5]] + [(3, 0)], 1000)
