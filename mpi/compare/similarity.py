"""Jaro and Jaro-Winkler."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpi.compare.bounds import at_least, check_cutoff
from mpi.compare.pairing import Pairs, Reals, compare_texts, run_by_width


def jaro(left: Any, right: Any, *, cutoff: float | None = None, all_pairs: bool = False) -> Any:
    """Jaro similarity: matches within half the longer text, and how many are out of order.

    (m / n_a + m / n_b + (m - t) / m) / 3, with m matches and t transpositions, half the matches
    that stand in another order (Jaro 1989).

    Parameters
    ----------
    left, right : text or array-like of text (Arrow, NumPy, list, pandas, Polars); a single text
        is compared with every text of the other side
    cutoff : 0 to 1; what is below becomes 0
    all_pairs : compare every left text with every right one

    Returns
    -------
    float64[n], float64[n_left, n_right] with `all_pairs`, or a float for two single texts: 0 to 1,
    NaN where either is missing. Two empty texts are alike: 1.

    Examples
    --------
    >>> jaro(["MARTHA", "DIXON", None], ["MARHTA", "DICKSONX", "X"]).round(4).tolist()
    [0.9444, 0.7667, nan]
    """
    return _similar(left, right, 0.0, cutoff, all_pairs)


def jaro_winkler(
    left: Any, right: Any, *, cutoff: float | None = None, all_pairs: bool = False
) -> Any:
    """Jaro similarity j, closer to 1 for up to four equal letters in front.

    j + 0.1 p (1 - j) where j > 0.7, with p equal letters in front, at most 4 (Winkler 1990).

    Parameters and returns as in `jaro`.

    Examples
    --------
    >>> round(jaro_winkler("MARTHA", "MARHTA"), 4)
    0.9611
    >>> jaro_winkler("Nguyễn", ["Nguyễn", "Nguyên", "Trần"]).round(4).tolist()
    [1.0, 0.9333, 0.4722]
    """
    return _similar(left, right, 0.1, cutoff, all_pairs)


def _similar(left: Any, right: Any, boost: float, cutoff: float | None, all_pairs: bool) -> Any:
    from mpi.compare._kernels_jaro import jaro_lanes, jaro_long
    from mpi.compare._kernels_screen import screen_jaro

    check_cutoff(cutoff, similarity=True)
    screen = (screen_jaro, _needed(boost, float(cutoff))) if cutoff else ()

    def measure(pairs: Pairs, out: Reals) -> None:
        run_by_width(pairs, jaro_lanes, jaro_long, (boost,), out, screen)

    found = compare_texts(left, right, measure, all_pairs=all_pairs, bags=None if screen else False)
    return at_least(cutoff, found)


def _needed(boost: float, cutoff: float) -> Reals:
    """What `screen_jaro` needs for a cutoff: Jaro without what letters in front add to it."""
    share = boost * np.arange(5)
    # Less than needed by more than rounding can be wrong by: a screen may only err to one side.
    return 3.0 * (cutoff - share) / (1.0 - share) - 1.0 - 1e-9
