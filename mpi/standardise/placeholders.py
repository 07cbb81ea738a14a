"""Values that mean "unknown": the ones everybody types, and how any of them are left out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa

from mpi.schema import FORM_OF, TRUSTED_KINDS, Form, Kind
from mpi.standardise.alphabets import CODES, fold_one, put
from mpi.standardise.encode import compose, count, rank
from mpi.standardise.table import StandardColumn

ARROW = " -> "
REDUCED = "1 January that stands for an unknown day, kept as year only"

_WORDS = (
    "UNKNOWN|UNKN|UNK|NOT KNOWN|NAME UNKNOWN|UNKNOWN UNKNOWN|NO NAME|NONAME|NOT AVAILABLE|"
    "NOT APPLICABLE|NOT STATED|NOT GIVEN|N A|N A N A|NONE|MISSING|UNDEFINED|UNSPECIFIED|ANONYMOUS|"
    "DUMMY|TEST|TEST TEST|TESTING|TBA|TBD|XX|XXX|XXXX|XXXXX|X X|DO NOT USE|JOHN DOE|JANE DOE|"
    "KHÔNG|KHONG|KHÔNG RÕ|KHONG RO|KHÔNG RỎ|KHÔNG BIẾT|KHONG BIET|KHÔNG CÓ|KHONG CO|KHÔNG TÊN|"
    "KHONG TEN|KHÔNG XÁC ĐỊNH|KHONG XAC DINH|CHƯA RÕ|CHUA RO|CHƯA BIẾT|CHUA BIET|CHƯA CÓ|CHUA CO|"
    "CHƯA CÓ TÊN|CHUA CO TEN|KO RÕ|KO RO|KO CÓ|KO CO|KXĐ|KXD|VÔ DANH|BỆNH NHÂN VÔ DANH|ẨN DANH|"
    "BN CHƯA RÕ DANH TÍNH|CHƯA RÕ DANH TÍNH"
)
_WORDS_NO_NAME = "NA|NAN|NULL|NIL|EMPTY|BLANK|DEFAULT|0|00|000|0000"
"""These are names of people too, alone as a family or a given name."""

_MAIL = (
    "none@none.com no@no.com na@na.com n/a@n/a.com test@test.com test@test.test test@example.com "
    "test@gmail.com abc@abc.com abc@gmail.com a@a.com a@a.a x@x.com noemail@noemail.com "
    "noemail@gmail.com no@email.com noemail@email.com none@email.com unknown@unknown.com "
    "email@email.com email@example.com user@example.com khongco@gmail.com noreply@noreply.com"
)
_DATES = "1899-12-30 1899-12-31 1900-01-01 1901-01-01"
_RUN_UP = "01234567890123456789012345"
_RUN_DOWN = "98765432109876543210987654"
_LONGEST = 24
_FEW = 16


def _codes(shortest: int) -> set[str]:
    """One digit or letter throughout, and digits in a row, from `shortest` on."""
    same = {c * n for c in "0123456789X" for n in range(shortest, _LONGEST + 1)}
    rows = {
        row[start : start + n]
        for row in (_RUN_UP, _RUN_DOWN)
        for start in (0, 1)
        for n in range(max(shortest, 6), _LONGEST + 1)
    }
    zeros = {"0" * n for n in range(1, _LONGEST + 1)}
    words = {fold_one(w, CODES) for w in f"{_WORDS}|{_WORDS_NO_NAME}".split("|")}
    return same | rows | zeros | words


@cache
def listed(kind: Kind) -> frozenset[str]:
    """The standard values of a kind that everybody uses for "unknown".

    Examples
    --------
    >>> "000000000000" in listed(Kind.NATIONAL_ID), "NA" in listed(Kind.GIVEN_NAME)
    (True, False)
    """
    words = set(_WORDS.split("|"))
    more = words | set(_WORDS_NO_NAME.split("|"))
    form = FORM_OF[kind]
    if kind is Kind.EMAIL:
        return frozenset(_MAIL.split())
    if kind is Kind.PHONE:
        zeros = {f"{first}{'0' * n}" for first in range(1, 100) for n in range(7, 10)}
        return frozenset(_codes(6) | zeros)
    if kind in TRUSTED_KINDS:
        return frozenset(_codes(7))
    if kind is Kind.IDENTIFIER:
        return frozenset(_codes(8))
    if kind is Kind.POSTCODE:
        nines = {"9" * n for n in range(4, 10)}
        return frozenset({"0" * n for n in range(1, 10)} | nines | {"NA", "NONE", "XXXX"})
    if kind is Kind.STREET_NUMBER:
        return frozenset({"0", "NA", "NONE", "UNKNOWN"})
    if form is Form.DATE:
        return frozenset(_DATES.split())
    if form is Form.NUMBER or kind is Kind.SEX:
        return frozenset()
    if kind in (Kind.GIVEN_NAME, Kind.MIDDLE_NAME, Kind.FAMILY_NAME, Kind.NAME):
        return frozenset(words)
    return frozenset(more)


def read_replacement(value: str) -> tuple[str, str]:
    """A placeholder's value and what takes its place; nothing makes it missing.

    Examples
    --------
    >>> read_replacement("1950-01-01 -> 1950-00-00"), read_replacement("000000000")
    (('1950-01-01', '1950-00-00'), ('000000000', ''))
    """
    old, arrow, new = value.partition(ARROW)
    return (old, new) if arrow else (value, "")


def places_of(column: StandardColumn, values: Iterable[str]) -> dict[str, int]:
    """Where the column holds these standard values, by binary search; of few texts, one by one."""
    texts = column.values
    if len(texts) <= _FEW:
        every = {text: i for i, text in enumerate(texts.to_pylist())}
        return {value: every[value] for value in values if value in every}
    places: dict[str, int] = {}
    for value in values:
        i = bisect_left(range(len(texts)), value.encode(), key=lambda i: texts[i].as_py().encode())
        if i < len(texts) and texts[i].as_py() == value:
            places[value] = i
    return places


def rows_of(column: StandardColumn, values: list[str]) -> list[int]:
    """Records that hold each of these standard values."""
    places = places_of(column, values)
    return [int(column.counts[places[v]]) if v in places else 0 for v in values]


def held(column: StandardColumn, values: frozenset[str]) -> list[str]:
    """Those of the values that the column holds, in order."""
    return sorted(places_of(column, values))


def replaced(column: StandardColumn, new: Mapping[str, str]) -> StandardColumn:
    """The column with some standard values replaced; the empty text makes them missing."""
    found = {i: new[value] for value, i in places_of(column, new).items()}
    if not found:
        return column
    at = sorted(found)
    if not any(found.values()):
        keep = np.ones(len(column.values), np.bool_)
        keep[at] = False
        moved = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
        return replace(
            column,
            codes=compose(column.codes, moved),
            values=column.values.filter(pa.array(keep)),
            counts=column.counts[keep],
        )
    mask = np.zeros(len(column.values), np.bool_)
    mask[at] = True
    values, moved = rank(put(column.values, mask, [found[i] for i in at]))
    codes = compose(column.codes, moved)
    repairs = dict(column.repairs)
    repairs[REDUCED] = int(sum(column.counts[i] for i in at if found[i]))
    return replace(
        column, codes=codes, values=values, counts=count(codes, len(values)), repairs=repairs
    )
