from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.errors import UnusableInputError
from mpi.records import RecordTable, read_records
from mpi.records.delimited import _careful, _fast, read_delimited
from mpi.records.dialect import find_dialect
from mpi.records.inputs import Content, Format, Origin

HEAD = "id,full_name,birth_date,phone\n"


def reading(tmp_path: Path, data: bytes | str, name: str = "a.csv") -> RecordTable:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    records = read_records(path)
    total = records.total
    assert total.read == (total.accepted + total.replaced + total.deleted + total.quarantined)
    return records


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = "id,full_name,cccd\n007,'Le, An',001090000001\n008,'Vu; Ba',001090000002\n"
    if delimiter != ",":
        text = text.replace(", ", "~").replace(",", delimiter).replace("~", ", ")
    records = reading(tmp_path, text.replace("'", '"'))
    assert records.data.column("record_id").to_pylist() == ["007", "008"]
    assert records.data.column("full_name").to_pylist() == ["Le, An", "Vu; Ba"]
    assert records.data.column("national_id").to_pylist() == ["001090000001", "001090000002"]


def in_windows_1258(text: str) -> bytes:
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tone))
        out += (base + tone).encode("cp1258")
    return out


VIETNAMESE = "id,họ tên,địa chỉ\n1,Nguyễn Thị Ánh,Thừa Thiên Huế\n2,Trần Đức Ương,Đà Nẵng\n"
WESTERN = "id,full_name,city\n1,José Muñoz,Málaga\n2,François Müller,Besançon\n"


@pytest.mark.parametrize(
    ("text", "data", "noted"),
    [
        (VIETNAMESE, VIETNAMESE.encode(), "UTF-8"),
        (VIETNAMESE, VIETNAMESE.encode("utf-8-sig"), "UTF-8 with BOM"),
        (VIETNAMESE, VIETNAMESE.encode("utf-16"), "UTF-16"),
        (VIETNAMESE, VIETNAMESE.encode("utf-16-le"), "UTF-16 without BOM"),
        (VIETNAMESE, VIETNAMESE.encode("utf-16-be"), "UTF-16 without BOM"),
        (VIETNAMESE, in_windows_1258(VIETNAMESE), "Windows-1258"),
        (WESTERN, WESTERN.encode("latin-1"), "Windows-1252"),
    ],
)
def test_encodings(tmp_path: Path, text: str, data: bytes, noted: str) -> None:
    records = reading(tmp_path, data)
    names = [line.split(",")[1] for line in text.splitlines()[1:]]
    assert records.data.column("full_name").to_pylist() == names
    assert noted in records.inputs[0].notes


def test_ragged_rows_are_set_aside_with_their_number(tmp_path: Path) -> None:
    records = reading(
        tmp_path, HEAD + "1,Le An,1990-01-01,1\n2,Vu Ba\n\n3,Ho Tu,x,y,z\n4,Do Na,,\n"
    )
    assert records.data.column("record_id").to_pylist() == ["1", "4"]
    assert records.quarantine.to_pylist() == [
        {
            "source": "a",
            "file": "a.csv",
            "row": 2,
            "values": '["2", "Vu Ba"]',
            "reason": "2 values where the header has 4",
        },
        {
            "source": "a",
            "file": "a.csv",
            "row": 3,
            "values": '["3", "Ho Tu", "x", "y", "z"]',
            "reason": "5 values where the header has 4",
        },
    ]


def test_ragged_rows_with_broken_text_are_set_aside(tmp_path: Path) -> None:
    data = HEAD.encode() + "1,Lê Ân,,\n2,Vũ Bá,,\n".encode() + b"3,\xff\xfe\n4,Ho Tu,,\n"
    records = reading(tmp_path, data)
    assert len(records) == 3
    assert records.quarantine.column("values").to_pylist() == [r'["3", "\\xff\\xfe"]']


def test_nul_bytes_are_set_aside_inside_and_stripped_around(tmp_path: Path) -> None:
    records = reading(tmp_path, HEAD + "1,Le\0An,,\n2,Vu Ba\0\0,,\n")
    assert records.data.column("full_name").to_pylist() == ["Vu Ba"]
    (row,) = records.quarantine.to_pylist()
    assert row["reason"] == "a NUL byte in column 'full_name'"
    assert json.loads(row["values"])["full_name"] == "Le\0An"


def test_broken_utf8_costs_its_row_only(tmp_path: Path) -> None:
    good = "".join(f"{i},Nguyễn Văn Tám,,\n" for i in range(10)).encode()
    records = reading(tmp_path, HEAD.encode() + good + b"99,Tr\xe1\xban \xff,,\n")
    assert len(records) == 10
    (row,) = records.quarantine.to_pylist()
    assert row["row"] == 11
    assert "no text" in row["reason"]
    assert r"\xff" in json.loads(row["values"])["full_name"]


def test_a_large_cell_is_set_aside(tmp_path: Path) -> None:
    records = reading(tmp_path, HEAD + f"1,{'x' * 10_000_000},,\n2,Le An,,\n")
    assert records.data.column("record_id").to_pylist() == ["2"]
    (row,) = records.quarantine.to_pylist()
    assert "65536 bytes in column 'full_name' (the longest has 10000000)" in row["reason"]
    assert len(row["values"]) > 10_000_000


