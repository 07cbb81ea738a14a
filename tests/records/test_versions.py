"""The version that is kept is the textbook's."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mpi.records.versions import moments, newest

VALUE = st.sampled_from([None, "", "a", "b", "é"])
VERSIONS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([None, 1.0, 2.0]), VALUE, VALUE),
    min_size=1,
    max_size=14,
)


@given(VERSIONS, st.randoms(use_true_random=False))
def test_the_latest_and_then_the_last_in_byte_order(versions, random) -> None:  # type: ignore[no-untyped-def]
    versions.sort(key=lambda v: v[0])
    places = list(range(len(versions) + 2))
    random.shuffle(places)
    rows = np.array(places[: len(versions)], np.int64)

    def laid_out(position: int) -> pa.ChunkedArray:
        values: list[str | None] = ["zz"] * len(places)
        for row, version in zip(rows.tolist(), versions, strict=True):
            values[row] = version[position]
        return pa.chunked_array([values[:2], values[2:]], pa.string())

    def rank(version: tuple[int, float | None, str | None, str | None]) -> tuple[object, ...]:
        _, when, b, a = version
        told = [b"" if v is None else b"\1" + v.encode() for v in (a, b)]
        return (-1.0 if when is None else when, *told)

    found = newest(
        np.array([v[0] for v in versions]),
        np.array([np.nan if v[1] is None else v[1] for v in versions]),
        {"b": laid_out(2), "a": laid_out(3)},
        rows,
    )
    wanted = [max(map(rank, group)) for _, group in groupby(versions, key=lambda v: v[0])]
    assert [rank(versions[i]) for i in found] == wanted


def test_times_in_pieces_are_read_together() -> None:
    whole = [["03/04/2024", None], ["04/25/2024"], []]
    found = moments(pa.chunked_array(whole, pa.string()))
    assert found[0] == moments(pa.chunked_array([["2024-03-04"]]))[0]
    assert np.isnan(found[1])
    assert len(moments(pa.chunked_array([], pa.string()))) == 0
