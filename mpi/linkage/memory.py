"""What a linkage is going to need of memory, told before it starts."""

from __future__ import annotations

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
"""Bytes for each record, and for each of its compared fields."""
_SURE = 0.7
"""Of what is expected, this much is needed whatever the values look like."""
_ROWS = 1 << 30
"""Bytes for rows that are looked at in no order, and their keys: so many at the most."""
_OF_ROWS = 0.25
"""Of the memory that there is, for the same."""


def expected_memory(records: int, fields: int) -> int:
    """Bytes that linking takes at its peak: measured, and right to about a fifth.

    Parameters
    ----------
    fields : columns that are compared

    Examples
    --------
    >>> round(expected_memory(1_000_000, 12) / 1e9, 1), round(expected_memory(0, 0) / 1e9, 1)
    (2.3, 0.3)
    """
    return _PROCESS + records * (_RECORD + fields * _FIELD)


def check_memory(records: int, fields: int, settings: Settings) -> None:
    """Refuse work that cannot end: with what it would need, and what to do.

    Raises
    ------
    UsageError
        It needs clearly more than `settings.memory`; without that, than the machine has free.
    """
    needed = expected_memory(records, fields)
    room = settings.memory
    whose = "--memory allows" if room is not None else "the machine has free"
    if room is None:
        room = free_memory()
    if room is None or needed * _SURE <= room:
        return
    raise UsageError(
        f"{records:,} records with {fields} columns to compare need about {_size(needed)} of "
        f"memory; {whose} {_size(room)}. Give it more memory, or fewer records or columns; an "
        "index takes further records in later runs, up to a quarter of its own at a time"
    )


def room_of_rows(
    encoded: Encoded, candidates: Candidates, settings: Settings, scratch: Scratch
) -> Room:
    """How many rows the loop over candidate pairs may have side by side.

    All of them, where that is a small part of the memory that there is: to gather some costs a
    fourth more than to walk among all.
    """
    from mpi.score.stretches import Room

    memory = settings.memory or free_memory()
    row = encoded.values.rows.itemsize * (encoded.values.rows.shape[1] + candidates.keys.shape[1])
    most = _ROWS if memory is None else min(_ROWS, int(memory * _OF_ROWS))
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
