"""What columns show as a whole, what numbers say, and what places became."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mpi.schema import FORM_OF, Form, Kind
from mpi.standardise.vietnam import (
    cells,
    codes,
    dates,
    identifiers,
    insurance,
    phones,
    provinces,
    reference,
    relatives,
    sexes,
)
from mpi.standardise.vietnam.cccd import Doubt, contradicts, decode_cccd, restore_zeros
from mpi.standardise.vietnam.fields import FIELD_RULES
from mpi.standardise.vietnam.insurance import CARDS_2015, CARDS_BEFORE, standard_insurance
from mpi.standardise.vietnam.places import standard_addresses
from mpi.standardise.vietnam.provinces import find_province, former_provinces
from mpi.standardise.vietnam.wards import by_place, by_ward_code, new_wards, wards_meet


def layout(kind: Kind, *raw: str) -> str:
    decide = FIELD_RULES[kind].layout
    assert decide is not None
    return decide(pa.array(raw, pa.string()), np.ones(len(raw), np.int64)).text


def repairs(kind: Kind, *raw: str, how: str = "") -> dict[str, list[int]]:
    done = FIELD_RULES[kind].standard(pa.array(raw, pa.string()), how).repairs
    return {name: np.flatnonzero(mask).tolist() for name, mask in done.items()}


def test_repairs_of_identity_numbers_are_counted() -> None:
    raw = [
        "001090012345", "79190012345", "CMND 012345679", "012345679; 001090012345", "0912345678",
        "079090000000", "079990012345", "GD4790116149123", "00109OO12345", "7.9090012345E10",
        "7.909E+10", "79090012345.0", "4711", "không",
    ]  # fmt: skip
    assert repairs(Kind.NATIONAL_ID, *raw) == {
        identifiers.RESTORED: [1, 9, 11],
        codes.LABEL: [2],
        codes.MANY: [3],
        identifiers.PHONE_TYPED: [4],
        identifiers.NO_SERIAL: [5],
        identifiers.IMPOSSIBLE: [6],
        identifiers.CARD_TYPED: [7],
        codes.LETTERS: [8],
        codes.WRITTEN_OUT: [9],
        codes.LOST: [10],
        codes.WHOLE: [11],
        identifiers.UNKNOWN_FORM: [12],
        cells.NOTHING: [13],
    }


def test_repairs_of_insurance_numbers_are_counted() -> None:
    raw = ["GD9790116149123", "ZZ4790116149123", "GD4030116149123", "4790116149123", "116149123"]
    assert repairs(Kind.INSURANCE_ID, *raw, "0912345678") == {
        insurance.NO_BENEFIT: [0],
        insurance.NO_GROUP: [1],
        insurance.NO_ISSUER: [2],
        insurance.NO_LETTERS: [3],
        identifiers.RESTORED: [4],
        identifiers.PHONE_TYPED: [5],
    }
    how = insurance.CARDS_BEFORE
    assert repairs(Kind.INSURANCE_ID, "DN4790112345678", how=how) == {insurance.WHOLE_CARD: [0]}


def test_repairs_of_phones_are_counted() -> None:
    raw = [
        "0912345678",
        "01621234567",
        "0438254567",
        "0112345678",
        "113",
        "không",
        "+44 2079460958",
    ]
    assert repairs(Kind.PHONE, *raw) == {
        phones.MIGRATED: [1],
        phones.MOVED_AREA: [2],
        phones.UNKNOWN: [3, 6],
        phones.SHORT: [4],
        phones.NO_DIGIT: [5],
    }


def test_repairs_of_provinces_are_counted() -> None:
    assert repairs(Kind.PROVINCE, "Hà Nội", "Bình Dương", "79", "QN", "Paris", "Huế") == {
        provinces.JOINED: [1],
        provinces.BY_CODE: [2],
        provinces.AMBIGUOUS: [3],
        provinces.UNKNOWN: [4],
    }


def test_a_column_of_numbers_has_lost_its_zeros() -> None:
    personal = [f"7909001{i:04d}" for i in range(20)]
    capital = [f"109001{i:04d}" for i in range(5)]
    assert layout(Kind.NATIONAL_ID, *personal, *capital) == identifiers.ZEROS_LOST
    kept = [f"0{number}" for number in personal]
    social = [f"79{i:08d}" for i in range(5)]
    assert layout(Kind.NATIONAL_ID, *kept, *social) == identifiers.KEPT
    assert layout(Kind.NATIONAL_ID, *kept, personal[0], *capital) == identifiers.ZEROS_LOST


def test_the_kinds_of_numbers_are_said() -> None:
    raw = pa.array(["001090012345"] * 3 + ["012345679"] * 2 + ["B1234567"])
    decided = identifiers.national_layout(raw, np.ones(6, np.int64))
    assert decided.message == (
        "personal numbers of twelve digits 50 %, identity cards of nine digits 33 %, passports 17 %"
    )


def test_the_kind_of_one_number_is_that_of_a_number_among_many() -> None:
    heads = [0, *(codes.head_of(letters) for letters in ("A", "Z", "AA", "DN", "ZZ", "+"))]
    every = [(head, 1, length) for head in heads for length in range(-1, 19)]
    kinds = identifiers.kinds_of(codes.codes_of(every)).tolist()
    assert kinds == [identifiers.kind_of(head, length) for head, _, length in every]
    assert set(kinds) == set(identifiers.NumberKind)
    numbers = ["001090012345", "012345678", "B1234567", "DN4790116149123", "12345", "0123456789"]
    numbers += [number + relatives.RELATIVE for number in numbers]
    few = relatives.kinds_by_holder(pa.array(numbers)).tolist()
    many = relatives.kinds_by_holder(pa.array(numbers * 60)).tolist()
    assert many == few * 60 and set(few) == {0, 1, 2, 3, 4, 5, relatives.RELATIVES}


def test_old_and_new_cards_are_told_apart() -> None:
    new = [f"GD479791612{i:04d}" for i in range(30)]
    old = [f"GD47901161{i:05d}" for i in range(30)]
    assert layout(Kind.INSURANCE_ID, *new) == insurance.CARDS_2015
    assert layout(Kind.INSURANCE_ID, *old) == insurance.CARDS_BEFORE
    assert layout(Kind.INSURANCE_ID, *old[:19]) == insurance.CARDS_2015


def test_old_phones_show_in_the_column() -> None:
    old, new = [f"0162{i:07d}" for i in range(30)], [f"032{i:07d}" for i in range(30)]
    assert layout(Kind.PHONE, *old, "0331234567") == phones.BEFORE
    assert layout(Kind.PHONE, *old, *new) == phones.AFTER
    assert layout(Kind.PHONE, *new) == phones.AFTER


def test_every_subscriber_keeps_one_number() -> None:
    """What a table says was one number before and after, becomes one."""
    for row in reference.rows("mobile_prefixes"):
        both = pa.array([row["before"] + "1234567", row["since_2018"] + "1234567"])
        assert len(set(phones.standard_phones(both, phones.AFTER).values.to_pylist())) == 1
    for row in reference.rows("landline_areas"):
        local = "38254567" if len(row["since_2017"]) == 3 else "3825456"
        both = pa.array([row["before"] + local, row["since_2017"] + local])
        found = phones.standard_phones(both, phones.BEFORE).values.to_pylist()
        assert found == [row["since_2017"][1:] + local] * 2, row


def test_days_that_stand_for_a_year_alone() -> None:
    usual = [
        f"{d:02d}/{m:02d}/{y}" for y in (1949, 1950) for m in range(1, 13) for d in range(2, 28)
    ]
    heaped = ["01/01/1950"] * 40 + ["01/07/1949"] * 40
    decided = layout(Kind.BIRTH_DATE, *usual, *heaped)
    assert decided.endswith("01-01 of 1950, 07-01 of 1949")
    done = repairs(Kind.BIRTH_DATE, "01/01/1950", "01/01/1949", "01/07/1949", how=decided)
    assert done == {dates.HEAPED: [0, 2]}
    assert " of " not in layout(Kind.BIRTH_DATE, *usual, "01/01/1950")
    assert " of " not in layout(Kind.DATE, *usual, *heaped)


def test_personal_numbers_speak() -> None:
    raw = ["001090012345", "079302000017", "201045123456", "000090012345", "079590012345",
           "079290012345", "079090000000", "012345679", None]  # fmt: skip
    decoded = decode_cccd(pa.array(raw))
    assert decoded.province.tolist() == [1, 79, 201, 0, 79, 79, 79, -1, -1]
    assert decoded.sex.tolist() == [1, 2, 1, 1, 2, 1, 1, 0, 0]
    assert decoded.birth_year.tolist() == [1990, 2002, 1945, 1990, 2190, 2090, 1990, 0, 0]
    assert [Doubt(d) for d in decoded.doubts.tolist()] == [
        Doubt(0), Doubt(0), Doubt.COUNTRY, Doubt.PROVINCE, Doubt.CENTURY, Doubt.FUTURE,
        Doubt.SERIAL, Doubt.LENGTH, Doubt.LENGTH,
    ]  # fmt: skip
    sexes_, years = np.ones(9, np.int8), np.full(9, 1990, np.int16)
    assert contradicts(decoded, sexes_, years).tolist() == [False, True, True] + [False] * 6


def test_zeros_are_restored_where_the_record_agrees() -> None:
    values = pa.array(["79190012345", "79190012345", "1090012345", "1090012345", "012345679"])
    restored, which = restore_zeros(
        values, np.int8([2, 1, 1, 1, 1]), np.int16([1990] * 3 + [1991] * 2)
    )
    assert which.tolist() == [True, False, True, False, False]
    assert restored.to_pylist()[:3] == ["079190012345", "79190012345", "001090012345"]
    assert restore_zeros(values)[1].tolist() == [True, True, False, False, False]


def test_every_province_finds_its_unit() -> None:
    for province in reference.provinces():
        for name in (province.name, f"Tỉnh {province.name}", province.name.lower()):
            assert find_province(name) == ((province.code,), province.successor)
        assert find_province(province.successor) is not None
    for row in reference.rows("province_aliases"):
        found = find_province(row["alias"])
        assert found is not None
        assert len(found[0]) == 1


def test_a_code_means_one_unit_before_and_after() -> None:
    """What makes the name of today safe for codes: each is that of a province that joined."""
    since = {p.successor_code: p.successor for p in reference.provinces()}
    before = {p.code: p.successor for p in reference.provinces()}
    assert all(before[code] == unit for code, unit in since.items())


def test_the_finer_province_is_kept_where_it_is_known() -> None:
    names = pa.array(["Bình Dương", "24", "24", "Kon Tum", "Sông Bé"])
    days = ["2020-01-01", "2025-06-30", "2025-07-01", "2026-01-01", "1995-01-01"]
    assert former_provinces(names, days).to_pylist() == ["BÌNH DƯƠNG", "BẮC GIANG", "", "", ""]


def test_addresses_of_before_and_after_share_their_words() -> None:
    raw = ["12 Trần Phú, P. Phú Lợi, TP. Thủ Dầu Một, tỉnh Bình Dương",
           "Số 12 đường Trần Phú, phường Phú Lợi, Thành phố Hồ Chí Minh"]  # fmt: skip
    done = standard_addresses(pa.array(raw))
    before, after = (set(value.split()) for value in done.values.to_pylist())
    assert after < before
    assert list(done.repairs) == ["province at the end of an address, given its name of today"]


def test_wards_lead_to_wards_of_today() -> None:
    old, new = by_ward_code()
    assert len(new) == 3321
    assert len(old) > 10_000
    assert all(set(codes_) <= new and codes_ for codes_ in old.values())
    assert max(map(len, by_place().values())) < 40


def test_old_and_new_wards_meet() -> None:
    old = new_wards(
        pa.array(["Phường Bến Nghé", "26740", "X. Tân Phú", "nowhere", None]),
        pa.array(["Q1", None, None, None, None]),
        pa.array(["Sài Gòn", None, "Tiền Giang", "Huế", "Huế"]),
    )
    new = new_wards(
        pa.array(["Phường Sài Gòn"] * 2 + ["xã Tân Phú", "nowhere", None]),
        pa.array([None] * 5, pa.string()),
        pa.array(["79", "HCM", "Đồng Tháp", "Huế", "Huế"]),
    )
    assert wards_meet(old, new).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("table", ["provinces", "province_aliases", "former_provinces",
    "mobile_prefixes", "landline_areas", "insurance_groups", "cmnd_prefixes", "place_words",
    "wards_2025", "wards_before_2025"])  # fmt: skip
def test_tables_are_whole(table: str) -> None:
    rows = reference.rows(table)
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    first = next(iter(rows[0]))
    if table != "wards_before_2025":  # five islands had districts without wards
        assert len({row[first] for row in rows}) == len(rows)


def test_sexes() -> None:
    column = pa.array(["Nam", "Nữ", "3", "bé gái"])
    assert sexes.SEX.standard(column, layout(Kind.SEX, "1", "2")).values.to_pylist() == [
        "M", "F", "", "F",
    ]  # fmt: skip


def test_rules_keep_the_forms() -> None:
    """The rules take the place of general ones of the same form."""
    assert {FORM_OF[kind] for kind in FIELD_RULES} == {
        Form.CATEGORY, Form.DATE, Form.IDENTIFIER, Form.TEXT,
    }  # fmt: skip


def test_lists_of_cards_are_read_as_each_would_be_alone() -> None:
    """Many at once where nothing is odd, else one by one: a lower-case letter is odd enough."""
    lists = [
        "DN4790116149123;GD4010116149456",
        "TE1790116149123;0116149456",
        "MA4790116149123;DN4790116149124",
        "GD4790116149123;GD4790116149123;HN2790116149125",
        "DN479011614912O;GD4010116149456",
    ]  # fmt: skip
    slowly = [text[0].lower() + text[1:] for text in lists]
    for layout in (CARDS_2015, CARDS_BEFORE):
        fast, slow = (standard_insurance(pa.array(texts), layout) for texts in (lists, slowly))
        assert fast.values.equals(slow.values)
        masks = [{k: m.tolist() for k, m in found.repairs.items()} for found in (fast, slow)]
        assert masks[0] == masks[1]
