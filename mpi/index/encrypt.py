"""Encrypt an index that has snapshots, or encrypt it anew with another key.

Every file of every snapshot is written again, and all manifests with their chain. One rename puts
all of this in force (`rewrite`); the old files are removed at once after it, or by the next writer
where the process died.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from mpi.errors import UsageError
from mpi.index.base import BUCKETED
from mpi.index.encryption import KeySource
from mpi.index.manifest import Change, Changes, File, KeyName, Manifest, encode
from mpi.index.rewrite import commit
from mpi.index.store import Store
from mpi.index.vault import Vault, as_source
from mpi.schema import TABLES


@dataclass(frozen=True)
class Encrypted:
    """What was encrypted.

    changed : False where it was with this key before
    key : the name of the key, and where it was found
    snapshots, files : how many were written again
    """

    changed: bool
    key: KeyName
    snapshots: int = 0
    files: int = 0


def encrypt(store: Store, key: str | KeySource) -> tuple[Encrypted, Vault]:
    """Write an index again, encrypted. Call it with the lock held, after a sweep.

    Returns
    -------
    Encrypted, Vault
        What was done, and what the index is read with from now on.

    Raises
    ------
    UsageError
        There is nothing to encrypt, or a key is missing, or is none.
    """
    kept = [store.manifest(sequence) for sequence in store.sequences()]
    if not kept:
        raise UsageError(
            f"index {store.path} is empty; give the key to its first run: mpi run INPUT... "
            f"--index {store.path} --key env:NAME"
        )
    vault = Vault(store.path, as_source(key))
    new = Store(store.path, store.files, vault)
    new.check_lock = store.check_lock
    assert isinstance(vault.key, KeyName)
    if all(isinstance(m.key, KeyName) and m.key.name == vault.key.name for m, _ in kept):
        return Encrypted(False, vault.key), store.vault
    work = _Again(store, new)
    done: list[Manifest] = []
    digests: dict[str | None, str] = {}
    for manifest, digest in kept:
        previous = digests.get(manifest.previous, manifest.previous)
        done.append(replace(work.manifest(manifest), previous=previous))
        digests[digest] = encode(done[-1])[1]
    commit(new, done)
    new.sweep()
    return Encrypted(True, vault.key, len(done), len(work.files)), vault


@dataclass
class _Again:
    """Files written again, each once for all snapshots that share it."""

    old: Store
    new: Store
    files: dict[str, File] = field(default_factory=dict)

    def manifest(self, manifest: Manifest) -> Manifest:
        return replace(
            manifest,
            tables={
                name: tuple(self.table(name, file) for file in files)
                for name, files in manifest.tables.items()
            },
            changes={
                name: Changes(changes.through, tuple(self.step(name, s) for s in changes.steps))
                for name, changes in manifest.changes.items()
            },
            model=None if manifest.model is None else self.whole(manifest.model),
            state=tuple(self.whole(file) for file in manifest.state),
            event_hash=self.new.vault.hide(self.old.vault.reveal(manifest.event_hash)),
            key=self.new.vault.key,
        )

    def step(self, name: str, step: Change) -> Change:
        rows, gone = (None if f is None else self.table(name, f) for f in (step.rows, step.gone))
        return Change(step.snapshot, rows, gone)

    def table(self, name: str, file: File) -> File:
        if file.name not in self.files:
            rows = self.old.read_rows(file)
            key = BUCKETED.get(name) or TABLES[name].key
            folder = file.name.partition("/")[0]
            self.files[file.name] = self.new.write_part(name, file.bucket, rows, key, folder=folder)
        return self.files[file.name]

    def whole(self, file: File) -> File:
        if file.name not in self.files:
            folder, content = file.name.partition("/")[0], memoryview(self.old.read_whole(file))
            self.files[file.name] = self.new.write_whole(
                folder, file.bucket, file.rows, content, ""
            )
        return self.files[file.name]
