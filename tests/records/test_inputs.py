from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pytest

from mpi.errors import UnusableInputError, UsageError
from mpi.records import read_records
from mpi.records.inputs import Format, find_inputs, stem
from mpi.records.opening import open_input

ROWS = "id,full_name\n1,Le An\n2,Vu Ba\n"


def test_a_folder_gives_known_files_right_inside_it(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv.gz", ".hidden.csv", "_part.csv", "notes.md", "c.ndjson"):
        (tmp_path / name).write_text(ROWS)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "d.csv").write_text(ROWS)
    assert [o.name for o in find_inputs(tmp_path)] == ["a.csv.gz", "b.csv", "c.ndjson"]
    assert [o.name for o in find_inputs(f"{tmp_path}/**/*.csv")] == [
        *("_part.csv", "b.csv", "d.csv")
    ]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROWS)
    assert len(find_inputs([path, str(tmp_path), str(tmp_path / "*.csv")])) == 1


def test_a_spark_folder_is_one_source(tmp_path: Path) -> None:
    folder = tmp_path / "hanoi.parquet"
    folder.mkdir()
    for part in ("part-0.csv", "part-1.csv"):
        (folder / part).write_text(ROWS.replace("1", part[5]).replace("2", part[5] + "2"))
    (folder / "_SUCCESS").write_text("")
    assert set(read_records(folder).fates) == {"hanoi"}


def test_what_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "hanoi.csv").write_text(ROWS)
    with pytest.raises(UsageError, match=r"hanoj\.csv does not exist; did you mean hanoi\.csv"):
        find_inputs(tmp_path / "hanoj.csv")
    with pytest.raises(UsageError, match="nor does the folder"):
        find_inputs(tmp_path / "no" / "x.csv")
    with pytest.raises(UsageError, match=r"nothing matches .*\*\.parquet"):
        find_inputs(str(tmp_path / "*.parquet"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"holds no file to read; wanted are \.parquet"):
        find_inputs(tmp_path / "empty")
    with pytest.raises(UsageError, match="no input"):
        find_inputs([])


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("x", b"PAR1....", Format.PARQUET),
        ("x", b"ARROW1..", Format.ARROW_FILE),
        ("x", b"\xff\xff\xff\xff....", Format.ARROW_STREAM),
        ("x", b'\n {"a": 1}', Format.NDJSON),
        ("x.txt", b'{"a": 1}', Format.NDJSON),
        ("x", b"a,b\n1,2\n", Format.DELIMITED),
        ("x.csv", b"{a},b\n", Format.DELIMITED),
        ("x.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0), Format.DELIMITED),
        ("x", gzip.compress(b"PAR1", mtime=0), Format.PARQUET),
    ],
)
def test_formats_are_sniffed(tmp_path: Path, name: str, data: bytes, wanted: Format) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with open_input(find_inputs(path)[0]) as opened:
        assert opened.format is wanted
        assert opened.whole().format is wanted


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xlsx", b"PK\x03\x04....", "Excel"),
        ("a.parquet", b"id,name\n1,An\n", "is no Parquet file"),
        ("a.csv.gz", gzip.compress(ROWS.encode() * 99, mtime=0)[:-9], "truncated or damaged"),
        ("a.csv.zst", b"\x28\xb5\x2f\xfd\x04", "truncated or damaged"),
        ("a.feather", b"FEA1....", "version 1"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnusableInputError, match=said) as error:
        read_records(path)
    assert name in str(error.value)


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(ROWS.encode())

    monkeypatch.setattr("sys.stdin", Standard)
    records = read_records("-")
    assert records.data.column("source").unique().to_pylist() == ["stdin"]
    assert records.data.column("full_name").to_pylist() == ["Le An", "Vu Ba"]


def test_stems() -> None:
    assert [stem(n) for n in ("a.csv", "a.b.parquet", "a.tsv.zst", "a.xyz", ".gz")] == [
        *("a", "a.b", "a", "a.xyz", ".gz")
    ]


def test_zstd(tmp_path: Path) -> None:
    path = tmp_path / "hue.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(ROWS.encode())
    records = read_records(path)
    assert len(records) == 2
    assert records.inputs[0].source == "hue"
    assert "zstd" in records.inputs[0].notes
