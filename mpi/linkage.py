"""From records to persons, without an index: the rooms in the order the data flows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mpi.records.table import RecordTable
from mpi.schema import Kind


@dataclass(frozen=True)
class Pairs:
    """Scored pairs, sorted by (left, right).

    left, right : int64[n_pairs], rows of the record table, left < right
    weight : float32[n_pairs], bits: match weights and log2 prior odds together
    probability : float64[n_pairs], 0 to 1
    levels : int8[n_pairs, n_comparisons], -1 missing, 0 all other, higher is closer
    rules : uint64[n_pairs], bit r is set where blocking rule r produces the pair
    reason : int8[n_pairs], index into `REASONS`; 0 for links
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]
    probability: npt.NDArray[np.float64]
    levels: npt.NDArray[np.int8]
    rules: npt.NDArray[np.uint64]
    reason: npt.NDArray[np.int8]


REASONS = (
    "",
    "probability between review_at and link_at",
    "the two persons hold different trusted identifiers",
    "the person would be far larger than usual",
)


@dataclass(frozen=True)
class Resolution:
    """Which records are one person, and why. What `resolve` gives and the index publishes.

    cluster : int64[n_records], the smallest row of the record's cluster
    links : the pairs at or above `link_at` inside one cluster
    review : the pairs for clerical review
    comparisons : names of the columns of `Pairs.levels`
    rules : names of the blocking rules, by bit
    model : the model as JSON, for the index to keep and hand back
    quality : expected figures, `messages` : what the user should know
    """

    records: RecordTable
    cluster: npt.NDArray[np.int64]
    links: Pairs
    review: Pairs
    comparisons: tuple[str, ...]
    rules: tuple[str, ...]
    model: bytes
    quality: dict[str, float] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


# def resolve(records: RecordTable, settings: Settings, *, model: bytes | None = None,
#             stages: Stages, across: bool = False) -> Resolution
