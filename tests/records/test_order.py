"""Rows are put in the order of the bytes of their keys."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.records import order as room
from mpi.records.order import in_key_order, ranked, same_key
from mpi.scratch import Scratch

KEYS = st.lists(
    st.tuples(st.sampled_from(["b", "é", "aa", ""]), st.sampled_from(["10", "9", "é", "Z", ""])),
    max_size=20,
)


@pytest.mark.parametrize("group", [1, 5, 1 << 17])
@given(KEYS, st.integers(0, 20), st.none() | st.sets(st.integers(0, 19)))
def test_keys_ascend(
    group: int, keys: list[tuple[str, str]], cut: int, kept: set[int] | None
) -> None:
    ids = [record_id for _, record_id in keys]
    source, names = ranked(pa.chunked_array([[s for s, _ in keys]], pa.string()))
    assert names.to_pylist() == sorted({s for s, _ in keys}, key=str.encode)
    record_id = pa.chunked_array([ids[:cut], ids[cut:]], pa.string())
    rows = None if kept is None else np.array(sorted(k for k in kept if k < len(keys)), np.int64)
    sizes, room._GROUP, room._STEP = (room._GROUP, room._STEP), group, group
    try:
        found = in_key_order(source, record_id, rows, Scratch())
        order = list(range(len(keys))) if found is None else found.tolist()
        same = same_key(source[order], record_id.take(pa.array(order, pa.int64())))
    finally:
        room._GROUP, room._STEP = sizes
    wanted = range(len(keys)) if rows is None else rows.tolist()
    assert sorted(order) == list(wanted)
    ordered = [(keys[i][0].encode(), keys[i][1].encode()) for i in order]
    assert ordered == sorted(ordered)
    assert same.tolist() == [a == b for a, b in pairwise(ordered)]
