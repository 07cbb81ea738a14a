"""A night that was stopped goes on where it was, and comes to the same."""

import errno
import json
import os
import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from index.linked_actions import CHANGED, EVERY, NIGHTS, StillClock
from index.nights import FIRST, contents, files_of, linker, named_files
from index.unfinished_actions import StoppedError, StoppingFiles

from mpi.errors import LimitError
from mpi.index import MasterIndex, fingerprint, goldens, manifest, unfinished
from mpi.index.files import Files
from mpi.linkage import resolve
from mpi.score import walk
from mpi.settings import Limits
from mpi.stages import Stages


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
        (1, "standardising"),
        (2, "learning"),
        (3, "comparing, "),
        (6, "comparing, "),
        ("linked", "clustering"),
        ("written-records-0", "writing records, 100 %"),
        ("written-persons-0", "writing persons, 100 %"),
    ],
)
def test_a_stopped_night_goes_on(tmp_path, undisturbed, monkeypatch, pieces, where):
    path = tmp_path / "index"
    stop(path, pieces)
    every = comparisons()
    again = scored(monkeypatch)
    done = run(path)
    assert done.went_on is not None and done.went_on.startswith(where)
    assert f"goes on where a run that was stopped had got to: {done.went_on}" in done.messages
    assert len(again) == max(0, every + 2 - max(pieces, 2) if isinstance(pieces, int) else 0)
    assert ended(path, undisturbed)


def scored(monkeypatch):
    """Grows with each task of comparing that is done."""
    found, score = [], walk._score
    monkeypatch.setattr(walk, "_score", lambda *given: found.append(1) or score(*given))
    return found


def comparisons():
    """Tasks of comparing in a first night."""
    with TemporaryDirectory() as folder:
        kept = StoppingFiles(None)
        run(Path(folder) / "index", kept)
    return sum(name.startswith("compared") for name in kept.kept)


def test_a_night_may_be_stopped_again_and_again(tmp_path, undisturbed):
    path, every = tmp_path / "index", StoppingFiles(None)
    run(tmp_path / "other", every)
    for name in every.kept[1:]:
        stop(path, name)
        MasterIndex.open(path).verify()
    assert run(path).went_on == "writing persons, 100 %"
    assert ended(path, undisturbed)


@pytest.mark.parametrize("pieces", [1, 3, 5, "linked", "written-records-0"])
@pytest.mark.parametrize("which", ["part", "json"])
def test_a_damaged_piece_is_done_again(tmp_path, undisturbed, pieces, which):
    path = tmp_path / "index"
    stop(path, pieces)
    for file in sorted((path / "unfinished").glob(f"*.{which}")):
        content = bytearray(file.read_bytes() or b"more")
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    done = run(path)
    if which == "part":
        assert any("damaged, and is done again" in message for message in done.messages)
    assert ended(path, undisturbed)


