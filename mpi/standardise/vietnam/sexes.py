"""Sex in Vietnamese words: what the general rule reads, and the words it does not know."""

from __future__ import annotations

import pyarrow as pa

from mpi.standardise.categories import plain, read_sex, sex_layout
from mpi.standardise.dates import each
from mpi.standardise.rules import Rule, Standardised

MALE = frozenset({
    "NAM GIOI", "TRAI", "BE TRAI", "CON TRAI", "CHAU TRAI", "DAN ONG", "ONG", "ANH",
    "GIOI NAM", "PHAI NAM", "N AM", "1 NAM", "NAM 1",
})  # fmt: skip
FEMALE = frozenset({
    "NU GIOI", "GAI", "BE GAI", "CON GAI", "CHAU GAI", "DAN BA", "PHU NU", "BA", "CHI", "CO",
    "GIOI NU", "PHAI NU", "2 NU", "NU 2", "NUWX", "NUX", "NU7", "NU74", "NU 4",
})  # fmt: skip
SPOILT = frozenset({"N÷", "NÖÕ", "NỮ?", "N?", "NÆ¯", "NÁ»¯", "NỬ", "NƯ"})
"""Nữ in old encodings, and with its tone lost or wrong."""


def read_vietnamese_sex(text: str, layout: str) -> tuple[str, str]:
    """M or F.

    Examples
    --------
    >>> read_vietnamese_sex("Nữ giới", ""), read_vietnamese_sex("bé trai", "")
    (('F', ''), ('M', ''))
    """
    word = plain(text)
    if word in MALE:
        return "M", ""
    if word in FEMALE or text.strip().upper() in SPOILT:
        return "F", ""
    return read_sex(text, layout)


def standard_sex(texts: pa.Array, layout: str) -> Standardised:
    """Sexes in standard form: M, F, or missing; 3 is undetermined and says nothing.

    Examples
    --------
    >>> from mpi.standardise.categories import ONE_TWO
    >>> standard_sex(pa.array(["Nam", "nữ", "2", "3", "N÷"]), ONE_TWO).values.to_pylist()
    ['M', 'F', 'F', '', 'F']
    """
    return each(texts, lambda text: read_vietnamese_sex(text, layout))


SEX = Rule(standard_sex, layout=sex_layout)
