"""Rows in the order of their keys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.keys import as_array


def in_key_order(
    table: pa.Table, source: pa.ChunkedArray, record_id: pa.ChunkedArray
) -> tuple[pa.Table, pa.ChunkedArray, pa.ChunkedArray]:
    """The three with their rows sorted by (source, record_id), in the byte order of their UTF-8.

    Tables that come sorted, as extracts by key do, are not copied.
    """
    codes = _ranks(source)
    if _is_sorted(codes, record_id):
        return table, source, record_id
    if not codes.any():
        order = pc.sort_indices(record_id)
    else:
        keys = pa.table({"source": pa.array(codes), "record_id": record_id})
        order = pc.sort_indices(
            keys, sort_keys=[("source", "ascending"), ("record_id", "ascending")]
        )
    return (
        pa.table([take_rows(c, order) for c in table.columns], table.column_names),
        take_rows(source, order),
        take_rows(record_id, order),
    )


def keys_ascend(table: pa.Table) -> bool:
    """Whether rows are sorted by (source, record_id), of which none is missing.

    Examples
    --------
    >>> keys_ascend(pa.table({"source": ["a", "b", "b"], "record_id": ["9", "1", "2"]}))
    True
    """
    return _is_sorted(_ranks(table["source"]), table["record_id"])


def _ranks(source: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """int32[n], the rank of each row's source."""
    coded = as_array(source).dictionary_encode()
    ranks = np.empty(len(coded.dictionary), np.int32)
    ranks[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(ranks), dtype=np.int32)
    return np.asarray(ranks[coded.indices.to_numpy()])


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


def _is_sorted(source: npt.NDArray[np.int32], record_id: pa.ChunkedArray) -> bool:
    if len(source) < 2:
        return True
    step = np.diff(source)
    if (step < 0).any():
        return False
    rises = pc.less_equal(record_id[:-1], record_id[1:]).to_numpy()
    return bool((rises | (step > 0)).all())


def same_key(source: pa.ChunkedArray, record_id: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """bool[n - 1], whether a row has the key of the row before it."""
    same = pc.and_(pc.equal(source[:-1], source[1:]), pc.equal(record_id[:-1], record_id[1:]))
    return np.asarray(same.to_numpy(), bool)
