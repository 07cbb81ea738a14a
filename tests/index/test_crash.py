"""Law 6: a published snapshot is whole or absent, whatever is killed, and whenever."""

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from index.actions import ACTIONS, act, begin, plan_of, prepare_states
from index.faults import FaultyFiles
from index.nights import contents, files_of, named_files

from mpi.errors import MpiError
from mpi.index import MasterIndex
from mpi.index.files import Files


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """Indexes after no, one, two and three nights."""
    return prepare_states(tmp_path_factory.mktemp("states"))


@pytest.fixture(scope="module")
def expected(states, tmp_path_factory):
    """What an index holds after each action that nobody disturbed, and its snapshots."""
    folder = tmp_path_factory.mktemp("expected")
    found = {}
    for action in ACTIONS:
        path = begin(action, states, folder / action)
        act(action, path, Files())
        index = MasterIndex.open(path)
        found[action] = contents(index), index.snapshots()
    return found


def check(path, expected, action):
    """The index is whole, and is that of an undisturbed action; nothing is left beside it."""
    index = MasterIndex.open(path)
    index.verify()
    assert (contents(index), index.snapshots()) == expected[action]
    assert files_of(path) == named_files(index)


def clear(path):
    shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(plan_of(path), ignore_errors=True)


# ------------------------------------------------------------------ failing disks


def operations(action, states, path):
    """How many file operations an action takes."""
    files = FaultyFiles(at=0)
    act(action, begin(action, states, path), files)
    return files.done


def fail_at(at, action, states, expected, path, *, code, lasting):
    """An action whose operation `at` fails, then the same one on a disk that works."""
    begin(action, states, path)
    before = MasterIndex.open(path).snapshots() if path.exists() else []
    files = FaultyFiles(at, code, lasting)
    with pytest.raises(MpiError) as caught:
        act(action, path, files)
    text = str(caught.value)
    assert os.strerror(code) in text, text
    assert str(path) in text, text
    if not (path / "mpi-index.json").exists():  # not even begun
        assert not before
    else:
        index = MasterIndex.open(path)
        index.verify()
        published = index.snapshots() != before
        assert ("has the new snapshot" in text) <= published
        if published and files.done > at and action != "vacuum":
            assert "is as it was" not in text
    act(action, path, Files())
    check(path, expected, action)
    clear(path)


FAULTS = pytest.mark.parametrize(
    ("code", "lasting"),
    [(errno.ENOSPC, True), (errno.EIO, False)],
    ids=["full disk", "one failure"],
)


def faults(action, states, expected, path, *, code, lasting, step):
    total = operations(action, states, path)
    assert total > 20
    clear(path)
    for at in range(1 + len(action) % step + 2 * lasting, total + 1, step):
        fail_at(at, action, states, expected, path, code=code, lasting=lasting)


@pytest.mark.parametrize("action", ACTIONS)
@FAULTS
def test_a_file_operation_fails(states, expected, tmp_path, action, code, lasting):
    # Every so many, others for each; the long test takes them all.
    faults(action, states, expected, tmp_path / "index", code=code, lasting=lasting, step=31)


@pytest.mark.long
@pytest.mark.parametrize("action", ACTIONS)
@FAULTS
def test_every_file_operation_fails(states, expected, tmp_path, action, code, lasting):
    faults(action, states, expected, tmp_path / "index", code=code, lasting=lasting, step=1)


# ------------------------------------------------------------------ killed processes


@pytest.fixture(scope="module")
def killer():
    """A process that runs actions in children and kills them."""
    here = Path(__file__).parent
    paths = [str(here.parent), str(here.parent.parent)]
    with subprocess.Popen(
        [sys.executable, str(here / "killed_nights.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    ) as process:

        def run(path, action, *, operation=None, delay=None):
            trial = {"path": str(path), "action": action, "operation": operation, "delay": delay}
            process.stdin.write(json.dumps(trial) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def kill_at_random_moments(killer, states, expected, tmp_path, trials):
    random_numbers = random.Random(trials)
    took = {a: killer(begin(a, states, tmp_path / a), a)["took"] for a in ACTIONS}
    killed = 0
    for trial in range(trials):
        action = list(ACTIONS)[trial % len(ACTIONS)]
        path = begin(action, states, tmp_path / str(trial))
        result = killer(path, action, delay=random_numbers.uniform(0, 1.1 * took[action]))
        assert result["first"] in (0, -signal.SIGKILL)
        assert result["again"] == 0, (action, trial)
        killed += result["first"] != 0
        check(path, expected, action)
        clear(path)
    assert killed > trials / 3


def test_killed_at_random_moments(killer, states, expected, tmp_path):
    kill_at_random_moments(killer, states, expected, tmp_path, 21)


@pytest.mark.long
def test_killed_at_many_random_moments(killer, states, expected, tmp_path):
    kill_at_random_moments(killer, states, expected, tmp_path, 200)


def kill_at(killer, states, expected, tmp_path, every):
    for action in ACTIONS:
        path = tmp_path / "index"
        total = operations(action, states, path)
        clear(path)
        for at in range(1 + len(action) % every, total + 1, every):
            result = killer(begin(action, states, path), action, operation=at)
            assert result["first"] == -signal.SIGKILL, (action, at)
            assert result["again"] == 0, (action, at)
            check(path, expected, action)
            clear(path)


def test_killed_at_some_file_operations(killer, states, expected, tmp_path):
    kill_at(killer, states, expected, tmp_path, every=61)


@pytest.mark.long
def test_killed_at_every_file_operation(killer, states, expected, tmp_path):
    kill_at(killer, states, expected, tmp_path, every=1)
