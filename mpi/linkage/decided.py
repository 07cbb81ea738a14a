"""Pairs that a person made, among those that the model scored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpi.linkage.prepare import Prepared

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table
    from mpi.score.scored import Scored


def with_decided(
    scored: Scored, prepared: Prepared, table: Table
) -> tuple[Scored, npt.NDArray[np.bool_]]:
    """The scored pairs, and those that were decided to be one person with whatever they score.

    Returns
    -------
    scored : sorted by (left, right)
    made : bool[n_pairs], the pairs that were decided to be one person
    """
    from mpi.score._kernels import score_pairs

    one, two = prepared.decided
    if len(one) == 0:
        return scored, np.zeros(len(scored.left), np.bool_)
    left, right = np.minimum(one, two), np.maximum(one, two)
    weight, pattern = np.empty(len(left), np.float32), np.empty(len(left), np.uint64)
    score_pairs(
        prepared.encoded.values, table._replace(least=-np.inf), left, right, weight, pattern
    )
    left, right = np.concatenate([left, scored.left]), np.concatenate([right, scored.right])
    made = np.arange(len(left)) < len(weight)
    # A pair that the model scored too comes second, and goes.
    order = np.lexsort((~made, right, left))
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(left[order]).astype(np.bool_) | np.diff(right[order]).astype(np.bool_)
    order = order[first]
    joined = replace(
        scored,
        left=left[order],
        right=right[order],
        weight=np.concatenate([weight, scored.weight])[order],
        pattern=np.concatenate([pattern, scored.pattern])[order],
    )
    return joined, made[order]
