"""Folding: the table agrees with Python's Unicode, and folding has done once for all."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.standardise import alphabets
from mpi.standardise.alphabets import (
    CODES,
    DIGITS,
    MAIL,
    NAMES,
    WORDS,
    Mark,
    fold,
    fold_one,
    marks_one,
)

ALPHABETS = {"names": NAMES, "words": WORDS, "codes": CODES, "digits": DIGITS, "mail": MAIL}
each_alphabet = pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
vietnamese = st.text("aăâeêioôơuưyđĐÐ '’-\u0301\u0300\u0323\u0303\u0309nghtk", max_size=12)


@each_alphabet
def test_the_table_does_what_fold_one_does(alphabet):
    targets, marks = alphabet.table
    for code in np.flatnonzero(targets >= 0).tolist():
        # Between letters, as a blank at an end would be cut off.
        around = "5" if alphabet is DIGITS else "a"
        wanted = fold_one(f"{around}{chr(code)}{around}", alphabet)
        edge = fold_one(around, alphabet)
        got = chr(targets[code]) if targets[code] else ""
        assert wanted == f"{edge}{got}{edge}", hex(code)
        assert marks[code] == marks_one(chr(code), alphabet), hex(code)


@each_alphabet
@given(value=text | vietnamese)
def test_folding_twice_changes_nothing(alphabet, value):
    folded = fold_one(value, alphabet)
    assert fold_one(folded, alphabet) == folded
    assert unicodedata.is_normalized("NFC", folded)


@each_alphabet
@given(value=text | vietnamese)
def test_composed_and_decomposed_are_one(alphabet, value):
    forms = {fold_one(unicodedata.normalize(f, value), alphabet) for f in ("NFC", "NFD")}
    assert forms == {fold_one(value, alphabet)}


@each_alphabet
@given(values=st.lists(text | vietnamese, min_size=1, max_size=8))
def test_many_texts_fold_as_few(alphabet, values):
    few = fold(pa.array(values, pa.string()), alphabet)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alphabets, "FEW", 0)
        many = fold(pa.array(values, pa.string()), alphabet)
    assert many.values.to_pylist() == few.values.to_pylist()
    assert (many.marks & ~np.uint8(Mark.SLOW)).tolist() == few.marks.tolist()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Nguyễn Thị Hoà", "NGUYỄN THỊ HOÀ"),
        ("ÐỖ ðức Ɖạt", "ĐỖ ĐỨC ĐẠT"),
        ("O’Brien", "OBRIEN"),
        ("O´Brien", "OBRIEN"),
        ("H'Hen Niê", "HHEN NIÊ"),
        ("Anne-Marie\tdu\u00a0Pont", "ANNE MARIE DU PONT"),
        ("Strauß", "STRAUSS"),
        ("zero\u200bwidth", "ZEROWIDTH"),
        ("Smith 1950", "SMITH"),
        ("\u674e\u5c0f\u9f99", "\u674e\u5c0f\u9f99"),
    ],
)
def test_names(raw, name):
    assert fold_one(raw, NAMES) == name


def test_digits_of_other_scripts_are_digits():
    assert fold_one("\u0660\u0661\uff12\u00b2", CODES) == "0122"
