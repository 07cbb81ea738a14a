"""What a night changed in a table, where it made the whole table anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.index.base import BUCKETED, Base
from mpi.index.identities import Identities
from mpi.index.keys import bucket_numbers
from mpi.index.merge import Rows, bucket_starts, find_rows
from mpi.index.upsert import Change, Upsert
from mpi.records.keys import KEY, as_array

Changed = tuple[pa.Table, pa.Table]
"""New and changed rows, and the keys of rows that left: what `Snapshot.change` takes."""

_STATE = ("status", "replaced_by", "n_records", "n_sources", "since")


def changed_records(base: Base, upsert: Upsert) -> Changed:
    """Of the records as they came."""
    rows = upsert.stored.data.filter(pa.array(upsert.change != Change.NONE))
    return rows, base.stored.data.select(KEY).take(pa.array(upsert.left))


def moved_records(found: Identities) -> Changed:
    """Of the crosswalk: records that came, or have another id."""
    moved = np.flatnonzero(found.night.before != found.assigned.after)
    keys = found.night.keys.take(pa.array(moved))
    return found.crosswalk(moved, keys), found.night.left_keys


def changed_persons(old: pa.Table, persons: pa.Table, fresh: Rows) -> pa.Table:
    """Of the persons: those whose golden values were chosen anew, and whoever's state changed.

    Parameters
    ----------
    old : the same persons in the last snapshot, in any order
    fresh : int64[n], serial numbers of the first
    """
    place = pc.index_in(persons["enterprise_id"], value_set=as_array(old["enterprise_id"]))
    differ = place.is_null().to_numpy(zero_copy_only=False).copy()
    differ |= np.isin(serial_numbers(persons["enterprise_id"]), fresh)
    kept = np.flatnonzero(~differ)
    at, there = pa.array(kept), place.take(pa.array(kept))
    differ[kept] = _differ(persons.select(_STATE).take(at), old.select(_STATE).take(there))
    return persons.filter(pa.array(differ))


def differing(old: pa.Table, new: pa.Table, key: Sequence[str]) -> Changed:
    """Rows that are new or have another content, and the keys that are there no more.

    Examples
    --------
    >>> old = pa.table({"k": ["a", "b"], "v": [1, 2]})
    >>> new = pa.table({"k": ["b", "c"], "v": [2, 3]})
    >>> rows, gone = differing(old, new, ["k"])
    >>> rows.to_pylist(), gone.to_pylist()
    ([{'k': 'c', 'v': 3}], [{'k': 'a'}])
    """
    place = find_rows(new, old, key)
    differ = place < 0
    met = np.flatnonzero(~differ)
    rest = [column for column in new.column_names if column not in key]
    at, there = pa.array(met), pa.array(place[met])
    differ[met] = _differ(new.select(rest).take(at), old.select(rest).take(there))
    left = np.ones(old.num_rows, np.bool_)
    left[place[met]] = False
    return new.filter(pa.array(differ)), old.select(key).filter(pa.array(left))


def differing_from(base: Base, name: str, table: pa.Table) -> Changed:
    """What differs in a table in hash buckets, compared with the base bucket by bucket."""
    assert base.manifest is not None
    key, buckets = BUCKETED[name], base.manifest.buckets
    numbers = bucket_numbers([table[column] for column in key[:2]], buckets)
    order, starts = np.argsort(numbers, kind="stable"), bucket_starts(numbers, buckets)
    parts = [
        differing(old, table.take(pa.array(order[starts[bucket] : starts[bucket + 1]])), key)
        for bucket, old in enumerate(base.buckets(name))
    ]
    rows, gone = zip(*parts, strict=True)
    return pa.concat_tables(rows), pa.concat_tables(gone)


def _differ(one: pa.Table, other: pa.Table) -> npt.NDArray[np.bool_]:
    """bool[n]: rows of which any value differs; two missing values are equal."""
    differ = np.zeros(one.num_rows, np.bool_)
    for name in one.column_names:
        for a, b in zip(_plain(one[name]), _plain(other[name]), strict=True):
            unlike = pc.coalesce(pc.not_equal(a, b), pc.xor(pc.is_null(a), pc.is_null(b)))
            differ |= unlike.to_numpy(zero_copy_only=False)
    return differ


def _plain(column: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    """The columns of plain values that a column of structs or of lists of texts is made of."""
    if pa.types.is_struct(column.type):
        return [pc.struct_field(column, [place]) for place in range(column.type.num_fields)]
    return [pc.binary_join(column, "\0")] if pa.types.is_list(column.type) else [column]
