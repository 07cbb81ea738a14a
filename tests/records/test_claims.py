from __future__ import annotations

import gzip
import io
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import claims
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import record_table

from mpi.errors import UnusableInputError
from mpi.records import Fates, RecordTable, read_records, relations
from mpi.records.claim_fields import BIRTH, KINDS, PAPER, VISIT
from mpi.records.claims import Claims, Gathered, follow
from mpi.records.inputs import Format, find_inputs
from mpi.records.opening import open_input
from mpi.records.relations import relation_rows
from mpi.schema import TRUSTED_KINDS, Kind
from mpi.settings import Settings


def read(folder: Path, text: str | bytes, name: str = "visits.xml") -> RecordTable:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_records(path)


def rows(records: RecordTable) -> list[dict[str, Any]]:
    """Rows under the names of their columns, what is missing left out."""
    names = {f.name: f.column for f in records.fields} | {"source": "source"}
    return [
        {names.get(n, n): v for n, v in row.items() if v is not None}
        for row in records.data.to_pylist()
    ]


def reasons(records: RecordTable) -> list[str]:
    return list(records.quarantine.column("reason").to_pylist())


def test_a_visit_is_a_record(tmp_path: Path) -> None:
    records = read(tmp_path, claims.envelope(claims.of_visit(), facility="99999"))
    (row,) = records.data.to_pylist()
    assert (row["source"], row["record_id"]) == ("01001", "LK1")
    assert row["full_name"] == "Trần Thị Hoa"
    assert row["birth_date"] == "199001010000"
    assert row["sex"] == "2"
    assert row["national_id"] == "001190000001"
    assert row["insurance_id"] == "DN4010116149001"
    assert row["phone"] == "0912000001"
    assert row["address"] == "Số 1 phố Huế & chợ Hôm"
    assert (row["province"], row["ward"]) == ("01", "00256")
    assert row["updated_at"] == "20240603"
    assert row["MA_BN"] == "01001/BN1"
    assert row["MA_QUOCTICH"] == "000"
    assert {f.column: f.kind for f in records.fields}["MA_QUOCTICH"] is Kind.IGNORED
    assert records.total == Fates(1, 1)
    assert records.inputs[0].notes == ("claims in XML",)


def test_an_illness_is_never_read(tmp_path: Path) -> None:
    records = read(tmp_path, claims.envelope(claims.of_visit()))
    held = json.dumps(records.data.to_pylist())
    assert "J00" not in held
    assert "Paracetamol" not in held


@pytest.mark.parametrize(
    "text",
    [
        claims.visit(),
        f"<XML1>{claims.visit().removeprefix(claims.DECLARED)}</XML1>",
        claims.visit().replace("TONG_HOP>", "XML1>"),
        claims.envelope(
            claims.hoso(claims.part("XML1", claims.visit().removeprefix(claims.DECLARED)))
        ),
        claims.envelope(claims.hoso(claims.part("XML1", f"<![CDATA[{claims.visit()}]]>"))),
        claims.envelope(claims.hoso(claims.part("XML1", claims.coded(claims.visit(), 76)))),
        claims.envelope(claims.hoso(claims.part(" xml1 ", claims.coded(claims.visit())))),
        claims.envelope(claims.hoso(claims.part("1", claims.coded(claims.visit()).rstrip("=")))),
        claims.envelope(
            claims.hoso(
                f"<FILEHOSO><NOIDUNGFILE>{claims.coded(claims.visit())}</NOIDUNGFILE>"
                "<LOAIHOSO>XML1</LOAIHOSO></FILEHOSO>"
            )
        ),
        claims.envelope(claims.of_visit())
        .replace("<GIAMDINHHS", '<g:GIAMDINHHS xmlns:g="urn:x" xmlns="urn:y"')
        .replace("</GIAMDINHHS", "</g:GIAMDINHHS"),
        "\ufeff" + claims.envelope(claims.of_visit()),
        "\r\n  " + claims.envelope(claims.of_visit()),
        claims.envelope(claims.hoso(claims.part("XML1", claims.coded("\n " + claims.visit())))),
        claims.envelope(
            claims.hoso(claims.part("XML1", claims.coded(claims.visit().encode("utf-8-sig"))))
        ),
    ],
    ids=[
        *("bare", "inside XML1", "as XML1", "inline", "CDATA", "lines", "blanks in the label"),
        *("number as label", "label behind", "namespaces", "mark", "blanks", "inner blanks"),
        "inner mark",
    ],
)
def test_every_shape_gives_the_same_record(tmp_path: Path, text: str) -> None:
    plain = rows(read(tmp_path, claims.visit(), "plain.xml"))[0]
    (row,) = rows(read(tmp_path, text))
    assert {n: v for n, v in row.items() if n != "NGAY_LAP"} == {
        n: v for n, v in plain.items() if n != "NGAY_LAP"
    }


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-16", "UTF-16"), ("cp1258", "windows-1258"), ("utf-8", "utf-16"), ("utf-8", "UTF-8")],
)
def test_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    text = claims.visit(HO_TEN="Tran Thi Hoa Đô", DIA_CHI="Phô Huê").replace("UTF-8", declared)
    inner = text.encode(encoding)
    records = read(tmp_path, claims.envelope(claims.hoso(claims.part("XML1", claims.coded(inner)))))
    assert rows(records)[0]["HO_TEN"] == "Tran Thi Hoa Đô"
    assert rows(read(tmp_path, inner, "bare.xml"))[0]["DIA_CHI"] == "Phô Huê"


