"""One word of a name repaired by itself: what a column's different words go through, once each."""

from __future__ import annotations

import re
import unicodedata
from enum import IntFlag
from functools import lru_cache
from typing import NamedTuple

from mpi.standardise.alphabets import APOSTROPHES, NAMES, fold_one
from mpi.standardise.vietnam.encodings import (
    FONTS,
    TCVN3,
    UTF_8,
    VNI,
    convert,
    is_unicode,
    with_lost_letters,
    without_entities,
)
from mpi.standardise.vietnam.forms import first_words
from mpi.standardise.vietnam.glued import fused_clans, split_glued, split_humps, split_plain
from mpi.standardise.vietnam.inventory import clans, is_family, name_words, shares
from mpi.standardise.vietnam.keystrokes import has_tone_key, undo_keystrokes
from mpi.standardise.vietnam.syllables import (
    Syllable,
    is_marked,
    is_vietnamese,
    parse,
    standard_spellings,
)
from mpi.standardise.vietnam.tones import LETTERS, LOOK_ALIKES


class Found(IntFlag):
    """What was found in a word or a name: repairs, and signs that the whole name must be read."""

    COMPOSED = 1 << 0
    TONE = 1 << 1
    LOOK_ALIKE = 1 << 2
    GLUED = 1 << 3
    FONT = 1 << 4
    MOJIBAKE = 1 << 5
    ENTITY = 1 << 6
    KEYS = 1 << 7
    UNKNOWN = 1 << 8
    NOTE = 1 << 9
    TITLE = 1 << 10
    DIGITS = 1 << 11
    NEWBORN = 1 << 12
    NOBODY = 1 << 13
    FACILITY = 1 << 14
    ORDER = 1 << 15
    NOTHING = 1 << 16
    NEW_STYLE = 1 << 17
    MAYBE = 1 << 23  # perhaps keystrokes, of a syllable that is no word of names
    SLOW = 1 << 24  # wherever it stands
    FIRST = 1 << 25  # at the head of the name
    LAST = 1 << 26  # at its end, where no family name is at the head
    PROOF = 1 << 27  # read as Unicode and rightly so
    DOUBT = 1 << 28  # a syllable as it stands, and another one in the column's second encoding
    TYPED = 1 << 29  # keystrokes, if the rest of the name is Vietnamese
    FOREIGN = 1 << 30  # no syllable
    FAMILY = 1 << 31  # at the head of the name


REPAIRS = {
    Found.COMPOSED: "combining marks joined with their letters",
    Found.TONE: "mark moved to its usual letter",
    Found.NEW_STYLE: "tone mark of the new style (hoà) put in the old one (hòa)",
    Found.LOOK_ALIKE: "look-alike of Đ replaced",
    Found.GLUED: "words run together were parted",
    Found.FONT: "letters of an old font converted",
    Found.MOJIBAKE: "UTF-8 read as another encoding, repaired",
    Found.ENTITY: "HTML entities replaced by their letters",
    Found.KEYS: "keystrokes of Telex or VNI turned into letters",
    Found.UNKNOWN: "letters lost to '?'",
    Found.NOTE: "note in brackets left out",
    Found.TITLE: "title left out",
    Found.DIGITS: "digits left out",
    Found.NEWBORN: "newborn without a name, taken as missing",
    Found.NOBODY: "words for an unknown person, taken as missing",
    Found.FACILITY: "name of a facility, taken as missing",
    Found.ORDER: "family name moved to the front",
    Found.NOTHING: "no name in it, taken as missing",
}


AT_HEAD = Found.FIRST | Found.FAMILY
AT_END = Found.LAST


class Word(NamedTuple):
    """A word in standard form: none, one or several words of upper-case letters."""

    text: str
    found: int


class Reading(NamedTuple):
    """How a column is read.

    encoding : one of `encodings.FONTS`, or nothing for Unicode
    whole : every text is in that encoding, else only those that are no Vietnamese as they stand
    """

    encoding: str = ""
    whole: bool = True


UNICODE = Reading()
_ROUNDS = 4
COMMON = 0.01
"""Per cent of persons: a word rarer than this is not read out of keystrokes."""

