"""Laws of the rules for names: what must hold for any text."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpi.schema import FORM_OF, Form, Kind
from mpi.standardise.alphabets import FEW
from mpi.standardise.vietnam.column import repair
from mpi.standardise.vietnam.detect import find_encoding
from mpi.standardise.vietnam.encodings import FONTS
from mpi.standardise.vietnam.names import NAME_RULES, looks_vietnamese, name_layout
from mpi.standardise.vietnam.parse import parse_name, parse_names
from mpi.standardise.vietnam.reading import Style, read_name
from mpi.standardise.vietnam.syllables import parse, spellings
from mpi.standardise.vietnam.words import Reading

SYLLABLES = sorted(s.text for s in spellings())
LAYOUTS = ["", *FONTS, *(f"{f} in part" for f in FONTS)]
ODD = [
    "CON",
    "BÀ",
    "CB",
    "Bé",
    "Cháu",
    "Ông",
    "Bà",
    "BS.",
    "Thị",
    "Văn",
    "Nguyễn",
    "NGUYEN",
    "Trần",
    "Lê",
    "y",
    "H'Hen",
    "Niê",
    "(ghi",
    "chú)",
    ",",
    "/",
    "?",
    "??",
    "1950",
    "Vô",
    "danh",
    "Không",
    "rõ",
    "Nguyeexn",
    "Thij",
    "Nguye64n",
    "phạmthúy",
    "PhạmThúy",
    "NguyÔn",
    "Nguyeãn",
    "Nguyá»…n",
    "&#7877;",
    "H'",
    "Hans",
    "NGUY?N",
    "TH?",
    "Ðặng",
    "Hùynh",
    "Lee",
    "Anh",
    "Chu",
    "Ho",
    "Y",
    "Si",
    "Mr",
    "A.",
    "-",
    "O'Brien",
    "Müller",
    "José",
    "LAN2",
    "nguyenvanan",
    "Rơ",
    "Châm",
    "HÃ",
]
plain = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("ễịùÔÞ­»Ã\u0303?'’ .,(1"), max_size=30
)
odd = st.lists(st.sampled_from(ODD) | st.sampled_from(SYLLABLES), max_size=6).map(" ".join)
texts = plain | odd | st.binary(max_size=20).map(lambda b: b.decode("latin-1"))
readings = st.builds(Reading, st.sampled_from(["", *FONTS]), st.booleans())
styles = st.builds(Style, st.booleans(), st.booleans(), st.booleans())
SEVERAL = settings(max_examples=150)


@SEVERAL
@given(texts, readings, styles)
def test_nothing_raises_and_the_standard_form_is_stable(text, reading, style):
    words = read_name(text, reading, style).words
    once = " ".join(words)
    assert once == unicodedata.normalize("NFC", once) == once.strip()
    assert "  " not in once
    assert " ".join(read_name(once, style=style).words) == once


@SEVERAL
@given(texts)
def test_composed_and_decomposed_text_are_one(text):
    forms = {read_name(unicodedata.normalize(f, text)).words for f in ("NFC", "NFD")}
    assert len(forms) == 1


@given(st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=5))
def test_tone_styles_are_one(words):
    """The new style has the tone of oa, oe and uy on their second letter."""

    def new(word):
        syllable = parse(word)
        if syllable.rime not in ("oa", "oe", "uy") or not syllable.tone:
            return word
        return unicodedata.normalize(
            "NFC", syllable.toneless + " \u0301\u0300\u0309\u0303\u0323"[syllable.tone]
        )

    old = read_name(" ".join(words)).words
    assert read_name(" ".join(map(new, words))).words == old
    assert read_name(" ".join(map(new, words)).upper()).words == old


@settings(max_examples=60)
@given(st.lists(texts, min_size=1, max_size=40), readings, styles)
def test_columns_and_single_names_are_read_alike(raw, reading, style):
    """More texts than `FEW` go through the kernels."""
    column = pa.array((raw * (FEW // len(raw) + 1))[: FEW + 1], pa.string())
    many, few = repair(column, reading, style), repair(pa.array(raw, pa.string()), reading, style)
    assert many.values[: len(raw)].to_pylist() == few.values.to_pylist()
    assert many.found[: len(raw)].tolist() == few.found.tolist()


@given(st.lists(texts, max_size=8))
def test_layouts_and_shares_never_raise(raw):
    column, counts = pa.array(raw, pa.string()), np.ones(len(raw), np.int64)
    assert name_layout(column, counts).text in LAYOUTS
    assert 0.0 <= looks_vietnamese(column, counts) <= 1.0
    find_encoding(dict.fromkeys(raw, 1))


@SEVERAL
@given(st.lists(odd, max_size=12))
def test_parts_of_many_names_are_those_of_each(raw):
    values = pa.array([" ".join(read_name(t).words) for t in raw], pa.string())
    names = parse_names(values)
    columns = zip(*(c.to_pylist() for c in (names.family, names.middle, names.given)), strict=True)
    for value, parts in zip(values.to_pylist(), columns, strict=True):
        name = parse_name(value)
        assert parts == (name.family, name.middle, name.given)


@SEVERAL
@given(texts)
def test_parts_hold_the_words_of_the_name(text):
    name = parse_name(text)
    parts = f"{name.family} {name.middle} {name.given}".split()
    assert sorted(parts) == sorted(name.text.split())


def test_a_rule_for_every_kind_of_name():
    assert set(NAME_RULES) == {kind for kind, form in FORM_OF.items() if form is Form.NAME}


@pytest.mark.parametrize("kind", sorted(NAME_RULES), ids=str)
@pytest.mark.parametrize("n", [0, 1, FEW + 1])
def test_rules_give_a_value_for_every_text(kind, n):
    texts = pa.array(["Con bà Lê Thị Hoa"] * n, pa.string())
    found = NAME_RULES[Kind(kind)].standard(texts, "")
    assert len(found.values) == n
    assert all(len(mask) == n and mask.any() for mask in found.repairs.values())


def test_a_part_of_a_column_is_read_like_a_column():
    names = ["Con bà Lê Thị Hoa", "Nguyễn Thị Hoà", "BS. Trần An Bình", "Vaên Traàn Lan"] * FEW
    whole = pa.array(names)
    part = repair(whole.slice(5, 2 * FEW))
    assert part.values.to_pylist() == repair(whole).values.to_pylist()[5 : 5 + 2 * FEW]


def test_a_place_name_of_a_given_name_is_no_facility():
    texts = pa.array(["Trung Tâm", "Khoa Nhi"])
    values = NAME_RULES[Kind.GIVEN_NAME].standard(texts, "").values.to_pylist()
    assert values == ["TRUNG TÂM", "KHOA NHI"]


def test_repairs_are_counted():
    raw = [
        "Hoà", "Nguye\u0302\u0303n", "Ðỗ", "phạmthúy", "Lê (x)", "BS Lê Thị Hoa", "Lê 7",
        "CB Lê Hoa", "Vô danh", "BV Từ Dũ", "An, Nguyễn Văn", "7", "Nguy&#7877;n", "Nguyá»…n",
        "Nguyeexn Thij Lan", "TH? LAN", "Vaên Traàn Lan",
        "Tòan", "Qúy",
    ]  # fmt: skip
    expected = {
        "tone mark of the new style (hoà) put in the old one (hòa)": [0],
        "mark moved to its usual letter": [17, 18],
        "combining marks joined with their letters": [1],
        "look-alike of Đ replaced": [2],
        "words run together were parted": [3],
        "note in brackets left out": [4],
        "title left out": [5],
        "digits left out": [6],
        "newborn without a name, taken as missing": [7],
        "words for an unknown person, taken as missing": [8],
        "name of a facility, taken as missing": [9],
        "family name moved to the front": [10],
        "no name in it, taken as missing": [11],
        "HTML entities replaced by their letters": [12],
        "UTF-8 read as another encoding, repaired": [13],
        "keystrokes of Telex or VNI turned into letters": [14],
        "letters lost to '?'": [15],
        "letters of an old font converted": [16],
    }
    rule = NAME_RULES[Kind.FULL_NAME]
    for copies in (1, FEW):
        found = rule.standard(pa.array(raw * copies), "").repairs
        assert {k: m[: len(raw)].nonzero()[0].tolist() for k, m in found.items()} == expected


@pytest.mark.parametrize(
    ("raw", "share"),
    [
        (["Nguyễn Văn An", "TRAN THI HOA", "Lê Hoà"], 1.0),
        (["John Smith", "Mary Jones", "Kumar Singh"], 0.0),
        (["NguyÔn ThÞ HuyÒn", "§Æng V¨n Hïng", "TrÇn Quèc TuÊn"], 1.0),
        (["Con bà Lê Thị Hoa", "CB Trần Thị Lan"], 1.0),
        (["Hà", "Tuấn"], 1.0),
        (["Li Na", "Wang Wei", "Zhang Min", "Chen Jie"], 0.0),
        (["", " "], 0.0),
        ([], 0.0),
    ],
)
def test_names_that_look_vietnamese(raw, share):
    counts = np.ones(len(raw), np.int64)
    assert looks_vietnamese(pa.array(raw, pa.string()), counts) == share
