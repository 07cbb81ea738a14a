"""Output files are whole or absent, and known to be possible beforehand."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mpi.commands import outputs as module
from mpi.commands.outputs import reserve
from mpi.errors import UsageError

TABLE = pa.table({"record_id": ["1", "2"]})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_appear_together_at_the_end(tmp_path: Path) -> None:
    one, two = tmp_path / "one.parquet", tmp_path / "two.csv"
    with reserve([one, two, None, Path("-")]) as outputs:
        outputs.write(one, TABLE)
        outputs.write(two, TABLE)
        assert not one.exists() and not two.exists()
        outputs.publish()
    assert names(tmp_path) == ["one.parquet", "two.csv"]
    assert pq.read_table(one).equals(TABLE)
    assert one.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_failure_leaves_nothing_and_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stopped"), reserve([path]) as outputs:
        outputs.write(path, TABLE)
        raise RuntimeError("stopped")
    assert names(tmp_path) == ["one.csv"]
    assert path.read_text() == "old"


def test_a_full_disk_is_noticed_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "fsync", full)
    with (
        pytest.raises(UsageError, match=r"one\.csv cannot be written: No space left.*free some"),
        reserve([tmp_path / "one.csv"]),
    ):
        pytest.fail("the work began")
    assert names(tmp_path) == []


def test_a_disk_that_fills_up_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "one.parquet"
    with (
        pytest.raises(UsageError, match="No space left"),
        reserve([path]) as outputs,
    ):
        monkeypatch.setattr(module, "write_table", full)
        outputs.write(path, TABLE)
    assert names(tmp_path) == []


def test_a_device_is_written_directly() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    path = Path("/dev/full")
    with pytest.raises(UsageError, match="No space left"), reserve([path]) as outputs:
        outputs.write(path, TABLE)
    assert path.exists()


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    with reserve([link]) as outputs:
        outputs.write(link, TABLE)
        outputs.publish()
    assert link.is_symlink()
    assert real.read_text().startswith('"record_id"')


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/one.csv", "does not exist; make it first"),
        ("one.xlsx", "names no format"),
        ("folder.csv", "is a folder"),
        ("input.csv", "is also an input"),
    ],
)
def test_what_cannot_work_is_said_at_once(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "input.csv").write_text("id")
    before = names(tmp_path)
    inputs = [str(tmp_path / "input.csv"), "-", "no*such"]
    with (
        pytest.raises(UsageError, match=message),
        reserve([tmp_path / "good.csv", tmp_path / name], inputs=inputs),
    ):
        pytest.fail("the work began")
    assert names(tmp_path) == before


def test_one_file_for_two_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    with pytest.raises(UsageError, match="two outputs"), reserve([path, path]):
        pytest.fail("the work began")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="may not be written"), reserve([tmp_path / "a.csv"]):
            pytest.fail("the work began")
    finally:
        tmp_path.chmod(0o700)
