"""Files of an index written again without a record, each once for all snapshots that share it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from mpi.cluster.ids import serial_numbers
from mpi.index.base import BUCKETED, RECORDS, Base
from mpi.index.decisions import SET, Decision, in_force, read_decisions
from mpi.index.draft import Draft
from mpi.index.keys import bucket_numbers
from mpi.index.layers import Layers
from mpi.index.manifest import Change, Changes, File, Manifest
from mpi.index.merge import Step, in_key_order, merge
from mpi.index.persons import Ids, persons_table
from mpi.index.rebuild import last_settings
from mpi.index.store import CHANGE_FOLDER, TABLE_FOLDER
from mpi.index.strip import HELD, STRIP, Mask, Target
from mpi.index.upsert import Stored
from mpi.index.validity import reading_of
from mpi.records.keys import KEY
from mpi.schema import TABLES
from mpi.score.model import Model, read_model


@dataclass
class Stripped:
    """Files written again, each once for all snapshots that share it.

    owners : ids of all persons who ever had the record
    """

    store: Draft
    target: Target
    owners: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    files: dict[tuple[str, str], File | None] = field(default_factory=dict)
    held: dict[str, pa.Table] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    models: dict[str, Model] = field(default_factory=dict)
    segments: dict[str, tuple[File, Mask]] = field(default_factory=dict)

    def manifest(self, manifest: Manifest, chained: dict[str, tuple[File, str]]) -> Manifest:
        """A snapshot without the record; its place in the chain is as it was."""
        base = Base(self.store, manifest, None)
        tables, changes = dict(manifest.tables), dict(manifest.changes)
        rows, living = dict(manifest.rows), manifest.living
        for name in STRIP:
            tables[name], changes[name] = self._layers(base, name, partial(self.strip, name))
            if name in HELD:
                rows[name] -= self._visible(base, name)
        tables["persons"], changes["persons"], alone = self._persons(base)
        tables["events"] = tuple(chained[file.name][0] for file in manifest.tables["events"])
        rows["events"] = sum(file.rows for file in tables["events"])
        return replace(
            manifest,
            tables=tables,
            changes={name: changes[name] for name in changes if changes[name].steps},
            rows=rows,
            living=living - alone,
        )

    def state(self, manifest: Manifest, stripped: Manifest) -> tuple[File, ...]:
        """The files of what linking keeps; none where the record was one of those it tells, as
        persons are put together anew without it then."""
        from mpi.index.state import strip_state

        if not manifest.state or stripped.rows[RECORDS] != manifest.rows[RECORDS]:
            return ()
        assert manifest.model is not None
        if manifest.model.name not in self.models:
            self.models[manifest.model.name] = read_model(
                bytes(self.store.read_whole(manifest.model))
            )
        model, key = self.models[manifest.model.name], (self.target.source, self.target.record_id)
        return strip_state(self.store, manifest.state, model, key, self.segments)

    def strip(self, name: str, file: File) -> File | None:
        """A file of a table without the record; None where nothing is left of it."""
        return self._once(file, name, lambda table: STRIP[name](table, self.target))

    def _once(
        self, file: File, name: str, change: Callable[[pa.Table], pa.Table | None], how: str = ""
    ) -> File | None:
        """A file changed in one way, which `how` names; not read again for the next snapshot."""
        if (file.name, how) not in self.files:
            table = self.store.read_rows(file)
            if name in HELD:
                here = HELD[name](table, self.target)
                self.held[file.name] = table.filter(pa.array(here))
            new = change(table)
            kept = file if new is None else self.write(name, file, new)
            self.files[file.name, how] = kept
        return self.files[file.name, how]

    def write(self, name: str, file: File, table: pa.Table) -> File | None:
        folder = file.name.partition("/")[0]
        # Only the first bucket is kept for its columns.
        if not table.num_rows and (file.bucket or folder == CHANGE_FOLDER):
            return None
        # What is encrypted again is another file.
        if self.store.vault.shut and file.rows == table.num_rows:
            same = self.store.read_rows(file).equals(table)
            if same:
                return file
        key = BUCKETED.get(name) or TABLES[name].key
        new = self.store.write_part(name, file.bucket, table, key, folder=folder)
        if new != file:
            self.written.add(new.name)
        return new

    def _layers(
        self, base: Base, name: str, strip: Callable[[File], File | None]
    ) -> tuple[tuple[File, ...], Changes]:
        """The files of a table, each stripped; changes that nothing is left of are dropped."""
        layers = base.layers(name)
        files = tuple(new for file in layers.files if (new := strip(file)) is not None)
        steps = []
        for step in layers.changes.steps:
            rows, gone = (None if f is None else strip(f) for f in (step.rows, step.gone))
            if rows or gone:
                steps.append(Change(step.snapshot, rows, gone))
        return files, Changes(layers.changes.through, tuple(steps))

    def _visible(self, base: Base, name: str) -> int:
        """How many rows of the record a table had."""
        layers = base.layers(name)
        steps: list[Step] = []
        for step in layers.changes.steps:
            rows, gone = (f and self.held[f.name] for f in (step.rows, step.gone))
            steps.append((rows, gone))
        held = pa.concat_tables([self.held[file.name] for file in layers.files])
        return int(merge(held, steps, layers.key).num_rows)

    def person(self, base: Base) -> tuple[str, bool]:
        """Who the record was in a snapshot, '' for nobody; whether the person had no other one."""
        row = base.find("crosswalk", self.target.source, self.target.record_id)
        if not row.num_rows:
            return "", False
        person = row["enterprise_id"][0].as_py()
        return person, len(self._others(base, person)) == 0

    def _others(self, base: Base, person: str) -> pa.Table:
        """The keys of the person's other records, sorted."""
        found = []
        for rows in base.buckets("crosswalk"):
            rows = rows.filter(pc.equal(rows["enterprise_id"], person))
            found.append(rows.filter(pa.array(~HELD["crosswalk"](rows, self.target))))
        return pa.concat_tables(found).sort_by([(name, "ascending") for name in KEY])

    def _persons(self, base: Base) -> tuple[tuple[File, ...], Changes, bool]:
        """The files of persons with this one as if the record never was; whether it died of that.

        Whoever had the record in any snapshot may be in files that are shared with this one, under
        newer rows: of these persons only the row in sight is kept, in the file of its bucket.
        """
        person, alone = self.person(base)
        layers = base.layers("persons")
        heirless = person if alone else ""

        def strip(file: File) -> File | None:
            return self._once(file, "persons", lambda t: self._bare(t, heirless), "-" + heirless)

        own = base.having("persons", pa.table({"enterprise_id": self.owners}))
        told = [own.slice(row, 1) for row in range(own.num_rows)]
        ids = own["enterprise_id"].to_pylist()
        told = [
            self._row(base, row, self._others(base, person)) if one == person else row
            for one, row in zip(ids, told, strict=True)
        ]
        files, changes = self._layers(base, "persons", strip)
        if told:
            rows = self._without_heirs(pa.concat_tables(told), heirless)
            files = self._put_back(layers, files, rows)
        return files, changes, alone

    def _bare(self, table: pa.Table, heirless: str) -> pa.Table | None:
        """Persons but for those who ever had the record; None where nothing changes."""
        here = pc.is_in(table["enterprise_id"], value_set=self.owners)
        new = self._without_heirs(table.filter(pc.invert(here)), heirless)
        return None if new.equals(table) else new

    def _without_heirs(self, table: pa.Table, person: str) -> pa.Table:
        """Nobody lives where the records of those whom a person without records replaced went."""
        if not person:
            return table
        heir = pc.equal(table["replaced_by"], person).fill_null(False)
        place = table.column_names.index("replaced_by")
        kept = pc.if_else(heir, pa.scalar(None, pa.string()), table["replaced_by"])
        return table.set_column(place, table.schema.field("replaced_by"), kept)

    def _put_back(
        self, layers: Layers, files: tuple[File, ...], rows: pa.Table
    ) -> tuple[File, ...]:
        """Rows of persons into the files of their buckets."""
        numbers = bucket_numbers([rows["enterprise_id"]], layers.buckets)
        old = {file.bucket: file for file in layers.files}
        new = {file.bucket: file for file in files}
        for bucket in np.unique(numbers).tolist():
            parts = [rows.filter(pa.array(numbers == bucket)).cast(layers.schema)]
            if bucket in new:
                parts.append(self.store.read_rows(new[bucket]))
            table = in_key_order(pa.concat_tables(parts), layers.key)
            like = old.get(bucket, File(f"{TABLE_FOLDER}/persons", bucket, 0, 0, ""))
            written = self.write("persons", like, table)
            assert written is not None
            new[bucket] = written
        return tuple(new[bucket] for bucket in sorted(new))

    def _row(self, base: Base, row: pa.Table, others: pa.Table) -> pa.Table:
        """The person made of the other records; without any, retired."""
        assert base.manifest is not None
        data = in_key_order(base.having(RECORDS, others), KEY)
        serial = serial_numbers(row["enterprise_id"])
        ids = Ids(
            serial,
            row["since"].to_numpy(),
            np.array([not others.num_rows]),
            np.zeros(1, np.int64),
        )
        stored = Stored(
            data.combine_chunks(), base.manifest.fields, base.manifest.ignored, data.slice(0, 0)
        )
        made = persons_table(
            stored,
            np.full(len(data), serial[0]),
            ids,
            golden=last_settings(base).golden,
            reading=reading_of(base.model()),
            decisions=self._set_values(base, row["enterprise_id"][0].as_py()),
        )
        return made.select(row.column_names).cast(row.schema)

    def _set_values(self, base: Base, person: str) -> list[Decision]:
        """Values in force that were set for the person, or for one whom it replaced; without those
        that were set because of the record."""
        table = read_decisions(base)
        stripped = STRIP["decisions"](table, self.target)
        made = in_force(table if stripped is None else stripped)
        held = [one for one in made if one.kind == SET and one.person is not None]
        named = pa.table({"enterprise_id": pa.array([one.person for one in held], pa.string())})
        rows = base.having("persons", named, ["replaced_by"])
        heirs = dict(
            zip(rows["enterprise_id"].to_pylist(), rows["replaced_by"].to_pylist(), strict=True)
        )
        own = [one for one in held if person in (one.person, heirs.get(one.person))]
        return [dataclasses.replace(one, person=person) for one in own]
