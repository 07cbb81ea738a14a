"""Words run together: phạmthúy is PHẠM THÚY."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from math import log

from mpi.standardise.vietnam.inventory import clans, common_families, name_words
from mpi.standardise.vietnam.syllables import is_vietnamese, parse, to_ascii

_LONGEST = 32
_MOST = 4
_SYLLABLE = 7
_RARE = 0.02


@lru_cache(maxsize=1 << 16)
def split_glued(word: str) -> tuple[str, ...]:
    """The words of a name that were run together, or nothing.

    Every part has to be a word of names; of several ways to split, the one whose parts are most
    frequent, and the fewest.

    Parameters
    ----------
    word : upper case, NFC, of which one letter at least has a mark

    Examples
    --------
    >>> [split_glued(w) for w in ("PHẠMTHÚY", "NGUYỄNTHỊHOA", "TOÀN", "JOSÉ")]
    [('PHẠM', 'THÚY'), ('NGUYỄN', 'THỊ', 'HOA'), (), ()]
    """
    if word in clans() or is_vietnamese(word) or not 4 <= len(word) <= _LONGEST:
        return fused_clans().get(word, ())
    found = _best(word)
    return found if len(found) > 1 else fused_clans().get(word, ())


@lru_cache(maxsize=1 << 16)
def split_plain(word: str) -> tuple[str, ...]:
    """The same for a word without marks that begins a name: NGUYENVANAN.

    The first part has to be a common family name, of four letters or with two more parts behind
    it, for many foreign names fall into syllables too.

    Examples
    --------
    >>> [split_plain(w) for w in ("NGUYENVANAN", "ANNA", "LETHIHOA", "LENA")]
    [('NGUYEN', 'VAN', 'AN'), (), ('LE', 'THI', 'HOA'), ()]
    """
    if not word.isascii() or not 5 <= len(word) <= _LONGEST or is_vietnamese(word):
        return ()
    found = _best(word)
    if len(found) < 2 or common_families().get(found[0], 0.0) < 0.2:
        return ()
    return found if len(found) > 2 or len(found[0]) >= 4 else ()


def split_humps(word: str) -> tuple[str, ...]:
    """Words run together that still have their capitals, in standard form: PhạmThúy, NguyenVan.

    Examples
    --------
    >>> split_humps("NguyenVan"), split_humps("McDonald"), split_humps("NGUYEN")
    (('NGUYEN', 'VAN'), (), ())
    """
    if word.isupper() or word[1:].islower():
        return ()
    word = unicodedata.normalize("NFC", word)
    cuts = [i for i in range(1, len(word)) if word[i].isupper() and word[i - 1].islower()]
    if not cuts:
        return ()
    bounds = pairwise((0, *cuts, len(word)))
    parts = tuple(_known(word[start:end].upper()) for start, end in bounds)
    return parts if all(parts) else ()


@cache
def fused_clans() -> dict[str, tuple[str, ...]]:
    """Clan names of two words, written as one: RƠCHÂM."""
    found: dict[str, tuple[str, ...]] = {}
    for clan in sorted(clans()):
        parts = tuple(clan.split())
        if len(parts) > 1 and len(clan) > 6:
            found["".join(parts)] = parts
            found[to_ascii("".join(parts))] = tuple(map(to_ascii, parts))
    return found


def _best(word: str) -> tuple[str, ...]:
    """Best split into at most four words of names, by the sum of log shares."""
    best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _SYLLABLE), end):
            before = best[start]
            if before is None or len(before[1]) == _MOST:
                continue
            part = _known(word[start:end])
            if part:
                score = before[0] + log(name_words()[part]) - 6.0
                now = best[end]
                if now is None or score > now[0]:
                    best[end] = (score, (*before[1], part))
    whole = best[len(word)]
    return whole[1] if whole is not None else ()


@lru_cache(maxsize=1 << 16)
def _known(part: str) -> str:
    """The part in standard form where it is a word of names, and no rare one."""
    share = name_words().get(part)
    if share is None and not part.isascii():
        syllable = parse(part)
        if syllable is None:
            return ""
        part = syllable.text.upper()
        share = name_words().get(part)
    return part if share is not None and share >= _RARE else ""
