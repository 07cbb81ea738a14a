"""Is the index what its manifests say, and do its tables agree with each other?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from mpi.errors import IntegrityError
from mpi.index.base import RECORDS, Base
from mpi.index.keys import KEY, as_array
from mpi.index.store import Store


@dataclass(frozen=True)
class Verification:
    """What was looked at and found right. `bytes` is of the files, each counted once."""

    snapshots: int
    files: int
    bytes: int


def verify(store: Store) -> Verification:
    """Check checksums, row counts and the chain of all snapshots, and the newest one's tables.

    Raises
    ------
    IntegrityError
        Says what is broken.
    """
    store.check()
    seen: dict[str, int] = {}
    previous: tuple[int, str] | None = None
    sequences = store.sequences()
    base = None
    for sequence in sequences:
        manifest, digest = store.manifest(sequence)
        if (
            previous is not None
            and sequence == previous[0] + 1
            and manifest.previous != previous[1]
        ):
            raise IntegrityError(
                f"snapshot {sequence} does not follow from snapshot {previous[0]}: "
                f"{store.manifest_path(previous[0])} was replaced; put it back from a backup"
            )
        previous = sequence, digest
        for file in manifest.files():
            if file.name not in seen:
                if file.name.endswith(".parquet"):
                    store.read_files([file])
                else:
                    store.read(file)
                seen[file.name] = file.bytes
        base = Base(store, manifest, digest)
    if base is not None:
        _check_tables(base)
    return Verification(len(sequences), len(seen), sum(seen.values()))


def _check_tables(base: Base) -> None:
    """Each record has one living person, each person's counts are right, no event is missing."""
    records, crosswalk = base.table(RECORDS, KEY), base.table("crosswalk")
    persons = base.table("persons", ["enterprise_id", "status", "replaced_by", "n_records"])
    events = base.table("events", ["sequence"])

    def broken(what: str) -> IntegrityError:
        return IntegrityError(f"{base.store.path}: {what}; go back to an earlier snapshot")

    if any(not records[name].equals(crosswalk[name]) for name in KEY):
        raise broken("the crosswalk and the records have different keys")
    ids = as_array(persons["enterprise_id"])
    if pc.count_distinct(ids).as_py() != len(ids):
        raise broken("an enterprise id is given twice in persons")
    person = pc.index_in(crosswalk["enterprise_id"], value_set=ids).fill_null(-1).to_numpy()
    if (person < 0).any():
        raise broken("the crosswalk names a person that persons does not have")
    counted = np.bincount(person, minlength=len(ids))
    if not np.array_equal(counted, persons["n_records"].to_numpy()):
        raise broken("persons counts other records than the crosswalk")
    active = pc.equal(persons["status"], "active").to_numpy()
    if not np.array_equal(active, counted > 0):
        raise broken("a person without records is active, or one with records is retired")
    heirs = pc.index_in(persons["replaced_by"].drop_null(), value_set=ids).fill_null(-1).to_numpy()
    if (heirs < 0).any() or not active[heirs].all():
        raise broken("a retired id leads to a person who does not live")
    numbers = events["sequence"].to_numpy()
    if not np.array_equal(numbers, np.arange(1, len(numbers) + 1)):
        raise broken("the events have a gap")
