"""The state that a linkage of all records leaves for the nights to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.block.blocks import rule_keys
from mpi.block.keys import Key
from mpi.linkage.prepare import Prepared
from mpi.linkage.rules import rules_of
from mpi.linkage.state import Hashes, State, make_segment
from mpi.records.claim_fields import RELATIONS
from mpi.records.keys import KEY
from mpi.records.table import Field, RecordTable
from mpi.score.model import Model
from mpi.scratch import Scratch
from mpi.standardise.table import StandardColumn, StandardTable

Rows = npt.NDArray[np.int64]


def kept_columns(records: RecordTable) -> tuple[pa.Table, tuple[Field, ...]]:
    """Of the records as they came what a state keeps: keys, and columns that name relatives."""
    fields = tuple(f for f in records.fields if f.column in RELATIONS)
    names = [*KEY, *(f.name for f in fields)]
    return pa.table([records.data[name] for name in names], names), fields


def hashes_of(rows: Rows, model: Model, keys: dict[str, Key]) -> Iterator[Hashes]:
    """uint64[n_records] of each rule, the keys of some records, not narrowed; one at a time.

    Parameters
    ----------
    rows : int64[n_records], the row of each
    """
    return (rule_keys(rule, keys)[rows] for rule in rules_of(model))


@dataclass(frozen=True)
class Basis:
    """Of prepared records what a state is made of: a fifth of their memory.

    columns : the compared ones
    row_of : int64[n_records]
    crowded : as `State.crowded`
    """

    columns: tuple[StandardColumn, ...]
    row_of: Rows
    model: Model
    keys: dict[str, Key]
    crowded: tuple[Hashes, ...]


def basis_of(prepared: Prepared) -> Basis:
    """What a state is made of, of records whose keys were kept."""
    encoded, crowded = prepared.encoded, prepared.candidates.crowded
    return Basis(encoded.columns, encoded.row_of, prepared.model, prepared.keys, crowded)


def first_state(
    records: RecordTable,
    standard: StandardTable,
    basis: Basis,
    component: Rows,
    scratch: Scratch | None = None,
) -> State:
    """What a linkage of all records leaves.

    Parameters
    ----------
    component : int64[n_records], as `Resolution.component`
    scratch : where the state lies until it is written
    """
    compared = replace(standard, columns=basis.columns, messages=(), placeholders=())
    kept, relatives = kept_columns(records)
    hashes = hashes_of(basis.row_of, basis.model, basis.keys)
    segment = make_segment(compared, kept, hashes, scratch)
    _, label = np.unique(component, return_inverse=True)
    return State(
        (segment,),
        label.astype(np.int64),
        int(label.max(initial=-1)) + 1,
        basis.crowded,
        relatives,
    )
