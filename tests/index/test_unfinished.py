"""A night that was stopped goes on where it was, and comes to the same."""

import errno
import os
from dataclasses import replace

import pytest
from index.faults import FaultyFiles
from index.linked_actions import EVERY, NIGHTS, StillClock
from index.nights import contents, files_of, named_files

from mpi.errors import LimitError, UsageError
from mpi.index import MasterIndex, manifest, relink, unfinished
from mpi.index.files import Files
from mpi.score import walk
from mpi.settings import Limits, Settings
from mpi.stages import Stages


class StoppedError(Exception):
    """The process dies here."""


class StoppingFiles(Files):
    """Dies when so many pieces are kept, or one of this name."""

    def __init__(self, pieces):
        self.stop, self.kept = pieces, []

    def put(self, path, content):
        super().put(path, content)
        if path.parent.name == "unfinished" and path.suffix == ".json":
            self.kept.append(path.stem)
            if self.stop in (path.stem, len(self.kept) - 1):
                raise StoppedError


@pytest.fixture(autouse=True)
def _much_is_kept(monkeypatch):
    monkeypatch.setattr(unfinished, "PATIENCE", 0.0)
    monkeypatch.setattr(walk, "_PAIRS_PER_TASK", 300)
    monkeypatch.setattr(manifest, "datetime", StillClock)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the first night comes to, without pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest, "datetime", StillClock)
        index = MasterIndex.create_or_open(tmp_path_factory.mktemp("undisturbed") / "index")
        index.update(NIGHTS["first"], EVERY)
        return contents(index)


def run(path, files=None, records=NIGHTS["first"], settings=EVERY, **more):
    return MasterIndex.create_or_open(path, files=files).update(records, settings, **more)


def stop(path, pieces, **more):
    with pytest.raises(StoppedError):
        run(path, StoppingFiles(pieces), **more)
    assert (path / "unfinished").stat().st_mode & 0o777 == 0o700
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in (path / "unfinished").iterdir())


def ended(path, undisturbed):
    """The night is published, and nothing else is there."""
    index = MasterIndex.open(path)
    index.verify()
    assert contents(index) == undisturbed
    assert files_of(path) == named_files(index)
    assert not (path / "unfinished").exists()
    return True


def test_what_is_kept_changes_nothing(tmp_path, undisturbed):
    done = run(tmp_path / "index")
    assert done.went_on is None and not any("stopped" in m for m in done.messages)
    assert ended(tmp_path / "index", undisturbed)


@pytest.mark.parametrize(
    ("pieces", "where"),
    [
        (1, "learning"),
        (2, "comparing, "),
        (5, "comparing, "),
        ("linked", "clustering"),
        ("table-crosswalk", "writing, crosswalk done"),
        ("table-persons", "writing, persons done"),
    ],
)
def test_a_stopped_night_goes_on(tmp_path, undisturbed, monkeypatch, pieces, where):
    path = tmp_path / "index"
    stop(path, pieces)
    scored, score = [], walk._score
    monkeypatch.setattr(walk, "_score", lambda *given: scored.append(1) or score(*given))
    done = run(path)
    assert done.went_on is not None and done.went_on.startswith(where)
    assert f"goes on where a run that was stopped had got to: {done.went_on}" in done.messages
    assert ended(path, undisturbed)
