"""Stored records and tonight's records become the records from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.keys import KEY, as_array, find_keys, locate_keys
from mpi.records.order import keys_ascend, take_rows
from mpi.records.table import Field, RecordTable
from mpi.records.versions import moments
from mpi.schema import Kind

Rows = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DELETED_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), False),
        pa.field("record_id", pa.string(), False),
        pa.field("updated_at", pa.string()),
    ]
)
"""Keys that were deleted at a known time: an older version that comes late stays away."""
_LARGEST = 2**31 - 1
"""Bytes of a column that can surely be put in one piece."""


class Change(IntEnum):
    """What tonight did to a record."""

    NONE = 0
    NEW = 1
    CHANGED = 2


@dataclass(frozen=True)
class Stored:
    """The records of an index.

    data, fields : as in `RecordTable`
    ignored : columns of `data` that are no field
    deleted : keys deleted at a known time
    """

    data: pa.Table
    fields: tuple[Field, ...]
    ignored: tuple[str, ...]
    deleted: pa.Table


@dataclass(frozen=True)
class Upsert:
    """What tonight makes of the stored records.

    stored : the records from now on
    origin : int64[n], the row in the stored records that had the key before, -1 for a new key
    change : int8[n], a `Change` a record
    left : int64[n_left], stored rows whose record was deleted
    older : records that came tonight but are older than what is stored, or than its deletion
    """

    stored: Stored
    origin: Rows
    change: npt.NDArray[np.int8]
    left: Rows
    older: int

    @property
    def changed(self) -> bool:
        """Whether any record came, changed or left."""
        return bool(len(self.left) or self.change.any())


def empty() -> Stored:
    """The records of a new index."""
    data = pa.schema([(name, pa.string()) for name in KEY]).empty_table()
    return Stored(data, (), (), DELETED_SCHEMA.empty_table())


def conform(table: pa.Table, names: list[str]) -> pa.Table:
    """The table with exactly these columns as text, null where it has none."""
    columns = [
        _text(table[name])
        if name in table.column_names
        else pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
        for name in names
    ]
    return pa.table(columns, schema=_text_schema(names))


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type == pa.string() else column.cast(pa.string())


def _text_schema(names: list[str]) -> pa.Schema:
    return pa.schema([pa.field(name, pa.string(), name not in KEY) for name in names])


def _times(
    tables: list[pa.Table], names: list[str | None], month_first: bool | None
) -> list[Times]:
    """float64[n] a table: the time of each row, NaN where it has none.

    The columns are read together: whether 03/04 is in March or in April is settled for all.
    """
    columns = [
        pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
        if name is None
        else _text(table[name])
        for table, name in zip(tables, names, strict=True)
    ]
    chunks = [chunk for column in columns for chunk in column.chunks]
    every = moments(pa.chunked_array(chunks, pa.string()), month_first=month_first)
    return np.split(every, np.cumsum([len(column) for column in columns])[:-1])


def _differ(left: pa.Table, right: pa.Table) -> Mask:
    """bool[n]: rows of which any column differs; two missing values are equal."""
    differ = np.zeros(left.num_rows, dtype=np.bool_)
    for name in left.column_names:
        if name not in KEY:
            a, b = left[name], right[name]
            one = pc.coalesce(pc.not_equal(a, b), pc.xor(pc.is_null(a), pc.is_null(b)))
            differ |= one.to_numpy(zero_copy_only=False)
    return differ


def _at(times: Times, rows: Rows) -> Times:
    """The times at these rows, NaN where the row is -1. A comparison with NaN is false."""
    return np.append(times, np.nan)[rows] if len(times) else np.full(len(rows), np.nan)


def _sorted_by_key(table: pa.Table) -> pa.Array:
    return pc.sort_indices(table.select(KEY), [(name, "ascending") for name in KEY])


def _merged_order(old: pa.Table, kept: Rows, added: pa.Table) -> Rows:
    """int64[n], the rows of the kept stored ones and the added ones, one after the other, by key.

    Those that are stored are in key order, tonight's as a rule: putting them in between takes a
    hundredth of the time of sorting texts.
    """
    several = len(kept) > 0 and len(added) > 0
    located = locate_keys(added, old) if several else None
    order = np.arange(len(kept) + len(added))
    if located is None:
        both = pa.concat_tables([old.select(KEY).take(pa.array(kept)), added.select(KEY)])
        return order if keys_ascend(both) else _sorted_by_key(both).to_numpy().astype(np.int64)
    before = np.searchsorted(kept, located[0])
    if not keys_ascend(added):
        rank = _sorted_by_key(added).to_numpy()
        before, order[len(kept) :] = before[rank], order[len(kept) :][rank]
    places = before + np.arange(len(before))
    rows = np.empty_like(order)
    rows[places] = order[len(kept) :]
    others = np.ones(len(rows), np.bool_)
    others[places] = False
    rows[others] = order[: len(kept)]
    return rows


def _in_one_piece(table: pa.Table) -> pa.Table:
    """The table with each column in one piece; as it is where that is so, or cannot be."""
    columns = [
        column
        if column.num_chunks == 1 or column.nbytes > _LARGEST
        else pa.chunked_array([as_array(column)])
        for column in table.columns
    ]
    return pa.table(columns, schema=table.schema)


def _united(old: pa.Table, kept: Rows, new: pa.Table, added: Rows, order: Rows) -> pa.Table:
    """The kept stored rows and tonight's added ones, in an order."""
    if len(kept) == 0 and len(added) == len(new) and (np.diff(order) == 1).all():
        return _in_one_piece(new)
    rows = pa.array(np.append(kept, added + len(old))[order])
    columns = [
        take_rows(pa.chunked_array([*old[name].chunks, *new[name].chunks], pa.string()), rows)
        for name in new.column_names
    ]
    return pa.table(columns, schema=new.schema)


