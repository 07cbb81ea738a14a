"""Is the index what its manifests say, and do its tables agree with each other?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pyarrow as pa
from msgspec import UNSET

from mpi.errors import IntegrityError, UsageError
from mpi.index.base import BUCKETED, Base
from mpi.index.keys import bucket_numbers
from mpi.index.laws import check_tables
from mpi.index.manifest import File, Manifest, went_back
from mpi.index.merge import has_twice
from mpi.index.store import CHANGE_FOLDER, STATE_FOLDER, Store
from mpi.index.stray import UNFINISHED, stray_files
from mpi.index.vault import MAGIC


@dataclass(frozen=True)
class Problem:
    """Something broken: where, what, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found broken.

    bytes : of the files, each counted once
    looked_into : False where the key of an encrypted index was not there: files are what their
        manifests say, and nobody looked into them
    """

    snapshots: int
    files: int
    bytes: int
    problems: tuple[Problem, ...] = ()
    looked_into: bool = True


@dataclass
class _Seen:
    """Files looked at so far, and what is wrong."""

    files: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    looked_into: bool = True

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
    snapshot whose files are whole. Of an encrypted index of which no key was given, and whose key
    is not where it was, the checksums and the chain of manifests are checked.

    Raises
    ------
    UsageError
        The folder is not an index, or has another format.
    IntegrityError
        The index cannot be looked into at all.
    """
    from mpi.index.state import check_state

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
    seen.looked_into = _key_there(store)
    _plain_ones(store, seen, [manifest for manifest, _ in chain])
    whole, newest = None, 0
    for manifest, digest in chain:
        right = [_check_file(store, seen, manifest, t, f) for t, f in _files(manifest)]
        told = [what for name in manifest.tables for what in _check_layers(manifest, name)]
        for what in told:
            seen.broken(f"snapshot {manifest.sequence}", what)
        if all(right) and not told:
            whole, newest = Base(store, manifest, digest), manifest.sequence
    if whole is not None and seen.looked_into:
        for what in (*check_tables(whole), *check_state(whole)):
            seen.broken(f"{store.path}, snapshot {newest}", what)
    return Verification(
        len(sequences),
        len(seen.files),
        sum(seen.files.values()),
        tuple(seen.problems),
        seen.looked_into,
    )


def _key_there(store: Store) -> bool:
    """Whether encrypted files can be looked into.

    Raises
    ------
    UsageError
        Another key was given.
    """
    try:
        if store.vault.shut:
            store.vault.check()
    except UsageError:
        if store.vault.given is not None:
            raise
        return False
    return True


def _plain_ones(store: Store, seen: _Seen, manifests: list[Manifest]) -> None:
    """Files of an encrypted index that are not encrypted."""
    if not store.vault.shut:
        return
    for manifest in manifests:
        if manifest.key is UNSET:
            seen.broken(
                f"snapshot {manifest.sequence}",
                "it is not encrypted, and the newest one is: it was put back from a backup; "
                f"forget it with: mpi vacuum {store.path} --keep N",
            )
    named = {file.name for manifest in manifests for file in manifest.files()}
    named |= {f"snapshots/{store.manifest_path(s).name}" for s in store.sequences()}
    for name in stray_files(store, named):
        if name.startswith(UNFINISHED) and name.endswith(".json"):  # names and checksums alone
            continue
        if store.files.begins(store.path / name) != MAGIC:
            seen.broken(
                str(store.path / name),
                "a file that is not encrypted, from before the index was; no snapshot has it: "
                f"remove it with: mpi vacuum {store.path}",
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
        yield from ((name, file) for file in manifest.files_of(name))
    if manifest.model is not None:
        yield "", manifest.model
    yield from ((STATE_FOLDER, file) for file in manifest.state)


def _check_layers(manifest: Manifest, name: str) -> Iterator[str]:
    """What is wrong with the files that a snapshot names for a table."""
    if name not in BUCKETED:
        return
    numbers = [file.bucket for file in manifest.tables[name]]
    if numbers != sorted(set(numbers)) or numbers[:1] != [0] or numbers[-1] >= manifest.buckets:
        yield f"{name} has files for the buckets {numbers}, of {manifest.buckets}"
    if name not in manifest.changes:
        return
    changes = manifest.changes[name]
    told = [step.snapshot for step in changes.steps]
    if told != sorted(set(told)) or any(step.files == () for step in changes.steps):
        yield f"the changes of {name} are not in the order of their snapshots"
    newest = max(*told, *changes.through, 0)
    if len(changes.through) != manifest.buckets or newest > manifest.sequence:
        yield f"the changes of {name} are those of another snapshot"


def _check_file(store: Store, seen: _Seen, manifest: Manifest, table: str, file: File) -> bool:
    """Read a file that was not read before; False where it is broken."""
    from mpi.index.state import check_file

    if file.name in seen.files:
        return seen.files[file.name] > 0
    seen.files[file.name] = 0
    try:
        if not seen.looked_into:
            store.read(file)
        elif table == STATE_FOLDER:
            check_file(store, file)
        elif table:
            rows = store.read_rows(file)
            what = None
            if table in BUCKETED:
                what = _misplaced(rows, table, file, manifest.buckets)
            if what:
                seen.broken(str(store.path / file.name), what)
                return False
        else:
            store.read(file)
    except IntegrityError as error:
        seen.broken(f"snapshot {manifest.sequence}", str(error))
        return False
    except (pa.ArrowException, OSError) as error:
        what = f"it is no file of tables that can be read ({type(error).__name__})"
        seen.broken(str(store.path / file.name), what)
        return False
    seen.files[file.name] = file.bytes
    return True


def _misplaced(rows: pa.Table, table: str, file: File, buckets: int) -> str | None:
    """What is wrong with the order and the place of a file's rows."""
    key = BUCKETED[table]
    if not all(name in rows.column_names for name in key):
        return f"a file of {table} without its key columns"
    numbers = bucket_numbers([rows[name] for name in key[:2]], buckets)
    if not file.name.startswith(CHANGE_FOLDER) and (numbers != file.bucket).any():
        where = numbers[numbers != file.bucket][0]
        return f"a row of {table} lies in bucket {file.bucket} and belongs to bucket {where}"
    keyed = rows.select(key).append_column("", pa.array(numbers))
    order = keyed.sort_by([(name, "ascending") for name in ("", *key)])
    if not order.equals(keyed):
        return f"the rows of {table} are not in the order of their keys"
    return f"a key of {table} is given twice" if has_twice(keyed, key) else None
