"""Intervals of counts that were never counted."""

from __future__ import annotations

import numpy as np

_POINTS = 61
_MANY = 400.0
_TAIL = 0.025
_Z = 1.959963984540054


def count_interval(mean: float, spread: float) -> tuple[float, float]:
    """95 % interval of a count of which the mean itself is known to a factor only.

    The count is Poisson with the mean times a log-normal factor.

    Parameters
    ----------
    spread : standard deviation of the factor's logarithm

    Examples
    --------
    >>> count_interval(0.0, 0.8), count_interval(2.0, 0.0)
    ((0.0, 0.0), (0.0, 5.0))
    >>> [round(end) for end in count_interval(10_000.0, 0.8)]
    [2084, 47975]
    """
    if mean < 1e-12:
        return 0.0, 0.0
    if mean > _MANY:
        half = _Z * float(np.sqrt(spread**2 + 1.0 / mean))
        return mean * float(np.exp(-half)), mean * float(np.exp(half))
    points, weights = np.polynomial.hermite_e.hermegauss(_POINTS)
    means = mean * np.exp(spread * points)
    near = np.abs(points) < 4.5
    means, weights = means[near], weights[near] / weights[near].sum()
    count = np.arange(int(mean * np.exp(4.0 * spread) + 6.0 * np.sqrt(mean) + 20.0))
    logs = np.concatenate([[0.0], np.cumsum(np.log(count[1:]))])
    chance = np.exp(count * np.log(means)[:, None] - means[:, None] - logs)
    below = np.cumsum(weights @ chance)
    low = int(np.searchsorted(below, _TAIL))
    high = int(np.searchsorted(below, 1.0 - _TAIL))
    return float(low), float(min(high, len(count)))
