"""Levels of values and records: kernels against twins, their laws, and tables of cases."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive import compare as naive
from tables import encoded_table
from texts import VIETNAMESE, dates, identifiers, letters, numbers, spoken, with_slips, worded

from mpi.compare import _kernels as kernels
from mpi.compare._kernels_quick import date_level
from mpi.compare._kernels_tile import TILE, compare_pairs, cross_fields, prefetch_texts
from mpi.encode._kernels_values import Texts
from mpi.encode.levels import LEVELS
from mpi.encode.rows import Encoded
from mpi.schema import FORM_OF, Form, Kind
from mpi.standardise.vietnam.identifiers import known_kinds
from mpi.standardise.vietnam.name_keys import spoken_words, toneless_words, usual_names

KINDS = {
    Form.NAME: Kind.NAME,
    Form.DATE: Kind.BIRTH_DATE,
    Form.IDENTIFIER: Kind.IDENTIFIER,
    Form.TEXT: Kind.ADDRESS,
    Form.NUMBER: Kind.NUMBER,
    Form.CATEGORY: Kind.CATEGORY,
}


def texts(encoded: Encoded) -> Texts:
    v = encoded.values
    return Texts(v.info, v.units, v.words)


def levels_of(form: Form, values: list[str]) -> dict[tuple[str, str], int]:
    """The kernel's level of every pair of values, both ways round."""
    unique = sorted(set(values))
    encoded = encoded_table({("f", KINDS[form]): unique})
    left, right = (x.ravel() for x in np.indices((len(unique), len(unique))))
    out = np.full((len(left), 1), 99, np.int8)
    compare_pairs(encoded.values, left, right, out)
    pairs = zip(left.tolist(), right.tolist(), out[:, 0].tolist(), strict=True)
    return {(unique[i], unique[j]): level for i, j, level in pairs}


def level(form: Form, a: str, b: str) -> int:
    return levels_of(form, [a, b])[a, b]


VALUES = {
    Form.NAME: st.one_of(
        with_slips(worded()),
        with_slips(worded(VIETNAMESE, 6), VIETNAMESE),
        with_slips(letters()),
        with_slips(worded("AB", 2)),
        with_slips(spoken(), "ABNH"),
    ),
    Form.DATE: st.lists(dates(), min_size=2, max_size=12),
    Form.IDENTIFIER: st.one_of(
        st.lists(identifiers(), min_size=2, max_size=12), with_slips(identifiers(), "0123A")
    ),
    Form.TEXT: st.one_of(
        with_slips(worded()),
        with_slips(worded("AB", 2)),
        with_slips(worded(VIETNAMESE, 6)),
        with_slips(spoken(), "ABNH"),
    ),
    Form.NUMBER: st.lists(numbers(), min_size=2, max_size=8),
    Form.CATEGORY: st.lists(st.sampled_from(["F", "M", "X"]), min_size=2, max_size=3),
}


@pytest.mark.parametrize("form", list(Form))
@given(data=st.data())
@settings(max_examples=50)
def test_levels_are_the_twins_and_symmetric(form: Form, data: st.DataObject) -> None:
    """The twin knows no bounds, so every bound is exact; and the order of a pair is nothing."""
    values = [v for v in data.draw(VALUES[form]) if v or form in (Form.NAME, Form.TEXT)]
    found = levels_of(form, values)
    for (a, b), got in found.items():
        assert got == naive.field_level(form.value, a, b), (a, b)
        assert got == found[b, a], (a, b)
        assert 0 <= got < len(LEVELS[form])
        assert (got == len(LEVELS[form]) - 1) == (a == b) or form == Form.TEXT


