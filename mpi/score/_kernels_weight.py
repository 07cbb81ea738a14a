"""A pair's weight, and the model as the loop reads it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels_quick import ASK, NEAR, SIMILAR, SINGLE
from mpi.encode._kernels_values import NAME, WORD, WORDS, Values
from mpi.encode.levels import SLIP
from mpi.score._kernels_screen import Losses

_ONE = np.uint64(1)
# Bounds are integers, in so many parts of a bit: they add up exactly and in vectors.
PARTS = 256
# Columns of `Table.loss` behind those of the levels: of a level that is open, and of one that may
# only turn out similar.
OPEN_COLUMN, SIMILAR_COLUMN = 13, 14


class Table(NamedTuple):
    """The model as the loop reads it.

    weight : float32[3, n_fields, most_levels + 1], bits, column level + 1; of "same" against
        "stranger", against "relative" and against "twin"
    adjust : float32[g, 3], bits added where a pair agrees on value g
    most : float32[n_fields], the largest adjustment of a field against "stranger", 0 at least
    radix : uint64[n_fields], for packing levels into a pattern
    prior, relative, twin : log2 prior odds of "same" against each of these
    least : bits; pairs below are dropped
    order : int64[n_fields], the fields that tell most first
    top : int8[n_fields], level of identical values
    row_loss : int32[3, n_fields], what a missing value, an unequal and an identical one is short
        of the field's best outcome, at the least; 1 / PARTS bits, as the following ones
    loss : int32[n_fields, 15], the same by `outcome_column`
    listed : uint64[g / 64], a bit for each value of which `adjust` says another thing than of the
        field's rare ones
    rare : int64[n_fields], a value of each field that is not listed
    word : float32[n], bits against "stranger" where a word is the most telling one that two
        different names share
    word_at : int64[n_fields], where those of a field begin, in the order of the word numbers; -1
        where it has none
    losses : the same for the first look at a pair
    highest, lowest : what the best outcome in every field would reach, and what is asked for
    """

    weight: npt.NDArray[np.float32]
    adjust: npt.NDArray[np.float32]
    most: npt.NDArray[np.float32]
    radix: npt.NDArray[np.uint64]
    prior: float
    relative: float
    twin: float
    least: float
    order: npt.NDArray[np.int64]
    top: npt.NDArray[np.int8]
    row_loss: npt.NDArray[np.int32]
    loss: npt.NDArray[np.int32]
    listed: npt.NDArray[np.uint64]
    rare: npt.NDArray[np.int64]
    word: npt.NDArray[np.float32]
    word_at: npt.NDArray[np.int64]
    losses: Losses
    highest: int
    lowest: int


@inlined
def frequency_line(table: Table, f: int, g: int) -> int:
    """Where `table.adjust` says what the frequency of value `g` counts for: most values are rare,
    and one line holds what was learnt of all of them."""
    place = np.uint64(g)
    listed = (table.listed[place >> np.uint64(6)] >> (place & np.uint64(63))) & _ONE
    return g if listed else table.rare[f]


@inlined
def shared_line(v: Values, table: Table, i: int, j: int, f: int, level: int) -> int:
    """Where `table.adjust` says how rare the value is that rows `i` and `j` share in field `f`, or
    -1 where they share none.

    Names a slip apart are one name as far as one can tell, and the more usual spelling of the two
    says how many strangers could have written it.
    """
    g, h = v.rows[i, f], v.rows[j, f]
    line = -1
    if level > 0 and (g == h or (level >= SLIP and v.form[f] == NAME)):
        line = frequency_line(table, f, g)
        if g != h:
            other = frequency_line(table, f, h)
            line = other if table.adjust[other, 0] < table.adjust[line, 0] else line
    return line


@njit
def telling_word(
    info: npt.NDArray[np.int64],
    words: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float32],
    at: int,
    g: int,
    h: int,
) -> float:
    """Bits of the most telling word that values `g` and `h` share; 0 where they share none.

    info, words : as in `Values`
    bits : by word number, from place `at` on
    """
    most = np.float32(0.0)
    shared = False
    begin = info[h, WORD]
    for k in range(info[g, WORD], info[g, WORD] + info[g, WORDS]):
        word = words[k] >> 24
        for other in range(begin, begin + info[h, WORDS]):
            if words[other] >> 24 == word and (not shared or bits[at + word] > most):
                most = bits[at + word]
                shared = True
    return float(most)


@inlined
def pair_weight(
    v: Values, table: Table, i: int, j: int, levels: npt.NDArray[np.int8], k: int
) -> np.float32:
    """log2 odds of one person, prior included, given comparison vector `k` of rows `i` and `j`.

    The odds against strangers, relatives and twins add up as their inverses do. Where the odds
    against strangers alone cannot reach `table.least`, minus infinity.
    """
    stranger = np.float32(table.prior)
    possible = np.float32(0.0)
    for f in range(len(v.form)):
        stranger += table.weight[0, f, levels[k, f] + 1]
        if levels[k, f] > 0:
            possible += table.most[f]
    # Most pairs end here; looking up their values' frequencies would cost more than all else.
    if stranger + possible < np.float32(table.least - 0.01):
        return np.float32(-np.inf)
    relative, twin = np.float32(table.relative), np.float32(table.twin)
    for f in range(len(v.form)):
        relative += table.weight[1, f, levels[k, f] + 1]
        twin += table.weight[2, f, levels[k, f] + 1]
        line = shared_line(v, table, i, j, f, levels[k, f])
        if line >= 0:
            stranger += table.adjust[line, 0]
            relative += table.adjust[line, 1]
            twin += table.adjust[line, 2]
        elif 0 < levels[k, f] < SLIP and table.word_at[f] >= 0:
            # What a family shares tells nothing between one person and two of it.
            at, g, h = table.word_at[f], v.rows[i, f], v.rows[j, f]
            stranger += np.float32(telling_word(v.info, v.words, table.word, at, g, h))
    low = min(stranger, min(relative, twin))
    # -log2(2**-a + 2**-b + 2**-c); a float32 does not notice what is 24 bits above the lowest.
    odds = 2.0 ** np.float64(low - stranger) + 2.0 ** np.float64(low - relative)
    return np.float32(low - np.log2(odds + 2.0 ** np.float64(low - twin)))


@inlined
def outcome_column(level: int) -> int:
    """Column of `Table.loss` for a level that may be open: of one that may only turn out similar
    the best is 2."""
    column = level + 1
    if level >= ASK:
        similar = level & (NEAR | SINGLE | SIMILAR) == SIMILAR
        column = SIMILAR_COLUMN if similar else OPEN_COLUMN
    return column
