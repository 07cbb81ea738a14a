"""How often values come again is counted, not guessed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.records import rowkey
from mpi.records.rowkey import is_row_key, repeats

# of these the first and the last 8 bytes and the lengths are equal
ALIKE = st.sampled_from([f"HN-2024-{middle}-2024-VN" for middle in ("007", "008", "070")])
VALUE = st.none() | ALIKE | st.sampled_from(["", "7", "8"])


@given(st.lists(st.tuples(VALUE, st.integers(-1, 2)), max_size=20), st.integers(0, 20))
@pytest.mark.parametrize("rows", [1, 1 << 20])
def test_repeats_are_counted(rows: int, pairs: list[tuple[str | None, int]], cut: int) -> None:
    values = [value for value, _ in pairs]
    column = pa.chunked_array([values[:cut], values[cut:]], pa.string())
    held = [pair for pair in pairs if pair[0] is not None]
    together, rowkey._ROWS = rowkey._ROWS, rows
    try:
        found = repeats(column, np.array([source for _, source in pairs], np.int32))
    finally:
        rowkey._ROWS = together
    assert found == (1 - len(set(held)) / len(held) if held else 0.0)


def key(values: Sequence[str], sources: Sequence[int], first: bool = False) -> str | None:
    column = pa.chunked_array([values[:3], [], values[3:]], pa.string())
    return is_row_key(column, np.array(sources, np.int32), first=first)


def test_what_a_key_looks_like() -> None:
    counts = [str(i) for i in range(1, 9)]
    assert key(counts, [0] * 8) == "unique in every row, a counter"
    assert key([*counts[:4], *counts[:4]], [0] * 4 + [1] * 4) == "unique in every row, a counter"
    assert key([*counts[:4], *counts[:4]], [0] * 8) is None
    codes = [f"a{i}b" for i in (*range(4), *range(4))]
    assert key(codes, [0] * 4 + [1] * 4) is None
    assert key([f"{i:032x}" for i in range(8)], [0] * 8) == "unique in every row, a technical key"
    large = [f"p{i}0000000"[:9] for i in range(1, 9)]
    assert key(large, [0] * 8, True) == "unique in every row, the first column"
    assert key(large, [0] * 8) is None
