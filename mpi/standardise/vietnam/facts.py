"""What is known of a word of a name before its name is read: looked up once for each word."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mpi.standardise.vietnam.glued import split_plain
from mpi.standardise.vietnam.inventory import name_words
from mpi.standardise.vietnam.keystrokes import has_tone_key, undo_keystrokes
from mpi.standardise.vietnam.lost_letters import LOST, read_lost
from mpi.standardise.vietnam.syllables import is_marked, is_vietnamese
from mpi.standardise.vietnam.words import COMMON, Found, Reading, repair_word

REPAIRS = int(Found.MAYBE) - 1
"""Bits of `Found` that are repairs, not signs."""

_SIGN = re.compile(r"[!-,./:-@\[-`{-~]")
_DIGITS = re.compile(r"\d+")
_FIRST, _TYPED, _KEYS, _SLOW, _DIGIT, _PARTED = map(
    int,
    (Found.FIRST, Found.TYPED, Found.KEYS, Found.SLOW, Found.DIGITS, Found.GLUED),
)


class Facts(NamedTuple):
    """A word by itself.

    found : bits of `Found`, without those of keystrokes
    words, done : in standard form, as it is put unless keystrokes are undone; what that repairs
    head, head_done : the same where the name begins with it
    typed : the syllable that its keystrokes stand for; empty where they stand for none
    certain : the keys name a tone
    known : `typed` where names have that word
    native, marked : it is a syllable, or several; one with a mark
    """

    found: int
    words: tuple[str, ...]
    done: int
    head: tuple[str, ...]
    head_done: int
    typed: str
    certain: bool
    known: str
    native: bool
    marked: bool


@lru_cache(maxsize=1 << 17)
def facts_of(raw: str, reading: Reading) -> Facts:
    """What is known of a word.

    Examples
    --------
    >>> facts = facts_of("Thij", Reading())
    >>> facts.typed, facts.certain, facts.words
    ('THỊ', True, ('THIJ',))
    """
    word = repair_word(raw, reading)
    own = tuple(word.text.split())
    key = raw.strip(".-'")
    typed = (undo_keystrokes(key) or "") if key.isascii() else ""
    words, done = _put(raw, reading)
    head, head_done = words, done
    if word.found & _FIRST and not (word.found & _TYPED or _special(raw, word.found)):
        parts = split_plain(word.text)
        if parts:
            head, head_done = parts, _PARTED
    return Facts(
        word.found & ~_KEYS,
        words,
        done,
        head,
        head_done,
        typed,
        bool(typed) and has_tone_key(key),
        typed if typed and name_words().get(typed, 0.0) >= COMMON else "",
        all(map(is_vietnamese, own)),
        any(map(is_marked, own)),
    )


def _special(raw: str, found: int) -> bool:
    """Whether letters were lost or there are digits among them."""
    return LOST.search(raw) is not None or bool(found & _SLOW and _DIGITS.search(raw))


def _put(raw: str, reading: Reading) -> tuple[tuple[str, ...], int]:
    """The words that a word is put as, and what was repaired in it."""
    word = repair_word(raw, reading)
    own = tuple(word.text.split())
    if LOST.search(raw):
        lost, done = read_lost(raw, reading)
        return tuple(lost), done
    if _DIGITS.search(raw) and word.found & _SLOW:
        rest = [repair_word(part, reading) for part in _DIGITS.split(raw) if part]
        # A number inside a word parts nothing: H0A is a slip, and stays one word.
        whole = repair_word(_DIGITS.sub("", raw), reading)
        return tuple(whole.text.split()) if rest else (), _DIGIT | (whole.found & REPAIRS)
    if word.found & _TYPED:  # a foreign name that could be keystrokes
        # With a sign in it there is no spelling to keep: signs part words.
        signed = _SIGN.search(raw)
        return own if signed else (raw.upper(),), word.found & _KEYS if signed else 0
    if word.found & _SLOW:  # a bracket without its other half
        return tuple(w for part in own for w in repair_word(part).text.split()), 0
    return own, 0
