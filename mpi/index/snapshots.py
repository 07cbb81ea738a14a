"""What an index does with its snapshots: one writer at a time, back, and away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mpi.errors import UsageError
from mpi.index.base import Base
from mpi.index.lock import lock
from mpi.index.manifest import moment_after
from mpi.index.store import Store
from mpi.index.vault import as_source
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.encrypt import Encrypted
    from mpi.index.encryption import KeySource
    from mpi.index.erase import Erased
    from mpi.index.plan import Applied, Plan, Source
    from mpi.index.relink import Resolver
    from mpi.index.rollback import RolledBack
    from mpi.index.vacuum import Vacuumed
    from mpi.records.table import RecordTable

# What a night links at where nobody says otherwise.
_PRECISION = 0.999


def newest(store: Store) -> Base:
    """The newest snapshot of an index."""
    with store.reading():
        found = store.newest()
    return Base(store, None, None) if found is None else Base(store, *found)


class Snapshots:
    """The part of `MasterIndex` that keeps, restores and forgets snapshots.

    Parameters
    ----------
    as_of : the snapshot in sight, which is only read then; None for the newest one
    """

    def __init__(self, store: Store, *, as_of: int | None = None) -> None:
        self._store = store
        self._base = newest(store) if as_of is None else Base(store, *store.manifest(as_of))
        self._past = as_of is not None
        self._locked = False

    @property
    def scratch(self) -> Scratch:
        """Where a job on this index puts what is too large for memory; on no disk if encrypted."""
        return Scratch(None if self._store.vault.shut else self._store.path)

    @property
    def path(self) -> Path:
        """The index's folder."""
        return self._store.path

    @property
    def sequence(self) -> int:
        """The snapshot in sight, 0 before the first run."""
        return 0 if self._base.manifest is None else self._base.manifest.sequence

    def snapshots(self) -> list[int]:
        """Sequence numbers of the snapshots that can be read, oldest first."""
        return self._store.sequences()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other writer away while the block runs; `update` may be called inside.

        For a job that takes long before it updates: a second one is turned away before it reads
        its inputs. The newest snapshot comes in sight.

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            The index is encrypted, and the key is missing or another one.
        """
        with self._lock():
            self._store.vault.check()
            yield

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Every other writer kept away."""
        if self._past:
            raise UsageError(
                f"this is index {self.path} as of snapshot {self.sequence}, which is only read; "
                "open the index itself to change it"
            )
        with lock(self.path / "lock") as held:
            self._base = newest(self._store)
            moment_after(self._base.manifest)
            self._locked, self._store.check_lock = True, held.check
            try:
                yield
            finally:
                self._locked = False

    def _use_key(self, settings: Settings | None) -> None:
        """Take the key that settings name, where none was given when the index was opened."""
        vault = self._store.vault
        if vault.given is None and settings is not None and settings.encryption_key:
            vault.given = as_source(settings.encryption_key)

    @contextmanager
    def _writing(self, *, with_key: bool = True, anew: bool = False) -> Iterator[None]:
        """The lock, what died swept away, and the newest snapshot in sight before and after.

        anew : no night that was stopped goes on after this
        """
        from mpi.index.unfinished import forget

        with nullcontext() if self._locked else self._lock():
            with self._store.writing():
                self._store.check()
                if anew:
                    forget(self._store)
                self._store.sweep()
            self._base = newest(self._store)
            if with_key:
                self._store.vault.check()
            yield
            self._base = newest(self._store)

    def plan(
        self,
        records: RecordTable,
        folder: str | Path,
        settings: Settings | None = None,
        *,
        stages: Stages | None = None,
        resolver: Resolver | None = None,
        full: bool = False,
        refit: bool = False,
        inputs: tuple[Source, ...] = (),
    ) -> Plan | None:
        """Compute what `update` would publish, into a folder; nothing is published.

        Parameters
        ----------
        folder : new, empty, or of an earlier plan
        refit : learn a new model from all records
        inputs : files that must be unchanged when the plan is applied

        Returns
        -------
        Plan
            None where nothing would change.

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            The folder holds something else or cannot be written.
        """
        from mpi.index.plan import make_plan, prepare_folder
        from mpi.index.watch import guard

        self._use_key(settings)
        chosen = careful(settings or Settings())
        with self._writing(), self._store.writing():
            prepare_folder(Path(folder), self._store)
            records, known = guard(self._base, records, chosen, full=full)
            return make_plan(
                self._base,
                records,
                chosen,
                Path(folder),
                stages or Stages(scratch=self.scratch),
                resolver,
                full=full,
                refit=refit,
                inputs=inputs,
                known=known,
            )

    def waiting(self, folder: str | Path) -> Plan:
        """A plan that was made for this index, to be looked at.

        Raises
        ------
        UsageError
            There is no plan, or the key of the index is missing.
        LockedError
            The plan was edited.
        """
        from mpi.index.plan import read_plan

        return read_plan(Path(folder)).opened(self._store.vault)

    def apply(self, folder: str | Path) -> Applied:
        """Publish a plan that was made for this index.

        Raises
        ------
        LockedError
            Another process is writing to the index, or the plan is stale: the index moved on, an
            input was changed, the plan was edited.
        UsageError
            There is no plan, or it was made for another index.
        """
        from mpi.index.plan import apply_plan, read_plan

        plan = read_plan(Path(folder))
        if Path(plan.index) != self.path.resolve():
            raise UsageError(f"plan {folder} was made for index {plan.index}, not {self.path}")
        # The sweep that a writer begins with would take a plan that was applied already.
        with self.locked():
            with self._store.writing():
                done = apply_plan(self._base, Path(folder), plan)
                self._store.sweep()
            self._base = newest(self._store)
        return done

    def rollback(self, sequence: int) -> RolledBack:
        """Publish the state of an earlier snapshot as a new one.

        Ids stay right: none is given again, and those given since are retired and lead to whoever
        has their records. Decisions made since are kept, as withdrawn.

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            There is no such snapshot.
        IntegrityError
            A file is missing or damaged.
        """
        from mpi.index.rollback import roll_back

        with self._writing(anew=True), self._store.writing():
            return roll_back(self._base, sequence)

    def erase(
        self,
        key: tuple[str, str],
        *,
        stages: Stages | None = None,
        resolver: Resolver | None = None,
    ) -> Erased:
        """Forget a record: its personal data leaves every snapshot that is kept.

        The persons are then those of an index that never had the record (fixed model). Numbers of
        events and ids given stay; the record's events lose its key, and one more, `erased`, keeps
        a salted hash of it. Where the process dies in between, call it again.

        Parameters
        ----------
        key : (source, record_id)

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            No snapshot has such a record, and none was erased.
        IntegrityError
            A file is missing or damaged.
        """
        from mpi.index.erase import erase

        # A night that was stopped may have brought the record.
        with self._writing(anew=True), self._store.writing():
            return erase(self._base, key, resolver, stages or Stages(scratch=self.scratch))

    def encrypt(self, key: str | KeySource) -> Encrypted:
        """Encrypt every file of every snapshot, or encrypt them anew with another key.

        Parameters
        ----------
        key : where the key is, ``env:NAME`` or ``file:PATH``, or a key service

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            There is nothing to encrypt, or a key is missing, or is none.
        IntegrityError
            A file is missing or damaged.
        """
        from mpi.index.encrypt import encrypt

        # A key given at opening is that of an index which is encrypted already.
        with self._writing(anew=True), self._store.writing():
            done, self._store.vault = encrypt(self._store, key)
        return done

    def vacuum(self, *, keep: int | None = None, older_than: float | None = None) -> Vacuumed:
        """Forget old snapshots: all but the `keep` newest, or those `older_than` so many days.

        The newest one stays, and no file that a kept snapshot uses is removed. Stray files go.

        Raises
        ------
        LockedError
            Another process is writing to the index.
        UsageError
            Neither or both are given, or one is out of range.
        """
        from mpi.index.vacuum import vacuum

        with self._writing(with_key=False, anew=True), self._store.writing():
            return vacuum(self._store, keep=keep, older_than=older_than)


def careful(settings: Settings) -> Settings:
    """The settings, with the precision of a registry where nothing else was asked for."""
    if settings.precision is not None or settings.link_at is not None:
        return settings
    return msgspec.structs.replace(settings, precision=_PRECISION)