def test_the_names_of_4210(tmp_path: Path) -> None:
    text = claims.envelope(claims.hoso(claims.part("XML1", claims.coded(claims.visit_4210()))))
    (row,) = read(tmp_path, text).data.to_pylist()
    assert row["insurance_id"] == "DN4010116149001"
    assert row["birth_date"] == "1990"
    assert "national_id" not in row


def test_several_cards_stay_as_they_came(tmp_path: Path) -> None:
    cards = "DN4010116149001;GD4010116149001"
    records = read(tmp_path, claims.envelope(claims.of_visit(MA_THE_BHYT=cards)))
    assert records.data.column("insurance_id").to_pylist() == [cards]


def test_a_birth_is_a_record_of_the_child_tied_to_the_mother(tmp_path: Path) -> None:
    twins = claims.births({}, {"HO_TEN_CON": "Lê Minh Châu", "GIOI_TINH_CON": "2", "SO": "16"})
    parts = (
        claims.part("XML9", claims.coded(twins)),
        claims.part("XML1", claims.coded(claims.visit())),
    )
    records = read(tmp_path, claims.envelope(claims.hoso(*parts)))
    mother, first, second = rows(records)
    assert [r["MA_LK"] if "MA_LK" in r else r["record_id"] for r in (mother, first, second)] == [
        *("LK1", "LK1/con1", "LK1/con2")
    ]
    assert {r["source"] for r in (mother, first, second)} == {"01001"}
    assert (first["HO_TEN"], first["NGAY_SINH"], first["GIOI_TINH"]) == (
        *("Lê Minh Anh", "202406010830", "1"),
    )
    assert second["HO_TEN"] == "Lê Minh Châu"
    assert (first["HO_TEN_ME"], first["HO_TEN_CHA"]) == ("Trần Thị Hoa", "Lê Văn Nam")
    assert (first["MA_LK_ME"], first["SO_CCCD_ME"]) == ("LK1", "001190000001")
    assert first["MA_THE_BHYT"] == "TE1010116149900"
    assert first["CHUNG_SINH"] == "01001/2024/15"
    assert "SO_CCCD" not in first
    assert "MA_LK_ME" not in mother
    assert records.total == Fates(3, 3)
    assert any("2 births (XML9) are records of their own" in m for m in records.messages)


