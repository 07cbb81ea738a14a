"""Rows in the order of their keys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


def in_key_order(
    table: pa.Table, source: pa.ChunkedArray, record_id: pa.ChunkedArray
) -> tuple[pa.Table, pa.ChunkedArray, pa.ChunkedArray]:
    """The three with their rows sorted by (source, record_id), in the byte order of their UTF-8.

    Tables that come sorted, as extracts by key do, are not copied.
    """
    coded = source.combine_chunks().dictionary_encode()
    ranks = np.empty(len(coded.dictionary), np.int32)
    ranks[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(ranks), dtype=np.int32)
    codes = ranks[coded.indices.to_numpy()]
    if _is_sorted(codes, record_id):
        return table, source, record_id
    if len(ranks) == 1:
        order = pc.sort_indices(record_id)
    else:
        keys = pa.table({"source": pa.array(codes), "record_id": record_id})
        order = pc.sort_indices(
            keys, sort_keys=[("source", "ascending"), ("record_id", "ascending")]
        )
    return (
        pa.table([_take(c, order) for c in table.columns], table.column_names),
        _take(source, order),
        _take(record_id, order),
    )


def _take(column: pa.ChunkedArray, order: pa.Array) -> pa.ChunkedArray:
    """Rows in another order; in pieces where their bytes pass what 32-bit offsets can count."""
    if column.nbytes < 1 << 30:
        return pa.chunked_array([column.combine_chunks().take(order)])
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
