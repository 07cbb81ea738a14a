"""Which hash bucket a record key falls in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.encode.hashes import FIRST_HASH, hash_column, hash_one

PAIR = ("source_a", "record_id_a", "source_b", "record_id_b")
ROWS_PER_BUCKET = 100_000
MOST_BUCKETS = 256
_LAST = 0x9E3779B97F4A7C15


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


def hash_keys(columns: list[pa.ChunkedArray]) -> npt.NDArray[np.uint64]:
    """uint64[n]: a hash of each key; the same for the same key on every machine.

    Parameters
    ----------
    columns : string[n] each, the columns of the key
    """
    hashes = np.full(len(columns[0]), FIRST_HASH, dtype=np.uint64)
    done = 0
    for batch in pa.table(columns, [str(i) for i in range(len(columns))]).to_batches():
        own = hashes[done : done + len(batch)]
        for column in batch.columns:
            hash_column(column, own)
        done += len(batch)
    return hashes


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
    if buckets == 1:
        return np.zeros(len(columns[0]), dtype=np.uint16)
    # FNV's low bits are its best; a last multiplication carries them to the top.
    hashes = hash_keys(columns) * np.uint64(_LAST)
    return (hashes >> np.uint64(64 - (buckets.bit_length() - 1))).astype(np.uint16)


def bucket_number(key: Sequence[str], buckets: int) -> int:
    """The hash bucket of one key, as `bucket_numbers` has it.

    Examples
    --------
    >>> columns = [pa.chunked_array([[part]]) for part in ("hanoi", "17")]
    >>> bucket_number(("hanoi", "17"), 64) == int(bucket_numbers(columns, 64)[0])
    True
    """
    if buckets == 1:
        return 0
    state = FIRST_HASH
    for part in key:
        state = hash_one(part.encode(), state)
    return (state * _LAST & (1 << 64) - 1) >> (64 - (buckets.bit_length() - 1))
