"""The same records, whatever lies in memory or in files and in however many pieces it is read."""

from __future__ import annotations

import datetime
import errno
import gc
import gzip
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import claims
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpi.scratch
from mpi.errors import UsageError
from mpi.records import RecordTable, columnar, gather, order, read_records, shelf
from mpi.records.batch import Intake
from mpi.records.columnar import read_columnar
from mpi.records.delimited import _careful, _fast, read_delimited
from mpi.records.dialect import find_dialect
from mpi.records.inputs import Content, Format, Origin
from mpi.records.ndjson import _careful as careful_ndjson
from mpi.records.ndjson import read_ndjson
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages

ROWS = 700


def rows_of(seed: int) -> list[dict[str, str | None]]:
    """Rows out of order, with repeated keys, rows to be set aside and deletions."""
    draw = random.Random(seed)
    return [
        {
            "record_id": None if i % 97 == 5 else str(draw.randrange(ROWS)),
            "full_name": None if i % 31 == 3 else f"Nguyễn {draw.randrange(90)} ",
            "phone": "NULL" if i % 31 == 3 else f"09{draw.randrange(10**8):08}",
            "updated_at": f"2024-01-{draw.randrange(1, 29):02}",
            "deleted": "x" if i % 53 == 1 else None,
        }
        for i in range(ROWS)
    ]


