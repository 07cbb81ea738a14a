from __future__ import annotations

import pytest

from mpi.records.kinds import kind_of_name, squash
from mpi.schema import Kind

CONTRACT = [
    "source",
    "record_id",
    "full_name",
    "family_name",
    "middle_name",
    "given_name",
    "sex",
    "birth_date",
    "national_id",
    "insurance_id",
    "passport_id",
    "phone",
    "email",
    "address",
    "ward",
    "district",
    "province",
    "postcode",
    "mother_name",
    "father_name",
    "updated_at",
    "deleted",
    "birth_year",
    "birth_month",
    "birth_day",
    "age",
    "street_number",
]

NAMED = {
    Kind.FULL_NAME: ["ho_ten", "hoten", "Họ và tên", "HỌ TÊN", "ho-va-ten", "Name", "fullName"],
    Kind.FAMILY_NAME: ["surname", "last_name", "lname", "LastName", "ho_dem", "apellidos", "Nom"],
    Kind.GIVEN_NAME: ["ten", "Tên", "first_name", "fname_c1", "forename", "Prénom", "vorname"],
    Kind.MIDDLE_NAME: ["middle", "Tên đệm", "middle_initial"],
    Kind.BIRTH_DATE: ["ngay_sinh", "Ngày sinh", "NGAYSINH", "dob", "D.O.B.", "DateOfBirth"],
    Kind.BIRTH_YEAR: ["nam_sinh", "yob", "by", "birth_yr", "Geburtsjahr"],
    Kind.SEX: ["gioi_tinh", "Giới tính", "phai", "gender", "GENDER_CODE", "sexe"],
    Kind.NATIONAL_ID: [
        "so_cccd",
        "CCCD",
        "cmnd",
        "Số định danh",
        "ma_dinh_danh",
        "ssn",
        "nhs_number",
    ],
    Kind.INSURANCE_ID: ["ma_the_bhyt", "Mã thẻ", "so_the", "bhyt", "bhxh", "ma_bhxh"],
    Kind.PASSPORT_ID: ["passport_no", "Hộ chiếu"],
    Kind.PHONE: ["sdt", "dien_thoai", "Điện thoại", "mobile", "tel", "phone2", "Phone Number"],
    Kind.ADDRESS: ["dia_chi", "Địa chỉ", "address_1", "addr", "patient_address"],
    Kind.WARD: ["xa", "phuong", "xa_phuong", "MAXA_CU_TRU"],
    Kind.DISTRICT: ["huyen", "quan", "Quận/Huyện", "city", "suburb", "town"],
    Kind.PROVINCE: ["tinh", "thanh_pho", "Tỉnh/Thành phố", "MATINH_CU_TRU", "state", "county"],
    Kind.POSTCODE: ["zip", "zip_code", "postal_code", "PLZ"],
    Kind.MOTHER_NAME: ["ho_ten_me", "mother", "mothers_maiden_name", "mother_given_name"],
    Kind.FATHER_NAME: ["ho_ten_cha", "father_name", "father_full_name"],
    Kind.RECORD_ID: ["id", "rec_id", "ma_bn", "patient_id", "mrn", "uid", "MA_LK"],
    Kind.UPDATED_AT: ["modified", "ngay_cap_nhat", "last_updated"],
    Kind.DELETED: ["is_deleted", "da_xoa"],
    Kind.IGNORED: ["created_at", "ghi_chu", "row_hash"],
}


@pytest.mark.parametrize("name", CONTRACT)
def test_contract_names_mean_themselves(name: str) -> None:
    for spelling in (name, name.upper(), name.replace("_", " "), f"patient.{name}"):
        found = kind_of_name(spelling)
        assert found is not None
        assert found.kind.value == name
    assert kind_of_name(name) == kind_of_name(name.replace("_", " "))


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in NAMED.items() for n in names])
def test_usual_names(kind: Kind, name: str) -> None:
    found = kind_of_name(name)
    assert found is not None
    assert found.kind is kind
    assert not found.truth


@pytest.mark.parametrize("name", ["cluster", "person_id", "true_id", "label", "EntityID"])
def test_names_of_the_truth(name: str) -> None:
    found = kind_of_name(name)
    assert found is not None
    assert found.truth


@pytest.mark.parametrize("name", ["a1", "x", "column_7", "", "__", "77", "foo"])
def test_names_that_say_nothing(name: str) -> None:
    assert kind_of_name(name) is None


def test_a_birthday_is_no_day_of_the_month() -> None:
    assert [kind_of_name(n).kind for n in ("birthday", "birth_day", "Birth Day")] == [  # type: ignore[union-attr]
        *(Kind.BIRTH_DATE, Kind.BIRTH_DAY, Kind.BIRTH_DAY)
    ]


def test_squash_does_not_care_how_accents_are_written() -> None:
    assert squash("Điện thoại") == squash("ĐIE\u0323\u0302N THOA\u0323I") == "dienthoai"


@pytest.mark.parametrize(
    "name",
    [
        *("so_cccd_me", "CCCD_CHA", "mother_national_id", "MotherPhone", "father's ssn"),
        *("guardian_phone", "sdt_bo", "ngay_sinh_me", "spouse_dob", "MA_BHXH_NND", "so_dt_vo"),
    ],
)
def test_what_is_a_relatives_is_not_the_persons(name: str) -> None:
    found = kind_of_name(name)
    assert found is not None
    assert (found.kind, found.relative) == (Kind.IGNORED, True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("mother_name", Kind.MOTHER_NAME), ("ho_ten_cha", Kind.FATHER_NAME), ("bo_phan", None)],
)
def test_names_of_parents_stay(name: str, kind: Kind | None) -> None:
    found = kind_of_name(name)
    assert (found.kind if found else None) is kind