_ALPHABET = frozenset(LETTERS + LETTERS.upper())
_SLOW = re.compile(r"[?\ufffd()\[\]{},;/#|\d]")
_PARTICLE = re.compile(rf"^([HK])[{APOSTROPHES}]+(.+)$", re.IGNORECASE)
_SWALLOWED = re.compile(r"^(H)(H[AEIOUYÊÔƠƯĂÂ].*)$")


@lru_cache(maxsize=1 << 17)
def repair_word(raw: str, reading: Reading = UNICODE) -> Word:
    """Bring one word to standard form.

    Examples
    --------
    >>> [repair_word(w).text for w in ("hoà", "Nguye\\u0302\\u0303n", "phạmthúy")]
    ['HÒA', 'NGUYỄN', 'PHẠM THÚY']
    >>> [repair_word(w).text for w in ("Anne-Marie", "H'Hen", "NguyÔn")]
    ['ANNE MARIE', 'H HEN', 'NGUYÔN']
    >>> repair_word("NguyÔn", Reading(TCVN3)).text
    'NGUYỄN'
    """
    upper = raw.upper()
    if (
        upper != raw
        and not reading.encoding
        and raw[1:].islower()
        and ((raw.isascii() and raw.isalpha()) or is_unicode(raw))
    ):  # nothing in such a word depends on its case, so that all its cases are repaired once
        return repair_word(upper)
    humps = split_humps(raw)
    if humps and (not reading.encoding or raw.isascii() or is_unicode(raw)):
        return Word(" ".join(humps), int(Found.GLUED) | sign_of(humps[0]))
    word = _repair(raw, reading)
    if word.text == raw and not reading.encoding:
        return word
    for _ in range(_ROUNDS):
        if word.found & Found.SLOW or standard_spellings().issuperset(word.text.split(" ")):
            break
        again = [_repair(part, UNICODE) for part in word.text.split(" ")]
        text = " ".join(part.text for part in again if part.text)
        if text == word.text:
            break
        word = Word(text, word.found | again[0].found | again[-1].found)
    return word


def _repair(raw: str, reading: Reading) -> Word:
    word = raw.upper()
    inside = raw[1:]
    plain = word == raw or not inside or inside.islower()  # no capitals that begin words
    if plain and not reading.encoding and word in standard_spellings() and word[-1] != "Ã":
        return Word(word, sign_of(word) | (int(Found.PROOF) if is_unicode(word) else 0))
    if raw.isascii() and raw.isalpha():
        return _plain(raw, reading)
    text, found = raw, 0
    if "&" in text:
        text = without_entities(raw)
        found = int(Found.ENTITY) if text != raw else 0
    if not text.isascii():
        text, more = _decoded(text, reading)
        found |= more
    if text.isdecimal():
        return Word("", found | int(Found.DIGITS))
    if _SLOW.search(text):
        typed = undo_keystrokes(text) if text.isalnum() else None
        if typed is not None and name_words().get(typed, 0.0) >= COMMON:
            return Word(typed, found | int(Found.TYPED | Found.KEYS) | sign_of(typed))
        return Word(fold_one(text, NAMES), found | Found.SLOW)
    standard = _standard(text, reading)
    return Word(standard.text, standard.found | found)


def _decoded(text: str, reading: Reading) -> tuple[str, int]:
    """The word in the encoding it was written in; as it came where that is Unicode."""
    raw, text = text, unicodedata.normalize("NFC", text)
    right = is_marked(text.translate(LOOK_ALIKES))
    found = convert(text, UTF_8)
    if found is not None and found != text and reading.encoding not in FONTS:
        if right and reading.encoding != UTF_8:
            return raw, int(Found.DOUBT)
        return found, int(Found.MOJIBAKE)
    if is_unicode(text):
        return raw, int(Found.PROOF)
    if reading.encoding in FONTS:
        found = convert(text, reading.encoding)
        if found is not None and found != text:
            if reading.encoding == TCVN3 and not is_vietnamese(found):
                found = with_lost_letters(found, is_marked) or found
            if reading.whole:
                return found, int(Found.FONT)
            if is_marked(found) and right:
                return raw, int(Found.DOUBT)
            if is_marked(found):
                return found, int(Found.FONT)
    if not right:  # a word of an old VNI file, kept when the rest of it was converted
        found = convert(text, VNI)
        syllable = parse(found) if found is not None and found != text else None
        if syllable is not None and syllable.text.upper() in name_words():
            return str(found), int(Found.FONT)
    return raw, 0


