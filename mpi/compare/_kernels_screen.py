"""Which pairs may reach a cutoff, told without comparing them.

Lengths, the letters that only one of two texts has, and the letters in front bound a similarity
from above. What is above the bound's cutoff may still be below it when compared; what is below is
decided, exactly. The letters of a text are hashed to a set of 64: a letter that is in one set only
is in one text only.
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

_ONE = np.uint64(1)
_SHARES = 1.0 / np.maximum(np.arange(65), 1)
_ROUNDING = 1e-9  # more than what the bound of Jaro may be wrong by


@inlined
def least_apart(units_a: Any, n_a: int, units_b: Any, n_b: int) -> Any:
    """Units of the longer text that have no partner in the other one, at least so many."""
    if max(n_a, n_b) > 64:
        return abs(n_a - n_b)
    bag_a, bag_b = bag_of_units(units_a, n_a), bag_of_units(units_b, n_b)
    only_a, only_b = count_bits(bag_a & ~bag_b), count_bits(bag_b & ~bag_a)
    # Of a longer text, what it has more must be without partner too.
    return max(only_a + max(n_b - n_a, 0), only_b + max(n_a - n_b, 0))


@inlined
def share_of(n: int) -> Any:
    """What one of n units is of all."""
    return peek(_SHARES, n) if n <= 64 else 1.0 / n


@njit
def screen_jaro(
    word: Any, left: Any, right: Any, listed: Any, boost: float, cutoff: float, out: Reals
) -> int:
    """Move pairs that may reach the cutoff to the front of `listed`; give 0 to the others.

    word : an unsigned integer with a bit for each unit of the longest text, or of 64 bits

    Returns
    -------
    how many may reach it
    """
    kept = np.int64(0)
    for i in range(len(listed)):
        k: Any = np.int64(peek(listed, i))
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        units_a, units_b = load_units(left.pool, a, word), load_units(right.pool, b, word)
        m = max(n_a, n_b) - least_apart(units_a, n_a, units_b, n_b)
        bound = (m * share_of(n_a) + m * share_of(n_b) + 1.0) / 3.0
        unequal = ~np.uint64(equal_units(units_a, units_b)) | np.uint64(16)
        prefix = min(count_bits((unequal & (~unequal + _ONE)) - _ONE), n_a, n_b)
        bound += prefix * boost * (1.0 - bound)
        put(out, k, 0.0)
        put(listed, kept, k)
        kept += np.int64((bound >= cutoff - _ROUNDING) | (n_a + n_b == 0))
    return int(kept)


@njit
def screen_edits(
    word: Any,
    left: Any,
    right: Any,
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
        a, n_a = text_of(left, k)
        b, n_b = text_of(right, k)
        units_a, units_b = load_units(left.pool, a, word), load_units(right.pool, b, word)
        least = least_apart(units_a, n_a, units_b, n_b)
        put(out, k, beyond)
        put(listed, kept, k)
        if similar:
            kept += np.int64(1.0 - least / max(n_a, n_b, 1) >= cutoff)
        else:
            kept += np.int64(least <= cutoff)
    return int(kept)
