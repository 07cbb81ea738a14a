"""Several rows with one record key: which of them is the newest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.gather import take
from mpi.records.order import of_rows

_TRUE = frozenset(
    {"true", "t", "1", "1.0", "y", "yes", "x", "d", "deleted", "delete", "removed"}
    | {"có", "co", "da xoa", "đã xóa", "đã xoá", "xoa", "xóa", "oui", "ja", "si", "sí", "sim"}
)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?Z?")


def says_deleted(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether each value of a `deleted` column means yes; missing means no.

    Examples
    --------
    >>> says_deleted(pa.chunked_array([["TRUE", "0", None, "x"]])).tolist()
    [True, False, False, True]
    """
    hits = pc.is_in(pc.utf8_lower(column), value_set=pa.array(sorted(_TRUE)))
    return np.asarray(pc.fill_null(hits, False).to_numpy(), bool)


def months_come_first(column: pa.ChunkedArray) -> bool:
    """Whether some value of an `updated_at` column can only be read as month, day and year.

    Examples
    --------
    >>> months_come_first(pa.chunked_array([["03/04/2024", "04/25/2024"]]))
    True
    """
    return any(_is_month_first(v) for v in column.unique().to_pylist() if v is not None)


def _is_month_first(text: str) -> bool:
    found = _NUMERIC.fullmatch(text)
    return found is not None and int(found.group(2)) > 12


def moments(column: pa.ChunkedArray, *, month_first: bool | None = None) -> npt.NDArray[np.float64]:
    """Seconds since 1970 of each value of an `updated_at` column, NaN where it is no date.

    Days come before months unless some value can only be read the other way round; a moment
    without a time zone counts as UTC.

    Parameters
    ----------
    month_first : how dates are read that can be read in both ways; as these values say if not given

    Examples
    --------
    >>> m = moments(pa.chunked_array([["2024-01-02", "2024-01-02T07:00:00+07:00", "soon"]]))
    >>> bool(m[0] == m[1]), bool(np.isnan(m[2]))
    (True, True)
    """
    coded = column.dictionary_encode()  # every piece has the values of all
    values = coded.chunk(0).dictionary.to_pylist() if coded.num_chunks else []
    if month_first is None:
        month_first = any(map(_is_month_first, values))
    times = np.array([*(_moment(v, month_first) for v in values), np.nan], np.float64)
    return of_rows(coded, times)


@lru_cache(maxsize=1 << 16)  # days come again in each part of a table that is read in parts
def _moment(text: str, month_first: bool) -> float:
    parts: tuple[str | None, ...] | None = None
    numeric = _NUMERIC.fullmatch(text)
    compact = _COMPACT.fullmatch(text)
    if numeric is not None:
        a, b, year, *time = numeric.groups()
        parts = (year, a, b, *time) if month_first else (year, b, a, *time)
    elif compact is not None and "1000" < text[:4] < "2999":
        parts = compact.groups()
    try:
        if parts is not None:
            return datetime(*(int(p or 0) for p in parts), tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]
        if re.fullmatch(r"\d{9,}(\.\d+)?", text):
            since = float(text)
            return since / 1000 if since > 1e11 else since
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def newest(
    key: npt.NDArray[np.int64],
    updated: npt.NDArray[np.float64],
    content: Mapping[str, pa.ChunkedArray],
    rows: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """Which version of each key to keep.

    The latest `updated` wins; a row without it is older than any with it. Where that settles
    nothing, neither the order of rows nor that of files may decide, so the content does: the
    row whose values come last in byte order, column by column by name, a missing value first.

    Parameters
    ----------
    key : int64[n_versions], one number a key
    updated : float64[n_versions], NaN where unknown
    content : name -> string column
    rows : int64[n_versions], the row of each version in the columns; None: they are as many

    Returns
    -------
    int64[n_keys], indices of versions, in the order of the keys

    Examples
    --------
    >>> content = {"name": pa.chunked_array([["An", "Ba", "Vu"]])}
    >>> newest(np.array([0, 0, 1]), np.full(3, np.nan), content).tolist()
    [1, 2]
    """
    moment = np.where(np.isnan(updated), -np.inf, updated)
    order = np.lexsort((moment, key))
    group, moment = key[order], moment[order]
    last = np.append(group[1:] != group[:-1], True)
    # of each key only those with its latest moment are left
    latest = moment == moment[last][np.cumsum(np.append(0, last[:-1]))]
    left = order[latest]
    for name in sorted(content):
        group = key[left]
        tied = np.append(group[1:] == group[:-1], False)
        tied[1:] |= tied[:-1]
        if not tied.any():
            break
        contested = left[tied]
        ranks = _ranks(take(content[name], contested if rows is None else rows[contested]))
        best = np.maximum.reduceat(ranks, _begins(key[contested]))
        stays = np.ones(len(left), bool)
        stays[tied] = ranks == best[np.cumsum(_is_first(key[contested])) - 1]
        left = left[stays]
    return np.asarray(left[_begins(key[left])], np.int64)


def _is_first(group: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    first: npt.NDArray[np.bool_] = np.append(True, group[1:] != group[:-1])
    return first


def _begins(group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where each stretch of one key begins; there is one at least."""
    return np.flatnonzero(_is_first(group))


def _ranks(values: pa.Array) -> npt.NDArray[np.int64]:
    """Rank of each value in its column, -1 where missing."""
    coded = values.dictionary_encode()
    missing = len(coded.dictionary)
    ranks = np.full(missing + 1, -1, np.int64)
    ranks[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(missing)
    return np.asarray(ranks[coded.indices.fill_null(missing).to_numpy(zero_copy_only=False)])
