"""Probabilities corrected by what people have decided.

A logistic curve over the weight, fitted to labelled pairs: monotone, so that no order of pairs
changes, and drawn towards the model's own curve as long as labels are few (Platt 1999).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LEAST_PAIRS, _LEAST_OF_EACH = 30, 5
# How far shift (bits) and slope may lie from the model's own before labels speak: deviations.
_SHIFT, _SLOPE = 3.0, 0.4
_LEAST_SLOPE = 0.05
_STEPS = 50
_LN2 = float(np.log(2.0))


def fit_calibration(
    weight: npt.NDArray[np.floating], same: npt.NDArray[np.bool_]
) -> tuple[float, float] | None:
    """Shift and slope, in bits, that make probabilities of labelled pairs right.

    Parameters
    ----------
    weight : float[n_pairs], bits, prior included
    same : bool[n_pairs], whether people said that the pair is one person

    Returns
    -------
    (shift, slope), or None where labels are too few or all say the same

    Examples
    --------
    >>> fit_calibration(np.zeros(10), np.ones(10, bool)) is None
    True
    >>> weight = np.repeat([-2.0, 2.0], 200)
    >>> same = np.tile(np.arange(200) < 100, 2)
    >>> shift, slope = fit_calibration(weight, same)
    >>> abs(shift) < 0.1, slope < 0.15
    (True, True)
    """
    right = int(same.sum())
    if len(same) < _LEAST_PAIRS or min(right, len(same) - right) < _LEAST_OF_EACH:
        return None
    x = np.stack([np.ones(len(weight)), np.clip(weight.astype(np.float64), -60.0, 60.0)])
    # Sums in a defined order, whatever the order of the labels.
    order = np.lexsort((same, x[1]))
    x, y = x[:, order] * _LN2, same[order].astype(np.float64)
    usual, tight = np.array([0.0, 1.0]), 1.0 / np.array([_SHIFT, _SLOPE]) ** 2
    theta = usual.copy()
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(theta @ x, -700.0, 700.0)))
        gradient = x @ (y - chance) - tight * (theta - usual)
        curve = (x * (chance * (1.0 - chance))) @ x.T + np.diag(tight)
        step = np.linalg.solve(curve, gradient)
        theta = theta + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return round(float(theta[0]), 9), round(max(float(theta[1]), _LEAST_SLOPE), 9)


def calibrated(
    posterior: npt.NDArray[np.float64], calibration: tuple[float, float] | None
) -> npt.NDArray[np.float64]:
    """float64[n], probabilities brought onto the calibrated curve.

    Examples
    --------
    >>> calibrated(np.array([0.5, 0.999]), (0.0, 0.5)).round(3).tolist()
    [0.5, 0.969]
    """
    if calibration is None:
        return posterior
    share = np.clip(posterior, 1e-15, 1.0 - 1e-15)
    bits = np.log2(share) - np.log2(1.0 - share)
    return np.asarray(1.0 / (1.0 + np.exp2(-(calibration[0] + calibration[1] * bits))))
