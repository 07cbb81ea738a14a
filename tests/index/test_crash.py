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
from index.faults import FaultyFiles
from index.nights import FIRST, SECOND, contents, files_of, named_files, update

from mpi.errors import MpiError
from mpi.index import MasterIndex

NIGHTS = (FIRST, SECOND)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Indexes after no, one and two nights."""
    folder = tmp_path_factory.mktemp("undisturbed")
    paths = [folder / str(nights) for nights in range(3)]
    for nights, path in enumerate(paths):
        if nights:
            index = MasterIndex.create_or_open(path)
            for records in NIGHTS[:nights]:
                update(index, records)
    return paths


@pytest.fixture(scope="module")
def expected(undisturbed):
    """What indexes hold after one and two nights."""
    return {nights: contents(MasterIndex.open(undisturbed[nights])) for nights in (1, 2)}


def copy(undisturbed, nights, path):
    if nights:
        shutil.copytree(undisturbed[nights], path)
    return path


def check(path, expected, nights):
    """The index is whole, and is that of an undisturbed run; nothing is left beside it."""
    index = MasterIndex.open(path)
    index.verify()
    assert contents(index) == expected[nights]
    assert files_of(path) == named_files(index)


# ------------------------------------------------------------------ failing disks


def operations(undisturbed, nights, path):
    """How many file operations a night takes."""
    files = FaultyFiles(at=0)
    update(MasterIndex.create_or_open(copy(undisturbed, nights, path), files=files), NIGHTS[nights])
    return files.done


def fail_at(at, undisturbed, expected, nights, path, *, code, lasting):
    """A night whose operation `at` fails, then the same night on a disk that works."""
    files = FaultyFiles(at, code, lasting)
    with pytest.raises(MpiError) as caught:
        index = MasterIndex.create_or_open(copy(undisturbed, nights, path), files=files)
        update(index, NIGHTS[nights])
    text = str(caught.value)
    assert os.strerror(code) in text, text
    assert str(path) in text, text
    if not (path / "mpi-index.json").exists():  # not even begun
        assert nights == 0
    else:
        index = MasterIndex.open(path)
        index.verify()
        assert index.sequence in (nights, nights + 1)
        if index.sequence:
            assert contents(index)["persons"] == expected[index.sequence]["persons"]
        published = index.sequence > nights
        assert ("has the new snapshot" in text) <= published
        if published and files.done > at:
            assert "is as it was" not in text
    update(MasterIndex.create_or_open(path), NIGHTS[nights])
    check(path, expected, nights + 1)
    shutil.rmtree(path)


@pytest.mark.parametrize("nights", [0, 1])
@pytest.mark.parametrize(
    ("code", "lasting"),
    [(errno.ENOSPC, True), (errno.EIO, False)],
    ids=["full disk", "one failure"],
)
def test_a_file_operation_fails(undisturbed, expected, tmp_path, nights, code, lasting):
    total = operations(undisturbed, nights, tmp_path / "counted")
    assert total > 50
    step = 5  # every fifth, a different fifth each; the long test takes them all
    for at in range(1 + nights + 2 * lasting, total + 1, step):
        fail_at(at, undisturbed, expected, nights, tmp_path / "index", code=code, lasting=lasting)


@pytest.mark.long
@pytest.mark.parametrize("nights", [0, 1])
@pytest.mark.parametrize(("code", "lasting"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_every_file_operation_fails(undisturbed, expected, tmp_path, nights, code, lasting):
    for at in range(1, operations(undisturbed, nights, tmp_path / "counted") + 1):
        fail_at(at, undisturbed, expected, nights, tmp_path / "index", code=code, lasting=lasting)


# ------------------------------------------------------------------ killed processes


@pytest.fixture(scope="module")
def killer():
    """A process that runs nights in children and kills them."""
    here = Path(__file__).parent
    paths = [str(here.parent), str(here.parent.parent)]
    with subprocess.Popen(
        [sys.executable, str(here / "killed_nights.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    ) as process:

        def run(path, nights, *, operation=None, delay=None):
            trial = {"path": str(path), "night": nights + 1, "operation": operation, "delay": delay}
            process.stdin.write(json.dumps(trial) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def kill_at_random_moments(killer, undisturbed, expected, tmp_path, trials):
    random_numbers = random.Random(trials)
    took = [killer(copy(undisturbed, n, tmp_path / f"whole{n}"), n)["took"] for n in (0, 1)]
    killed = 0
    for trial in range(trials):
        nights = trial % 2
        path = copy(undisturbed, nights, tmp_path / str(trial))
        result = killer(path, nights, delay=random_numbers.uniform(0, 1.1 * took[nights]))
        assert result["first"] in (0, -signal.SIGKILL)
        assert result["again"] == 0
        killed += result["first"] != 0
        check(path, expected, nights + 1)
        shutil.rmtree(path)
    assert killed > trials / 3


def test_killed_at_random_moments(killer, undisturbed, expected, tmp_path):
    kill_at_random_moments(killer, undisturbed, expected, tmp_path, 25)


@pytest.mark.long
def test_killed_at_many_random_moments(killer, undisturbed, expected, tmp_path):
    kill_at_random_moments(killer, undisturbed, expected, tmp_path, 200)


def kill_at(killer, undisturbed, expected, tmp_path, every, first):
    for nights in (0, 1):
        total = operations(undisturbed, nights, tmp_path / f"counted{nights}")
        for at in range(1 + first, total + 1, every):
            path = copy(undisturbed, nights, tmp_path / "index")
            result = killer(path, nights, operation=at)
            assert result["first"] == -signal.SIGKILL, at
            assert result["again"] == 0, at
            check(path, expected, nights + 1)
            shutil.rmtree(path)


def test_killed_at_some_file_operations(killer, undisturbed, expected, tmp_path):
    kill_at(killer, undisturbed, expected, tmp_path, every=11, first=3)


@pytest.mark.long
def test_killed_at_every_file_operation(killer, undisturbed, expected, tmp_path):
    kill_at(killer, undisturbed, expected, tmp_path, every=1, first=0)
