"""What the fields of one record say about each other: numbers and their holders, wards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.compare import identifier_level
from tables import record_table

from mpi.records import RecordTable
from mpi.schema import Kind
from mpi.settings import Settings
from mpi.standardise import StandardTable, standardise
from mpi.standardise.vietnam import holders, identifiers, reference, reform, relatives
from mpi.standardise.vietnam.wards import by_ward_code, new_wards

Texts = Sequence[str | None]
VIETNAM = Settings(locale="vi")


def records_of(**columns: Texts) -> RecordTable:
    return record_table({(name, Kind(name)): texts for name, texts in columns.items()})


def read(records: RecordTable, layouts: dict[str, str] | None = None) -> StandardTable:
    """Nothing is searched for in the data, so that few records are read as many are."""
    wanted = {"birth_date": "day first, yyyymmdd", "sex": "1=M 2=F"} | (layouts or {})
    return standardise(records, VIETNAM, placeholders={}, layouts=wanted)


def values_of(table: StandardTable, name: str) -> list[str | None]:
    column = next(c for c in table.columns if c.field.name == name)
    return [None if code < 0 else column.values[code].as_py() for code in column.codes.tolist()]


def repairs_of(table: StandardTable, name: str) -> dict[str, int]:
    return next(c for c in table.columns if c.field.name == name).repairs


MAN, WOMAN = "001090012345", "079190012346"


def test_ten_digits_get_two_zeros_where_the_record_bears_them_out() -> None:
    records = records_of(
        national_id=["1090012345"] * 4 + ["1090012345 ", "4711001234"],
        sex=["Nam", "Nữ", None, "Nam", "Nam", "Nam"],
        birth_date=["12/05/1990", "12/05/1990", "1990", None, "1991", "1990"],
    )
    table = read(records)
    short = "1090012345"
    assert values_of(table, "national_id") == [MAN, short, MAN, short, short, "4711001234"]
    assert repairs_of(table, "national_id") == {identifiers.RESTORED: 2}


def test_eleven_digits_keep_their_zero_unless_the_record_contradicts() -> None:
    records = records_of(
        national_id=["79190012346", "79190012346", "79190012346", WOMAN, "079.190.012.346"],
        sex=["Nữ", "Nam", None, "Nam", "Nam"],
        birth_date=["12/05/1990", "12/05/1990", None, "12/05/1990", "12/05/1990"],
    )
    table = read(records)
    assert values_of(table, "national_id") == [WOMAN, "79190012346", WOMAN, WOMAN, WOMAN]
    assert repairs_of(table, "national_id") == {
        identifiers.RESTORED: 2,
        holders.NOT_RESTORED: 1,
        holders.UNLIKE: 2,
    }
    assert "national_id: in 2 records: " + holders.UNLIKE in table.messages


def test_a_column_stored_as_numbers_is_judged_by_its_records_too() -> None:
    records = records_of(
        national_id=["1090012345", "1090012345"], sex=["M", "F"], birth_date=["1990", "1990"]
    )
    table = read(records, {"national_id": identifiers.ZEROS_LOST})
    assert values_of(table, "national_id") == [MAN, "1090012345"]


def test_sex_and_year_are_read_from_the_number_where_the_record_has_none() -> None:
    records = records_of(
        national_id=[MAN, WOMAN, WOMAN, MAN, "012345678", "001990012345", None],
        sex=[None, None, "Nữ", "Nữ", None, None, None],
        birth_date=[None, "12/05/1990", None, None, None, None, None],
    )
    table = read(records)
    assert values_of(table, "sex") == ["M", "F", "F", "F", None, None, None]
    assert values_of(table, "birth_date") == [
        "1990-00-00", "1990-05-12", "1990-00-00", None, None, None, None,
    ]  # fmt: skip
    assert repairs_of(table, "sex") == {holders.SEX_READ: 2}
    assert repairs_of(table, "birth_date") == {holders.YEAR_READ: 2}
    # It is evidence, and nobody's own statement: what came stays as it came.
    assert records.data["sex"].to_pylist() == [None, None, "Nữ", "Nữ", None, None, None]


def test_where_0_and_1_are_kept_no_sex_is_put_in() -> None:
    records = records_of(national_id=[MAN, MAN], sex=["1", None])
    table = read(records, {"sex": "0 and 1 kept"})
    assert values_of(table, "sex") == ["1", None]


def test_the_number_of_somebody_a_generation_older_is_a_relatives() -> None:
    records = records_of(
        national_id=[WOMAN, WOMAN, "79190012346", WOMAN, WOMAN, WOMAN],
        birth_date=["01/06/2015", "02/07/2018", "2016", "1990", "2003", None],
        insurance_id=[None, WOMAN, None, WOMAN, None, None],
    )
    table = read(records)
    apart = WOMAN + relatives.RELATIVE
    assert values_of(table, "national_id") == [apart, apart, apart, WOMAN, WOMAN, WOMAN]
    assert values_of(table, "insurance_id") == [None, apart, None, WOMAN, None, None]
    assert repairs_of(table, "national_id") == {
        relatives.OLDER: 3,
        identifiers.RESTORED: 1,
        holders.UNLIKE: 1,
    }
    # A child keeps what it has in common with itself and its siblings, not with its mother.
    assert identifier_level(apart, WOMAN) == 0
    # What the number says is its owner's.
    assert values_of(table, "birth_date")[:2] == ["2015-06-01", "2018-07-02"]


def test_a_card_of_nine_digits_is_nobodys_who_was_born_since_2008() -> None:
    records = records_of(
        national_id=["012345679"] * 4, birth_date=["2008", "01/02/2020", "2007", None]
    )
    apart = "012345679" + relatives.RELATIVE
    table = read(records)
    assert values_of(table, "national_id") == [apart, apart, "012345679", "012345679"]
    assert repairs_of(table, "national_id") == {relatives.CARD: 2}


def test_the_card_of_a_grown_person_in_a_newborns_record() -> None:
    records = records_of(
        full_name=["CON BÀ LÊ THỊ AN", "CB LÊ THỊ AN", "Lê Thị An", "KHÔNG RÕ", "CON LÊ THỊ AN",
                   "BÉ TRẦN THỊ BA"],
        insurance_id=["DN4790116149123", "TE1790116149124", "DN4790116149123", "DN4790116149125",
                      "0116149123", " gd4790116149123"],
    )  # fmt: skip
    table = read(records)
    apart = "0116149123" + relatives.RELATIVE
    assert values_of(table, "insurance_id") == [
        apart, "0116149124", "0116149123", "0116149125", "0116149123", apart,
    ]  # fmt: skip
    assert repairs_of(table, "insurance_id") == {relatives.GROWN: 2}


def test_the_general_locale_knows_nothing_of_it() -> None:
    records = records_of(national_id=[MAN, WOMAN], sex=[None, "M"], birth_date=["2015", None])
    table = standardise(records, Settings(locale="general"), placeholders={}, layouts={})
    assert values_of(table, "national_id") == [MAN, WOMAN]
    assert values_of(table, "sex") == [None, "M"]


def test_an_old_ward_is_written_with_the_new_one() -> None:
    records = records_of(
        ward=["Phường Bến Nghé", "P. Sài Gòn", "Bến Nghé", "26740", "Phường 3", "nowhere", None],
        district=["Quận 1", None, "Q1", None, None, "Q1", "Q1"],
        province=["TP HCM", "Hồ Chí Minh", None, None, "HCM", "HCM", "HCM"],
    )
    table = read(records)
    assert values_of(table, "ward") == [
        "SÀI GÒN BẾN NGHÉ", "SÀI GÒN", "BẾN NGHÉ", "SÀI GÒN BẾN NGHÉ", "P3", "NOWHERE", None,
    ]  # fmt: skip
    assert values_of(table, "district") == [None, None, "Q1", None, None, "Q1", "Q1"]
    assert repairs_of(table, "ward") == {reform.RENAMED: 2}
    assert repairs_of(table, "district") == {reform.LEFT_OUT: 1}


def test_numbered_wards_are_told_by_their_district() -> None:
    records = records_of(
        ward=["P.1", "Phường 01", "1", "P1"],
        district=["Q.5", "Quận 10", "Quận 5", None],
        province=["79"] * 4,
    )
    assert values_of(read(records), "ward") == ["CHỢ QUÁN P1", "VƯỜN LÀI P1", "CHỢ QUÁN P1", "P1"]


def half(left: str, right: str) -> bool:
    """Whether half of the words are in common: the level that counts as agreement."""
    one, two = left.split(), right.split()
    return 2 * len(set(one) & set(two)) >= 0.5 * (len(one) + len(two))


def test_nearly_every_old_address_agrees_with_the_same_one_of_today() -> None:
    old = [r for r in reference.rows("wards_before_2025") if r["code"]][::7]
    today = {r["code"]: r["name"] for r in reference.rows("wards_2025")}
    units = {p.code: (p.name, p.successor) for p in reference.provinces()}
    records = records_of(
        ward=[r["name"] for r in old] + [today[r["successors"].split()[-1]] for r in old],
        district=[r["district"] for r in old] + [None] * len(old),
        province=[units[r["province"]][0] for r in old]
        + [units[r["province"]][1] for r in old],
    )  # fmt: skip
    plain = [r["name"] for r in old]
    table = read(records)
    n = len(old)
    wards, provinces = (values_of(table, name) for name in ("ward", "province"))
    assert provinces[:n] == provinces[n:]
    agree = [half(a or "", b or "") for a, b in zip(wards[:n], wards[n:], strict=True)]
    assert np.mean(agree) > 0.97
    named = [half(a, b or "") for a, b in zip(plain, wards[n:], strict=True)]
    assert np.mean(named) < 0.5


def test_codes_of_wards_survive_lost_zeros() -> None:
    found = new_wards(pa.array(["00256", "256"]), *[pa.array([None, None], pa.string())] * 2)
    assert found.to_pylist() == [list(by_ward_code()[0]["00256"])] * 2


NUMBERS = [MAN, WOMAN, "79190012346", "1090012345", "012345679", "000000000000", "?", None]
ROW = st.fixed_dictionaries(
    {
        "full_name": st.sampled_from(["Lê Văn An", "CON BÀ LÊ THỊ BA", "KHÔNG RÕ", None]),
        "sex": st.sampled_from(["Nam", "Nữ", "3", None]),
        "birth_date": st.sampled_from(["12/05/1990", "1990", "01/06/2015", "31/02/2009", None]),
        "national_id": st.sampled_from(NUMBERS),
        "insurance_id": st.sampled_from(["DN4790116149123", "TE1790116149124", WOMAN, None]),
        "ward": st.sampled_from(["Bến Nghé", "P. Sài Gòn", "256", "P3", "nowhere", None]),
        "district": st.sampled_from(["Quận 1", "Q.5", None]),
        "province": st.sampled_from(["HCM", "Hà Nội", "QN", None]),
    }
)
FIELDS = ("full_name", "sex", "birth_date", "national_id", "insurance_id", "ward", "district",
          "province")  # fmt: skip


def table_of(rows: Sequence[dict[str, str | None]]) -> StandardTable:
    return read(records_of(**{name: [row[name] for row in rows] for name in FIELDS}))


def standard_rows(table: StandardTable) -> list[tuple[str | None, ...]]:
    return list(zip(*(values_of(table, name) for name in FIELDS), strict=True))


@given(st.lists(ROW, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_every_record_is_read_on_its_own(rows, random) -> None:
    table = table_of(rows)
    whole = standard_rows(table)
    for column in table.columns:
        values = column.values.to_pylist()
        assert values == sorted(set(values), key=str.encode)
        assert "" not in values
        held = column.codes[column.codes >= 0]
        assert column.counts.tolist() == np.bincount(held, minlength=len(values)).tolist()
        assert all(column.counts > 0)
        assert all(n > 0 for n in column.repairs.values())
    assert [standard_rows(table_of([row]))[0] for row in rows] == whole
    order = list(range(len(rows)))
    random.shuffle(order)
    assert standard_rows(table_of([rows[i] for i in order])) == [whole[i] for i in order]


@given(st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_read_again_it_stays(rows) -> None:
    """Once a record is in standard form, reading it so changes nothing."""
    once = standard_rows(table_of(rows))
    again = standard_rows(table_of([dict(zip(FIELDS, row, strict=True)) for row in once]))
    assert again == once


@pytest.mark.parametrize("missing", FIELDS)
def test_any_field_may_be_missing(missing: str) -> None:
    rows = {name: ["x"] for name in FIELDS if name != missing}
    assert len(read(records_of(**rows))) == 1
    assert len(read(records_of(**{missing: [None]}))) == 1
