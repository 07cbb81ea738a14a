"""Persons whose records speak against each other, told after a night.

They are no errors by themselves: a registry may have given somebody two numbers. But over-merging
shows here first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.index.overlays import standard_form
from mpi.index.walk import Walk
from mpi.linkage.resolution import Resolution
from mpi.records.keys import KEY, key_text
from mpi.records.table import Field
from mpi.schema import TRUSTED_KINDS, Kind
from mpi.scratch import Scratch
from mpi.standardise.table import StandardColumn

NOWHERE = Scratch()
"""All lies in memory."""
_SHOWN = 10
_LEAST_UNUSUAL = 10
_AT_ONCE = 1 << 20
"""Records whose values are looked at together, about."""

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sentinel:
    """Something odd about some persons.

    what : in words
    persons : how many
    keys : the smallest record key of the first ten
    """

    what: str
    persons: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        many = f"{self.persons:,} person{'s' if self.persons > 1 else ''}"
        return f"{many} with {self.what}, such as that of {self.keys[0]}"


def find_sentinels(
    resolution: Resolution, fresh: Mask, scratch: Scratch = NOWHERE
) -> tuple[Sentinel, ...]:
    """What is odd about the persons that tonight's records belong to.

    Two trusted identifiers of one kind; two dates of birth that two records each attest; both
    sexes; far more records than other persons have.

    Parameters
    ----------
    fresh : bool[n_records], records that are new or changed tonight
    scratch : where the records lie
    """
    keys, cluster = resolution.records.data.select(KEY), resolution.cluster
    walk = Walk(scratch)
    touched = np.zeros(len(cluster), np.bool_)
    touched[cluster[fresh]] = True
    sizes = np.bincount(cluster, minlength=len(cluster))
    members = np.flatnonzero(touched[cluster] & (sizes[cluster] > 1))
    # By person, so that some persons at a time can be looked at.
    members = members[np.argsort(cluster[members], kind="stable")]
    wanted = {*TRUSTED_KINDS, Kind.BIRTH_DATE, Kind.SEX}
    fields = tuple(f for f in resolution.records.fields if f.kind in wanted)
    known = _known(resolution)
    odd: dict[str, list[Integers]] = {f.name: [] for f in fields}
    for rows in _stretches(cluster, members):
        person = cluster[rows]
        for field, codes, values in _in_standard_form(resolution, fields, known, rows, walk):
            least = 2 if field.kind == Kind.BIRTH_DATE else 1
            odd[field.name].append(_several(person, codes, values, least))
    found = [(_words(f), np.concatenate(odd[f.name])) for f in fields if odd[f.name]]
    found.append(("unusually many records", _unusual(sizes, touched)))
    return tuple(
        Sentinel(what, len(odd), tuple(key_text(keys.take(pa.array(odd[:_SHOWN]))).to_pylist()))
        for what, odd in found
        if len(odd)
    )


def _known(resolution: Resolution) -> dict[str, StandardColumn]:
    """Fields whose standard form linking has just kept, record by record."""
    state = resolution.state
    if state is None or len(state.segments) != 1:
        return {}
    (segment,) = state.segments
    if len(segment) != len(resolution.cluster):
        return {}
    return {column.field.name: column for column in segment.standard.columns}


def _stretches(cluster: Integers, members: Integers) -> Iterator[Integers]:
    """The members, some whole persons at a time."""
    begin = 0
    while begin < len(members):
        end = min(begin + _AT_ONCE, len(members))
        last = cluster[members[end - 1]]
        end = begin + int(np.searchsorted(cluster[members[begin:]], last, side="right"))
        yield members[begin:end]
        begin = end


def _in_standard_form(
    resolution: Resolution,
    fields: tuple[Field, ...],
    known: dict[str, StandardColumn],
    rows: Integers,
    walk: Walk,
) -> Iterator[tuple[Field, npt.NDArray[np.int32], int]]:
    """Of each field the codes of some records, and how many values there are."""
    standard = known
    if any(f.name not in known for f in fields):
        # What a record's fields say about each other is read of whole records alone.
        some = walk.take(resolution.records.data.select([f.name for f in fields]), rows)
        columns = standard_form(some, fields, resolution.model).columns
        standard = {column.field.name: column for column in columns}
    for field in fields:
        column = standard.get(field.name)
        if column is not None:
            codes = column.codes[rows] if standard is known else column.codes
            yield field, codes, len(column.values)


def _words(field: Field) -> str:
    if field.kind == Kind.SEX:
        return "both sexes"
    if field.kind == Kind.BIRTH_DATE:
        return "two well-attested birth dates"
    return f"two values of {field.name}"


def _several(person: Integers, codes: npt.NDArray[np.int32], values: int, least: int) -> Integers:
    """Persons with two values that so many records hold, ascending.

    Parameters
    ----------
    person : int64[n], ascending
    codes : int32[n], -1 missing
    """
    held = codes >= 0
    person, codes = person[held], codes[held]
    starts = np.flatnonzero(np.diff(person, prepend=-1))
    if not len(starts):
        return np.empty(0, np.int64)
    # Most have one value: only the others are counted.
    differ = np.maximum.reduceat(codes, starts) != np.minimum.reduceat(codes, starts)
    some = np.repeat(differ, np.diff(starts, append=len(person)))
    values = max(values, 1)
    pairs, counts = np.unique(person[some] * values + codes[some], return_counts=True)
    owners = (pairs // values)[counts >= least]
    unique, many = np.unique(owners, return_counts=True)
    return np.asarray(unique[many > 1], np.int64)


def _unusual(sizes: Integers, touched: Mask) -> Integers:
    """Persons with more than three times the records of nearly everybody, ascending."""
    living = sizes[sizes > 0]
    if not len(living):
        return np.empty(0, np.int64)
    usual = max(3.0 * float(np.quantile(living, 0.99)), _LEAST_UNUSUAL)
    return np.flatnonzero(touched & (sizes > usual))
