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
from typing import Any

import pyarrow as pa

from mpi.index.base import RECORDS, Base
from mpi.index.keys import bucket_numbers
from mpi.records.keys import KEY
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
        self._buckets: dict[int, pa.Table] = {}

    def owner(self, key: Key) -> str:
        """The enterprise id of a record."""
        return str(self._value(key, "crosswalk", _OWNER))

    def raw(self, key: Key, names: Sequence[str]) -> dict[str, str | None]:
        """Some fields of a record, as they came; none for a field that records do not have."""
        return {name: self._value(key, RECORDS, name) for name in names}

    def _value(self, key: Key, table: str, name: str) -> Any:
        if self._left > 0:
            self._left -= 1
            rows = self._base.find(table, *key)
            return rows[name][0].as_py() if name in rows.column_names else None
        bucket = self._bucket(key)
        if name not in bucket.column_names:
            return None
        return bucket[name][_place(bucket, key)].as_py()

    def _bucket(self, key: Key) -> pa.Table:
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
            self._buckets[number] = _mapped(table)
        return self._buckets[number]


def _mapped(table: pa.Table) -> pa.Table:
    """The same table in a file without a name, in memory as far as it is looked at."""
    table = table.combine_chunks()
    with tempfile.TemporaryFile() as file:
        with pa.ipc.new_file(file, table.schema) as out:
            out.write_table(table)
        file.flush()
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()


class _Keys(Sequence[tuple[bytes, bytes]]):
    """Record keys in their order, read one by one: a binary search looks at few of many."""

    def __init__(self, table: pa.Table) -> None:
        self._columns = [table[name] for name in KEY]

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, place: Any) -> Any:
        return tuple(column[place].as_py().encode() for column in self._columns)


def _place(table: pa.Table, key: Key) -> int:
    """The row of a record in a table that is sorted by key."""
    return bisect_left(_Keys(table), tuple(part.encode() for part in key))
