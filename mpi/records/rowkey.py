"""Which column identifies the row, not the person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.columns import mixed
from mpi.records.content import _UUID
from mpi.records.gather import take
from mpi.records.text import validity

_ROWS = 1 << 20
"""Rows whose values are looked at together."""
_ROOM = 20
"""A counter may have this many times more numbers than rows: the rest was filtered away."""


def repeats(column: pa.ChunkedArray, origin: npt.NDArray[np.int32]) -> float:
    """Share of the rows whose value already came in the same source, 0 to 1.

    Examples
    --------
    >>> ids = pa.chunked_array([["7", "8", None, "7", "7"]])
    >>> repeats(ids, np.array([0, 0, 0, 0, 1], np.int32))
    0.25
    """
    total = len(column) - column.null_count
    if not total:
        return 0.0
    number = origin.astype(np.uint64)
    valid = np.empty(len(column), np.bool_)
    at = 0
    for chunk in column.chunks:
        rows = slice(at, at + len(chunk))
        number[rows] = mixed(number[rows], chunk)
        valid[rows] = validity(chunk)
        at += len(chunk)
    ordered = np.sort(number[valid])
    met = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    del ordered
    if not len(met):  # different numbers are of different values
        return 0.0
    place = np.minimum(np.searchsorted(met, number), len(met) - 1)
    rows_again = np.flatnonzero((met[place] == number) & valid)
    del place
    rows_again = rows_again[np.argsort(number[rows_again], kind="stable")]
    number = number[rows_again]
    unique = total - len(rows_again)
    at = 0
    while at < len(number):
        # all rows with one number together
        end = int(np.searchsorted(number, number[min(at + _ROWS, len(number)) - 1], "right"))
        mine = rows_again[at:end]
        values = pa.table({"source": origin[mine], "value": take(column, mine)})
        unique += values.group_by(["source", "value"]).aggregate([]).num_rows
        at = end
    return float(1 - unique / total)


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
    shared = bool((origin != origin[0]).any()) and repeats(column, np.zeros_like(origin)) > 0
    limit = _ROOM * rows + 100
    if _all(column, r"^\d{1,18}$"):
        numbers = [pc.min_max(c.cast(pa.int64())).as_py() for c in column.chunks if len(c)]
        least, most = min(n["min"] for n in numbers), max(n["max"] for n in numbers)
        if most - least < limit and most < 1000 * limit:
            return "unique in every row, a counter"
        return None
    if shared:
        return None
    if _all(column, f"^(?:{_UUID})$"):
        return "unique in every row, a technical key"
    if _all(column, r"^[^\s\d]*\d{1,18}(?:\D.*)?$"):
        largest = longest = 0
        for chunk in column.chunks:
            digits = pc.struct_field(pc.extract_regex(chunk, r"^\D*(?P<n>\d+)"), [0])
            largest = max(largest, pc.max(digits.cast(pa.int64())).as_py() or 0)
            longest = max(longest, pc.max(pc.utf8_length(digits)).as_py() or 0)
        if largest < limit:
            return "unique in every row, a counter"
        if first and longest < 9:
            return "unique in every row, the first column"
    return None


def _all(column: pa.ChunkedArray, pattern: str) -> bool:
    return all(
        pc.all(pc.match_substring_regex(chunk, pattern)).as_py()
        for chunk in column.chunks
        if len(chunk)
    )
