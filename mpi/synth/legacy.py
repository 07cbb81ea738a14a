"""Text as old software leaves it: in the code of a font, read in the wrong code, or lost.

The fonts' codes are those of TCVN 5712:1993 and VISCII as the C library converts them, and of the
VNI fonts, which write a mark as a letter of its own. They are kept apart from the tables that the
standardiser reads, so that a wrong table shows.
"""

from __future__ import annotations

import functools
import unicodedata
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth.population import Ints


class Legacy(IntEnum):
    """How a text came to be unreadable; the fonts' texts are shown as Windows-1252."""

    NONE = 0
    TCVN3 = 1  # NguyÔn
    VNI = 2  # Nguyeãn
    VISCII = 3  # Nguy­n, with a soft hyphen
    MISREAD = 4  # UTF-8 read as Windows-1252: Nguyá»…n
    LOST = 5  # saved in Windows-1252: Nguy?n


_LETTERS = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
_TCVN3 = (
    b"a\xb5\xb6\xb7\xb8\xb9\xa8\xbb\xbc\xbd\xbe\xc6\xa9\xc7\xc8\xc9\xca\xcb"
    b"e\xcc\xce\xcf\xd0\xd1\xaa\xd2\xd3\xd4\xd5\xd6i\xd7\xd8\xdc\xdd\xde"
    b"o\xdf\xe1\xe2\xe3\xe4\xab\xe5\xe6\xe7\xe8\xe9\xac\xea\xeb\xec\xed\xee"
    b"u\xef\xf1\xf2\xf3\xf4\xad\xf5\xf6\xf7\xf8\xf9y\xfa\xfb\xfc\xfd\xfe\xae"
)
_TCVN3_CAPITALS = dict(zip("ĂÂÊÔƠƯĐ", "\xa1\xa2\xa3\xa4\xa5\xa6\xa7", strict=True))
_VISCII = (
    b"a\xe0\xe4\xe3\xe1\xd5\xe5\xa2\xc6\xc7\xa1\xa3\xe2\xa5\xa6\xe7\xa4\xa7"
    b"e\xe8\xeb\xa8\xe9\xa9\xea\xab\xac\xad\xaa\xaei\xec\xef\xee\xed\xb8"
    b"o\xf2\xf6\xf5\xf3\xf7\xf4\xb0\xb1\xb2\xaf\xb5\xbd\xb6\xb7\xde\xbe\xfe"
    b"u\xf9\xfc\xfb\xfa\xf8\xdf\xd7\xd8\xe6\xd1\xf1y\xcf\xd6\xdb\xfd\xdc\xf0"
)
_VISCII_CAPITALS = (
    b"A\xc0\xc4\xc3\xc1\x80\xc5\x82\x02\x05\x81\x83\xc2\x85\x86\x06\x84\x87"
    b"E\xc8\xcb\x88\xc9\x89\xca\x8b\x8c\x8d\x8a\x8eI\xcc\x9b\xce\xcd\x98"
    b"O\xd2\x99\xa0\xd3\x9a\xd4\x90\x91\x92\x8f\x93\xb4\x96\x97\xb3\x95\x94"
    b"U\xd9\x9c\x9d\xda\x9e\xbf\xbb\xbc\xff\xba\xb9Y\x9f\x14\x19\xdd\x1e\xd0"
)
_VNI_TONES = {"\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0301": "ù", "\u0323": "ï"}
_VNI_HAT = dict(zip(["", *_VNI_TONES], "âàåãáä", strict=True))
_VNI_BREVE = dict(zip(["", *_VNI_TONES], "êèúüéë", strict=True))
_VNI_WHOLE = dict(zip("iìỉĩíịơưỵđ", "iìæóíòôöîñ", strict=True))


