"""The nights of an index, drawn from synthetic registries.

``python -m benchmarks.nights_drawn DATA OUT NIGHTS SEED`` splits each registry in DATA into what
the first night has (``OUT/base``), and what later ones bring (``OUT/night_01`` ...): of each
thousand records that the registry has in the end a night brings four new ones, changes five (two
move, one and a half get another telephone, the others a mistyped name) and deletes one. No record
is touched twice. ``OUT/questions.json`` are questions about records that no night touches.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NEW, CHANGED, DELETED = 0.004, 0.005, 0.001
_MOVED, _TELEPHONE = 0.4, 0.7  # cumulative shares of the changed; a mistyped name else
_HOME = ("address", "ward", "district")
_QUESTIONS = 300
_KEY = ("source", "record_id")

Rows = npt.NDArray[np.int64]
Rng = np.random.Generator


def draw(data: Path, out: Path, nights: int, seed: int) -> None:
    """Write the base, the nights and the questions."""
    rng = np.random.Generator(np.random.PCG64(seed))
    files = sorted((data / "registries").glob("*.parquet"))
    last = max(_newest(file) for file in files)
    for name in ("base", *(f"night_{n:02}" for n in range(1, nights + 1))):
        (out / name).mkdir(parents=True, exist_ok=True)
    quiet = []
    for file in files:
        table = pq.read_table(file)
        n = table.num_rows
        order = rng.permutation(n)
        ends = np.cumsum([round(n * share) for share in (NEW, CHANGED, DELETED) * nights])
        parts = np.split(order, ends)
        held = np.zeros(n, np.bool_)
        held[np.concatenate(parts[:-1][::3])] = True
        pq.write_table(table.filter(pa.array(~held)), out / "base" / file.name)
        for night in range(nights):
            new, changed, deleted = parts[3 * night : 3 * night + 3]
            day = (last + timedelta(days=night + 1)).isoformat()
            tonight = _tonight(rng, table, new, changed, deleted, day)
            pq.write_table(tonight, out / f"night_{night + 1:02}" / file.name)
        some = table.take(pa.array(np.sort(parts[-1][: 2 * _QUESTIONS])))
        quiet += some.select([c for c in _ASKED if c in some.column_names]).to_pylist()
    (out / "questions.json").write_text(json.dumps(_questions(quiet, seed)))


_ASKED = (*_KEY, "full_name", "birth_date", "national_id")


def _newest(file: Path) -> date:
    days = pq.read_table(file, columns=["updated_at"])["updated_at"]
    return date.fromisoformat(pc.max(days).as_py())


def _tonight(
    rng: Rng, table: pa.Table, new: Rows, changed: Rows, deleted: Rows, day: str
) -> pa.Table:
    """What a registry sends one night."""
    rows = np.concatenate([new, changed, deleted])
    out = table.take(pa.array(rows))
    kind = rng.random(len(changed))
    moved = len(new) + np.flatnonzero(kind < _MOVED)
    called = len(new) + np.flatnonzero((kind >= _MOVED) & (kind < _TELEPHONE))
    mistyped = len(new) + np.flatnonzero(kind >= _TELEPHONE)
    homes = table.take(pa.array(rng.integers(0, table.num_rows, len(moved))))
    for name in _HOME:
        if name in out.column_names:
            out = _with(out, name, moved, homes[name].to_pylist())
    numbers = rng.integers(0, 10**8, len(called)).tolist()
    out = _with(out, "phone", called, [f"09{number:08}" for number in numbers])
    names = out["full_name"].take(pa.array(mistyped)).to_pylist()
    slips = random.Random(int(rng.integers(0, 2**31)))
    out = _with(out, "full_name", mistyped, [slip(name, slips) for name in names])
    out = _with(out, "updated_at", np.arange(len(rows)), [day] * len(rows))
    gone = np.arange(len(rows)) >= len(new) + len(changed)
    words = pa.array(["true"] * len(rows), pa.string(), mask=~gone)
    return out.append_column("deleted", words)


def _with(table: pa.Table, name: str, rows: Rows, values: list[Any]) -> pa.Table:
    """The table with other values in some rows of a column."""
    column = table[name].to_pylist()
    for row, value in zip(rows.tolist(), values, strict=True):
        column[row] = value
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pa.array(column, pa.string()))


def slip(name: str | None, rng: random.Random) -> str | None:
    """A name with a letter left out, doubled, or changed over with the next."""
    if name is None or len(name) < 3:
        return name
    at = rng.randrange(1, len(name) - 1)
    ways = (
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    )
    return rng.choice(ways)


def _questions(rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """By identifier, and by name and birth date, half of these with a slip in the name."""
    rng = random.Random(seed)
    rng.shuffle(rows)
    asked: list[dict[str, Any]] = []

    def ask(kind: str, row: dict[str, Any], **query: str | None) -> None:
        asked.append({"kind": kind, "key": [row[name] for name in _KEY], "query": query})

    numbered = [row for row in rows if (row.get("national_id") or "").isdigit()]
    for row in numbered[:_QUESTIONS]:
        ask("identifier", row, national_id=row["national_id"])
    named = [r for r in rows if r["full_name"] and " " in r["full_name"] and r["birth_date"]]
    for k, row in enumerate(named[:_QUESTIONS]):
        name = slip(row["full_name"], rng) if k % 2 else row["full_name"]
        ask("name", row, full_name=name, birth_date=row["birth_date"])
    return asked


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
