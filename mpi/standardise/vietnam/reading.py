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
from mpi.standardise.vietnam.facts import REPAIRS, Facts, facts_of
from mpi.standardise.vietnam.forms import (
    facility,
    first_words,
    newborn,
    nobody,
    title_length,
)
from mpi.standardise.vietnam.inventory import common_families, is_family
from mpi.standardise.vietnam.syllables import is_vietnamese
from mpi.standardise.vietnam.words import UNICODE, Found, Reading, last_words

_NOTE = re.compile(r"[\(\[\{]([^\)\]\}]*)[\)\]\}]?")
_PARTS = re.compile(r"[,;/#|]+")
_BABY_OF = re.compile(r"^\s*[BC]\s*/\s*[OB]\b", re.IGNORECASE)
_APART = re.compile(r"[&/()\[\]{},;#|]")
"""Without any of these a text is one part and has no note, no entity and no B/O in it."""
(
    _PROOF, _DOUBT, _FONT, _MOJIBAKE, _KEYS, _DIGIT, _ENTITY, _NEWBORN, _NOTED, _ORDER, _TITLE,
    _NOTHING, _NOBODY, _FACILITY,
) = map(
    int,
    (
        Found.PROOF, Found.DOUBT, Found.FONT, Found.MOJIBAKE, Found.KEYS, Found.DIGITS,
        Found.ENTITY, Found.NEWBORN, Found.NOTE, Found.ORDER, Found.TITLE, Found.NOTHING,
        Found.NOBODY, Found.FACILITY,
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
    if _APART.search(text) is None:
        words, found = _words(text, reading)
        length = _titles(words) if style.titles else 0
        found |= _TITLE if length else 0
        return _judged(words[length:], found, words[:length], (), style)
    plain = without_entities(text)
    found = _ENTITY if plain != text else 0
    if style.newborn and _BABY_OF.search(plain):
        rest = _BABY_OF.sub(" ", plain)
        return Read((), found | _NEWBORN, parent=_read(rest, reading, style).words)
    plain, notes = _without_notes(plain)
    found |= _NOTED if notes else 0
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
        found |= _ORDER
    words = tuple(word for part in parts for word in part)
    found |= _TITLE if titles else 0
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
    first = first_words()  # every form begins with one of these
    if words and words[0] not in first and whole[0] not in first:
        if style.whole and _family_last(words):
            return Read((words[-1], *words[:-1]), found | _ORDER, titles, notes)
        return Read(words, found, titles, notes)
    if style.newborn:
        parent = newborn(whole)
        if parent is not None:
            return Read((), _NEWBORN, notes=notes, parent=parent)
    if nobody(whole) or nobody(words):
        return Read((), _NOBODY, notes=notes)
    if style.whole and facility(words):
        return Read((), _FACILITY, notes=notes)
    if not words:
        return Read((), _NOTHING if found & _DIGIT else 0, notes=notes)
    if style.whole and _family_last(words):
        words = (words[-1], *words[:-1])
        found |= _ORDER
    return Read(words, found, titles, notes)


def _without_notes(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what stands in brackets, unless nothing else is there."""
    notes = tuple(note.strip() for note in _NOTE.findall(text))
    plain = _NOTE.sub(" ", text)
    if not notes or not fold_one(plain, NAMES):
        return text, ()
    return plain, tuple(note for note in notes if note)


def _titles(words: tuple[str, ...]) -> int:
    if not words or words[0] not in first_words():
        return 0
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
    facts = [facts_of(word, reading) for word in split_blanks(text)]
    found = 0
    for fact in facts:
        found |= fact.found
    if found & _PROOF and found & _FONT and reading.encoding:
        return _words(text, UNICODE)
    if found & _DOUBT and found & _MOJIBAKE and reading.encoding != UTF_8:
        return _words(text, Reading(UTF_8))
    if found & _DOUBT and found & _FONT and not reading.whole:
        return _words(text, Reading(reading.encoding))
    typed = _typed(facts)
    words: tuple[str, ...] = ()
    for i, fact in enumerate(facts):
        if typed and typed[i]:
            words += (typed[i],)
            found |= _KEYS
        elif words:
            words += fact.words
            found |= fact.done
        else:
            words = fact.head
            found |= fact.head_done
    return words, found & REPAIRS


def _typed(facts: list[Facts]) -> list[str]:
    """For each word the syllable that its keystrokes stand for, empty where they stay; none at
    all where none is undone.

    Undone only where the rest of the name is Vietnamese and the result is a word of names: Hans
    and Thor could be keystrokes, too.
    """
    if not any(fact.typed for fact in facts):
        return []
    rest = [fact for fact in facts if not fact.typed]
    if not all(fact.native for fact in rest):
        return []
    certain = [fact.certain for fact in facts if fact.typed]
    if not any(certain) and not any(fact.marked for fact in rest):
        return []
    known = [fact.known for fact in facts]
    return [fact.typed for fact in facts] if all(certain) and any(known) else known
