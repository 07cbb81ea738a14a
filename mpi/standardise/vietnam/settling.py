"""Names settled by what is known of their words, many at once.

Keystrokes, lost letters and notes of one word (``(1950)``) ask for the rest of the name, but only
whether it is Vietnamese and certain. Where all else in the name is plain, `reading` need not read
it: its words are replaced by what they become in this name, and it goes the way of all others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mpi.standardise.vietnam.facts import REPAIRS, facts_of
from mpi.standardise.vietnam.words import UNICODE, Found, Reading, Word, sign_of

Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Natures = npt.NDArray[np.uint16]

_APART = re.compile(r"[&/()\[\]{},;#|]")
_NOTE = re.compile(r"[(\[{][^&/()\[\]{},;#|]*[^&/()\[\]{},;#|\s][^&/()\[\]{},;#|]*[)\]}]")
_ASKING = int(Found.SLOW | Found.TYPED)
_STEADY = int(Found.KEYS | Found.COMPOSED | Found.TONE | Found.NEW_STYLE | Found.LOOK_ALIKE)
_UNSETTLED = int(Found.FONT | Found.MOJIBAKE | Found.DOUBT)
_LOST, _KEYS, _NOTED = int(Found.UNKNOWN), int(Found.KEYS), int(Found.NOTE)
_FIRST, _LAST = int(Found.FIRST), int(Found.LAST)
_PLAIN, _FILLED, _CALM, _AGAIN, _KEYED, _CERTAIN, _KNOWN, _NATIVE, _MARKED, _HEAD = (
    np.uint16(1 << k) for k in range(10)
)
_EVERY = np.uint16(0xFFFF)


@dataclass(frozen=True)
class Settled:
    """Words, and what they have become.

    numbers : int32[n_found], into `words`; those of settled names point at words of their own
    words : what each has become
    """

    numbers: Numbers
    words: list[Word]


def settle(
    numbers: Numbers, first: Numbers, different: list[str], words: list[Word], reading: Reading
) -> Settled:
    """Settle the names that ask for a closer reading and do not need it.

    Parameters
    ----------
    numbers, first : int32[n_found], int32[n + 1], names as words
    different, words : of each different word how it came and what it is by itself
    """
    asking = np.array([word.found & _ASKING != 0 for word in words], np.bool_)
    where = np.flatnonzero(asking[numbers])
    if not len(where):
        return Settled(numbers, words)
    rows = np.unique(np.searchsorted(first, where, side="right") - 1)
    counts = first[rows + 1] - first[rows]
    begins = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum())) + np.repeat(first[rows] - begins, counts)
    mine = numbers[places]
    known, at = np.unique(mine, return_inverse=True)
    natures, spoken = zip(*(_nature(different[i], reading) for i in known.tolist()), strict=True)
    nature = np.array(natures, np.uint16)[at]

    keyed = _has(nature, _KEYED)
    every = np.bitwise_and.reduceat(nature, begins)
    some = np.bitwise_or.reduceat(nature, begins)
    every_keyed = np.bitwise_and.reduceat(np.where(keyed, nature, _EVERY), begins)
    some_keyed = np.bitwise_or.reduceat(np.where(keyed, nature, np.uint16(0)), begins)
    every_other = np.bitwise_and.reduceat(np.where(keyed, _EVERY, nature), begins)
    some_other = np.bitwise_or.reduceat(np.where(keyed, np.uint16(0), nature), begins)
    # As `reading` decides it, name by name.
    undone = _has(every_other, _NATIVE) & (_has(some_keyed, _CERTAIN) | _has(some_other, _MARKED))
    throughout = undone & _has(every_keyed, _CERTAIN) & _has(some_keyed, _KNOWN)
    good = _has(every, _PLAIN) & _has(some, _FILLED) & (~_has(some, _AGAIN) | _has(every, _CALM))
    # Whether a name begins with a title or a form depends on how many words are behind it.
    good &= _has(every, _FILLED) | ~_has(nature[begins], _HEAD)
    spread = np.repeat(good, counts)
    typed = np.repeat(undone, counts) & _has(nature, _KNOWN) | np.repeat(throughout, counts)
    typed &= keyed
    more = [word for both in spoken for word in both]
    new = numbers.copy()
    chosen = (len(words) + 2 * at + typed).astype(np.int32)
    new[places[spread]] = chosen[spread]
    return Settled(new, words + more)


def _has(nature: Natures, bit: np.uint16) -> Mask:
    return np.asarray(nature & bit, np.bool_)


@lru_cache(maxsize=1 << 16)
def _nature(raw: str, reading: Reading) -> tuple[int, tuple[Word, Word]]:
    """What a word lets be said of its name; what it becomes if it stays, and if it was typed.

    Plain: the name need not be read for its sake. Calm: what it becomes is read back as itself.
    Again: it makes its name be read again. Head: a title or a form may begin with it.
    """
    if _NOTE.fullmatch(raw):
        note = Word("", _NOTED)
        return int(_PLAIN | _CALM | _AGAIN | _NATIVE), (note, note)
    fact = facts_of(raw, reading)
    found = (fact.found | fact.done) & REPAIRS
    put = Word(" ".join(fact.words), found | _signs(fact.words))
    typed = Word(fact.typed, fact.found & REPAIRS | _KEYS | sign_of(fact.typed))
    nature = 0
    plain = not (fact.found & _UNSETTLED or found & ~(_STEADY | _LOST) or _APART.search(raw))
    for bit, holds in (
        (_PLAIN, plain and fact.head == fact.words),
        (_FILLED, bool(fact.words)),
        (_CALM, not fact.typed and all(map(_same_again, fact.words))),
        (_AGAIN, bool(found & _LOST)),
        (_KEYED, bool(fact.typed)),
        (_CERTAIN, fact.certain),
        (_KNOWN, bool(fact.known)),
        (_NATIVE, fact.native),
        (_MARKED, fact.marked),
        (_HEAD, bool((put.found | typed.found) & _FIRST)),
    ):
        nature |= int(bit) if holds else 0
    return nature, (put, typed)


def _signs(words: tuple[str, ...]) -> int:
    if not words:
        return 0
    return sign_of(words[0]) & ~_LAST | sign_of(words[-1]) & _LAST


@lru_cache(maxsize=1 << 16)
def _same_again(word: str) -> bool:
    """Whether a word in standard form stays what it is when it is read."""
    fact = facts_of(word, UNICODE)
    done = (fact.found | fact.done | fact.head_done) & REPAIRS & ~_LOST
    return fact.words == fact.head == (word,) and not fact.typed and not done
