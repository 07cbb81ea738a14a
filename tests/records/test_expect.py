"""How many rows inputs are going to have, without reading them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mpi.records.expect import Expected, expect_rows


def test_parquet_says_it(tmp_path: Path) -> None:
    table = pa.table({"source": ["a"] * 70, "id": ["1"] * 70, "name": ["An"] * 70})
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table.slice(0, 5), tmp_path / "b.parquet")
    assert expect_rows(tmp_path) == Expected(75, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_long_text_is_estimated_from_its_beginning(tmp_path: Path, delimiter: str) -> None:
    rows = [delimiter.join(("hue", str(i), f"Le An {i}", "1990-01-01")) for i in range(50_000)]
    header = delimiter.join(("source", "id", "name", "born"))
    (tmp_path / "hue.csv").write_text("\n".join([header, *rows]) + "\n")
    found = expect_rows(tmp_path / "hue.csv")
    assert found.columns == 2
    assert 45_000 < found.rows < 60_000


@pytest.mark.parametrize(
    "content",
    [b"", b"id,name\n", gzip.compress(b"a,b\n1,2\n", mtime=0), b"<a>\n</a>\n"],
    ids=["nothing", "header", "packed", "markup"],
)
def test_what_does_not_show_is_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert expect_rows(path).rows == 0
