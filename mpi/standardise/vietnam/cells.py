"""Columns of identifiers: read at once where a cell is one number, else by the parts of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import put
from mpi.standardise.rules import Mask, Standardised, empty, filled_where
from mpi.standardise.vietnam.codes import (
    LONGEST_CODE,
    MANY,
    PLUS,
    Codes,
    Ints,
    codes_in,
    put_together,
    take_apart,
)

NOTHING = "no digit, taken as missing"

_CARDS = "^[A-Z]{2}[0-9]{13}(?:;[A-Z]{2}[0-9]{13})+$"
_LABELS = "(?:^|;)(?:SO|MA|ID|NO|CU|ME|BO|VA)"

Judge = Callable[[Codes], tuple[Codes, dict[str, Mask]]]


def read_cells(texts: pa.Array, judge: Judge, rank: Callable[[Codes], Ints]) -> Standardised:
    """Identifiers in standard form.

    Parameters
    ----------
    texts : string[n], no nulls
    judge : numbers as they should have been written, and what was done to which
    rank : int64[n], of several numbers in one cell the first of the lowest rank is kept
    """
    codes = take_apart(texts)
    whole = (codes.lengths <= LONGEST_CODE) & (codes.heads != PLUS)
    odd = codes.odd | ~whole
    judged, done = judge(codes)
    values = put_together(judged)
    if odd.any():
        done = {repair: mask & ~odd for repair, mask in done.items()}
        parts = read_parts(texts.filter(pa.array(odd)), judge, rank)
        values = put(values, odd, parts.values)
        for repair, mask in parts.repairs.items():
            done.setdefault(repair, np.zeros(len(texts), np.bool_))[odd] = mask
    explained = np.zeros(len(texts), np.bool_)
    for repair, mask in done.items():
        if repair.endswith("taken as missing"):
            explained |= mask
    done[NOTHING] = filled_where(texts, empty(values) & ~explained)
    return Standardised(values, {repair: mask for repair, mask in done.items() if mask.any()})


def card_lists(texts: pa.Array) -> Mask:
    """bool[n], texts that are whole insurance cards with semicolons between them: nothing in these
    needs a closer look but heads that are words beside a number (MA, SO).

    Examples
    --------
    >>> card = "DN4790116149123"
    >>> card_lists(pa.array([f"{card};{card}", card, f"{card};MA4790116149123"])).tolist()
    [True, False, False]
    """
    whole = np.asarray(pc.match_substring_regex(texts, _CARDS))
    return np.asarray(whole & ~np.asarray(pc.match_substring_regex(texts, _LABELS)), np.bool_)


def read_parts(texts: pa.Array, judge: Judge, rank: Callable[[Codes], Ints]) -> Standardised:
    """Texts that hold more than one plain number, each by its parts."""
    n = len(texts)
    done: dict[str, Mask] = {}
    cards = card_lists(texts)
    lists = pc.split_pattern(texts.filter(pa.array(cards)), ";")
    lengths = np.diff(lists.offsets.to_numpy())
    owner = np.repeat(np.flatnonzero(cards), lengths).tolist()
    if cards.any():
        done[MANY] = cards
    parts: list[str] = []
    others = texts.filter(pa.array(~cards)).to_pylist()
    for row, text in zip(np.flatnonzero(~cards).tolist(), others, strict=True):
        found, repairs = codes_in(text)
        parts += found
        owner += [row] * len(found)
        for repair in repairs:
            done.setdefault(repair, np.zeros(n, np.bool_))[row] = True
    pieces = pa.concat_arrays([lists.flatten(), pa.array(parts, pa.string())])
    codes = take_apart(pieces)
    judged, judgements = judge(codes)
    values = put_together(judged)
    if codes.odd.any():
        values = put(values, codes.odd, pieces.filter(pa.array(codes.odd)))
    rows = np.array(owner, np.int64)
    order = np.lexsort((np.arange(len(rows)), rank(judged), rows))
    first = order[np.diff(rows[order], prepend=-1) != 0]
    kept = np.zeros(n, np.bool_)
    kept[rows[first]] = True
    chosen = put(pa.array([""] * n, pa.string()), kept, values.take(pa.array(first)))
    for repair, mask in judgements.items():
        mine = done.setdefault(repair, np.zeros(n, np.bool_))
        mine[rows[first]] |= mask[first]
    return Standardised(chosen, done)
