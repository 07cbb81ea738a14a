"""Accents fall, base letters and other scripts stay."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive.compare import folded
from texts import VIETNAMESE

from mpi.standardise.fold import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NGUYỄN THỊ ÁNH", "NGUYEN THI ANH"),
        ("ĐẶNG", "DANG"),
        ("ØRSTED ÆLFRIC ŁÓDŹ", "ORSTED AELFRIC LODZ"),
        ("MÜLLER", "MULLER"),
        ("ПЁТР", "ПЕТР"),
        ("王", "王"),
        ("", ""),
        (None, None),
    ],
)
def test_cases(text: str | None, expected: str | None) -> None:
    assert fold(pa.array([text, "Đ"], pa.string())).to_pylist() == [expected, "D"]


@given(st.lists(st.text(VIETNAMESE + "ØÆŁŒÞÄÖÜÉ \u0301\u0323", max_size=12), max_size=6))
def test_letter_by_letter(texts: list[str]) -> None:
    got = fold(pa.array(texts, pa.string())).to_pylist()
    assert got == [folded(text) for text in texts]
    assert fold(pa.array(got, pa.string())).to_pylist() == got


@given(st.text(VIETNAMESE, max_size=12))
def test_composed_and_decomposed_are_one(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    first, second = fold(pa.array(forms, pa.string())).to_pylist()
    assert first == second


@pytest.mark.parametrize("values", [[], [None], [None, "A"]])
def test_nothing_to_fold(values: list[str | None]) -> None:
    assert fold(pa.array(values, pa.string())).to_pylist() == values


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_few_and_many_texts_are_folded_alike(texts: list[str]) -> None:
    marks = [t for t in texts if all(unicodedata.category(c) not in ("Mc", "Me") for c in t)]
    few = fold(pa.array([*marks, "Đ"], pa.string())).to_pylist()
    many = fold(pa.array([*marks, "Đ"] * 600, pa.string())).to_pylist()
    assert many == few * 600
