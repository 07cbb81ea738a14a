"""Letters of before Unicode, and Unicode read as something else.

A column written with the fonts of the nineties holds the letters of those fonts as if they were
Western European ones. Which font it was is found from the column as a whole: the one under which
most of its words become Vietnamese syllables.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from mpi.standardise.vietnam.inventory import table
from mpi.standardise.vietnam.tones import LETTERS, TONE_MARKS, VOWELS

TCVN3, VNI, VISCII, VPS = "TCVN3", "VNI", "VISCII", "VPS"
UTF_8, WINDOWS_1258 = "UTF-8", "Windows-1258"

FONTS = (TCVN3, VNI, VISCII, VPS, WINDOWS_1258)
"""Encodings whose letters look like others, so that a column has to be seen whole."""

_BROKEN_FIRST = 0xF0000
"""From here on stand the bytes that are no text in the encoding of their file."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});?")
_LEADS = re.compile(r"[\u00c2-\u00f4\u0102\u0103\u0110\u0111\u01a0\u01b0](?:[^\x00-\x7f]|$)")
"""Looks like a first byte of UTF-8 and another: most words have no such pair."""

_LATIN = re.compile(
    rf"[\x00-\x7f\u00a0\u2010-\u201f{''.join(TONE_MARKS)}\u0302\u0306\u031b{LETTERS}{LETTERS.upper()}]*"
)
"""What may come out of bytes read one by one: anything else was no Vietnamese before."""

_PROOF = frozenset("ăđĩũơưĂĐĨŨƠƯ") | {chr(c) for c in range(0x1EA0, 0x1EFA)}
"""Letters that no Western European encoding has: their text is Unicode and was read as such."""


def without_entities(text: str) -> str:
    """Text whose HTML entities are letters; entities coded twice too.

    Examples
    --------
    >>> without_entities("Nguy&#7877;n &amp;#272;&#xE0;o"), without_entities("A & B")
    ('Nguyễn Đào', 'A & B')
    """
    for _ in range(2):
        if "&" not in text or not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def is_unicode(word: str) -> bool:
    """Whether a word holds a letter that proves it is Unicode."""
    return not _PROOF.isdisjoint(word)


@cache
def _byte_of() -> dict[int, int]:
    """Character -> the byte it was, whatever Western table the file was read with."""
    found = {code: code for code in range(0x80, 0x100)}
    for byte in range(0x80, 0x100):
        for codec in ("cp1252", "cp1258"):
            try:
                char = bytes([byte]).decode(codec)
            except UnicodeDecodeError:
                continue
            found.setdefault(ord(char), byte)
        found[_BROKEN_FIRST + byte] = byte
    for mark in TONE_MARKS:  # never alone: a letter and its mark are seen together
        found.pop(ord(mark), None)
    return found


def bytes_of(word: str) -> bytes | None:
    """The bytes that were read as this word; None where no Western table has its letters."""
    known = _byte_of()
    try:
        return bytes(ord(c) if ord(c) < 0x80 else known[ord(c)] for c in word)
    except KeyError:
        return None


def from_utf8(word: str) -> str | None:
    """A word whose UTF-8 bytes were read one by one, as Windows-1252 or Windows-1258.

    A lone last byte of à is completed: its second byte is a blank that does not break, which
    exports drop.

    Examples
    --------
    >>> from_utf8("Nguyá»…n"), from_utf8("HÃ"), from_utf8("Zoë")
    ('Nguyễn', 'Hà', None)
    """
    raw = bytes_of(word) if _LEADS.search(word) else None
    if raw is None or raw.isascii():
        return None
    if word.endswith("Ã"):
        raw += b"\xa0"
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if _LATIN.fullmatch(text) else None


def _from_windows_1258(word: str) -> str | None:
    raw = bytes_of(word)
    if raw is None:
        return None
    try:
        return unicodedata.normalize("NFC", raw.decode("cp1258"))
    except UnicodeDecodeError:
        return None


@cache
def _letters(encoding: str) -> dict[str, str]:
    """Characters as the font has them -> letter; of two characters in VNI."""
    found = {}
    for row in table("legacy_letters"):
        if row[encoding.lower()]:
            key = "".join(chr(int(byte, 16)) for byte in row[encoding.lower()].split())
            found[key] = row["letter"]
    if encoding == TCVN3:  # what PDF files make of two of the letters
        found |= {"\u2212": "ư", "\u2219": "ã"}
    if encoding == VNI:  # these have a letter of their own, and are typed in two all the same
        found |= {base + mark: letter for base, mark, letter in (
            ("i", "ø", "ì"), ("i", "ù", "í"), ("y", "ï", "ỵ"),
            ("I", "Ø", "Ì"), ("I", "Ù", "Í"), ("Y", "Ï", "Ỵ"),
        )}  # fmt: skip
        capital = {k: v for k, v in found.items() if len(k) == 2 and k[0].isupper()}
        found |= {k[0] + k[1].lower(): v for k, v in capital.items()}
    return found


@cache
def _pairs() -> re.Pattern[str]:
    keys = sorted(_letters(VNI), key=lambda k: (-len(k), k))
    return re.compile("|".join(map(re.escape, keys)))


@cache
def _western() -> dict[int, str]:
    """Character -> the character of Latin-1 that has its byte."""
    return {code: chr(byte) for code, byte in _byte_of().items() if code != byte}


def _from_font(word: str, encoding: str) -> str:
    word = word.translate(_western())
    letters = _letters(encoding)
    if encoding == VNI:
        return _pairs().sub(lambda m: letters[m.group()], word)
    return "".join(letters.get(c, c) for c in word)


@lru_cache(maxsize=1 << 16)
def convert(word: str, encoding: str) -> str | None:
    """A word read in another encoding, NFC; None where it holds what the encoding has not.

    Examples
    --------
    >>> convert("NguyÔn", TCVN3), convert("Nguyeãn", VNI), convert("Nguy­n", VISCII)
    ('Nguyễn', 'Nguyễn', 'Nguyễn')
    >>> convert("NGUYÊÞN", WINDOWS_1258), convert("Nguyá»…n", UTF_8)
    ('NGUYỄN', 'Nguyễn')
    """
    if encoding == UTF_8:
        found = from_utf8(word)
    elif encoding == WINDOWS_1258:
        found = _from_windows_1258(word)
    else:
        found = _from_font(word, encoding)
    return None if found is None else unicodedata.normalize("NFC", found)


def with_lost_letters(word: str, is_right: Callable[[str], bool]) -> str | None:
    """A word of TCVN3 whose ư, a soft hyphen there, an export has dropped: Phớc is Phước.

    The one place where an ư makes it right; None where there is none, or more than one.

    Examples
    --------
    >>> with_lost_letters("Phớc", lambda w: w in ("Phước", "Hưng"))
    'Phước'
    """
    found = {word[:i] + "ư" + word[i:] for i in range(1, len(word) + 1)}
    right = sorted(w for w in found if is_right(w))
    if len(right) != 1 or (not any(c in "ơớờởỡợ" for c in word) and _vowels(word)):
        return None
    return right[0]


def _vowels(word: str) -> bool:
    plain = unicodedata.normalize("NFD", word.lower())
    return any(c in VOWELS for c in plain)