def test_a_quote_that_never_closes_costs_its_row_only(tmp_path: Path) -> None:
    rows = [f"{i},Le An {i},1990-01-01,09{i}" for i in range(8)]
    rows[2] = '2,"Le An 2,1990-01-01,092'
    rows[5] = '5,Le An 5,1990-01-01,"095'
    records = reading(tmp_path, HEAD + "\n".join(rows) + "\n")
    assert records.data.column("record_id").to_pylist() == ["0", "1", "3", "4", "6", "7"]
    assert records.quarantine.column("row").to_pylist() == [3, 6]
    assert set(records.quarantine.column("reason").to_pylist()) == {
        "a quotation mark that is never closed"
    }


def test_a_quote_that_never_closes_in_a_narrow_table(tmp_path: Path) -> None:
    records = reading(tmp_path, 'id,full_name\n1,"Le An\n2,Vu Ba\n3,Ho "Tu" Na\n')
    assert records.data.column("full_name").to_pylist() == ["Vu Ba", 'Ho "Tu" Na']


def test_line_ends_in_values(tmp_path: Path) -> None:
    text = 'id,full_name,address\n1,Le An,"so 1, duong Le Loi\nHue"\n2,Vu Ba,"a\r\nb"\n'
    records = reading(tmp_path, text)
    assert records.data.column("address").to_pylist() == ["so 1, duong Le Loi\nHue", "a\r\nb"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, ends: str) -> None:
    records = reading(tmp_path, ends.join(["id,full_name", "1,Le An", "2,Vu Ba", ""]))
    assert records.data.column("full_name").to_pylist() == ["Le An", "Vu Ba"]


def test_duplicate_names_are_all_kept(tmp_path: Path) -> None:
    records = reading(tmp_path, "id,name,note,name\n1,Le An,x,An Le\n2,Vu Ba,y,Ba Vu\n")
    assert {f.column for f in records.fields} == {"id", "name", "note", "name_2"}
    assert any("'name' comes more than once" in m for m in records.messages)
    assert ["An Le", "Ba Vu"] in [c.to_pylist() for c in records.data.columns]


@pytest.mark.parametrize("text", ["", "\n\n", "id,full_name\n", "\ufeff"])
def test_nothing_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableInputError, match=r"no usable row; a\.csv: (empty|a header)"):
        reading(tmp_path, text)


def test_nothing_beside_something(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "head.csv").write_text("id,full_name\n")
    (tmp_path / "rows.csv").write_text("id,full_name\n1,Le An\n")
    records = read_records(tmp_path)
    assert len(records) == 1
    assert [i.rows for i in records.inputs] == [0, 0, 1]


def test_no_header(tmp_path: Path) -> None:
    records = reading(tmp_path, "1,Le An,19900512\n2,Vu Ba,19851231\n3,Le Tu,19700101\n")
    assert len(records) == 3
    assert any("no header" in m for m in records.messages)
    assert {f.column for f in records.fields} == {"column_1", "column_2", "column_3"}


def test_a_header_of_digits_is_a_header() -> None:
    dialect = find_dialect(b"0,1,2\nAn,Le,1990\nBa,Vu,1985\n", "a.csv")
    assert dialect is not None
    assert dialect.named


def test_rows_wider_than_the_header(tmp_path: Path) -> None:
    records = reading(tmp_path, "id,full_name\n1,Le An,\n2,Vu Ba,\n")
    assert len(records) == 2
    assert any("the header has 2 names, every row 3 values" in m for m in records.messages)


def test_excel_says_its_delimiter(tmp_path: Path) -> None:
    records = reading(tmp_path, "sep=;\nid;full_name\n1;Le, An\n")
    assert records.data.column("full_name").to_pylist() == ["Le, An"]


CELL = st.text(st.sampled_from('ab ,"\n;é\0'), max_size=6)
TABLE = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@given(TABLE)
def test_the_fast_and_the_careful_reader_agree(rows: list[list[str]]) -> None:
    body = "".join(",".join(map(quoted, row)) + "\n" for row in rows)
    data = b"x,y,z\n" + body.encode()
    dialect = find_dialect(b"x,y,z\nq,r,s\n", "a.csv")
    assert dialect is not None
    fast = _fast(data, dialect, ["x", "y", "z"])
    careful = _careful(data[dialect.skip :], dialect, ["x", "y", "z"])
    if fast is None:
        return
    assert fast.table.to_pylist() == [dict(zip("xyz", row, strict=True)) for row in rows]
    assert fast.table.to_pylist() == careful.table.to_pylist()
    assert fast.rows.tolist() == careful.rows.tolist() == list(range(1, len(rows) + 1))


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    content = Content(Origin(None, "x", "x"), data, Format.DELIMITED, "")
    batch = read_delimited(content)
    numbers = sorted([*batch.rows.tolist(), *(b.row for b in batch.broken)])
    assert numbers == list(range(1, batch.read + 1))
