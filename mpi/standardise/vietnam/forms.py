"""Words that are no name: titles, newborn children under a parent's name, nobody's name.

Every list here is matched with marks or without any, as such words are typed both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache

from mpi.standardise.vietnam.inventory import common_families, is_family
from mpi.standardise.vietnam.syllables import to_ascii


def _either(words: str) -> str:
    """A regular expression's words, each with its marks or without."""
    return re.sub(
        r"[^\W\d_a-z]+",
        lambda m: m.group() if m.group().isascii() else f"(?:{m.group()}|{to_ascii(m.group())})",
        words,
    )


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(map(_either, alternatives)) + r")(?:\s+(?P<rest>.*))?")


_NEWBORN = _pattern(
    r"(?:CHÁU |BÉ |EM |TRẺ )?CON (?:CỦA )?(?:BÀ|SẢN PHỤ|SP|CHỊ|MẸ|ÔNG|ANH|CÔ|CỤ|BN|BỆNH NHÂN|CỦA)",
    r"CON (?:TRAI|GÁI|SO|RẠ|ĐẦU LÒNG|THỨ \S+)(?: (?:CỦA|BÀ|CHỊ|SẢN PHỤ|MẸ))*",
    r"(?:CHÁU|BÉ|EM)(?: BÉ)? (?:TRAI|GÁI|SƠ SINH)(?: (?:CON|CỦA|BÀ|CHỊ|SẢN PHỤ|MẸ))*",
    r"(?:CHÁU|EM) BÉ",
    r"(?:TRẺ |CHÁU |BÉ )?SƠ SINH(?: (?:CON|CỦA|BÀ|CHỊ|SẢN PHỤ|MẸ))*",
    r"(?:TSS|CB|CBÀ|CSP|SS|CC|C B)(?: (?:CON|CỦA|BÀ|CHỊ|SẢN PHỤ|MẸ))*",
    r"B O|BABY(?: (?:BOY|GIRL|OF|MALE|FEMALE|TWIN|ONE|TWO|A|B))+|BABY",
    r"NEWBORN(?: (?:BABY|BOY|GIRL|OF|MALE|FEMALE))*",
    r"INFANT(?: (?:BOY|GIRL|OF|MALE|FEMALE))*",
)
_NOBODY = _pattern(
    r"(?:BN |BỆNH NHÂN |NẠN NHÂN |NGƯỜI |ĐỐI TƯỢNG |TRẺ )?"
    r"(?:VÔ DANH|KHUYẾT DANH|ẨN DANH|VÔ GIA CƯ|VÔ THỪA NHẬN|BỎ RƠI)",
    r"(?:BN |BỆNH NHÂN |NẠN NHÂN |NGƯỜI |TÊN |HỌ TÊN )?(?:KHÔNG|KO|CHƯA|K|CH)"
    r"(?: (?:CÓ|RÕ|RỎ|BIẾT|XÁC ĐỊNH|ĐẶT|NHỚ|KHAI|KHAI SINH|TÊN|HỌ|"
    r"THÔNG TIN|DANH TÍNH|TUNG TÍCH|LAI LỊCH))+",
    r"(?:BN|BỆNH NHÂN|NẠN NHÂN|NGƯỜI BỆNH|NGƯỜI LẠ|NGƯỜI NHÀ)",
    r"KXĐ|KHÔNG|UNKNOWN|NO NAME|NONAME",
)
_FACILITY = _pattern(
    r"BỆNH VIỆN|BV|BVĐK|BVDK|TTYT|TYT|TTYTDP|TRẠM Y TẾ|TRUNG TÂM Y TẾ|TRUNG TÂM|PHÒNG KHÁM|PKĐK|"
    r"NHÀ HỘ SINH|KHOA SẢN|KHOA PHỤ SẢN|KHOA NHI|KHOA SƠ SINH|NHÀ BẢO SANH"
)