def test_buckets_that_are_written_are_not_written_again(tmp_path, monkeypatch):
    for module in ("mpi.index.snapshot.choose_buckets", "mpi.index.walk._GROUPS"):
        monkeypatch.setattr(module, 7 if "GROUPS" in module else lambda records: 7)
    path, made = tmp_path / "index", []
    every = StoppingFiles(None)
    run(tmp_path / "other", every)
    names = [name for name in every.kept if name.startswith("written")]
    persons = [name for name in names if "persons" in name]
    assert len(persons) > 3 and len(names) > 2 * len(persons) - 1
    make = goldens._Persons.make
    counted = lambda self, *given: made.append(given) or make(self, *given)  # noqa: E731
    monkeypatch.setattr(goldens._Persons, "make", counted)
    for name in names[:: len(names) // 4]:
        stop(path, name)
        made.clear()
        assert run(path).went_on is not None
        done = persons.index(name) + 1 if name in persons else 0
        assert len(made) == len(persons) - done
        assert ended(path, contents(MasterIndex.open(tmp_path / "other")))
        shutil.rmtree(path)


def test_a_missing_file_of_a_piece_is_noticed(tmp_path, undisturbed):
    path = tmp_path / "index"
    stop(path, "written-records-0")
    next((path / "tables" / "records").iterdir()).unlink()
    done = run(path)
    assert sum("damaged, and is done again" in message for message in done.messages) == 1
    assert ended(path, undisturbed)


@pytest.mark.parametrize("what", ["records", "settings", "labels", "programme"])
def test_pieces_of_another_night_are_removed(tmp_path, monkeypatch, what):
    path, other = tmp_path / "index", tmp_path / "other"
    stop(path, "linked")
    more = {}
    if what == "records":
        more = {"records": NIGHTS["second"]}
    elif what == "settings":
        more = {"settings": msgspec.structs.replace(EVERY, review_pairs=7)}
    elif what == "labels":
        keys = NIGHTS["first"].data.select(["source", "record_id"]).slice(0, 40)
        persons = keys.append_column("person_id", keys["record_id"])
        more = {"resolver": partial(resolve, labels=persons, keep=True)}
    else:
        monkeypatch.setattr(fingerprint, "programme", lambda: ["another one"])
    again = scored(monkeypatch)
    done = run(path, **more)
    assert done.went_on is None and again
    assert any("what it had done is removed" in message for message in done.messages)
    run(other, **more)
    assert ended(path, contents(MasterIndex.open(other)))


def test_what_is_odd_is_told_all_the_same(tmp_path):
    """By a run that goes on when linking is done: what is odd was found then."""
    path = tmp_path / "index"
    told = run(tmp_path / "other", records=NIGHTS["most"])
    stop(path, "linked", records=NIGHTS["most"])
    done = run(path, records=NIGHTS["most"])
    assert told.sentinels and done.sentinels == told.sentinels
    assert done.drift == told.drift and done.counts == told.counts
    assert [m for m in done.messages if "goes on" not in m] == list(told.messages)
    for name in ("quality", "trust", "columns", "placeholders", "left_out", "model_summary"):
        mine, its = (getattr(made.resolution, name) for made in (done, told))
        assert json.dumps(mine, default=str) == json.dumps(its, default=str), name


def test_threads_and_memory_make_no_other_night(tmp_path, undisturbed):
    path = tmp_path / "index"
    stop(path, 3)
    changed = {"threads": 3, "memory": 10**12}
    done = run(path, settings=msgspec.structs.replace(EVERY, **changed))
    assert done.went_on is not None
    assert ended(path, undisturbed)


def test_a_resolver_that_nobody_knows_keeps_nothing(tmp_path):
    kept = StoppingFiles(None)
    index = MasterIndex.create_or_open(tmp_path / "index", files=kept)
    index.update(FIRST, resolver=linker)
    assert kept.kept == []


def test_what_is_quick_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "PATIENCE", 30.0)
    kept = StoppingFiles(None)
    run(tmp_path / "index", kept)
    assert kept.kept == []


def test_a_small_piece_waits_for_a_large_one(tmp_path, undisturbed, monkeypatch):
    """The model took no time, and is there when the first pairs are worth it."""
    path, due = tmp_path / "index", unfinished.Unfinished.due
    later = iter([False, False, True])
    monkeypatch.setattr(unfinished.Unfinished, "due", lambda self: next(later, True))
    kept = StoppingFiles("compared-0")
    with pytest.raises(StoppedError):
        run(path, kept)
    assert kept.kept == ["night", "model", "compared-0"]
    monkeypatch.setattr(unfinished.Unfinished, "due", due)
    monkeypatch.setattr("mpi.score.learn.learn", None)
    assert run(path).went_on is not None
    assert ended(path, undisturbed)


# ------------------------------------------------------------------ full disks


class FullFiles(Files):
    """No piece can be written from the `at`-th write of one on."""

    def __init__(self, at):
        self.left = at

    def put(self, path, content):
        if path.parent.name == "unfinished":
            self.left -= 1
            if self.left < 0:
                path.with_name(path.name + ".tmp").write_bytes(content[:7])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().put(path, content)


@pytest.mark.parametrize("at", [0, 1, 9, 40])
def test_a_night_goes_on_where_nothing_can_be_kept(tmp_path, undisturbed, at):
    done = run(tmp_path / "index", FullFiles(at))
    assert sum("cannot be kept (No space left on device)" in m for m in done.messages) == 1
    assert ended(tmp_path / "index", undisturbed)


def test_a_night_that_is_stopped_when_the_disk_is_full_begins_anew(tmp_path, undisturbed):
    path = tmp_path / "index"
    stop(path, "compared-2")
    assert run(path, FullFiles(2)).went_on is not None
    assert ended(path, undisturbed)


def test_what_the_night_needs_is_left_for_it(tmp_path, undisturbed):
    class LittleRoom(Files):
        def free(self, path):
            return 30_000

    done = run(tmp_path / "index", LittleRoom())
    assert any("the disk has little more than the run needs" in m for m in done.messages)
    assert ended(tmp_path / "index", undisturbed)