def test_no_number_of_a_parent_is_compared_as_the_childs(tmp_path: Path) -> None:
    records = read(tmp_path, claims.births({}))
    assert records.total == Fates(1, 1)
    own = {f.column for f in records.of_kind({*TRUSTED_KINDS, Kind.IDENTIFIER, Kind.PHONE})}
    assert own == {"MA_THE_BHYT", "CHUNG_SINH"}
    for columns in (BIRTH, PAPER):
        for name, column in columns.items():
            if name.endswith(("_NND", "_ME", "_CHA")) and column not in ("DIA_CHI", "HO_TEN_ME"):
                assert KINDS[column] in (Kind.IGNORED, Kind.FATHER_NAME, Kind.MOTHER_NAME)


def test_a_certificate_without_an_entry_is_no_row(tmp_path: Path) -> None:
    empty = claims.births(dict.fromkeys(BIRTH, ""))
    parts = (
        claims.part("XML1", claims.coded(claims.visit())),
        claims.part("XML9", claims.coded(empty)),
    )
    text = claims.envelope(claims.hoso(*parts, claims.part("XML8", "")))
    assert read(tmp_path, text).total == Fates(1, 1)


def test_papers_tell_the_parents(tmp_path: Path) -> None:
    root = "CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN"
    paper = claims.fields({"MA_LK": "LK2", "HO_TEN_ME": "Vũ Thị Mai", "HO_TEN_CHA": "Lê Nam"})
    parts = [claims.part("XML1", claims.coded(claims.visit(MA_LK=n))) for n in ("LK1", "LK2")]
    parts.append(claims.part("XML8", claims.coded(f"<{root}>{paper}</{root}>")))
    first, second = rows(read(tmp_path, claims.envelope(claims.hoso(*parts))))
    assert "HO_TEN_ME" not in first
    assert (second["HO_TEN_ME"], second["HO_TEN_CHA"]) == ("Vũ Thị Mai", "Lê Nam")


def test_a_check_in_is_replaced_by_its_visit(tmp_path: Path) -> None:
    fields = claims.fields(
        {"MA_LK": "LK1", "HO_TEN": "Tran Hoa", "MA_CSKCB": "01001", "NGAY_VAO": "202406010700"}
    )
    row = f"<TRANG_THAI_KCB>{fields}</TRANG_THAI_KCB>"
    check_in = f"<DSACH_TRANG_THAI_KCB>{row}{row}</DSACH_TRANG_THAI_KCB>"
    (tmp_path / "a.xml").write_text(
        f"<CHI_TIEU_TRANG_THAI_KCB>{check_in}</CHI_TIEU_TRANG_THAI_KCB>"
    )
    (tmp_path / "b.xml").write_text(claims.visit())
    records = read_records(tmp_path)
    assert records.total == Fates(3, 1, 2)
    assert records.data.column("full_name").to_pylist() == ["Trần Thị Hoa"]


def test_the_claim_written_last_counts(tmp_path: Path) -> None:
    for name, day, said in (("a", "20240605", "Trần Thị Hoà"), ("b", "20240604", "Trần T Hoa")):
        text = claims.envelope(claims.of_visit(HO_TEN=said), written=day)
        (tmp_path / f"{name}.xml").write_text(text)
    records = read_records(tmp_path)
    assert records.data.column("full_name").to_pylist() == ["Trần Thị Hoà"]
    assert records.total == Fates(2, 1, 1)


