"""Blocking keys: what they keep of a value, and which records have none."""

from __future__ import annotations

from itertools import combinations

import jellyfish
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive.compare import joined, words_of
from tables import encoded_table
from texts import VIETNAMESE, dates, identifiers, worded

from mpi.block.candidates import make_keys, narrowing_order
from mpi.block.keys import every_key_type, key_types, make_key
from mpi.errors import UsageError
from mpi.schema import Kind
from mpi.scratch import Scratch


def keys_of(kind: Kind, values: list[str | None]) -> dict[str, list[int]]:
    """Key name -> code of each record, for every key that the kind can have."""
    own = [f"{i:06d}" for i in range(len(values))]
    columns = {("f", kind): values, ("own", Kind.IDENTIFIER): own}
    encoded = encoded_table(columns)
    return {
        key_type.name: make_key(encoded, 0, key_type, Scratch()).codes.tolist()
        for key_type in every_key_type(encoded.comparisons[0])
    }


ALIKE = [
    (Kind.GIVEN_NAME, "", "VÂN ÁNH", "VANANH"),
    (Kind.GIVEN_NAME, "start", "ÁNHĐÀO", "ANH DUONG"),
    (Kind.GIVEN_NAME, "initial", "ĐÀO", "DUNG"),
    (Kind.FULL_NAME, "first", "NGUYỄN THỊ ÁNH", "NGUYEN VAN HOA"),
    (Kind.FULL_NAME, "last", "NGUYỄN THỊ ÁNH", "TRAN ANH"),
    (Kind.FULL_NAME, "sound", "PHILIP SMITH", "SMYTH FILIP"),
    (Kind.NATIONAL_ID, "", "001090012345", "001090012345"),
    (Kind.NATIONAL_ID, "front", "001090012345", "001090999999"),
    (Kind.NATIONAL_ID, "back", "001090012345", "999999012345"),
    (Kind.NATIONAL_ID, "back", "1234567", "9994567"),
    (Kind.BIRTH_DATE, "year", "1990-05-12", "1990-00-00"),
    (Kind.BIRTH_DATE, "day", "1990-05-12", "1991-05-12"),
    (Kind.ADDRESS, "", "12 LÊ LỢI", "12 LE LOI"),
    (Kind.ADDRESS, "start", "12 LÊ LỢI", "12 LELAI"),
    (Kind.SEX, "", "F", "F"),
    (Kind.NUMBER, "", "12", "12"),
]


@pytest.mark.parametrize(("kind", "key", "a", "b"), ALIKE)
def test_values_with_a_key_in_common(kind: Kind, key: str, a: str, b: str) -> None:
    first, second = keys_of(kind, [a, b])[key]
    assert first == second >= 0


APART = [
    (Kind.GIVEN_NAME, "", "ANH", "ANHH"),
    (Kind.GIVEN_NAME, "start", "ANHDAO", "ANHTU"),
    (Kind.GIVEN_NAME, "start", "ANH", "ANHT"),
    (Kind.GIVEN_NAME, "initial", "ANH", "HOA"),
    (Kind.FULL_NAME, "first", "NGUYEN ANH", "TRAN ANH"),
    (Kind.FULL_NAME, "last", "NGUYEN ANH", "NGUYEN HOA"),
    (Kind.FULL_NAME, "sound", "MILLER", "SMITH"),
    (Kind.FULL_NAME, "sound", "王", "李"),
    (Kind.FULL_NAME, "sound", "SMITH", "SMITH SMITH"),
    (Kind.NATIONAL_ID, "front", "001090012345", "001091012345"),
    (Kind.NATIONAL_ID, "back", "001090012345", "001090012346"),
    (Kind.BIRTH_DATE, "year", "1990-05-12", "1991-05-12"),
    (Kind.BIRTH_DATE, "day", "1990-05-12", "1990-05-13"),
    (Kind.ADDRESS, "start", "12 LE LOI", "12 LA"),
    (Kind.SEX, "", "F", "M"),
]