def _vni(letter: str) -> str:
    """The base and its mark; i, ơ, ư, ỵ and đ have letters of their own."""
    if letter in _VNI_WHOLE:
        return _VNI_WHOLE[letter]
    parts = unicodedata.normalize("NFD", letter)
    tone = next((c for c in parts if c in _VNI_TONES), "")
    if "\u031b" in parts:
        return _VNI_WHOLE["ơ" if parts[0] == "o" else "ư"] + _VNI_TONES.get(tone, "")
    if "\u0302" in parts:
        return parts[0] + _VNI_HAT[tone]
    if "\u0306" in parts:
        return parts[0] + _VNI_BREVE[tone]
    return parts[0] + _VNI_TONES.get(tone, "")


def _shown(codes: bytes) -> list[str]:
    """Each byte as Windows-1252 shows it; the five it has not stay controls."""
    return [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in codes]


@functools.cache
def _table(how: Legacy) -> dict[int, str]:
    if how is Legacy.TCVN3:
        # capitals with a tone are the same bytes in a font that shows capitals
        small = dict(zip(_LETTERS, _shown(_TCVN3), strict=True))
        large = {c.upper(): s.upper() if c in "aeiouy" else s for c, s in small.items()}
        return str.maketrans(small | large | _TCVN3_CAPITALS)
    if how is Legacy.VISCII:
        small = dict(zip(_LETTERS, _shown(_VISCII), strict=True))
        large = dict(zip(_LETTERS.upper(), _shown(_VISCII_CAPITALS), strict=True))
        return str.maketrans(small | large)
    small = {c: _vni(c) for c in _LETTERS}
    return str.maketrans(small | {c.upper(): v.upper() for c, v in small.items()})


_AS_1252 = dict(enumerate(_shown(bytes(range(256)))))


def garble(text: str, how: Legacy) -> str:
    """A text as it looks afterwards.

    Examples
    --------
    >>> [garble("Nguyễn Phước", how) for how in (Legacy.VNI, Legacy.LOST)]
    ['Nguyeãn Phöôùc', 'Nguy?n Ph??c']
    >>> garble("Đặng Thị", Legacy.TCVN3), garble("ĐẶNG THỊ", Legacy.TCVN3)
    ('§Æng ThÞ', '§ÆNG THÞ')
    """
    if how is Legacy.NONE:
        return text
    text = unicodedata.normalize("NFC", text)
    if how is Legacy.LOST:
        return text.encode("cp1252", "replace").decode("cp1252")
    if how is Legacy.MISREAD:
        return text.encode().decode("latin-1").translate(_AS_1252)
    return text.translate(_table(how))


def garble_rows(values: pa.Array, how: Ints) -> pa.Array:
    """string[n], the rows whose `how` (int64[n], `Legacy`) is not 0 garbled; null stays null."""
    hit = how != Legacy.NONE
    if not hit.any():
        return values
    kinds = [Legacy(k) for k in how[hit].tolist()]
    texts = values.filter(pa.array(hit)).to_pylist()
    garbled = [t if t is None else garble(t, k) for t, k in zip(texts, kinds, strict=True)]
    return pc.replace_with_mask(values, pa.array(hit), pa.array(garbled, pa.string()))


FONTS = {"north": Legacy.TCVN3, "centre": Legacy.VISCII, "south": Legacy.VNI}
"""The font of old software by part of the country; VISCII stands in for what is rare."""


def draw_legacy(
    rng: np.random.Generator, old: np.ndarray, font: Ints, fonts: float, misread: float, lost: float
) -> Ints:
    """int64[n], how each record's text went bad.

    Parameters
    ----------
    old : bool[n], records of the time of fonts
    font : int64[n], `Legacy`, that of the record's province
    fonts, misread, lost : shares, 0 to 1; the first of old records
    """
    chance = rng.random(len(old))
    return np.select(
        [old & (chance < fonts), chance > 1 - misread, chance > 1 - misread - lost],
        [font, int(Legacy.MISREAD), int(Legacy.LOST)],
        int(Legacy.NONE),
    ).astype(np.int64)
