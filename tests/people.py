"""People with duplicates, drawn from a seed: raw values as registries write them, and the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from tables import record_table

from mpi.records.table import RecordTable
from mpi.schema import Kind

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Hồ", "Dương"]
MIDDLE = ["Văn", "Thị", "Minh", "Ngọc", "Đức", "Thu", "Quang", "Hồng"]
GIVEN = ["Anh", "Bình", "Chi", "Dũng", "Giang", "Hoa", "Khánh", "Lan", "Mai", "Nam", "Phúc", "Sơn"]
STREETS = ["Lê Lợi", "Hai Bà Trưng", "Trần Phú", "Nguyễn Huệ", "Hùng Vương"]
KINDS = {
    "full_name": Kind.FULL_NAME,
    "birth_date": Kind.BIRTH_DATE,
    "sex": Kind.SEX,
    "national_id": Kind.NATIONAL_ID,
    "phone": Kind.PHONE,
    "address": Kind.ADDRESS,
}

Row = dict[str, str | None]


@dataclass(frozen=True)
class People:
    """Rows with a source, a record id and, in `person`, whose they are."""

    rows: list[Row]
    source: list[str]
    record_id: list[str]
    person: list[int]

    def records(self) -> RecordTable:
        """The rows as the readers would give them."""
        columns: dict[tuple[str, Kind], Any] = {
            (name, kind): [row[name] for row in self.rows] for name, kind in KINDS.items()
        }
        return record_table(columns, self.record_id, self.source)

    def truth(self) -> pa.Table:
        """Record key and person."""
        return pa.table(
            {
                "source": self.source,
                "record_id": self.record_id,
                "person_id": [str(p) for p in self.person],
            }
        )

    def csv(self, order: list[int]) -> str:
        """The rows in this order as a file with a header."""
        lines = ["source,record_id," + ",".join(KINDS)]
        for i in order:
            values = [self.source[i], self.record_id[i], *(self.rows[i][k] or "" for k in KINDS)]
            lines.append(",".join(values))
        return "\n".join(lines) + "\n"


def _person(rng: np.random.Generator, number: int) -> Row:
    def one(values: list[str]) -> str:
        return values[int(rng.integers(len(values)))]

    place, century, digits = rng.integers(1, 96), rng.integers(0, 4), rng.integers(10**6)
    year, month, day = rng.integers(1940, 2015), rng.integers(1, 13), rng.integers(1, 29)
    return {
        "full_name": f"{one(FAMILY)} {one(MIDDLE)} {one(MIDDLE)} {one(GIVEN)}",
        "birth_date": f"{day:02d}/{month:02d}/{year}",
        "sex": one(["Nam", "Nữ"]),
        "national_id": f"{place:03d}{century}{number:02d}{digits:06d}",
        "phone": f"09{rng.integers(10**8):08d}",
        "address": f"{rng.integers(1, 300)} {one(STREETS)}",
    }


def _slip(rng: np.random.Generator, row: Row) -> Row:
    """The row as another clerk has it: something missing, a letter or a digit wrong."""
    out = dict(row)
    for name in ("national_id", "phone", "address"):
        if rng.random() < 0.3:
            out[name] = None
    if rng.random() < 0.3:
        name = out["full_name"] or ""
        at = int(rng.integers(1, len(name) - 1))
        out["full_name"] = name[:at] + name[at + 1 :]
    if rng.random() < 0.15 and out["national_id"]:
        number = out["national_id"]
        out["national_id"] = number[:-2] + number[-1] + number[-2]
    return out


def people(
    n: int, *, seed: int, copies: float = 0.4, sources: tuple[str, ...] = ("hn", "hue")
) -> People:
    """`n` persons, each with a further record at the chance of `copies`."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    source: list[str] = []
    person: list[int] = []
    for number in range(n):
        row = _person(rng, number % 100)
        rows.append(row)
        source.append(sources[int(rng.integers(len(sources)))])
        person.append(number)
        while rng.random() < copies:
            rows.append(_slip(rng, row))
            source.append(sources[int(rng.integers(len(sources)))])
            person.append(number)
    return People(rows, source, [f"r{i:05d}" for i in range(len(rows))], person)
