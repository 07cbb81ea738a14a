"""Names, identifiers, phones, places, categories and numbers: what each writing becomes."""

import numpy as np
import pyarrow as pa
import pytest

from mpi.standardise.categories import KEPT, ONE_TWO, sex_layout, standard_sex
from mpi.standardise.identifiers import standard_identifiers, standard_mail
from mpi.standardise.names import FAMILY_FIRST, GIVEN_FIRST, name_layout, standard_names
from mpi.standardise.numbers import AGE, MONTH, standard_numbers, standard_years
from mpi.standardise.phones import phone_layout, standard_phones
from mpi.standardise.places import standard_provinces, standard_words


def one(standard, raw, *args, **kwargs):
    return standard(pa.array([raw], pa.string()), *args, **kwargs).values[0].as_py()


def layout(decide, *raw):
    return decide(pa.array(raw, pa.string()), np.ones(len(raw), np.int64)).text


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Smith, John", "JOHN SMITH"),
        ("Smith, John, Jr.", "JOHN SMITH JR"),
        ("John Smith, Jr", "JOHN SMITH JR"),
        ("Dr. Mr John SMITH", "JOHN SMITH"),
        ("Smith, Dr John", "JOHN SMITH"),
        ("Ông Nguyễn Văn Đức", "NGUYỄN VĂN ĐỨC"),
        ("Ông Cao Thắng", "ÔNG CAO THẮNG"),
        ("Anh Thư", "ANH THƯ"),
        ("DR", "DR"),
        ("Nguyễn Văn A (con bà B)", "NGUYỄN VĂN A"),
        ("(Mary)", "MARY"),
        ("Lê Văn Tám 1950", "LÊ VĂN TÁM"),
        ("12345", ""),
        ("...", ""),
        ("Baby of Mary Smith", ""),
        ("BABY GIRL SMITH", ""),
        ("B/O Smith", ""),
        ("B. O. Smith", "B O SMITH"),
        ("Con bà Lê Thị Hoa", ""),
        ("CB Trần Thị Lan", ""),
        ("Conrad Babbage", "CONRAD BABBAGE"),
        ("Baby Kumari", "BABY KUMARI"),
    ],
)
def test_names(raw, name):
    assert one(standard_names, raw, GIVEN_FIRST, newborn=True, titles=True) == name


def test_a_comma_keeps_its_place_where_families_come_first():
    raw = ("Nguyễn Văn An", "TRAN THI BINH", "Smith, John", "Lê, Hoa")
    assert layout(name_layout, *raw) == FAMILY_FIRST
    assert one(standard_names, "Lê, Hoa", FAMILY_FIRST, newborn=True, titles=True) == "LÊ HOA"
    assert layout(name_layout, "John Smith", "Lê, Hoa", "Ann Lee", "Bo Ek") == GIVEN_FIRST


def test_mothers_keep_their_names():
    raw = "Con bà Lê Thị Hoa"
    kept = one(standard_names, raw, "", newborn=False, titles=True)
    assert kept == "CON BÀ LÊ THỊ HOA"


def test_repairs_of_names_are_counted():
    raw = pa.array(["Mr A B", "C (x)", "D, E", "F 1", "Baby of G", "7", "H"])
    repairs = standard_names(raw, "", newborn=True, titles=True).repairs
    assert {name: mask.nonzero()[0].tolist() for name, mask in repairs.items()} == {
        "title left out": [0],
        "note in brackets left out": [1],
        "family name before a comma moved to the end": [2],
        "digits left out": [3],
        "newborn without a name, taken as missing": [4],
        "no name in it, taken as missing": [5],
    }


@pytest.mark.parametrize(
    ("raw", "identifier"),
    [
        ("001 090 012-345", "001090012345"),
        ("dn4.79", "DN479"),
        ("001090012345.0", "001090012345"),
        ("12.00", "12"),
        ("12.50", "1250"),
        ("1.09E+10", ""),
        ("1.09e10", ""),
        ("1E+10", ""),
        ("12E45", "12E45"),
        ("１２３", "123"),
        ("-", ""),
    ],
)
def test_identifiers(raw, identifier):
    assert one(standard_identifiers, raw) == identifier


