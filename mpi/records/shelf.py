"""Text columns written once to where they stay: in files, if the job has a folder for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.spool import HELD
from mpi.records.text import text_buffers, validity
from mpi.scratch import Scratch

LIMIT = 2**31 - 1
"""Bytes of text in one piece of a column: what 32-bit offsets can count."""
_FIRST = 1 << 19
_ROOM = 8 << 20
"""Bytes of the first that a name's columns share, which stays in memory, and of the next."""
_LINE = 64
"""Bytes that a buffer's begin is a multiple of."""


class Room:
    """Room for one piece of a text column, filled from its first row on.

    rows, size : rows and bytes of text that there is room for
    """

    def __init__(self, scratch: Scratch, rows: int, size: int) -> None:
        self._offsets = scratch.empty(rows + 1, np.int32)
        self._data = scratch.empty(size, np.uint8)
        self._offsets[0] = 0
        self._valid: npt.NDArray[np.bool_] | None = None
        self._missing = 0
        self.rows = 0
        self.size = 0

    def fits(self, rows: int, size: int) -> bool:
        """Whether there is room for so many more rows with so many bytes."""
        return self.rows + rows < len(self._offsets) and self.size + size <= len(self._data)

    def add(self, texts: pa.Array) -> None:
        """The next rows."""
        data, offsets = text_buffers(texts)
        first, end = int(offsets[0]), int(offsets[-1])
        behind = self.rows + len(texts)
        np.add(offsets[1:], self.size - first, out=self._offsets[self.rows + 1 : behind + 1])
        self._data[self.size : self.size + end - first] = data[first:end]
        if texts.null_count:
            self._missing += texts.null_count
            if self._valid is None:
                self._valid = np.ones(len(self._offsets) - 1, np.bool_)
            self._valid[self.rows : behind] = validity(texts)
        self.rows, self.size = behind, self.size + end - first

    def array(self) -> pa.Array:
        """What was put in."""
        bits = None
        if self._valid is not None:
            bits = pa.py_buffer(np.packbits(self._valid[: self.rows], bitorder="little"))
        return pa.StringArray.from_buffers(
            self.rows,
            pa.py_buffer(self._offsets[: self.rows + 1]),
            pa.py_buffer(self._data[: self.size]),
            bits,
            self._missing,
        )


@dataclass
class _Part:
    """What is left of a room that several small buffers share."""

    buffer: npt.NDArray[np.uint8]
    used: int = 0


@dataclass
class Shelf:
    """Where the columns of the files that were read wait, each name's one after the other.

    A file with few rows gives columns too small for a file of their own each, and ten thousand
    such files would still fill the memory: columns of one name share what they lie in, and it is
    freed with the last of them.

    Examples
    --------
    >>> shelf = Shelf()
    >>> shelf.put("name", pa.array(["An", None])).to_pylist()
    ['An', None]
    """

    scratch: Scratch = field(default_factory=Scratch)
    _parts: dict[str, _Part] = field(default_factory=dict, repr=False)
    _held: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def put(self, name: str, texts: pa.Array) -> pa.Array:
        """The array as it is to be kept; the same where nothing lies in files.

        Raises
        ------
        UsageError
            The disk has no room for it.
        """
        if self.scratch.folder is None:
            return texts
        data, offsets = text_buffers(texts)
        first, end = int(offsets[0]), int(offsets[-1])
        own_offsets = self._room(name, 4 * len(offsets)).view(np.int32)
        np.subtract(offsets, first, out=own_offsets)
        own_data = self._room(name, end - first)
        own_data[:] = data[first:end]
        bits = None
        if texts.null_count:
            valid = validity(texts)
            packed = np.packbits(valid, bitorder="little")
            own_bits = self._room(name, len(packed))
            own_bits[:] = packed
            bits = pa.py_buffer(own_bits)
        buffers = pa.py_buffer(own_offsets), pa.py_buffer(own_data), bits
        # counting them later would bring back what was let go
        return pa.StringArray.from_buffers(len(texts), *buffers, texts.null_count)

    def table(self, table: pa.Table) -> pa.Table:
        """The table as it is to be kept; string columns."""
        if self.scratch.folder is None:
            return table
        columns = [
            pa.chunked_array([self.put(name, chunk) for chunk in column.chunks], pa.string())
            for name, column in zip(table.column_names, table.columns, strict=True)
        ]
        return pa.table(columns, table.column_names)

    def numbers(self, name: str, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Whole numbers as they are to be kept: int64[n]."""
        if self.scratch.folder is None:
            return values
        own = self._room(name, values.nbytes).view(np.int64)
        own[:] = values
        return own

    def _room(self, name: str, size: int) -> npt.NDArray[np.uint8]:
        """So many bytes beside the others of this name."""
        with self._lock:
            part = self._parts.get(name)
            if part is None or part.used + size > len(part.buffer):
                # each a quarter larger: few files, and little of them empty
                before = 0 if part is None else len(part.buffer)
                grown = min(max(_ROOM, before * 5 // 4), HELD) if before else _FIRST
                part = _Part(self.scratch.empty(max(grown, size), np.uint8))
                self._parts[name] = part
            room = part.buffer[part.used : part.used + size]
            part.used = -(-(part.used + size) // _LINE) * _LINE
            self._held += size
            full = self._held >= HELD
            if full:
                self._held = 0
        if full:
            self.scratch.let_go()
        return room

    def close(self) -> None:
        """Nothing more is put here: what no column lies in any more is freed."""
        with self._lock:
            self._parts.clear()
