"""Hand-made cases of Vietnamese names: what each writing becomes. No name is a real person's."""

import csv
import re
from pathlib import Path

import pyarrow as pa
import pytest

from mpi.schema import Kind
from mpi.standardise.vietnam.names import NAME_RULES
from mpi.standardise.vietnam.parse import parse_name

TABLE = Path(__file__).with_name("vietnam_names.csv")
KINDS = {
    "full name": Kind.FULL_NAME,
    "mother name": Kind.MOTHER_NAME,
    "given name": Kind.GIVEN_NAME,
    "family name": Kind.FAMILY_NAME,
}


def unescaped(text):
    r"""Invisible characters are written \u00a0 or \t in the table."""
    text = text.replace("\\t", "\t")
    return re.sub(
        r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})",
        lambda m: chr(int(m.group(1) or m.group(2), 16)),
        text,
    )


def cases(*parts):
    rows = csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())
    return [
        pytest.param(r["part"], unescaped(r["raw"]), r["expected"], id=f"{r['why']}: {r['raw']!a}")
        for r in rows
        if (r["part"] in parts) == bool(parts) or not parts
    ]


NAMED = [*KINDS, "TCVN3", "VNI", "VISCII", "VPS", "Windows-1258"]


@pytest.mark.parametrize(("part", "raw", "expected"), cases(*NAMED))
def test_standard_form(part, raw, expected):
    rule = NAME_RULES[KINDS.get(part, Kind.FULL_NAME)]
    layout = "" if part in KINDS else part
    assert rule.standard(pa.array([raw]), layout).values.to_pylist() == [expected]


@pytest.mark.parametrize(("part", "raw", "expected"), cases("parts"))
def test_parts(part, raw, expected):
    name = parse_name(raw)
    parts = [name.family, name.middle, name.given, name.shape.value]
    assert parts == [p.strip() for p in expected.split("|")]


def test_the_table_is_large_enough():
    assert len(cases()) >= 250
