"""The names in Vietnamese health-insurance claims that tell who somebody is.

Decisions 130/QĐ-BYT (2023), 4750/QĐ-BYT and 3176/QĐ-BYT (2024) and the older 4210/QĐ-BYT (2017)
lay down some fifteen parts, XML0 to XML15. A claim says much about a person's illness; what does
not tell who the person is, is never read.
"""

from __future__ import annotations

from mpi.schema import Kind

KINDS: dict[str, Kind] = {
    "MA_CSKCB": Kind.SOURCE,
    "MA_LK": Kind.RECORD_ID,
    "MA_BN": Kind.IDENTIFIER,
    "HO_TEN": Kind.FULL_NAME,
    "NGAY_SINH": Kind.BIRTH_DATE,
    "GIOI_TINH": Kind.SEX,
    "SO_CCCD": Kind.NATIONAL_ID,
    "MA_THE_BHYT": Kind.INSURANCE_ID,
    "MA_BHXH": Kind.INSURANCE_ID,
    "CHUNG_SINH": Kind.IDENTIFIER,
    "DIEN_THOAI": Kind.PHONE,
    "DIA_CHI": Kind.ADDRESS,
    "MAXA_CU_TRU": Kind.WARD,
    "MAHUYEN_CU_TRU": Kind.DISTRICT,
    "MATINH_CU_TRU": Kind.PROVINCE,
    "HO_TEN_ME": Kind.MOTHER_NAME,
    "HO_TEN_CHA": Kind.FATHER_NAME,
    "NGAY_LAP": Kind.UPDATED_AT,
    "MA_QUOCTICH": Kind.IGNORED,
    "MA_DANTOC": Kind.IGNORED,
    "MA_LK_ME": Kind.IGNORED,
    "NGAY_SINH_ME": Kind.IGNORED,
    "SO_CCCD_ME": Kind.IGNORED,
    "MA_THE_ME": Kind.IGNORED,
    "MA_BHXH_ME": Kind.IGNORED,
    "MA_BHXH_CHA": Kind.IGNORED,
}
"""Columns of a claim file's table, with their kinds.

Nationality and ethnicity are kept but not compared: they are 000 and 01 wherever nobody asked,
and ethnicity is sensitive. Numbers of the parents are kept apart from the person's own: a child
is not its mother, however many of her numbers it carries.
"""

RELATIONS = {"MA_LK_ME": "mother"}
"""Columns with the record id of a relative at the same source -> what that record's person is."""

_SAME = ("MA_CSKCB", "MA_LK", "MA_BN", "HO_TEN", "NGAY_SINH", "GIOI_TINH", "SO_CCCD")
_PLACE = ("MAXA_CU_TRU", "MAHUYEN_CU_TRU", "MATINH_CU_TRU", "MA_QUOCTICH")

VISIT: dict[str, str] = {
    **{name: name for name in (*_SAME, *_PLACE)},
    "MA_THE_BHYT": "MA_THE_BHYT",
    "MA_THE": "MA_THE_BHYT",
    "DIA_CHI": "DIA_CHI",
    "DIEN_THOAI": "DIEN_THOAI",
    "MA_DANTOC": "MA_DANTOC",
    "NGAY_TTOAN": "NGAY_TTOAN",
    "NGAY_RA": "NGAY_RA",
    "NGAY_YL": "NGAY_YL",
    "NGAY_VAO": "NGAY_VAO",
}
"""Name in XML1 or XML0 -> column; MA_THE is the name of 4210."""

MOMENTS = ("NGAY_TTOAN", "NGAY_RA", "NGAY_YL", "NGAY_VAO", "NGAY_CT")
"""When a claim was written, where its envelope does not say it; the best first."""

