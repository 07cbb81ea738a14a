"""A night that the disk has no room for is refused before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from people import people

from mpi.errors import UsageError
from mpi.index import MasterIndex
from mpi.index.files import Files
from mpi.index.space import expected_space


class Small(Files):
    """A disk with little room."""

    room: int | None = 1000

    def free(self, path: Path) -> int | None:
        return self.room


def test_a_night_without_room_changes_nothing(tmp_path: Path) -> None:
    records = people(40, seed=2).records()
    small = Small()
    index = MasterIndex.create_or_open(tmp_path / "index", files=small)
    with pytest.raises(UsageError, match="records need about 0 MB on the disk"):
        index.update(records)
    assert index.sequence == 0
    assert not list((tmp_path / "index").rglob("*.parquet"))
    small.room = None
    assert index.update(records).changed


def test_an_index_takes_about_what_is_expected(tmp_path: Path) -> None:
    records = people(2000, seed=2).records()
    index = MasterIndex.create_or_open(tmp_path / "index")
    index.update(records)
    taken = sum(path.stat().st_size for path in (tmp_path / "index").rglob("*") if path.is_file())
    expected = expected_space(len(records), len(records.fields))
    assert expected / 4 < taken < expected * 4