@pytest.mark.parametrize(("kind", "key", "a", "b"), APART)
def test_values_without_a_key_in_common(kind: Kind, key: str, a: str, b: str) -> None:
    first, second = keys_of(kind, [a, b])[key]
    assert first != second
    assert min(first, second) >= 0


LACKING = [
    (Kind.NATIONAL_ID, "front", "12345"),
    (Kind.NATIONAL_ID, "back", "1"),
    (Kind.BIRTH_DATE, "", "1990-05-00"),
    (Kind.BIRTH_DATE, "", "1990-00-00"),
    (Kind.BIRTH_DATE, "", "1990-00-12"),
    (Kind.BIRTH_DATE, "year", "0000-05-12"),
    (Kind.BIRTH_DATE, "day", "1990-05-00"),
    (Kind.BIRTH_DATE, "day", "1990-00-12"),
    *((Kind.FULL_NAME, key, "\u0301") for key in ("", "sound", "start", "initial")),
    *((Kind.FULL_NAME, key, "\u0301") for key in ("first", "last")),
    (Kind.ADDRESS, "", "\u0301"),
    (Kind.ADDRESS, "start", "\u0301"),
]


@pytest.mark.parametrize(("kind", "key", "value"), LACKING)
def test_values_too_poor_for_a_key(kind: Kind, key: str, value: str) -> None:
    """Halves that are too short, dates with unknown parts, names of accents alone."""
    other = "1990-06-13" if kind == Kind.BIRTH_DATE else "12345678"
    found = keys_of(kind, [value, other, value])[key]
    assert found[0] == found[2] == -1
    assert found[1] >= 0


def test_missing_values_have_no_key() -> None:
    for kind in (Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.NATIONAL_ID, Kind.ADDRESS, Kind.SEX):
        value = {Kind.BIRTH_DATE: "1990-05-12", Kind.NATIONAL_ID: "123456789"}.get(kind, "A B")
        for codes in keys_of(kind, [None, value, None, value]).values():
            assert codes[0] == codes[2] == -1
            assert codes[1] == codes[3] >= 0


@given(st.lists(dates(), min_size=1, max_size=10))
def test_dates_that_share_a_key_agree_in_it(values: list[str]) -> None:
    found = keys_of(Kind.BIRTH_DATE, list(values))
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            known = "-00" not in a
            assert (found[""][i] == found[""][j] >= 0) == (known and a == b)
            assert (found["year"][i] == found["year"][j]) == (a[:4] == b[:4])
            assert (found["day"][i] == found["day"][j] >= 0) == (known and a[5:] == b[5:])


@given(st.lists(identifiers(), min_size=1, max_size=10))
def test_halves_survive_a_slip_in_the_other_half(values: list[str]) -> None:
    found = keys_of(Kind.IDENTIFIER, list(values))
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            half = len(a) // 2
            if half < 3 or len(b) // 2 != half:
                continue
            assert (found["front"][i] == found["front"][j]) == (a[:half] == b[:half])
            assert (found["back"][i] == found["back"][j]) == (a[-half:] == b[-half:])


def test_only_names_of_several_words_are_given_a_first_and_a_last() -> None:
    columns = {
        ("given_name", Kind.GIVEN_NAME): ["ANH", "HOA", "VAN ANH"],
        ("full_name", Kind.FULL_NAME): ["LE ANH", "LE HOA", "HOA"],
        ("address", Kind.ADDRESS): ["12 LE LOI", "13 LE LAI", None],
        ("mother_name", Kind.MOTHER_NAME): [None, None, None],
    }
    encoded = encoded_table(columns)
    words = [{"first", "last"} & {t.name for t in key_types(encoded, f)} for f in range(4)]
    assert words == [set(), {"first", "last"}, set(), set()]


