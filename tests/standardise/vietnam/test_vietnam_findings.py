"""What is told of Vietnamese columns, counted on cells written out here."""

from __future__ import annotations

import pytest
from tables import record_table

from mpi.schema import Kind
from mpi.settings import Settings
from mpi.standardise import standardise
from mpi.standardise.alphabets import FEW
from mpi.standardise.describe import describe
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.place_findings import province_standing

Told = dict[str, dict[str, int]]
NFD = "Unicode, letters and marks apart (NFD or alike)"


def told(column: str, **columns: list[str | None]) -> Told:
    """about -> what -> records, read by the Vietnamese locale."""
    records = record_table({(name, Kind(name)): texts for name, texts in columns.items()})
    standard = standardise(records, Settings(locale="vi"))
    found: Told = {}
    for finding in describe(records, standard).findings[column]:
        found.setdefault(finding.about, {})[finding.what] = finding.records
    return found


def test_marks_and_their_styles() -> None:
    names = ["Nguyễn Thị Hoà", "Nguyễn Thị Hòa", "Nguyễn Thi Hoa", "NGUYEN THI HOA", "Mai An"]
    found = told("full_name", full_name=names)
    assert found["marks"] == {
        "on every word that has some": 2,
        "on some words only": 1,
        "none, though the words have some": 1,
        "none, and none to miss": 1,
    }
    assert found["tone marks"] == {"old style (hòa)": 1, "new style (hoà)": 1}


@pytest.mark.parametrize(
    ("name", "about", "what"),
    [
        ("Nguye\u0302\u0303n Va\u0306n An", "encoding", NFD),
        ("Nguyá»…n VÄƒn An", "encoding", "UTF-8 read as a Western encoding"),
        ("Nguy&#7877;n V&#259;n An", "encoding", "HTML entities"),
        ("NGUY?N TH? LAN", "encoding", "letters lost to '?'"),
        ("Ðặng Văn An", "encoding", "look-alikes of Đ"),
        ("Nguyen Van An", "encoding", "ASCII alone"),
        ("Nguyễn Văn An", "encoding", "Unicode, whole letters (NFC)"),
        ("Nguyeexn Vawn An", "writing", "keystrokes of Telex or VNI left in"),
        ("Phạmthuý Hằng", "writing", "words run together"),
        ("Nguyễn Văn An 2", "writing", "digits"),
        ("Nguyễn Văn An (mổ 2019)", "writing", "notes in brackets"),
        ("Ông Nguyễn Văn An", "writing", "titles"),
        ("NGUYỄN VĂN AN", "writing", "capital letters throughout"),
        ("nguyễn văn an", "writing", "small letters throughout"),
        ("Nguyễn Văn An", "writing", "words with a capital"),
        ("Nguyễn văn An", "writing", "capital and small letters mixed"),
        ("Giừơng Văn Tòan", "tone marks", "misplaced"),
        ("Con bà Lê Thị Hoa", "no name", "newborns under a parent's name"),
        ("Vô danh", "no name", "words for an unknown person"),
        ("Bệnh viện Từ Dũ", "no name", "names of facilities"),
        ("Nguyễn Văn An", "shape", "family name first"),
        ("H'Hen Niê", "shape", "clan last, as in the Central Highlands (Y ... NIÊ)"),
        ("A Páo", "shape", "no family name, as in the Central Highlands (A PÁO)"),
        ("Thảo Vy Nguyen", "shape", "family name last, the Western way"),
        ("Lan", "shape", "one word"),
        ("John Smith", "shape", "foreign"),
    ],
)  # fmt: skip
def test_names_one_by_one(name: str, about: str, what: str) -> None:
    assert told("full_name", full_name=[name])[about][what] == 1


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["NguyÔn ThÞ HuyÒn", "TrÇn V¨n Hïng"], "TCVN3"),
        (["Nguyeãn Thò Huyeàn", "Traàn Vaên Huøng"], "VNI"),
    ],
)
def test_encodings_are_named(names: list[str], encoding: str) -> None:
    found = told("full_name", full_name=names * 20)
    assert found["encoding"] == {f"letters of {encoding}": 40}
    assert found["marks"]["on every word that has some"] == 40
    part = told("full_name", full_name=[*names * 20, *["Nguyễn Thị Hoà"] * 40])
    assert part["encoding"] == {"Unicode, whole letters (NFC)": 40, f"letters of {encoding}": 40}
    assert part["tone marks"] == {"new style (hoà)": 40}


