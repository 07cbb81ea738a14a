"""The hand-made cases: what each raw value becomes in its column."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from mpi.schema import Kind
from mpi.standardise.placeholders import listed
from mpi.standardise.vietnam.fields import FIELD_RULES

TABLE = Path(__file__).parents[2] / "reference" / "vietnam_fields.csv"
with TABLE.open(encoding="utf-8", newline="") as file:
    CASES = [(r["kind"], r["raw"], r["expected"], r["layout"]) for r in csv.DictReader(file)]


def standard(kind: str, raw: list[str], layout: str) -> list[str]:
    """Standard values, empty where they are placeholders that the room takes as missing."""
    values = FIELD_RULES[Kind(kind)].standard(pa.array(raw, pa.string()), layout).values
    return ["" if value in listed(Kind(kind)) else value for value in values.to_pylist()]


@pytest.mark.parametrize(
    ("kind", "raw", "expected", "layout"),
    CASES,
    ids=[f"{i} {kind} {raw}" for i, (kind, raw, _, _) in enumerate(CASES, start=2)],
)
def test_case(kind: str, raw: str, expected: str, layout: str) -> None:
    assert standard(kind, [raw], layout) == [expected]


def test_long_columns_are_read_as_short_ones_are() -> None:
    """Kernels and plain Python share the work by the length of a column."""
    for kind, layout in sorted({(kind, layout) for kind, _, _, layout in CASES}):
        mine = [(raw, expected) for k, raw, expected, how in CASES if (k, how) == (kind, layout)]
        times = 1200 // len(mine) + 1
        found = standard(kind, [raw for raw, _ in mine] * times, layout)
        assert found == [expected for _, expected in mine] * times


def test_the_table_is_large_and_has_no_case_twice() -> None:
    assert len(CASES) >= 250
    assert len({(kind, raw, layout) for kind, raw, _, layout in CASES}) == len(CASES)
