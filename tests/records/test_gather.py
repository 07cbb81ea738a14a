"""Rows in another order are the rows that were asked for, in whatever pieces they come and go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpi.scratch
from mpi.records.gather import gather, take, take_table
from mpi.scratch import Scratch

TEXT = st.none() | st.text(st.sampled_from("abé"), max_size=5)
CHUNKS = st.lists(st.lists(TEXT, max_size=6), min_size=1, max_size=5)


def column_of(chunks: list[list[str | None]]) -> pa.ChunkedArray:
    # Slices, and values of which the bytes are still there though they count as missing.
    arrays = []
    for chunk in chunks:
        full = pa.array(["cut", *(value or "gone" for value in chunk)], pa.string())
        valid = np.array([True, *(value is not None for value in chunk)])
        bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
        buffers = full.buffers()
        made = pa.StringArray.from_buffers(len(full), buffers[1], buffers[2], bits)
        arrays.append(made.slice(1))
    return pa.chunked_array(arrays, pa.string())


@given(CHUNKS, st.data(), st.integers(1, 12), st.integers(1, 7))
def test_rows_are_those_asked_for(
    chunks: list[list[str | None]], data: st.DataObject, limit: int, step: int
) -> None:
    column = column_of(chunks)
    values = [value or ("gone" if value == "" else None) for c in chunks for value in c]
    assert column.to_pylist() == values
    rows = st.none() | (
        st.lists(st.integers(0, len(values) - 1), max_size=12) if values else st.just([])
    )
    wanted = data.draw(rows)
    order = None if wanted is None else np.array(wanted, np.int64)
    expected = values if wanted is None else [values[i] for i in wanted]
    for bound in (limit, None):
        found = gather(column, order, Scratch(), limit=bound, step=step)
        assert found.to_pylist() == expected
        assert found.null_count == sum(value is None for value in expected)
        found.validate(full=True)
        if order is not None and bound is None:
            assert found.num_chunks == 1
    assert take(column, np.array(wanted or [], np.int64)).to_pylist() == [
        values[i] for i in wanted or []
    ]


@given(CHUNKS, st.integers(1, 12), st.randoms(use_true_random=False))
def test_no_piece_is_longer_than_the_limit(chunks, limit, random) -> None:  # type: ignore[no-untyped-def]
    column = column_of(chunks)
    order = np.arange(len(column))
    random.shuffle(order)
    longest = max(len((v or "gone").encode()) for v in [*column.to_pylist(), ""])
    for piece in gather(column, order, Scratch(), limit=limit).chunks:
        assert piece.buffers()[2].size <= max(limit, longest)


def test_what_is_in_one_piece_is_not_copied() -> None:
    column = pa.chunked_array([["a", "b"]])
    assert gather(column, None, Scratch()).chunk(0).buffers()[2].address == (
        column.chunk(0).buffers()[2].address
    )


@pytest.mark.parametrize("limit", [None, 50_000], ids=["one piece", "pieces"])
def test_what_is_gathered_lies_in_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None
) -> None:
    monkeypatch.setattr(mpi.scratch, "_SMALL", 1)
    values = [None if i % 7 == 0 else f"Nguyễn {i}" for i in range(20_000)]
    column = pa.chunked_array([values[:9_000], values[9_000:]], pa.string())
    order = np.random.default_rng(5).permutation(len(values))
    found = gather(column, order, Scratch(tmp_path), limit=limit)
    assert found.to_pylist() == [values[i] for i in order]
    assert (found.num_chunks > 1) == (limit is not None)
    for chunk in found.chunks:
        for buffer in chunk.buffers()[1:]:
            assert str(tmp_path) in mapped_from(buffer.address)
    assert list(tmp_path.iterdir()) == []


def mapped_from(address: int) -> str:
    """What the memory at an address is mapped from."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *_, name = line.split(maxsplit=5)
        first, end = (int(part, 16) for part in span.split("-"))
        if first <= address < end:
            return name
    return ""


def test_rows_of_a_table(tmp_path: Path) -> None:
    table = pa.table({"a": pa.chunked_array([["x"], ["y", None]]), "b": ["1", "2", "3"]})
    found = take_table(table, np.array([2, 0]), Scratch(tmp_path))
    assert found.to_pylist() == [{"a": None, "b": "3"}, {"a": "x", "b": "1"}]
