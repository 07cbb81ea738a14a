"""How many persons are known to how many sources: counted on a night of all records, and carried
on by the nights that look at a few."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.census import (
    Census,
    census_after,
    count_numbered,
    count_persons,
    read_census,
)
from mpi.index.base import Base
from mpi.index.identities import Identities
from mpi.index.near import Near

CENSUS = "census"
"""Where it stands in the counts of a run."""
_COLUMNS = ["source", "enterprise_id"]


def census_of(base: Base) -> Census:
    """The census of a snapshot; counted if its run did not leave it, as after going back."""
    if base.manifest is not None:
        runs = base.table("runs", ["snapshot", "counts"])
        own = runs.filter(pc.equal(runs["snapshot"], base.manifest.sequence))
        for text in own["counts"].to_pylist():
            told: dict[str, Any] = msgspec.json.decode(text)
            if CENSUS in told:
                return read_census(told[CENSUS])
    return count_persons(base.layers("crosswalk").read(_COLUMNS, ordered=False))


def census_tonight(base: Base, around: Near, found: Identities, sources: pa.ChunkedArray) -> Census:
    """The census after a night.

    Parameters
    ----------
    around : the snapshot before, of all records of every person that the night touched
    found : who is who of these now
    sources : string[n_records], of these
    """
    left = count_persons(around.table("crosswalk", _COLUMNS))
    serials, person = np.unique(found.assigned.after, return_inverse=True)
    came = count_numbered(person, len(serials), sources)
    return census_after(census_of(base), left, came)
