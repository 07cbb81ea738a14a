"""Cutoffs and the step from distances to similarities."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np


def _checked(cutoff: Any, most: float) -> float:
    if isinstance(cutoff, bool) or not isinstance(cutoff, (Real, np.number)):
        raise TypeError(f"cutoff is a {type(cutoff).__name__}; a number is wanted")
    value = float(cutoff)
    if not 0.0 <= value <= most or math.isinf(value):
        wanted = "from 0 to 1" if most == 1.0 else "of 0 or more"
        raise ValueError(f"cutoff is {cutoff}; a number {wanted} is wanted")
    return value


def check_cutoff(cutoff: Any, *, similarity: bool) -> None:
    """Refuse a cutoff before anything is compared.

    Raises
    ------
    TypeError, ValueError
        It is no number, or out of range (0 to 1 for similarities, 0 or more for distances).
    """
    if cutoff is not None:
        _checked(cutoff, 1.0 if similarity else math.inf)


def at_least(cutoff: float | None, found: Any) -> Any:
    """Similarities below the cutoff as 0; missing ones stay missing."""
    if cutoff is None:
        return found
    if isinstance(found, float):
        return 0.0 if found < cutoff else found
    np.copyto(found, 0.0, where=found < cutoff)
    return found


def at_most(cutoff: float | None, found: Any) -> Any:
    """Distances above the cutoff as the cutoff and 1; missing ones stay missing."""
    if cutoff is None:
        return found
    if isinstance(found, float):
        return cutoff + 1.0 if found > cutoff else found
    np.copyto(found, cutoff + 1.0, where=found > cutoff)
    return found
