"""The same rows through every format."""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpi.errors import UnusableInputError
from mpi.records import read_records
from mpi.records.inputs import Content, Format, Origin
from mpi.records.ndjson import _careful, _fast, read_ndjson
from mpi.records.text import table_as_text

COLUMNS = ["record_id", "full_name", "birth_date", "phone"]
LETTERS = st.text(st.sampled_from("abcĐệ0519-/ ,;\"'\t\n|"), min_size=1, max_size=8)
VALUE = LETTERS.map(lambda t: f"v{t.strip()}v")
ROWS = st.lists(
    st.tuples(VALUE, st.none() | VALUE, st.none() | VALUE), min_size=1, max_size=15
).map(lambda rows: [(f"{i:04}", *row) for i, row in enumerate(rows)])


def as_csv(delimiter: str, encoding: str) -> Callable[[Path, list[tuple[str | None, ...]]], None]:
    def write(path: Path, rows: list[tuple[str | None, ...]]) -> None:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([COLUMNS, *([v or "" for v in row] for row in rows)])
        data = out.getvalue().encode(encoding)
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)

    return write


def as_ndjson(path: Path, rows: list[tuple[str | None, ...]]) -> None:
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows]
    path.write_text("\n".join(lines))


def as_json_array(path: Path, rows: list[tuple[str | None, ...]]) -> None:
    path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=1))


def table_of(rows: list[tuple[str | None, ...]]) -> pa.Table:
    return pa.table({c: [row[i] for row in rows] for i, c in enumerate(COLUMNS)})


def as_stream(path: Path, rows: list[tuple[str | None, ...]]) -> None:
    table = table_of(rows)
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


def as_file(path: Path, rows: list[tuple[str | None, ...]]) -> None:
    columns = [c.dictionary_encode() for c in table_of(rows).columns]
    pyarrow.feather.write_feather(pa.table(columns, COLUMNS), path)


WRITERS = {
    "s.csv": as_csv(",", "utf-8"),
    "s.tsv": as_csv("\t", "utf-8-sig"),
    "s.csv.gz": as_csv(";", "utf-8"),
    "s.txt": as_csv("|", "utf-16"),
    "s.ndjson": as_ndjson,
    "s.json": as_json_array,
    "s.parquet": lambda path, rows: pq.write_table(table_of(rows), path),
    "s.arrow": as_stream,
    "s.feather": as_file,
}


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=ROWS)
@pytest.mark.parametrize("name", WRITERS)
def test_round_trip(tmp_path: Path, name: str, rows: list[tuple[str | None, ...]]) -> None:
    path = tmp_path / name
    WRITERS[name](path, rows)
    usable = [row for row in rows if row[1] is not None or row[3] is not None]
    if not usable:
        with pytest.raises(UnusableInputError):
            read_records(path)
        return
    records = read_records(path)
    assert records.total.read == len(rows)
    held = {f.column: f.name for f in records.fields}
    for i, column in enumerate(COLUMNS):
        came = [row[i] for row in usable]
        assert records.data.column(held[column]).to_pylist() == came


def test_values_of_any_type_become_text_faithfully() -> None:
    moment = datetime.datetime(1990, 5, 12, 1, 2, 3)
    table = pa.table(
        {
            "whole": [7, None],
            "float": [19900512.0, 1.5],
            "large": [123456789012.0, float("nan")],
            "day": [moment.date(), None],
            "midnight": [datetime.datetime(1990, 5, 12), None],
            "moment": [moment, None],
            "bool": [True, False],
            "list": [["a", None, "b"], []],
            "struct": [{"a": {"b": 1}, "c": "x"}, None],
            "decimal": pa.array([decimal.Decimal("12.00"), None], pa.decimal128(9, 2)),
            "coded": pa.array(["007", None]).dictionary_encode(),
            "wide": pa.array(["007", None], pa.large_string()),
            "bytes": [b"007", None],
        }
    )
    assert table_as_text(table).to_pylist() == [
        {
            "whole": "7",
            "float": "19900512",
            "large": "123456789012",
            "day": "1990-05-12",
            "midnight": "1990-05-12",
            "moment": "1990-05-12 01:02:03",
            "bool": "true",
            "list": "a;;b",
            "struct.a.b": "1",
            "struct.c": "x",
            "decimal": "12",
            "coded": "007",
            "wide": "007",
            "bytes": "007",
        },
        {
            **dict.fromkeys(
                ["whole", "large", "day", "midnight", "moment", "struct.a.b", "struct.c"]
            ),
            **dict.fromkeys(["decimal", "coded", "wide", "bytes"]),
            "float": "1.5",
            "bool": "false",
            "list": "",
        },
    ]


