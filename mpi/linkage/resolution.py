"""What resolving records gives: clusters, links and the review queue."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.linkage.quality import Trust
from mpi.linkage.queue import NONE_LEFT_OUT, LeftOut
from mpi.linkage.state import State
from mpi.records.account import ColumnUse
from mpi.records.table import RecordTable
from mpi.schema import pair_schema
from mpi.standardise.table import Placeholder


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

    def take(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Pairs:
        """Some of them, in this order."""
        return Pairs(*(getattr(self, column.name)[which] for column in fields(self)))


REASONS = (
    "",
    "probability between review_at and link_at",
    "the two persons hold different trusted identifiers",
    "the person would be far larger than usual",
    "the person already has a closer record of the same source",
    "one is the mother of the other",
    "a person decided that they are two",
)
DECISION = "decision"
"""Stands among the blocking rules of a pair that a person made."""
DECIDED = REASONS.index("a person decided that they are two")
MOTHER = REASONS.index("one is the mother of the other")


@dataclass(frozen=True)
class Resolution:
    """Which records are one person, and why. What `resolve` gives and the index publishes.

    cluster : int64[n_records], the smallest row of the record's cluster
    links : the pairs at or above `link_at` inside one cluster
    review : the pairs for clerical review
    comparisons : names of the columns of `Pairs.levels`
    rules : names of the blocking rules, by bit
    model : the model as JSON, for the index to keep and hand back
    model_summary : the same without its term frequencies, for people
    quality : what is expected of its links, with intervals; plain values for JSON
    trust : whether the result can be trusted, and why not
    columns : what became of each column of the input
    left_out : probable pairs that are not in the review queue, because it is full
    waiting : what is known of these
    labels : what became of the labels, plain values; empty without labels
    messages : what the user should know, in plain words
    compared : candidate pairs that were looked at
    component : int64[n_records], a record of the record's component of links, whatever was refused
        inside it; the same for all of the component
    state : what the next night needs, where that was asked for
    placeholders : values that were treated as missing
    """

    records: RecordTable
    cluster: npt.NDArray[np.int64]
    links: Pairs
    review: Pairs
    comparisons: tuple[str, ...]
    rules: tuple[str, ...]
    model: bytes
    quality: dict[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    model_summary: bytes = b""
    compared: int = 0
    placeholders: tuple[Placeholder, ...] = ()
    trust: Trust = field(default_factory=Trust)
    columns: tuple[ColumnUse, ...] = ()
    left_out: int = 0
    waiting: LeftOut = NONE_LEFT_OUT
    labels: dict[str, Any] = field(default_factory=dict)
    component: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    state: State | None = None

    def pairs(self, name: Literal["links", "review"]) -> Pairs:
        """Those of one of the published tables."""
        return self.links if name == "links" else self.review


def no_pairs(n_comparisons: int) -> Pairs:
    """None at all."""
    rows = np.zeros(0, np.int64)
    return Pairs(
        rows,
        rows,
        np.zeros(0, np.float32),
        np.zeros(0),
        np.zeros((0, n_comparisons), np.int8),
        np.zeros(0, np.uint64),
        np.zeros(0, np.int8),
    )


def pair_table(
    resolution: Resolution,
    name: Literal["links", "review"],
    rows: npt.NDArray[np.int64] | None = None,
) -> pa.Table:
    """The links or the review queue as a published table.

    Parameters
    ----------
    rows : of the pairs, those that are wanted; all if not given

    Returns
    -------
    pa.Table
        `schema.pair_schema(name, comparisons)`, sorted by the keys of the two records.
    """
    pairs = resolution.pairs(name)
    if rows is not None:
        pairs = pairs.take(rows)
    data = resolution.records.data
    columns: dict[str, pa.Array] = {}
    for end, rows in (("a", pairs.left), ("b", pairs.right)):
        for key in ("source", "record_id"):
            columns[f"{key}_{end}"] = data[key].take(pa.array(rows)).combine_chunks()
    columns["match_weight"] = pa.array(pairs.weight, pa.float32())
    columns["match_probability"] = pa.array(pairs.probability, pa.float64())
    columns["blocking_rules"] = _rule_names(pairs.rules, resolution.rules)
    if name == "review":
        words = pa.array(REASONS, pa.string())
        columns["reason"] = words.take(pa.array(pairs.reason.astype(np.int32)))
    levels = [pa.array(np.ascontiguousarray(column), pa.int8()) for column in pairs.levels.T]
    schema = pair_schema(name, list(resolution.comparisons))
    columns["levels"] = pa.StructArray.from_arrays(levels, fields=list(schema.field("levels").type))
    return pa.table([columns[n] for n in schema.names], schema=schema)


def _rule_names(bits: npt.NDArray[np.uint64], rules: tuple[str, ...]) -> pa.Array:
    unique, inverse = np.unique(bits, return_inverse=True)
    words = [[name for r, name in enumerate(rules) if (int(b) >> r) & 1] for b in unique.tolist()]
    return pa.array(words, pa.list_(pa.string())).take(pa.array(inverse))
