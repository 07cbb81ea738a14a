"""Persons whose records speak against each other, told after a night.

They are no errors by themselves: a registry may have given somebody two numbers. But over-merging
shows here first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.index.overlays import standard_form
from mpi.linkage.resolution import Resolution
from mpi.records.keys import key_text
from mpi.schema import TRUSTED_KINDS, Kind
from mpi.standardise.table import StandardColumn

_SHOWN = 10
_LEAST_UNUSUAL = 10

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


def find_sentinels(resolution: Resolution, fresh: Mask) -> tuple[Sentinel, ...]:
    """What is odd about the persons that tonight's records belong to.

    Two trusted identifiers of one kind; two dates of birth that two records each attest; both
    sexes; far more records than other persons have.

    Parameters
    ----------
    fresh : bool[n_records], records that are new or changed tonight
    """
    data, cluster = resolution.records.data, resolution.cluster
    touched = np.zeros(len(cluster), np.bool_)
    touched[cluster[fresh]] = True
    sizes = np.bincount(cluster, minlength=len(cluster))
    members = np.flatnonzero(touched[cluster] & (sizes[cluster] > 1))
    found = []
    wanted = {*TRUSTED_KINDS, Kind.BIRTH_DATE, Kind.SEX}
    fields = tuple(f for f in resolution.records.fields if f.kind in wanted)
    if len(members) and fields:
        some = data.select([f.name for f in fields]).take(pa.array(members))
        for column in standard_form(some, fields, resolution.model).columns:
            least = 2 if column.field.kind == Kind.BIRTH_DATE else 1
            odd = _several(cluster[members], column, least)
            found.append((_words(column), odd))
    found.append(("unusually many records", _unusual(sizes, touched)))
    return tuple(
        Sentinel(what, len(odd), tuple(key_text(data.take(pa.array(odd[:_SHOWN]))).to_pylist()))
        for what, odd in found
        if len(odd)
    )


def _words(column: StandardColumn) -> str:
    kind = column.field.kind
    if kind == Kind.SEX:
        return "both sexes"
    if kind == Kind.BIRTH_DATE:
        return "two well-attested birth dates"
    return f"two values of {column.field.name}"


def _several(person: Integers, column: StandardColumn, least: int) -> Integers:
    """Persons with two values that so many records hold, ascending."""
    held = column.codes >= 0
    values = max(len(column.values), 1)
    pairs, counts = np.unique(person[held] * values + column.codes[held], return_counts=True)
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
