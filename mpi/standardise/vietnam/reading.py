"""A whole name read word by word: notes, commas, titles, newborns, digits, keystrokes, order.

Columns go through kernels; what is here is for the few names with something unusual in them, and
gives for any other name what the kernels give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mpi.standardise.alphabets import NAMES, fold_one
from mpi.standardise.vietnam.detect import split_blanks
from mpi.standardise.vietnam.encodings import UTF_8, without_entities
from mpi.standardise.vietnam.forms import facility, newborn, nobody, title_length
from mpi.standardise.vietnam.glued import split_plain
from mpi.standardise.vietnam.inventory import common_families, is_family, name_words
from mpi.standardise.vietnam.keystrokes import has_tone_key, undo_keystrokes
from mpi.standardise.vietnam.lost_letters import LOST, read_lost
from mpi.standardise.vietnam.syllables import is_marked, is_vietnamese
from mpi.standardise.vietnam.words import (
    COMMON,
    UNICODE,
    Found,
    Reading,
    Word,
    last_words,
    repair_word,
)

_NOTE = re.compile(r"[\(\[\{]([^\)\]\}]*)[\)\]\}]?")
_PARTS = re.compile(r"[,;/#|]+")
_BABY_OF = re.compile(r"^\s*[BC]\s*/\s*[OB]\b", re.IGNORECASE)
_SIGN = re.compile(r"[!-,./:-@\[-`{-~]")
_DIGITS = re.compile(r"\d+")
_REPAIRS = int(Found.MAYBE) - 1
_PROOF, _DOUBT, _FONT, _MOJIBAKE, _SLOW, _FIRST, _TYPED, _KEYS, _DIGIT, _PARTED = map(
    int,
    (
        Found.PROOF, Found.DOUBT, Found.FONT, Found.MOJIBAKE, Found.SLOW, Found.FIRST,
        Found.TYPED, Found.KEYS, Found.DIGITS, Found.GLUED,
    ),
)  # fmt: skip
_STEADY = int(Found.KEYS | Found.COMPOSED | Found.TONE | Found.NEW_STYLE | Found.LOOK_ALIKE)
"""Repairs after which a name need not be read again to be sure that it is in standard form."""

_ROUNDS = 6


@dataclass(frozen=True)
class Style:
    """How a column's names are read.

    newborn : a child under a parent's name has no name
    titles : titles at the head are left out
    whole : names of all their parts, so that a family name has a place
    """

    newborn: bool = True
    titles: bool = True
    whole: bool = True


@dataclass(frozen=True)
class Read:
    """A name that was read.

    words : in standard form; none where there is no name
    found : bits of `Found`, the repairs alone
    titles, notes : what was left out, as words
    parent : of a newborn, the parent's words
    """

    words: tuple[str, ...]
    found: int = 0
    titles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()


FULL = Style()


def read_name(text: str, reading: Reading = UNICODE, style: Style = FULL) -> Read:
    """Read a name; reading what it gives once more changes nothing.

    Examples
    --------
    >>> read_name("BS. Nguyễn Thị Hoà (mổ 2019)").words
    ('NGUYỄN', 'THỊ', 'HÒA')
    >>> found = read_name("Con bà Lê Thị Hoa 2")
    >>> found.words, found.parent
    ((), ('LÊ', 'THỊ', 'HOA'))
    >>> read_name("Nguyeexn Thij Hoaf").words, read_name("NGUY?N TH? LAN").words
    (('NGUYỄN', 'THỊ', 'HÒA'), ('NGUYEN', 'TH?', 'LAN'))
    """
    read = _read(text, reading, style)
    if not read.words or not (read.found & ~_STEADY or _PARTS.search(text)):
        return read
    for _ in range(_ROUNDS):
        again = _read(" ".join(read.words), UNICODE, style)
        if again.words == read.words:
            return read
        read = Read(
            again.words,
            read.found | again.found,
            read.titles + again.titles,
            read.notes,
            read.parent or again.parent,
        )
    return read


def _read(text: str, reading: Reading, style: Style) -> Read:
    plain = without_entities(text)
    found = int(Found.ENTITY) if plain != text else 0
    if style.newborn and _BABY_OF.search(plain):
        rest = _BABY_OF.sub(" ", plain)
        return Read((), found | Found.NEWBORN, parent=_read(rest, reading, style).words)
    plain, notes = _without_notes(plain)
    found |= int(Found.NOTE) if notes else 0
    parts: list[tuple[str, ...]] = []
    titles: tuple[str, ...] = ()
    for part in _PARTS.split(plain):
        words, more = _words(part, reading)
        found |= more
        length = _titles(words) if style.titles else 0
        titles += words[:length]
        if words[length:]:
            parts.append(words[length:])
    parts, moved = _in_order(parts)
    if moved and style.whole:
        found |= int(Found.ORDER)
    words = tuple(word for part in parts for word in part)
    found |= int(Found.TITLE) if titles else 0
    return _judged(words, found, titles, notes, style)


def _judged(
    words: tuple[str, ...],
    found: int,
    titles: tuple[str, ...],
    notes: tuple[str, ...],
    style: Style,
) -> Read:
    """The name, unless the words are nobody's."""
    whole = titles + words
    if style.newborn:
        parent = newborn(whole)
        if parent is not None:
            return Read((), Found.NEWBORN, notes=notes, parent=parent)
    if nobody(whole) or nobody(words):
        return Read((), Found.NOBODY, notes=notes)
    if style.whole and facility(words):
        return Read((), Found.FACILITY, notes=notes)
    if not words:
        return Read((), int(Found.NOTHING) if found & _DIGIT else 0, notes=notes)
    if style.whole and _family_last(words):
        words = (words[-1], *words[:-1])
        found |= int(Found.ORDER)
    return Read(words, found, titles, notes)


