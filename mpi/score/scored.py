"""The pairs that were worth keeping of those that were scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Scored:
    """Pairs of rows worth at least the review threshold, sorted by (left, right), no pair twice.

    left, right : int64[n], left < right
    weight : float32[n], bits; pattern : uint64[n]
    compared : candidate pairs that were looked at
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.uint64]
    compared: int


class Columns(NamedTuple):
    """Those of `Scored`."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.uint64]


NO_PAIRS = Columns(
    np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.uint64)
)


def joined(parts: Sequence[Scored | Columns]) -> Columns:
    """The pairs of several parts, one after the other."""
    every = (NO_PAIRS, *parts)
    return Columns(
        np.concatenate([p.left for p in every]),
        np.concatenate([p.right for p in every]),
        np.concatenate([p.weight for p in every]),
        np.concatenate([p.pattern for p in every]),
    )
