"""What a night is going to need on the disk, told before it starts."""

from __future__ import annotations

from mpi.errors import UsageError
from mpi.index.base import RECORDS, Base
from mpi.records.table import RecordTable

_RECORD, _FIELD = 60, 25
"""Bytes for each record that comes, and for each of its fields: tables, and what linking keeps."""
_STORED = 9
"""Bytes for each record that is stored, whatever comes."""
_SURE = 0.5
"""Of what is expected, this much is needed whatever the values look like."""


def expected_space(records: int, fields: int, stored: int = 0) -> int:
    """Bytes that a night adds to an index: measured, and right to about a half.

    Parameters
    ----------
    records, fields : that come
    stored : records that are there already

    Examples
    --------
    >>> expected_space(1_000_000, 15) // 1_000_000
    435
    """
    return records * (_RECORD + fields * _FIELD) + stored * _STORED


def check_space(base: Base, incoming: RecordTable) -> None:
    """Refuse a night that the disk has clearly no room for.

    Raises
    ------
    UsageError
        It says what is needed, and what is free.
    """
    stored = 0 if base.manifest is None else base.manifest.rows[RECORDS]
    needed = expected_space(len(incoming), len(incoming.fields), stored)
    free = base.store.files.free(base.store.path)
    if free is not None and free < needed * _SURE:
        raise UsageError(
            f"index {base.store.path}: {len(incoming):,} records need about "
            f"{needed / 1e6:,.0f} MB on the disk, and {free / 1e6:,.0f} MB are free; free space, "
            "or remove old snapshots with mpi vacuum; nothing was changed"
        )