def test_parts_of_names_have_no_shape() -> None:
    assert "shape" not in told("family_name", family_name=["Nguyễn"])


def test_identity_numbers_by_kind_and_doubt() -> None:
    numbers = [
        "001090012345", "079301000017",  # possible
        "005090012345",  # no province has 005
        "001990012345",  # a century that is to come
        "001399012345",  # a year that is to come
        "111111111111", "123456789012",
        "79190012345",  # a zero lost
        "012875678", "CMND 023456189",
        "B1234567", "GD4790116149123", "0912345678",
        "012345679; 001090012346", "1.09001E+11", "không có",
    ]  # fmt: skip
    found = told("national_id", national_id=numbers)
    assert found["kind"] == {
        "personal numbers of 12 digits (CCCD)": 9,
        "identity cards of 9 digits (CMND)": 2,
        "passports": 1,
        "health insurance cards of 15 characters": 1,
        "nothing that can be an identifier": 3,
    }
    assert found["doubts"] == {
        "CCCD of no province": 1,
        "CCCD of an impossible century": 1,
        "CCCD of a year to come": 1,
        "one digit throughout, or digits in a row": 2,
    }
    assert found["typing"] == {
        "zeros in front lost, restored": 1,
        "several numbers in one cell": 1,
        "telephone number in place of an identifier": 1,
        "spoilt by a spreadsheet (1.2E+11, .0)": 1,
        "words beside the number": 1,
    }


def test_personal_numbers_are_held_against_their_records() -> None:
    columns: dict[str, list[str | None]] = {
        "national_id": ["001090012345"] * 5 + ["012345678"],
        "sex": ["Nam", "Nữ", None, "Nam", "Nam", "Nữ"],
        "birth_date": ["1990", "12/05/1990", "12/05/1991", None, "31/12/1989", "1980"],
    }
    assert told("national_id", **columns)["CCCD says"] == {
        "another sex than the record": 1,
        "another year of birth than the record": 2,
    }
    years = told("national_id", national_id=columns["national_id"], birth_year=["1990"] * 6)
    assert years["CCCD says"] == {"another year of birth than the record": 0}
    assert "CCCD says" not in told("national_id", national_id=columns["national_id"])


def test_insurance_numbers_by_kind_and_validity() -> None:
    numbers = [
        "GD4790116149123", "DN 4 01 0116149123", "DN 4 01 0116149123 (cũ)",
        "XX4790116149123",  # no such group
        "DN9790116149123",  # no such benefit
        "DN4030116149123",  # no such issuer
        "0116149123", "0316149123", "001090012345", "1234567890", "12345", "x",
    ]  # fmt: skip
    found = told("insurance_id", insurance_id=numbers)
    assert found["kind"] == {
        "cards of 15 characters (BHYT)": 6,
        "social insurance numbers of 10 digits (BHXH)": 3,
        "personal numbers of 12 digits (CCCD)": 1,
        "other forms": 1,
        "nothing that can be an identifier": 1,
    }
    assert found["validity"] == {
        "possible": 5,
        "card of an unknown group": 1,
        "card with an impossible benefit": 1,
        "card of an unknown issuer": 1,
        "10 digits of an unknown issuer": 1,
        "one digit throughout, or digits in a row": 1,
    }


def test_phones_by_kind_and_age() -> None:
    numbers = [
        "0912345678", "+84 912 345 678", "912345678", "01623456789", "024 3825 4567",
        "(04) 3825 4567", "19001234", "0099 123 4567 890", "113", "x",
    ]  # fmt: skip
    found = told("phone", phone=numbers)
    assert found["kind"] == {
        "mobile": 4,
        "landline": 2,
        "service (1800, 1900)": 1,
        "foreign or of no known prefix": 1,
        "nothing that can be a telephone number": 2,
    }
    assert found["prefixes"] == {"mobile prefix of before 2018": 1, "area code of before 2017": 1}
    assert found["writing"] == {"with the country code": 1, "without the zero in front": 1}


