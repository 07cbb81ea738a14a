"""Where to link and where to ask, chosen from the expected outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.settings import Settings

# A pair that is more likely two persons than one is never linked, whatever F1 would gain.
_LEAST_LINK = 0.5
_LEAST_REVIEW = 0.05
_LOWEST_REVIEW = 0.001
_MOST_CERTAIN = 1.0 - 1e-9


@dataclass(frozen=True)
class Expected:
    """What the model expects of the links made at a threshold.

    precision, recall, f1 : of candidate pairs, 0 to 1, nan where nothing is expected
    """

    link_at: float
    precision: float
    recall: float
    f1: float


def choose_link_at(
    posterior: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    *,
    precision: float | None = None,
) -> Expected:
    """Threshold for the best expected F1, or for links of which `precision` are expected right.

    Parameters
    ----------
    posterior : float64[n_patterns], match probability of each pattern
    counts : float64[n_patterns], pairs of each pattern
    """
    order = np.argsort(-posterior, kind="stable")
    p, n = posterior[order], counts[order]
    right, linked, all_right = np.cumsum(p * n), np.cumsum(n), float((p * n).sum())
    least = max(_LEAST_LINK, precision or _LEAST_LINK)
    if len(p) == 0 or p[0] < least:
        # No pattern deserves a link; a single pair with a rare value still may.
        return Expected(least, float("nan"), 0.0 if all_right > 0.0 else float("nan"), float("nan"))
    f1 = 2.0 * right / (linked + all_right)
    # Equal patterns are linked together or not at all.
    last = np.append(p[1:] < p[:-1], True)
    if precision is None:
        best = int(np.argmax(np.where(last, f1, 0.0)))
    else:
        enough = np.flatnonzero(last & (right >= precision * linked))
        best = int(enough[-1]) if len(enough) else int(np.argmax(last))
    while best > 0 and p[best] < _LEAST_LINK:
        best -= 1
    # Between the last pattern that is linked and the first that is not, midway in bits: term
    # frequencies move pairs off the weight of their pattern, either way. Below the last there are
    # even chances.
    below = float(p[best + 1]) if best + 1 < len(p) else _LEAST_LINK
    middle = 0.5 * (_bits(float(p[best])) + _bits(below))
    at = float(np.clip(1.0 / (1.0 + np.exp2(-middle)), _LEAST_LINK, min(p[best], _MOST_CERTAIN)))
    return Expected(
        at, float(right[best] / linked[best]), float(right[best] / all_right), float(f1[best])
    )


def _bits(share: float) -> float:
    clipped = float(np.clip(share, 1e-15, _MOST_CERTAIN))
    return float(np.log2(clipped / (1.0 - clipped)))


def choose_review_at(
    link_at: float,
    posterior: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    *,
    pairs: int | None = None,
) -> float:
    """Lowest probability that is worth a look.

    Parameters
    ----------
    posterior, counts : as for `choose_link_at`
    pairs : how many pairs people can look at; as many of the likeliest below `link_at` as that are
        worth a look then. None for whatever is above the usual bound

    Examples
    --------
    >>> posterior, counts = np.array([0.99, 0.4, 0.1, 0.02]), np.array([50.0, 5.0, 20.0, 500.0])
    >>> choose_review_at(0.9, posterior, counts)
    0.05
    >>> choose_review_at(0.9, posterior, counts, pairs=10)
    0.4
    >>> choose_review_at(0.9, posterior, counts, pairs=1000)
    0.02
    """
    usual = min(_LEAST_REVIEW, link_at)
    if pairs is None:
        return usual
    below = np.flatnonzero((posterior < link_at) & (posterior >= _LOWEST_REVIEW))
    order = below[np.argsort(-posterior[below], kind="stable")]
    room = order[np.cumsum(counts[order]) <= pairs]
    # Without a pattern that fits whole, the queue takes the first pairs of the next one.
    return float(posterior[room[-1]]) if len(room) else usual


def choose_thresholds(
    posterior: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], settings: Settings
) -> tuple[Expected, float, float]:
    """What is expected at the best threshold, `link_at` and `review_at`; settings outrank both."""
    expected = choose_link_at(posterior, counts, precision=settings.precision)
    link_at = settings.link_at if settings.link_at is not None else expected.link_at
    if settings.review_at is not None:
        return expected, link_at, settings.review_at
    review_at = choose_review_at(link_at, posterior, counts, pairs=settings.review_pairs)
    return expected, link_at, review_at
