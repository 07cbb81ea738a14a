"""Small nights for the tests of the index: records from dictionaries, and a textbook linker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from people import KINDS, Row
from tables import record_table

from mpi.cluster.decided import UNDECIDED
from mpi.index import MasterIndex, snapshot
from mpi.linkage.resolution import DECIDED, DECISION, Pairs, Resolution
from mpi.records.table import Fates, Field, Input, RecordTable
from mpi.schema import TABLES, Kind

# Tables are so small here that nights would write them whole, and never fold a bucket.
snapshot.SHARE, snapshot.LAG = float("inf"), 1

FIELDS = ("full_name", "phone", "national_id", "updated_at")
TABLE_NAMES = [*(name for name in TABLES if name != "runs"), "records"]


def night(
    *rows: dict[str, Any],
    deleted: list[dict[str, Any]] | None = None,
    fields: tuple[str, ...] = FIELDS,
    quarantine: list[dict[str, Any]] | None = None,
    name: str = "night.csv",
) -> RecordTable:
    """Rows such as ``{"key": "a:1", "phone": "5"}`` as a reader would give them."""

    def keyed(row: dict[str, Any]) -> dict[str, Any]:
        source, record_id = row["key"].split(":", 1)
        return {"source": source, "record_id": record_id, **row}

    columns = ["source", "record_id", *fields]
    schema = pa.schema([(column, pa.string()) for column in columns])
    kept = sorted(map(keyed, rows), key=lambda r: (r["source"], r["record_id"]))
    gone = pa.schema([(column, pa.string()) for column in ("source", "record_id", "updated_at")])
    fates: dict[str, Fates] = {}
    for row in kept:
        fates[row["source"]] = fates.get(row["source"], Fates()) + Fates(read=1, accepted=1)
    return RecordTable(
        pa.Table.from_pylist([{c: r.get(c) for c in columns} for r in kept], schema=schema),
        tuple(Field(f, Kind(f), f, "column name") for f in fields if f in list(Kind)),
        fates,
        pa.Table.from_pylist([keyed(row) for row in deleted or []], schema=gone),
        pa.Table.from_pylist(quarantine or [], schema=TABLES["quarantine"].schema),
        (Input(name, "a", len(rows), "0" * 32),),
    )


def extract(
    rows: Mapping[tuple[str, str], Row], gone: Iterable[tuple[str, str]] = ()
) -> RecordTable:
    """A night's extract of people: these rows by key, and the keys of records that were deleted."""
    keys = sorted(rows)
    columns = {(name, kind): [rows[k][name] for k in keys] for name, kind in KINDS.items()}
    records = record_table(columns, [k[1] for k in keys], [k[0] for k in keys])
    ends = [pa.array([key[i] for key in sorted(gone)], pa.string()) for i in (0, 1)]
    names = ["source", "record_id", "updated_at"]
    deleted = pa.table([*ends, pa.nulls(len(ends[0]), pa.string())], names=names)
    return RecordTable(records.data, records.fields, {}, deleted)


def linker(records, settings, *, model, stages, decided=UNDECIDED) -> Resolution:
    """Records that share a phone or a national id are one person, directly or by others, but for
    what was decided: pairs that are one person come first, and what is two never meets."""
    data, n = records.data, len(records)
    shared = set()
    for name in ("phone", "national_id"):
        first: dict[str, int] = {}
        values = data[name].to_pylist() if name in data.column_names else []
        for row, value in enumerate(values):
            if value is not None and first.setdefault(value, row) != row:
                shared.add((first[value], row))
    made = sorted(zip(decided.left.tolist(), decided.right.tolist(), strict=True))
    apart = list(zip(decided.apart.left.tolist(), decided.apart.right.tolist(), strict=True))
    cluster = list(range(n))
    links, waiting = [], []
    for left, right in [*made, *sorted(shared - set(made))]:
        a, b = sorted((cluster[left], cluster[right]))
        if any({cluster[x], cluster[y]} == {a, b} for x, y in apart):
            if (left, right) not in apart:
                waiting.append((left, right))
            continue
        cluster = [a if c == b else c for c in cluster]
        links.append((left, right))

    def scored(pairs, reason):
        ends = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        k = len(ends)
        rules = [1 + ((left, right) in made) for left, right in ends.tolist()]
        return Pairs(
            ends[:, 0],
            ends[:, 1],
            np.full(k, 9, np.float32),
            np.full(k, 0.998),
            np.ones((k, 2), np.int8),
            np.array(rules, np.uint64),
            np.full(k, reason, np.int8),
        )

    return Resolution(
        records,
        np.array(cluster, dtype=np.int64),
        scored(links, 0),
        scored(waiting, DECIDED),
        ("phone", "national_id"),
        ("either", DECISION),
        model or b'{"model": "textbook"}',
        model_summary=b'{"model": "textbook"}',
    )