def as_csv(path: Path, rows: list[dict[str, str | None]]) -> None:
    lines = [",".join(rows[0]), *(",".join(v or "" for v in row.values()) for row in rows)]
    lines[3] += ",one too many"
    data = "\n".join(lines).encode("utf-16" if path.suffix == ".txt" else "utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def as_quoted(path: Path, rows: list[dict[str, str | None]]) -> None:
    head = ",".join(rows[0])
    lines = [",".join(f'"{v or ""}"' for v in row.values()) for row in rows]
    path.write_text("\n".join([head, *lines, '"never closed,1,2,3,4', lines[0]]))


def as_ndjson(path: Path, rows: list[dict[str, str | None]]) -> None:
    path.write_text("\n".join([*map(json.dumps, rows), "{broken"]))


def as_parquet(path: Path, rows: list[dict[str, str | None]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=300)


def as_arrow(path: Path, rows: list[dict[str, str | None]]) -> None:
    pyarrow.feather.write_feather(pa.Table.from_pylist(rows), path, chunksize=300)


def as_claims(path: Path, rows: list[dict[str, str | None]]) -> None:
    parts = [
        claims.part("XML1", claims.coded(claims.visit(MA_LK=row["record_id"] or "0")))
        for row in rows[:60]
    ]
    path.write_text(claims.envelope(*(claims.hoso(part) for part in parts)))


WRITERS: dict[str, Callable[[Path, list[dict[str, str | None]]], None]] = {
    "csv": as_csv,
    "csv.gz": as_csv,
    "txt": as_csv,
    "tsv": as_quoted,
    "ndjson": as_ndjson,
    "parquet": as_parquet,
    "feather": as_arrow,
    "xml": as_claims,
}


def same(one: RecordTable, two: RecordTable) -> bool:
    return (
        one.data.equals(two.data)
        and one.deleted.equals(two.deleted)
        and one.quarantine.equals(two.quarantine)
        and (one.fields, one.fates, one.inputs, one.messages)
        == (two.fields, two.fates, two.inputs, two.messages)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scratch"
    made.mkdir()
    return made


@pytest.fixture
def all_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpi.scratch, "_SMALL", 1)
    monkeypatch.setattr(shelf, "_FIRST", 1 << 12)
    monkeypatch.setattr(shelf, "_ROOM", 1 << 12)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("all_in_files")
def test_records_are_the_same_in_files(
    tmp_path: Path, folder: Path, name: str, threads: int
) -> None:
    for k in range(2):
        WRITERS[name](tmp_path / f"s{k}.{name}", rows_of(k))
    inputs = sorted(tmp_path.glob(f"s*.{name}"))
    settings = Settings(threads=threads)
    scratch = Scratch(folder)
    in_files = read_records(inputs, settings=settings, stages=Stages(scratch=scratch))
    assert list(folder.iterdir()) == []
    scratch.let_go()
    in_memory = read_records(inputs, settings=settings)
    assert same(in_files, in_memory)
    assert in_memory.total.replaced and in_memory.total.accepted > 20
    assert all(column.num_chunks == 1 for column in in_files.data.columns)
    maps = Path("/proc/self/maps").read_text()
    assert str(folder) in maps


def test_formats_that_hold_the_same_rows_give_the_same_records(tmp_path: Path) -> None:
    tables = []
    for name in ("ndjson", "parquet", "feather"):
        (tmp_path / name).mkdir()
        WRITERS[name](tmp_path / name / f"s.{name}", rows_of(3))
        tables.append(read_records(tmp_path / name).data)
    assert tables[0].equals(tables[1]) and tables[1].equals(tables[2])


@pytest.mark.parametrize("name", ["parquet", "csv"])
def test_columns_beyond_the_limit_come_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    WRITERS[name](tmp_path / f"s.{name}", rows_of(4))
    whole = read_records(tmp_path / f"s.{name}")
    monkeypatch.setattr(gather, "LIMIT", 999)
    monkeypatch.setattr(gather, "_STEP", 16)
    monkeypatch.setattr(order, "_GROUP", 100)
    monkeypatch.setattr(order, "_STEP", 50)
    pieces = read_records(tmp_path / f"s.{name}")
    assert pieces.data["full_name"].num_chunks > 3
    assert same(whole, pieces)


@pytest.mark.usefixtures("all_in_files")
def test_what_the_table_was_made_from_is_freed(tmp_path: Path, folder: Path) -> None:
    for k in range(3):
        as_parquet(tmp_path / f"s{k}.parquet", rows_of(k))
    scratch = Scratch(folder)
    records = read_records(tmp_path, stages=Stages(scratch=scratch))
    gc.collect()
    held = sum(end - begin for one, begin, end in scratch._mapped if one() is not None)
    assert held <= 1.1 * records.data.nbytes


def test_a_full_disk_is_told(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, all_in_files: None
) -> None:
    def full(descriptor: int, begin: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    as_parquet(tmp_path / "s.parquet", rows_of(0))
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(UsageError, match=r"no room for .*No space left"):
        read_records(tmp_path / "s.parquet", stages=Stages(scratch=Scratch(folder)))
    assert list(folder.iterdir()) == []


def content(path: Path, form: Format) -> Content:
    return Content(Origin(path, path.name, "s"), path.read_bytes(), form, "")


@pytest.mark.parametrize("rows", [1, 7, 300, 699])
@pytest.mark.parametrize(
    ("name", "form"), [("parquet", Format.PARQUET), ("feather", Format.ARROW_FILE)]
)
def test_the_rows_of_a_piece_do_not_matter(
    tmp_path: Path, rows: int, name: str, form: Format
) -> None:
    WRITERS[name](tmp_path / f"s.{name}", rows_of(1))
    whole = read_columnar(content(tmp_path / f"s.{name}", form))
    parts = read_columnar(content(tmp_path / f"s.{name}", form), rows=rows)
    assert parts.table.equals(whole.table)
    assert parts.rows.tolist() == whole.rows.tolist() == list(range(1, ROWS + 1))
    assert max(map(len, parts.table.column(0).chunks)) <= rows


MIDNIGHT = datetime.datetime(1990, 5, 12)
MOMENT = datetime.datetime(1990, 5, 12, 1, 2, 3)


@pytest.mark.parametrize("late", [MIDNIGHT, MOMENT], ids=["dates", "moments"])
@pytest.mark.parametrize("form", [Format.PARQUET, Format.ARROW_FILE, Format.ARROW_STREAM])
def test_one_late_time_of_day_shows_in_every_row(
    tmp_path: Path, late: datetime.datetime, form: Format
) -> None:
    moments = [MIDNIGHT, None, MIDNIGHT, late]
    table = pa.table(
        {
            "at": pa.array(moments, pa.timestamp("us")),
            "in": [{"at": m, "n": 1} for m in moments],
            "day": pa.array(moments, pa.timestamp("s")).cast(pa.date64()),
            "coded": pa.array([MIDNIGHT, MIDNIGHT, None, late], pa.timestamp("ms", "UTC")),
            "at.b": ["w", "x", "y", "z"],
        }
    )
    path = tmp_path / "s"
    if form is Format.PARQUET:
        pq.write_table(table, path)
    else:
        new = pa.ipc.new_file if form is Format.ARROW_FILE else pa.ipc.new_stream
        with new(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=3)
    found = [read_columnar(content(path, form), rows=rows).table for rows in (1, 2, 100)]
    assert found[0].equals(found[2]) and found[1].equals(found[2])
    first = found[0].to_pylist()[0]
    if late is MIDNIGHT:
        assert (first["at"], first["in.at"], first["coded"]) == ("1990-05-12",) * 3
    else:
        assert (first["at"], first["in.at"]) == ("1990-05-12 00:00:00",) * 2
        assert first["coded"] == "1990-05-12 00:00:00Z"
    assert first["day"] == "1990-05-12"


CELLS = st.sampled_from(["", "a", "é", '"a"', '"a\nb"', '"a', 'a"b', '""', '"x,y"'])
LINES = st.lists(st.lists(CELLS, min_size=2, max_size=4).map(",".join), max_size=12)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.integers(1, 30))
def test_the_size_of_a_piece_of_text_does_not_matter(lines: list[str], end: str, size: int) -> None:
    data = ("x,y,z" + end + end.join(lines)).encode()
    dialect = find_dialect(b"x,y,z" + end.encode() + b"q,r,s" + end.encode(), "a.csv")
    assert dialect is not None
    names = ["x", "y", "z"]
    whole, parts = _fast(data, dialect, names), _fast(data, dialect, names, block=size)
    if whole is None or parts is None:
        assert whole is parts
    else:
        assert parts.table.equals(whole.table) and parts.broken == whole.broken
        assert parts.rows.tolist() == whole.rows.tolist()
    body = data[dialect.skip :]
    one, many = _careful(body, dialect, names), _careful(body, dialect, names, window=size)
    assert many.table.equals(one.table) and many.broken == one.broken
    assert many.rows.tolist() == one.rows.tolist()


VALUES = st.sampled_from(
    ["1", "1.5", '"x"', "null", "true", "12345678901234567890", '"2024-01-01"']
)
OBJECTS = st.lists(
    st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3).map(
        lambda row: "{" + ",".join(f'"{k}":{v}' for k, v in row.items()) + "}"
    )
    | st.sampled_from(["", "oops", "[1]", '{"a":{"b":1}}']),
    max_size=10,
)


@given(OBJECTS, st.integers(1, 40))
def test_the_size_of_a_piece_of_objects_does_not_matter(lines: list[str], size: int) -> None:
    data = "\n".join(lines).encode()
    made = Content(Origin(None, "s.ndjson", "s"), data, Format.NDJSON, "")
    whole, parts = read_ndjson(made), read_ndjson(made, size=size)
    assert parts.table.to_pylist() == whole.table.to_pylist()
    assert parts.table.column_names == whole.table.column_names
    assert parts.rows.tolist() == whole.rows.tolist() and parts.broken == whole.broken
    assert careful_ndjson(data, size=size).rows.tolist() == whole.rows.tolist()


def test_a_file_of_many_bad_rows_keeps_their_numbers(tmp_path: Path) -> None:
    lines = [f"{i},x" if i % 3 else f"{i},x,y" for i in range(1, 3000)]
    data = ("a,b\n" + "\n".join(lines)).encode()
    made = Content(Origin(None, "s.csv", "s"), data, Format.DELIMITED, "")
    batch = read_delimited(made)
    assert [int(i) for i in batch.table["a"].to_pylist()] == batch.rows.tolist()
    dialect = find_dialect(data, "s.csv")
    assert dialect is not None
    parts = _fast(data, dialect, ["a", "b"], block=64)
    assert parts is not None and np.array_equal(parts.rows, batch.rows)
    assert len(parts.broken) == 999


def test_a_file_in_one_row_group_is_decoded_in_pieces(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["x"] * 5000}), tmp_path / "s", row_group_size=5000)
    sizes: list[int] = []

    def keep(piece):  # type: ignore[no-untyped-def]
        sizes.append(len(piece.rows))
        return piece

    read_columnar(content(tmp_path / "s", Format.PARQUET), Intake(keep), rows=1000)
    assert max(sizes) == 1000 and sum(sizes) == 5000
    assert columnar._ROWS <= 1 << 16
