"""What two texts share: substrings, subsequences, q-grams, local alignments."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mpi.compare.bounds import at_least, check_cutoff
from mpi.compare.pairing import Pairs, Reals, compare_texts, run_by_width

Norm = Literal["dice", "jaccard", "overlap", "longer"]
Grams = Literal["dice", "jaccard", "overlap", "longer", "cosine"]
_NORMS = ("dice", "jaccard", "overlap", "longer", "cosine")


def lcs_subsequence(
    left: Any,
    right: Any,
    *,
    raw: bool = False,
    norm: Norm = "dice",
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Longest common subsequence: letters in the same order, gaps allowed (Hyyro 2004).

    Parameters
    ----------
    left, right : text or array-like of text (Arrow, NumPy, list, pandas, Polars); a single text
        is compared with every text of the other side
    raw : give the length s, not a similarity
    norm : "dice" 2 s / (n_a + n_b), "jaccard" s / (n_a + n_b - s), "overlap" s / min(n_a, n_b),
        "longer" s / max(n_a, n_b)
    cutoff : what is below becomes 0
    all_pairs : compare every left text with every right one

    Returns
    -------
    float64[n], float64[n_left, n_right] with `all_pairs`, or a float for two single texts; NaN
    where either is missing. Two empty texts are alike.

    Examples
    --------
    >>> lcs_subsequence("nguyen", ["ngyen", "uyen", None], raw=True).tolist()
    [5.0, 4.0, nan]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_edit import subsequence_lanes, subsequence_long

        run_by_width(pairs, subsequence_lanes, subsequence_long, (), out)
        if not raw:
            _normalise(pairs, norm, out)

    _check_norm(norm, _NORMS[:4])
    check_cutoff(cutoff, similarity=not raw)
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs))


def lcs_substring(
    left: Any,
    right: Any,
    *,
    raw: bool = False,
    norm: Norm = "dice",
    shortest: int = 1,
    repeated: bool = False,
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Longest common substring.

    Parameters
    ----------
    shortest : what is shorter counts as nothing
    repeated : cut it out of both texts and add the next one, until nothing is left (Christen
        2012); the sum may depend on the order of the sides

    Other parameters and returns as in `lcs_subsequence`.

    Examples
    --------
    >>> lcs_substring("van nguyen", ["nguyen van", "nguyen"], raw=True).tolist()
    [6.0, 6.0]
    >>> lcs_substring("van nguyen", "nguyen van", raw=True, repeated=True)
    10.0
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_table import substring_pairs

        pairs.run(substring_pairs, shortest, repeated, out)
        if not raw:
            _normalise(pairs, norm, out)

    _check_norm(norm, _NORMS[:4])
    check_cutoff(cutoff, similarity=not raw)
    _check_count(shortest, "shortest")
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs))


def qgram(
    left: Any,
    right: Any,
    *,
    n: int = 2,
    padding: bool = False,
    norm: Grams = "dice",
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Similarity of the multisets of q-grams (Ukkonen 1992).

    Parameters
    ----------
    n : letters of a q-gram, 1 to 8; as many as fit 64 bits where the texts have more than 255
        different letters: 4, and 3 with more than 65,535
    padding : put n - 1 blanks that equal no letter before and behind each text
    norm : as in `lcs_subsequence`, with s the q-grams in common and n_a, n_b those of each text,
        or "cosine" of the counts

    Other parameters and returns as in `lcs_subsequence`. Texts too short for a q-gram are alike
    where they are equal.

    Examples
    --------
    >>> qgram(["smith", "a"], ["smyth", "b"]).tolist()
    [0.5, 0.0]
    >>> round(qgram("smith", "smyth", norm="cosine", padding=True), 6)
    0.666667
    """

    if _check_count(n, "n") > 8:
        raise ValueError(f"n is {n}; 1 to 8 is wanted")
    _check_norm(norm, _NORMS)
    check_cutoff(cutoff, similarity=True)

    def measure(pairs: Pairs, out: Reals) -> None:
        gram_shares(pairs, out, n, (n - 1) * padding, norm)
        lacking = np.flatnonzero(np.isnan(out))
        if len(lacking):
            out[lacking] = _equal(pairs, lacking)

    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs))


