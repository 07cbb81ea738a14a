"""The encoding of a column, found from all of its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mpi.standardise.vietnam.encodings import FONTS, UTF_8, convert, is_unicode
from mpi.standardise.vietnam.inventory import name_words
from mpi.standardise.vietnam.syllables import is_marked, parse
from mpi.standardise.vietnam.words import UNICODE, Reading

_WORD = re.compile(r"[^ \t\n\r]+")
_FEWEST = 2
_LEAST = 0.6
_LEAD = 1.1
_MOSTLY = 0.05


@dataclass(frozen=True)
class Evidence:
    """What speaks for an encoding, in records.

    wrong : records of words that have marks and are no Vietnamese as they stand
    right : of these, the ones that are a syllable when they are converted
    """

    reading: Reading
    wrong: float = 0.0
    right: float = 0.0
    mojibake: float = 0.0


def find_encoding(words: Mapping[str, int]) -> Evidence:
    """The encoding under which most of the unreadable words become syllables.

    Parameters
    ----------
    words : raw word -> records that have it

    Examples
    --------
    >>> find_encoding({"NguyÔn": 5, "ThÞ": 3, "HuyÒn": 1}).reading
    Reading(encoding='TCVN3', whole=True)
    >>> find_encoding({"Nguyễn": 5, "Müller": 1}).reading
    Reading(encoding='', whole=True)
    """
    marked = {w: n for w, n in sorted(words.items()) if not w.isascii()}
    mojibake = {w: n for w, n in marked.items() if not is_marked(w) and _differs(w, UTF_8)}
    others = {w: n for w, n in marked.items() if w not in mojibake}
    proof = sum(n for w, n in others.items() if is_unicode(w))
    plain = {w: n for w, n in others.items() if not is_unicode(w)}
    wrong = {w: n for w, n in plain.items() if not is_marked(w)}
    found = Evidence(UNICODE, float(sum(wrong.values())), 0.0, float(sum(mojibake.values())))
    scores = sorted(((*_score(wrong, e), -i, e) for i, e in enumerate(FONTS)), reverse=True)
    best, second = scores[0], scores[1]
    if best[1] < _LEAST * found.wrong or best[2] < _FEWEST or best[0] < _LEAD * second[0]:
        return found
    whole = proof < _MOSTLY * sum(plain.values())
    return Evidence(Reading(best[4], whole), found.wrong, best[1], found.mojibake)


def _score(words: Mapping[str, int], encoding: str) -> tuple[float, float, int]:
    """Score, records and different words that become syllables; words of names count twice."""
    score = records = 0.0
    different = 0
    for word, n in words.items():
        new = convert(word, encoding)
        syllable = parse(new) if new is not None and new != word else None
        if syllable is None or not syllable.complete:
            continue
        records += n
        different += 1
        score += n * (2.0 if syllable.text.upper() in name_words() else 1.0)
    return score, records, different


def _differs(word: str, encoding: str) -> bool:
    new = convert(word, encoding)
    return new is not None and new != word


def count_words(texts: Iterable[str], counts: Iterable[int]) -> dict[str, int]:
    """Raw words and the records that have them; words end at blanks alone, of one byte.

    Examples
    --------
    >>> count_words(["Lê Lê", "Lê\\u00a0An"], [1, 2])
    {'Lê': 2, 'Lê\\xa0An': 2}
    """
    found: dict[str, int] = {}
    for text, n in zip(texts, counts, strict=True):
        for word in split_blanks(unicodedata.normalize("NFC", text)):
            found[word] = found.get(word, 0) + n
    return found


def split_blanks(text: str) -> list[str]:
    """Words between blanks, tabs and ends of lines; other characters may be letters of a font."""
    return _WORD.findall(text)
