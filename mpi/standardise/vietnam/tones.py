"""Tones: the marks of a word taken off its letters, and put where the syllable wants them.

A Vietnamese letter carries a quality (â, ă, ê, ô, ơ, ư, đ) and, once a syllable, a tone. Typists
and typewriters disagree on the letter that gets the tone (hòa, hoà), so a syllable is read as
letters and a tone, and written again in one style.
"""

from __future__ import annotations

import unicodedata
from enum import IntEnum
from typing import NamedTuple


class Tone(IntEnum):
    """The six tones, numbered as the keys of the VNI keyboard."""

    LEVEL = 0  # ngang: a, or a tone that was not typed
    RISING = 1  # sắc: á
    FALLING = 2  # huyền: à
    ASKING = 3  # hỏi: ả
    TUMBLING = 4  # ngã: ã
    HEAVY = 5  # nặng: ạ


TONE_MARKS = {
    "\u0301": Tone.RISING,
    "\u0300": Tone.FALLING,
    "\u0309": Tone.ASKING,
    "\u0303": Tone.TUMBLING,
    "\u0323": Tone.HEAVY,
}
_MARK_OF = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
_QUALITY_MARKS = "\u0302\u0306\u031b"
LOOK_ALIKES = str.maketrans("ÐðƉɖ", "ĐđĐđ")
"""Letters of other alphabets that are typed for Đ."""

VOWELS = "aăâeêioôơuưy"
QUALITIES = "ăâêôơưđ"
LETTERS = (
    "".join(unicodedata.normalize("NFC", vowel + mark) for vowel in VOWELS for mark in _MARK_OF)
    + "bcdđghklmnpqrstvx"
)
"""Every letter of the alphabet, in lower case."""


class Letters(NamedTuple):
    """A word in lower case without its tone.

    text : letters with their quality; a tone that fits no letter leaves the word unread
    tone : of the whole word
    """

    text: str
    tone: Tone


_READ: dict[str, tuple[str, Tone]] = {}
_WRITE: dict[tuple[str, int], str] = {}
for _letter in VOWELS:
    for _tone, _mark in enumerate(_MARK_OF):
        _whole = unicodedata.normalize("NFC", _letter + _mark)
        _READ[_whole] = (_letter, Tone(_tone))
        _WRITE[_letter, _tone] = _whole
for _letter in "bcdđghklmnpqrstvx":
    _READ[_letter] = (_letter, Tone.LEVEL)


def read_letters(word: str) -> Letters | None:
    """The letters and the tone of a word, or None where it cannot be Vietnamese.

    Examples
    --------
    >>> read_letters("Giừơng")
    Letters(text='giương', tone=<Tone.FALLING: 2>)
    >>> read_letters("Zoë") is None, read_letters("tóán").text, read_letters("tóàn") is None
    (True, 'toan', True)
    """
    letters: list[str] = []
    tone = Tone.LEVEL
    for char in unicodedata.normalize("NFC", word).lower():
        read = _READ.get(char)
        if read is None:  # a mark that no single letter has: á and a circumflex after it
            if char in _QUALITY_MARKS and letters:
                whole = unicodedata.normalize("NFC", letters[-1] + char)
                read = _READ.get(whole)
                if read is not None:
                    letters[-1] = read[0]
                    continue
            read = _on_consonant(char) if letters else None
            if read is None:
                return None
        letters.append(read[0])
        if read[1]:
            if tone and tone != read[1]:
                return None
            tone = read[1]
    return Letters("".join(letters), tone)


def _on_consonant(char: str) -> tuple[str, Tone] | None:
    """A tone that slipped behind the vowel, as in Tuyêń; ñ is a letter of other languages."""
    parts = unicodedata.normalize("NFD", char)
    if parts[-1] not in TONE_MARKS or char == "ñ":
        return None
    return (parts[:-1], TONE_MARKS[parts[-1]]) if parts[:-1] in ("", *"cmnpt") else None


def write_tone(text: str, place: int, tone: int) -> str:
    """Letters with the tone on one of them.

    Examples
    --------
    >>> write_tone("hoa", 1, Tone.FALLING)
    'hòa'
    """
    if not tone:
        return text
    return text[:place] + _WRITE[text[place], tone] + text[place + 1 :]


def tone_place(rime: str) -> int:
    """Which letter of a rime carries the tone, in the old style (hòa, thúy, khỏe).

    The last letter with a quality; else the only vowel; of two the second before a consonant and
    the first at the end of the syllable; of three the middle one.

    Examples
    --------
    >>> [r[tone_place(r)] for r in ("ươ", "uyên", "oan", "oa", "uya")]
    ['ơ', 'ê', 'a', 'o', 'y']
    """
    vowels = [i for i, c in enumerate(rime) if c in VOWELS]
    qualities = [i for i in vowels if rime[i] in QUALITIES]
    if qualities:
        return qualities[-1]
    if len(vowels) == 2 and rime[-1] not in VOWELS:
        return vowels[1]
    return vowels[1] if len(vowels) == 3 else vowels[0]