GOOD = claims.of_visit(MA_LK="GOOD")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (claims.hoso(claims.part("XML1", "")), "XML1: NOIDUNGFILE is empty"),
        (claims.hoso(claims.part("XML1", " \n ")), "XML1: NOIDUNGFILE is empty"),
        (claims.hoso(claims.part("XML1", "!!!!")), "XML1: no base64"),
        (claims.hoso(claims.part("XML1", "PGE+A")), "XML1: no base64"),
        (claims.hoso(claims.part("XML1", "ÿÿÿÿ")), "XML1: no base64: a letter"),
        (claims.hoso(claims.part("XML1", "PGE+QQ==QQ==")), "XML1: no base64"),
        (
            claims.hoso(claims.part("XML1", claims.coded(claims.visit()[:-9]))),
            "XML1: no well-formed XML (line 1",
        ),
        (
            claims.hoso(
                claims.part(
                    "XML1",
                    claims.coded(claims.visit().encode("cp1258", "replace").replace(b"?", b"\xea")),
                )
            ),
            "XML1: no well-formed XML",
        ),
        (
            claims.hoso(
                claims.part("XML1", claims.coded(claims.visit().replace("UTF-8", "klingon")))
            ),
            "XML1: an encoding that cannot be read",
        ),
        (
            claims.hoso(claims.part("XML1", claims.coded("<DON_THUOC/>"))),
            "XML1: it holds no person",
        ),
        (claims.hoso(claims.part("XML1", "<DON_THUOC/>")), "XML1: it holds no person"),
        (claims.hoso(claims.part("XML9", claims.coded("<a>"))), "XML9: no well-formed XML"),
        (claims.hoso(claims.part("", "?")), "a part without LOAIHOSO: no base64"),
        (claims.hoso(claims.part("XML3", claims.coded("<a>"))), "a HOSO without XML1"),
        (claims.hoso(), "a HOSO without XML1"),
        (claims.of_visit(MA_LK=None), "no record id"),
        (claims.of_visit(MA_LK=" "), "no record id"),
        (
            claims.of_visit(MA_BN=None, HO_TEN="", SO_CCCD=None, MA_THE_BHYT="", DIEN_THOAI=""),
            "no name and no identifier",
        ),
        (claims.of_visit(HO_TEN="x" * 70_000), "XML1: a value of more than 65536"),
        (
            claims.hoso(
                claims.part("XML1", claims.coded(claims.visit().replace("<STT>", "<b>" * 70)))
            ),
            "XML1: elements more than 64 deep",
        ),
    ],
)
def test_what_is_broken_is_set_aside_and_costs_nothing_else(
    tmp_path: Path, bad: str, reason: str
) -> None:
    for files in ((GOOD, bad), (bad, GOOD), (bad, GOOD, bad)):
        records = read(tmp_path, claims.envelope(*files))
        assert records.data.column("record_id").to_pylist() == ["GOOD"]
        assert records.total == Fates(len(files), 1, 0, 0, len(files) - 1)
        assert all(r.startswith(reason) for r in reasons(records)), reasons(records)
        assert set(records.quarantine.column("source").to_pylist()) == {"01001"}
        where = [n for n, f in enumerate(files, 1) if f is bad]
        assert records.quarantine.column("row").to_pylist() == where


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize("entity", ["&b;", "&c;"])
def test_entities_are_refused_inside_and_outside(tmp_path: Path, entity: str) -> None:
    text = claims.visit().replace("Trần", entity)
    evil = text.replace(claims.DECLARED, claims.DECLARED + BOMB)
    bad = claims.hoso(claims.part("XML1", claims.coded(evil)))
    records = read(tmp_path, claims.envelope(GOOD, bad))
    assert records.total == Fates(2, 1, 0, 0, 1)
    assert reasons(records)[0].startswith("XML1: a document type declaration")
    with pytest.raises(UnusableInputError, match="a document type declaration"):
        read(tmp_path, evil)
    assert "root:" not in json.dumps(records.quarantine.to_pylist())


def test_where_a_file_breaks_off_the_rest_is_kept_and_said(tmp_path: Path) -> None:
    whole = claims.envelope(GOOD, claims.of_visit(MA_LK="LK2"))
    cut = whole[: whole.rindex("<LOAIHOSO>XML2")]
    records = read(tmp_path, cut)
    assert records.data.column("record_id").to_pylist() == ["GOOD", "LK2"]
    assert records.total == Fates(3, 2, 0, 0, 1)
    (reason,) = reasons(records)
    assert reason.startswith("HOSO 2 cannot be read to its end: no well-formed XML (line 2")


