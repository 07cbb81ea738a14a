"""The state that a linkage of all records leaves for the nights to come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.block.blocks import rule_keys
from mpi.block.keys import Key
from mpi.encode.rows import Encoded
from mpi.linkage.prepare import Prepared
from mpi.linkage.rules import model_keys, rules_of
from mpi.linkage.state import Hashes, State, make_segment
from mpi.records.claim_fields import RELATIONS
from mpi.records.keys import KEY
from mpi.records.table import Field, RecordTable
from mpi.score.model import Model
from mpi.standardise.table import StandardTable

if TYPE_CHECKING:
    from mpi.linkage.resolution import Resolution


def kept_columns(records: RecordTable) -> tuple[pa.Table, tuple[Field, ...]]:
    """Of the records as they came what a state keeps: keys, and columns that name relatives."""
    fields = tuple(f for f in records.fields if f.column in RELATIONS)
    names = [*KEY, *(f.name for f in fields)]
    return pa.table([records.data[name] for name in names], names), fields


def hashes_of(
    encoded: Encoded, model: Model, keys: dict[str, Key], records: npt.NDArray[np.int64]
) -> list[Hashes]:
    """uint64[n] of each rule, the keys of some records, not narrowed."""
    rows = encoded.row_of[records]
    return [rule_keys(rule, keys)[rows] for rule in rules_of(model)]


def first_state(
    records: RecordTable,
    standard: StandardTable,
    prepared: Prepared,
    resolution: Resolution,
    *,
    threads: int,
) -> State:
    """What a linkage of all records leaves."""
    encoded, model = prepared.encoded, prepared.model
    keys = model_keys(encoded, model, threads)
    every = np.arange(len(records))
    compared = replace(standard, columns=encoded.columns, messages=(), placeholders=())
    kept, relatives = kept_columns(records)
    segment = make_segment(compared, kept, hashes_of(encoded, model, keys, every))
    _, label = np.unique(resolution.component, return_inverse=True)
    return State(
        (segment,),
        label.astype(np.int64),
        int(label.max(initial=-1)) + 1,
        prepared.candidates.crowded,
        relatives,
    )
