"""Rows of a large table, bucket by bucket, without the table in memory.

A bucket's rows lie all over the table: who takes them looks at nearly every page of a mapped file.
So several small buckets are taken at once, one column after the other, and what was looked at is
let go of before it is as much as a large job's memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.index.merge import bucket_starts
from mpi.scratch import Scratch

Rows = npt.NDArray[np.integer]

AT_ONCE = 96 << 20
"""Bytes of the rows that are taken at once, about; a single bucket may have more."""
_GROUPS = 8
"""So many groups at least, where there are as many buckets, for all threads to have some."""
_HELD = 192 << 20
"""Bytes that are looked at before they are let go of."""


@dataclass
class Walk:
    """Takes rows of tables that may lie in scratch files; threads may share it."""

    scratch: Scratch
    _seen: int = field(default=0, repr=False)

    def take(self, table: pa.Table, rows: Rows) -> pa.Table:
        """These rows of a table."""
        columns = []
        for column in table.columns:
            columns.append(_taken(column, rows))
            self.saw(column.nbytes)
        return pa.table(columns, schema=table.schema)

    def saw(self, size: int) -> None:
        """So many bytes more were looked at."""
        self._seen += size
        if self._seen >= _HELD:
            self._seen = 0
            self.scratch.let_go()


@dataclass(frozen=True)
class Parted:
    """Which rows each hash bucket has.

    order : int32 or int64[n_rows], the rows by bucket, ascending in each
    starts : int64[buckets + 1], where each bucket begins
    """

    order: Rows
    starts: npt.NDArray[np.int64]

    def rows(self, bucket: int, end: int | None = None) -> Rows:
        """The rows of a bucket, or of those before another one."""
        until = bucket + 1 if end is None else end
        return self.order[self.starts[bucket] : self.starts[until]]

    def groups(self, size: int) -> list[range]:
        """All buckets, those together whose rows are few enough.

        size : bytes of all rows together

        Examples
        --------
        >>> parted = part(np.array([0, 1, 1, 2, 2, 2], np.uint16), 4)
        >>> parted.groups(10)
        [range(0, 1), range(1, 2), range(2, 3), range(3, 4)]
        """
        total, begin, found = max(len(self.order), 1), 0, []
        most = min(AT_ONCE, size // _GROUPS)
        for end in range(1, len(self.starts)):
            last = end == len(self.starts) - 1
            rows = self.starts[end if last else end + 1] - self.starts[begin]
            if last or rows * size > most * total:
                found.append(range(begin, end))
                begin = end
        return found


def part(numbers: npt.NDArray[np.uint16], buckets: int) -> Parted:
    """The rows of each bucket.

    Parameters
    ----------
    numbers : uint16[n_rows], the bucket of each row
    """
    order: Rows = np.argsort(numbers, kind="stable")
    if len(order) <= np.iinfo(np.int32).max:
        order = order.astype(np.int32)
    return Parted(order, bucket_starts(numbers, buckets))


def _taken(column: pa.ChunkedArray, rows: Rows) -> pa.Array:
    """Some rows of a column in one piece; one that is in several is not put together for it."""
    if column.num_chunks == 1:
        return column.chunk(0).take(pa.array(rows))
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    chunks = np.searchsorted(ends, rows, side="right")
    parts, order = [pa.array([], column.type)], np.argsort(chunks, kind="stable")
    for k, chunk in enumerate(column.chunks):
        parts.append(chunk.take(pa.array(rows[chunks == k] - (ends[k] - len(chunk)))))
    place = np.empty(len(rows), np.int64)
    place[order] = np.arange(len(rows))
    return pa.concat_arrays(parts).take(pa.array(place))