_ALWAYS = [
    "MR",
    "MRS",
    "MS",
    "MISS",
    "DR",
    "PROF",
    "BS",
    "BSCKI",
    "BSCKII",
    "BSNT",
    "THS",
    "TS",
    "GS",
    "PGS",
    "KTV",
    "ĐD",
    "NHS",
    "DS",
    "YS",
    "KS",
    "BN",
]
_LONG = (
    ("BÁC", "SĨ"), ("BÁC", "SỸ"), ("THẠC", "SĨ"), ("TIẾN", "SĨ"), ("GIÁO", "SƯ"),
    ("ĐIỀU", "DƯỠNG"), ("DƯỢC", "SĨ"), ("KỸ", "SƯ"), ("Y", "SĨ"), ("LUẬT", "SƯ"),
    ("BỆNH", "NHÂN"), ("HỌ", "TÊN"), ("HỌ", "VÀ", "TÊN"),
)  # fmt: skip
_WOMEN = ("BÀ", "CHỊ", "CÔ", "CỤ", "BÁC", "DÌ")
_AMBIGUOUS = ("ÔNG",)
_OTHERS = ("ANH", "EM", "CHÚ", "CẬU", "CHÁU", "BÉ", "BA", "ONG", "CHI", "CO", "CU", "BAC", "DI",
           "CAU", "CHAU", "BE", "THẦY")  # fmt: skip


def _both(words: Sequence[str]) -> set[str]:
    return {*words, *map(to_ascii, words)}


_SECOND = {
    "HỌ": "TÊN VÀ", "Y": "SĨ SỸ", "VÔ": "DANH GIA THỪA", "TRUNG": "TÂM", "PHÒNG": "KHÁM",
    "KHOA": "SẢN PHỤ NHI SƠ", "LUẬT": "SƯ", "TIẾN": "SĨ SỸ", "THẠC": "SĨ SỸ", "DƯỢC": "SĨ SỸ",
    "BÁC": "SĨ SỸ", "GIÁO": "SƯ", "KỸ": "SƯ", "ĐIỀU": "DƯỠNG", "BỆNH": "VIỆN NHÂN",
    "NHÀ": "HỘ BẢO", "TRẠM": "Y", "SƠ": "SINH", "ẨN": "DANH", "KHUYẾT": "DANH", "BỎ": "RƠI",
    "NO": "NAME", "K": "CÓ RÕ RỎ BIẾT XÁC TÊN DANH", "CH": "CÓ RÕ RỎ BIẾT XÁC TÊN DANH",
    "B": "O", "C": "B", "CHÁU": "TRAI GÁI SƠ CON BÉ", "BÉ": "TRAI GÁI SƠ CON",
    "EM": "TRAI GÁI SƠ CON BÉ", "TRẺ": "SƠ CON VÔ BỎ KHUYẾT",
    "TÊN": "KHÔNG KO CHƯA K CH",
}  # fmt: skip
"""First words that are names as well, and the words behind them that make them a form."""

_CERTAIN = (
    "CON TSS CB CBÀ CSP SS CC BABY NEWBORN INFANT BN NẠN NGƯỜI ĐỐI KHÔNG KO CHƯA KXĐ UNKNOWN "
    "NONAME BV BVĐK BVDK TTYT TYT TTYTDP PKĐK"
)
_PEOPLE = frozenset((*_WOMEN, *_AMBIGUOUS))


_CHILD = ("BÉ", "CHÁU")


def _is_head(word: str) -> bool:
    """Whether a whole name begins here: Thị and Văn are families, too, but hardly ever."""
    return is_family(word) and word not in ("THỊ", "THI", "VĂN", "VAN")


def _is_common(word: str) -> bool:
    return common_families().get(word, 0.0) >= 1.0


@cache
def _seconds() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for first, words in _SECOND.items():
        for form in _both([first]):
            found.setdefault(form, set()).update(_both(words.split()))
    return {first: frozenset(words) for first, words in found.items()}


@cache
def _titles() -> frozenset[str]:
    return frozenset(_both(_ALWAYS))


@cache
def _long_titles() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for title in _LONG:
        for form in (title, tuple(map(to_ascii, title))):
            found.setdefault(form[0], []).append(form)
    return found


@cache
def _certain() -> frozenset[str]:
    return frozenset(_both([*_CERTAIN.split(), *_ALWAYS]))


@cache
def first_words() -> frozenset[str]:
    """Words at the head of a name that ask for a closer look."""
    return frozenset({*_certain(), *_PEOPLE, *_OTHERS, *_seconds()})


class Opening(IntEnum):
    """What the first two words of a name say of it."""

    NAME = 0
    LOOK = 1  # the rest decides
    NEWBORN = 2  # whatever follows