@pytest.mark.parametrize("form", [Form.NAME, Form.IDENTIFIER, Form.TEXT, Form.NUMBER])
@given(data=st.data())
@settings(max_examples=30)
def test_levels_of_values_alone_are_the_twins(form: Form, data: st.DataObject) -> None:
    """Also of pairs that marks settle, so that either witnesses the other."""
    unique = sorted(set(data.draw(VALUES[form])) - {""})
    encoded = encoded_table({("f", KINDS[form]): unique})
    t, code = texts(encoded), int(encoded.values.form[0])
    alone = {Form.NAME: kernels.name_level, Form.TEXT: kernels.text_level}
    for g, h in product(range(len(unique)), repeat=2):
        if g != h:
            expected = naive.unequal_level(form.value, unique[g], unique[h])
            assert kernels.unequal_level(t, code, g, h) == expected, (unique[g], unique[h])
            if form in alone:
                assert alone[form](t, g, h) == expected
            if form == Form.IDENTIFIER:
                first, second = t.info[g, :2].tolist(), t.info[h, :2].tolist()
                assert kernels.identifier_level(t.units, *first, *second) == expected


@given(VALUES[Form.NAME])
@example(["\u0301", "ANH", "AN ANH", "\u0302"])
@settings(max_examples=30)
def test_names_of_marks_alone_are_no_name(values: list[str]) -> None:
    """A value that folds to nothing has no words to read."""
    values = [*values, "\u0301", "\u0302\u0303"]
    for (a, b), got in levels_of(Form.NAME, values).items():
        assert got == naive.field_level("name", a, b), (a, b)


@given(VALUES[Form.NAME])
def test_the_bound_is_an_upper_bound(values: list[str]) -> None:
    unique = sorted(set(values))
    v = texts(encoded_table({("f", Kind.NAME): unique}))
    for g, h in combinations(range(len(unique)), 2):
        bound = kernels.jaro_winkler_bound(v, g, h)
        a, b = naive.compared(unique[g]), naive.compared(unique[h])
        assert bound >= naive.jaro_winkler(a, b)
        assert bound == naive.jaro_winkler_bound(unique[g], unique[h])
        assert bound == kernels.jaro_winkler_bound(v, h, g)


@given(st.one_of(with_slips(worded("AB", 2)), with_slips(worded(VIETNAMESE, 3))))
def test_common_words(values: list[str]) -> None:
    unique = sorted(set(values))
    v = texts(encoded_table({("f", Kind.NAME): unique}))
    for g, h in combinations(range(len(unique)), 2):
        got = kernels.common_words(v, g, h)
        assert tuple(got) == naive.common_words(unique[g], unique[h])
        assert got == kernels.common_words(v, h, g)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("NGUYỄN THỊ ÁNH", "NGUYEN THI ANH", 9),  # accents
        ("NGUYEN THI ANH", "ANH NGUYEN THI", 7),  # order
        ("VAN ANH", "VANANH", 9),  # blanks
        ("NGUYEN THI ANH", "NGUYEN THI AN", 5),  # one slip
        ("MARTHA", "MARHTA", 5),
        ("NGUYEN THI ANH", "NGUYEN ANH", 8),  # a word missing
        ("NGUYEN THI ANH", "N THI ANH", 8),  # an initial
        ("NGUYEN THI ANH", "NGUYEN VAN ANH", 4),  # first and last word
        ("MARTHA", "MARTINA", 2),
        ("TANYA", "TONIA", 1),
        ("NGUYEN THI ANH", "TRAN THI HOA", 1),
        ("LAN", "NGUYEN THI LAN", 2),
        ("ANH", "HOA", 0),
        ("AN", "AM", 0),  # too short for a slip to be told from another name
    ],
)
def test_name_cases(a: str, b: str, expected: int) -> None:
    assert level(Form.NAME, a, b) == expected


