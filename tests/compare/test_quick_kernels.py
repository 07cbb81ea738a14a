"""Levels told by the marks in rows: what the values would say, or what of them is to be asked."""

from __future__ import annotations

from itertools import product
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive import compare as naive
from people import people
from tables import encoded_table
from texts import (
    FOREIGN,
    SYLLABLES,
    VIETNAMESE,
    dates,
    identifiers,
    letters,
    numbers,
    spoken,
    with_slips,
    worded,
)

from mpi.compare import _kernels_quick as kernels
from mpi.compare._kernels_tile import compare_pairs, crossing_possible
from mpi.encode import _kernels_marks as marks
from mpi.encode import rows
from mpi.encode._kernels_values import LONG, Texts, Values
from mpi.schema import Form, Kind
from mpi.score._kernels_weight import OPEN_COLUMN, SIMILAR_COLUMN, outcome_column

KINDS = {
    Form.NAME: Kind.NAME,
    Form.DATE: Kind.BIRTH_DATE,
    Form.IDENTIFIER: Kind.IDENTIFIER,
    Form.TEXT: Kind.ADDRESS,
    Form.NUMBER: Kind.NUMBER,
    Form.CATEGORY: Kind.CATEGORY,
}
WORDED = st.one_of(
    with_slips(spoken(), "ABN "),
    with_slips(spoken(6), "ABNH"),
    with_slips(worded()),
    with_slips(worded(VIETNAMESE, 6), VIETNAMESE),
    with_slips(worded("AB", 2)),
    with_slips(worded(FOREIGN), FOREIGN),
    with_slips(letters()),
    with_slips(letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ0129'"), "AEFIPSXZ"),
    st.lists(spoken(), min_size=2, max_size=8),
)
# Words that most values hold and words that few hold, by turns in one value or the other.
MANY_WORDS = [
    "AN BA LE LY THI",
    "AN BA LE LY",
    "LY LE BA AN THI",
    "AN AN BA BA LE",
    "AN BA BA LE",
    "AN BA LE THI LY HOA NAM VAN",
    "VAN NAM HOA LY THI LE BA AN",
    "VAN NAM HOA LY AN AN BA FOX",
    "AN BA LE THI LY HOA NAM VAN FOX",
    "FOX WOLF HOAN BINH LY HOA",
    "LY HOA FOX WOLF",
    "LY LY HOA HOA FOX",
    "AN BA LE LY THI N",
    " ".join(SYLLABLES[:17]),
    " ".join(SYLLABLES[1:18]),
    " ".join(reversed(SYLLABLES[:17])),
    "HOA HOAN NAM VAN FOX WOLF",
    "THI",
]
VALUES = {
    Form.NAME: WORDED,
    Form.DATE: st.lists(dates(), min_size=2, max_size=12),
    Form.IDENTIFIER: st.one_of(
        st.lists(identifiers(), min_size=2, max_size=12),
        with_slips(identifiers(), "0123A"),
        with_slips(st.text("0123456789AK", min_size=1, max_size=70), "01239AK"),
    ),
    Form.TEXT: WORDED,
    Form.NUMBER: st.lists(numbers(), min_size=2, max_size=10),
    Form.CATEGORY: st.lists(st.sampled_from(["F", "M", "X"]), min_size=2, max_size=3),
}
_given_codes = rows._word_codes


def values_of(
    form: Form, unique: list[str], commonest: int = 70_000, long: bool | None = None
) -> Values:
    """The encoded values, a row each; all words but the `commonest` ones are rare.

    long : whether texts have more room for words in the row; else as their words are many
    """

    def codes(
        info: npt.NDArray[np.int64], words: npt.NDArray[np.int64], n_words: int
    ) -> npt.NDArray[np.int64]:
        given_codes = _given_codes(info, words, n_words)
        return np.where(given_codes > commonest, marks.RARE, given_codes)

    least = rows._LONG_FROM if long is None else 0.0 if long else 100.0
    with mock.patch.multiple(rows, _word_codes=codes, _LONG_FROM=least):
        v = encoded_table({("f", KINDS[form]): unique}).values
    assert long is None or form != Form.TEXT or not unique or (v.form[0] == LONG) == long
    return v


def quick(v: Values, i: int, j: int) -> int:
    return int(kernels.quick_level(v.rows, v.form, v.mark, i, j, 0))


def opened(v: Values, i: int, j: int, asked: int) -> int:
    texts = Texts(v.info, v.units, v.words)
    return int(kernels.open_level(texts, v.rows, v.form, v.mark, i, j, 0, asked))


def check(
    form: Form, values: list[str], commonest: int = 70_000, long: bool | None = None
) -> list[int]:
    """Every pair of different values, both ways round: what marks say, and where they leave the
    level open, what their texts say."""
    unique = sorted({" ".join(v.split()) for v in values} - {""})
    v = values_of(form, unique, commonest, long)
    found = []
    for (i, a), (j, b) in product(enumerate(unique), repeat=2):
        if i != j:
            got = quick(v, i, j)
            level = naive.open_level(form.value, a, b)
            assert got >= kernels.ASK or got == level, (a, b)
            assert got == quick(v, j, i), (a, b)
            if got >= kernels.ASK:
                assert opened(v, i, j, got) == opened(v, i, j, kernels.ASK) == level, (a, b)
                # What may only turn out similar reaches level 2 at most: a bound relies on it.
                column = outcome_column(got)
                assert column == OPEN_COLUMN or (column == SIMILAR_COLUMN and level <= 2)
            else:
                assert outcome_column(got) == level + 1
            found.append(got)
    return found


@pytest.mark.parametrize("form", list(Form))
@given(data=st.data())
@settings(max_examples=80)
def test_marks_say_what_values_would_or_ask(form: Form, data: st.DataObject) -> None:
    long = data.draw(st.sampled_from([None, False, True])) if form == Form.TEXT else None
    found = check(form, data.draw(VALUES[form]), long=long)
    if form in (Form.DATE, Form.CATEGORY):
        assert max(found, default=0) < kernels.ASK


@pytest.mark.parametrize("form", [Form.NAME, Form.TEXT])
@given(values=WORDED, commonest=st.integers(0, 4), long=st.booleans())
@settings(max_examples=40)
def test_rare_words_are_not_told_apart(
    form: Form, values: list[str], commonest: int, long: bool
) -> None:
    """They share a code, which is no reason to call them equal."""
    check(form, values, commonest, long)


@pytest.mark.parametrize("form", [Form.NAME, Form.TEXT])
@pytest.mark.parametrize("commonest", [0, 3, 70_000])
def test_values_of_many_words(form: Form, commonest: int) -> None:
    check(form, MANY_WORDS, commonest)
    check(
        form, [*MANY_WORDS, "\u0301", "\u0302", "A", "N", "A" * 62, "A" * 63, "A" * 64], commonest
    )


@pytest.mark.parametrize("form", [Form.NAME, Form.TEXT, Form.IDENTIFIER])
@pytest.mark.parametrize("n", [3, 4, 6, 7, 8, 9, 10, 11])
def test_slips_that_change_as_much_of_a_bag_as_slips_can(form: Form, n: int) -> None:
    """Letters that are nowhere else lost for others, at one place and at two."""
    known, other = ("01234567801", "9") if form == Form.IDENTIFIER else ("ABCDEGHIKLM", "NOPR")
    text = known[:n]
    values = [text, text[1:], text[2:], text[:-1] + other[0], other[-1] + text[1:]]
    values += [other[-1] + text[1:-1] + other[0], text + other[-1], text[1:] + other[:2]]
    values += ["0" + text, "00" + text, "000" + text, "0000" + text, text[:-2] + text[:-3:-1]]
    check(form, values)


def test_numbers_a_multiple_of_the_word_apart() -> None:
    edges = [k * 2**31 + d for k in range(-2, 4) for d in (-1, 0, 1)] + [2**52, 2**52 - 1]
    check(Form.NUMBER, [str(n) for n in edges])


def test_every_date_of_unknown_parts() -> None:
    every = product(["1990", "1991", "1909"], ["00", "05", "12"], ["00", "05", "12", "21"])
    check(Form.DATE, ["-".join(parts) for parts in every])


@pytest.mark.parametrize("form", [Form.NAME, Form.TEXT])
def test_marks_settle_most_pairs_of_strangers(form: Form) -> None:
    """Else nothing is won; and these all draw on the same few syllables."""
    field = "full_name" if form == Form.NAME else "address"
    known = [str(row[field]).upper() for row in people(50, seed=1, copies=0.0).rows]
    found = check(form, [k for k in known if len(set(k.split())) == len(k.split())])
    assert np.mean(np.array(found) >= kernels.ASK) < 0.5
    assert kernels.ASK not in found  # it is for words that come twice, are rare or initials
    assert len(set(found)) >= 3


def test_marks_settle_most_pairs_of_numbers() -> None:
    rng = np.random.default_rng(1)
    ids = check(Form.IDENTIFIER, [f"{n:012d}" for n in rng.integers(0, 10**12, 100)])
    assert np.mean(np.array(ids) >= kernels.ASK) < 0.5
    ages = check(Form.NUMBER, [str(n) for n in rng.integers(0, 10**9, 100)])
    assert np.mean(np.array(ages) == kernels.ASK) < 0.01


LANES = st.lists(
    st.one_of(st.integers(1, marks.RARE), st.sampled_from([1, marks.RARE - 1, marks.RARE])),
    max_size=4,
    unique=True,
)


def packed(codes: list[int]) -> int:
    return sum(code << 16 * k for k, code in enumerate(codes))


@given(LANES, LANES, st.data())
def test_packed_words(one: list[int], other: list[int], data: st.DataObject) -> None:
    """Codes that differ in one bit, by one, or in nothing but their lane."""
    near = [c for code in one for c in (code, code ^ 1, code - 1, code + 1, code ^ 0x8000)]
    near = [c for c in near if 1 <= c <= marks.RARE] or [1]
    mixed = list(dict.fromkeys([data.draw(st.sampled_from(near)), *other]))[:4]
    for a, b in ((one, mixed), (mixed, one), (one, one), (one, one[::-1])):
        x, y = packed(a), packed(b)
        assert kernels.n_packed(np.uint64(x)) == naive.n_packed(x) == len(a)
        assert kernels.shared_packed(np.uint64(x), np.uint64(y)) == naive.shared_packed(x, y)
        assert kernels.has_rare(np.uint64(x)) == naive.has_rare(x)


@given(
    st.integers(-3, 62),
    st.integers(1, 62),
    st.integers(1, 62),
    st.booleans(),
    st.sampled_from([0.75, 0.8, 0.84, 0.9, 0.92]),
)
@example(3, 4, 4, False, 0.75)
@example(5, 10, 10, True, 0.8)
def test_similar_possible(m: int, n_a: int, n_b: int, alike: bool, least: float) -> None:
    m = min(m, n_a, n_b)
    got = kernels.similar_possible(m, n_a, n_b, alike, least)
    assert got or not naive.similar_possible(m, n_a, n_b, alike, least)
    assert not got or naive.similar_possible(m, n_a, n_b, alike, least - 1e-5)


PARTNERS = st.one_of(
    st.none(), spoken(4), spoken(8), letters("AẠ"), st.sampled_from(["\u0301", "A", "VAN ANH"])
)


@given(st.lists(st.tuples(PARTNERS, PARTNERS), min_size=1, max_size=3), st.integers(0, 3))
@settings(max_examples=60)
@example([("VAN ANH", "V AN ANH"), ("LE", "VANANH")], 3)
@example([("A" * 63, "AN AN"), ("ANAN", "A" * 63)], 3)
def test_crossed_fields_are_never_lost(
    records: list[tuple[str | None, str | None]], commonest: int
) -> None:
    """Family and given name in each other's place, with other blanks or accents."""
    records = [tuple(v or None for v in r) for r in records]  # type: ignore[misc]
    crossed = [(b, a) for a, b in records]
    blank = [(b and b.replace(" ", ""), (a and naive.folded(a)) or a) for a, b in records]
    unique = list(dict.fromkeys([*records, *crossed, *blank]))
    kinds = (Kind.FAMILY_NAME, Kind.GIVEN_NAME)
    columns = {(k.value, k): [r[f] for r in unique] for f, k in enumerate(kinds)}

    def codes(*asked: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        given_codes = _given_codes(*asked)
        return np.where(given_codes > commonest, marks.RARE, given_codes)

    with mock.patch.object(rows, "_word_codes", codes):
        v = encoded_table(columns, partners={"family_name": "given_name"}).values
    left, right = (x.ravel() for x in np.indices((len(unique), len(unique))))
    out = np.empty((len(left), 2), np.int8)
    compare_pairs(v, left, right, out)
    for i, j, got in zip(left.tolist(), right.tolist(), out.tolist(), strict=True):
        possible = crossing_possible(v.rows, v.mark, i, j, 0, 1)
        assert possible or not naive.is_crossed(unique[i], unique[j], 0, 1)
        assert possible == crossing_possible(v.rows, v.mark, j, i, 0, 1)
        assert got == naive.compare_pair(["name", "name"], {0: 1}, unique[i], unique[j])


@given(st.one_of(WORDED, VALUES[Form.IDENTIFIER]), st.booleans())
@settings(max_examples=40)
def test_the_twins_of_marks_alone(values: list[str], is_name: bool) -> None:
    """The kernels that take marks, and those that take texts, each against the values' level."""
    unique = sorted({" ".join(v.split()) for v in values} - {""})
    form = Form.NAME if is_name else Form.TEXT
    v, w = values_of(form, unique), values_of(Form.IDENTIFIER, unique)
    own = v.rows[:, 1:].view(np.uint32).astype(np.uint64)
    bags = w.rows[:, 1].view(np.uint32).astype(np.uint64)
    words = own[:, 1] | own[:, 2] << np.uint64(32)
    more = own[:, 3] | own[:, 4] << np.uint64(32)
    if is_name:
        more = own[:, 3]
    elif v.form[0] != LONG:
        more[:] = 0
    for (i, a), (j, b) in product(enumerate(unique), repeat=2):
        if i != j:
            x, y = own[i, 0], own[j, 0]
            if is_name:
                one, two = (words[i], more[i], own[i, 5]), (words[j], more[j], own[j, 5])
                asked = kernels.quick_name(x, *one, y, *two)
                expected = naive.quick_name(a, b)
            else:
                asked = kernels.quick_text(x, words[i], more[i], y, words[j], more[j])
                expected = naive.quick_text(a, b)
            assert asked >= kernels.ASK or asked == expected
            if asked > kernels.ASK:
                texts = (v.info[i, 0], v.info[i, 1], v.info[j, 0], v.info[j, 1])
                got = kernels.text_outcome(v.units, *texts, asked, is_name)
                assert got == naive.text_outcome(a, b, is_name)
            if asked != kernels.ASK:
                near, m, n_a, n_b, alike = kernels.near_by_bag(x, y, 8)
                true = naive.near_by_bag(a, b, 8)
                assert (n_a, n_b) == true[2:4]
                assert near >= true[0]
                assert m >= true[1]
                assert alike >= true[4]
            number = kernels.quick_identifier(bags[i], 0, bags[j], 0)
            assert number >= kernels.ASK or number == naive.quick_identifier(a, b)