@pytest.mark.parametrize("prefix", ["", "g:"])
@pytest.mark.parametrize("damage", ["<", "&x;", "\0", "</b>", "<HOSO ="])
def test_behind_damage_reading_goes_on_at_the_next_hoso(
    tmp_path: Path, prefix: str, damage: str
) -> None:
    files = [claims.of_visit(MA_LK=f"LK{n}") for n in range(5)]
    files[1] = files[1].replace("<LOAIHOSO>", damage + "<LOAIHOSO>", 1)
    files[3] = files[3].replace("<LOAIHOSO>XML2", damage + "<LOAIHOSO>XML2", 1)
    text = claims.envelope(*(f"{file}\n" for file in files))
    for name in ("HOSO", "DANHSACHHOSO"):
        text = text.replace(f"<{name}>", f"<{prefix}{name}>")
        text = text.replace(f"</{name}>", f"</{prefix}{name}>")
    records = read(tmp_path, text)
    kept = records.data.column("record_id").to_pylist()
    assert {"LK0", "LK2", "LK3", "LK4"} <= set(kept)
    assert "LK1" not in kept
    assert records.quarantine.num_rows >= 2
    assert all("cannot be read to its end" in r for r in reasons(records))
    assert records.total.read == len(kept) + records.quarantine.num_rows
    if damage == "</b>":
        assert reasons(records)[0].startswith("HOSO 2 cannot be read to its end")
        assert "(line 3, column" in reasons(records)[0]
        assert "(line 5, column" in reasons(records)[1]


def test_the_count_in_the_envelope_is_checked(tmp_path: Path) -> None:
    records = read(tmp_path, claims.envelope(GOOD, count=3))
    assert any("SOLUONGHOSO says 3, the file holds 1 HOSO" in m for m in records.messages)


def test_thousands_of_visits_of_several_facilities(tmp_path: Path) -> None:
    text, said = claims.sample(7, 2500)
    records = read(tmp_path, text)
    assert records.total == Fates(2500, 2500)
    got = {(r["source"], r["record_id"]): r for r in records.data.to_pylist()}
    for row in said:
        record = got[(row["MA_CSKCB"], row["MA_LK"])]
        assert record["full_name"] == row["HO_TEN"]
        assert record["birth_date"] == row["NGAY_SINH"]
        assert record["national_id"] == row["SO_CCCD"]
        assert record["MA_BN"] == f"{row['MA_CSKCB']}/{row['MA_BN']}"
    assert set(records.fates) == {"01001", "79010", "48003"}


@pytest.mark.parametrize("how", ["plain", "gzip", "zstd", "standard input", "folder", "glob"])
def test_every_way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    text, _ = claims.sample(3, 300)
    data = text.encode()
    path = tmp_path / "visits.xml"
    wanted = read(tmp_path, text)
    given: str | Path = path
    if how == "gzip":
        given = tmp_path / "v.xml.gz"
        given.write_bytes(gzip.compress(data))
    elif how == "zstd":
        given = tmp_path / "v.xml.zst"
        with pa.CompressedOutputStream(str(given), "zstd") as stream:
            stream.write(data)
    elif how == "standard input":

        class Standard:
            buffer = io.BytesIO(data)

        monkeypatch.setattr("sys.stdin", Standard)
        given = "-"
    elif how == "folder":
        (tmp_path / "notes.md").write_text("no input")
        given = tmp_path
    elif how == "glob":
        given = str(tmp_path / "*.xml")
    records = read_records(given)
    assert records.data.equals(wanted.data)
    assert records.total == wanted.total
    if how in ("plain", "folder", "glob", "standard input"):
        assert records.inputs[0].fingerprint == wanted.inputs[0].fingerprint