@dataclass(frozen=True)
class _Table:
    """A table of keys with the time of each."""

    data: pa.Table
    times: Times

    def __len__(self) -> int:
        return int(self.data.num_rows)

    def keep(self, mask: Mask) -> _Table:
        return _Table(self.data.filter(pa.array(mask)), self.times[mask])


def _delete(old: _Table, tombs: _Table, deleted: _Table) -> tuple[Rows, _Table]:
    """Stored rows that leave, and the keys that are now known as deleted."""
    rows, known = find_keys(deleted.data, old.data), find_keys(deleted.data, tombs.data)
    leaves = (rows >= 0) & ~(deleted.times < _at(old.times, rows))
    # Without a time nothing can be older than the deletion, so there is nothing to remember.
    kept = ~np.isnan(deleted.times) & ~(deleted.times <= _at(tombs.times, known))
    kept &= (rows < 0) | leaves
    stays = np.ones(len(tombs), dtype=np.bool_)
    stays[known[kept & (known >= 0)]] = False
    tombs, added = tombs.keep(stays), deleted.keep(kept)
    both = pa.concat_tables([tombs.data, added.data])
    return np.unique(rows[leaves]), _Table(both, np.concatenate([tombs.times, added.times]))


def with_absent(stored: pa.Table, incoming: RecordTable) -> RecordTable:
    """A full extract: stored records of its sources that did not come are deleted.

    stored : `source` and `record_id` of all stored records
    """
    sources = pa.array(sorted(incoming.fates), pa.string())
    here = stored.select(KEY).filter(pc.is_in(stored["source"], value_set=sources))
    known = pa.concat_tables([conform(t, list(KEY)) for t in (incoming.data, incoming.deleted)])
    absent = here.filter(pa.array(find_keys(here, known) < 0))
    names = DELETED_SCHEMA.names
    gone = [conform(table, names) for table in (incoming.deleted, absent)]
    return replace(incoming, deleted=pa.concat_tables(gone).combine_chunks())


def _first(new: pa.Table, fields: tuple[Field, ...], ignored: tuple[str, ...]) -> Upsert:
    """Every record is new: none is looked for, and no column is copied."""
    return Upsert(
        Stored(_in_one_piece(new), fields, ignored, DELETED_SCHEMA.empty_table()),
        np.full(len(new), -1, np.int64),
        np.full(len(new), Change.NEW, np.int8),
        np.zeros(0, np.int64),
        0,
    )


def upsert(stored: Stored, incoming: RecordTable, *, month_first: bool | None = None) -> Upsert:
    """Tonight's records replace the stored ones of their keys, unless they are older.

    A record is replaced whole: a column that did not come tonight is missing in the records that
    did. Records that did not come stay. A kind once given to a column stays with it.

    Parameters
    ----------
    stored : all records; or those with the keys of tonight's, which are all that matter
    month_first : how times are read; as these records say if not given
    """
    known = {f.name for f in stored.fields} | set(stored.ignored)
    fields = stored.fields + tuple(f for f in incoming.fields if f.name not in known)
    named = {*KEY, *(f.name for f in fields), *stored.ignored}
    ignored = stored.ignored + tuple(n for n in incoming.data.column_names if n not in named)
    names = [*KEY, *(f.name for f in fields if f.name not in KEY), *ignored]
    time = next((f.name for f in fields if f.kind == Kind.UPDATED_AT), None)

    tables = [
        conform(stored.data, names),
        conform(incoming.data, names),
        conform(stored.deleted, DELETED_SCHEMA.names),
        conform(incoming.deleted, DELETED_SCHEMA.names),
    ]
    if not any(len(tables[k]) for k in (0, 2, 3)) and keys_ascend(tables[1]):
        return _first(tables[1], fields, ignored)
    if any(len(tables[k]) for k in (0, 2, 3)):
        times = _times(tables, [time, time, "updated_at", "updated_at"], month_first)
    else:  # new ones alone are compared with none
        times = [np.full(len(table), np.nan) for table in tables]
    old, new, tombs, deleted = (_Table(*pair) for pair in zip(tables, times, strict=True))
    left, tombs = _delete(old, tombs, deleted)
    rows, tomb = find_keys(new.data, old.data), find_keys(new.data, tombs.data)
    late = (new.times < _at(old.times, rows)) | (new.times < _at(tombs.times, tomb))
    differs = rows < 0
    met = np.flatnonzero(rows >= 0)
    if len(met):
        differs[met] = _differ(new.data.take(pa.array(met)), old.data.take(pa.array(rows[met])))
    comes = differs & ~late
    left = np.setdiff1d(left, rows[comes])  # deleted and back with a newer version
    alive = np.ones(len(tombs), dtype=np.bool_)
    alive[tomb[(tomb >= 0) & ~late]] = False

    stays = np.ones(len(old), dtype=np.bool_)
    stays[left] = False
    stays[rows[comes & (rows >= 0)]] = False
    kept, added = np.flatnonzero(stays), np.flatnonzero(comes)
    keys = new.data.select(KEY)
    if len(added) < len(keys):
        keys = keys.take(pa.array(added))
    place = _merged_order(old.data, kept, keys)
    change = np.zeros(len(place), dtype=np.int8)
    change[len(kept) :] = np.where(rows[added] < 0, Change.NEW, Change.CHANGED)
    buried = tombs.keep(alive).data.cast(DELETED_SCHEMA)
    return Upsert(
        Stored(
            _united(old.data, kept, new.data, added, place),
            fields,
            ignored,
            buried.take(_sorted_by_key(buried)),
        ),
        np.concatenate([kept, rows[added]])[place],
        change[place],
        left,
        int(np.count_nonzero(late)),
    )
