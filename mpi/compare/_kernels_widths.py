"""Pairs sorted by the width of the kernel that compares them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels_lanes import peek, put

Ints = npt.NDArray[np.int64]

# Pairs are sorted by the longer text, so that lanes of one vector end together.
WIDTHS = (16, 24, 32, 48, 64)
CLASS = np.searchsorted(np.array(WIDTHS), np.arange(66)).astype(np.int64)
LONG = len(WIDTHS)


@njit
def sort_by_width(
    start_a: Any,
    end_a: Any,
    step_a: int,
    start_b: Any,
    end_b: Any,
    step_b: int,
    base: int,
    listed: npt.NDArray[np.int32],
    bounds: Ints,
) -> None:
    """List pairs `base` to `base + len(listed)` by the class of their longer text.

    bounds : int64[LONG + 2], where each class begins in `listed`
    """
    last = base + len(listed)
    shortest, longest = np.int64(65), np.int64(0)
    for k in range(base, last):
        n_a = np.int64(peek(end_a, k * step_a)) - np.int64(peek(start_a, k * step_a))
        n_b = np.int64(peek(end_b, k * step_b)) - np.int64(peek(start_b, k * step_b))
        shortest = min(shortest, max(n_a, n_b))
        longest = max(longest, max(n_a, n_b))
    low = peek(CLASS, min(shortest, 65))
    if low == peek(CLASS, min(longest, 65)):
        for c in range(LONG + 2):
            bounds[c] = len(listed) if c > low else 0
        for k in range(base, last):
            put(listed, k - base, k)
        return
    sizes = np.zeros(LONG + 1, np.int64)
    for k in range(base, last):
        n_a = np.int64(peek(end_a, k * step_a)) - np.int64(peek(start_a, k * step_a))
        n_b = np.int64(peek(end_b, k * step_b)) - np.int64(peek(start_b, k * step_b))
        sizes[peek(CLASS, min(max(n_a, n_b), 65))] += 1
    bounds[0] = 0
    for c in range(LONG + 1):
        bounds[c + 1] = bounds[c] + sizes[c]
        sizes[c] = bounds[c]
    for k in range(base, last):
        n_a = np.int64(peek(end_a, k * step_a)) - np.int64(peek(start_a, k * step_a))
        n_b = np.int64(peek(end_b, k * step_b)) - np.int64(peek(start_b, k * step_b))
        c = peek(CLASS, min(max(n_a, n_b), 65))
        put(listed, sizes[c], k)
        sizes[c] += 1
