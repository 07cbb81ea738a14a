"""Rows of two tables that speak of one record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.evaluate.measures import Codes, dense

KEY = ("source", "record_id")


def codes(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """int64 codes of a text column in order of appearance, -1 for null, and the texts."""
    encoded = column.dictionary_encode().combine_chunks()
    numbers = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers, encoded.dictionary


def check_filled(table: pa.Table, what: str, columns: tuple[str, ...]) -> None:
    """Refuse a table with a null in one of these columns."""
    for name in columns:
        nulls = table.column(name).null_count
        if nulls:
            raise UsageError(f"{what}: {nulls:,} rows have no {name}; fill it or leave them out")


def join(have: pa.Table, want: pa.Table, names: tuple[str, str]) -> Codes:
    """The row of `have` with the record key of each row of `want`, -1 where there is none.

    Records are joined on (source, record_id) when both tables have a source, else on record_id.

    Parameters
    ----------
    names : what the two tables are, for messages

    Returns
    -------
    int64[n_want]

    Raises
    ------
    UsageError
        A record is there twice in one of them.
    """
    if _same_order(have, want):
        return np.arange(want.num_rows)
    one, two = _keys(have, want, names)
    table = np.full(1 + max(int(one.max(initial=-1)), int(two.max(initial=-1))), -1, np.int64)
    table[one] = np.arange(len(one))
    return table[two]


def first_key(table: pa.Table, row: int = 0) -> str:
    """A row's record key as people write it."""
    return ":".join(str(table.column(n)[row].as_py()) for n in KEY if n in table.column_names)


def _same_order(have: pa.Table, want: pa.Table) -> bool:
    """Whether both tables hold the same keys, ascending: then no key needs to be hashed."""
    if have.num_rows != want.num_rows or not have.num_rows:
        return False
    if not all(name in table.column_names for name in KEY for table in (have, want)):
        return False
    for name in KEY:
        equal = pc.equal(have.column(name), want.column(name))
        if not pc.all(equal, skip_nulls=False).as_py():
            return False
    (source, later), (record, later_record) = (
        (want.column(n).slice(0, want.num_rows - 1), want.column(n).slice(1)) for n in KEY
    )
    ascending = pc.or_kleene(
        pc.less(source, later), pc.and_(pc.equal(source, later), pc.less(record, later_record))
    )
    return bool(pc.all(ascending, skip_nulls=False).as_py())


def _keys(have: pa.Table, want: pa.Table, names: tuple[str, str]) -> tuple[Codes, Codes]:
    """One dense code space for the record keys of both tables."""
    ids = _both(have, want, "record_id")[0]
    n = have.num_rows
    by_source = all("source" in t.column_names for t in (have, want))
    if by_source:
        sources, texts = _both(have, want, "source")
        ids, _ = dense(ids * (len(texts) + 1) + sources + 1)
    for side, table, keys in ((0, have, ids[:n]), (1, want, ids[n:])):
        counts = np.bincount(keys) if len(keys) else np.zeros(1, np.int64)
        if counts.max() > 1:
            row = int(np.argmax(counts[keys] > 1))
            many = int((counts > 1).sum())
            raise UsageError(_repeated(names[side], names[1 - side], table, row, many, by_source))
    return ids[:n], ids[n:]


def _both(have: pa.Table, want: pa.Table, name: str) -> tuple[Codes, pa.Array]:
    chunks = [*have.column(name).chunks, *want.column(name).chunks]
    return codes(pa.chunked_array(chunks, pa.string()))


def _repeated(what: str, other: str, table: pa.Table, row: int, many: int, by_source: bool) -> str:
    name = table.column("record_id")[row].as_py()
    if "source" in table.column_names and not by_source:
        return (
            f"{many:,} record ids of the {what} repeat across sources, the first is '{name}', and "
            f"the {other} has no column 'source'; add it, so that records can be told apart"
        )
    if by_source:
        name = first_key(table, row)
    return (
        f"{many:,} records of the {what} are there more than once, the first is '{name}'; "
        "each record has one row"
        + ("" if by_source else ", and a column 'source' where record ids repeat across sources")
    )
