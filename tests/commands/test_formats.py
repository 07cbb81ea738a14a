"""Tables as Parquet, CSV and NDJSON."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.commands.formats import format_of, to_json, write_table
from mpi.errors import UsageError

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | st.text(),
            "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
            "decimal": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "flag": st.none() | st.booleans(),
            "list": st.none() | st.lists(st.none() | st.text()),
            "nested": st.none()
            | st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), 'q"\\': st.text()}),
        }
    )
)
SCHEMA = pa.schema(
    {
        "text": pa.string(),
        "whole": pa.int64(),
        "decimal": pa.float64(),
        "flag": pa.bool_(),
        "list": pa.list_(pa.string()),
        "nested": pa.struct({"a": pa.int8(), 'q"\\': pa.string()}),
    }
)


def written(table: pa.Table, kind: str) -> bytes:
    file = io.BytesIO()
    write_table(table, file, kind)
    return file.getvalue()


@given(ROWS)
def test_ndjson_holds_every_value(rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    lines = written(table, "ndjson").decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == rows


@given(ROWS, st.integers(0, 3), st.integers(0, 3))
def test_a_slice_is_written_as_it_is(rows: list[dict[str, Any]], first: int, many: int) -> None:
    table = pa.Table.from_pylist(rows, schema=SCHEMA).slice(first, many)
    lines = written(table, "ndjson").decode().split("\n")[:-1]
    assert [json.loads(line) for line in lines] == rows[first : first + many]


@given(ROWS)
def test_csv_reads_back(rows: list[dict[str, Any]]) -> None:
    content = written(pa.Table.from_pylist(rows, schema=SCHEMA), "csv").decode()
    back = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["text"] for row in back] == [row["text"] or "" for row in rows]
    assert [json.loads(row["list"]) for row in back] == [row["list"] for row in rows]
    assert [json.loads(row["nested"]) for row in back] == [row["nested"] for row in rows]


def test_many_batches_are_all_written() -> None:
    table = pa.table({"n": range(200_000)})
    assert written(table, "ndjson").count(b"\n") == 200_000
    assert written(table, "csv").count(b"\n") == 200_001


def test_parquet_keeps_types() -> None:
    table = pa.Table.from_pylist([{"text": "a", "list": ["x"]}], schema=SCHEMA)
    assert pq.read_table(io.BytesIO(written(table, "parquet"))).equals(table)


def test_what_json_cannot_hold_is_null() -> None:
    assert to_json(pa.array([math.nan, math.inf, 0.1])).to_pylist() == ["null", "null", "0.1"]


def test_empty_tables_have_a_header_and_no_rows() -> None:
    empty = SCHEMA.empty_table()
    assert written(empty, "ndjson") == b""
    assert written(empty, "csv").decode().startswith('"text","whole"')
    assert written(empty, "csv").count(b"\n") == 1


def test_an_unknown_suffix_names_the_known() -> None:
    with pytest.raises(UsageError, match=r"\.xlsx.*\.parquet, \.csv"):
        format_of(Path("crosswalk.xlsx"))
