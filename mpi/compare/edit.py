"""Edit distances: Levenshtein, optimal string alignment, Damerau-Levenshtein, Hamming."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mpi.compare.bounds import at_least, at_most, check_cutoff
from mpi.compare.pairing import Measure, Pairs, Reals, compare_texts, run_by_width


def levenshtein(
    left: Any,
    right: Any,
    *,
    distance: bool = False,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Levenshtein: letters inserted, deleted or replaced (Levenshtein 1966).

    Parameters
    ----------
    left, right : text or array-like of text (Arrow, NumPy, list, pandas, Polars); a single text
        is compared with every text of the other side
    distance : give the number of edits d, not the similarity 1 - d / max(n_a, n_b)
    cutoff : similarities below become 0; distances above become the cutoff and 1
    all_pairs : compare every left text with every right one

    Returns
    -------
    float64[n], float64[n_left, n_right] with `all_pairs`, or a float for two single texts; NaN
    where either is missing, which is why distances are doubles too. Two empty texts are alike.

    Examples
    --------
    >>> levenshtein(["Đặng", "kitten", None], ["Đăng", "sitting", "x"], distance=True).tolist()
    [1.0, 3.0, nan]
    >>> levenshtein("ab", "abcd")
    0.5
    """
    return _aligned(left, right, False, distance, cutoff, all_pairs)


def osa(
    left: Any,
    right: Any,
    *,
    distance: bool = False,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Optimal string alignment: Levenshtein with the swap of two neighbours as one edit.

    No part of a text is edited twice (Boytsov 2011). Parameters and returns as in `levenshtein`.

    Examples
    --------
    >>> osa(["AB", "CA"], ["BA", "ABC"], distance=True).tolist()
    [1.0, 3.0]
    """
    return _aligned(left, right, True, distance, cutoff, all_pairs)


def damerau_levenshtein(
    left: Any,
    right: Any,
    *,
    distance: bool = False,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Damerau-Levenshtein without restriction: swapped letters may be edited further.

    Lowrance and Wagner (1975). Parameters and returns as in `levenshtein`.

    Examples
    --------
    >>> damerau_levenshtein(["AB", "CA"], ["BA", "ABC"], distance=True).tolist()
    [1.0, 2.0]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_table import damerau_pairs

        # Both distances agree up to 2 edits: only what is above needs the whole table.
        _align(pairs, True, False, _screen(distance, cutoff, math.inf), out)
        pairs.run(damerau_pairs, np.flatnonzero((out > 2) & (out < math.inf)), out)

    return _edits(left, right, measure, distance, cutoff, all_pairs, cutoff is not None)


def hamming(
    left: Any,
    right: Any,
    *,
    distance: bool = False,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Hamming: positions with different letters; what one text has more counts as different.

    Parameters and returns as in `levenshtein`.

    Examples
    --------
    >>> hamming("079123", ["079123", "079132", "0791"], distance=True).tolist()
    [0.0, 2.0, 2.0]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_table import hamming_pairs

        pairs.run(hamming_pairs, out)

    return _edits(left, right, measure, distance, cutoff, all_pairs)


def _aligned(
    left: Any, right: Any, swaps: bool, distance: bool, cutoff: float | None, all_pairs: bool
) -> Any:
    """Levenshtein or optimal string alignment, as the kernels in lanes give them."""
    check_cutoff(cutoff, similarity=not distance)
    screen = _screen(distance, cutoff, math.inf if distance else 0.0)

    def measure(pairs: Pairs, out: Reals) -> None:
        _align(pairs, swaps, not distance, screen, out)

    cut = at_most if distance else at_least
    bags = False if cutoff is None else None
    return cut(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs, bags=bags))


def _align(pairs: Pairs, swaps: bool, similar: bool, screen: tuple[Any, ...], out: Reals) -> None:
    from mpi.compare._kernels_edit import edit_lanes, edit_long

    run_by_width(pairs, edit_lanes, edit_long, (swaps, similar), out, screen)


def _screen(distance: bool, cutoff: float | None, beyond: float) -> tuple[Any, ...]:
    """What tells pairs beyond the cutoff, if there is one."""
    from mpi.compare._kernels_screen import screen_edits

    return () if cutoff is None else (screen_edits, not distance, float(cutoff), beyond)


def _edits(
    left: Any,
    right: Any,
    edits: Measure,
    distance: bool,
    cutoff: float | None,
    all_pairs: bool,
    bags: bool = False,
) -> Any:
    check_cutoff(cutoff, similarity=not distance)

    def measure(pairs: Pairs, out: Reals) -> None:
        edits(pairs, out)
        if not distance:
            longer = np.maximum(*pairs.lengths())
            np.divide(out, np.maximum(longer, 1), out=out)
            np.subtract(1.0, out, out=out)

    cut = at_most if distance else at_least
    return cut(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs, bags=bags))
