"""Records as they came, and whose they are, looked up by key.

A single question looks a few records up in the index's files. Whoever asks many has every hash
bucket that is met unpacked into a file of its own, which has no name, is mapped, and is gone with
the process: so a look-up takes microseconds, and memory holds what the system has room for.
"""

from __future__ import annotations

import mmap
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import RECORDS, Base
from mpi.index.keys import bucket_number
from mpi.records.keys import as_array
from mpi.score.explain import Key
from mpi.serve.texts import Texts

_FEW = 20
"""Look-ups that are made in the index's files."""
_OWNER = "enterprise_id"


class StoredRecords:
    """The records of a snapshot, and their persons."""

    def __init__(self, base: Base) -> None:
        assert base.manifest is not None
        self._base = base
        self._n_buckets = base.manifest.buckets
        self._left = _FEW
        self._open: tuple[Callable[[int], pa.Table], ...] = ()
        self._buckets: dict[int, _Bucket] = {}
        self._last: tuple[Key | None, dict[str, pa.Array], int] = None, {}, 0

    def owner(self, key: Key) -> str:
        """The enterprise id of a record."""
        return str(self._row(key, "crosswalk", (_OWNER,))[_OWNER])

    def raw(self, key: Key, names: Sequence[str]) -> dict[str, str | None]:
        """Some fields of a record, as they came; none for a field that records do not have."""
        return self._row(key, RECORDS, names)

    def _row(self, key: Key, table: str, names: Sequence[str]) -> dict[str, str | None]:
        if self._left > 0:
            self._left -= 1
            rows = self._base.find(table, *key)
            have = rows.column_names
            return {name: rows[name][0].as_py() if name in have else None for name in names}
        last, columns, place = self._last
        if last != key:  # a record is asked for its person, then for its fields
            columns, place = self._place(key)
            self._last = key, columns, place
        return {n: columns[n][place].as_py() if n in columns else None for n in names}

    def _place(self, key: Key) -> tuple[dict[str, pa.Array], int]:
        """The columns of a record's bucket, and its row there."""
        number = bucket_number(key, self._n_buckets)
        if number not in self._buckets:
            self._buckets[number] = self._unpacked(number)
        bucket = self._buckets[number]
        return bucket.columns, bucket.place(key)

    def _unpacked(self, number: int) -> _Bucket:
        if not self._open:
            layers = (self._base.layers(name) for name in (RECORDS, "crosswalk"))
            self._open = tuple(one.open(None) for one in layers)
        records, crosswalk = (read(number) for read in self._open)
        # Both hold the same keys, in the same order.
        table = records.append_column(_OWNER, crosswalk[_OWNER])
        # What is encrypted at rest does not go to a disk as it is.
        shut = self._base.store.vault.shut
        return _Bucket(table.combine_chunks() if shut else _mapped(table))


class _Bucket:
    """Records in the order of their keys, each column in one piece."""

    def __init__(self, rows: pa.Table) -> None:
        self.columns = {name: as_array(rows[name]) for name in rows.column_names}
        self._ids = Texts(self.columns["record_id"])
        counts = pc.value_counts(self.columns["source"])  # in the order in which they come
        ends = np.cumsum([0, *counts.field("counts").to_pylist()]).tolist()
        self._ends = dict(zip(counts.field("values").to_pylist(), pairwise(ends), strict=True))

    def place(self, key: Key) -> int:
        """The row of a record."""
        source, record_id = key
        begin, end = self._ends[source]
        return bisect_left(self._ids, record_id.encode(), begin, end)


def _mapped(table: pa.Table) -> pa.Table:
    """The same table in a file without a name, in memory as far as it is looked at."""
    table = table.combine_chunks()
    with tempfile.TemporaryFile() as file:
        with pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()
