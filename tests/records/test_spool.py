"""Bytes in pieces are the bytes, and lines are not cut."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mpi.records.spool import Spool, holds, pieces_of_lines
from mpi.scratch import Scratch


@given(st.lists(st.binary(max_size=9)), st.integers(0, 20))
def test_all_that_is_written_is_there(pieces: list[bytes], expected: int) -> None:
    spool = Spool(Scratch(), expected)
    for piece in pieces:
        spool.write(piece)
    assert bytes(spool.view()) == b"".join(pieces)


def test_more_than_expected_is_taken(tmp_path: Path) -> None:
    piece = bytes(range(256)) * 4096
    spool = Spool(Scratch(tmp_path), 1)
    for _ in range(12):
        spool.write(piece)
    assert bytes(spool.view()) == piece * 12
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bcd"])), st.integers(1, 5))
def test_pieces_end_with_a_line(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    pieces = list(pieces_of_lines(data, size))
    assert b"".join(pieces) == data
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])
    for begin in range(3):
        assert holds(data, b"b", begin) == (b"b" in data[begin:])