def gram_shares(pairs: Pairs, out: Reals, n: int, pad: int, norm: Grams) -> None:
    """Similarity of the multisets of q-grams, NaN where it is 0 / 0.

    Raises
    ------
    ValueError
        Texts with so many different letters have no room for `n` of them in 64 bits.
    """
    from mpi.compare._kernels_words import gram_pairs

    most = 64 // min(8 * pairs.left.pool.itemsize, 21)
    if n > most:
        raise ValueError(f"n is {n}; texts with so many different letters allow {most} at most")
    pairs.run(gram_pairs, n, pad, pairs.left.unused, _NORMS.index(norm), out)


def _equal(pairs: Pairs, chosen: npt.NDArray[np.int64]) -> Reals:
    """1 where both texts of a pair are equal, else 0."""
    found = np.zeros(len(chosen))
    for i, k in enumerate(chosen):
        a, b = (
            side.pool[side.start[k * step] : side.end[k * step]]
            for side, step in ((pairs.left, pairs.step_left), (pairs.right, pairs.step_right))
        )
        found[i] = np.array_equal(a, b)
    return found


def smith_waterman(
    left: Any,
    right: Any,
    *,
    match: float = 5.0,
    mismatch: float = -5.0,
    gap_start: float = -5.0,
    gap_continue: float = -1.0,
    raw: bool = False,
    norm: Literal["mean", "min", "max"] = "mean",
    cutoff: float | None = None,
    all_pairs: bool = False,
) -> Any:
    """Best local alignment with affine gaps (Smith and Waterman 1981; Christen 2012).

    Parameters
    ----------
    match, mismatch, gap_start, gap_continue : what a pair of letters, and a letter of a gap, adds
    raw : give the score, not the score through `match` times a length
    norm : that length: the "mean", "min" or "max" of both texts

    Other parameters and returns as in `lcs_subsequence`.

    Examples
    --------
    >>> smith_waterman(["gail", "gail"], ["gayle", "gail"]).round(4).tolist()
    [0.4444, 1.0]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_table import alignment_pairs

        scores = (float(match), float(mismatch), float(gap_start), float(gap_continue))
        pairs.run(alignment_pairs, *scores, out)
        if raw:
            return
        a, b = pairs.lengths()
        lengths = {"mean": (a + b) / 2, "min": np.minimum(a, b), "max": np.maximum(a, b)}[norm]
        np.divide(out, np.maximum(lengths, 1) * float(match), out=out)
        out[np.broadcast_to(np.maximum(a, b) == 0, pairs.n)] = 1.0

    _check_norm(norm, ("mean", "min", "max"))
    check_cutoff(cutoff, similarity=not raw)
    if not match > 0 or match < max(mismatch, gap_start, gap_continue):
        raise ValueError(
            f"match is {match}; more than 0 and no less than mismatch, gap_start and "
            "gap_continue is wanted"
        )
    return at_least(cutoff, compare_texts(left, right, measure, all_pairs=all_pairs))


def _normalise(pairs: Pairs, norm: str, out: Reals) -> None:
    a, b = pairs.lengths()
    above = 2.0 * out if norm == "dice" else out
    if norm in ("dice", "jaccard"):
        below = a + b - (0.0 if norm == "dice" else out)
    else:
        below = np.broadcast_to((np.minimum if norm == "overlap" else np.maximum)(a, b), pairs.n)
    empty = np.broadcast_to(np.maximum(a, b) == 0, pairs.n)
    out[...] = np.where(empty, 1.0, above / np.maximum(below, 1))


def _check_norm(norm: Any, known: tuple[str, ...]) -> None:
    if norm not in known:
        raise ValueError(f"norm is {norm!r}; one of {', '.join(known)} is wanted")


def _check_count(count: Any, name: str) -> int:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
        raise TypeError(f"{name} is a {type(count).__name__}; an integer is wanted")
    if count < 1:
        raise ValueError(f"{name} is {count}; 1 or more is wanted")
    return int(count)
