"""Which column identifies the row, not the person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.content import _UUID

_ROOM = 20
"""A counter may have this many times more numbers than rows: the rest was filtered away."""


def repeats(column: pa.ChunkedArray, origin: npt.NDArray[np.int32]) -> float:
    """Share of the rows whose value already came in the same source, 0 to 1."""
    total = unique = 0
    for source in np.unique(origin):
        mine = column.filter(pa.array(origin == source)).drop_null()
        total += len(mine)
        unique += pc.count_distinct(mine).as_py()
    return 1 - unique / total if total else 0.0


def is_row_key(
    column: pa.ChunkedArray, origin: npt.NDArray[np.int32], *, first: bool
) -> str | None:
    """Why a column is the key of the row, None where it is not.

    A key has a value in every row, each once in its source. It is a counter (with or without
    letters around it) or a technical key, or stands first. A number that several sources share
    and that is no plain counter belongs to the person, and so does a long number that does not
    count.

    Examples
    --------
    >>> ids = pa.chunked_array([[f"rec-{i}-org" for i in range(50)]])
    >>> is_row_key(ids, np.zeros(50, np.int32), first=True)
    'unique in every row, a counter'
    """
    rows = len(column)
    if rows < 2 or column.null_count or repeats(column, origin) > 0:
        return None
    shared = pc.count_distinct(column).as_py() < rows
    limit = _ROOM * rows + 100
    if _all(column, r"^\d{1,18}$"):
        counts = pc.min_max(column.cast(pa.int64())).as_py()
        if counts["max"] - counts["min"] < limit and counts["max"] < 1000 * limit:
            return "unique in every row, a counter"
        return None
    if shared:
        return None
    if _all(column, f"^(?:{_UUID})$"):
        return "unique in every row, a technical key"
    if _all(column, r"^[^\s\d]*\d{1,18}(?:\D.*)?$"):
        digits = pc.struct_field(pc.extract_regex(column, r"^\D*(?P<n>\d+)"), [0])
        largest = pc.max(digits.cast(pa.int64())).as_py()
        if largest < limit:
            return "unique in every row, a counter"
        if first and pc.max(pc.utf8_length(digits)).as_py() < 9:
            return "unique in every row, the first column"
    return None


def _all(column: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())
