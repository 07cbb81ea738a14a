"""Texts read where they lie."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.serve.texts import Texts


@pytest.mark.parametrize("of_type", [pa.string(), pa.large_string()], ids=["string", "large"])
@given(texts=st.lists(st.text(max_size=5), max_size=9), begin=st.integers(0, 4))
def test_texts_are_those_of_the_column(of_type: pa.DataType, texts: list[str], begin: int) -> None:
    read = Texts(pa.array(texts, of_type).slice(begin))
    assert [one.decode() for one in read] == texts[begin:]
    assert len(read) == len(texts[begin:])
    places = [place for place in (2, -1, 0) if place < len(read)]
    wanted = [read[place] if place >= 0 else None for place in places]
    assert read.take(places) == wanted


def test_a_column_without_anything_has_no_text() -> None:
    assert list(Texts(pa.array([], pa.string()))) == []
    assert list(Texts(pa.array([None, "AN"], pa.string()).slice(2))) == []
