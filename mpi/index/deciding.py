"""Take decisions in: see that they can hold, and what the index publishes when they do."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.index.contradictions import check_contradictions
from mpi.index.decisions import (
    CONFIRM,
    PIN,
    SET,
    Decision,
    Key,
    append,
    in_force,
    mark_withdrawn,
    numbered,
    read_decisions,
)
from mpi.index.near import near
from mpi.index.persons import golden_names
from mpi.index.upsert import Stored, Upsert
from mpi.records.keys import KEY, find_keys, key_table
from mpi.records.table import RecordTable

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Deciding:
    """A change of the decisions table that is about to be published.

    table : from now on
    told : what each of them is called in events, and the decision; the first is a name for all
    messages : what the user should know
    undone : of withdrawn ones, what they were called when they were taken
    """

    table: pa.Table
    told: tuple[tuple[str, Decision], ...]
    messages: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()

    @property
    def clusters(self) -> bool:
        """Whether any of them may change who is who."""
        return any(made.kind not in (PIN, SET) for _, made in self.told)

    @property
    def values(self) -> bool:
        """Whether any of them sets a golden value."""
        return any(made.kind == SET for _, made in self.told)

    def rows(self, keys: pa.Table) -> tuple[tuple[str, Integers], ...]:
        """What each is called and the rows of its records; as `journal.Night.told`."""
        named = [(word, _rows_of(made.keys, keys)) for word, made in self.told]
        if len(named) == 1:
            return tuple(named)
        numbers = [made.number for _, made in self.told]
        every = f"decisions {min(numbers)} to {max(numbers)}"
        return ((every, np.empty(0, np.int64)), *named)


def _rows_of(wanted: Sequence[Key], keys: pa.Table) -> Integers:
    rows = find_keys(key_table(wanted), keys)
    return rows[rows >= 0]


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def user() -> str:
    """Who runs this process, for decisions that do not say who made them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def no_records(base: Base) -> RecordTable:
    """A night on which no record comes."""
    stored = near(base, key_table([])).stored
    return RecordTable(stored.data.slice(0, 0), stored.fields, {}, stored.deleted.slice(0, 0))


def as_stored(stored: Stored) -> Upsert:
    """What a night on which no record comes makes of the stored ones."""
    n = stored.data.num_rows
    return Upsert(stored, np.arange(n), np.zeros(n, np.int8), np.empty(0, np.int64), 0)


def admit(base: Base, wanted: Sequence[Decision], by: str) -> Deciding:
    """Add decisions, unless they speak of somebody unknown or contradict each other.

    One that holds already is passed over.

    Raises
    ------
    UsageError
        A record or person is unknown, or a chain of decisions contradicts another.
    """
    table = read_decisions(base)
    holding = in_force(table)
    known = {made.subject for made in holding}
    new, messages = [], []
    for made in _checked(base, wanted):
        if made.subject in known:
            messages.append(f"{made.about}: decided before, and holds")
        else:
            known.add(made.subject)
            new.append(made)
    new = numbered(new, table.num_rows + 1, by, now())
    check_contradictions([*holding, *(replace(made, number=0) for made in new)])
    snapshot = 1 if base.manifest is None else base.manifest.sequence + 1
    told = tuple((f"decision {made.number}", made) for made in new)
    return Deciding(append(table, new, snapshot), told, tuple(messages))


def take_back(base: Base, numbers: Sequence[int], by: str, why: str | None) -> Deciding:
    """Withdraw decisions.

    Raises
    ------
    UsageError
        There is no such decision, or it was withdrawn before.
    """
    table = read_decisions(base)
    after = mark_withdrawn(table, numbers, by, why, now())
    asked = {made.number: made for made in in_force(table)}
    told = tuple((f"decision {n} withdrawn", asked[n]) for n in dict.fromkeys(numbers))
    return Deciding(after, told, undone=tuple(f"decision {made.number}" for _, made in told))


def _checked(base: Base, wanted: Sequence[Decision]) -> list[Decision]:
    """The decisions with the records of confirmed persons, if all they speak of is known."""
    if base.manifest is None:
        raise UsageError(
            f"index {base.store.path} is empty, so there is nobody to decide about; "
            "run the nightly job first"
        )
    keys = list(dict.fromkeys(key for made in wanted for key in made.keys))
    if keys:
        _check_keys(base, wanted, keys)
    ids = list(dict.fromkeys(made.person for made in wanted if made.person is not None))
    if ids:
        _check_ids(base, ids)
    fields = golden_names(base.manifest.fields)
    for made in wanted:
        if made.kind == SET and made.field not in fields:
            raise UsageError(
                f"persons have no field '{made.field}'; the fields are {', '.join(fields)}"
            )
    members = _members(base, [m.person for m in wanted if m.kind == CONFIRM and m.person])
    return [
        replace(made, records=members[made.person])
        if made.kind == CONFIRM and made.person is not None
        else made
        for made in wanted
    ]


def _check_keys(base: Base, wanted: Sequence[Decision], keys: list[Key]) -> None:
    named = key_table(keys)
    here = find_keys(named, base.having("crosswalk", named, KEY)) >= 0
    if not here.all():
        unknown = keys[int(np.argmin(here))]
        raise UsageError(
            f"index {base.store.path} has no record {':'.join(unknown)}; a key is "
            "source:record_id, as in the crosswalk: see mpi export INDEX crosswalk"
        )
    for made in wanted:
        if made.a is not None and made.a == made.b:
            raise UsageError(f"{made.words} names one record twice; a decision is about two")


def _check_ids(base: Base, ids: list[str]) -> None:
    serial_numbers(pa.array(ids, pa.string()))  # says what is wrong with a slip of the pen
    named = pa.table({"enterprise_id": pa.array(ids, pa.string())})
    persons = base.having("persons", named, ["status", "replaced_by"])
    place = pc.index_in(pa.array(ids, pa.string()), persons["enterprise_id"])
    for person, row in zip(ids, place.to_pylist(), strict=True):
        if row is None:
            raise UsageError(
                f"index {base.store.path} has no person {person}; see mpi export INDEX persons"
            )
        if persons["status"][row].as_py() != "active":
            heir = persons["replaced_by"][row].as_py()
            advice = f"decide about {heir}, who has its records now" if heir else "nobody follows"
            raise UsageError(f"{person} is retired; {advice}: see mpi history INDEX {person}")


def _members(base: Base, ids: list[str]) -> dict[str, tuple[Key, ...]]:
    """The records of some persons, in the order of their keys."""
    found: dict[str, list[Key]] = {person: [] for person in ids}
    if ids:
        rows = base.table("crosswalk")
        rows = rows.filter(pc.is_in(rows["enterprise_id"], value_set=pa.array(ids, pa.string())))
        for row in rows.to_pylist():
            found[row["enterprise_id"]].append((row["source"], row["record_id"]))
    return {person: tuple(keys) for person, keys in found.items()}
