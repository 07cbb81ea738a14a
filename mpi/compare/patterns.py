"""Packed comparison vectors: one 64-bit number a pair."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import MOST_BITS, Comparison
from mpi.errors import UsageError


def radices(comparisons: tuple[Comparison, ...]) -> npt.NDArray[np.uint64]:
    """Outcomes of each comparison, the missing one included.

    Raises
    ------
    UsageError
        The comparisons have more joint outcomes than a 64-bit number.
    """
    outcomes = [c.n_levels + 1 for c in comparisons]
    if float(np.sum(np.log2(outcomes))) >= MOST_BITS:
        raise UsageError(
            f"{len(outcomes)} fields are too many to compare at once; "
            "mark some of them as 'ignored' in the settings' [fields]"
        )
    return np.array(outcomes, np.uint64)


def unpack(patterns: npt.NDArray[np.uint64], radix: npt.NDArray[np.uint64]) -> npt.NDArray[np.int8]:
    """Comparison vectors of packed patterns.

    Returns
    -------
    int8[n_patterns, n_comparisons], -1 missing

    Examples
    --------
    >>> unpack(np.array([3 * 7 + 0], np.uint64), np.array([4, 7], np.uint64)).tolist()
    [[2, -1]]
    """
    rest = patterns.copy()
    out = np.empty((len(patterns), len(radix)), np.int8)
    for f in range(len(radix) - 1, -1, -1):
        out[:, f] = (rest % radix[f]).astype(np.int8) - 1
        rest //= radix[f]
    return out
