"""Sex and other values of which there are few."""

from __future__ import annotations

import unicodedata

import pyarrow as pa

from mpi.standardise.alphabets import WORDS, fold, fold_one
from mpi.standardise.dates import each
from mpi.standardise.encode import Counts
from mpi.standardise.rules import Layout, Rule, Standardised

_MALE_WORDS = "M MALE MAN BOY MASC MASCULINE MASCULIN MASCULINO HOMME H HOMBRE MANNLICH NAM TRAI"
_FEMALE_WORDS = "F FEMALE WOMAN GIRL FEM FEMININE FEMININ FEMENINO FEMME MUJER WEIBLICH W NU GAI"
MALE, FEMALE = frozenset(_MALE_WORDS.split()), frozenset(_FEMALE_WORDS.split())
ONE_TWO, KEPT = "1=M 2=F", "0 and 1 kept"
NO_SEX = "neither male nor female, taken as missing"


def plain(text: str) -> str:
    """A folded text without accents.

    Examples
    --------
    >>> plain(" Nữ ")
    'NU'
    """
    folded = unicodedata.normalize("NFD", fold_one(text, WORDS))
    return "".join(c for c in folded if not unicodedata.combining(c)).replace("Đ", "D")


def read_sex(text: str, layout: str) -> tuple[str, str]:
    """M or F; or 0 and 1 in a column that only has these."""
    word = plain(text).removeprefix("GIOI TINH ").removeprefix("CON ").removesuffix(" 0")
    if word in MALE:
        return "M", ""
    if word in FEMALE:
        return "F", ""
    number = word.lstrip("0") or ("0" if word else "")
    if layout == KEPT and number in ("0", "1"):
        return number, ""
    if layout != KEPT and number in ("1", "2"):
        return "MF"[int(number) - 1], ""
    return "", NO_SEX


def standard_sex(texts: pa.Array, layout: str) -> Standardised:
    """Sexes in standard form: M, F, or missing.

    Examples
    --------
    >>> standard_sex(pa.array(["Nam", "nữ", "2", "unknown"]), ONE_TWO).values.to_pylist()
    ['M', 'F', 'F', '']
    """
    return each(texts, lambda t: read_sex(t, layout))


def sex_layout(texts: pa.Array, counts: Counts) -> Layout:
    """What 0, 1 and 2 stand for: with a 2, or without a 0, 1 is male and 2 female.

    Examples
    --------
    >>> import numpy as np
    >>> sex_layout(pa.array(["0", "1"]), np.array([5, 5])).text
    '0 and 1 kept'
    """
    rows = dict.fromkeys("012", 0)
    for text, n in zip(texts.to_pylist(), counts.tolist(), strict=True):
        word = plain(text).removesuffix(" 0")
        if word in rows:
            rows[word] += n
    if not any(rows.values()):
        return Layout(ONE_TWO)
    if rows["0"] > rows["2"]:
        return Layout(KEPT, "0 and 1 are kept, as nothing says which is male")
    return Layout(ONE_TWO, "1 read as male, 2 as female")


def standard_categories(texts: pa.Array, layout: str = "") -> Standardised:
    """Categories in standard form: upper case, words parted by single blanks."""
    return Standardised(fold(texts, WORDS).values)


SEX = Rule(standard_sex, layout=sex_layout)
CATEGORY = Rule(standard_categories, bulk=True)