def vietnamese_levels(kind: Kind, values: list[str]) -> dict[tuple[str, str], int]:
    """The level of every pair of values under the rules of Viet Nam."""
    unique = sorted(set(values))
    encoded = encoded_table({("f", kind): unique}, locale="vi")
    left, right = (x.ravel() for x in np.indices((len(unique), len(unique))))
    out = np.full((len(left), 1), 99, np.int8)
    compare_pairs(encoded.values, left, right, out)
    t, code = texts(encoded), int(encoded.values.form[0])
    words = encoded.vocabulary.to_pylist()
    known = dict(zip(words, usual_names(words).tolist(), strict=True))
    for i, j, got in zip(left.tolist(), right.tolist(), out[:, 0].tolist(), strict=True):
        assert i == j or kernels.unequal_level(t, code, i, j) == got
        another = naive.another_name(unique[i], unique[j], lambda word: bool(known.get(word)))
        assert kind != Kind.FULL_NAME or kernels.another_name(t, i, j) == another
    pairs = zip(left.tolist(), right.tolist(), out[:, 0].tolist(), strict=True)
    return {(unique[i], unique[j]): level for i, j, level in pairs}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("NGUYỄN THỊ HÒA", "NGUYỄN THỊ HÓA", 10),  # the tone
        ("LÝ QUÝ", "LÍ QUÍ", 10),  # the style
        ("HỒ THỊ HÒA", "HO THI HOA", 9),
        ("HỒ THỊ HÒA", "THỊ HÒA HỒ", 7),
        ("NGUYỄN THỊ NGỌC LAN", "NGUYỄN NGỌC LAN", 8),
        ("HOÀNG VĂN PHÚC", "HUỲNH VĂN PHƯỚC", 6),  # North and South
        ("TRẦN MINH TRÍ", "TRẦN MINH CHÍ", 6),
        ("TRẦN MINH TRÍ", "TRẦN MINH TRÍCH", 5),
        ("HỒ PHƯƠNG DIỄM", "HỒ PHƯƠNG DIỆP", 3),  # a letter apart, and two names
        ("HỒ PHƯƠNG DIỄM", "HỒ PHƯƠNG DIEMM", 5),  # a letter apart, and one of them is none
        ("HỒ PHƯƠNG MỸ", "HỒ PHƯƠNG LOAN", 3),
        ("KIỆT", "KIÊN", 3),
        ("NGUY?N TH? HÒA", "NGUYỄN THỊ HÒA", 9),  # letters lost
        ("NGUY?N TH? H?A", "NGUYỄN TH? HÒA", 9),
        ("NGUY?N TH? HÒA", "NGUYỄN THỊ HUỆ", 0),
        ("????? LY L?", "NGHĨA LÝ LÊ", 1),  # more lost than known
        ("NGUYỄN VĂN AN", "TRẦN VĂN BÌNH", 1),
        ("NGUYỄN THỊ HỒNG NHUNG LAN", "NGUYỄN THỊ HỒNG NGỌC LAN", 4),
        ("NGUYỄN THỊ HỒNG NHUNG LAN ANH", "NGUYỄN THỊ HỒNG NHUNG LAN", 8),
    ],
)
def test_vietnamese_names(a: str, b: str, expected: int) -> None:
    found = vietnamese_levels(Kind.FULL_NAME, [a, b])
    assert found[a, b] == found[b, a] == expected


SPELLINGS = "DIỄM DIỆP HÒA HÓA HOA LÝ LÍ LY HỒ HO TRÍ CHÍ CHI TH? THỊ HOÀNG HUỲNH AN"
TONED = st.lists(st.sampled_from(SPELLINGS.split()), min_size=1, max_size=7).map(" ".join)


