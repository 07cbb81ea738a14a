"""Record keys as columns: which rows of two tables share a key, and which bucket a key falls in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

KEY = ("source", "record_id")
PAIR = ("source_a", "record_id_a", "source_b", "record_id_b")
ROWS_PER_BUCKET = 100_000
MOST_BUCKETS = 256
FIRST_HASH = 0xCBF29CE484222325


def as_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    if isinstance(column, pa.ChunkedArray):
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


def choose_buckets(rows: int) -> int:
    """Hash buckets for an index that begins with so many records: a power of two.

    Examples
    --------
    >>> [choose_buckets(n) for n in (0, 200_000, 1_000_000, 10_000_000, 10**9)]
    [1, 2, 8, 64, 256]
    """
    buckets = 1
    while buckets * 2 * ROWS_PER_BUCKET <= rows and buckets < MOST_BUCKETS:
        buckets *= 2
    return buckets


def hash_column(column: pa.Array, hashes: npt.NDArray[np.uint64]) -> None:
    """Carry each text of a string array into its hash, in place; begin with `FIRST_HASH`."""
    from mpi.index._kernels import hash_texts

    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    hash_texts(places, text, hashes)


def bucket_numbers(columns: list[pa.ChunkedArray], buckets: int) -> npt.NDArray[np.uint16]:
    """The hash bucket of each key; the same for the same key in every table and on every machine.

    Parameters
    ----------
    columns : string[n] each, the columns of the key
    buckets : a power of two, at most 256

    Returns
    -------
    uint16[n], 0 to buckets - 1
    """
    rows = len(columns[0])
    if buckets == 1:
        return np.zeros(rows, dtype=np.uint16)
    numbers = np.empty(rows, dtype=np.uint16)
    shift = np.uint64(64 - (buckets.bit_length() - 1))
    done = 0
    for batch in pa.table(columns, [str(i) for i in range(len(columns))]).to_batches():
        hashes = np.full(len(batch), FIRST_HASH, dtype=np.uint64)
        for column in batch.columns:
            hash_column(column, hashes)
        # FNV's low bits are its best; a last multiplication carries them to the top.
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        numbers[done : done + len(batch)] = hashes >> shift
        done += len(batch)
    return numbers
