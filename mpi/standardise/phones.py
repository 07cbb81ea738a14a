"""Phone numbers: the national number without its trunk zero, or country code and number.

The column's home country is the country code that most of its international numbers carry, 84
where none does. ``+84 912 345 678``, ``0084912345678``, ``84912345678`` and ``0912345678`` are all
912345678. Numbers of other countries keep their country code. A bare number is taken to begin
with the home country's code where it does and has eleven digits or more.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import DIGITS, Mark, fold, fold_one, put
from mpi.standardise.encode import Counts
from mpi.standardise.identifiers import SCIENTIFIC, without_fraction
from mpi.standardise.rules import Layout, Rule, Standardised, blanked, empty, filled

HOME = "84"
SHORTEST = 6
_BARE_WITH_COUNTRY = 11
_TWO_DIGIT_CODES = (
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 "
    "65 66 81 82 84 86 90 91 92 93 94 95 98"
)
_TWO_DIGITS = frozenset(_TWO_DIGIT_CODES.split())
_SCIENTIFIC = re.compile(SCIENTIFIC)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_FIRST_NUMBER = re.compile(r"\+?[0-9][0-9 .()\u00a0_\-]*")
_LOST = "digits lost to 1.2E+11 notation, taken as missing"
_EXTENSION = "extension or second number left out"
_SHORT = "too short for a phone number, taken as missing"


def country_code(digits: str) -> str:
    """The country code that an international number begins with (ITU-T E.164).

    Examples
    --------
    >>> country_code("84912345678"), country_code("15551234567"), country_code("855123456")
    ('84', '1', '855')
    """
    if digits[:1] in ("1", "7"):
        return digits[:1]
    return digits[:2] if digits[:2] in _TWO_DIGITS else digits[:3]


def national(digits: str, home: str, international: bool = False) -> str:
    """Digits of a phone number without the home country's code and trunk zeros.

    Examples
    --------
    >>> national("0084912345678", "84"), national("442079460958", "84"), national("0000", "84")
    ('912345678', '442079460958', '0')
    """
    international |= digits.startswith("00")
    number = digits.lstrip("0")
    if international and number.startswith(home):
        number = number[len(home) :].lstrip("0")
    while len(number) >= _BARE_WITH_COUNTRY and number.startswith(home):
        number = number[len(home) :].lstrip("0")
    return number or digits[:1]


def phone_one(text: str, home: str) -> tuple[str, str]:
    """One phone number in any writing, and what was left out or lost."""
    text = "".join(fold_one(c, DIGITS) or c if c.isnumeric() else c for c in DIGITS.normal(text))
    if _SCIENTIFIC.match(text):
        return "", _LOST
    text = _TRUNK.sub(" ", text)
    numbers = [(m.group(), fold_one(m.group(), DIGITS)) for m in _FIRST_NUMBER.finditer(text)]
    if not numbers:
        return "", ""
    # "030/1234567" is one number, "0912345678/0987654321" are two.
    written, digits = numbers[0]
    used = 1
    while len(digits) < SHORTEST and used < len(numbers):
        digits += numbers[used][1]
        used += 1
    number = national(digits, home, written.startswith("+"))
    return number, _EXTENSION if used < len(numbers) else ""


def standard_phones(texts: pa.Array, layout: str) -> Standardised:
    """Phone numbers in standard form.

    Parameters
    ----------
    texts : string[n], no nulls
    layout : "country 84" and the like

    Examples
    --------
    >>> raw = pa.array(["+84 912 345 678", "(0912) 345.678", "0912345678 ext 5", "113"])
    >>> standard_phones(raw, "country 84").values.to_pylist()
    ['912345678', '912345678', '912345678', '']
    """
    home = layout.removeprefix("country ") or HOME
    folded = fold(texts, DIGITS)
    values, repairs = folded.values, {}
    special = folded.having(Mark.LETTER | Mark.PLUS | Mark.SPLIT | Mark.COMMA | Mark.BRACKET)
    point = folded.having(Mark.POINT) & ~special
    if point.any():
        values, repairs["'.0' left out"] = without_fraction(
            values, texts.filter(pa.array(point)), point
        )
    plain = ~special
    number = pc.ascii_ltrim(values, "0")
    zeros = np.asarray(pc.equal(number, "")) & ~empty(values)
    coded = np.asarray(pc.starts_with(values, "00")) | (
        np.asarray(pc.starts_with(number, home))
        & np.asarray(pc.greater_equal(pc.binary_length(number), _BARE_WITH_COUNTRY))
    )
    coded &= plain & ~zeros
    if coded.any():
        raw = values.filter(pa.array(coded)).to_pylist()
        number = put(number, coded, [national(digits, home) for digits in raw])
    if zeros.any():
        number = pc.if_else(pa.array(zeros), "0", number)
    if special.any():
        raw = texts.filter(pa.array(special)).to_pylist()
        new = [phone_one(text, home) for text in raw]
        number = put(number, special, [n for n, _ in new])
        for repair in (_EXTENSION, _LOST):
            mask = special.copy()
            mask[special] = [done == repair for _, done in new]
            repairs[repair] = mask
    short = np.asarray(pc.less(pc.binary_length(number), SHORTEST))
    short &= ~empty(number) & ~np.asarray(pc.equal(number, "0"))
    repairs[_SHORT] = short
    repairs["no digit, taken as missing"] = empty(number) & filled(texts)
    if _LOST in repairs:
        repairs["no digit, taken as missing"] &= ~repairs[_LOST]
    return Standardised(blanked(number, short), {k: m for k, m in repairs.items() if m.any()})


def phone_layout(texts: pa.Array, counts: Counts) -> Layout:
    """The home country of a column: the most frequent country code.

    Examples
    --------
    >>> phone_layout(pa.array(["+1 555 123 4567", "555 7654321"]), np.array([1, 1])).text
    'country 1'
    """
    mask = np.asarray(pc.match_substring_regex(texts, r"^\s*(?:\+|00)\s*\(?[1-9]"))
    if not mask.any():
        return Layout(f"country {HOME}")
    rows = counts[mask]
    digits = pc.ascii_ltrim(fold(texts.filter(pa.array(mask)), DIGITS).values, "0")
    heads = pc.dictionary_encode(pc.utf8_slice_codeunits(digits, 0, 3))
    by_head = np.bincount(heads.indices.to_numpy(), weights=rows)
    found: dict[str, int] = {}
    for head, n in zip(heads.dictionary.to_pylist(), by_head.tolist(), strict=True):
        code = country_code(head)
        found[code] = found.get(code, 0) + int(n)
    code = min(found, key=lambda c: (-found[c], c))
    return Layout(f"country {code}", f"numbers of country code {code} are taken as national")


PHONE = Rule(standard_phones, layout=phone_layout, bulk=True)
