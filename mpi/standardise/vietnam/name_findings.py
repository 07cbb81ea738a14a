"""What a column of Vietnamese names holds: encodings, marks, styles, shapes, and no names."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.findings import Finding, Sample, tally
from mpi.standardise.formats import letter_cases
from mpi.standardise.rules import Mask, empty
from mpi.standardise.vietnam.encodings import UTF_8, convert, is_unicode
from mpi.standardise.vietnam.inventory import name_words, shares
from mpi.standardise.vietnam.names import reading_of
from mpi.standardise.vietnam.parse import Shape, parse_names
from mpi.standardise.vietnam.syllables import is_marked, parse
from mpi.standardise.vietnam.vocabulary import BLANKS, words_of
from mpi.standardise.vietnam.words import REPAIRS, Found, Reading

_SIGNS = ".,;:'\"()[]{}-/"
_SURELY = 20.0
"""A plain word lacks its marks if names have its marked forms so many times as often."""

_OLD, _NEW, _MARKED, _BARE = 1, 2, 4, 8
_OPEN_RIMES = ("oa", "oe", "uy")
"""Where the old style and the new one differ: hòa and hoà, khỏe and khoẻ, thúy and thuý."""

SHAPES = {
    Shape.FAMILY_FIRST: "family name first",
    Shape.CLAN_LAST: "clan last, as in the Central Highlands (Y ... NIÊ)",
    Shape.NO_FAMILY: "no family name, as in the Central Highlands (A PÁO)",
    Shape.FAMILY_LAST: "family name last, the Western way",
    Shape.ONE_WORD: "one word",
    Shape.FOREIGN: "foreign",
}


def describe_name_parts(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """Encoding, writing, and what is no name, of any column of names."""
    return _encoding(sample) + _writing(sample) + _nameless(sample)


def describe_full_names(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """The same of whole names, and how they are built."""
    values = sample.read.values
    shape = parse_names(values).shape
    known = ~empty(values)
    shapes = [(what, np.asarray(pc.equal(shape, s.value)) & known) for s, what in SHAPES.items()]
    return (
        _encoding(sample)
        + _writing(sample)
        + tally(sample, "shape", shapes, known)
        + tally(sample, "shape", [("family name moved to the front", _found(sample, Found.ORDER))])
        + _nameless(sample)
    )


def _found(sample: Sample, *what: Found) -> Mask:
    return sample.repaired(*(REPAIRS[w] for w in what))


def _encoding(sample: Sample) -> list[Finding]:
    """Letters that were not Unicode, or were no whole letters."""
    reading = reading_of(sample.layout)
    font = f"letters of {reading.encoding}" if reading.encoding else "letters of VNI"
    broken = {
        font: _found(sample, Found.FONT),
        "UTF-8 read as a Western encoding": _found(sample, Found.MOJIBAKE),
        "HTML entities": _found(sample, Found.ENTITY),
        "letters lost to '?'": _found(sample, Found.UNKNOWN),
        "look-alikes of Đ": _found(sample, Found.LOOK_ALIKE),
    }
    parted = ~np.asarray(pc.equal(pc.utf8_normalize(sample.texts, "NFC"), sample.texts))
    sound = ~parted
    for mask in broken.values():
        sound &= ~mask
    plain = np.asarray(pc.string_is_ascii(sample.texts))
    return tally(
        sample,
        "encoding",
        [
            ("Unicode, whole letters (NFC)", sound & ~plain),
            ("Unicode, letters and marks apart (NFD or alike)", parted),
            *broken.items(),
            ("ASCII alone", sound & plain),
        ],
    )


def _writing(sample: Sample) -> list[Finding]:
    """Marks, their places, capitals, and what typing left behind."""
    reading = reading_of(sample.layout)
    signs = _signs(sample.texts, reading)
    marked, bare = (signs & _MARKED) > 0, (signs & _BARE) > 0
    found = tally(
        sample,
        "marks",
        [
            ("on every word that has some", marked & ~bare),
            ("on some words only", marked & bare),
            ("none, though the words have some", bare & ~marked),
            ("none, and none to miss", ~marked & ~bare),
        ],
    )
    both = [("old style (hòa)", (signs & _OLD) > 0), ("new style (hoà)", (signs & _NEW) > 0)]
    found += tally(sample, "tone marks", [*both, ("misplaced", _found(sample, Found.TONE))])
    cases = [] if reading.encoding and reading.whole else letter_cases(sample.texts)
    typed = {
        "keystrokes of Telex or VNI left in": _found(sample, Found.KEYS),
        "words run together": _found(sample, Found.GLUED),
        "digits": _found(sample, Found.DIGITS),
        "notes in brackets": _found(sample, Found.NOTE),
        "titles": _found(sample, Found.TITLE),
    }
    return found + tally(sample, "writing", [*cases, *typed.items()])


def _nameless(sample: Sample) -> list[Finding]:
    forms = {
        "newborns under a parent's name": _found(sample, Found.NEWBORN),
        "words for an unknown person": _found(sample, Found.NOBODY),
        "names of facilities": _found(sample, Found.FACILITY),
        "nothing that is a name": _found(sample, Found.NOTHING),
    }
    return tally(sample, "no name", forms.items())


def _signs(texts: pa.Array, reading: Reading) -> npt.NDArray[np.uint8]:
    """uint8[n], what the words of each text say of its marks: bits of the constants above."""
    words = words_of(texts, BLANKS)
    of_word = np.array([sign_of(w, reading) for w in words.different.to_pylist()], np.uint8)
    numbers = np.append(of_word[words.numbers], np.uint8(0))
    signs = np.bitwise_or.reduceat(numbers, words.first[:-1].astype(np.int64))
    signs[np.diff(words.first) == 0] = 0
    return np.asarray(signs, np.uint8)


def sign_of(word: str, reading: Reading) -> int:
    """What a raw word says of the marks of its name.

    Examples
    --------
    >>> from mpi.standardise.vietnam.words import UNICODE
    >>> [sign_of(w, UNICODE) for w in ("Hoà", "Hòa", "Trần", "Nguyen", "An")]
    [6, 5, 4, 8, 0]
    """
    text = unicodedata.normalize("NFC", word.strip(_SIGNS))
    if text.isascii():
        return _BARE if _lacks_marks(text.upper()) else 0
    if reading.encoding and (reading.whole or not (is_marked(text) or is_unicode(text))):
        text = convert(text, reading.encoding) or text
    if not is_marked(text):
        text = convert(text, UTF_8) or text
    syllable = parse(text)
    if syllable is None or not is_marked(text):
        return 0
    if not syllable.tone or syllable.rime not in _OPEN_RIMES or syllable.onset == "qu":
        return _MARKED
    return _MARKED | (_OLD if syllable.text == text.lower() else _NEW)


def _lacks_marks(word: str) -> bool:
    """Whether a word without marks is hardly ever written so."""
    plain = sum(shares()[word]) if word in shares() else 0.0
    return name_words().get(word, 0.0) - plain > _SURELY * plain
