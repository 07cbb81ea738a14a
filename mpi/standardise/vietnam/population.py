"""Whether a list of names is one of Vietnamese people: by marks, else by how often names come.

A word with Vietnamese marks proves itself. A word without any does not: Ho, Lam, Kim, Han and Tang
are names from Seoul to Singapore. What other lists have not is the distribution: every third
Vietnamese is a Nguyen, every tenth a Tran. So names without marks count up to what Viet Nam's own
distribution explains of them (the overlap of the two distributions), and a list with 4 % Ho and no
Nguyen says little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from mpi.standardise.vietnam.encodings import is_unicode
from mpi.standardise.vietnam.inventory import common_families, is_family, name_words, shares
from mpi.standardise.vietnam.parse import Shape, split_words
from mpi.standardise.vietnam.syllables import is_marked, is_vietnamese, to_ascii

_RATHER_MORE = 2.0
"""Regions differ: a family name may be this many times as frequent as in the whole country."""

_DEVIATIONS = 3.0
"""A short list may hold more of a name by chance, by this many standard deviations."""

_RARE = 0.02
"""Per cent of persons that a family name has of which only the existence is known."""


def vietnamese_share(names: Iterable[Sequence[str]], records: Iterable[int]) -> float:
    """How many of the records have a Vietnamese name, 0 to 1; 0 where there is none.

    Parameters
    ----------
    names : the words of each, upper case, in standard form; names without words count for nothing
    records : records of each

    Examples
    --------
    >>> vietnamese_share([["NGUYỄN", "VĂN", "AN"], ["TRAN", "THI", "HOA"]], [1, 1])
    1.0
    >>> cantonese = [["WONG"], ["CHAN"], ["LEUNG"], ["HO"], ["CHEUNG"], ["LAM"]]
    >>> round(vietnamese_share(cantonese, [30, 28, 15, 10, 9, 8]), 2)
    0.1
    """
    proven = 0.0
    whole: Counter[str] = Counter()
    single: Counter[str] = Counter()
    n_whole = n_single = 0
    for words, n in zip(names, records, strict=True):
        if not words:
            continue
        alone = len(words) == 1
        n_single += n if alone else 0
        n_whole += 0 if alone else n
        if _is_proof(words):
            proven += n
        elif alone:
            single[words[0]] += n
        else:
            family = _family_of(words)
            if family:
                whole[family] += n
    total = n_whole + n_single
    if not total:
        return 0.0
    parts = (_plain_middles(), _plain_givens())
    explained = _overlap(whole, n_whole, common_families(), rare=_RARE)
    alone_as = [_overlap(single, n_single, shares_of) for shares_of in parts]
    explained += max(_overlap(single, n_single, common_families(), rare=_RARE), *alone_as)
    return (proven + explained) / total


def _overlap(
    found: Mapping[str, int], total: int, percent: Mapping[str, float], *, rare: float = 0.0
) -> float:
    """Records that the distribution explains: of each word no more than it allows.

    rare : per cent of family names that are not in the distribution
    """
    explained = 0.0
    for word, n in sorted(found.items()):
        share = percent.get(word, rare if rare and is_family(word) else 0.0) / 100
        if share:
            chance = _DEVIATIONS * math.sqrt(total * share * (1 - share))
            explained += min(n, _RATHER_MORE * total * share + chance)
    return explained


def _is_proof(words: Sequence[str]) -> bool:
    """Whether marks or a clan's name leave no doubt."""
    marked = [w for w in words if is_marked(w) and (is_unicode(w) or w in name_words())]
    if len(words) == 1:
        return bool(marked)
    if not all(map(_can_be, words)):
        return split_words(tuple(words))[3] is Shape.CLAN_LAST
    ends = is_family(words[0]) or common_families().get(words[-1], 0.0) >= 1.0
    return len(marked) > 1 or (ends and bool(marked))


def _can_be(word: str) -> bool:
    return is_vietnamese(word) or "?" in word


def _family_of(words: Sequence[str]) -> str:
    """The family name of a name of several words, at its head or, the Western way, at its end."""
    if not all(map(_can_be, words)):
        return ""
    common = common_families()
    first, last = words[0], words[-1]
    if common.get(last, 0.0) > common.get(first, 0.0):
        return last
    return first if is_family(first) else ""


@cache
def _plain_middles() -> dict[str, float]:
    return _plain({word: share.middle for word, share in shares().items()})


@cache
def _plain_givens() -> dict[str, float]:
    return _plain({word: share.given for word, share in shares().items()})


def _plain(percent: Mapping[str, float]) -> dict[str, float]:
    """Words with their marks and without any, by their share in per cent."""
    found = {word: p for word, p in percent.items() if p > 0}
    for word, p in list(found.items()):
        if not word.isascii():
            found[to_ascii(word)] = found.get(to_ascii(word), 0.0) + p
    return found
