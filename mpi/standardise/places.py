"""Addresses and the places in them: words of letters and digits."""

from __future__ import annotations

import re

import pyarrow as pa

from mpi.standardise.alphabets import WORDS, fold, fold_one
from mpi.standardise.dates import each
from mpi.standardise.rules import Rule, Standardised

_TYPE_BEFORE = re.compile(
    r"^(?:TỈNH|TINH|THÀNH PHỐ|THANH PHO|TP|PROVINCE OF|STATE OF|COUNTY OF) (?=\S)"
)
_TYPE_AFTER = re.compile(r"(?<=\S) (?:PROVINCE|STATE|COUNTY)$")


def standard_words(texts: pa.Array, layout: str = "") -> Standardised:
    """Words in standard form: upper case, signs turned into blanks.

    Examples
    --------
    >>> standard_words(pa.array(["12/5 Trần Phú,  P.3"])).values.to_pylist()
    ['12 5 TRẦN PHÚ P 3']
    """
    return Standardised(fold(texts, WORDS).values)


def read_province(text: str) -> tuple[str, str]:
    """The name of a province without the word for what it is.

    Examples
    --------
    >>> read_province("Tỉnh Quảng Trị")[0], read_province("TP. Huế")[0]
    ('QUẢNG TRỊ', 'HUẾ')
    """
    name = fold_one(text, WORDS)
    while True:
        shorter = _TYPE_AFTER.sub("", _TYPE_BEFORE.sub("", name))
        if shorter == name:
            return name, ""
        name = shorter


def standard_provinces(texts: pa.Array, layout: str = "") -> Standardised:
    """Provinces in standard form."""
    return each(texts, read_province)


WORDS_RULE = Rule(standard_words, bulk=True)
PROVINCE = Rule(standard_provinces)