@pytest.mark.parametrize(
    ("raw", "mail"),
    [(" Ann.Lee+x@Example.ORG ", "ann.lee+x@example.org"), ("ann at home", ""), ("@x", "")],
)
def test_mail(raw, mail):
    assert one(standard_mail, raw) == mail


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("0912 345 678", "912345678"),
        ("+84 912-345-678", "912345678"),
        ("+84 (0) 912 345 678", "912345678"),
        ("0084912345678", "912345678"),
        ("84912345678", "912345678"),
        ("912345678", "912345678"),
        ("912345678.0", "912345678"),
        ("(024) 3825.4567", "2438254567"),
        ("024/3825 4567", "2438254567"),
        ("0912345678 / 0987654321", "912345678"),
        ("ĐT: 0912345678 (mẹ)", "912345678"),
        ("0912345678 ext. 12", "912345678"),
        ("+44 20 7946 0958", "442079460958"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("8.4912E+10", ""),
        ("0000000000", "0"),
        ("115", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_phones(raw, phone):
    assert one(standard_phones, raw, "country 84") == phone


def test_the_home_country_is_the_most_frequent():
    assert layout(phone_layout, "+1 555 123 4567", "+15551234567", "+84912345678") == "country 1"
    assert layout(phone_layout, "0912345678") == "country 84"
    assert one(standard_phones, "1-555-123-4567", "country 1") == "5551234567"
    assert one(standard_phones, "020 7946 0958", "country 44") == "2079460958"


@pytest.mark.parametrize(
    ("raw", "sex"),
    [
        *(("M", "M"), ("male", "M"), ("Nam", "M"), ("1", "M"), ("01", "M"), ("1.0", "M")),
        *(("f", "F"), ("Nữ", "F"), ("NU", "F"), ("Femme", "F"), ("2", "F"), ("Giới tính nữ", "F")),
        *(("U", ""), ("3", ""), ("unknown", ""), ("-", ""), ("0", "")),
    ],
)
def test_sexes(raw, sex):
    assert one(standard_sex, raw, ONE_TWO) == sex


def test_codes_of_sex_are_the_columns():
    assert layout(sex_layout, "1", "2", "1") == ONE_TWO
    assert layout(sex_layout, "1", "2", "0", "1", "2") == ONE_TWO
    assert layout(sex_layout, "0", "1", "1") == KEPT
    assert layout(sex_layout, "M", "F") == ONE_TWO
    assert one(standard_sex, "0", KEPT) == "0"
    assert one(standard_sex, "Nam", KEPT) == "M"


@pytest.mark.parametrize(
    ("raw", "province"),
    [
        ("Tỉnh Quảng Trị", "QUẢNG TRỊ"),
        ("TP. Huế", "HUẾ"),
        ("Thành phố Hồ Chí Minh", "HỒ CHÍ MINH"),
        ("Kerman Province", "KERMAN"),
        ("Tỉnh", "TỈNH"),
    ],
)
def test_provinces(raw, province):
    assert one(standard_provinces, raw) == province


def test_words():
    assert one(standard_words, "Số 12/5, đường Trần-Phú") == "SỐ 12 5 ĐƯỜNG TRẦN PHÚ"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        *(("007", "7"), ("0", "0"), ("12", "12"), ("12.50", "12.5"), ("12,5 kg", "12.5")),
        *(("1,234,567", "1234567"), ("-0", "0"), ("-3", "-3"), ("٣", "3"), ("many", "")),
    ],
)
def test_numbers(raw, number):
    assert one(standard_numbers, raw) == number


def test_parts_of_a_birth():
    assert one(standard_years, "90", "to 2020") == "1990"
    assert one(standard_years, "1990-05-12", "") == "1990"
    assert one(standard_years, "1790", "") == ""
    assert one(MONTH.standard, "Dec", "") == "12"
    assert one(MONTH.standard, "13", "") == ""
    assert one(AGE.standard, "35 tuổi", "") == "35"
    assert one(AGE.standard, "999", "") == ""
