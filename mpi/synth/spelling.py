"""How one syllable of a name gets written: as it is, without marks, with the keyboard left on."""

from __future__ import annotations

import functools
import re
import unicodedata
from enum import IntEnum

import numpy as np
import pyarrow as pa

from mpi.synth.reference import rows


class Spelling(IntEnum):
    """A way to write a syllable; the four typing slips differ in letter and kind."""

    RIGHT = 0
    ASCII = 1  # Nguyen
    TONELESS = 2  # Nguyên
    TELEX = 3  # Nguyeexn
    VNI = 4  # Nguye64n
    NEW_TONE = 5  # hoà for hòa
    I_FOR_Y = 6  # Quí for Quý
    REGIONAL = 7  # Huỳnh for Hoàng
    SLIP_1 = 8
    SLIP_2 = 9
    SLIP_3 = 10
    SLIP_4 = 11


_TONES = {"\u0300": ("f", "2"), "\u0301": ("s", "1"), "\u0309": ("r", "3"),
          "\u0303": ("x", "4"), "\u0323": ("j", "5")}  # fmt: skip
_MARKS = {"\u0302": ("", "6"), "\u031b": ("w", "7"), "\u0306": ("w", "8")}
_STROKE = {"Đ": ("DD", "D9"), "đ": ("dd", "d9")}
_NEW_TONE = {
    old + end: new
    for old, end, new in (
        ("ò", "a", "oà"), ("ó", "a", "oá"), ("ỏ", "a", "oả"), ("õ", "a", "oã"), ("ọ", "a", "oạ"),
        ("ò", "e", "oè"), ("ó", "e", "oé"), ("ỏ", "e", "oẻ"), ("õ", "e", "oẽ"), ("ọ", "e", "oẹ"),
        ("ù", "y", "uỳ"), ("ú", "y", "uý"), ("ủ", "y", "uỷ"), ("ũ", "y", "uỹ"), ("ụ", "y", "uỵ"),
    )
}  # fmt: skip
_I_FOR_Y = dict(zip("yỳýỷỹỵ", "iìíỉĩị", strict=True))
_NEIGHBOURS = {"a": "s", "n": "m", "h": "g", "t": "r", "o": "i", "u": "y", "i": "o", "e": "r",
               "g": "h", "m": "n", "l": "k", "d": "s", "c": "v", "v": "b", "p": "o"}  # fmt: skip


def spell(syllable: str, how: Spelling) -> str:
    """Write a syllable, or several with blanks between them, in one of the ways.

    Examples
    --------
    >>> [spell("Nguyễn", s) for s in (Spelling.ASCII, Spelling.TELEX, Spelling.VNI)]
    ['Nguyen', 'Nguyeenx', 'Nguye6n4']
    >>> spell("Hòa", Spelling.NEW_TONE), spell("Quý", Spelling.I_FOR_Y)
    ('Hoà', 'Quí')
    """
    if how is Spelling.RIGHT:
        return syllable
    if how is Spelling.ASCII:
        return _without(syllable, {*_TONES, *_MARKS, "\u0306"}).replace("Đ", "D").replace("đ", "d")
    if how is Spelling.TONELESS:
        return _without(syllable, set(_TONES))
    if how in (Spelling.TELEX, Spelling.VNI):
        return " ".join(_keys(s, 0 if how is Spelling.TELEX else 1) for s in syllable.split())
    if how is Spelling.NEW_TONE:
        end = _NEW_TONE.get(syllable[-2:])
        plain = _without(syllable, {*_TONES}).lower()
        return syllable[:-2] + end if end and not plain.startswith("qu") else syllable
    if how is Spelling.I_FOR_Y:
        if re.fullmatch(r"(h|k|l|m|s|t|th|v|qu)[yỳýỷỹỵ]", syllable.lower()):
            return syllable[:-1] + _I_FOR_Y[syllable[-1]]
        return syllable
    if how is Spelling.REGIONAL:
        return _regional().get(syllable, syllable)
    return _slip(syllable, int(how) - int(Spelling.SLIP_1))


def _without(word: str, marks: set[str]) -> str:
    return unicodedata.normalize(
        "NFC", "".join(c for c in unicodedata.normalize("NFD", word) if c not in marks)
    )


def _keys(syllable: str, method: int) -> str:
    letters: list[str] = []
    tone = ""
    for c in unicodedata.normalize("NFD", syllable):
        if c in _TONES:
            tone = _TONES[c][method]
        elif c == "\u0302" and method == 0:
            letters.append(letters[-1].lower())
        elif c in _MARKS:
            letters.append(_MARKS[c][method])
        elif c in _STROKE:
            letters.append(_STROKE[c][method])
        else:
            letters.append(c)
    return "".join(letters) + tone


@functools.cache
def _regional() -> dict[str, str]:
    pairs = [(r["form_a"], r["form_b"]) for r in rows("regional_variants")]
    return dict(pairs) | {b: a for a, b in reversed(pairs)}


def _slip(word: str, kind: int) -> str:
    """One typing slip, always the same for the same word and kind."""
    at = 1 + (sum(map(ord, word)) * (kind + 1)) % max(len(word) - 1, 1)
    if len(word) < 2:
        return word + word.lower() if kind % 2 else word + "h"
    if kind == 0:  # a letter left out
        return word[:at] + word[at + 1 :]
    if kind == 1:  # two letters changed over
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:  # the key beside
        plain = spell(word[at], Spelling.ASCII).lower()
        return word[:at] + _NEIGHBOURS.get(plain, "h") + word[at + 1 :]
    return word[:at] + word[at] + word[at:]  # a key held too long


class Syllables:
    """A growing list of syllables, and every way to write each.

    Codes are given in order of first use; the code of a syllable and a spelling are its row in
    `table`, ``code * len(Spelling) + spelling``.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._table = pa.array([], pa.string())

    def code(self, syllable: str) -> int:
        """The code of a syllable, given on its first use."""
        return self._codes.setdefault(syllable, len(self._codes))

    def codes(self, syllables: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """int64[n], the codes of several."""
        return np.array([self.code(s) for s in syllables], np.int64)

    def table(self) -> pa.Array:
        """string[n_syllables * len(Spelling)], every syllable in every spelling."""
        if len(self._table) != len(self._codes) * len(Spelling):
            spelt = [spell(s, how) for s in self._codes for how in Spelling]
            self._table = pa.array(spelt, pa.string())
        return self._table
