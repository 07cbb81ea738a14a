"""Provinces: the 63 of before July 2025 read as the 34 units they became.

The standard value is the name of the unit of today, so that a record of Bình Dương from 2020 agrees
with the same person's of 2026, who lives in Hồ Chí Minh without having moved. What is lost by it,
that Bình Dương and Hồ Chí Minh were two in 2020, says little against one person, as people move
between neighbours; `former_provinces` keeps it for those who need it.

It also takes the sting out of codes. Seven units took over a code that had meant another province
(24 was Bắc Giang and is Bắc Ninh), but always one that joined them: as the unit of today a code of
two digits means the same whenever it was written. Only `former_provinces` needs the date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import WORDS, fold_one
from mpi.standardise.categories import plain
from mpi.standardise.dates import each
from mpi.standardise.rules import Rule, Standardised
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.reference import Province

REFORM = "2025-07-01"
JOINED = "province of before July 2025, read as the unit that it became"
BY_CODE = "code of a province, read as its name"
AMBIGUOUS = "may be one of several provinces, taken as missing"
UNKNOWN = "no province of Viet Nam, kept"
_TYPE = re.compile(r"^(?:TINH|THANH PHO|THU DO|TP|T P|T)(?: (?=\S)|(?<=TP)(?=\S))")
_AFTER = re.compile(r" (?:CU|CITY|PROVINCE|VIET NAM|VIETNAM|VN)$")
_CODE = re.compile(r"0?([0-9]{2})(?: 0)?|([0-9])(?: 0)?")
_NUMBER_BEFORE = re.compile(r"^[0-9]+ (?=\S)")
_PARTS = re.compile(r"[,;()\[\]|/]+|\s-\s")


def key_of(text: str) -> str:
    """Letters and digits without accents and blanks.

    Examples
    --------
    >>> key_of("Bà Rịa - Vũng Tàu")
    'BARIAVUNGTAU'
    """
    return plain(text).replace(" ", "")


@cache
def by_key() -> dict[str, tuple[str, ...]]:
    """What each spelling may mean: codes of the 63 provinces; none where it is no longer one, and
    the provinces it was divided into became different units."""
    meant: dict[str, list[str]] = {}
    for province in reference.provinces():
        words = province.name.replace(" - ", " ").split()
        initials = key_of("".join(word[0] for word in words))
        meant.setdefault(key_of(province.name), []).append(province.code)
        meant.setdefault(initials, []).append(province.code)
    code_of = {p.name: p.code for p in reference.provinces()}
    for row in reference.rows("province_aliases"):
        meant[key_of(row["alias"])] = [code_of[row["province"]]]
    return {key: tuple(codes) for key, codes in meant.items()}


@cache
def by_code() -> dict[str, Province]:
    """Code -> province of before July 2025."""
    return {province.code: province for province in reference.provinces()}


@cache
def former() -> dict[str, str]:
    """Provinces that were gone before 2025, by their spelling -> unit of today, or nothing."""
    return {key_of(row["name"]): row["successor"] for row in reference.rows("former_provinces")}


def spellings(text: str) -> list[str]:
    """Ever shorter readings of a text that names a province, as keys.

    Examples
    --------
    >>> spellings("T. Bình Dương (cũ)")
    ['TBINHDUONGCU', 'TBINHDUONG', 'BINHDUONG']
    """
    word = plain(text)
    found = [word]
    for pattern in (_AFTER, _NUMBER_BEFORE, _TYPE, _TYPE, _AFTER):
        shorter = pattern.sub("", word)
        if shorter != word and shorter:
            word = shorter
            found.append(word)
    return [word.replace(" ", "") for word in found]


def find_province(text: str) -> tuple[tuple[str, ...], str] | None:
    """The codes of the 63 provinces that a name may mean, and the unit of today if it is one.

    Examples
    --------
    >>> find_province("TP.HCM"), find_province("Tỉnh Bình Dương")
    ((('79',), 'Hồ Chí Minh'), (('74',), 'Hồ Chí Minh'))
    >>> find_province("QN")
    (('22', '49', '51'), '')
    >>> find_province("Hà Bắc"), find_province("Paris")
    (((), 'Bắc Ninh'), None)
    """
    before = by_code()
    parts = [part for part in _PARTS.split(text) if part.strip()]
    for piece in [text, *reversed(parts)]:
        for key in spellings(piece):
            if key in by_key():
                codes = by_key()[key]
                units = {before[code].successor for code in codes}
                return codes, units.pop() if len(units) == 1 else ""
            if key in former():
                return (), former()[key]
    return None


def code_in(text: str) -> str:
    """The two digits of a text that is a code of a province, or nothing.

    Examples
    --------
    >>> code_in("079"), code_in("1"), code_in("Huế")
    ('79', '01', '')
    """
    found = _CODE.fullmatch(fold_one(text, WORDS))
    return (found.group(1) or f"0{found.group(2)}") if found else ""


def read_province(text: str) -> tuple[str, str]:
    """The unit of today that a text names, and the repair.

    Examples
    --------
    >>> read_province("Tỉnh Yên Bái")[0], read_province("15")[0], read_province("079")[0]
    ('LÀO CAI', 'LÀO CAI', 'HỒ CHÍ MINH')
    """
    code = code_in(text)
    if code in by_code():
        return fold_one(by_code()[code].successor, WORDS), BY_CODE
    found = find_province(text)
    if found is None:
        name = fold_one(text, WORDS)
        return name, UNKNOWN if name else ""
    codes, unit = found
    if not unit:
        return "", AMBIGUOUS
    same = len(codes) == 1 and by_code()[codes[0]].name in (unit, "Thừa Thiên Huế")
    return fold_one(unit, WORDS), "" if same else JOINED


def standard_provinces(texts: pa.Array, layout: str = "") -> Standardised:
    """Provinces in standard form: the unit of today.

    Examples
    --------
    >>> raw = pa.array(["Sài Gòn", "BRVT", "tinh Quang Tri", "T.T Huế", "Hà Tây"])
    >>> standard_provinces(raw).values.to_pylist()
    ['HỒ CHÍ MINH', 'HỒ CHÍ MINH', 'QUẢNG TRỊ', 'HUẾ', 'HÀ NỘI']
    """
    return each(texts, read_province)


def former_provinces(texts: pa.Array, dates: Sequence[str] | None = None) -> pa.Array:
    """The province of before July 2025 that each text names: the finer key.

    Parameters
    ----------
    texts : string[n], no nulls; names or codes
    dates : YYYY-MM-DD of each record. From July 2025 on a text names a unit of today, and one that
        took others in may be any of them

    Returns
    -------
    string[n], upper case; empty where none is named, or more than one may be.

    Examples
    --------
    >>> former_provinces(pa.array(["Bình Dương", "TP HCM", "QN"])).to_pylist()
    ['BÌNH DƯƠNG', 'HỒ CHÍ MINH', '']
    >>> codes, dates = pa.array(["24", "24", "11"]), ["2024-05-01", "2026-05-01", "2026-05-01"]
    >>> former_provinces(codes, dates).to_pylist()
    ['BẮC GIANG', '', 'ĐIỆN BIÊN']
    """
    encoded = texts.dictionary_encode()
    before, since = [], []
    for text in encoded.dictionary.to_pylist():
        code = code_in(text)
        codes = (code,) if code in by_code() else (find_province(text) or ((), ""))[0]
        province = by_code()[codes[0]] if len(codes) == 1 else None
        name = fold_one(province.name, WORDS) if province else ""
        before.append(name)
        since.append(name if province and province.successor_code not in merged() else "")
    names = pa.array(before, pa.string()).take(encoded.indices)
    if dates is None:
        return names
    late = pa.array([date >= REFORM for date in dates], pa.bool_())
    return pc.if_else(late, pa.array(since, pa.string()).take(encoded.indices), names)


@cache
def merged() -> frozenset[str]:
    """Codes of the units that took others in."""
    times = Counter(province.successor_code for province in reference.provinces())
    return frozenset(code for code, n in times.items() if n > 1)


PROVINCE = Rule(standard_provinces)
