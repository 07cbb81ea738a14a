"""Single records: the standard form that tables of one record have."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import people
from tables import record_table

from mpi.records.table import Field
from mpi.schema import FORM_OF, Kind
from mpi.settings import Settings
from mpi.standardise import standardise
from mpi.standardise.alphabets import FEW
from mpi.standardise.single import Single
from mpi.standardise.table import StandardTable
from mpi.standardise.vietnam.dates import standard_dates

LAYOUTS = {
    "birth_date": "day first, yyyymmdd, yyyymm, to 2026, 01-01 of 1950-1960",
    "full_name": "TCVN3 in part",
    "national_id": "zeros lost",
    "sex": "1=M 2=F",
}
PLACEHOLDERS = {
    "birth_date": ["1946-06-30", "1950-02-03 -> 1950-00-00", "1900-01-01 -> 1900-00-00"],
    "full_name": ["NGUYỄN VĂN A"],
}
ASKED = {
    "full_name": ["nguyễn  văn a", "Ông Lê Văn Đức", "KHÔNG RÕ", "NguyÔn ThÞ HuyÒn", "Con bà Hoa"],
    "birth_date": [
        *("3/2/1950", "30/06/1946", "1/1/1900", "01/01/1955", "1990-05-12", "tháng 5 năm 1990"),
        *("1901-01-01", "nothing"),
    ],
    "sex": ["1", "nữ", "?"],
    "national_id": ["79190012345", "000000000000", "0912345678", "012345678"],
    "phone": ["+84 912 345 678", "0"],
    "address": ["12 Lê Lợi", "không có"],
    "ward": ["P. Bến Nghé", "phường 3"],
    "district": ["Quận 1"],
    "birth_year": ["1950"],
    "birth_month": ["2"],
    "birth_day": ["3"],
    "email": ["None@None.com", "An@x.vn"],
}


def as_table(locale: str, record: dict[Field, str]) -> dict[str, str]:
    kinds = {(f.name, f.kind): [value] for f, value in record.items()}
    records = record_table(kinds, ["1"], ["a"])
    standard = standardise(
        records, Settings(locale=locale, threads=1), placeholders=PLACEHOLDERS, layouts=LAYOUTS
    )
    return values_of(standard)


def values_of(standard: StandardTable) -> dict[str, str]:
    return {
        c.field.name: c.values[int(c.codes[0])].as_py() for c in standard.columns if c.codes[0] >= 0
    }


def field(name: str) -> Field:
    return Field(name, Kind(name), name, "test")


@pytest.mark.parametrize("locale", ["general", "vi"])
@pytest.mark.parametrize("name", ASKED)
def test_a_value_is_read_as_in_a_table(locale: str, name: str) -> None:
    single = Single(locale, PLACEHOLDERS, LAYOUTS)
    for text in ASKED[name]:
        assert single.read({field(name): text}) == as_table(locale, {field(name): text}), text


@given(st.data(), st.sampled_from(["general", "vi"]))
def test_a_record_is_read_as_in_a_table(data: st.DataObject, locale: str) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(ASKED)), min_size=1, max_size=5, unique=True))
    record = {field(n): data.draw(st.sampled_from(ASKED[n]) | st.text(max_size=9)) for n in names}
    read = Single(locale, PLACEHOLDERS, LAYOUTS).read(record)
    assert read == as_table(locale, record)


def test_records_of_registries_are_read_as_in_their_table() -> None:
    records = people(60, seed=5, copies=0.5).records()
    standard = standardise(records, Settings(locale="vi"), placeholders={}, layouts={})
    single = Single("vi", {}, {})
    fields = [f for f in records.fields if f.kind in FORM_OF]
    for i, row in enumerate(records.data.to_pylist()):
        read = single.read({f: row[f.name] for f in fields if row[f.name] is not None})
        held = [(c.field.name, c.values, int(c.codes[i])) for c in standard.columns]
        assert read == {name: values[code].as_py() for name, values, code in held if code >= 0}


def test_few_dates_are_read_as_many_are() -> None:
    """What is read text by text, and what kernels read."""
    texts = [
        f"{day:02}/{month:02}/{year}"
        for day in (1, 31)
        for month in range(1, 13)
        for year in range(1940, 1970)
    ] + ASKED["birth_date"]
    assert len(texts) > FEW
    layout = LAYOUTS["birth_date"]
    many = standard_dates(pa.array(texts), layout)
    each = [standard_dates(pa.array([text]), layout) for text in texts]
    assert many.values.to_pylist() == [one.values[0].as_py() for one in each]
    for name, mask in many.repairs.items():
        assert mask.tolist() == [name in one.repairs for one in each]
    assert set(many.repairs) == {name for one in each for name in one.repairs}
