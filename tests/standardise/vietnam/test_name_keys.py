"""Keys of names: pairs that have to be equal, pairs that must not."""

import pyarrow as pa
import pytest

from mpi.standardise.vietnam.inventory import doublets
from mpi.standardise.vietnam.name_keys import (
    Key,
    name_keys,
    spoken_words,
    toneless_words,
    word_key,
)
from mpi.standardise.vietnam.words import repair_word


def key(word, which):
    return word_key(repair_word(word).text, which)


@pytest.mark.parametrize(
    "pair",
    [
        "Hòa Hoà", "Quí Quý", "Quý Qúy", "Nguyễn Nguyển", "Trí Chí", "Sơn Xơn", "Lan Nan",
        "Giang Dang", "Vân Dân", "Dũng Dủng", "Thắng Thắn", "Phước Phướt", "Diễm Dĩm", "Kiều Kìu",
        "Duyên Giuyên", "Nghĩa Ngĩa", "Tấn Tánh", "Hươu Hưu", "Muội Mụi", "Vy Vi", "Ly Li",
    ],
)  # fmt: skip
def test_the_same_sound(pair):
    one, two = pair.split()
    assert key(one, Key.K3) == key(two, Key.K3)


@pytest.mark.parametrize(
    "pair",
    [
        "Thùy Thì",
        "Hà Hạ",
        "Hương Hường",
        "Mai May",
        "Hưng Hương",
        "Toàn Tàn",
        "Loan Lan",
        "Hoa Hua",
    ],
)
def test_another_sound(pair):
    one, two = pair.split()
    assert key(one, Key.K3) != key(two, Key.K3)


def test_the_sound_of_an_and_an_with_a_roof_is_one_but_no_other_key():
    assert key("An", Key.K3) == key("Ân", Key.K3)
    assert key("An", Key.K0) != key("Ân", Key.K0)
    assert key("An", Key.K1) != key("Ân", Key.K1)


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("Nguyễn", ["NGUYỄN", "NGUYÊN", "NGUYEN", "NGWIN3"]),
        ("Đặng", ["ĐẶNG", "ĐĂNG", "DANG", "ĐaN5"]),
        ("Mỹ", ["MỸ", "MI", "MI", "Mi3"]),
        ("Mĩ", ["MĨ", "MI", "MI", "Mi3"]),
        ("Quỳnh", ["QUỲNH", "QUYNH", "QUYNH", "KWiN2"]),
        ("Thúy", ["THÚY", "THUY", "THUY", "THWi1"]),
        ("Ý", ["Ý", "Y", "Y", "i1"]),
        ("Müller", ["MÜLLER", "MÜLLER", "MULLER", "MULLER"]),
        ("TH?", ["TH?", "TH?", "TH?", "TH?"]),
    ],
)
def test_keys_of_a_word(word, keys):
    text = repair_word(word).text if "?" not in word else word
    assert [word_key(text, k) for k in Key] == keys


def test_keys_of_many_names_are_those_of_each():
    names = ["NGUYỄN THỊ HÒA", "TRẦN VĂN LÝ", "", "SMITH"] * 200
    for which in Key:
        found = name_keys(pa.array(names), which).to_pylist()
        assert found == [" ".join(word_key(w, which) for w in n.split()) for n in names]


def test_words_without_tone_and_spelling_style():
    words = ["HÒA", "HOÀ", "HOA", "LÝ", "LÍ", "HỒ", "HO", "MÂY", "MAI", "SMITH", "TH?"]
    plain = ["HOA", "HOA", "HOA", "LI", "LI", "HÔ", "HO", "MÂY", "MAI", "SMITH", "TH?"]
    assert toneless_words(words) == plain


def test_words_that_sound_the_same():
    hoang, huynh, hoan, mai, smith = spoken_words(["HOÀNG", "HUỲNH", "HOÀN", "MAI", "SMITH"])
    assert hoang == huynh == hoan
    assert len({hoang, mai, smith}) == 3


def test_no_word_is_in_two_doublets():
    forms = [form for d in doublets() for form in d.forms]
    assert len(forms) == len(set(forms)) >= 70
