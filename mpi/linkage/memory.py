"""What a linkage is going to need of memory, told before it starts."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mpi.block.candidates import Candidates
from mpi.encode.rows import Encoded
from mpi.errors import UsageError
from mpi.scratch import Scratch, resident_memory
from mpi.settings import Settings

if TYPE_CHECKING:
    from mpi.score.stretches import Room

_PROCESS = 320 << 20
"""Python, Arrow, and the compiled kernels."""
_RECORD, _FIELD = 420, 125
"""Bytes for each record, and for each of its compared fields, where all is in memory."""
_PROCESS_BESIDE, _RECORD_BESIDE, _FIELD_BESIDE = 800 << 20, 100, 10
"""The same, all three, where tables and rows lie in files, beside what can be let go of."""
_SCRATCH_RECORD, _SCRATCH_FIELD = 250, 90
"""Bytes of files for each record, and for each of its compared fields."""
_SURE = 0.7
"""Of what is expected, this much is needed whatever the values look like."""
_ROWS = 1 << 30
"""Bytes for rows that are looked at in no order, and their keys: so many at the most."""
_OF_ROWS = 0.25
"""Of the memory that there is, for the same."""
_FEW_ROWS = 32 << 20
"""Bytes for the same, however little there is."""


def expected_memory(records: int, fields: int, *, beside: bool = False) -> int:
    """Bytes that linking takes at its peak: measured, and right to about a fifth.

    Parameters
    ----------
    fields : columns that are compared
    beside : only what cannot be let go of, where tables and rows lie in files

    Examples
    --------
    >>> round(expected_memory(1_000_000, 12) / 1e9, 1), round(expected_memory(0, 0) / 1e9, 1)
    (2.3, 0.3)
    >>> round(expected_memory(10_000_000, 12, beside=True) / 1e9, 1)
    3.0
    """
    if beside:
        return _PROCESS_BESIDE + records * (_RECORD_BESIDE + fields * _FIELD_BESIDE)
    return _PROCESS + records * (_RECORD + fields * _FIELD)


def expected_scratch(records: int, fields: int) -> int:
    """Bytes of files that linking needs until it ends: 1,273 a record of 12 fields were measured.

    Examples
    --------
    >>> expected_scratch(1, 12)
    1330
    """
    return records * (_SCRATCH_RECORD + fields * _SCRATCH_FIELD)


def check_memory(
    records: int, fields: int, settings: Settings, scratch: Scratch | None = None
) -> None:
    """Refuse work that cannot end: with what it would need, and what to do.

    Parameters
    ----------
    scratch : where large tables and rows will lie

    Raises
    ------
    UsageError
        It needs clearly more than `settings.memory`; without that, than the machine has free. Or
        the disk has clearly no room for what is put there.
    """
    folder = None if scratch is None else scratch.folder
    if folder is not None:
        _check_disk(expected_scratch(records, fields), folder)
    needed = expected_memory(records, fields, beside=folder is not None)
    room = settings.memory
    whose = "--memory allows" if room is not None else "the machine has free"
    if room is None:
        room = free_memory()
    sure = _SURE if folder is None else 1.0
    if room is None or needed * sure <= room:
        return
    raise UsageError(
        f"{records:,} records with {fields} columns to compare need about {_size(needed)} of "
        f"memory; {whose} {_size(room)}. Give it more memory, or fewer records or columns; an "
        "index takes further records in later runs, up to a quarter of its own at a time"
    )


def _check_disk(needed: int, folder: Path) -> None:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < needed * _SURE:
        raise UsageError(
            f"this needs about {_size(needed)} for intermediate results in {folder}, and "
            f"{_size(free)} are free there; free space; nothing was changed"
        )


def room_of_rows(
    encoded: Encoded, candidates: Candidates, settings: Settings, scratch: Scratch
) -> Room:
    """How many rows the loop over candidate pairs may have side by side.

    All of them, where that is a small part of the memory that there is: to gather some costs a
    fourth more than to walk among all.
    """
    from mpi.score.stretches import Room

    values, most = encoded.values, _ROWS
    memory = settings.memory or free_memory()
    if memory is not None:
        texts = values.info.nbytes + values.units.nbytes + values.words.nbytes
        rest = memory - texts - expected_memory(len(encoded.row_of), len(values.form), beside=True)
        most = min(_ROWS, int(memory * _OF_ROWS), max(rest, _FEW_ROWS))
    row = values.rows.itemsize * (values.rows.shape[1] + candidates.keys.shape[1])
    return Room(most // row, scratch)


def free_memory() -> int | None:
    """Bytes that this process may take in all, where the system tells; what it has counts too."""
    found: list[int] = []
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        told = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines}
        found.append(told.get("MemAvailable", 0) + told.get("SwapFree", 0))
    with suppress(OSError, ValueError):
        folder = Path("/sys/fs/cgroup")
        most = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
        if most != "max":
            found.append(int(most) - used)
    return min(found) + resident_memory() if found else None


def _size(value: int) -> str:
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"
