"""Placeholders by the data: what is one, and above all what is none."""

import numpy as np
import pyarrow as pa
import pytest

from mpi.records.table import Field
from mpi.schema import FORM_OF, Kind
from mpi.standardise.encode import compose, encode, rank
from mpi.standardise.heaps import find_heaps
from mpi.standardise.placeholders import listed, replaced
from mpi.standardise.table import StandardColumn

N = 2000
RNG = np.random.default_rng(3)
NAMES = [f"{chr(65 + i % 26)}{chr(65 + i // 26 % 26)}{chr(65 + i // 676)}" for i in range(N)]
DATES = [f"{1940 + i % 60}-{1 + i % 12:02d}-{2 + i % 27:02d}" for i in range(N)]
IDS = [f"8{i * 7919:011d}" for i in range(N)]


def column(kind, values):
    encoded = encode(pa.chunked_array([pa.array(values, pa.string())]))
    texts, codes = rank(encoded.values)
    codes = compose(encoded.codes, codes)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts)).astype(np.int64)
    return StandardColumn(Field(kind.value, kind, "", ""), FORM_OF[kind], codes, texts, counts, {})


def found(*columns):
    return [(p.field, p.value, p.rows) for p in find_heaps([column(*c) for c in columns])]


def held_by(value, values, rows):
    return [value if i in rows else v for i, v in enumerate(values)]


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        *((Kind.NATIONAL_ID, 10), (Kind.IDENTIFIER, 10), (Kind.PHONE, 20), (Kind.EMAIL, 20)),
        *((Kind.BIRTH_DATE, 40), (Kind.ADDRESS, 50)),
    ],
)
def test_a_value_of_many_people_is_a_placeholder(kind, least):
    values = DATES if kind is Kind.BIRTH_DATE else IDS
    value = "1999-09-09" if kind is Kind.BIRTH_DATE else "8123"
    names = (Kind.FULL_NAME, NAMES)
    assert found((kind, held_by(value, values, range(least))), names) == [(kind, value, least)]
    fewer = least - 1 if kind is not Kind.BIRTH_DATE else 19
    assert found((kind, held_by(value, values, range(fewer))), names) == []


def test_one_persons_many_records_are_none():
    rows = range(100)
    ids = held_by("8123", IDS, rows)
    names = held_by("AN", NAMES, rows)
    assert found((Kind.NATIONAL_ID, ids), (Kind.FULL_NAME, names)) == []
    typed = [n if i not in rows else f"A{NAMES[i % 20]}" for i, n in enumerate(NAMES)]
    assert found((Kind.NATIONAL_ID, ids), (Kind.FULL_NAME, typed)) == []


def test_parts_of_names_and_births_are_witnesses_too():
    ids = held_by("8123", IDS, range(100))
    half = ["A" if i % 2 else "B" for i in range(N)]
    wanted = [("national_id", "8123", 100)]
    parts = ((Kind.FAMILY_NAME, half), (Kind.GIVEN_NAME, NAMES))
    assert found((Kind.NATIONAL_ID, ids), *parts) == wanted
    assert found((Kind.NATIONAL_ID, ids), (Kind.BIRTH_DATE, DATES)) == wanted
    assert found((Kind.NATIONAL_ID, ids)) == []


def test_a_name_of_many_births_is_a_placeholder():
    names = held_by("BỆNH NHÂN", NAMES, range(200))
    births = (Kind.BIRTH_DATE, DATES)
    assert found((Kind.FULL_NAME, names), births) == [("full_name", "BỆNH NHÂN", 200)]


def test_names_that_are_frequent_by_nature_are_none():
    shares = 1.0 / np.arange(1, 301)
    names = [f"N{i}" for i in RNG.choice(300, 20_000, p=shares / shares.sum())]
    births = [f"{1930 + a}-{1 + b:02d}-05" for a, b in RNG.integers(0, (80, 12), (20_000, 2))]
    assert found((Kind.FULL_NAME, names), (Kind.BIRTH_DATE, births)) == []


def test_columns_of_few_values_are_not_searched():
    codes = [f"WARD{i % 15}" if i > 900 else "WARD0" for i in range(N)]
    assert found((Kind.IDENTIFIER, codes), (Kind.FULL_NAME, NAMES)) == []


def test_a_heap_on_new_year_keeps_the_year():
    births = held_by("1950-01-01", DATES, range(15))
    assert found((Kind.BIRTH_DATE, births), (Kind.FULL_NAME, NAMES)) == [
        ("birth_date", "1950-01-01 -> 1950-00-00", 15)
    ]
    assert (
        found((Kind.BIRTH_DATE, held_by("1950-01-01", DATES, range(9))), (Kind.FULL_NAME, NAMES))
        == []
    )


def test_the_epoch_of_computers_loses_its_year():
    names = (Kind.FULL_NAME, NAMES)
    births = held_by("1970-01-01", DATES, range(60))
    assert found((Kind.BIRTH_DATE, births), names) == [("birth_date", "1970-01-01", 60)]
    births = held_by("1971-01-01", births, range(60, 120))
    assert ("birth_date", "1970-01-01 -> 1970-00-00", 60) in found((Kind.BIRTH_DATE, births), names)


def test_replacing_merges_with_what_is_there():
    births = column(Kind.BIRTH_DATE, ["1950-01-01", "1950-00-00", "1950-01-01", "1960-02-02", None])
    new = replaced(births, {"1950-01-01": "1950-00-00", "1960-02-02": "", "1999-01-01": ""})
    assert new.values.to_pylist() == ["1950-00-00"]
    assert new.codes.tolist() == [0, 0, 0, -1, -1]
    assert new.counts.tolist() == [3]
    assert list(new.repairs.values()) == [2]
    assert replaced(births, {"1999-01-01": ""}) is births


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((Kind.NATIONAL_ID, v) for v in ("0", "000000000", "111111111", "123456789012")),
        *((Kind.NATIONAL_ID, v) for v in ("012345678901", "987654321", "XXXXXXXXX", "NA")),
        *((Kind.PHONE, v) for v in ("0", "123456789", "900000000", "999999999")),
        *((Kind.FULL_NAME, v) for v in ("UNKNOWN", "KHÔNG RÕ", "VÔ DANH", "NA", "TEST")),
        *((Kind.BIRTH_DATE, v) for v in ("1900-01-01", "1899-12-30")),
        *((Kind.POSTCODE, "0000"), (Kind.POSTCODE, "99999")),
    ],
)
def test_listed(kind, value):
    assert value in listed(kind)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((Kind.GIVEN_NAME, "NA"), (Kind.FULL_NAME, "VO DANH"), (Kind.POSTCODE, "2222")),
        *((Kind.STREET_NUMBER, "11"), (Kind.AGE, "0"), (Kind.SEX, "M"), (Kind.IDENTIFIER, "111")),
        *((Kind.BIRTH_DATE, "1970-01-01"), (Kind.PHONE, "912345678")),
    ],
)
def test_not_listed(kind, value):
    assert value not in listed(kind)