@given(st.lists(st.one_of(worded("AB", 2), worded(VIETNAMESE, 3)), min_size=1, max_size=8))
def test_keys_of_names(values: list[str]) -> None:
    found = keys_of(Kind.FULL_NAME, list(values))
    twins = {
        "": joined,
        "start": lambda v: joined(v)[:4],
        "initial": lambda v: joined(v)[:1],
        "first": lambda v: words_of(v)[0],
        "last": lambda v: words_of(v)[-1],
        "sound": lambda v: sorted(jellyfish.metaphone(w)[:4] or w for w in words_of(v)),
    }
    for name, twin in twins.items():
        keys = [twin(v) for v in values]
        for i, j in combinations(range(len(values)), 2):
            assert (found[name][i] == found[name][j]) == (keys[i] == keys[j]), name


def test_keys_of_records_and_their_names() -> None:
    encoded = encoded_table(
        {
            ("given_name", Kind.GIVEN_NAME): ["ANH", "HOA", None, "ÁNH"],
            ("birth_date", Kind.BIRTH_DATE): ["1990-05-12", None, "1990-05-13", "1991-05-12"],
        }
    )
    keys = make_keys(encoded)
    assert set(keys) == {
        *("given_name", "given_name:sound", "given_name:start", "given_name:initial"),
        *("birth_date", "birth_date:year", "birth_date:day"),
    }
    assert all(name == key.name for name, key in keys.items())
    whole = keys["given_name"].codes
    assert whole[0] == whole[3] != whole[1]
    wanted = make_keys(encoded, ["birth_date:year"])
    assert list(wanted) == ["birth_date:year"]
    assert np.array_equal(wanted["birth_date:year"].codes, keys["birth_date:year"].codes)
    order = narrowing_order(list(keys.values()))
    assert order[0] == "birth_date"
    assert set(order) <= set(keys)


def test_a_key_that_does_not_exist() -> None:
    encoded = encoded_table({("sex", Kind.SEX): ["F", "M"]})
    with pytest.raises(
        UsageError, match="'surname' is not known; the keys of these records are sex"
    ):
        make_keys(encoded, ["surname"])
    with pytest.raises(UsageError, match="'sex:sound' is not known"):
        make_keys(encoded, ["sex:sound"])


def test_a_value_has_the_same_key_in_every_table() -> None:
    """Kept on disk, the keys of last night are those of tonight."""
    values: dict[Kind, list[str | None]] = {
        Kind.FULL_NAME: ["NGUYỄN THỊ ÁNH", "PHILIP SMITH", None],
        Kind.BIRTH_DATE: ["1990-05-12", "1990-00-00", None],
        Kind.NATIONAL_ID: ["001090012345", "12345", None],
        Kind.ADDRESS: ["12 LÊ LỢI", "1", None],
        Kind.NUMBER: ["12", "7", None],
    }
    others = {Kind.BIRTH_DATE: "1970-01-02", Kind.NATIONAL_ID: "999999999", Kind.NUMBER: "3"}
    for kind, own in values.items():
        other = others.get(kind, "ABC DEF")
        alone, among = keys_of(kind, own), keys_of(kind, [other, *own[::-1], other])
        for name, codes in alone.items():
            assert codes == among[name][3:0:-1], (kind, name)


@given(st.lists(worded("AB ĐÁ", 5), min_size=1, max_size=4))
def test_a_name_alone_has_the_key_that_it_has_among_many(values: list[str]) -> None:
    """One value is cut, and few words are spoken, without arrays."""
    many = [f"{a}{b}{c}" for a in "BCDGHKLM" for b in "AEIO" for c in ("", "N", "C")]
    among = keys_of(Kind.FULL_NAME, [*values, *many])
    for i, value in enumerate(values):
        alone = keys_of(Kind.FULL_NAME, [value])
        for name, (code,) in alone.items():
            assert code == among[name][i], name


def test_keys_of_no_values() -> None:
    for kind in (Kind.FULL_NAME, Kind.BIRTH_DATE, Kind.NATIONAL_ID, Kind.ADDRESS, Kind.NUMBER):
        for codes in keys_of(kind, [None, None]).values():
            assert codes == [-1, -1]