@given(with_slips(TONED, "AN?ÂẤ"))
@settings(max_examples=60)
def test_vietnamese_names_are_the_twins(values: list[str]) -> None:
    for (a, b), got in vietnamese_levels(Kind.FULL_NAME, [v for v in values if v]).items():
        toneless = lambda text: toneless_words(naive.spelled(text))  # noqa: E731
        spoken = lambda text: spoken_words(naive.spelled(text))  # noqa: E731
        usual = lambda word: bool(usual_names([word])[0])  # noqa: E731
        expected = 11 if a == b else naive.name_level(a, b, toneless, spoken, usual)
        assert got == expected, (a, b)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("001090012345", "012345678", -1),  # the number of today, and the card of before
        ("001090012345", "B1234567", -1),
        ("001090012345", "079090012399", 0),  # two of one kind
        ("012345678", "198765432", 0),
        ("000123456789", "123456789", 2),  # zeros lost say more than the kinds
        ("001090012345", "12345", 0),  # who knows what the short one is
    ],
)
def test_numbers_of_two_kinds_do_not_contradict_each_other(a: str, b: str, expected: int) -> None:
    found = vietnamese_levels(Kind.NATIONAL_ID, [a, b])
    assert found[a, b] == found[b, a] == expected
    kinds = [int(k) for k in known_kinds(pa.array([a, b]))]
    level = naive.level_of_kinds(naive.identifier_level(a, b), *kinds)
    assert kernels.level_of_kinds(naive.identifier_level(a, b), *kinds) == level == expected
    assert naive.identifier_level(a, b) == max(expected, 0)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("1990-05-12", "1990-05-12", 5),
        ("1990-05-12", "1990-12-05", 4),  # day and month swapped
        ("1990-05-12", "1990-05-13", 4),  # one digit
        ("1990-05-12", "1990-05-21", 4),  # neighbours swapped
        ("1990-05-12", "1909-05-12", 4),
        ("1990-05-12", "1990-00-00", 3),
        ("1990-05-12", "1990-05-00", 3),
        ("1990-05-00", "1990-00-00", 3),
        ("1990-05-12", "1990-06-00", 1),  # agrees in the year alone
        ("1990-05-12", "1991-00-00", 0),
        ("1990-05-12", "1990-05-27", 2),
        ("1990-05-12", "1972-05-12", 2),
        ("1990-05-12", "1990-11-27", 1),
        ("1990-05-12", "1990-06-13", 1),  # two digits that are no swap
        ("1990-05-12", "1985-05-27", 0),
        ("1990-12-05", "1991-05-12", 0),  # swapped, and another year
    ],
)
def test_date_cases(a: str, b: str, expected: int) -> None:
    assert level(Form.DATE, a, b) == expected
    assert naive.field_level("date", a, b) == expected
    if a != b:
        x, y = (np.uint64(int(d.replace("-", ""), 16)) for d in (a, b))  # four bits a digit
        assert date_level(x, y) == date_level(y, x) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("001090012345", "001090012345", 3),
        ("001090012345", "1090012345", 2),  # zeros lost in a spreadsheet
        ("000123", "0123", 2),
        ("0000001234", "1234", 0),  # more zeros than a number loses
        ("001090012345", "001090012354", 2),  # neighbours swapped
        ("001090012345", "001090012346", 2),
        ("001090012345", "00109001234", 2),
        ("001090012345", "001090012367", 1),
        ("001090012345", "001080012367", 0),
        ("123", "124", 0),  # short numbers are simply two numbers
        ("1234", "1235", 2),
        ("1234", "1256", 0),
        ("12345678", "12345687", 2),
        ("12345678", "87654321", 0),
    ],
)
def test_identifier_cases(a: str, b: str, expected: int) -> None:
    assert level(Form.IDENTIFIER, a, b) == level(Form.IDENTIFIER, b, a) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("12 LÊ LỢI", "12 LE LOI", 4),
        ("12 LE LOI", "LE LOI 12", 4),
        ("12 LE LOI", "12 LE LO", 3),
        ("12 LE LOI HUE", "12 LE LOI DA NANG", 2),
        ("12 LE LOI HUE", "12 HAI BA TRUNG", 1),
        ("12 LE LOI", "45 HAI BA TRUNG", 0),
        ("BA BA BA", "BA DINH HA", 1),  # a word counts as often as both have it
    ],
)
def test_text_cases(a: str, b: str, expected: int) -> None:
    assert level(Form.TEXT, a, b) == level(Form.TEXT, b, a) == expected


def test_values_longer_than_64_units_are_compared_by_their_beginning() -> None:
    long = "A" * 70
    assert level(Form.NAME, long, long + "B") == 5
    assert level(Form.NAME, long, long) == 11


NAMES = st.one_of(st.none(), st.text("AB", min_size=1, max_size=4), spoken(6))
RECORD_KINDS = (
    *(Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.NUMBER),
    *(Kind.NATIONAL_ID, Kind.ADDRESS, Kind.SEX),
)


