"""The master index: records in every night, persons out at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mpi.cluster.census import Census
from mpi.index.base import Base
from mpi.index.encryption import KeySource
from mpi.index.files import Files
from mpi.index.questions import Questions
from mpi.index.snapshots import Snapshots, careful, newest
from mpi.index.store import Store
from mpi.index.vault import Vault, as_source
from mpi.index.verify import Verification, verify
from mpi.records.table import RecordTable
from mpi.schema import Kind
from mpi.settings import Settings
from mpi.stages import Stages

if TYPE_CHECKING:
    from mpi.index.deciding import Deciding
    from mpi.index.decisions import Decision
    from mpi.index.nightly import Update
    from mpi.index.plan import Source
    from mpi.index.rebuild import Rebuild
    from mpi.index.relink import Resolver
    from mpi.score.explain import Explanation


def _store(path: str | Path, key: str | KeySource | None, files: Files | None) -> Store:
    return Store(Path(path), files or Files(), Vault(Path(path), as_source(key)))


class MasterIndex(Snapshots, Questions):
    """A master patient index in a folder.

    A value of this class sees one snapshot, the newest one when it was opened, whatever other
    processes publish meanwhile; its own `update` moves it on.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> index = MasterIndex.create_or_open(folder)
    >>> index.sequence, index.table("crosswalk").num_rows
    (0, 0)
    """

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        key: str | KeySource | None = None,
        files: Files | None = None,
    ) -> MasterIndex:
        """Open an index.

        Parameters
        ----------
        key : of an encrypted index, where its key is, ``env:NAME`` or ``file:PATH``, or a key
            service; if not given, the key is looked for where it was

        Raises
        ------
        UsageError
            The folder is not an index, or has a newer format.
        IntegrityError
            A file is missing or damaged.
        """
        store = _store(path, key, files)
        with store.reading():
            store.check()
        return cls(store)

    @classmethod
    def create_or_open(
        cls,
        path: str | Path,
        *,
        key: str | KeySource | None = None,
        files: Files | None = None,
    ) -> MasterIndex:
        """Open an index, or make an empty one in a new or empty folder.

        Parameters
        ----------
        key : as for `open`; a new index will be encrypted with it

        Raises
        ------
        UsageError
            The folder holds something else, has a newer format or cannot be written.
        IntegrityError
            A file is missing or damaged.
        """
        store = _store(path, key, files)
        if key is not None:  # a folder that is made for a key that is none helps nobody
            store.vault.check()
        store.create()
        return cls(store)

    # ---------------------------------------------------------------- reading

    def as_of(self, sequence: int) -> MasterIndex:
        """The index as it was in a snapshot: everything can be read, nothing be written.

        Raises
        ------
        UsageError
            There is no such snapshot, or it was vacuumed.
        """
        return MasterIndex(self._store, as_of=sequence)

    def table(
        self,
        name: str,
        *,
        as_of: int | None = None,
        columns: Iterable[str] | None = None,
        ordered: bool = True,
    ) -> pa.Table:
        """A table as it was published, sorted by its key.

        Parameters
        ----------
        name : a name of ``schema.TABLES``, or ``records`` for the records as they came
        as_of : a snapshot, None for the one in sight
        columns : only these; the key's columns come with them
        ordered : False leaves the rows in the order of the files, which is faster

        Raises
        ------
        UsageError
            There is no such table or snapshot.
        IntegrityError
            A file is missing or damaged.
        """
        base, wanted = self._at(as_of), None if columns is None else list(columns)
        if ordered or base.manifest is None or name not in base.manifest.tables:
            return base.table(name, wanted)
        return base.layers(name).read(wanted, ordered=False)

    def model(self) -> bytes | None:
        """The model that links the records, JSON; None before the first run."""
        return self._base.model()

    def kinds(self) -> dict[str, Kind]:
        """What each column was found to mean in the first run that had it, by column name."""
        if self._base.manifest is None:
            return {}
        kinds = {field.column: field.kind for field in self._base.manifest.fields}
        return kinds | dict.fromkeys(self._base.manifest.ignored, Kind.IGNORED)

    def census(self) -> Census:
        """How many persons are known to how many sources, in the snapshot in sight."""
        from mpi.index.census import census_of

        return census_of(self._base)

    def counts(self) -> dict[str, int]:
        """Rows of the tables in sight: records, persons (living), links, review, quarantine."""
        return self._base.counts()

    def records(self) -> RecordTable:
        """The records as they came, one row a record key."""
        stored = self._base.stored
        return RecordTable(stored.data, stored.fields, {}, stored.deleted)

    def explain(self, a: tuple[str, str], b: tuple[str, str]) -> Explanation:
        """Why two records are, or are not, one person.

        The evidence is that of the pair alone; the verdict is what the index made of it, together
        with all other records: a chain of links that joins the two, or what keeps them apart.

        Parameters
        ----------
        a, b : record keys, (source, record_id)

        Raises
        ------
        UsageError
            The index has no such record.
        """
        from mpi.index.explain import explain_pair

        return explain_pair(self._base, a, b)

    def verify(self) -> Verification:
        """Check every file of every snapshot, the chain of manifests, and the tables in sight.

        Raises
        ------
        IntegrityError
            Says what is broken.
        """
        return verify(self._store)

    def rebuild(self, *, stages: Stages | None = None, resolver: Resolver | None = None) -> Rebuild:
        """Link the stored records from nothing with the index's model, and compare (law 3)."""
        from mpi.index.rebuild import rebuild
        from mpi.linkage import resolve

        return rebuild(self._base, resolver or resolve, stages or Stages(scratch=self.scratch))

    def _at(self, as_of: int | None) -> Base:
        if as_of is None or as_of == self.sequence:
            return self._base
        return Base(self._store, *self._store.manifest(as_of))

    # ---------------------------------------------------------------- the nightly job

    def update(
        self,
        records: RecordTable,
        settings: Settings | None = None,
        *,
        stages: Stages | None = None,
        resolver: Resolver | None = None,
        full: bool = False,
        inputs: tuple[Source, ...] = (),
    ) -> Update:
        """The nightly job: bring the index up to these records and publish a snapshot.

        A record replaces the stored one of its key unless it is older, a deleted key leaves,
        everything else stays. Where nothing changes, nothing is published. A night of hours that
        was stopped goes on where it was, if everything is as it was (`Update.went_on`).

        Parameters
        ----------
        settings : without `precision` and `link_at`, links are made for a precision of 0.999: a
            registry would rather ask than be wrong
        resolver : decides which records are one person; `mpi.linkage.resolve` if not given
        full : stored records of these sources that did not come are gone
        inputs : the files that were read, for the plan that is left where a limit is broken

        Raises
        ------
        LockedError
            Another process is writing to the index.
        LimitError
            A limit of the settings would be broken; a plan waits, and nothing is published.
        UsageError
            The index cannot be written.
        IntegrityError
            A file is missing or damaged.
        UnusableInputError
            The records hold nothing that can be linked.
        """
        from mpi.index.incremental import run
        from mpi.index.plan import run_within
        from mpi.index.unfinished import Unfinished
        from mpi.index.watch import guard, watch

        self._use_key(settings)
        chosen = careful(settings or Settings())
        stages = stages or Stages(scratch=self.scratch)
        stages.scratch.limit = chosen.memory
        with nullcontext() if self._locked else self.locked():
            with self._store.writing():
                self._store.check()
                base = newest(self._store)
                self._store.vault.check()
                self._store.sweep()
            records, known = guard(base, records, chosen, full=full)

            unfinished = Unfinished(self._store, stages)
            kept = replace(stages, pieces=unfinished)

            def night(base: Base) -> Update:
                return run(base, records, chosen, kept, resolver, known=known)

            with unfinished.until_the_end():
                update = run_within(base, chosen.limits, night, full=full, inputs=inputs)
            update = watch(base, records, unfinished.told(update), stages)
            self._base = newest(self._store)
        return update

    # ---------------------------------------------------------------- decisions

    def decide(
        self,
        decision: str | Decision | Iterable[Decision],
        *subject: Any,
        by: str = "",
        why: str | None = None,
        stages: Stages | None = None,
        resolver: Resolver | None = None,
    ) -> Update:
        """Take a person's decision, and publish what it changes.

        It outranks the model now and in every later run, refits included, until it is withdrawn.
        A decision that holds already is passed over.

        Parameters
        ----------
        decision : ``"same"`` or ``"different"`` with two record keys, ``"pin"`` or ``"confirm"``
            with an enterprise id, ``"set"`` with a field, a value and an enterprise id; or many
            at once, as `mpi.index.decisions.decision` makes them
        by : who decides; the user of this process if not given
        why : for those who read it later

        Raises
        ------
        UsageError
            A record or person is unknown, or decisions contradict each other; the chain is told,
            and nothing is published.
        LockedError
            Another process is writing to the index.

        Examples
        --------
        >>> import mpi, tempfile
        >>> index = mpi.MasterIndex.create_or_open(tempfile.mkdtemp())
        >>> index.decide("same", ("hanoi", "17"), ("hue", "9"), by="Lan")
        Traceback (most recent call last):
            ...
        mpi.errors.UsageError: index ... is empty, so there is nobody to decide about; run ...
        """
        from mpi.index.deciding import admit, user
        from mpi.index.decisions import Decision
        from mpi.index.decisions import decision as make

        if isinstance(decision, str):
            wanted = [make(decision, *subject)]
        else:
            wanted = [decision] if isinstance(decision, Decision) else [*decision]
        wanted = [replace(made, why=made.why or why) for made in wanted]
        who = by or user()

        return self._decided(lambda base: admit(base, wanted, who), stages, resolver)

    def withdraw(
        self,
        *numbers: int,
        by: str = "",
        why: str | None = None,
        stages: Stages | None = None,
        resolver: Resolver | None = None,
    ) -> Update:
        """Take decisions back: what the model says comes back, as if they had never been made.

        Parameters
        ----------
        numbers : as in the `sequence` of the decisions table

        Raises
        ------
        UsageError
            There is no such decision, or it was withdrawn before.
        LockedError
            Another process is writing to the index.
        """
        from mpi.index.deciding import take_back, user

        who = by or user()
        return self._decided(lambda base: take_back(base, numbers, who, why), stages, resolver)

    def _decided(
        self,
        decide: Callable[[Base], Deciding],
        stages: Stages | None,
        resolver: Resolver | None,
    ) -> Update:
        """Publish what decisions make of the newest snapshot, under the last run's settings."""
        from mpi.index.deciding import no_records
        from mpi.index.incremental import run
        from mpi.index.rebuild import last_settings

        with self._writing():
            base = self._base
            return run(
                base,
                no_records(base),
                careful(last_settings(base)),
                stages or Stages(scratch=self.scratch),
                resolver,
                deciding=decide(base),
            )
