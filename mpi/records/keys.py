"""Record keys as columns: how they are written, and which rows of two tables share one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

KEY = ("source", "record_id")


def as_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    if isinstance(column, pa.ChunkedArray):
        if column.num_chunks == 1:
            return column.chunk(0)  # combining would copy it
        combined = column.combine_chunks()
        if isinstance(combined, pa.ChunkedArray):
            combined = combined.chunk(0) if combined.num_chunks else pa.array([], column.type)
        return combined
    return column


def key_text(table: pa.Table) -> pa.Array:
    """Each row's record key as people write it: ``source:record_id``.

    Returns
    -------
    string[n]
    """
    return as_array(pc.binary_join_element_wise(table["source"], table["record_id"], ":"))


def plain_keys(table: pa.Table) -> pa.Table:
    """The record keys of a table alone, with no word on whether they can be missing."""
    return pa.table([table[name] for name in KEY], names=list(KEY))


def find_keys(wanted: pa.Table, table: pa.Table) -> npt.NDArray[np.int64]:
    """The row of `table` that has each wanted record key.

    Returns
    -------
    int64[n_wanted], -1 where `table` has no such key

    Examples
    --------
    >>> table = pa.table({"source": ["a", "a"], "record_id": ["1", "2"]})
    >>> find_keys(pa.table({"source": ["a", "b"], "record_id": ["2", "2"]}), table)
    array([ 1, -1])
    """
    sources = as_array(table["source"]).unique()

    def joined(rows: pa.Table) -> pa.Array:
        # A source may hold a colon; its number does not, so no two keys share a text.
        number = pc.index_in(rows["source"], sources).cast(pa.string())
        return as_array(pc.binary_join_element_wise(number, rows["record_id"], ":"))

    # A source that `table` does not have gives null, which is found nowhere.
    found = pc.index_in(joined(wanted), joined(table), skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