@given(
    st.lists(
        st.tuples(
            NAMES,
            NAMES,
            st.one_of(st.none(), dates()),
            st.one_of(st.none(), numbers()),
            st.one_of(st.none(), identifiers()),
            st.one_of(st.none(), spoken(6)),
            st.sampled_from([None, "F", "M"]),
        ),
        min_size=2,
        max_size=5,
    )
)
@settings(max_examples=60)
def test_records_are_the_twins(records: list[tuple[str | None, ...]]) -> None:
    """All forms, missing values, and family and given name in each other's place."""
    records = [*records, *((r[1], r[0], *r[2:]) for r in records[:4])]
    columns = {(kind.value, kind): [r[f] for r in records] for f, kind in enumerate(RECORD_KINDS)}
    encoded = encoded_table(columns, partners={"family_name": "given_name"})
    left, right = (x.ravel() for x in np.indices((len(records), len(records))))
    out = np.empty((len(left), len(RECORD_KINDS)), np.int8)
    rows = encoded.row_of
    compare_pairs(encoded.values, rows[left], rows[right], out)
    forms = [FORM_OF[kind].value for kind in RECORD_KINDS]
    assert out.tolist() == naive.compare_pairs(forms, {0: 1}, records, left, right)
    swapped = np.empty_like(out)
    compare_pairs(encoded.values, rows[right], rows[left], swapped)
    assert np.array_equal(out, swapped)


def test_tiles_of_pairs_join_without_a_seam() -> None:
    """One pair more or less than a tile, and several tiles."""
    names = [f"{a}{b}{c}" for a in "ANH" for b in "BOA" for c in "TUY"]
    kinds = (Kind.FAMILY_NAME, Kind.GIVEN_NAME)
    records = [(a, b) for a, b in zip(names, reversed(names), strict=True)]
    columns = {(kind.value, kind): [r[f] for r in records] for f, kind in enumerate(kinds)}
    encoded = encoded_table(columns, partners={"family_name": "given_name"})
    left, right = (x.ravel() for x in np.indices((len(records), len(records))))
    expected = naive.compare_tile(
        ["name", "name"], {0: 1}, records, left.tolist(), right.tolist(), len(left)
    )
    for n in (0, 1, TILE - 1, TILE, TILE + 1, 2 * TILE - 1, 2 * TILE, 2 * TILE + 1, len(left)):
        out = np.full((n, 2), 99, np.int8)
        compare_pairs(encoded.values, left[:n], right[:n], out)
        assert out.tolist() == expected[:n]


def test_swapped_names_count_as_the_same() -> None:
    columns = {
        ("family_name", Kind.FAMILY_NAME): ["MILLER", "GRÜN"],
        ("given_name", Kind.GIVEN_NAME): ["GRUN", "MILLER"],
    }
    out = np.empty((1, 2), np.int8)
    one, other = np.array([0]), np.array([1])
    swapped = encoded_table(columns, partners={"family_name": "given_name"})
    compare_pairs(swapped.values, one, other, out)
    assert out.tolist() == [[7, 7]]
    compare_pairs(encoded_table(columns).values, one, other, out)
    assert out.tolist() == [[0, 0]]


@pytest.mark.parametrize("levels", [[0, 0], [2, 2], [2, 1], [3, 0], [0, 3], [-1, 0], [4, 4]])
@pytest.mark.parametrize("crossed", [True, False])
def test_cross_fields(levels: list[int], crossed: bool) -> None:
    """Only what is less than one slip apart is raised, and only in the pair's own vector."""
    a, b = ("MILLER", "GRÜN"), ("GRUN", "MILLER" if crossed else "MILLET")
    columns = {("family_name", Kind.FAMILY_NAME): [a[0], b[0]]}
    columns["given_name", Kind.GIVEN_NAME] = [a[1], b[1]]
    v = encoded_table(columns, partners={"family_name": "given_name"}).values
    vectors = np.array([[0, 0], levels, [1, 1]], np.int8)
    cross_fields(v, 0, 1, 0, 1, vectors, 1)
    assert vectors.tolist() == [[0, 0], naive.cross_fields(a, b, 0, 1, levels), [1, 1]]


@pytest.mark.parametrize("form", list(Form))
def test_asking_for_memory_changes_nothing(form: Form) -> None:
    values = {Form.NUMBER: ["1", "2"], Form.DATE: ["1990-05-12", "1991-05-12"]}
    v = encoded_table({("f", KINDS[form]): values.get(form, ["A", "B"])}).values
    before = [array.tobytes() for array in v]
    assert prefetch_texts(v, 0, 0, 1) is naive.prefetch_texts(v, 0, 0, 1)
    assert [array.tobytes() for array in v] == before