def _without_notes(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what stands in brackets, unless nothing else is there."""
    notes = tuple(note.strip() for note in _NOTE.findall(text))
    plain = _NOTE.sub(" ", text)
    if not notes or not fold_one(plain, NAMES):
        return text, ()
    return plain, tuple(note for note in notes if note)


def _titles(words: tuple[str, ...]) -> int:
    length = title_length(words)
    while length and (more := title_length(words[length:])) > 0:
        length += more
    return length


def _in_order(parts: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], bool]:
    """Parts that a comma kept apart, the family name in front.

    A foreign name ("Smith, John") is turned round as the general locale does.
    """
    if len(parts) != 2:
        return parts, False
    if len(parts[0]) > 1 and len(parts[1]) == 1 and parts[1][0] in last_words():
        return parts[::-1], True
    common = common_families()
    if len(parts[1]) > 1 and common.get(parts[1][0], 0.0) >= 1.0 > common.get(parts[0][0], 0.0):
        return parts[::-1], True
    if is_family(parts[0][0]):
        return parts, False
    family_behind = is_family(parts[1][0])
    foreign = not any(is_vietnamese(w) for part in parts for w in part)
    return (parts[::-1], True) if family_behind or foreign else (parts, False)


def _family_last(words: tuple[str, ...]) -> bool:
    return len(words) > 1 and words[-1] in last_words() and not is_family(words[0])


def _words(text: str, reading: Reading) -> tuple[tuple[str, ...], int]:
    """The words of a text without brackets and commas, and what was found in them."""
    raw = split_blanks(text)
    repaired = [repair_word(word, reading) for word in raw]
    found = 0
    for word in repaired:
        found |= word.found & ~_KEYS
    if found & _PROOF and found & _FONT and reading.encoding:
        return _words(text, UNICODE)
    if found & _DOUBT and found & _MOJIBAKE and reading.encoding != UTF_8:
        return _words(text, Reading(UTF_8))
    if found & _DOUBT and found & _FONT and not reading.whole:
        return _words(text, Reading(reading.encoding))
    typed = _typed(raw, repaired)
    words: list[str] = []
    for i, word in enumerate(repaired):
        if typed[i]:
            words.append(typed[i])
            found |= _KEYS
        elif LOST.search(raw[i]):
            lost, more = read_lost(raw[i], reading)
            words += lost
            found |= more
        elif _DIGITS.search(raw[i]) and word.found & _SLOW:
            rest = [repair_word(part, reading) for part in _DIGITS.split(raw[i]) if part]
            # A number inside a word parts nothing: H0A is a slip, and stays one word.
            whole = repair_word(_DIGITS.sub("", raw[i]), reading)
            words += whole.text.split() if rest else []
            found |= _DIGIT | (whole.found & _REPAIRS)
        elif word.found & _TYPED:  # a foreign name that could be keystrokes
            # With a sign in it there is no spelling to keep: signs part words.
            signed = _SIGN.search(raw[i])
            words += word.text.split() if signed else [raw[i].upper()]
            found |= word.found & _KEYS if signed else 0
        elif not words and word.found & _FIRST and split_plain(word.text):
            words += split_plain(word.text)
            found |= _PARTED
        elif word.found & _SLOW:  # a bracket without its other half
            for part in word.text.split():
                words += repair_word(part).text.split()
        else:
            words += word.text.split()
    return tuple(words), found & _REPAIRS


def _typed(raw: list[str], words: list[Word]) -> list[str]:
    """For each word the syllable that its keystrokes stand for; empty where they stay.

    Undone only where the rest of the name is Vietnamese and the result is a word of names: Hans
    and Thor could be keystrokes, too.
    """
    keys = [w.strip(".-'") for w in raw]
    typed = [undo_keystrokes(key) or "" if key.isascii() else "" for key in keys]
    if not any(typed):
        return typed
    none = [""] * len(raw)
    rest = [w.text for w, t in zip(words, typed, strict=True) if not t]
    if not all(is_vietnamese(w) for text in rest for w in text.split()):
        return none
    certain = [has_tone_key(key) for key, t in zip(keys, typed, strict=True) if t]
    if not any(certain) and not any(is_marked(w) for text in rest for w in text.split()):
        return none
    known = [t if name_words().get(t, 0.0) >= COMMON else "" for t in typed]
    return typed if all(certain) and any(known) else known
