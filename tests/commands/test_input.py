"""Bad input and impossible outputs: an exit code, one line, and nothing half-written."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Ask = Callable[..., Any]
MPI = [sys.executable, "-m", "mpi.cli"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def table(rows: int = 60) -> str:
    lines = [
        f"{i},Nguyen Van {chr(65 + i % 26)}{chr(65 + i // 26)}n,{1940 + i}-03-{i % 28 + 1:02d}"
        for i in range(rows)
    ]
    return "record_id,full_name,birth_date\n" + "\n".join(lines) + "\n"


def truncated() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"record_id": ["1"], "full_name": ["An"]}), sink)
    return bytes(sink.getvalue())[:100]


ONE_NAME = "full_name,birth_date\nNguyen Van An,1990-01-01\n"
BAD: dict[str, tuple[bytes, int, int]] = {
    # what it is called: its bytes, the exit code, rows set aside
    "empty": (b"", 3, 0),
    "header only": (b"record_id,full_name\n", 3, 0),
    "ragged": ((table() + "61,x\n62,a,b,c,d\n").encode(), 0, 2),
    "NUL bytes": (table().encode() + b"63,Le\0Van,1990-01-01\n", 0, 1),
    "broken UTF-8": (table().encode() + b"64,Tr\xe1\xba\xa7n V\xff\xc3,1990-01-01\n", 0, 1),
    "truncated Parquet": (truncated(), 3, 0),
    "duplicate columns": (table().replace("birth_date", "full_name", 1).encode(), 0, 0),
    "a 10 MB cell": ((table() + f"65,{'x' * 10_000_000},1990-01-01\n").encode(), 0, 1),
    "identical rows": ((ONE_NAME + "Nguyen Van An,1990-01-01\n" * 100_000).encode(), 0, 0),
    "one value": (b"full_name\n" + b"Nguyen Van An\n" * 50, 0, 0),
    "no name or identifier": (b"a,b\n" + b"1,2\n2,1\n1,1\n" * 20, 3, 0),
    "no text at all": (bytes(range(256)) * 20, 3, 0),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_told_and_no_row_is_lost(ask: Ask, what: str, tmp_path: Path) -> None:
    content, code, set_aside = BAD[what]
    path = tmp_path / f"input.{'parquet' if 'Parquet' in what else 'csv'}"
    path.write_bytes(content)
    answer = ask("dedupe", path, "-o", tmp_path / "crosswalk.csv", "--json", "--quiet")
    assert answer.code == code, answer.err
    if code:
        assert answer.out == "" and answer.err.startswith("mpi: ") and answer.err.count("\n") == 1
        assert names(tmp_path) == [path.name]
    else:
        fates = answer.json["rows"]
        assert fates["quarantined"] == set_aside
        assert fates["read"] == sum(fates[k] for k in fates if k != "read")
        assert len(rows_of(tmp_path / "crosswalk.csv")) == fates["accepted"]


def test_what_was_missing_is_said(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "input.csv"
    path.write_bytes(BAD["no name or identifier"][0])
    answer = ask("dedupe", path)
    assert "full_name" in answer.err and "national_id" in answer.err


def test_a_folder_with_files_of_different_columns(ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(table())
    phones = "".join(f"{i},Tran Thi {chr(65 + i)}n,09{i:08d}\n" for i in range(26))
    (folder / "b.csv").write_text("ma,ho_ten,sdt\n" + phones)
    answer = ask("dedupe", folder, "-o", tmp_path / "crosswalk.csv", "--json", "-q")
    assert answer.code == 0
    assert answer.json["rows"]["accepted"] == 86


@pytest.mark.parametrize("output", ["missing/out.csv", "/proc/out.csv", "out.xls", ""])
def test_an_output_that_cannot_be_written_is_told_before_the_work(
    ask: Ask, output: str, tmp_path: Path
) -> None:
    path = tmp_path / "input.csv"
    path.write_text(table())
    begin = time.monotonic()
    answer = ask("dedupe", path, "-o", Path(tmp_path / output))
    assert answer.code == 2
    assert time.monotonic() - begin < 5
    assert names(tmp_path) == ["input.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_exit_2(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "input.csv"
    path.write_text(table())
    answer = ask("dedupe", path, "-o", "/dev/full", "-q")
    assert answer.code == 2 and "No space left" in answer.err


def test_an_input_is_never_overwritten(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "input.csv"
    path.write_text(table())
    answer = ask("dedupe", path, "-o", path)
    assert answer.code == 2 and "input" in answer.err
    assert path.read_text() == table()
