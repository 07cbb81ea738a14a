from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from naive import records as naive

from mpi.records import _kernels as kernels
from mpi.records import keys
from mpi.records.keys import KEY, find_keys, locate_keys
from mpi.records.order import keys_ascend
from mpi.records.text import text_buffers

TEXTS = st.text("ab\u00e9\0", max_size=4)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=25)


def table(pairs: list[tuple[str, str]]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in KEY])
    return pa.table([[p[0] for p in pairs], [p[1] for p in pairs]], schema=schema)


def by_bytes(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: (pair[0].encode(), pair[1].encode()))


@given(st.lists(st.tuples(st.integers(0, 2), TEXTS), max_size=8))
def test_ascend_is_its_twin(rows: list[tuple[int, str]]) -> None:
    for some in (rows, sorted(rows, key=lambda row: (row[0], row[1].encode()))):
        group = np.array([group for group, _ in some], np.int32)
        data, offsets = text_buffers(pa.array([text for _, text in some], pa.string()))
        known = naive.ascend(group, offsets, data)
        assert kernels.ascend(group, offsets, data) == known
        assert known == len(rows) or some is rows


@given(st.lists(TEXTS, max_size=25), st.lists(TEXTS, max_size=15), st.booleans())
def test_locate_texts_is_its_twin(held: list[str], wanted: list[str], ordered: bool) -> None:
    half = len(held) // 2
    held = sorted(held[:half], key=str.encode) + sorted(held[half:], key=str.encode)
    wanted = sorted(wanted, key=str.encode) if ordered else wanted
    second = np.arange(len(wanted)) % 2 if not ordered else np.zeros(len(wanted), np.int64)
    first, end = np.where(second, half, 0), np.where(second, len(held), half)
    data, offsets = text_buffers(pa.array(held, pa.string()))
    wanted_data, wanted_offsets = text_buffers(pa.array(wanted, pa.string()))
    results = []
    for one in (kernels, naive):
        place, found = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.bool_)
        one.locate_texts(first, end, wanted_offsets, wanted_data, offsets, data, place, found)
        results.append((place.tolist(), found.tolist()))
    assert results[0] == results[1]


@given(PAIRS, PAIRS)
def test_keys_are_found_where_they_stand(held: list[tuple[str, str]], more: list) -> None:
    held, wanted = by_bytes(held), [*more, *held[::2]]
    large, keys.MANY = keys.MANY, 0
    try:
        located = locate_keys(table(wanted), table(held))
        found = find_keys(table(wanted), table(held))
    finally:
        keys.MANY = large
    known = [held.index(key) if key in held else -1 for key in wanted]
    assert found.tolist() == find_keys(table(wanted), table(held)).tolist() == known
    if wanted and located is not None:
        before = [sum(by_bytes([k, key])[0] == k != key for k in held) for key in wanted]
        assert located[0].tolist() == before


def test_keys_in_another_order_are_found_too() -> None:
    held = [("b", "2"), ("b", "1"), ("a", "7")]
    large, keys.MANY = keys.MANY, 0
    try:
        assert locate_keys(table(held), table(held)) is None
        assert locate_keys(table(held), table([("b", "1"), ("a", "7")])) is None
        assert find_keys(table(held), table(held)).tolist() == [0, 1, 2]
    finally:
        keys.MANY = large
    assert not keys_ascend(table(held)) and keys_ascend(table(by_bytes(held)))


@given(PAIRS, PAIRS)
def test_keys_are_found_some_at_a_time(held: list[tuple[str, str]], more: list) -> None:
    held = list(dict.fromkeys(held))
    wanted = [*more, *held[::2]]
    step, keys._STEP = keys._STEP, 1
    try:
        found = find_keys(table(wanted), table(held))
    finally:
        keys._STEP = step
    assert found.tolist() == [held.index(key) if key in held else -1 for key in wanted]