def test_days_that_stand_for_a_year() -> None:
    days = [f"{d:02d}/{m:02d}/1950" for m in range(1, 13) for d in range(2, 29)]
    found = told("birth_date", birth_date=[*days, *["01/01/1950"] * 300, "31/12/1950", "1951"])
    assert found["format"] == {"dd/mm/yyyy": len(days) + 301, "yyyy": 1}
    assert found["precision"] == {
        "to the day": len(days) + 1,
        "year only": 301,
        "on 01/01, read as year only": 300,
    }


def test_provinces_of_before_and_of_today() -> None:
    texts = [
        "Bình Dương",
        "Tỉnh Yên Bái",
        "TP HCM",
        "Hà Nội",
        "Hà Tây",
        "02",
        "01",
        "24",
        "QN",
        "Paris",
    ]
    assert told("province", province=texts)["province"] == {
        "names of before and of today, unchanged": 1,
        "names of before and of today, which took others in": 1,
        "names that ended in July 2025": 2,
        "names that were gone before 2025": 1,
        "codes of before and of today": 1,
        "codes that mean another province since July 2025": 1,
        "codes that ended in July 2025": 1,
        "abbreviations of several provinces": 1,
        "no province that is known": 1,
        "6 of the 63 provinces, 5 of the 34 units": 7,
    }
    assert province_standing("Thừa Thiên Huế") == province_standing("Huế")


def test_wards_are_looked_up_in_their_province() -> None:
    wards = ["Phường Bến Nghé", "P. Sài Gòn", "26740", "Phường Không Đâu", "Phường Bến Nghé"]
    provinces = ["TP HCM", "79", None, "TP HCM", "Hà Nội"]
    assert told("ward", ward=wards, province=provinces)["ward"] == {
        "of before July 2025": 1,
        "of today": 1,
        "of before and of today alike": 1,
        "no ward that is known there": 2,
    }
    alone = told("ward", ward=wards)["ward"]
    assert alone["of before July 2025"] == 2
    districts = told("district", district=["Quận 1", "Q.1", "Quận Không"], province=["79"] * 3)
    assert districts["district"] == {
        "districts of before July 2025": 2,
        "no district that is known there": 1,
    }


def test_addresses_by_the_province_at_their_end() -> None:
    lines = ["12 Trần Phú, P3, Q5, TP HCM", "thôn 3, Dĩ An, Bình Dương", "5 Lê Lợi, 12", "Huế"]
    found = told("address", address=lines)
    assert found["writing"] == {"parts with commas between": 3}
    assert found["province"] == {
        "at the end": 2,
        "names of before and of today, which took others in": 1,
        "names that ended in July 2025": 1,
        "2 of the 63 provinces, 1 of the 34 units": 2,
    }


def test_places_in_old_letters_are_named() -> None:
    places = ["HuyÖn B×nh Ch¸nh", "QuËn T©n B×nh", "TØnh §ång Nai"] * 10
    assert told("district", district=places)["encoding"] == {"letters of TCVN3": 30}
    broken = told("address", address=["ThÃ\xa0nh phá»‘ HÃ\xa0 Ná»™i"] * 3)
    assert broken["encoding"] == {"UTF-8 read as a Western encoding": 3}


def test_half_of_the_provinces_ended() -> None:
    standings = [province_standing(p.name)[0] for p in reference.provinces()]
    assert (len(standings), standings.count("names that ended in July 2025")) == (63, 29)


def test_a_large_column_is_told_as_its_cells_are() -> None:
    """Beyond some hundred texts kernels read them."""
    names = ["Nguyễn Thị Hoà", "NGUYEN VAN AN", "H'Hen Niê", "Con bà Lê Thị Hoa", "NGUY?N AN"]
    letters = [one + two for one in "ABCDEGHIKLM" for two in "AEIOUYBCDGH"]
    names = [f"{name} {letter}" for name in names for letter in letters]
    parts = [told("full_name", full_name=names[i : i + 55]) for i in range(0, len(names), 55)]
    assert len(names) > FEW
    for about, answers in told("full_name", full_name=names).items():
        for what, n in answers.items():
            assert n == sum(part.get(about, {}).get(what, 0) for part in parts)
    numbers = [f"0010900{n:05d}" for n in range(1, 2001)] + [f"0128{n:05d}" for n in range(1000)]
    assert told("national_id", national_id=numbers)["kind"] == {
        "personal numbers of 12 digits (CCCD)": 2000,
        "identity cards of 9 digits (CMND)": 1000,
    }
