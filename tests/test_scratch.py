"""What lies in files is what was put there, takes no memory when let go, and leaves nothing."""

from __future__ import annotations

import errno
import gc
import os
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mpi.errors import UsageError
from mpi.scratch import Scratch, resident_memory

_LARGE = 1_200_000


def _resident() -> int:
    """Bytes of files that this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[2])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("in_files", [True, False], ids=["files", "memory"])
def test_an_array_is_aligned_and_holds_what_it_is_given(tmp_path: Path, in_files: bool) -> None:
    array = Scratch(tmp_path if in_files else None).empty((_LARGE, 3), np.int32)
    assert array.shape == (_LARGE, 3)
    assert array.ctypes.data % 64 == 0
    array[:] = np.arange(3, dtype=np.int32)
    assert (array == np.arange(3)).all()


def test_what_is_let_go_is_there_and_takes_no_memory(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path, least=0)
    array = scratch.empty(8 * _LARGE, np.int64)
    array[:] = np.arange(8 * _LARGE)
    before = _resident()
    scratch.let_go()
    assert before - _resident() > array.nbytes * 0.9
    assert (array == np.arange(8 * _LARGE)).all()
    assert list(tmp_path.iterdir()) == []


def test_a_table_is_the_same_in_files(tmp_path: Path) -> None:
    texts = [None if i % 7 == 0 else f"Nguyễn {i}" for i in range(_LARGE // 2)]
    name = pa.chunked_array([pa.array(texts[: _LARGE // 4]), pa.array(texts[_LARGE // 4 :])])
    few = pa.array(["a", None] * (_LARGE // 4))
    schema = pa.schema([pa.field("name", pa.string()), pa.field("few", pa.string())])
    table = pa.table([name, few], schema=schema.with_metadata({"k": "v"}))
    scratch = Scratch(tmp_path, least=0)
    moved = scratch.table(table)
    scratch.let_go()
    assert moved.equals(table)
    assert moved.schema.metadata == table.schema.metadata
    assert moved.column("name").num_chunks == 1
    assert Scratch().table(table).equals(table)


def test_what_lies_in_a_file_is_not_copied_again(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    array = scratch.copy(np.arange(_LARGE))
    assert scratch.copy(array) is array
    assert Scratch(tmp_path).copy(array) is not array
    column = scratch.column(pa.chunked_array([pa.array([f"{i:09}" for i in range(_LARGE)])]))
    again = scratch.column(column)
    assert again.chunk(0).buffers()[2].address == column.chunk(0).buffers()[2].address


def test_slices_and_parts_outlive_their_scratch(tmp_path: Path) -> None:
    column = pa.chunked_array([pa.array([f"{i:09}" for i in range(_LARGE)])])
    part = Scratch(tmp_path).column(column).slice(5, 2)
    gc.collect()
    assert part.to_pylist() == ["000000005", "000000006"]


def test_the_limit_is_kept_while_arrays_are_filled(tmp_path: Path) -> None:
    """What is looked at is dropped in time, not only when a stage ends."""
    scratch = Scratch(tmp_path, least=0, limit=resident_memory() + (100 << 20))
    most = 0
    for number in range(8):
        array = scratch.empty(8 << 20, np.int64)
        for begin in range(0, len(array), 1 << 18):
            array[begin : begin + (1 << 18)] = number
            time.sleep(0.003)
            most = max(most, resident_memory())
        assert (array[:: 1 << 18] == number).all()
    assert scratch.limit is not None
    assert most < scratch.limit


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, begin: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(UsageError, match=r"no room for 80 MB .*No space left"):
        Scratch(tmp_path).empty(10_000_000, np.int64)
