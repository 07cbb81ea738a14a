"""What persons decided: the table, which decisions hold, and what they say of tonight's records.

A decision is never removed, only withdrawn. Those that hold are a graph over record keys: `same`
and `confirm` join keys, `different` keeps two groups of them apart. A key that has no record now
stays in the graph, so its decisions hold again when the record comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.apart import make_apart
from mpi.cluster.components import components
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.cluster.ids import serial_numbers
from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.records.keys import KEY, find_keys
from mpi.schema import TABLES

Key = tuple[str, str]
Integers = npt.NDArray[np.int64]

SAME, DIFFERENT, PIN, CONFIRM, SET = "must_link", "cannot_link", "pin", "confirm", "set"
KINDS = {"same": SAME, "different": DIFFERENT, "pin": PIN, "confirm": CONFIRM, "set": SET}
"""The words of the command line, and the kinds of the table."""
SCHEMA = TABLES["decisions"].schema


@dataclass(frozen=True)
class Decision:
    """What somebody decided.

    kind : must_link, cannot_link, pin, confirm or set
    a, b : record keys, of must_link and cannot_link
    person : enterprise id, of pin, confirm and set
    field, value : of set
    by, why, at : at is ISO 8601 in UTC; without it, now
    records : of confirm, filled in when it is published
    number : its sequence number, 0 before it is published
    """

    kind: str
    a: Key | None = None
    b: Key | None = None
    person: str | None = None
    field: str | None = None
    value: str | None = None
    by: str = ""
    why: str | None = None
    at: str | None = None
    records: tuple[Key, ...] = ()
    number: int = 0

    @property
    def words(self) -> str:
        """The decision as the command line writes it.

        Examples
        --------
        >>> Decision("must_link", ("hue", "1"), ("hanoi", "9")).words
        'same hue:1 hanoi:9'
        """
        word = next(word for word, kind in KINDS.items() if kind == self.kind)
        if self.a is not None and self.b is not None:
            return f"{word} {':'.join(self.a)} {':'.join(self.b)}"
        if self.kind == SET:
            return f"{word} {self.field} {self.value} on {self.person}"
        return f"{word} {self.person}"

    @property
    def about(self) -> str:
        """The decision as a message tells it: a value that was set is left out."""
        return f"set {self.field} on {self.person}" if self.kind == SET else self.words

    @property
    def keys(self) -> tuple[Key, ...]:
        """The records it speaks of."""
        return (self.a, self.b) if self.a is not None and self.b is not None else self.records

    @property
    def subject(self) -> tuple[object, ...]:
        """Equal for decisions that say the same."""
        ends = None if self.a is None or self.b is None else tuple(sorted((self.a, self.b)))
        return (self.kind, ends, self.person, self.field, self.value, self.records)


def decision(word: str, *subject: object, by: str = "", why: str | None = None) -> Decision:
    """A decision from its word and what it is about.

    Examples
    --------
    >>> decision("same", ("hue", "1"), ("hanoi", "9"), by="Lan").kind
    'must_link'
    >>> decision("set", "full_name", "Le An", "NR2SEW49BP").words
    'set full_name Le An on NR2SEW49BP'

    Raises
    ------
    UsageError
        The word is unknown, or is about something else.
    """
    kind = KINDS.get(word, word)
    if kind not in KINDS.values():
        raise UsageError(f"there is no decision '{word}'; decide one of {', '.join(KINDS)}")
    wanted = {SAME: 2, DIFFERENT: 2, PIN: 1, CONFIRM: 1, SET: 3}[kind]
    pair = kind in (SAME, DIFFERENT)
    fits = len(subject) == wanted and all(
        isinstance(s, tuple) and len(s) == 2 if pair else isinstance(s, str) for s in subject
    )
    if not fits:
        about = "two record keys, (source, record_id) each" if pair else "an enterprise id"
        about = "a field, a value and an enterprise id" if kind == SET else about
        raise UsageError(f"'{word}' is about {about}; it came with {len(subject)}")
    if pair:
        one, two = (tuple(map(str, s)) for s in subject if isinstance(s, tuple))
        return Decision(kind, (one[0], one[1]), (two[0], two[1]), by=by, why=why)
    *rest, person = map(str, subject)
    field, value = rest if rest else (None, None)
    return Decision(kind, person=person, field=field, value=value, by=by, why=why)


def read_decisions(base: Base) -> pa.Table:
    """The decisions table of a snapshot, with every column that this version knows."""
    table = base.table("decisions")
    if not table.schema.equals(SCHEMA):
        told = {
            "withdrawn": pa.scalar(False),
            "snapshot": pa.scalar(0, pa.int64()),
        }
        for column in SCHEMA:
            if column.name not in table.column_names:
                fill = told.get(column.name, pa.scalar(None, column.type))
                table = table.append_column(column, pa.repeat(fill, table.num_rows))
        table = table.select(SCHEMA.names).cast(SCHEMA)
    return table


def in_force(table: pa.Table) -> list[Decision]:
    """The decisions that were not withdrawn, in their order."""
    return every_decision(table.filter(pc.invert(table["withdrawn"])))


def every_decision(table: pa.Table) -> list[Decision]:
    """All decisions, also those that were withdrawn."""
    return [_from_row(row) for row in table.to_pylist()]


def _from_row(row: dict[str, object]) -> Decision:
    def text(name: str) -> str | None:
        value = row[name]
        return None if value is None else str(value)

    def key(end: str) -> Key | None:
        source, record_id = text(f"source_{end}"), text(f"record_id_{end}")
        return None if source is None or record_id is None else (source, record_id)

    members = row["records"]
    records = (
        tuple((m["source"], m["record_id"]) for m in members) if isinstance(members, list) else ()
    )
    return Decision(
        str(row["kind"]),
        key("a"),
        key("b"),
        text("enterprise_id"),
        text("field"),
        text("value"),
        text("decided_by") or "",
        text("reason"),
        text("decided_at"),
        records,
        int(str(row["sequence"])),
    )


def append(table: pa.Table, decisions: Iterable[Decision], snapshot: int) -> pa.Table:
    """The table with these decisions behind the others."""
    rows = []
    for made in decisions:
        a, b = made.a or (None, None), made.b or (None, None)
        rows.append(
            {
                "sequence": made.number,
                "kind": made.kind,
                "source_a": a[0],
                "record_id_a": a[1],
                "source_b": b[0],
                "record_id_b": b[1],
                "enterprise_id": made.person,
                "decided_by": made.by,
                "decided_at": made.at,
                "reason": made.why,
                "field": made.field,
                "value": made.value,
                "records": [dict(zip(KEY, k, strict=True)) for k in made.records] or None,
                "snapshot": snapshot,
                "withdrawn": False,
            }
        )
    return pa.concat_tables([table, pa.Table.from_pylist(rows, schema=SCHEMA)]).combine_chunks()


def mark_withdrawn(
    table: pa.Table, numbers: Sequence[int], by: str, why: str | None, at: str
) -> pa.Table:
    """The table with these decisions taken back.

    Raises
    ------
    UsageError
        There is no such decision, or it was withdrawn before.
    """
    rows = {row["sequence"]: row for row in table.to_pylist()}
    for number in numbers:
        row = rows.get(number)
        if row is None:
            known = f"they are 1 to {len(rows)}" if rows else "nobody has decided anything yet"
            raise UsageError(f"there is no decision {number}; {known}")
        if row["withdrawn"]:
            raise UsageError(
                f"decision {number} was withdrawn by {row['withdrawn_by']} on "
                f"{row['withdrawn_at']} already; decide anew if it should hold again"
            )
        row |= {
            "withdrawn": True,
            "withdrawn_by": by,
            "withdrawn_at": at,
            "withdrawn_reason": why,
        }
    return pa.Table.from_pylist(list(rows.values()), schema=SCHEMA)


def joins(decisions: Iterable[Decision]) -> Iterator[tuple[Key, Key, Decision]]:
    """Pairs of keys that decisions made one person; of a confirmed person a star."""
    for made in decisions:
        if made.kind == SAME and made.a is not None and made.b is not None:
            yield made.a, made.b, made
        elif made.kind == CONFIRM:
            for key in made.records[1:]:
                yield made.records[0], key, made


def decided_rows(decisions: Sequence[Decision], keys: pa.Table) -> Decided:
    """What decisions say of these records.

    Parameters
    ----------
    keys : `source` and `record_id` of the records, in key order
    """
    from mpi.linkage.resolution import DECIDED

    joined = [(one, two) for one, two, _ in joins(decisions)]
    splits = [(d.a, d.b) for d in decisions if d.kind == DIFFERENT and d.a and d.b]
    if not joined and not splits:
        return UNDECIDED
    mentioned = sorted({key for pair in (*joined, *splits) for key in pair})
    number = {key: i for i, key in enumerate(mentioned)}
    row = find_keys(
        pa.table([pa.array(list(c), pa.string()) for c in zip(*mentioned, strict=True)], list(KEY)),
        keys,
    )

    def ends(pairs: Sequence[tuple[Key, Key]]) -> tuple[Integers, Integers]:
        both = np.array([[number[k] for k in pair] for pair in pairs], np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    one, two = ends(joined)
    here = (row[one] >= 0) & (row[two] >= 0)
    group = components(len(row), one, two)
    part = components(len(row), one[here], two[here])
    # Where a record that is not here linked two parts of a group, their first records are linked.
    firsts = np.flatnonzero((part == np.arange(len(row))) & (row >= 0))
    firsts = firsts[np.argsort(group[firsts], kind="stable")]
    follows = group[firsts[1:]] == group[firsts[:-1]]
    left = row[np.concatenate([one[here], firsts[:-1][follows]])]
    right = row[np.concatenate([two[here], firsts[1:][follows]])]
    pairs = np.unique(np.stack([np.minimum(left, right), np.maximum(left, right)], 1), axis=0)
    # Two groups are kept apart by their first records too: the decided ones may not be here.
    first = np.full(len(row), -1, np.int64)
    first[group[firsts[::-1]]] = firsts[::-1]
    one, two = ends(splits)
    one, two = np.append(one, first[group[one]]), np.append(two, first[group[two]])
    here = (one >= 0) & (two >= 0)
    one, two = row[one[here]], row[two[here]]
    here = (one >= 0) & (two >= 0)
    one, two = one[here], two[here]
    return Decided(
        pairs[:, 0], pairs[:, 1], make_apart(one, two, np.full(len(one), DECIDED, np.int8))
    )


def pinned_serials(decisions: Iterable[Decision]) -> Integers:
    """int64[n], ascending: serial numbers of the ids that survive every merge."""
    ids = sorted({d.person for d in decisions if d.kind == PIN and d.person is not None})
    return np.sort(serial_numbers(pa.array(ids, pa.string())))


def numbered(decisions: Iterable[Decision], first: int, by: str, at: str) -> list[Decision]:
    """The decisions with their numbers, who made them and when, where they do not say so."""
    return [
        replace(made, number=first + i, by=made.by or by, at=made.at or at)
        for i, made in enumerate(decisions)
    ]
