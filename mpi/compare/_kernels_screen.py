"""Which pairs may reach a cutoff, told without comparing them.

Lengths, the letters that only one of two texts has, and the letters in front bound a similarity
from above. A pair whose bound is below the cutoff is decided, exactly. The letters of a text are
hashed to a bag of 64 bits: a bit that only one bag has is a letter that only one text has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels_match import (
    bag_of_units,
    count_bits,
    equal_units,
    load_units,
    peek,
    put,
    text_of,
)

Reals = npt.NDArray[np.float64]
Bags = npt.NDArray[np.uint64]

_ONE = np.uint64(1)
_EIGHT = np.uint8(0)
_SHARES = 1.0 / np.maximum(np.arange(65), 1)


@njit
def bag_texts(word: Any, bits: int, pool: Any, start: Any, end: Any, bags: Bags) -> None:
    """The bag of every text.

    word : an unsigned integer of so many bits; as many units are read at once
    """
    for k in range(len(bags)):
        a = np.int64(peek(start, k))
        n = np.int64(peek(end, k)) - a
        bag = np.uint64(0)
        for i in range(0, n, bits):
            bag |= bag_of_units(load_units(pool, a + i, word), n - i)
        bags[k] = bag


@inlined
def least_apart(bag_a: Any, n_a: int, bag_b: Any, n_b: int) -> Any:
    """Units of the longer text that have no partner in the other one, at least so many."""
    only_a, only_b = count_bits(bag_a & ~bag_b), count_bits(bag_b & ~bag_a)
    # Of a longer text, what it has more must be without partner too.
    return max(only_a + max(n_b - n_a, 0), only_b + max(n_a - n_b, 0))


@inlined
def share_of(n: int) -> Any:
    """What one of n units is of all."""
    return peek(_SHARES, n) if n <= 64 else 1.0 / n


@njit
def screen_jaro(
    left: Any, right: Any, bags_a: Bags, bags_b: Bags, listed: Any, needed: Reals, out: Reals
) -> int:
    """Move pairs that may reach the cutoff to the front of `listed`; give 0 to the others.

    needed : float64[5], for 0 to 4 equal letters in front, the least that the shares of matched
        letters of both texts must add up to

    Returns
    -------
    how many may reach it
    """
    kept = np.int64(0)
    for i in range(len(listed)):
        k: Any = np.int64(peek(listed, i))
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        bag_a, bag_b = peek(bags_a, k * left.step), peek(bags_b, k * right.step)
        m = max(n_a, n_b) - least_apart(bag_a, n_a, bag_b, n_b)
        same = equal_units(load_units(left.pool, a, _EIGHT), load_units(right.pool, b, _EIGHT))
        unequal = ~np.uint64(same) | np.uint64(16)
        prefix = min(count_bits((unequal & (~unequal + _ONE)) - _ONE), n_a, n_b)
        shares = m * (share_of(n_a) + share_of(n_b))
        put(out, k, 0.0)
        put(listed, kept, k)
        kept += np.int64((shares >= peek(needed, prefix)) | (n_a + n_b == 0))
    return int(kept)


@njit
def screen_edits(
    left: Any,
    right: Any,
    bags_a: Bags,
    bags_b: Bags,
    listed: Any,
    similar: bool,
    cutoff: float,
    beyond: float,
    out: Reals,
) -> int:
    """As `screen_jaro` for edit distances with and without swaps; the others become `beyond`.

    similar : the cutoff is of 1 - distance / longer text
    """
    kept = np.int64(0)
    for i in range(len(listed)):
        k: Any = np.int64(peek(listed, i))
        _, n_a = text_of(left, k)
        _, n_b = text_of(right, k)
        bag_a, bag_b = peek(bags_a, k * left.step), peek(bags_b, k * right.step)
        least = least_apart(bag_a, n_a, bag_b, n_b)
        put(out, k, beyond)
        put(listed, kept, k)
        if similar:
            kept += np.int64(1.0 - least / max(n_a, n_b, 1) >= cutoff)
        else:
            kept += np.int64(least <= cutoff)
    return int(kept)
