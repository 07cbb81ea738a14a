"""Files of an index written again without a record, each once for all snapshots that share it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.cluster.ids import serial_numbers
from mpi.index.base import RECORDS, Base
from mpi.index.decisions import Decision, in_force, read_decisions
from mpi.index.draft import Draft
from mpi.index.keys import bucket_numbers
from mpi.index.manifest import File, Manifest
from mpi.index.persons import Ids, persons_table
from mpi.index.rebuild import last_settings
from mpi.index.strip import STRIP, Target
from mpi.index.upsert import Stored
from mpi.index.validity import reading_of
from mpi.records.keys import KEY, find_keys


@dataclass
class Stripped:
    """Files written again, each once for all snapshots that share it."""

    store: Draft
    target: Target
    files: dict[str, File | None] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    def tables(
        self, manifest: Manifest, chained: dict[str, tuple[File, str]]
    ) -> dict[str, tuple[File, ...]]:
        """The tables of a snapshot without the record."""
        base = Base(self.store, manifest, None)
        person, alone = self.person(base)
        new: dict[str, tuple[File, ...]] = {}
        for name, files in manifest.tables.items():
            if name == "events":
                new[name] = tuple(chained[file.name][0] for file in files)
            elif name == "persons" and person:
                new[name] = self._persons(base, person, alone)
            elif name in STRIP:
                stripped = [self.strip(name, file) for file in files]
                new[name] = tuple(file for file in stripped if file is not None)
            else:
                new[name] = files
        return new

    def strip(self, name: str, file: File) -> File | None:
        """A file of a table without the record; None where nothing is left of it."""
        if file.name not in self.files:
            table = STRIP[name](self.store.read_files([file]), self.target)
            self.files[file.name] = file if table is None else self.write(name, file, table)
        return self.files[file.name]

    def write(self, name: str, file: File, table: pa.Table) -> File | None:
        if not table.num_rows and file.bucket:
            return None  # only the first bucket is kept for its columns
        new = self.store.write_part(name, file.bucket, table)
        self.written.add(new.name)
        return new

    def person(self, base: Base) -> tuple[str, bool]:
        """Who the record was in a snapshot, '' for nobody; whether the person had no other one."""
        assert base.manifest is not None
        columns = [
            pa.chunked_array([[text]]) for text in (self.target.source, self.target.record_id)
        ]
        bucket = int(bucket_numbers(columns, base.manifest.buckets)[0])
        wanted = dict(zip(KEY, (self.target.source, self.target.record_id), strict=True))
        for file in base.manifest.tables["crosswalk"]:
            if file.bucket == bucket:
                rows = self.store.read_rows(file, wanted)
                if rows.num_rows:
                    person = rows["enterprise_id"][0].as_py()
                    return person, len(self._others(base, person)) == 0
        return "", False

    def _others(self, base: Base, person: str) -> pa.Table:
        """The keys of the person's other records, sorted."""
        assert base.manifest is not None
        found = []
        for file in base.manifest.tables["crosswalk"]:
            rows = self.store.read_files([file])
            rows = rows.filter(pc.equal(rows["enterprise_id"], person))
            rest = STRIP["crosswalk"](rows, self.target)
            found.append(rows if rest is None else rest)
        return pa.concat_tables(found).sort_by([(name, "ascending") for name in KEY])

    def _persons(self, base: Base, person: str, alone: bool) -> tuple[File, ...]:
        """The files of persons with this one as if the record never was."""
        assert base.manifest is not None
        others = self._others(base, person)
        files = []
        for file in base.manifest.tables["persons"]:
            table = self.store.read_files([file])
            here = pc.equal(table["enterprise_id"], person).to_numpy(zero_copy_only=False)
            new = table
            if here.any():
                row = self._row(base, table.filter(pa.array(here)), others)
                new = pa.concat_tables([table.filter(pa.array(~here)), row])
                new = new.sort_by("enterprise_id")
            if alone:  # nobody lives where their records went
                heir = pc.equal(new["replaced_by"], person).fill_null(False)
                place = new.column_names.index("replaced_by")
                kept = pc.if_else(heir, pa.scalar(None, pa.string()), new["replaced_by"])
                new = new.set_column(place, new.schema.field("replaced_by"), kept)
            if new.equals(table):
                files.append(file)
            else:
                written = self.write("persons", file, new)
                files += [] if written is None else [written]
        return tuple(files)

    def _row(self, base: Base, row: pa.Table, others: pa.Table) -> pa.Table:
        """The person made of the other records; without any, retired."""
        assert base.manifest is not None
        columns = [others[name] for name in KEY]
        buckets = set(bucket_numbers(columns, base.manifest.buckets).tolist())
        parts = [
            _among(self.store.read_files([file]), others)
            for file in base.manifest.tables[RECORDS]
            if file.bucket in buckets or file.bucket == 0
        ]
        data = pa.concat_tables(parts).sort_by([(name, "ascending") for name in KEY])
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
            decisions=self._set_values(base),
        )
        return made.select(row.column_names).cast(row.schema)

    def _set_values(self, base: Base) -> list[Decision]:
        """Decisions in force, which may set a value of the person, but for those of the record."""
        table = read_decisions(base)
        stripped = STRIP["decisions"](table, self.target)
        return in_force(table if stripped is None else stripped)


def _among(table: pa.Table, keys: pa.Table) -> pa.Table:
    """The rows with one of these keys."""
    return table.filter(pa.array(find_keys(table, keys) >= 0))