BIRTH: dict[str, str] = {
    **{name: name for name in _PLACE},
    "MA_CSKCB": "MA_CSKCB",
    "MA_LK": "MA_LK",
    "HO_TEN_CON": "HO_TEN",
    "TEN_CON": "HO_TEN",
    "NGAY_SINH_CON": "NGAY_SINH",
    "NGAY_SINHCON": "NGAY_SINH",
    "GIOI_TINH_CON": "GIOI_TINH",
    "MA_THE_TAM": "MA_THE_BHYT",
    "NOI_CU_TRU_NND": "DIA_CHI",
    "SO": "SO",
    "QUYEN_SO": "QUYEN_SO",
    "HO_TEN_NND": "HO_TEN_ME",
    "NGAYSINH_NND": "NGAY_SINH_ME",
    "SO_CCCD_NND": "SO_CCCD_ME",
    "MA_THE_NND": "MA_THE_ME",
    "MA_BHXH_NND": "MA_BHXH_ME",
    "HO_TEN_CHA": "HO_TEN_CHA",
    "NGAY_CT": "NGAY_CT",
}
"""Name in XML9 -> column of the child's record; NND is the mother, or who brings the child up."""

PAPER: dict[str, str] = {
    "MA_LK": "MA_LK",
    "HO_TEN_CHA": "HO_TEN_CHA",
    "HO_TEN_ME": "HO_TEN_ME",
    "MA_CHA": "MA_BHXH_CHA",
    "MA_ME": "MA_BHXH_ME",
    "MA_BHXH": "MA_BHXH",
}
"""Name in XML7, XML8 or XML11 -> column of the visit that the paper belongs to."""

ROWS: dict[str, dict[str, str]] = {
    "TONG_HOP": VISIT,
    "XML1": VISIT,
    "TRANG_THAI_KCB": VISIT,
    "DU_LIEU_GIAY_CHUNG_SINH": BIRTH,
    "CHI_TIEU_DU_LIEU_GIAY_RA_VIEN": PAPER,
    "CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN": PAPER,
    "CHI_TIEU_DU_LIEU_GIAY_CHUNG_NHAN_NGHI_VIEC_HUONG_BAO_HIEM_XA_HOI": PAPER,
}
"""Elements that hold a person's fields, each as an element of its own."""

PARTS = frozenset({"XML0", "XML1", "XML7", "XML8", "XML9", "XML11"})
"""Parts that are read; the others hold no identity."""
NEEDED = frozenset({"XML0", "XML1"})
"""Parts that must hold a person; the others come empty where there is nothing to say."""

ENVELOPE = "GIAMDINHHS"
ROOTS = frozenset(
    {
        ENVELOPE,
        *ROWS,
        *(f"XML{n}" for n in range(16)),
        "DSACH_TONG_HOP",
        "CHI_TIEU_TRANG_THAI_KCB",
        "DSACH_TRANG_THAI_KCB",
        "CHI_TIEU_DU_LIEU_GIAY_CHUNG_SINH",
        "CHITIEU_DULIEU_GIAYCHUNGSINH",
        "DSACH_GIAYCHUNGSINH",
        "CHITIEU_CHITIET_THUOC",
        "DSACH_CHI_TIET_THUOC",
        "CHITIEU_CHITIET_DVKT_VTYT",
        "DSACH_CHI_TIET_DVKT",
        "CHITIEU_CHITIET_DICHVUCANLAMSANG",
        "DSACH_CHI_TIET_CLS",
        "CHITIEU_CHITIET_DIENBIENLAMSANG",
        "DSACH_CHI_TIET_DIEN_BIEN_BENH",
        "CHI_TIEU_HO_SO_BENH_AN_CHAM_SOC_VA_DIEU_TRI_HIV_AIDS",
        "CHI_TIEU_DU_LIEU_GIAY_NGHI_DUONG_THAI",
        "CHI_TIEU_GIAYCHUYENTUYEN",
        "CHI_TIEU_GIAYHEN_KHAMLAI",
        "CHI_TIEU_DIEUTRI_BENHLAO",
    }
)
"""Root elements by which a claim file is known."""
