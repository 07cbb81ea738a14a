"""Values as they came, without the blanks around them and without the marks for "nothing"."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.text import text_buffers, validity

NOTHING: tuple[str, ...] = (
    *("", "NULL", "null", "NaN", "N/A", "n/a", "#N/A", "<NA>", "None", "\\N"),
    *("-", "--", "---", ".", "?", "_"),
)
"""Marks that mean a missing value in any column."""
NOTHING_BUT_A_NAME = ("NA", "nan")
"""Marks that mean a missing value where no name of a person can stand: Na and Nan are names."""

_BLANKS = " \t\r\n\v\f\0\u00a0\u200b\ufeff\u3000\u2007\u202f"
_WIDE = tuple(b.encode() for b in _BLANKS if len(b.encode()) > 1)
_LONGEST = max(len(mark) for mark in (*NOTHING, *NOTHING_BUT_A_NAME))


def tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A string column with its blanks stripped and its marks for nothing null.

    Examples
    --------
    >>> tidy(pa.chunked_array([[" An ", "NULL", "007", "", "NA"]])).to_pylist()
    ['An', None, '007', None, 'NA']
    """
    return pa.chunked_array([_tidy(chunk) for chunk in column.chunks], pa.string())


def drop_marks(column: pa.ChunkedArray, marks: Iterable[str]) -> pa.ChunkedArray:
    """A string column with these values null."""
    wanted = pa.array(list(marks), pa.string())
    return pa.chunked_array([_without(chunk, wanted) for chunk in column.chunks], pa.string())


def _tidy(chunk: pa.Array) -> pa.Array:
    if _has_blanks(chunk):
        chunk = pc.utf8_trim(chunk, _BLANKS)
    return _without(chunk, pa.array(NOTHING, pa.string()))


def _has_blanks(chunk: pa.Array) -> bool:
    """Whether any value begins or ends with a blank: look at the bytes at its ends only.

    Trimming every value instead costs 60 ns each, this 4 ns.
    """
    data, offsets = text_buffers(chunk)
    filled = offsets[1:] > offsets[:-1]
    starts, ends = offsets[:-1][filled], offsets[1:][filled]
    if not len(starts):
        return False
    first, last = data[starts], data[ends - 1]
    if first.min() <= 32 or last.min() <= 32:
        return True
    for blank in _WIDE:
        for at in (starts[first == blank[0]], ends[last == blank[-1]] - len(blank)):
            at = at[(at >= offsets[0]) & (at + len(blank) <= offsets[-1])]
            if _all_bytes(data, at, blank).any():
                return True
    return False


def _all_bytes(
    data: npt.NDArray[np.uint8], at: npt.NDArray[np.int32], wanted: bytes
) -> npt.NDArray[np.bool_]:
    hit = np.ones(len(at), bool)
    for step, byte in enumerate(wanted):
        hit &= data[at + step] == byte
    return hit


def _without(chunk: pa.Array, marks: pa.Array) -> pa.Array:
    """The array with these values null, its bytes shared and not copied."""
    _, offsets = text_buffers(chunk)
    lengths = np.diff(offsets)
    short = np.flatnonzero(lengths <= _LONGEST)
    if not len(short):
        return chunk
    nothing = lengths == 0
    held = short[lengths[short] > 0]
    if len(held):
        hits = pc.is_in(chunk.take(pa.array(held)), value_set=marks).to_numpy(False)
        nothing[held[hits]] = True
    if not nothing.any():
        return chunk
    valid = ~nothing
    if chunk.null_count:
        valid &= validity(chunk)
    bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    own = pa.py_buffer(np.ascontiguousarray(offsets))
    missing = len(valid) - int(np.count_nonzero(valid))
    return pa.StringArray.from_buffers(len(chunk), own, chunk.buffers()[2], bits, missing)
