"""The words that names are made of: families, clans, given names, regional doublets.

All words are upper-case and NFC, as standard values are.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

from mpi.standardise.vietnam.syllables import to_ascii


class Share(NamedTuple):
    """How often a syllable stands in each place of a name, in per cent of persons."""

    family: float
    middle: float
    given: float


@dataclass(frozen=True)
class Doublet:
    """Two forms of one name, in the North and in the South; legally two names.

    where : the part of the name and the regions
    confidence : low, medium or high
    """

    forms: tuple[str, str]
    where: str
    confidence: str


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of this package's tables."""
    path = resources.files("mpi.standardise.vietnam") / "tables" / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def shares() -> dict[str, Share]:
    """Syllables known from names of the majority.

    Examples
    --------
    >>> shares()["NGUYỄN"].family > 30, "THỊ" in shares()
    (True, True)
    """
    return {
        r["syllable"].upper(): Share(float(r["family"]), float(r["middle"]), float(r["given"]))
        for r in table("name_syllables")
    }


@cache
def clans() -> dict[str, frozenset[str]]:
    """Family and clan names of minorities, of one or two words -> the groups that have them.

    Examples
    --------
    >>> sorted(clans()["NIÊ"]), "RƠ CHÂM" in clans()
    (['Ê Đê'], True)
    """
    found: dict[str, set[str]] = {}
    for row in table("clans"):
        found.setdefault(row["name"].upper(), set()).add(row["group"])
    return {name: frozenset(groups) for name, groups in found.items()}


COMPOUND_FAMILIES = frozenset({"TÔN THẤT", "TÔN NỮ", "CÔNG TẰNG", "CÔNG HUYỀN", "ÂU DƯƠNG"})
"""Family names of two words, beside those of minorities."""

MORE_FAMILIES = frozenset(
    [
        "AN",
        "ÂU",
        "BÀNH",
        "BẾ",
        "BIỆN",
        "CÁI",
        "CAM",
        "CẤN",
        "CÁT",
        "CHỬ",
        "CỔ",
        "CÔNG",
        "CÙ",
        "DOÃN",
        "ĐAN",
        "ĐẠI",
        "ĐIỀN",
        "ĐIỂU",
        "ĐÔN",
        "ĐỔNG",
        "ĐỚI",
        "ĐƯỜNG",
        "GIÁP",
        "HÀN",
        "HẦU",
        "HÌNH",
        "KHÂU",
        "KHÚC",
        "KHUẤT",
        "KHỔNG",
        "KHƯU",
        "KHƯƠNG",
        "LAI",
        "LÃ",
        "LÊU",
        "LIỄU",
        "LIÊU",
        "LỖ",
        "LỘ",
        "LƯỜNG",
        "MẠC",
        "MẠCH",
        "MẬU",
        "MỘC",
        "NGHIÊM",
        "NGỤY",
        "NHAN",
        "NHÂM",
        "NHỮ",
        "NINH",
        "ÔN",
        "ÔNG",
        "PHÍ",
        "PHÓ",
        "QUẢN",
        "QUẾ",
        "SÁI",
        "SÂM",
        "SẦM",
        "SỬ",
        "TÀO",
        "TẦN",
        "THANG",
        "THẨM",
        "THIỀU",
        "THÔI",
        "TIÊU",
        "TIẾT",
        "TÒNG",
        "TRÁC",
        "TRÌNH",
        "TRÌ",
        "TÚC",
        "TY",
        "UNG",
        "UÔNG",
        "VẠN",
        "VIÊN",
        "VÒNG",
        "VƯU",
        "XA",
        "Ý",
        "YÊN",
    ]
)
"""Rarer family names of the majority, from memory: they help to read a name, no more."""


@cache
def families() -> frozenset[str]:
    """Family names of one word with their marks."""
    known = {word for word, share in shares().items() if share.family > 0}
    return frozenset(known | {c for c in clans() if " " not in c} | MORE_FAMILIES)


@cache
def families_ascii() -> frozenset[str]:
    """Families without marks: NGUYEN, DANG."""
    return frozenset(to_ascii(f) for f in families())


@cache
def common_families() -> dict[str, float]:
    """Families by their share in per cent, with and without marks."""
    found = {word: s.family for word, s in shares().items() if s.family > 0}
    for word, share in list(found.items()):
        plain = to_ascii(word)
        if plain != word:
            found[plain] = found.get(plain, 0.0) + share
    return found


def is_family(word: str) -> bool:
    """Whether a name can begin with this word, typed with its marks or without any.

    Examples
    --------
    >>> is_family("PHẠM"), is_family("PHAM"), is_family("PHẨM")
    (True, True, False)
    """
    return word in families() or (word.isascii() and word in families_ascii())


@cache
def name_words() -> dict[str, float]:
    """Syllables of names with their total share, with and without marks."""
    found: dict[str, float] = {}
    for word, share in shares().items():
        total = sum(share)
        found[word] = found.get(word, 0.0) + total
        if not word.isascii():
            plain = to_ascii(word)
            found[plain] = found.get(plain, 0.0) + total
    for word in families():
        found.setdefault(word, 0.001)
    return found


@cache
def doublets() -> tuple[Doublet, ...]:
    """The regional doublets."""
    return tuple(
        Doublet((r["form_a"].upper(), r["form_b"].upper()), r["where"], r["confidence"])
        for r in table("regional_doublets")
    )


@cache
def regional_class() -> dict[str, str]:
    """A word of a doublet -> the first form of it, which stands for both.

    Examples
    --------
    >>> regional_class()["HUỲNH"], regional_class()["HOÀNG"], regional_class().get("LÊ")
    ('HOÀNG', 'HOÀNG', None)
    """
    return {form: d.forms[0] for d in doublets() for form in d.forms}
