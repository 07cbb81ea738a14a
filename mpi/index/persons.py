"""The persons table: who lives, who was replaced by whom, and what is known of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import enterprise_ids, order_of_ids, serial_numbers
from mpi.index.assign import Assignment
from mpi.index.decisions import SET, Decision
from mpi.index.golden import People, golden_field, newest_first, rules_for
from mpi.index.upsert import Stored
from mpi.index.validity import Reading, valid_values
from mpi.records.keys import as_array, key_text
from mpi.records.table import Field
from mpi.records.versions import moments
from mpi.schema import FORM_OF, TABLES, Kind, persons_schema
from mpi.settings import Golden

Integers = npt.NDArray[np.int64]

_USUAL, _GENERAL = Golden(), Reading()
_ENDS = ("", "_record", "_rule")
_WORTH_THREADS = 20_000


@dataclass(frozen=True)
class Ids:
    """Every id there ever was, ascending by serial number.

    serial : int64[n_ids]
    since : int64[n_ids], snapshot that created it
    retired : bool[n_ids]
    replaced_by : int64[n_ids], of a retired one the living id that has its records, 0 for none
    """

    serial: Integers
    since: Integers
    retired: npt.NDArray[np.bool_]
    replaced_by: Integers

    def take(self, which: npt.NDArray[np.integer]) -> Ids:
        """Some of them, ascending."""
        return Ids(
            self.serial[which], self.since[which], self.retired[which], self.replaced_by[which]
        )


def no_ids() -> Ids:
    """Of a new index."""
    none = np.empty(0, dtype=np.int64)
    return Ids(none, none, np.empty(0, dtype=np.bool_), none)


def read_ids(persons: pa.Table) -> Ids:
    """The ids in a persons table."""
    serial = serial_numbers(persons["enterprise_id"])
    order = np.argsort(serial)
    heirs = as_array(persons["replaced_by"])
    replaced_by = np.zeros(len(serial), dtype=np.int64)
    known = heirs.is_valid().to_numpy(zero_copy_only=False)
    replaced_by[known] = serial_numbers(heirs.drop_null())
    retired = pc.equal(persons["status"], "retired").to_numpy()
    return Ids(
        serial[order], persons["since"].to_numpy()[order], retired[order], replaced_by[order]
    )


def born(ids: Ids, serials: Integers) -> Integers:
    """int64[n]: the snapshot that created each id, 0 for the serial number 0."""
    if not len(ids.serial):
        return np.zeros(len(serials), dtype=np.int64)
    place = np.searchsorted(ids.serial, serials)
    return np.where(serials > 0, ids.since[np.minimum(place, len(ids.since) - 1)], 0)


def next_ids(
    ids: Ids,
    assigned: Assignment,
    had: Integers,
    first_new: int,
    snapshot: int,
    followed: Integers | None = None,
) -> Ids:
    """The ids after tonight. Chains of replacements are resolved: one step leads to the living.

    had : int64[n], the ids that tonight's records had, or left; all others stay as they are
    followed : int64, by serial number below `first_new`, who followed each id when it was retired
        last, 0 for nobody; wanted where a retired id has records again, for then those whom it had
        followed lead to it
    """
    new = np.arange(first_new, assigned.next_serial)
    serial = np.concatenate([ids.serial, new])
    since = np.concatenate([ids.since, np.full(len(new), snapshot)])
    living = np.zeros(assigned.next_serial, dtype=np.bool_)
    living[ids.serial[~ids.retired]] = True
    living[had] = False
    living[assigned.after] = True
    living[0] = False
    if followed is None:
        step = np.zeros(assigned.next_serial, dtype=np.int64)
        step[ids.serial] = ids.replaced_by
    else:
        step = np.append(followed, np.zeros(len(new), dtype=np.int64))
    step[assigned.gone] = assigned.heirs
    # Whoever had been replaced by an id that is retired goes where that one goes.
    replaced_by = step[serial]
    while (dead := ~living[replaced_by] & (replaced_by > 0)).any():
        replaced_by = np.where(dead, step[replaced_by], replaced_by)
    replaced_by = np.where(living[serial], 0, replaced_by)
    return Ids(serial, since, ~living[serial], replaced_by)


def _told(column: str) -> set[str]:
    """The columns beside a golden one."""
    return {f"{column}_record", f"{column}_rule"}


def golden_names(known: Sequence[Field]) -> dict[str, str]:
    """Fields of which persons have a golden value, and the name of its column.

    All that say something of a person; one named like a column that persons have anyway gets
    ``_value`` behind its name.
    """
    fields = [field.name for field in known if field.kind in FORM_OF]
    taken = {column.name for column in TABLES["persons"].columns}
    for name in fields:
        taken |= _told(name)
    names: dict[str, str] = {}
    for name in fields:
        column, own = name, _told(name)
        while column in taken or _told(column) & (taken - own):
            column += "_value"
        taken |= {column, *_told(column)}
        names[name] = column
    return names


@dataclass(frozen=True)
class Unchanged:
    """What need not be chosen again.

    persons : the table of the last snapshot, in any order
    fresh : int64[n], serial numbers of the persons whose records or set values changed since
    """

    persons: pa.Table
    fresh: Integers


def persons_table(
    stored: Stored,
    after: Integers,
    ids: Ids,
    *,
    golden: Golden = _USUAL,
    reading: Reading = _GENERAL,
    decisions: Sequence[Decision] = (),
    unchanged: Unchanged | None = None,
    threads: int = 0,
    month_first: bool | None = None,
) -> pa.Table:
    """The persons table.

    Parameters
    ----------
    stored : the records, in key order
    after : int64[n_records], the serial number of each record's id
    golden : how values are chosen
    reading : how values are read, to tell valid ones
    decisions : those in force; values that somebody set win over all records
    unchanged : golden values that can be taken over, for the same settings, reading and fields
    threads : to work with, 0 for one a core
    month_first : as for `moments`, where these are not all records

    Returns
    -------
    pa.Table
        ``schema.persons_schema(fields)``, sorted by enterprise id
    """
    data, total = stored.data, len(ids.serial)
    order = order_of_ids(ids.serial)
    place = np.empty(total, np.int64)
    place[order] = np.arange(total)
    person = place[np.searchsorted(ids.serial, after)]

    source = as_array(data["source"]).dictionary_encode()
    sources = max(len(source.dictionary), 1)
    visits = np.sort(person * sources + source.indices.to_numpy())
    visits = visits[np.diff(visits, prepend=-1) > 0]
    replaced_by = ids.replaced_by[order]
    heirs = enterprise_ids(np.maximum(replaced_by, 1))
    heirs = pc.if_else(pa.array(replaced_by > 0), heirs, pa.scalar(None, pa.string()))
    status = pa.array(["active", "retired"]).take(pa.array(ids.retired[order].astype(np.int32)))
    columns: dict[str, pa.Array] = {
        "enterprise_id": enterprise_ids(ids.serial[order]),
        "status": status,
        "replaced_by": heirs,
        "n_records": pa.array(np.bincount(person, minlength=total)),
        "n_sources": pa.array(np.bincount(visits // sources, minlength=total)),
        "since": pa.array(ids.since[order]),
    }
    names = golden_names(stored.fields)
    schema = persons_schema(list(names.values()))
    if unchanged is not None and unchanged.persons.schema.names != schema.names:
        unchanged = None
    fresh = np.ones(total, np.bool_)
    if unchanged is not None:
        fresh = np.isin(ids.serial, unchanged.fresh)[order]
    age = _ages(stored, month_first)
    chosen = _chosen(stored, person, age, fresh, names, golden, reading, threads)
    if unchanged is not None:
        chosen = _taken_over(unchanged.persons, columns["enterprise_id"], fresh, chosen)
    columns |= chosen
    _set_values(columns, names, decisions)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _ages(stored: Stored, month_first: bool | None) -> Integers:
    """int64[n_records], as `golden.newest_first`; all alike where records have no time."""
    time = next((f.name for f in stored.fields if f.kind == Kind.UPDATED_AT), None)
    if time is None:
        return np.zeros(stored.data.num_rows, dtype=np.int64)
    # Whether 03/04 is in March or April is settled by all records.
    return newest_first(moments(stored.data[time], month_first=month_first))


def _chosen(
    stored: Stored,
    person: Integers,
    age: Integers,
    fresh: npt.NDArray[np.bool_],
    names: dict[str, str],
    golden: Golden,
    reading: Reading,
    threads: int,
) -> dict[str, pa.Array]:
    """Golden values, records and rules of the fresh persons, in their order."""
    data = stored.data
    rows = np.flatnonzero(fresh[person])
    number = np.cumsum(fresh) - 1
    if len(rows) < len(person):
        data = data.take(pa.array(rows))
    people = People(
        key_text(data),
        as_array(data["source"]),
        number[person[rows]],
        int(np.count_nonzero(fresh)),
        age[rows],
    )
    known = {field.name: field for field in stored.fields}

    def choose(name: str) -> tuple[pa.Array, pa.Array, pa.Array]:
        field = known[name]
        valid = partial(valid_values, field, reading=reading)
        rules = rules_for(field, golden)
        return golden_field(as_array(data[name]), people, rules, golden.trusted, valid)

    threads = threads or len(os.sched_getaffinity(0))
    if threads > 1 and len(rows) >= _WORTH_THREADS:
        people.grouped  # noqa: B018 - made once, before threads ask for it
        with ThreadPoolExecutor(threads) as pool:
            told = list(pool.map(choose, names))
    else:
        told = [choose(name) for name in names]
    return {
        f"{column}{end}": values
        for column, own in zip(names.values(), told, strict=True)
        for end, values in zip(_ENDS, own, strict=True)
    }


def _taken_over(
    persons: pa.Table, ids: pa.Array, fresh: npt.NDArray[np.bool_], chosen: dict[str, pa.Array]
) -> dict[str, pa.Array]:
    """Columns of all persons: new values of the fresh ones, the old ones of the others."""
    old = as_array(persons["enterprise_id"])
    place = pc.index_in(ids, value_set=old).fill_null(0).to_numpy()
    place = pa.array(np.where(fresh, len(old) + np.cumsum(fresh) - 1, place))
    return {
        column: pa.concat_arrays([as_array(persons[column]), values]).take(place)
        for column, values in chosen.items()
    }


def _set_values(
    columns: dict[str, pa.Array], names: dict[str, str], decisions: Sequence[Decision]
) -> None:
    """Put what somebody set over the golden values, in place.

    A value follows the person it was set for, to whoever replaced it; the last one set holds.
    """
    ids = columns["enterprise_id"]
    for name, column in names.items():
        made = {d.person: d for d in decisions if d.kind == SET and d.field == name}
        if not made:
            continue
        own = pc.index_in(pa.array(list(made), pa.string()), value_set=ids)
        heir = pc.index_in(columns["replaced_by"].take(own), value_set=ids)
        holders = zip(pc.coalesce(heir, own).to_pylist(), made.values(), strict=True)
        rows = {
            row: one
            for row, one in sorted(holders, key=lambda pair: pair[1].number)
            if columns["status"][row].as_py() == "active"
        }
        mask = np.zeros(len(ids), np.bool_)
        mask[list(rows)] = True
        chosen = [rows[row] for row in sorted(rows)]
        told = [
            pa.array([one.value for one in chosen], pa.string()),
            pa.nulls(len(chosen), pa.string()),
            pa.array([f"decision {one.number}" for one in chosen], pa.string()),
        ]
        for end, values in zip(_ENDS, told, strict=True):
            old = columns[f"{column}{end}"]
            columns[f"{column}{end}"] = pc.replace_with_mask(old, pa.array(mask), values)


def settled(decisions: Sequence[Decision], ids: Ids) -> list[Decision]:
    """Values that were set, for who has each now: the person, or the one that replaced it."""
    made = [d for d in decisions if d.kind == SET and d.person is not None]
    own = serial_numbers(pa.array([d.person for d in made], pa.string()))
    heirs = ids.replaced_by[np.searchsorted(ids.serial, own)]
    holders = enterprise_ids(np.where(heirs > 0, heirs, own)).to_pylist()
    now = [replace(d, person=holder) for d, holder in zip(made, holders, strict=True)]
    return sorted(now, key=lambda one: one.number)


def set_persons(decisions: Sequence[Decision], ids: Ids) -> Integers:
    """int64[n], serial numbers of whoever a value was ever set for, and of who follows them."""
    named = [d.person for d in decisions if d.kind == SET and d.person is not None]
    own = serial_numbers(pa.array(named, pa.string()))
    return np.unique(np.append(own, ids.replaced_by[np.isin(ids.serial, own)]))
