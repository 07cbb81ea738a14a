"""Ways to write a syllable."""

import unicodedata

import pytest

from mpi.synth.names import syllables
from mpi.synth.spelling import Spelling, spell


@pytest.mark.parametrize(
    ("word", "how", "expected"),
    [
        ("Nguyễn", Spelling.ASCII, "Nguyen"),
        ("Đặng", Spelling.ASCII, "Dang"),
        ("Đặng", Spelling.TONELESS, "Đăng"),
        ("Phượng", Spelling.TONELESS, "Phương"),
        ("Đặng", Spelling.TELEX, "DDawngj"),
        ("Thị", Spelling.TELEX, "Thij"),
        ("Phước", Spelling.TELEX, "Phuwowcs"),
        ("Đặng", Spelling.VNI, "D9a8ng5"),
        ("Phước", Spelling.VNI, "Phu7o7c1"),
        ("Hòa", Spelling.NEW_TONE, "Hoà"),
        ("Thúy", Spelling.NEW_TONE, "Thuý"),
        ("Quý", Spelling.NEW_TONE, "Quý"),
        ("Thùy", Spelling.I_FOR_Y, "Thùy"),
        ("Mỹ", Spelling.I_FOR_Y, "Mĩ"),
        ("Huy", Spelling.I_FOR_Y, "Huy"),
        ("Hoàng", Spelling.REGIONAL, "Huỳnh"),
        ("Huỳnh", Spelling.REGIONAL, "Hoàng"),
        ("An", Spelling.RIGHT, "An"),
    ],
)
def test_examples(word, how, expected):
    assert spell(word, how) == expected


def test_every_syllable_in_every_spelling():
    table = syllables().table().to_pylist()
    rows = [table[i : i + len(Spelling)] for i in range(0, len(table), len(Spelling))]
    assert len(rows) > 400
    for row in rows:
        assert all(unicodedata.is_normalized("NFC", value) and value for value in row)
        right = row[Spelling.RIGHT]
        if all(c.isascii() or unicodedata.decomposition(c) or c in "Đđ" for c in right):
            assert row[Spelling.ASCII].isascii()
        # a slip changes the word (two like letters changed over may not)
        assert row[Spelling.SLIP_1] != right != row[Spelling.SLIP_4]
