"""Old fonts: found from the column, converted letter by letter."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest

from mpi.schema import Kind
from mpi.standardise.vietnam.encodings import TCVN3, VISCII, VNI, VPS, convert
from mpi.standardise.vietnam.inventory import table
from mpi.standardise.vietnam.names import NAME_RULES, name_layout, reading_of
from mpi.standardise.vietnam.words import UNICODE, Reading

FONTS = (TCVN3, VNI, VISCII, VPS)
LETTERS = table("legacy_letters")
NAMES = [
    "Nguyễn Thị Huyền", "Đặng Văn Hùng", "Võ Hữu Phước", "Trương Thị Mỹ Lệ", "Lê Quốc Dũng",
    "Phạm Thúy Hằng", "Bùi Đức Thịnh", "Hoàng Thị Tuyết", "Đỗ Minh Quân", "Huỳnh Tấn Lộc",
]  # fmt: skip


def written(name, font):
    """A name as the font has it; fonts of TCVN3 have no capitals with a tone."""
    if font == TCVN3:
        name = "".join(c if c in "ĂÂÊÔƠƯĐ" else c.lower() if not c.isascii() else c for c in name)
    codes = {r["letter"]: r[font.lower()] for r in LETTERS}
    parts = [
        "".join(chr(int(b, 16)) for b in codes[c].split()) if codes.get(c) else c for c in name
    ]
    return "".join(parts)


def ones(texts):
    return np.ones(len(texts), np.int64)


@pytest.mark.parametrize("font", FONTS)
def test_a_column_is_recognised_and_read(font):
    raw = [written(n, font) for n in NAMES]
    layout = name_layout(pa.array(raw), ones(raw))
    assert layout.text == font
    assert font in layout.message
    found = NAME_RULES[Kind.FULL_NAME].standard(pa.array(raw), layout.text)
    assert found.values.to_pylist() == [n.upper() for n in NAMES]
    converted = found.repairs["letters of an old font converted"]
    assert converted.sum() == sum(not n.isascii() for n in raw)


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("copies", [1, 60])
def test_a_column_of_two_encodings(font, copies):
    """Old rows among new ones; the longer column goes through the kernels."""
    raw = [written(n, font) for n in NAMES[:4]] * copies + NAMES[4:] * copies * 2
    layout = name_layout(pa.array(raw), ones(raw))
    assert layout.text == f"{font} in part"
    found = NAME_RULES[Kind.FULL_NAME].standard(pa.array(raw), layout.text).values.to_pylist()
    names = NAMES[:4] * copies + NAMES[4:] * copies * 2
    assert found == [n.upper() for n in names]


def test_few_old_rows_among_many_new_ones():
    raw = [f"{NAMES[i % 10]} {NAMES[i // 10 % 10]}" for i in range(20_000)]
    raw[7777:7780] = [written(n, TCVN3) for n in NAMES[:3]]
    layout = name_layout(pa.array(raw), ones(raw))
    assert layout.text == "TCVN3 in part"
    found = NAME_RULES[Kind.FULL_NAME].standard(pa.array(raw), layout.text)
    assert found.values[7777:7780].to_pylist() == [n.upper() for n in NAMES[:3]]
    assert found.values.to_pylist().count("") == 0


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        ["Müller", "Böhm", "Görg", "Jürgen"],
        ["René Lefèvre", "Hélène Çelik", "Zoë Brontë"],
        ["José Muñoz", "Begoña Ibáñez", "Iñigo Nuñez"],
        ["Nguyen Van An", "Tran Thi Binh"],
        ["Åsa Öberg", "Pär Sjöström", "Björn Håkansson"],
        ["", "-", "?"],
        [],
    ],
    ids=["Vietnamese", "German", "French", "Spanish", "ASCII", "Swedish", "nothing", "empty"],
)
def test_no_font_is_seen_where_there_is_none(names):
    assert name_layout(pa.array(names, pa.string()), ones(names)).text == ""


def test_foreign_names_are_left_alone():
    names = ["René Lefèvre", "José Muñoz", "Zoë Brontë", "Jürgen Böhm", "Åsa Öberg"]
    found = NAME_RULES[Kind.FULL_NAME].standard(pa.array(names), "").values.to_pylist()
    assert found == [n.upper() for n in names]


@pytest.mark.parametrize("font", [VISCII, VPS, VNI])
def test_every_letter_of_a_font(font):
    for row in LETTERS:
        code = "".join(chr(int(b, 16)) for b in row[font.lower()].split())
        assert convert(code, font) == unicodedata.normalize("NFC", row["letter"])


def test_messages_of_layouts():
    assert reading_of("") == reading_of("family name first") == UNICODE
    assert reading_of("TCVN3 in part") == Reading(TCVN3, False)
    text = "Nguyá»…n Thá»‹ Huyá»\u0081n"
    assert "UTF-8" in name_layout(pa.array([text]), ones([text])).message