def opening(first: str, second: str, more: int) -> Opening:
    """What a name can be that begins with these words.

    Parameters
    ----------
    second : empty where there is none
    more : how many words follow; from two on it makes no difference

    Examples
    --------
    >>> opening("CON", "BÀ", 0).name, opening("BÀ", "TRẦN", 1).name, opening("HO", "VAN", 1).name
    ('NEWBORN', 'LOOK', 'NAME')
    """
    if first not in first_words():
        return Opening.NAME
    if second and _NEWBORN.fullmatch(f"{first} {second}"):
        return Opening.NEWBORN
    if more and (first == "CON" or (first in _CHILD and _is_head(second))):
        return Opening.NEWBORN
    if first in _certain() or second in _seconds().get(first, ()):
        return Opening.LOOK
    if _is_head(second) and (first in _PEOPLE or (first in _OTHERS and more > 1)):
        return Opening.LOOK
    return Opening.NAME


def newborn(words: Sequence[str]) -> tuple[str, ...] | None:
    """The parent's words behind a form for a child without a name; None where it is no such form.

    Examples
    --------
    >>> newborn(["CON", "BÀ", "LÊ", "THỊ", "HOA"]), newborn(["LÊ", "THỊ", "CON"])
    (('LÊ', 'THỊ', 'HOA'), None)
    >>> newborn(["BÉ", "TRẦN", "THỊ", "LAN"]), newborn(["BÉ", "BA"])
    (('TRẦN', 'THỊ', 'LAN'), None)
    """
    if not words or words[0] not in first_words():
        return None
    found = _NEWBORN.fullmatch(" ".join(words))
    if found is not None:
        return tuple((found.group("rest") or "").split())
    after = words[1] if len(words) > 2 else ""
    if after and (
        words[0] == "CON"
        or (words[0] in _CHILD and _is_head(after))
        or (words[0] in ("BE", "CHAU") and len(words) > 3 and _is_common(after))
    ):
        return tuple(words[1:])
    return None


def nobody(words: Sequence[str]) -> bool:
    """Whether the words say that the name is not known.

    Examples
    --------
    >>> nobody(["BN", "CHƯA", "RÕ", "DANH", "TÍNH"]), nobody(["VÕ", "DANH"]), nobody(["BN", "LÊ"])
    (True, False, False)
    """
    if not words or words[0] not in first_words():
        return False
    found = _NOBODY.fullmatch(" ".join(words))
    if found is None:
        return False
    alone = words[0] in ("KHÔNG", "KHONG", "BN", "K", "CH", "NGƯỜI", "BỆNH", "NẠN", "BENH", "NAN")
    return not found.group("rest") or not (alone and is_family(found.group("rest").split()[0]))


def facility(words: Sequence[str]) -> bool:
    """Whether the words are those of a hospital, under whose name foundlings are registered.

    Examples
    --------
    >>> facility(["BỆNH", "VIỆN", "TỪ", "DŨ"]), facility(["TRUNG", "TÂM"])
    (True, False)
    """
    if not words or words[0] not in first_words():
        return False
    found = _FACILITY.fullmatch(" ".join(words))
    return found is not None and (words[0] != "TRUNG" or bool(found.group("rest")))


def title_length(words: Sequence[str]) -> int:
    """How many words at the head of a name are a title; 0 where there is none.

    A title that is also a name, as Ông is, counts where a common family name and a whole name
    follow it.

    Examples
    --------
    >>> title_length("ÔNG NGUYỄN VĂN AN".split()), title_length("ÔNG CAO THẮNG".split())
    (1, 0)
    >>> title_length("BÁC SĨ LÊ HOA".split()), title_length("ANH THƯ".split())
    (2, 0)
    """
    if len(words) < 2 or words[0] not in first_words():
        return 0
    for title in _long_titles().get(words[0], ()):
        if len(words) > len(title) + 1 and tuple(words[: len(title)]) == title:
            return len(title)
    first, after, more = words[0], words[1], len(words) - 1
    if first in _titles():
        return 1
    if not _is_head(after):
        return 0
    if first in _WOMEN and more >= 2:
        return 1
    if first in _AMBIGUOUS:
        return int(more >= 3 or (more == 2 and _is_common(after)))
    return int(first in _OTHERS and more >= 3)
