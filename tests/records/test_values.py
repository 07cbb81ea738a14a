from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpi.records.values import _BLANKS, NOTHING, drop_marks, tidy

VALUES = st.lists(
    st.none()
    | st.sampled_from(NOTHING)
    | st.text(st.sampled_from("aộ 0-\u00a0\u3000\ufeffế"), max_size=6)
)


def naive(value: str | None) -> str | None:
    if value is None:
        return None
    value = value.strip(_BLANKS)
    return None if value in NOTHING else value


@given(VALUES, st.integers(0, 3))
def test_tidy_is_strip_and_drop(values: list[str | None], skip: int) -> None:
    whole = pa.array(values, pa.string())
    column = pa.chunked_array([whole[:skip], whole[skip:]], pa.string())
    assert tidy(column).to_pylist() == [naive(v) for v in values]
    tidy(column).validate(full=True)


@pytest.mark.parametrize("value", ["NA", "Na", "nan", "Null", "none", "0", "000", "x-", "N"])
def test_values_that_stay(value: str) -> None:
    assert tidy(pa.chunked_array([[value]])).to_pylist() == [value]


def test_marks_can_be_dropped_by_column() -> None:
    column = pa.chunked_array([["NA", "Na", None, "nan", "x"]])
    assert drop_marks(column, ["NA", "nan"]).to_pylist() == [None, "Na", None, None, "x"]
