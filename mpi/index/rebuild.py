"""Does a rebuild from nothing of the stored records give the same persons (law 3)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import Base
from mpi.index.decisions import decided_rows, in_force, read_decisions
from mpi.index.identities import check_clusters
from mpi.records.keys import as_array, key_text
from mpi.records.table import RecordTable
from mpi.settings import Settings
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.relink import Resolver

_SHOWN = 20
_KEYS_SHOWN = 8


@dataclass(frozen=True)
class Difference:
    """A person that the rebuild makes otherwise.

    enterprise_id : of the index
    records : keys of its records, at most eight
    persons : how many persons the rebuild makes of them
    others : persons of the index that the rebuild puts together with it, at most eight
    """

    enterprise_id: str
    records: tuple[str, ...]
    persons: int
    others: tuple[str, ...]

    def __str__(self) -> str:
        said = []
        if self.persons > 1:
            said.append(f"is {self.persons} persons when rebuilt ({', '.join(self.records)})")
        if self.others:
            said.append(f"is one person with {', '.join(self.others)} when rebuilt")
        return f"{self.enterprise_id} {' and '.join(said)}"


@dataclass(frozen=True)
class Rebuild:
    """Persons compared, how many differ, and the first of those by their smallest record."""

    persons: int
    differ: int
    shown: tuple[Difference, ...]


def last_settings(base: Base) -> Settings:
    """The settings of the last run that linked."""
    for text in reversed(base.table("runs", ["settings"])["settings"].to_pylist()):
        try:
            return msgspec.json.decode(text, type=Settings)
        except (msgspec.MsgspecError, ValueError):
            continue  # no run, or one of a time when there were other settings
    return Settings()


def rebuild(base: Base, resolver: Resolver, stages: Stages) -> Rebuild:
    """Link the stored records from nothing with the index's own model, and compare."""
    stored = base.stored
    if not stored.data.num_rows:
        return Rebuild(0, 0, ())
    records = RecordTable(stored.data, stored.fields, {}, stored.deleted.slice(0, 0))
    settings, decided = (
        last_settings(base),
        decided_rows(in_force(read_decisions(base)), stored.data),
    )
    if len(decided):
        resolution = resolver(records, settings, model=base.model(), stages=stages, decided=decided)
    else:
        resolution = resolver(records, settings, model=base.model(), stages=stages)
    cluster = check_clusters(resolution.cluster, len(records))
    person = as_array(base.table("crosswalk")["enterprise_id"]).dictionary_encode()
    codes = person.indices.to_numpy().astype(np.int64)
    return compare(codes, cluster, person.dictionary, stored.data)


def compare(
    person: npt.NDArray[np.int64], cluster: npt.NDArray[np.int64], ids: pa.Array, data: pa.Table
) -> Rebuild:
    """Two partitions of the same records.

    Parameters
    ----------
    person : int64[n_records], index into `ids`, numbered as they first come
    cluster : int64[n_records], smallest row of the record's cluster
    """
    n, total = len(person), len(ids)
    pairs, shared = np.unique(person * n + cluster, return_counts=True)
    own, other = pairs // n, pairs % n
    sizes, clusters = np.bincount(person, minlength=total), np.bincount(cluster, minlength=n)
    differs = np.zeros(total, dtype=np.bool_)
    differs[own[(shared != sizes[own]) | (shared != clusters[other])]] = True
    wrong = np.flatnonzero(differs)
    shown = []
    for one in wrong[:_SHOWN].tolist():
        rows = np.flatnonzero(person == one)[:_KEYS_SHOWN]
        groups = other[own == one]
        with_it = np.setdiff1d(own[np.isin(other, groups)], [one])[:_KEYS_SHOWN]
        shown.append(
            Difference(
                ids[one].as_py(),
                tuple(key_text(data.take(pa.array(rows))).to_pylist()),
                len(groups),
                tuple(pc.take(ids, pa.array(with_it)).to_pylist()),
            )
        )
    return Rebuild(total, len(wrong), tuple(shown))
