"""Rows of text columns in another order, written piece by piece to where they stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.shelf import LIMIT, Room
from mpi.records.spool import HELD
from mpi.records.text import text_buffers
from mpi.scratch import Scratch

Rows = npt.NDArray[np.int64]

_STEP = 1 << 16
_MOST = 1 << 28
"""Rows and bytes of one piece on its way."""


def gather(
    column: pa.ChunkedArray,
    rows: Rows | None,
    scratch: Scratch,
    *,
    limit: int | None = None,
    step: int = _STEP,
) -> pa.ChunkedArray:
    """The column with these rows in this order, in one piece; in several beyond the limit.

    Parameters
    ----------
    column : string
    rows : int64[n]; None takes all as they stand, and what is in one piece is not copied
    limit : bytes of text in one piece, `LIMIT` if not given
    step : rows that are on their way at a time

    Examples
    --------
    >>> column = pa.chunked_array([["An", None], ["Ba"]])
    >>> gather(column, np.array([2, 0, 1]), Scratch()).chunks[0].to_pylist()
    ['Ba', 'An', None]
    """
    if rows is None and column.num_chunks == 1:
        return column
    limit = limit or LIMIT
    if rows is not None and column.num_chunks > 1 and not _along(column, rows, step):
        # rows from here and there would be moved twice: first out of each piece, then between them
        column = gather(column, None, scratch, limit=limit, step=step)
    taken = _Taken(scratch, limit)
    if rows is None:
        taken.left = len(column), sum(_size(chunk) for chunk in column.chunks)
        for part in _slices(column, step, min(limit, _MOST)):
            taken.add(part)
    else:
        starts = np.cumsum([0, *map(len, column.chunks)])
        lengths = _lengths(column)[rows]
        taken.left = len(rows), int(lengths.sum(dtype=np.int64))

        def size(begin: int, end: int) -> int:
            return int(lengths[begin:end].sum(dtype=np.int64))

        for begin, end in _cuts(len(rows), step, min(limit, _MOST), size):
            for part in _parts(column.chunks, starts, rows[begin:end]):
                taken.add(part)
    scratch.let_go()
    return taken.column()


class _Taken:
    """The pieces of a column that were written so far.

    left : rows and bytes that are still to come
    """

    def __init__(self, scratch: Scratch, limit: int) -> None:
        self._scratch = scratch
        self._limit = limit
        self._rooms: list[Room] = []
        self._held = 0
        self.left = (0, 0)

    def add(self, part: pa.Array) -> None:
        """The next rows."""
        size = _size(part)
        if not self._rooms or not self._rooms[-1].fits(len(part), size):
            self._rooms.append(self._room(len(part), size))
        self._rooms[-1].add(part)
        rows, left = self.left
        self.left = rows - len(part), left - size
        self._held += size
        if self._held >= HELD:
            self._scratch.let_go()
            self._held = 0

    def _room(self, rows: int, size: int) -> Room:
        all_rows, all_bytes = self.left
        if all_bytes > self._limit:
            share = all_rows * self._limit // all_bytes + rows
            return Room(self._scratch, min(share, all_rows), max(self._limit, size))
        return Room(self._scratch, max(all_rows, rows), max(all_bytes, size))

    def column(self) -> pa.ChunkedArray:
        """All of it, in one piece at least."""
        if not self._rooms:
            self._rooms.append(self._room(0, 0))
        return pa.chunked_array([room.array() for room in self._rooms], pa.string())


def take(column: pa.ChunkedArray, rows: Rows) -> pa.Array:
    """Some rows of a column, few enough for memory."""
    if not len(rows):
        return pa.array([], column.type)
    starts = np.cumsum([0, *map(len, column.chunks)])
    parts = list(_parts(column.chunks, starts, rows))
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


def take_table(table: pa.Table, rows: Rows, scratch: Scratch | None = None) -> pa.Table:
    """Some rows of a table, few enough for memory.

    scratch : where the table lies; its columns are let go one by one
    """
    columns = []
    for column in table.columns:
        columns.append(take(column, rows))
        if scratch is not None:
            scratch.let_go()
    return pa.table(columns, table.column_names)


def _size(texts: pa.Array) -> int:
    _, offsets = text_buffers(texts)
    return int(offsets[-1]) - int(offsets[0])


def _lengths(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """int32[n], bytes of each value, of what stands at a missing one too."""
    lengths = np.empty(len(column), np.int32)
    at = 0
    for chunk in column.chunks:
        _, offsets = text_buffers(chunk)
        np.subtract(offsets[1:], offsets[:-1], out=lengths[at : at + len(chunk)])
        at += len(chunk)
    return lengths


def _cuts(
    rows: int, step: int, most: int, size: Callable[[int, int], int]
) -> Iterator[tuple[int, int]]:
    """Stretches of at most `step` rows and, where a row alone is not more, `most` bytes."""
    for at in range(0, rows, step):
        stretches = [(at, min(at + step, rows))]
        while stretches:
            begin, end = stretches.pop()
            if end - begin == 1 or size(begin, end) <= most:
                yield begin, end
            else:
                middle = (begin + end) // 2
                stretches += [(middle, end), (begin, middle)]


def _slices(column: pa.ChunkedArray, step: int, most: int) -> Iterator[pa.Array]:
    for chunk in column.chunks:
        _, offsets = text_buffers(chunk)

        def size(begin: int, end: int, offsets: npt.NDArray[np.int32] = offsets) -> int:
            return int(offsets[end]) - int(offsets[begin])

        for begin, end in _cuts(len(chunk), step, most, size):
            yield chunk.slice(begin, end - begin)


def _along(column: pa.ChunkedArray, rows: Rows, step: int) -> bool:
    """Whether rows that are near one another come from one piece, or from one after the other."""
    starts = np.cumsum([0, *map(len, column.chunks)])
    for at in range(0, len(rows), step):
        part = rows[at : at + step]
        first, last = np.searchsorted(starts, [part.min(), part.max()], "right")
        if first < last and (np.diff(np.searchsorted(starts, part, "right")) < 0).any():
            return False
    return True


def _parts(chunks: list[pa.Array], starts: npt.NDArray[np.int64], rows: Rows) -> Iterator[pa.Array]:
    """The rows, in arrays one after the other."""
    first, last = np.searchsorted(starts, [rows.min(), rows.max()], "right") - 1
    if first == last:
        yield _of(chunks[first], rows - starts[first])
        return
    which = np.searchsorted(starts, rows, "right") - 1
    steps = np.diff(which)
    if (steps >= 0).all():
        for part in np.split(rows, np.flatnonzero(steps) + 1):
            chunk = int(np.searchsorted(starts, part[0], "right")) - 1
            yield _of(chunks[chunk], part - starts[chunk])
        return
    by = np.argsort(which, kind="stable")
    back = np.empty_like(by)
    back[by] = np.arange(len(by))
    yield pa.concat_arrays(list(_parts(chunks, starts, rows[by]))).take(pa.array(back))


def _of(chunk: pa.Array, rows: Rows) -> pa.Array:
    if rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
        return chunk.slice(int(rows[0]), len(rows))
    return chunk.take(pa.array(rows))
