"""Record keys as columns: how they are written, and which rows of two tables share one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.text import text_buffers

Rows = npt.NDArray[np.int64]

KEY = ("source", "record_id")
MANY = 50_000
"""Tables of fewer rows go through Arrow: loading a kernel takes longer."""
_STEP = 1 << 20
"""Keys that are written as texts at a time, at least."""


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


def key_table(keys: Iterable[tuple[str, str]]) -> pa.Table:
    """Record keys as columns.

    Examples
    --------
    >>> key_table([("hue", "7"), ("hue", "9")])["record_id"].to_pylist()
    ['7', '9']
    """
    listed = list(keys)
    columns = [pa.array([key[i] for key in listed], pa.string()) for i in range(len(KEY))]
    return pa.table(columns, names=list(KEY))


def find_keys(wanted: pa.Table, table: pa.Table) -> Rows:
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
    if not len(wanted) or not len(table):
        return np.full(len(wanted), -1, np.int64)
    located = locate_keys(wanted, table)
    if located is not None:
        return np.where(located[1], located[0], -1)
    sources = as_array(table["source"]).unique()

    def joined(rows: pa.Table) -> pa.Array:
        # A source may hold a colon; its number does not, so no two keys share a text.
        number = pc.index_in(rows["source"], sources).cast(pa.string())
        return as_array(pc.binary_join_element_wise(number, rows["record_id"], ":"))

    known, step = joined(table), max(_STEP, len(table))
    # A source that `table` does not have gives null, which is found nowhere.
    found = [
        pc.index_in(joined(wanted.slice(at, step)), known, skip_nulls=True)
        for at in range(0, len(wanted), step)
    ]
    return np.concatenate([_places(rows) for rows in found])


def _places(found: pa.Array) -> Rows:
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def locate_keys(
    wanted: pa.Table, table: pa.Table, *, many: int | None = None
) -> tuple[Rows, npt.NDArray[np.bool_]] | None:
    """Where the wanted record keys stand in a table in key order, or would stand.

    Parameters
    ----------
    many : rows from which on a table is looked at, `MANY` if not given

    Returns
    -------
    int64[n_wanted], bool[n_wanted]
        The first row whose key is not before the wanted one, and whether it is the same. None of
        small tables, of tables in another order and where keys are missing: `find_keys` has
        another way for these.
    """
    if len(table) < (MANY if many is None else many) or len(wanted) == 0:
        return None
    columns = [as_array(t[name]) for t in (wanted, table) for name in KEY]
    if any(column.null_count for column in columns):
        return None
    from mpi.records import _kernels

    wanted_source, wanted_id, source, record_id = columns
    coded = source.dictionary_encode()
    codes, names = coded.indices.to_numpy(), coded.dictionary.to_pylist()
    begins = np.append(np.flatnonzero(np.diff(codes, prepend=-1)), len(codes))
    data, offsets = text_buffers(record_id)
    # Codes are given in the order of the rows, so in order they ascend with the sources.
    known = [name.encode() for name in names]
    if known != sorted(known) or _kernels.ascend(codes, offsets, data) < len(codes):
        return None
    asked = wanted_source.dictionary_encode()
    low = [bisect_left(known, name.encode()) for name in asked.dictionary.to_pylist()]
    high = [bisect_right(known, name.encode()) for name in asked.dictionary.to_pylist()]
    stretch = asked.indices.to_numpy()
    place, found = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.bool_)
    wanted_data, wanted_offsets = text_buffers(wanted_id)
    first, end = begins[np.array(low)][stretch], begins[np.array(high)][stretch]
    _kernels.locate_texts(first, end, wanted_offsets, wanted_data, offsets, data, place, found)
    return place, found