def update(index: MasterIndex, records: RecordTable):
    """A night with the textbook linker."""
    return index.update(records, resolver=linker)


def decide(index: MasterIndex, *decision: Any, **more: Any):
    """A decision with the textbook linker; records as ``"a:1"``."""
    subject = [tuple(s.split(":")) if ":" in s else s for s in decision[1:]]
    return index.decide(decision[0], *subject, by="Lan", resolver=linker, **more)


def withdraw(index: MasterIndex, *numbers: int):
    """Decisions taken back with the textbook linker."""
    return index.withdraw(*numbers, by="Lan", resolver=linker)


def crosswalk(index: MasterIndex) -> dict[str, str]:
    """Record key -> enterprise id."""
    rows = index.table("crosswalk").to_pylist()
    return {f"{r['source']}:{r['record_id']}": r["enterprise_id"] for r in rows}


def partition(index: MasterIndex) -> set[frozenset[str]]:
    """The persons as sets of record keys."""
    persons: dict[str, set[str]] = {}
    for key, person in crosswalk(index).items():
        persons.setdefault(person, set()).add(key)
    return {frozenset(keys) for keys in persons.values()}


def contents(index: MasterIndex) -> dict[str, Any]:
    """Every table but `runs`, and the names of all files, which hold hashes of their content."""
    tables: dict[str, Any] = {name: index.table(name).to_pylist() for name in TABLE_NAMES}
    tables["files"] = [name for name in files_of(index.path) if "/runs/" not in name]
    return tables


def files_of(path: Path) -> list[str]:
    """Every file below the folder but the lock."""
    found = (p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file())
    return sorted(name for name in found if name != "lock")


def named_files(index: MasterIndex) -> list[str]:
    """The files an index should have: marker, manifests, and what the manifests name."""
    names = {"mpi-index.json"}
    for sequence in index.snapshots():
        manifest, _ = index._store.manifest(sequence)
        names |= {f"snapshots/{sequence:08}.json", *(file.name for file in manifest.files())}
    return sorted(names)


FIRST = night(
    {"key": "a:1", "full_name": "Le An", "phone": "1", "updated_at": "2024-01-01"},
    {"key": "a:2", "full_name": "LE AN", "phone": "1", "updated_at": "2024-01-02"},
    {"key": "a:3", "full_name": "Vu Ba", "phone": "3"},
    {"key": "b:1", "full_name": "Ho Chi", "phone": "4", "national_id": "77"},
    {"key": "b:2", "full_name": "Ho Chi", "national_id": "77"},
    {"key": "b:3", "full_name": "Do Tu", "phone": "6"},
)
SECOND = night(
    {"key": "a:3", "full_name": "Vu Ba", "phone": "1"},  # joins a:1 and a:2
    {"key": "b:2", "full_name": "Ho Chin", "phone": "9"},  # leaves b:1
    {"key": "c:1", "full_name": "Do Tu", "phone": "6"},  # joins b:3
    {"key": "c:2", "full_name": "New One"},
    deleted=[{"key": "a:1"}],
    name="second.csv",
)
