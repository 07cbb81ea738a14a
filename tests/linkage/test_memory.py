"""Work that cannot end is refused before it starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from people import people

from mpi.errors import UsageError
from mpi.linkage import resolve
from mpi.linkage.memory import check_memory, expected_memory, free_memory
from mpi.scratch import Scratch
from mpi.settings import Settings


class Usage(NamedTuple):
    """As `shutil.disk_usage` tells."""

    total: int
    used: int
    free: int


def test_more_records_and_fields_need_more() -> None:
    assert expected_memory(1000, 5) < expected_memory(2000, 5) < expected_memory(2000, 6)


@pytest.mark.long  # whether something has to be compiled is not in the hands of a test
def test_a_small_linkage_stays_under_what_is_expected() -> None:
    program = (
        "import mpi; from people import people; from mpi.stages import peak_memory;"
        "mpi.dedupe(people(300, seed=3).records()); print(peak_memory())"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    taken = []
    for _ in range(3):  # some may have to compile, which takes more
        command = [sys.executable, "-c", program]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
        taken.append(int(found.stdout))
    expected = expected_memory(500, 6)
    assert expected / 2 < min(taken) < expected * 1.5


def test_what_needs_more_than_allowed_is_refused() -> None:
    with pytest.raises(UsageError, match=r"30,000,000 records with 12 .* --memory allows 8.0 GB"):
        check_memory(30_000_000, 12, Settings(memory=8_000_000_000))
    check_memory(30_000_000, 12, Settings(memory=80_000_000_000))
    records = people(30, seed=3).records()
    with pytest.raises(UsageError, match="--memory allows 1 MB"):
        resolve(records, Settings(memory=1_000_000))


def test_what_lies_in_files_needs_less_memory_and_room_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(memory=8_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 60_000_000_000))
    check_memory(30_000_000, 12, settings, Scratch(tmp_path))
    with pytest.raises(UsageError, match=r"100,000,000 records .* --memory allows 8.0 GB"):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 600_000_000_000))
        check_memory(100_000_000, 12, settings, Scratch(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 20_000_000_000))
    with pytest.raises(UsageError, match=r"needs about 39.9 GB .* 20.0 GB are free"):
        check_memory(30_000_000, 12, settings, Scratch(tmp_path))


def test_without_a_setting_the_machine_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    room = free_memory()
    assert room is None or room > 50 << 20  # this process itself has more
    monkeypatch.setattr("mpi.linkage.memory.free_memory", lambda: 1 << 30)
    with pytest.raises(UsageError, match="the machine has free"):
        check_memory(2_000_000, 12, Settings())
    monkeypatch.setattr("mpi.linkage.memory.free_memory", lambda: None)
    check_memory(2_000_000, 12, Settings())
