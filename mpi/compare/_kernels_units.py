"""UTF-8 to units that are small and equal where the code points are, and pairs sorted by width."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import njit
from mpi.compare._kernels_lanes import NO_POINT, decode_sixteen, peek, put

Ints = npt.NDArray[np.int64]

# Pairs are sorted by the longer text, so that lanes of one vector end together.
WIDTHS = (16, 24, 32, 48, 64)
CLASS = np.searchsorted(np.array(WIDTHS), np.arange(66)).astype(np.int64)
LONG = len(WIDTHS)
BLOCK = 2048


@njit
def encode_units(
    data: npt.NDArray[np.uint8],
    first: int,
    ends: Any,
    table: Any,
    known: npt.NDArray[np.int64],
    n_known: int,
    pool: Any,
    unit_ends: Any,
) -> int:
    """Write texts as units; number new code points as they come.

    Parameters
    ----------
    data : UTF-8, with at least 20 bytes behind the last text
    first, ends : where the first text begins and each text ends in `data`
    table : uint8/16/32[NO_POINT + 1], unit of a code point, 0 where it has none yet
    known : int64, the code point of each unit; its length is the most units there may be
    n_known : units already given
    pool : the units, a byte of UTF-8 has at most one
    unit_ends : [n + 1], where each text ends in `pool`; the first is given

    Returns
    -------
    units given in all, or -1 where there are more code points than units
    """
    points = np.empty(BLOCK, np.uint32)
    table[NO_POINT] = 1
    n = len(ends)
    last = ends[n - 1] if n > 0 else first
    out = np.int64(unit_ends[0])
    k = 0
    for block in range(first, last + 1, BLOCK):
        end = min(block + BLOCK, last)
        for i in range(0, end - block, 16):
            decode_sixteen(data, block + i, points, i)
        at = block
        while True:
            while k < n and ends[k] <= at:
                unit_ends[k + 1] = out
                k += 1
            if at >= end:
                break
            for i in range(at - block, min(ends[k], end) - block):
                point = np.int64(peek(points, i))
                unit = peek(table, point)
                if unit == 0:
                    if n_known >= len(known):
                        return -1
                    table[point] = n_known
                    known[n_known] = point
                    unit = peek(table, point)
                    n_known += 1
                put(pool, out, unit)
                out += np.int64(point != NO_POINT)
            at = min(ends[k], end)
    return n_known


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
