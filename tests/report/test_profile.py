"""The profile: what it says of columns, and that it says nothing of persons."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tables import record_table

from mpi.records.table import Fates, RecordTable
from mpi.report.page import Page
from mpi.report.profile import profile_columns, profile_dict, render_profile
from mpi.schema import Kind
from mpi.standardise import standardise
from mpi.standardise.describe import describe

NAMES = ["Nguyễn Thị Hoà", "TRAN VAN AN", "Lê Hòa\x1b[2J", "Con bà Lê Thị Hoa", "Phạmthuý Hằng"]
NUMBERS = ["001090012345", "012875678", "79190012346", "0912345678", "không có"]


def records() -> RecordTable:
    table = record_table(
        {
            ("full_name", Kind.FULL_NAME): NAMES,
            ("national_id", Kind.NATIONAL_ID): NUMBERS,
            ("sex", Kind.SEX): ["Nữ", "Nam", "Nữ", "Nữ", "Nữ"],
            ("note", Kind.IGNORED): ["x"] * 5,
        }
    )
    fates = {"a": Fates(read=5, accepted=5)}
    return RecordTable(table.data, table.fields[:3], fates, table.deleted)


def profile(most: int = 200_000, *, show_values: bool = False) -> dict[str, Any]:
    read = records()
    standard = standardise(read)
    found = describe(read, standard, most=most)
    columns = profile_columns(read, standard, found.findings, show_values=show_values)
    plain: dict[str, Any] = json.loads(
        json.dumps(profile_dict(read, standard, columns, found.records))
    )
    return plain


def page(of: dict[str, Any]) -> str:
    stream = io.StringIO()
    render_profile(Page(stream), of, show_values=False)
    return stream.getvalue()


def test_findings_are_in_the_json_and_on_the_page() -> None:
    made = profile()
    assert (made["locale"], made["described"]) == ("vi", 5)
    column = {c["column"]: c for c in made["columns"]}["national_id"]
    wanted = {
        "about": "CCCD says",
        "what": "another sex than the record",
        "records": 1,
        "of": 2,
    }
    assert wanted in column["findings"]
    text = page(made)
    for words in (
        "read by locale 'vi'",
        "new style (hoà)",
        "newborns under a parent's name",
        "another sex than the record",
        "telephone number in place of an identifier",
    ):
        assert words in text
    assert "of a sample" not in text
    assert [c["findings"] for c in made["columns"] if c["column"] == "note"] == [[]]


def test_no_value_of_a_person_is_told() -> None:
    text = page(profile()) + json.dumps(profile(), ensure_ascii=False)
    for value in (*NAMES, *NUMBERS[:4], "090012345", "\x1b"):
        assert value not in text
    shown = json.dumps(profile(show_values=True), ensure_ascii=False)
    assert NAMES[0] in shown


def test_a_repair_is_told_once() -> None:
    made = profile()
    repair = "full_name: in 1 record: words run together were parted"
    assert repair in made["messages"]
    text = page(made)
    assert repair not in text and "words run together" in text
    assert "read as records of Vietnam" in text


def test_a_sample_is_said_and_exact_counts_stay() -> None:
    text = page(profile(most=3))
    assert "of a sample of 3 records" in text
    assert "full_name: in 1 record: words run together were parted" in text


@pytest.mark.parametrize("locale", ["general", "vi"])
def test_a_profile_without_findings_has_no_such_part(locale: str) -> None:
    read = records()
    columns = profile_columns(read, standardise(read))
    made = profile_dict(read, standardise(read), columns)
    assert "What the columns hold" not in page({**made, "locale": locale})
