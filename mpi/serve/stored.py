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
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import RECORDS, Base
from mpi.index.keys import bucket_numbers
from mpi.records.keys import as_array
from mpi.score.explain import Key

_FEW = 20
"""Look-ups that are made in the index's files."""
_OWNER = "enterprise_id"


class StoredRecords:
    """The records of a snapshot, and their persons."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._left = _FEW
        self._open: tuple[Callable[[int], pa.Table], ...] = ()
        self._buckets: dict[int, _Bucket] = {}

    def owner(self, key: Key) -> str:
        """The enterprise id of a record."""
        return str(self._row(key, "crosswalk", (_OWNER,))[_OWNER])

    def raw(self, key: Key, names: Sequence[str]) -> dict[str, str | None]:
        """Some fields of a record, as they came; none for a field that records do not have."""
        return self._row(key, RECORDS, names)

    def _row(self, key: Key, table: str, names: Sequence[str]) -> dict[str, str | None]:
        if self._left > 0:
            self._left -= 1
            rows, place = self._base.find(table, *key), 0
        else:
            bucket = self._bucket(key)
            rows, place = bucket.rows, bucket.place(key)
        have = rows.column_names
        return {name: rows[name][place].as_py() if name in have else None for name in names}

    def _bucket(self, key: Key) -> _Bucket:
        assert self._base.manifest is not None
        texts = [pa.chunked_array([[part]], pa.string()) for part in key]
        number = int(bucket_numbers(texts, self._base.manifest.buckets)[0])
        if number not in self._buckets:
            if not self._open:
                layers = (self._base.layers(name) for name in (RECORDS, "crosswalk"))
                self._open = tuple(one.open(None) for one in layers)
            records, crosswalk = (read(number) for read in self._open)
            # Both hold the same keys, in the same order.
            table = records.append_column(_OWNER, crosswalk[_OWNER])
            self._buckets[number] = _Bucket(_mapped(table))
        return self._buckets[number]


class _Bucket:
    """Records in the order of their keys."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self._ids = as_array(rows["record_id"])
        counts = pc.value_counts(as_array(rows["source"]))  # in the order in which they come
        ends = np.cumsum([0, *counts.field("counts").to_pylist()]).tolist()
        self._ends = dict(zip(counts.field("values").to_pylist(), pairwise(ends), strict=True))

    def place(self, key: Key) -> int:
        """The row of a record."""
        source, record_id = key
        begin, end = self._ends[source]
        return bisect_left(Utf8(self._ids), record_id.encode(), begin, end)


def _mapped(table: pa.Table) -> pa.Table:
    """The same table in a file without a name, in memory as far as it is looked at."""
    table = table.combine_chunks()
    with tempfile.TemporaryFile() as file:
        with pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()


class Utf8(Sequence[bytes]):
    """Texts as their UTF-8, read one by one: a binary search looks at twenty of millions."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        return self.values[place].as_buffer().to_pybytes()
