"""Pairs of rows as pairs of records: the rules that make them, and the copies behind a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import ALONE
from mpi.block.candidates import Candidates
from mpi.compare.patterns import unpack
from mpi.linkage.prepare import Prepared
from mpi.linkage.resolution import Pairs

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table


def rule_bits(
    candidates: Candidates, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """uint64[n_pairs], bit r set where rule r makes the pair of rows."""
    bits = np.zeros(len(left), np.uint64)
    copies = left == right
    for r in range(len(candidates.blocks)):
        column = candidates.keys[:, r]
        shared = (column[left] >= 0) | (copies & (column[left] == ALONE))
        same = (column[left] == column[right]) & shared
        bits |= same.astype(np.uint64) << np.uint64(r)
    return bits


@dataclass(frozen=True)
class Copies:
    """Rows that stand for several records, and what these have in common.

    rows : int64[n]; weight : float32[n], bits, pattern : uint64[n]
    linked : bool[n], their content is enough to tell a person
    """

    rows: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.uint64]
    linked: npt.NDArray[np.bool_]
    levels: npt.NDArray[np.int8]


def score_copies(prepared: Prepared, table: Table) -> Copies:
    """Score each row against itself. Copies in a source of which a person has one record at most
    stay apart."""
    from mpi.score._kernels import score_pairs

    encoded, model = prepared.encoded, prepared.model
    rows = np.flatnonzero(encoded.copies > 1)
    weight, pattern = np.empty(len(rows), np.float32), np.empty(len(rows), np.uint64)
    score_pairs(encoded.values, table, rows, rows, weight, pattern)
    linked = weight >= np.float32(model.weight_at(model.link_at))
    apart = prepared.single[encoded.source[rows]]
    linked[apart] = False
    if prepared.candidates.across:
        weight[:] = -np.inf
    return Copies(rows, weight, pattern, linked, unpack(pattern, table.radix))


def with_copies(
    pairs: Pairs, row_cluster: npt.NDArray[np.int64], prepared: Prepared, copies: Copies
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """Spread the clusters of rows over records, and link the copies of a row to its first.

    Copies whose common content is too little to tell a person stay apart, and are asked about
    where that is worth it.
    """
    encoded, model = prepared.encoded, prepared.model
    pairs = replace(pairs, left=encoded.first[pairs.left], right=encoded.first[pairs.right])
    n = len(encoded.row_of)
    cluster = encoded.first[row_cluster[encoded.row_of]]
    copy = np.flatnonzero(encoded.first[encoded.row_of] != np.arange(n))
    if len(copy) == 0:
        return pairs, cluster
    which = np.searchsorted(copies.rows, encoded.row_of[copy])
    alone = copy[~copies.linked[which]]
    cluster[alone] = alone
    shown = copies.weight[which] >= np.float32(model.weight_at(min(model.review_at, model.link_at)))
    copy, which = copy[shown], which[shown]
    rows = copies.rows[which]
    added = Pairs(
        encoded.first[rows],
        copy,
        copies.weight[which],
        model.chance(copies.weight[which]),
        copies.levels[which],
        rule_bits(prepared.candidates, rows, rows),
        np.where(copies.linked[which], 0, 1).astype(np.int8),
    )
    return _merge(pairs, added), cluster


def _merge(one: Pairs, two: Pairs) -> Pairs:
    parts = [np.concatenate([getattr(one, name), getattr(two, name)]) for name in _COLUMNS]
    joined = Pairs(*parts)
    return joined.take(np.lexsort((joined.right, joined.left)))


_COLUMNS = ("left", "right", "weight", "probability", "levels", "rules", "reason")
