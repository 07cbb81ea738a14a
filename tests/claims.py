"""Health-insurance claim files of invented people, whole or broken in a chosen way."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"]
MIDDLE = ["Văn", "Thị", "Minh", "Ngọc", "Đức", "Thu"]
GIVEN = ["Anh", "Bình", "Chi", "Dũng", "Giang", "Hoa", "Khánh", "Lan", "Mai", "Nam"]


def fields(values: Mapping[str, str | None]) -> str:
    """An element a field; None leaves it out."""
    return "".join(f"<{n}>{escape(v)}</{n}>" for n, v in values.items() if v is not None)


def visit(**values: str | None) -> str:
    """An XML1 in the names of 130, 4750 and 3176."""
    usual: dict[str, str | None] = {
        "MA_LK": "LK1",
        "STT": "1",
        "MA_BN": "BN1",
        "HO_TEN": "Trần Thị Hoa",
        "SO_CCCD": "001190000001",
        "NGAY_SINH": "199001010000",
        "GIOI_TINH": "2",
        "MA_QUOCTICH": "000",
        "DIA_CHI": "Số 1 phố Huế & chợ Hôm",
        "MATINH_CU_TRU": "01",
        "MAXA_CU_TRU": "00256",
        "DIEN_THOAI": "0912000001",
        "MA_THE_BHYT": "DN4010116149001",
        "MA_BENH_CHINH": "J00",
        "NGAY_TTOAN": "202406021015",
        "MA_CSKCB": "01001",
    }
    return f"{DECLARED}<TONG_HOP>{fields(usual | values)}</TONG_HOP>"


def visit_4210(**values: str | None) -> str:
    """An XML1 in the names of 4210."""
    usual: dict[str, str | None] = {
        "MA_LK": "LK1",
        "MA_BN": "BN1",
        "HO_TEN": "Trần Thị Hoa",
        "NGAY_SINH": "1990",
        "GIOI_TINH": "2",
        "DIA_CHI": "Phố Huế",
        "MA_THE": "DN4010116149001",
        "NGAY_RA": "201906021015",
        "MA_CSKCB": "01001",
    }
    return f"<TONG_HOP>{fields(usual | values)}</TONG_HOP>"


def births(*children: Mapping[str, str | None]) -> str:
    """An XML9 with these children."""
    usual: dict[str, str | None] = {
        "MA_LK": "LK1",
        "MA_BHXH_NND": "0116149001",
        "MA_THE_NND": "DN4010116149001",
        "HO_TEN_NND": "Trần Thị Hoa",
        "NGAYSINH_NND": "19900101",
        "SO_CCCD_NND": "001190000001",
        "NOI_CU_TRU_NND": "Phố Huế",
        "MATINH_CU_TRU": "01",
        "HO_TEN_CHA": "Lê Văn Nam",
        "MA_THE_TAM": "TE1010116149900",
        "HO_TEN_CON": "Lê Minh Anh",
        "GIOI_TINH_CON": "1",
        "NGAY_SINH_CON": "202406010830",
        "SO": "15",
        "QUYEN_SO": "2024",
    }
    rows = "".join(
        f"<DU_LIEU_GIAY_CHUNG_SINH>{fields(usual | dict(c))}</DU_LIEU_GIAY_CHUNG_SINH>"
        for c in children
    )
    root = "CHI_TIEU_DU_LIEU_GIAY_CHUNG_SINH"
    return f"{DECLARED}<{root}><DSACH_GIAYCHUNGSINH>{rows}</DSACH_GIAYCHUNGSINH></{root}>"


def coded(text: str | bytes, width: int = 0) -> str:
    """Base64, in lines of `width` where that is not 0."""
    data = text.encode() if isinstance(text, str) else text
    plain = base64.b64encode(data).decode()
    return (
        "\r\n".join(plain[i : i + width] for i in range(0, len(plain), width)) if width else plain
    )


def part(label: str, content: str) -> str:
    """A FILEHOSO with the content as it is given."""
    return f"<FILEHOSO><LOAIHOSO>{label}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"


def hoso(*parts: str) -> str:
    """A HOSO of such parts."""
    return f"<HOSO>{''.join(parts)}</HOSO>"


def of_visit(**values: str | None) -> str:
    """A HOSO with an XML1 and a part that tells nothing about the person."""
    drugs = "<CHITIEU_CHITIET_THUOC><HO_TEN>Paracetamol</HO_TEN></CHITIEU_CHITIET_THUOC>"
    return hoso(part("XML1", coded(visit(**values))), part("XML2", coded(drugs)))


def envelope(
    *files: str, facility: str = "01001", written: str = "20240603", count: int | None = None
) -> str:
    """A GIAMDINHHS with these HOSO."""
    return (
        f"{DECLARED}\n<GIAMDINHHS>"
        f"<THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>"
        f"<THONGTINHOSO><NGAYLAP>{written}</NGAYLAP>"
        f"<SOLUONGHOSO>{len(files) if count is None else count}</SOLUONGHOSO>"
        f"<DANHSACHHOSO>{''.join(files)}</DANHSACHHOSO></THONGTINHOSO>"
        "<CHUKYDONVI>c2lnbmVk</CHUKYDONVI></GIAMDINHHS>"
    )


def sample(seed: int, visits: int) -> tuple[str, Sequence[dict[str, str]]]:
    """A file of several facilities' visits, and what each of them says, in order."""
    draw = random.Random(seed)
    said = []
    for number in range(visits):
        day = f"{draw.randint(1930, 2023)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
        said.append(
            {
                "MA_LK": f"LK{number:06}",
                "MA_BN": f"BN{draw.randint(0, visits):06}",
                "HO_TEN": " ".join(draw.choice(names) for names in (FAMILY, MIDDLE, GIVEN)),
                "NGAY_SINH": draw.choice([f"{day}0000", f"{day[:4]}00000000", day, day[:4]]),
                "GIOI_TINH": draw.choice("12"),
                "SO_CCCD": f"{draw.randint(1, 96):03}{draw.randint(0, 999_999_999):09}",
                "MA_THE_BHYT": f"GD401{draw.randint(0, 9_999_999_999):010}",
                "MA_CSKCB": draw.choice(["01001", "79010", "48003"]),
            }
        )
    return envelope(*(of_visit(**row) for row in said)), said
