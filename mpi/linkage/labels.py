"""Labels as people write them, as labelled persons of a record table.

Pairs or persons. What contradicts itself is listed, and what was said more often is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.records.keys import as_array, find_keys
from mpi.records.table import RecordTable
from mpi.score.labels import Labels

_PAIR = ("record_id_a", "record_id_b", "match")
_PERSON = ("record_id", "person_id")
_TRUE = frozenset({"1", "true", "t", "yes", "y", "same", "match", "must_link"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "different", "non-match", "cannot_link"})
_SHOWN = 5

Key = tuple[str, str]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Labelled:
    """Labels of a record table.

    labels : of its records
    given : rows of the labels; used : those that name records of the table and were kept
    unknown : rows that name a record which is not in the table
    contradictions : what was said against the majority, in words
    messages : what the user should know
    """

    labels: Labels
    given: int
    used: int
    unknown: int
    contradictions: tuple[str, ...]
    messages: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "given": self.given,
            "used": self.used,
            "unknown": self.unknown,
            "contradictions": list(self.contradictions),
        }


def match_labels(table: pa.Table, records: RecordTable) -> Labelled:
    """Find the labelled records, and settle what contradicts itself.

    Parameters
    ----------
    table : pairs (record_id_a, record_id_b, match, and source_a, source_b) or persons (record_id,
        person_id, and source); sources may be left out where no record id repeats

    Raises
    ------
    UsageError
        The columns are neither, a value of `match` is neither yes nor no, or a source is needed.
    """
    names = set(table.column_names)
    if set(_PAIR) <= names:
        return _from_pairs(table, records)
    if set(_PERSON) <= names:
        return _from_persons(table, records)
    raise UsageError(
        f"the labels have the columns {', '.join(table.column_names) or 'none'}; wanted pairs "
        "(source_a, record_id_a, source_b, record_id_b, match) or persons (source, record_id, "
        "person_id)"
    )


def _texts(table: pa.Table, name: str) -> list[str | None]:
    values: list[str | None] = pc.cast(table.column(name), pa.string()).to_pylist()
    return values


def _rows(records: RecordTable, labels: pa.Table, source: str, record_id: str) -> Rows:
    """int64[n], the row of each labelled record, -1 where the table has none.

    source, record_id : the labels' columns; without a source, ids must not repeat
    """
    ids = pc.cast(labels[record_id], pa.string())
    if source in labels.column_names:
        keys = pa.table({"source": pc.cast(labels[source], pa.string()), "record_id": ids})
        return find_keys(keys, records.data)
    own = as_array(records.data["record_id"])
    if pc.count_distinct(own).as_py() < len(own):
        raise UsageError(
            "record ids repeat across sources, and the labels have no source; add source_a and "
            "source_b (or source, beside person_id)"
        )
    found = pc.index_in(as_array(ids), own, skip_nulls=True).fill_null(-1)
    return np.asarray(found).astype(np.int64)


def _key(records: RecordTable, row: int) -> str:
    return f"{records.data['source'][row].as_py()}:{records.data['record_id'][row].as_py()}"


def _yes(value: str | None) -> bool:
    word = (value or "").strip().casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise UsageError(
        f"the labels have the match {value!r}; wanted true or false (1 and 0, yes and no, same and "
        "different serve as well)"
    )


def _from_pairs(table: pa.Table, records: RecordTable) -> Labelled:
    ends = [_rows(records, table, f"source_{end}", f"record_id_{end}") for end in "ab"]
    same = [_yes(value) for value in _texts(table, "match")]
    known = (ends[0] >= 0) & (ends[1] >= 0) & (ends[0] != ends[1])
    low, high = np.minimum(*ends), np.maximum(*ends)
    votes = Counter(
        (a, b, s)
        for a, b, s, k in zip(low.tolist(), high.tolist(), same, known.tolist(), strict=True)
        if k
    )
    person, apart, against = _settle(votes)
    told = [
        f"{_key(records, a)} and {_key(records, b)} are {'one person' if s else 'two persons'} "
        f"({many} x), against {why}"
        for a, b, s, many, why in against
    ]
    dropped = sum(many for *_, many, _ in against)
    number = {root: i for i, root in enumerate(sorted(set(person.values())))}
    codes = np.full(len(records), -1, np.int64)
    for row, root in person.items():
        codes[row] = number[root]
    pairs = sorted({tuple(sorted((int(codes[a]), int(codes[b])))) for a, b in apart})
    labels = Labels(codes, np.array(pairs, np.int64).reshape(-1, 2), False)
    return _finish(labels, table.num_rows, int(known.sum()) - dropped, int((~known).sum()), told)


Votes = Counter[tuple[int, int, bool]]
Against = list[tuple[int, int, bool, int, str]]


def _settle(votes: Votes) -> tuple[dict[int, int], list[tuple[int, int]], Against]:
    """Keep what was said most often first, as long as it contradicts nothing that was kept.

    Returns
    -------
    record -> a record of its person, pairs of records that are two persons, and what was dropped
    """
    parent: dict[int, int] = {}
    foes: dict[int, set[int]] = {}
    apart: list[tuple[int, int]] = []
    against: Against = []

    def root(i: int) -> int:
        parent.setdefault(i, i)
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    # Of equally many votes "one person" first: it takes two such votes to contradict a "two".
    for (a, b, same), many in sorted(votes.items(), key=lambda v: (-v[1], not v[0][2], v[0])):
        one, two = root(a), root(b)
        said = votes.get((a, b, not same), 0)
        if said == many:
            if same:
                against.append((a, b, same, 2 * many, "as many; neither was kept"))
        elif said > many:
            against.append((a, b, same, many, f"{said} x the contrary"))
        elif two in foes.get(one, ()) if same else one == two:
            against.append((a, b, same, many, "other pairs of the same records"))
        elif not same:
            foes.setdefault(one, set()).add(two)
            foes.setdefault(two, set()).add(one)
            apart.append((a, b))
        elif one != two:
            parent[two] = one
            foes.setdefault(one, set()).update(foes.pop(two, set()))
            for foe in foes[one]:
                foes[foe].discard(two)
                foes[foe].add(one)
    return {i: root(i) for i in sorted(parent)}, apart, against


def _from_persons(table: pa.Table, records: RecordTable) -> Labelled:
    rows = _rows(records, table, "source", "record_id")
    persons = _texts(table, "person_id")
    votes: dict[int, Counter[str]] = {}
    unknown = 0
    for row, person in zip(rows.tolist(), persons, strict=True):
        if row < 0 or person is None:
            unknown += 1
        else:
            votes.setdefault(row, Counter())[person] += 1
    told, chosen, dropped = [], {}, 0
    for row, counts in sorted(votes.items()):
        ranked = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
        chosen[row] = ranked[0][0]
        for person, many in ranked[1:]:
            dropped += many
            told.append(
                f"{_key(records, row)} is of person {person} ({many} x), against "
                f"{ranked[0][1]} x {ranked[0][0]}"
            )
    number = {person: i for i, person in enumerate(sorted(set(chosen.values())))}
    codes = np.full(len(records), -1, np.int64)
    for row, person in chosen.items():
        codes[row] = number[person]
    labels = Labels(codes, np.zeros((0, 2), np.int64), True)
    return _finish(labels, table.num_rows, table.num_rows - unknown - dropped, unknown, told)


def _finish(labels: Labels, given: int, used: int, unknown: int, told: Iterable[str]) -> Labelled:
    told = tuple(told)
    messages = [f"{used:,} of {given:,} labels were used"]
    if unknown:
        messages.append(
            f"{_labels(unknown, 'names', 'name')} a record that the input does not have, left out"
        )
    if told:
        shown = "; ".join(told[:_SHOWN])
        rest = f"; and {len(told) - _SHOWN:,} more" if len(told) > _SHOWN else ""
        messages.append(
            f"warning: {_labels(len(told), 'contradicts', 'contradict')} others, the majority was "
            f"kept: {shown}{rest}"
        )
    return Labelled(labels, given, used, unknown, told, tuple(messages))


def _labels(many: int, one_does: str, several_do: str) -> str:
    return f"1 label {one_does}" if many == 1 else f"{many:,} labels {several_do}"