@pytest.mark.parametrize("name", ["s.parquet", "s.feather", "s.arrow"])
def test_truncated_files_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path, [(f"{i}", f"Le An {i}", None, None) for i in range(2000)])
    data = path.read_bytes()
    for cut in (len(data) // 2, len(data) - 20, 12):
        path.write_bytes(data[:cut])
        with pytest.raises(UnusableInputError, match=r"s\.\w+ is a truncated or damaged"):
            read_records(path)


def test_a_damaged_page_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    as_parquet = WRITERS["s.parquet"]
    as_parquet(path, [(f"{i}", f"Le An {i}", None, None) for i in range(2000)])
    data = bytearray(path.read_bytes())
    data[8:400] = struct.pack("392x")
    path.write_bytes(data)
    with pytest.raises(UnusableInputError, match=r"s\.parquet is a truncated or damaged"):
        read_records(path)


def test_broken_text_in_parquet_costs_its_row(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    pq.write_table(pa.table({"id": ["1", "2"], "name": [b"L\xea An", "Lê An".encode()]}), path)
    records = read_records(path)
    assert records.data.column("full_name").to_pylist() == ["Lê An"]
    assert json.loads(records.quarantine.column("values")[0].as_py())["name"] == r"L\xea An"


def test_parquet_with_repeated_names(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    columns = [pa.array(["1"]), pa.array(["Le An"]), pa.array(["An Le"])]
    pq.write_table(pa.Table.from_arrays(columns, ["id", "name", "name"]), path)
    assert [f.column for f in read_records(path).fields] == ["id", "name", "name_2"]


def ndjson(text: str) -> Content:
    return Content(Origin(None, "s.ndjson", "s"), text.encode(), Format.NDJSON, "")


def test_ndjson_keeps_digits_and_dates() -> None:
    lines = [
        {
            "id": 12345678901234567890,
            "dob": "1990-05-12",
            "n": 19900512.0,
            "x": "2020-01-01T00:00:00",
        },
        {"id": 7, "dob": None, "n": 1.5, "x": "later"},
    ]
    batch = read_ndjson(ndjson("\n".join(map(json.dumps, lines))))
    assert batch.table.to_pylist() == [
        {"id": "12345678901234567890", "dob": "1990-05-12", "n": "19900512", "x": lines[0]["x"]},
        {"id": "7", "dob": None, "n": "1.5", "x": "later"},
    ]


def test_ndjson_sets_aside_what_is_no_object() -> None:
    batch = read_ndjson(
        ndjson('{"id": "1", "a": {"b": [1, "x"]}}\n{"id": \n\n[1]\n{"id": "4", "c": true}\n"x"')
    )
    assert batch.table.to_pylist() == [
        {"id": "1", "a.b": "1;x", "c": None},
        {"id": "4", "a.b": None, "c": "true"},
    ]
    assert batch.rows.tolist() == [1, 4]
    assert [(b.row, b.reason) for b in batch.broken] == [
        (2, "no JSON"),
        (3, "a JSON value that is no object"),
        (5, "a JSON value that is no object"),
    ]


SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.sampled_from(["", "007", "1990-05-12", "1990-05-12 01:02:03", "é", "1.0"])
    | st.sampled_from([0.5, 19900512.0, -2.25])
)


@given(st.lists(st.fixed_dictionaries({"a": SCALAR, "b": SCALAR}), min_size=1, max_size=8))
def test_the_fast_and_the_careful_reader_agree(rows: list[dict[str, object]]) -> None:
    data = "\n".join(map(json.dumps, rows)).encode()
    careful = _careful(data)
    for size in (1, 1 << 20):
        fast = _fast(data, size=size)
        if fast is not None:
            assert fast.table.to_pylist() == careful.table.to_pylist()
            assert fast.rows.tolist() == careful.rows.tolist()
    assert careful.table.num_rows == len(rows)
