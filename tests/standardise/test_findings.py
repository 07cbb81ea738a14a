"""What is told of columns of any country: counts add up, samples are said, no value is told."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import record_table

from mpi.schema import FORM_OF, Kind
from mpi.settings import Settings
from mpi.standardise import standardise
from mpi.standardise.describe import Description, describe
from mpi.standardise.findings import Finding
from mpi.standardise.formats import date_format, date_patterns
from mpi.standardise.layouts import DateLayout
from mpi.standardise.locales import LOCALES


def described(locale: str = "general", most: int = 200_000, **columns: list[str]) -> Description:
    records = record_table({(name, Kind(name)): texts for name, texts in columns.items()})
    return describe(records, standardise(records, Settings(locale=locale)), most=most)


def told(column: str, found: Description) -> dict[str, dict[str, int]]:
    """about -> what -> records."""
    answers: dict[str, dict[str, int]] = {}
    for finding in found.findings[column]:
        answers.setdefault(finding.about, {})[finding.what] = finding.records
    return answers


@pytest.mark.parametrize(
    ("text", "layout", "name"),
    [
        ("25/12/1990", "day first", "dd/mm/yyyy"),
        ("1/2/1990", "day first", "dd/mm/yyyy"),
        ("12/25/1990", "month first", "mm/dd/yyyy"),
        ("25-12-90", "day first", "dd-mm-yy"),
        ("1990.12.25", "day first", "yyyy.mm.dd"),
        ("1990-12-25T08:30:00Z", "day first", "yyyy-mm-dd"),
        ("25/12/1990 8:30", "day first", "dd/mm/yyyy"),
        ("19901225", "day first, yyyymmdd", "yyyymmdd"),
        ("25121990", "day first, ddmmyyyy", "ddmmyyyy"),
        ("199012250830", "yyyymmdd", "yyyymmddhhmm"),
        ("1990", "", "yyyy"),
        ("12/1990", "", "mm/yyyy"),
        ("1990-12", "", "yyyy-mm"),
        ("251290", "ddmmyy", "ddmmyy"),
        ("33232", "excel", "a spreadsheet's number of days"),
        ("33232", "", "another form"),
        ("25 Dec 1990", "", "with words"),
        ("ngày 5 tháng 5", "", "with words"),
        ("1990/1991/1992", "", "another form"),
        ("??", "", "another form"),
        ("", "", "another form"),
    ],
)
def test_formats_of_dates(text: str, layout: str, name: str) -> None:
    pattern = date_patterns(pa.array([text])).dictionary[0].as_py()
    assert not set(pattern) & set("12345678")
    assert date_format(pattern, DateLayout.read(layout)) == name


def test_dates_are_told_by_format_and_precision() -> None:
    dates = ["25/12/1990", "01/01/1950", "1950", "31/02/1990", "12/1990", "x", "25/12/1990 08:30"]
    assert told("birth_date", described(birth_date=[*dates, " "])) == {
        "format": {
            "dd/mm/yyyy": 4, "mm/yyyy": 1, "with a time of day": 1, "with words": 1, "yyyy": 1,
        },
        "precision": {
            "to the day": 3, "month and year only": 2, "year only": 1, "no date": 1,
            "on 1 January": 1,
        },
        "doubts": {"a day that its month has not": 1, "no date to be read": 1},
    }  # fmt: skip


def test_identifiers_are_told_by_length() -> None:
    found = told("identifier", described(identifier=["12-34", "1234", "AB12", "12.0", "-"]))
    assert found["length"] == {"4 digits": 2, "2 digits": 1, "4 letter or digits": 1}
    assert found["repaired"] == {"'.0' left out": 1, "no letter or digit, taken as missing": 1}


def test_many_lengths_are_summed_up() -> None:
    found = told("identifier", described(identifier=["1" * n for n in range(1, 12)]))
    assert len(found["length"]) == 9 and found["length"]["other lengths"] == 3


def test_names_are_told_by_their_writing() -> None:
    names = ["ANN LEE", "ann lee", "Ann Lee", "aNN", "Zoë Anne Marie de Bois"]
    assert told("full_name", described(full_name=names)) == {
        "writing": {
            "capital letters throughout": 1, "small letters throughout": 1,
            "words with a capital": 1, "capital and small letters mixed": 2,
            "letters beyond a to z": 1,
        },
        "words": {"1 word": 1, "2 words": 3, "4 words or more": 1},
    }  # fmt: skip


def test_sexes_are_counted() -> None:
    assert told("sex", described(sex=["M", "male", "F", "?"])) == {
        "values": {"male": 2, "female": 1, "neither": 1}
    }


def test_a_sample_is_said_and_spread_evenly() -> None:
    found = described(identifier=["1"] * 500 + ["22"] * 500, most=100)
    assert found.records == 100
    assert found.findings["identifier"] == (
        Finding("length", "1 digit", 50, 100),
        Finding("length", "2 digits", 50, 100),
    )
    assert described(identifier=["1"] * 50, most=100).records == 50


def test_kinds_that_nobody_compares_are_not_told() -> None:
    assert described(ignored=["a"], full_name=["Ann"]).findings.keys() == {"full_name"}


VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["Nguyễn Thị Hoà", "Nguyeexn", "NguyÔn", "H'Hen Niê", "001090012345", "GD4790116149123",
         "0912345678", "01623456789", "31/02/1990", "1950", "TP HCM", "Phường 1", "12, Huế", "M"]
    ),
)  # fmt: skip


@settings(max_examples=60)
@given(
    st.sampled_from(sorted(LOCALES)),
    st.lists(
        st.lists(st.one_of(st.none(), VALUES), min_size=len(FORM_OF), max_size=len(FORM_OF)),
        max_size=6,
    ),
)
def test_no_column_of_any_kind_makes_it_fail(locale: str, rows: list[list[str | None]]) -> None:
    columns = {
        (kind.value, kind): [row[i] for row in rows] for i, kind in enumerate(sorted(FORM_OF))
    }
    records = record_table(columns)
    standard = standardise(records, Settings(locale=locale))
    found = describe(records, standard)
    assert found == describe(records, standard)
    for findings in found.findings.values():
        for finding in findings:
            assert 0 <= finding.records <= finding.of <= len(rows)
            assert (finding.records, finding.of) == tuple(map(int, astuple(finding)[2:]))
            assert type(finding.records) is type(finding.of) is int


def test_every_compared_kind_of_a_form_is_told() -> None:
    """In both locales, names, dates and identifiers of every kind have something to say."""
    n = 3
    columns = {
        Kind.FULL_NAME: "Nguyễn Văn An", Kind.BIRTH_DATE: "1990-05-12", Kind.PHONE: "0912345678",
        Kind.NATIONAL_ID: "001090012345", Kind.POSTCODE: "12345", Kind.DATE: "2020-01-02",
    }  # fmt: skip
    for locale in LOCALES:
        found = described(locale, **{kind.value: [text] * n for kind, text in columns.items()})
        assert set(found.findings) == {kind.value for kind in columns}
        for findings in found.findings.values():
            assert findings
            assert np.all([f.of <= n for f in findings])
