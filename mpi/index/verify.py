"""Is the index what its manifests say, and do its tables agree with each other?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa

from mpi.errors import IntegrityError
from mpi.index.base import PAIRS, RECORDS, TOMBS, Base
from mpi.index.keys import PAIR, bucket_numbers
from mpi.index.laws import check_tables
from mpi.index.manifest import File, Manifest, went_back
from mpi.index.store import Store
from mpi.records.keys import KEY

_BUCKETED = {
    RECORDS: KEY,
    "crosswalk": KEY,
    TOMBS: KEY,
    "persons": ("enterprise_id",),
    **dict.fromkeys(PAIRS, PAIR),
}
"""Tables in hash buckets, with the columns they are sorted by; at most two say the bucket."""


@dataclass(frozen=True)
class Problem:
    """Something broken: where, what, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found broken. `bytes` is of the files, each counted once."""

    snapshots: int
    files: int
    bytes: int
    problems: tuple[Problem, ...] = ()


@dataclass
class _Seen:
    """Files looked at so far, and what is wrong."""

    files: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def broken(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))


def verify(store: Store) -> Verification:
    """Check as `inspect` does.

    Raises
    ------
    IntegrityError
        Says all that is broken.
    """
    found = inspect(store)
    if found.problems:
        raise IntegrityError("; ".join(map(str, found.problems)))
    return found


def inspect(store: Store) -> Verification:
    """Check files and checksums, the chains of manifests and events, and the laws of the tables.

    Every snapshot's files are read; the tables are compared with each other in the newest
    snapshot whose files are whole.

    Raises
    ------
    UsageError
        The folder is not an index, or has another format.
    IntegrityError
        The index cannot be looked into at all.
    """
    store.check()
    seen = _Seen()
    sequences = store.sequences()
    chain: list[tuple[Manifest, str]] = []
    for sequence in sequences:
        try:
            chain.append(store.manifest(sequence))
        except IntegrityError as error:
            seen.broken(f"snapshot {sequence}", str(error))
    for (before, digest), (after, _) in pairwise(chain):
        if after.sequence == before.sequence + 1:
            _follows(store, seen, before, digest, after)
    whole, newest = None, 0
    for manifest, digest in chain:
        right = [_check_file(store, seen, manifest, t, f) for t, f in _files(manifest)]
        if all(right):
            whole, newest = Base(store, manifest, digest), manifest.sequence
    if whole is not None:
        for what in check_tables(whole):
            seen.broken(f"{store.path}, snapshot {newest}", what)
    return Verification(
        len(sequences), len(seen.files), sum(seen.files.values()), tuple(seen.problems)
    )


def _follows(store: Store, seen: _Seen, before: Manifest, digest: str, after: Manifest) -> None:
    """Whether one snapshot can have come right after the other."""
    where = f"snapshot {after.sequence}"
    if after.previous != digest:
        seen.broken(
            where,
            f"snapshot {after.sequence} does not follow from snapshot {before.sequence}: "
            f"{store.manifest_path(before.sequence)} was replaced; put it back from a backup",
        )
    if went_back(before, after):
        seen.broken(
            where,
            f"it says {after.created_at}, and the snapshot before it {before.created_at}: the "
            "clock went back, or a manifest was replaced",
        )
    if after.next_serial < before.next_serial or after.next_event < before.next_event:
        seen.broken(
            where, "the numbers of ids or events went back: an id could be given twice (law 4)"
        )


def _files(manifest: Manifest) -> Iterator[tuple[str, File]]:
    """Every file of a snapshot with the name of its table, '' for the model."""
    for name in sorted(manifest.tables):
        yield from ((name, file) for file in manifest.tables[name])
    if manifest.model is not None:
        yield "", manifest.model


def _check_file(store: Store, seen: _Seen, manifest: Manifest, table: str, file: File) -> bool:
    """Read a file that was not read before; False where it is broken."""
    if file.name in seen.files:
        return seen.files[file.name] > 0
    seen.files[file.name] = 0
    try:
        if table:
            rows = store.read_files([file])
            what = None
            if table in _BUCKETED:
                what = _misplaced(rows, _BUCKETED[table], file.bucket, manifest.buckets, table)
            if what:
                seen.broken(str(store.path / file.name), what)
                return False
        else:
            store.read(file)
    except IntegrityError as error:
        seen.broken(f"snapshot {manifest.sequence}", str(error))
        return False
    except (pa.ArrowException, OSError) as error:
        what = f"it is no Parquet file that can be read ({type(error).__name__})"
        seen.broken(str(store.path / file.name), what)
        return False
    seen.files[file.name] = file.bytes
    return True


def _misplaced(
    rows: pa.Table, key: tuple[str, ...], bucket: int, buckets: int, table: str
) -> str | None:
    """What is wrong with the order and the place of a file's rows."""
    if not all(name in rows.column_names for name in key):
        return f"a file of {table} without its key columns"
    numbers = bucket_numbers([rows[name] for name in key[:2]], buckets)
    if (numbers != bucket).any():
        where = numbers[numbers != bucket][0]
        return f"a row of {table} lies in bucket {bucket} and belongs to bucket {where}"
    order = rows.select(key).sort_by([(name, "ascending") for name in key])
    if not order.equals(rows.select(key)):
        return f"the rows of {table} are not in the order of their keys"
    return None
