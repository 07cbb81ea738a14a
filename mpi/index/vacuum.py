"""Forget old snapshots, and sweep the files that no kept one names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mpi.errors import UsageError
from mpi.index.store import Store


@dataclass(frozen=True)
class Vacuumed:
    """What was forgotten.

    forgotten, kept : sequence numbers of snapshots
    files : how many files were removed, manifests left out
    bytes : of these files
    """

    forgotten: tuple[int, ...]
    kept: tuple[int, ...]
    files: int
    bytes: int


def vacuum(store: Store, *, keep: int | None = None, older_than: float | None = None) -> Vacuumed:
    """Forget snapshots by number or by age; the newest one stays.

    Call it with the lock held. Manifests go first, the oldest before all others, so that whatever
    is left when the process dies is an index with fewer snapshots and some stray files.

    Parameters
    ----------
    keep : how many of the newest snapshots stay
    older_than : days; snapshots published before that go

    Raises
    ------
    UsageError
        Neither or both are given, or one is out of range.
    """
    if (keep is None) == (older_than is None):
        raise UsageError("vacuum by number (keep) or by age (older_than), one of the two")
    if keep is not None and keep < 1:
        raise UsageError(f"keep is {keep}; the newest snapshot always stays, so keep at least 1")
    if older_than is not None and older_than < 0:
        raise UsageError(f"older_than is {older_than} days; it cannot be negative")
    store.sweep()
    sequences = store.sequences()
    if keep is not None:
        old = sequences[:-keep]
    else:
        limit = datetime.now(UTC) - timedelta(days=older_than or 0.0)
        old = []
        for sequence in sequences[:-1]:
            # A younger snapshot behind an older one would leave a gap.
            if datetime.fromisoformat(store.manifest(sequence)[0].created_at) > limit:
                break
            old.append(sequence)
    files, size = 0, 0
    if old:
        kept = {f.name for s in sequences if s not in old for f in store.manifest(s)[0].files()}
        going = {f.name: f for s in old for f in store.manifest(s)[0].files()}
        files = len(going.keys() - kept)
        size = sum(going[name].bytes for name in going.keys() - kept)
        store.check_lock()
        for sequence in old:
            store.files.remove(store.manifest_path(sequence))
        store.files.sync_folder(store.path / "snapshots")
        store.sweep()
    return Vacuumed(tuple(old), tuple(s for s in sequences if s not in old), files, size)
