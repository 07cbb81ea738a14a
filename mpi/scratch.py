"""Tables and arrays that lie in files while nobody looks at them.

A job's large tables are read a few times, column by column, and otherwise lie about. Mapped from
files that have no name they take no memory then: the system writes them out and brings them back
as it needs to, and after a job, however it ended, nothing of them is left.
"""

from __future__ import annotations

import mmap
import os
import resource
import tempfile
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UsageError

_SMALL = 1 << 20
"""Bytes; what is smaller stays in memory."""
_NEARLY = 0.75
_LOOK_EVERY, _WATCH_EVERY = 0.02, 0.002
"""Seconds; a loop that jumps about looks at a hundred megabytes in the second of them."""
_PAGE = resource.getpagesize()


@dataclass
class Scratch:
    """Where a job puts what is too large to lie about in memory.

    folder : of the files, on a disk with room for them; None keeps all in memory
    limit : bytes of memory that the process stays under, as far as letting go can do that; a
        quarter of what the machine has if not given
    least : bytes of memory that the process may hold before anything is let go
    most : bytes that lay in files at once, so far

    Examples
    --------
    >>> scratch = Scratch()
    >>> scratch.empty((2, 3), np.int32).shape
    (2, 3)
    """

    folder: Path | None = None
    limit: int | None = None
    least: int = 400 << 20
    most: int = 0
    _mapped: list[tuple[weakref.ref[mmap.mmap], int, int]] = field(default_factory=list, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _kept: bool = field(default=False, repr=False)

    def empty(self, shape: int | Sequence[int], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array that is to be filled, its base a multiple of 64 bytes.

        Raises
        ------
        UsageError
            The disk has no room for it.
        """
        kind = np.dtype(dtype)
        wanted = tuple(np.atleast_1d(shape).tolist())
        size = int(np.prod(wanted, dtype=np.int64)) * kind.itemsize
        if not self._has(size):
            buffer = np.empty(size + 64, np.uint8)
            shift = -buffer.ctypes.data % 64
            return buffer[shift : shift + size].view(kind).reshape(wanted)
        return np.frombuffer(self._map(size), kind, size // kind.itemsize).reshape(wanted)

    def zeros(self, shape: int | Sequence[int], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """The same, all zero."""
        array = self.empty(shape, dtype)
        if not self._has(array.nbytes):  # a new file is zero
            array[...] = 0
        return array

    def copy(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The array itself if it is small or lies in a file already, else a copy in one."""
        if not self._has(values.nbytes) or self._holds(values.ctypes.data):
            return values
        out = self.empty(values.shape, values.dtype)
        out[...] = values
        return out

    def _holds(self, address: int) -> bool:
        """Whether what begins there lies in a file."""
        return any(one() is not None and begin <= address < end for one, begin, end in self._mapped)

    def _has(self, size: int) -> bool:
        """Whether what has so many bytes goes into a file."""
        return self.folder is not None and size >= _SMALL

    def table(self, table: pa.Table) -> pa.Table:
        """The table in one piece, in a file if it is large."""
        if not self._has(table.nbytes):
            return table.combine_chunks()
        columns = [self.column(column) for column in table.columns]
        return pa.table(columns, schema=table.schema)

    def column(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The column in as few pieces as can be, in a file if it is large."""
        whole = column if column.num_chunks == 1 else column.combine_chunks()  # which copies
        chunks = whole.chunks if isinstance(whole, pa.ChunkedArray) else [whole]
        if not self._has(column.nbytes):
            return pa.chunked_array(chunks, column.type)
        last = [chunk.buffers()[-1] for chunk in chunks]
        if all(buffer is not None and self._holds(buffer.address) for buffer in last):
            return pa.chunked_array(chunks, column.type)
        return pa.chunked_array([self._moved(chunk) for chunk in chunks], column.type)

    def _moved(self, array: pa.Array) -> pa.Array:
        """A copy of the array, its bytes in a file."""
        batch = pa.record_batch([array], ["column"])
        sink = pa.MockOutputStream()
        _write(sink, batch)
        buffer = pa.py_buffer(self._map(sink.size()))
        _write(pa.FixedSizeBufferWriter(buffer), batch)
        with pa.ipc.open_stream(buffer) as reader:
            return reader.read_next_batch().column(0)

    def _map(self, size: int) -> mmap.mmap:
        """So many bytes of a file of their own that has no name."""
        try:
            with tempfile.TemporaryFile(dir=self.folder) as file:
                # A hole that cannot be filled later would end the process without a word.
                os.posix_fallocate(file.fileno(), 0, size)
                made = mmap.mmap(file.fileno(), size)
        except OSError as error:
            raise UsageError(
                f"there is no room for {size / 1e6:,.0f} MB of intermediate results in "
                f"{self.folder} ({error.strerror}); free space there; nothing was changed"
            ) from error
        self._watch(made)
        return made

    def open(self, path: Path) -> mmap.mmap:
        """The bytes of a file that is there, read as they are looked at, and let go as all else."""
        with path.open("rb") as file:
            made = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._watch(made)
        return made

    def _watch(self, made: mmap.mmap) -> None:
        begin = np.frombuffer(made, np.uint8).ctypes.data
        with self._lock:
            others = [one for one in self._mapped if one[0]() is not None]
            self._mapped = [*others, (weakref.ref(made), begin, begin + len(made))]
            self.most = max(self.most, sum(end - begin for _, begin, end in self._mapped))
            if not self._kept:
                self._kept = True
                keeper = partial(_keep_under, self.limit or _usual_limit(), weakref.ref(self))
                Thread(target=keeper, daemon=True).start()

    def let_go(self) -> None:
        """Nothing of what lies in files is held in memory any more, until it is looked at again.

        A process that holds little keeps it: to look again has its price.
        """
        if resident_memory() < self.least:
            return
        for one, _, _ in self._mapped:
            mapped = one()
            if mapped is not None:
                with suppress(OSError, ValueError):
                    mapped.madvise(mmap.MADV_DONTNEED)


def _keep_under(limit: int, scratch: weakref.ref[Scratch]) -> None:
    """Let go whenever the process holds nearly as much as it may, for as long as there is a job."""
    while (job := scratch()) is not None:
        held = resident_memory()
        if held > limit * _NEARLY:
            job.let_go()
        del job
        time.sleep(_LOOK_EVERY if held < limit / 2 else _WATCH_EVERY)


def _usual_limit() -> int:
    return os.sysconf("SC_PHYS_PAGES") * _PAGE // 4


def resident_memory() -> int:
    """Bytes that this process holds now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _write(sink: pa.NativeFile, batch: pa.RecordBatch) -> None:
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
