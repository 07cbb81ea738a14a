"""Marks of values against twins that take standard values as Python text, and where they stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive import encode as naive
from naive.compare import folded
from tables import encoded_table, standard_table
from texts import FOREIGN, SYLLABLES, dates, identifiers, letters, numbers, spoken, worded

from mpi.encode import _kernels_marks as kernels
from mpi.encode import rows
from mpi.encode._kernels_values import NUMBERED, WORD, WORDS
from mpi.encode.comparisons import choose_comparisons
from mpi.encode.rows import Encoded
from mpi.schema import Form, Kind

KINDS = {
    Form.NAME: Kind.NAME,
    Form.DATE: Kind.BIRTH_DATE,
    Form.IDENTIFIER: Kind.IDENTIFIER,
    Form.TEXT: Kind.ADDRESS,
    Form.NUMBER: Kind.NUMBER,
    Form.CATEGORY: Kind.CATEGORY,
}
VALUES = {
    Form.NAME: st.one_of(spoken(), worded(FOREIGN), letters()).filter(bool),
    Form.DATE: dates(),
    Form.IDENTIFIER: st.one_of(identifiers(), st.text("0123456789AZ", min_size=1, max_size=70)),
    Form.TEXT: st.one_of(spoken(), worded(FOREIGN), letters()).filter(bool),
    Form.NUMBER: numbers(),
    Form.CATEGORY: st.sampled_from(["F", "M"]),
}


def codes_of(encoded: Encoded, f: int, commonest: int) -> dict[str, int]:
    """Code of each folded word of a field; all but the `commonest` ones are rare."""
    own = encoded.values.info[encoded.base[f] : encoded.base[f + 1]]
    codes = rows._word_codes(own, encoded.values.words, len(encoded.vocabulary))
    few = np.where(codes > commonest, kernels.RARE, codes).tolist()
    return dict(zip(encoded.vocabulary.to_pylist(), few, strict=True))


@given(st.integers(0, 0xFFFF))
@example(ord("Z"))
@example(ord("9"))
@example(127)
@example(128)
def test_class_of(unit: int) -> None:
    assert kernels.class_of(unit) == naive.class_of(unit)
    assert 0 <= kernels.class_of(unit) < kernels.CLASSES


@given(
    st.lists(VALUES[Form.NAME], min_size=1),
    st.sampled_from([4, 6, 8]),
    st.booleans(),
    st.sampled_from([0, 3, 70_000]),
)
@example(
    ["\u0301", "A" * 62, "A" * 63, "A" * 64, "AN AN", "A AN", "AN A BA LE LY"], 4, True, 70_000
)
@example(["AN BA LE LY", "AN BA LE LY THI", " ".join(SYLLABLES), "AN " * 7 + "HOA"], 8, False, 2)
def test_mark_text(values: list[str], room: int, is_name: bool, commonest: int) -> None:
    unique = sorted({" ".join(v.split()) for v in values}, key=lambda v: v.encode())
    encoded = encoded_table({("f", Kind.TEXT): unique})
    v = encoded.values
    known = codes_of(encoded, 0, commonest)
    codes = np.array([known[w] for w in encoded.vocabulary.to_pylist()], np.int64)
    for (a, n, _, _, _, w, words, _), value in zip(v.info.tolist(), unique, strict=True):
        own = v.units[a : a + n], v.words[w : w + words]
        got = kernels.mark_text(*own, codes, room, is_name)
        assert tuple(int(x) for x in got) == naive.mark_text(value, known, room, is_name), value


@pytest.mark.parametrize("form", list(Form))
@given(data=st.data())
@settings(max_examples=30)
def test_rows_hold_the_marks_of_their_values(form: Form, data: st.DataObject) -> None:
    """Between two other fields, with values missing, and the marks of those where they were."""
    values = data.draw(st.lists(st.one_of(st.none(), VALUES[form]), min_size=1, max_size=8))
    n = len(values)
    encoded = encoded_table(
        {
            ("before", Kind.NUMBER): [str(100 + i) for i in range(n)],
            ("f", KINDS[form]): values,
            ("behind", Kind.BIRTH_DATE): [f"1990-05-{i + 1:02d}" for i in range(n)],
        }
    )
    v = encoded.values
    codes = codes_of(encoded, 1, 70_000)
    unique = encoded.columns[1].values.to_pylist()
    numbered = v.info[encoded.base[1] : encoded.base[2], NUMBERED].tolist()
    known = numbered if form in (Form.NAME, Form.IDENTIFIER) else []
    marks = naive.mark_values(form.value, unique, codes, known)
    wanted = naive.fill_marks(values, dict(zip(unique, marks, strict=True)))
    width = len(marks[0]) if marks else 0
    assert v.mark[0] == 3
    assert v.mark[1] == (4 if form != Form.CATEGORY else 0)
    at = 4
    for row, expected in zip(v.rows, wanted, strict=True):
        own = row[at : at + width].view(np.uint32).tolist()
        assert own == ([0xFFFFFFFF] * width if expected is None else expected)
    assert v.rows[:, 3].tolist() == [100 + i for i in range(n)]
    if unique:
        assert v.rows[:, v.mark[2]].tolist() == [0x19900500 + int(str(i + 1), 16) for i in range(n)]


def test_fill_codes_is_its_twin() -> None:
    codes, records = np.array([4, -1, 0, 2], np.int32), np.array([3, 1, 1, 0, 2])
    fast, slow = np.full((2, 5, 3), 9, np.int32)
    kernels.fill_codes(fast, 1, 100, codes, records)
    naive.fill_codes(slow, 1, 100, codes, records)
    np.testing.assert_array_equal(fast, slow)
    assert fast[:, 1].tolist() == [102, -1, -1, 104, 100]


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_WORTH_THREADS", 0)
    monkeypatch.setattr(rows, "_ROWS_AT_ONCE", 3)
    texts = [f"LE VAN {chr(65 + i)}{chr(70 + i % 7)} HA" for i in range(20)]
    standard = standard_table(
        {
            ("full_name", Kind.FULL_NAME): texts,
            ("phone", Kind.PHONE): [None if i % 5 == 0 else f"09{i:08d}" for i in range(20)],
            ("address", Kind.ADDRESS): [f"{i} TRAN PHU HUE" for i in range(20)],
            ("birth_date", Kind.BIRTH_DATE): ["1990-05-12"] * 20,
        }
    )
    comparisons = choose_comparisons(standard)[0]
    one, three = (rows.encode(standard, comparisons, threads=n) for n in (1, 3))
    for name in one.values._fields:
        own, other = getattr(one.values, name), getattr(three.values, name)
        np.testing.assert_array_equal(own, other)
    assert one.vocabulary.equals(three.vocabulary)


@pytest.mark.parametrize("names", range(1, 9))
def test_every_mark_is_inside_its_row(names: int) -> None:
    """Also that of a category, which has none, behind fields that fill whole cache lines."""
    columns = {(f"n{k}", Kind.NAME): ["AN", "BA"] for k in range(names)}
    for more in range(1, 17):
        columns[f"c{more}", Kind.CATEGORY] = ["F", "M"]
        v = encoded_table(columns).values
        assert v.rows.shape[1] % 16 == 0
        assert v.rows.shape[1] >= names * 7 + more
        assert v.mark.max() < v.rows.shape[1]
        assert v.rows.ctypes.data % 64 == 0


def test_frequent_words_have_codes_of_their_own() -> None:
    """There are 65,534; the words that come too late share one, and it says so."""
    words = [f"{k:05d}X" for k in range(70_000)]
    encoded = encoded_table({("f", Kind.TEXT): [*words, *(f"{w} AN" for w in words[:9])]})
    codes = codes_of(encoded, 0, kernels.RARE)
    assert codes["AN"] == min(codes[w] for w in ["AN", *words[:9]]) == 1
    shared = [w for w in words if codes[w] == kernels.RARE]
    assert len(shared) == 70_000 + 1 - (kernels.RARE - 1)
    assert len({codes[w] for w in codes}) == kernels.RARE
    marks = encoded.values.rows[encoded.row_of[[words.index(shared[0]), 0]]]
    assert (marks[:, encoded.values.mark[0] + 1] == kernels.RARE).tolist() == [True, False]


@given(st.lists(st.lists(st.integers(0, 4), max_size=5), min_size=1, max_size=6))
def test_number_names(names: list[list[int]]) -> None:
    """Words by number of their spelling; the fourth spelling lost a letter."""
    toneless, sounds = np.array([0, 1, 1, -1, 2], np.int64), np.array([0, 1, 2, 0, 0], np.int64)
    info = np.zeros((len(names), 8), np.int64)
    info[:, WORDS] = [len(name) for name in names]
    info[:, WORD] = np.cumsum(info[:, WORDS]) - info[:, WORDS]
    words = np.array([w for name in names for w in name], np.int64)
    kernels.number_names(info, words, toneless, sounds)
    for name, got in zip(names, info[:, NUMBERED].tolist(), strict=True):
        expected = naive.number_names(
            [int(toneless[w]) for w in name], [int(sounds[w]) for w in name]
        )
        assert got % 2**64 == expected
        assert (got >> 32 == 0) == (3 in name)


def test_words_are_marked_folded() -> None:
    """An accent is no other word, so values that differ in accents alone have equal marks."""
    spelled = ["NGUYỄN ĐỨC ẤN", "NGUYEN DUC AN"]
    assert folded(spelled[0]) == spelled[1]
    v = encoded_table({("f", Kind.NAME): spelled}).values
    assert v.rows[0, 1:5].tolist() == v.rows[1, 1:5].tolist()
    assert v.rows[:, 5].tolist() == v.info[v.rows[:, 0], 0].tolist()