# ------------------------------------------------------------------ what happens in between


def grown(path):
    run(path)
    run(path, records=NIGHTS["second"])


def test_a_later_night_that_links_all_goes_on(tmp_path, monkeypatch):
    path, other = tmp_path / "index", tmp_path / "other"
    for folder in (path, other):
        grown(folder)
    run(other, records=NIGHTS["most"])
    for name in ("compared-1", "linked"):
        stop(path, name, records=NIGHTS["most"])
        MasterIndex.open(path).verify()
    assert run(path, records=NIGHTS["most"]).went_on == "clustering"
    assert ended(path, contents(MasterIndex.open(other)))


def between(path, work):
    """A large night is stopped, something else is done, and the night comes again."""
    grown(path)
    stop(path, "linked", records=NIGHTS["most"])
    work(MasterIndex.open(path))


ENDS = {
    "rollback": lambda index: index.rollback(1),
    "vacuum": lambda index: index.vacuum(keep=5),
    "erase": lambda index: index.erase(CHANGED),
    "encrypt": lambda index: index.encrypt("env:UNFINISHED_KEY"),
}


@pytest.mark.parametrize("what", ENDS)
def test_it_is_the_end_of_what_was_kept(tmp_path, monkeypatch, what):
    monkeypatch.setenv("UNFINISHED_KEY", "ab" * 32)
    between(tmp_path / "index", ENDS[what])
    index = MasterIndex.open(tmp_path / "index")
    assert not (tmp_path / "index" / "unfinished").exists()
    assert files_of(index.path) == named_files(index)


def test_a_smaller_night_in_between_ends_it(tmp_path):
    path = tmp_path / "index"
    between(path, lambda index: index.update(NIGHTS["third"], EVERY))
    assert not (path / "unfinished").exists()
    assert run(path, records=NIGHTS["most"]).went_on is None


def test_a_night_that_changes_nothing_does_not(tmp_path):
    path = tmp_path / "index"
    between(path, lambda index: index.update(NIGHTS["second"], EVERY))
    assert run(path, records=NIGHTS["most"]).went_on == "clustering"


def test_a_plan_in_between_does_not(tmp_path):
    path = tmp_path / "index"
    between(path, lambda index: index.plan(NIGHTS["third"], tmp_path / "plan", EVERY))
    assert run(path, records=NIGHTS["most"]).went_on == "clustering"


def test_a_night_with_limits_goes_on_and_nothing_is_left(tmp_path):
    path = tmp_path / "index"
    grown(path)
    limits = Limits(max_changed_persons=0.001)
    settings = msgspec.structs.replace(EVERY, limits=limits)
    stop(path, "linked", records=NIGHTS["most"], settings=settings)
    with pytest.raises(LimitError) as error:
        run(path, records=NIGHTS["most"], settings=settings)
    assert not (path / "unfinished").exists()
    MasterIndex.open(path).apply(error.value.plan)
    assert files_of(path) == named_files(MasterIndex.open(path))


def test_an_encrypted_night_goes_on(tmp_path, undisturbed, monkeypatch):
    monkeypatch.setenv("UNFINISHED_KEY", "ab" * 32)
    path = tmp_path / "index"
    settings = msgspec.structs.replace(EVERY, encryption_key="env:UNFINISHED_KEY")
    for name in ("compared-3", "linked", "written-records-0"):
        stop(path, name, settings=settings)
        for file in (path / "unfinished").glob("*.part"):
            assert file.read_bytes()[:4] == b"PARE"
        MasterIndex.open(path).verify()
    assert run(path, settings=settings).went_on == "writing records, 100 %"
    index = MasterIndex.open(path)
    assert files_of(path) == named_files(index)
    for name, rows in undisturbed.items():
        if name != "files":
            assert index.table(name).to_pylist() == rows


def test_it_is_said_at_once(tmp_path):
    class Told:
        def __init__(self):
            self.texts = []

        def start(self, stage, total):
            self.texts.append(stage)

        def advance(self, stage, amount):
            pass

        def finish(self, stage):
            pass

        def say(self, text):
            self.texts.append(text)

    path, told = tmp_path / "index", Told()
    stop(path, "linked")
    run(path, stages=Stages(told))
    text = "goes on where a run that was stopped had got to: clustering"
    assert told.texts.index(text) < told.texts.index("giving ids")
    assert "standardising" not in told.texts