def test_claims_and_tables_are_one_record_table(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(claims.envelope(GOOD))
    (tmp_path / "b.csv").write_text(
        "ma_lk,ho_ten,cccd,ngay_sinh\nx,Le An,001190000009,1990-05-12\n"
    )
    records = read_records(tmp_path)
    assert records.data.column("full_name").to_pylist() == ["Trần Thị Hoa", "Le An"]
    assert records.data.column("national_id").to_pylist() == ["001190000001", "001190000009"]
    assert records.data.column("source").to_pylist() == ["01001", "b"]


def test_a_user_may_give_kinds_to_columns(tmp_path: Path) -> None:
    path = tmp_path / "v.xml"
    path.write_text(claims.envelope(claims.of_visit(MA_DANTOC="22")))
    records = read_records(path, settings=Settings(fields={"MA_DANTOC": Kind.CATEGORY}))
    assert {f.column: f.kind for f in records.fields}["MA_DANTOC"] is Kind.CATEGORY


def test_a_part_without_persons_is_said(tmp_path: Path) -> None:
    (tmp_path / "xml1.xml").write_text(claims.visit())
    (tmp_path / "xml2.xml").write_text(
        "<CHITIEU_CHITIET_THUOC><MA_LK>1</MA_LK></CHITIEU_CHITIET_THUOC>"
    )
    records = read_records(tmp_path)
    assert len(records) == 1
    assert (
        "xml2.xml: no part of it (CHITIEU_CHITIET_THUOC) says who somebody is" in records.messages
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xml", b"<html></html>", "no file of health-insurance claims: its root is HTML"),
        ("a.xml", b"id,name\n1,An\n", "it begins with b'id,n'"),
        ("a.xml", b"<GIAMDINHHS>", "the file cannot be read to its end"),
        ("a.xml.gz", gzip.compress(claims.envelope(GOOD).encode() * 9, mtime=0)[:-9], "truncated"),
    ],
)
def test_what_is_no_claim_file_is_named(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    with pytest.raises(UnusableInputError, match=said):
        read(tmp_path, data, name)


@pytest.mark.parametrize("name", ["visits.xml", "visits", "visits.csv", "visits.txt", "v.XML"])
def test_content_decides(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(f"<!-- a > b --><?x y?>{claims.visit().removeprefix(claims.DECLARED)}")
    with open_input(find_inputs(path)[0]) as opened:
        assert opened.format is Format.CLAIMS


class Flood(io.RawIOBase):
    """A file of many megabytes that is never whole in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:  # type: ignore[no-untyped-def]
        while not self.left:
            self.left = next(self.pieces, b"")
            if not self.left:
                return 0
        size = min(len(into), len(self.left))
        into[:size], self.left = self.left[:size], self.left[size:]
        return size


@pytest.mark.parametrize(
    "filler",
    [b"QUJD" * 16384, b"<x>text</x>" * 1024, b"a" * 65536, b"<!-- x --> " * 4096],
    ids=["base64", "elements", "text", "comments"],
)
@pytest.mark.parametrize("label", ["XML3", "XML1", "outside", "tag", "comment"])
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, label: str, filler: bytes) -> None:
    before, after = claims.envelope(GOOD, "@").encode().split(b"@")
    if label in ("XML1", "XML3"):
        before += f"<HOSO><FILEHOSO><LOAIHOSO>{label}</LOAIHOSO><NOIDUNGFILE>".encode()
        after = b"</NOIDUNGFILE></FILEHOSO></HOSO>" + after
    elif label == "tag":
        before, filler = before + b"<HOSO x='", filler.replace(b"<", b"")
    elif label == "comment":
        before, filler = before + b"<!--", filler.replace(b"-", b"")

    class Standard:
        buffer = io.BufferedReader(Flood(iter([before, *[filler] * 160, after])))

    monkeypatch.setattr("sys.stdin", Standard)
    tracemalloc.start()
    records = read_records("-")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert records.data.column("record_id").to_pylist() == ["GOOD"]
    assert peak < 5 << 20


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 9), st.binary(max_size=6)), max_size=4
    ),
    inner=st.booleans(),
)
def test_no_damage_raises_anything_but_a_plain_word(
    tmp_path: Path, edits: list[tuple[int, int, bytes]], inner: bool
) -> None:
    def damaged(data: bytes) -> bytes:
        for at, size, new in edits:
            at %= len(data)
            data = data[:at] + new + data[at + size :]
        return data

    if inner:
        part = claims.part("XML1", claims.coded(damaged(claims.visit().encode())))
        data = claims.envelope(GOOD, claims.hoso(part)).encode()
    else:
        data = damaged(claims.envelope(GOOD, claims.of_visit()).encode())
    try:
        records = read(tmp_path, data)
    except UnusableInputError:
        assert not inner
        return
    total = records.total
    assert total.read == total.accepted + total.replaced + total.deleted + total.quarantined
    assert not inner or "GOOD" in records.data.column("record_id").to_pylist()


@given(size=st.integers(1, 97), at=st.integers(0, 3000), damage=st.sampled_from(["", "<", "&"]))
@settings(max_examples=40, deadline=None)
def test_the_size_of_pieces_changes_nothing(size: int, at: int, damage: str) -> None:
    wrapped = claims.hoso(claims.part("XML1", claims.coded(claims.visit(), 60)))
    text = claims.envelope(wrapped, GOOD, wrapped)
    data = (text[:at] + damage + text[at:]).encode()
    found = []
    for step in (size, len(data)):
        gathered = Gathered()
        follow(Claims(gathered), (data[i : i + step] for i in range(0, len(data), step)))
        batch = gathered.batch()
        found.append((batch.table, [b.row for b in batch.broken]))
    assert found[0] == found[1]


def test_the_names_of_both_decisions_are_known() -> None:
    assert set(VISIT) >= {"MA_LK", "MA_THE", "MA_THE_BHYT"}


def test_relations_are_pairs_of_two_records(tmp_path: Path) -> None:
    mother = claims.part("XML1", claims.coded(claims.visit()))
    twins = claims.part("XML9", claims.coded(claims.births({}, {"SO": "16"})))
    alone = claims.part("XML9", claims.coded(claims.births({"MA_LK": "LK9"})))
    text = claims.envelope(claims.hoso(mother, twins), claims.hoso(alone))
    found = relations(read(tmp_path, text))
    assert found.to_pylist() == [
        {
            "source": "01001",
            "record_id": f"LK1/con{n}",
            "relation": "mother",
            "relative_source": "01001",
            "relative_record_id": "LK1",
        }
        for n in (1, 2)
    ]
    assert relations(read(tmp_path, claims.visit(), "none.xml")).num_rows == 0


def test_a_record_is_no_relative_of_itself() -> None:
    columns = {
        ("full_name", Kind.FULL_NAME): ["An", "Ba", "Chi"],
        ("MA_LK_ME", Kind.IGNORED): ["1", "1", "9"],
    }
    records = record_table(columns, ["1", "2", "3"])
    child, mother, words = relation_rows(records)
    assert (child.tolist(), mother.tolist(), words) == ([1], [0], ["mother"])
    assert relations(records)["record_id"].to_pylist() == ["2"]


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_neither_order_nor_files_matter(data: st.DataObject) -> None:
    births = claims.part("XML9", claims.coded(claims.births({}, {"SO": "16"})))
    files = [
        claims.hoso(claims.part("XML1", claims.coded(claims.visit())), births),
        claims.of_visit(MA_LK="LK2", HO_TEN="Lê Bình"),
        claims.of_visit(MA_LK="LK2", HO_TEN="Lê Bính"),
        claims.of_visit(MA_LK="LK3", MA_CSKCB="79010"),
        claims.hoso(claims.part("XML1", "")),
        claims.of_visit(MA_LK=None),
    ]
    shuffled = data.draw(st.permutations(files))
    cut = data.draw(st.integers(0, len(files)))
    with tempfile.TemporaryDirectory() as folder:
        whole, parts = Path(folder, "whole"), Path(folder, "parts")
        for where, pieces in ((whole, [files]), (parts, [shuffled[:cut], shuffled[cut:]])):
            where.mkdir()
            for number, piece in enumerate(pieces):
                Path(where, f"{number}.xml").write_text(claims.envelope(*piece))
        one, other = read_records(whole), read_records(parts)
    assert one.data.equals(other.data)
    assert one.fates == other.fates
    columns = ["source", "values", "reason"]
    assert sorted(map(str, one.quarantine.select(columns).to_pylist())) == sorted(
        map(str, other.quarantine.select(columns).to_pylist())
    )
