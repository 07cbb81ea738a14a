"""Pairs sorted by the length of their longer text."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import inlined, njit
from mpi.compare._kernels_match import peek, put, text_of

Ints = npt.NDArray[np.int64]

# Steps of four: pairs that are compared side by side take as many steps as the longest of them.
WIDTHS = (4, 8, 12, 16, 20, 24, 28, 32, 48, 64)
LONG = len(WIDTHS)
CLASSES = {16: range(4), 32: range(4, 8), 64: range(8, 10), 0: range(10, 11)}
"""The classes whose texts have a bit for each unit in a word of 16, 32 or 64 bits, or in none."""

BITS = np.array([bits for bits, classes in CLASSES.items() for _ in classes])
_ROW = 66
_LENGTHS = np.arange(_ROW)
# By both lengths at once: the larger of two would be found by a branch guessed wrong.
_LONGER = np.maximum.outer(_LENGTHS, _LENGTHS).ravel()
CLASS = np.searchsorted(np.array(WIDTHS), _LONGER).astype(np.uint8)


@inlined
def least_and_most(side: Any, base: int, n: int) -> tuple[Any, Any]:
    """Units of the shortest and of the longest text of pairs `base` to `base + n` on a side."""
    first, last = base * side.step, (base + n - 1) * side.step
    least = most = np.int64(side.end[first]) - np.int64(side.start[first])
    for at in range(first, last + 1):
        units = np.int64(peek(side.end, at)) - np.int64(peek(side.start, at))
        least = min(least, units)
        most = max(most, units)
    return least, most


@njit
def sort_by_width(
    left: Any, right: Any, base: int, n: int, listed: npt.NDArray[Any], sizes: Ints
) -> None:
    """List pairs `base` to `base + n` by the class of their longer text.

    Where all need a word of the same width they stay together: sorting costs a fifth of comparing.

    listed : int32 or int64[LONG + 1, at least n], the pairs of each class
    sizes : int64[LONG + 1], how many these are
    """
    sizes[:] = 0
    least_a, most_a = least_and_most(left, base, n)
    least_b, most_b = least_and_most(right, base, n)
    c = np.int64(peek(CLASS, min(max(most_a, most_b), 65)))
    if BITS[peek(CLASS, min(max(least_a, least_b), 65))] == BITS[c]:
        for i in range(n):
            listed[c, i] = base + i
        sizes[c] = n
        return
    flat = listed.reshape(-1)
    row = np.int64(listed.shape[1])
    for k in range(base, base + n):
        _, n_a = text_of(left, k)
        _, n_b = text_of(right, k)
        c = np.int64(peek(CLASS, min(n_a, 65) * _ROW + min(n_b, 65)))
        place = peek(sizes, c)
        put(flat, c * row + place, k)
        put(sizes, c, place + 1)