def _plain(raw: str, reading: Reading) -> Word:
    """A word of ASCII letters alone."""
    word = raw.upper()
    if is_vietnamese(word):
        return Word(word, sign_of(word))
    if reading.encoding == TCVN3 and reading.whole:
        whole = with_lost_letters(raw, is_marked)
        if whole is not None:
            return Word(whole.upper(), int(Found.FONT))
    sign = sign_of(word) | int(Found.FOREIGN)
    typed = undo_keystrokes(raw)
    if typed is not None:
        if name_words().get(typed, 0.0) < COMMON:
            return Word(word, sign & ~int(Found.FOREIGN) | int(Found.MAYBE))
        if not has_tone_key(raw):
            return Word(word, int(Found.SLOW))
        return Word(typed, int(Found.TYPED | Found.KEYS) | sign_of(typed))
    if split_plain(word):
        return Word(word, int(Found.FIRST) | sign)
    return _foreign(word, sign)


def _standard(text: str, reading: Reading) -> Word:
    """A word in Unicode without digits or signs that part names."""
    composed = unicodedata.normalize("NFC", text)
    found = int(Found.COMPOSED) if composed != text else 0
    letters = composed.translate(LOOK_ALIKES)
    syllable = parse(letters)
    if syllable is not None:
        word = syllable.text.upper()
        if word != letters.upper():
            found |= int(_moved(letters, syllable))
        if letters != composed:
            found |= int(Found.LOOK_ALIKE)
        return Word(word, found | sign_of(word))
    particle = _PARTICLE.match(composed)
    if particle is not None:
        after = repair_word(particle.group(2), reading)
        return Word(f"{particle.group(1).upper()} {after.text}".strip(), found | after.found)
    plain = _ALPHABET.issuperset(composed)
    folded = composed.upper() if plain else fold_one(composed, NAMES)
    if " " in folded:
        parts = [repair_word(part, reading) for part in folded.split(" ")]
        for part in parts:
            found |= part.found & ~int(AT_HEAD | AT_END)
        found |= parts[0].found & int(AT_HEAD) | parts[-1].found & int(AT_END)
        return Word(" ".join(p.text for p in parts if p.text), found)
    if folded.isascii() or folded != composed.upper():
        if folded == text:
            return _foreign(folded, found | sign_of(folded) | int(Found.FOREIGN))
        after = repair_word(folded, reading)
        return Word(after.text, after.found | found)
    glued = split_glued(folded)
    if glued:
        return Word(" ".join(glued), found | int(Found.GLUED) | sign_of(glued[0]))
    return _foreign(folded, found | sign_of(folded) | int(Found.FOREIGN))


def _moved(letters: str, syllable: Syllable) -> Found:
    """Why a syllable was not written in standard form."""
    if len(letters) != len(syllable.text):
        return Found.COMPOSED  # marks in an order that composing alone cannot join
    new = syllable.rime in ("oa", "oe", "uy") and letters[-1].lower() != syllable.text[-1]
    return Found.NEW_STYLE if new else Found.TONE


def _foreign(word: str, found: int) -> Word:
    """A word that is no syllable: of another language, or a minority's."""
    if word in clans():
        return Word(word, found)
    parts = fused_clans().get(word)
    if parts is not None:
        return Word(" ".join(parts), found | int(Found.GLUED))
    swallowed = _SWALLOWED.match(word)
    if swallowed is not None:
        return Word(" ".join(swallowed.groups()), found)
    return Word(word, found)


@lru_cache(maxsize=1)
def last_words() -> frozenset[str]:
    """Common family names that are hardly ever given names: at the end they tell the order."""
    return frozenset(w for w, s in shares().items() if s.family >= 1.0 and s.given <= 0.04)


def sign_of(word: str) -> int:
    """The signs that a word in standard form gives at the head of a name, or at its end."""
    sign = int(Found.FIRST) if word in first_words() else 0
    if is_family(word):
        sign |= int(Found.FAMILY)
    return sign | (int(Found.LAST) if word in last_words() else 0)
