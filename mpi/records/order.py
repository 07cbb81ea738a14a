"""Rows in the order of their keys."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.gather import Rows, gather
from mpi.records.keys import as_array
from mpi.scratch import Scratch

Number = TypeVar("Number", bound=np.generic)

_STEP = 1 << 20
_GROUP = 1 << 17
"""Rows that are looked at, and at least sorted, at a time."""


def in_key_order(
    source: npt.NDArray[np.int32],
    record_id: pa.ChunkedArray,
    rows: Rows | None,
    scratch: Scratch,
) -> Rows | None:
    """Rows sorted by (source, record_id), the latter in the byte order of its UTF-8.

    Parameters
    ----------
    source : int32[n], the rank of each row's source
    record_id : string[n]
    rows : int64[n_kept], ascending, those that are wanted; None means all

    Returns
    -------
    int64[n_kept]; or `rows` where they are in order as they are, as in extracts by key
    """
    if rows is not None:
        source, record_id = source[rows], gather(record_id, rows, scratch)
    if _is_sorted(source, record_id):
        return rows
    order = np.empty(len(source), np.int64)
    grouped = None if _ascends(source) else np.argsort(source, kind="stable")
    ranks = source if grouped is None else source[grouped]
    for begin, end in _groups(ranks):
        if grouped is None:
            mine = np.arange(begin, end)
            ids = record_id.slice(begin, end - begin)
        else:
            mine = grouped[begin:end]
            ids = gather(record_id, mine, scratch)
        if ranks[begin] == ranks[end - 1]:
            sorted_rows = pc.sort_indices(ids)
        else:
            keys = pa.table({"source": ranks[begin:end], "record_id": ids})
            sorted_rows = pc.sort_indices(keys, [(name, "ascending") for name in keys.column_names])
        order[begin:end] = mine[sorted_rows.to_numpy()]
    scratch.let_go()
    return order if rows is None else rows[order]


def keys_ascend(table: pa.Table) -> bool:
    """Whether rows are sorted by (source, record_id), of which none is missing.

    Examples
    --------
    >>> keys_ascend(pa.table({"source": ["a", "b", "b"], "record_id": ["9", "1", "2"]}))
    True
    """
    return _is_sorted(ranked(table["source"])[0], table["record_id"])


def ranked(source: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """int32[n], the rank of each value, -1 where it is missing; and the unique ones in order.

    Examples
    --------
    >>> ranks, names = ranked(pa.chunked_array([["hue", "hanoi"], [None, "hue"]]))
    >>> ranks.tolist(), names.to_pylist()
    ([1, 0, -1, 1], ['hanoi', 'hue'])
    """
    coded = source.dictionary_encode()  # every piece has the values of all
    names = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], source.type)
    order = pc.sort_indices(names)
    ranks = np.full(len(names) + 1, -1, np.int32)
    ranks[order.to_numpy()] = np.arange(len(names), dtype=np.int32)
    return of_rows(coded, ranks), names.take(order)


def of_rows(coded: pa.ChunkedArray, by_value: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """What is known of each value of a column, for each of its rows.

    Parameters
    ----------
    coded : a column whose pieces all have the same dictionary
    by_value : [n_values + 1], the last one is of missing values

    Examples
    --------
    >>> column = pa.chunked_array([["hue", None], ["hue"]]).dictionary_encode()
    >>> of_rows(column, np.array([7, -1])).tolist()
    [7, -1, 7]
    """
    rows = np.empty(len(coded), by_value.dtype)
    at = 0
    for chunk in coded.chunks:
        codes = chunk.indices.fill_null(len(by_value) - 1).to_numpy(zero_copy_only=False)
        rows[at : at + len(chunk)] = by_value[codes]
        at += len(chunk)
    return rows


def take_rows(column: pa.ChunkedArray, order: pa.Array) -> pa.ChunkedArray:
    """Rows in another order; in pieces where their bytes pass what 32-bit offsets can count."""
    if column.nbytes < 1 << 30:
        return pa.chunked_array([as_array(column).take(order)])
    wide = column.cast(pa.large_string()).combine_chunks()
    step = max(1, len(order) * (1 << 28) // column.nbytes)
    pieces = [
        wide.take(order.slice(at, step)).cast(pa.string()) for at in range(0, len(order), step)
    ]
    return pa.chunked_array(pieces, pa.string())


def _ascends(source: npt.NDArray[np.int32]) -> bool:
    return bool((source[1:] >= source[:-1]).all())


def _groups(ranks: npt.NDArray[np.int32]) -> list[tuple[int, int]]:
    """Stretches of whole sources that are large enough to be worth a sorting of their own."""
    ends = np.append(np.flatnonzero(ranks[1:] != ranks[:-1]) + 1, len(ranks))
    groups, begin = [], 0
    for end in ends.tolist():
        if end - begin >= _GROUP or end == len(ranks):
            groups.append((begin, end))
            begin = end
    return groups


def _is_sorted(source: npt.NDArray[np.int32], record_id: pa.ChunkedArray) -> bool:
    for at in range(0, len(source) - 1, _STEP):
        ranks, ids = source[at : at + _STEP + 1], record_id.slice(at, _STEP + 1)
        if not _ascends(ranks):
            return False
        rises = pc.less_equal(ids[:-1], ids[1:]).to_numpy()
        if not (rises | (ranks[1:] > ranks[:-1])).all():
            return False
    return True


def same_key(source: npt.NDArray[np.int32], record_id: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """bool[n - 1], whether a row has the key of the row before it."""
    same = np.equal(source[1:], source[:-1])
    for at in range(0, len(same), _STEP):
        ids = record_id.slice(at, _STEP + 1)
        same[at : at + _STEP] &= pc.equal(ids[:-1], ids[1:]).to_numpy()
    return same
