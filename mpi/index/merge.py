"""Rows of a table and what later nights changed in them, by key: exact, and never row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.keys import bucket_numbers, hash_keys
from mpi.index.workers import in_order

Rows = npt.NDArray[np.int64]
Step = tuple[pa.Table | None, pa.Table | None]
"""What one night changed: new and changed rows, and the keys of those that left."""

_MANY = 50_000


def find_rows(wanted: pa.Table, table: pa.Table, key: Sequence[str]) -> Rows:
    """The first row of `table` that has the key of each wanted row.

    Keys are looked for by a hash of 64 bits, and what is found is compared as text.

    Returns
    -------
    int64[n_wanted], -1 where `table` has no such key

    Examples
    --------
    >>> table = pa.table({"a": ["x", "y", "x"], "b": ["1", "1", "1"]})
    >>> find_rows(pa.table({"a": ["x", "y", "z"], "b": ["1", "2", "1"]}), table, ("a", "b"))
    array([ 0, -1, -1])
    """
    if not wanted.num_rows or not table.num_rows:
        return np.full(wanted.num_rows, -1, np.int64)
    own, others = (pa.array(hash_keys([t[name] for name in key])) for t in (wanted, table))
    found: Rows = pc.index_in(own, value_set=others).fill_null(-1).to_numpy().astype(np.int64)
    met = np.flatnonzero(found >= 0)
    if len(met) == 0:
        return found
    at, place = pa.array(met), pa.array(found[met])
    for name in key:
        if not pc.all(pc.equal(wanted[name].take(at), table[name].take(place))).as_py():
            return _find_texts(wanted, table, key)
    return found


def _find_texts(wanted: pa.Table, table: pa.Table, key: Sequence[str]) -> Rows:
    """The same without hashes, for the night in which two keys share one."""
    first: dict[tuple[str, ...], int] = {}
    for row, texts in enumerate(zip(*(table[name].to_pylist() for name in key), strict=True)):
        first.setdefault(texts, row)
    asked = zip(*(wanted[name].to_pylist() for name in key), strict=True)
    return np.array([first.get(texts, -1) for texts in asked], dtype=np.int64)


def merge(
    table: pa.Table, steps: Sequence[Step], key: Sequence[str], *, ordered: bool = True
) -> pa.Table:
    """A table after some steps, sorted by its key.

    Steps that the table has already may come once more: of each key the last word holds.

    Parameters
    ----------
    table : no key is in it twice
    steps : oldest first; their rows have the table's schema
    ordered : False leaves the rows that stayed first, and those of the steps behind them
    """
    parts, keys, alive = [table], [], []
    for rows, gone in reversed(steps):
        for part, lives in ((rows, True), (gone, False)):
            if part is not None and part.num_rows:
                keys.append(part.select(key))
                alive.append(np.full(part.num_rows, lives))
        if rows is not None:
            parts.append(rows)
    if not keys:
        return table
    named = pa.concat_tables(keys)
    last = find_rows(named, named, key) == np.arange(named.num_rows)
    kept = np.concatenate([find_rows(table, named, key) < 0, last[np.concatenate(alive)]])
    if not ordered:
        return take(pa.concat_tables(parts), pa.array(np.flatnonzero(kept)))
    return in_key_order(pa.concat_tables(parts), key, np.flatnonzero(kept))


def in_key_order(table: pa.Table, key: Sequence[str], rows: Rows | None = None) -> pa.Table:
    """The table sorted by its key; only these rows of it."""
    keys = table.select(key)
    if rows is not None:
        keys = keys.take(pa.array(rows))
    order = pc.sort_indices(keys, [(name, "ascending") for name in key])
    if rows is None and np.array_equal(order.to_numpy(), np.arange(len(order))):
        return table
    return take(table, order if rows is None else pa.array(rows).take(order))


def take(table: pa.Table, rows: pa.Array) -> pa.Table:
    """These rows of a table, several columns at a time where they are many.

    Column by column, each in one piece: of a table in many pieces lists take three times as long.
    """
    if len(rows) < _MANY:
        return take_rows(table, rows)
    columns = in_order(lambda column: _whole(column).take(rows), table.columns)
    return pa.table(list(columns), schema=table.schema)


def take_rows(table: pa.Table, rows: pa.Array) -> pa.Table:
    """These rows of a table, in the thread that asks."""
    columns = [_whole(column).take(rows) for column in table.columns]
    return pa.table(columns, schema=table.schema)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, which is copied only if it is in several."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def by_bucket(table: pa.Table, key: Sequence[str], buckets: int) -> tuple[pa.Table, Rows]:
    """A table sorted by hash bucket, then by key; where each bucket begins, and the last one ends.

    Raises
    ------
    ValueError
        A key is there twice.
    """
    numbers = bucket_numbers([table[name] for name in key[:2]], buckets)
    keyed = table.select(key).append_column("", pa.array(numbers))
    order = pc.sort_indices(keyed, [(name, "ascending") for name in ("", *key)])
    if has_twice(keyed.take(order), key):
        raise ValueError(f"a key ({', '.join(key)}) is there twice")
    return take(table, order), bucket_starts(numbers, buckets)


def bucket_starts(numbers: npt.NDArray[np.uint16], buckets: int) -> Rows:
    """int64[buckets + 1]: where each bucket begins in rows that are sorted by bucket."""
    return np.append(0, np.cumsum(np.bincount(numbers, minlength=buckets))).astype(np.int64)


def has_twice(table: pa.Table, key: Sequence[str]) -> bool:
    """Whether two rows that follow each other have one key."""
    n = table.num_rows
    if n < 2:
        return False
    same = np.ones(n - 1, np.bool_)
    for name in key:
        equal = pc.equal(table[name].slice(1), table[name].slice(0, n - 1))
        same &= equal.to_numpy(zero_copy_only=False)
    return bool(same.any())
