"""From standard columns to the arrays that kernels read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive.compare import (
    all_words_of,
    compare_pair,
    compared,
    joined,
    letters_of,
    unit_of,
    words_of,
)
from tables import encoded_table, standard_table
from texts import VIETNAMESE, worded

from mpi.compare._kernels_tile import compare_pairs
from mpi.compare.patterns import radices
from mpi.encode import _kernels_values as kernels
from mpi.encode.distinct import mix
from mpi.encode.rows import encode
from mpi.errors import UsageError
from mpi.schema import Kind

SMALL = st.one_of(st.none(), st.sampled_from(["A", "B"]))


@given(
    st.lists(st.tuples(SMALL, SMALL, st.sampled_from(["x", "y"])), min_size=1, max_size=12),
    st.booleans(),
)
def test_equal_records_are_one_row(
    records: list[tuple[str | None, str | None, str]], across: bool
) -> None:
    columns = {
        ("given_name", Kind.GIVEN_NAME): [r[0] for r in records],
        ("sex", Kind.SEX): [r[1] for r in records],
    }
    encoded = encoded_table(columns, [r[2] for r in records], across=across)
    kept = [r if across else r[:2] for r in records]
    rows = list(dict.fromkeys(kept))  # in the order of their first record
    assert encoded.n_rows == len(rows)
    assert [rows[i] for i in encoded.row_of] == kept
    assert [kept[i] for i in encoded.first] == rows
    assert encoded.copies.tolist() == [kept.count(r) for r in rows]
    values = [column.values.to_pylist() for column in encoded.columns]
    for row, codes in zip(rows, encoded.codes.tolist(), strict=True):
        assert list(row[:2]) == [None if c < 0 else values[f][c] for f, c in enumerate(codes)]


@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=9))
def test_records_alone_are_rows_of_their_own(records: list[tuple[str | None, str | None]]) -> None:
    columns = {
        ("given_name", Kind.GIVEN_NAME): [r[0] for r in records],
        ("sex", Kind.SEX): [r[1] for r in records],
    }
    sources = [f"{i:02}" for i in range(len(records))]
    apart = encoded_table(columns, sources, across=True)
    standard = standard_table(columns)
    alone = encode(standard, apart.comparisons, alone=True)
    assert alone.content is None
    for name in ("row_of", "first", "copies", "codes", "base", "counts"):
        assert np.array_equal(getattr(alone, name), getattr(apart, name)), name
    for one, other in zip(alone.values, apart.values, strict=True):
        assert np.array_equal(one, other)


@given(st.lists(st.one_of(worded(), worded(VIETNAMESE), worded("Đ\U00020000A", 70)), min_size=1))
def test_what_is_known_of_a_value(values: list[str]) -> None:
    unique = sorted(set(values), key=lambda v: v.encode())
    v = encoded_table({("full_name", Kind.FULL_NAME): unique}).values
    for g, value in enumerate(unique):
        info = v.info[g].tolist()
        first, length = info[kernels.FIRST], info[kernels.LENGTH]
        assert v.units[first : first + length].tolist() == [unit_of(c) for c in compared(value)]
        bits = info[kernels.LETTERS] % 2**64
        assert {k for k in range(64) if bits >> k & 1} == letters_of(value)
        words = v.words[info[kernels.WORD] : info[kernels.WORD] + info[kernels.WORDS]].tolist()
        found = [(word >> 8 & 0xFFFF, word & 255) for word in words]
        assert found == [(unit_of(w[0]), min(len(w), 255)) for w in words_of(value)]
        for h, other in enumerate(unique):
            same_text = info[kernels.FOLD] == v.info[h, kernels.FOLD]
            assert same_text == (joined(value) == joined(other))
            same_words = info[kernels.SORTED] == v.info[h, kernels.SORTED]
            assert same_words == (sorted(all_words_of(value)) == sorted(all_words_of(other)))


def test_values_of_all_forms_and_none() -> None:
    columns = {
        ("birth_date", Kind.BIRTH_DATE): ["1990-05-12", "1990-00-00", None],
        ("age", Kind.NUMBER): ["12", "7", "7"],
        ("sex", Kind.SEX): [None, None, None],
    }
    encoded = encoded_table(columns)
    assert encoded.values.info[:, kernels.NUMBERED].tolist() == [19900000, 19900512, 12, 7]
    assert encoded.values.rows[:, :3].tolist() == [[1, 2, -1], [0, 3, -1], [-1, 3, -1]]
    assert encoded.codes.tolist() == [[1, 0, -1], [0, 1, -1], [-1, 1, -1]]
    assert encoded.base.tolist() == [0, 2, 4, 4]


def test_forty_fields_of_text() -> None:
    """Marks stand farther behind than a byte can say."""
    texts = ["TRAN PHU", "TRAN PHU P TAN BINH", "LE LOI", "LE LAI", None, "1 2 3 4 5 6 7 8 9"]
    columns = {(f"t{f}", Kind.TEXT): texts[f % 6 :] + texts[: f % 6] for f in range(40)}
    encoded = encoded_table(columns)
    v = encoded.values
    assert int(v.mark.max()) > 200
    pairs = np.array(list(combinations(range(6), 2)))
    left, right = encoded.row_of[pairs[:, 0]], encoded.row_of[pairs[:, 1]]
    levels = np.empty((len(pairs), 40), np.int8)
    compare_pairs(v, left, right, levels)
    rows = list(zip(*columns.values(), strict=True))
    for (i, j), found in zip(pairs.tolist(), levels.tolist(), strict=True):
        assert found == list(compare_pair(["text"] * 40, {}, rows[i], rows[j]))
    with pytest.raises(UsageError, match="40 fields are too many"):
        radices(encoded.comparisons)


def test_no_more_fields_than_a_word_has_bits() -> None:
    """Kernels keep a bit for each field, so what is allowed must fit."""
    sexes = {(f"s{f}", Kind.SEX): ["F", "M"] for f in range(65)}
    allowed = encoded_table(dict(list(sexes.items())[:39])).comparisons
    assert len(radices(allowed)) == 39
    with pytest.raises(UsageError, match="65 fields are too many"):
        radices(encoded_table(sexes).comparisons)


def test_rows_begin_at_a_cache_line() -> None:
    encoded = encoded_table({("sex", Kind.SEX): ["F", "M", None] * 3})
    assert encoded.values.rows.ctypes.data % 64 == 0


@pytest.mark.parametrize("n_columns", [1, 2, 3])
def test_mixing_tells_columns_and_order_apart(n_columns: int) -> None:
    codes = np.indices((12,) * n_columns).reshape(n_columns, -1) - 1
    state = np.ones(codes.shape[1], np.uint64)
    for column in codes:
        state = mix(state, column)
    assert len(np.unique(state)) == codes.shape[1]
