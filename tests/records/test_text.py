"""What is missing is told from the bits, wherever they begin."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mpi.records.text import validity


@given(st.lists(st.none() | st.just("a"), max_size=40), st.integers(0, 20), st.integers(0, 20))
def test_validity_is_that_of_each_value(values: list[str | None], begin: int, size: int) -> None:
    part = pa.array(values, pa.string()).slice(begin, size)
    found = validity(part)
    assert found.dtype == bool
    assert found.tolist() == [value is not None for value in part.to_pylist()]
