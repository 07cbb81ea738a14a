import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from index.edit import rewrite
from index.nights import FIRST, SECOND, contents, crosswalk, files_of, named_files, night, update

from mpi.errors import IntegrityError, LockedError, UsageError
from mpi.index import MasterIndex
from mpi.index.files import Files
from mpi.index.lock import lock
from mpi.index.manifest import Manifest


@pytest.fixture
def index(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "index")
    update(index, FIRST)
    return index


# ------------------------------------------------------------------ what is an index


def test_opening_what_is_not_an_index(tmp_path):
    with pytest.raises(UsageError, match=r"there is no index at .*mpi run"):
        MasterIndex.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is a file, not the folder of an index"):
        MasterIndex.open(tmp_path / "file")
    with pytest.raises(UsageError, match=r"found: file\)"):
        MasterIndex.open(tmp_path)
    with pytest.raises(UsageError, match="not empty"):
        MasterIndex.create_or_open(tmp_path)
    with pytest.raises(UsageError, match="cannot be made"):
        MasterIndex.create_or_open(tmp_path / "file" / "index")
    assert files_of(tmp_path) == ["file"]


def test_an_empty_folder_becomes_an_index(tmp_path):
    assert MasterIndex.create_or_open(tmp_path).sequence == 0
    assert MasterIndex.open(tmp_path).sequence == 0


def test_a_folder_whose_making_was_killed_becomes_an_index(tmp_path):
    (tmp_path / "mpi-index.json.tmp").write_text("{")
    assert MasterIndex.create_or_open(tmp_path).sequence == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_read_or_written(tmp_path):
    index = MasterIndex.create_or_open(tmp_path / "there")
    (index.path / "mpi-index.json").chmod(0)
    with pytest.raises(UsageError, match="Permission denied"):
        MasterIndex.open(index.path)
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="Permission denied"):
        MasterIndex.create_or_open(tmp_path / "index")


def test_a_newer_format_is_refused(index):
    (index.path / "mpi-index.json").write_text('{"format": 99, "what": "master patient index"}')
    with pytest.raises(UsageError, match="format 99"):
        MasterIndex.open(index.path)
    (index.path / "mpi-index.json").write_text("{}")
    with pytest.raises(IntegrityError, match=r"mpi-index\.json is damaged"):
        MasterIndex.open(index.path)


def test_a_newer_manifest_is_refused(index):
    rewrite(index, lambda body: body.update(format=99, novelty=True))
    with pytest.raises(UsageError, match="format 99"):
        MasterIndex.open(index.path)


def test_an_empty_folder_that_all_may_read_is_closed(tmp_path):
    (tmp_path / "index").mkdir(mode=0o755)
    MasterIndex.create_or_open(tmp_path / "index")
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o700


def test_only_the_owner_may_read(index):
    for path in [index.path, *index.path.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


# ------------------------------------------------------------------ damage


@pytest.mark.parametrize("damage", ["cut", "edited", "empty"])
def test_a_damaged_manifest_is_named(index, damage):
    path = index._store.manifest_path(1)
    text = path.read_bytes()
    changed = {"cut": text[:-20], "edited": text.replace(b'"rows":6', b'"rows":7'), "empty": b""}
    path.write_bytes(changed[damage])
    with pytest.raises(IntegrityError, match=r"manifest .*00000001\.json"):
        MasterIndex.open(index.path)


@pytest.mark.parametrize("table", ["records", "persons", "events"])
def test_a_missing_or_cut_file_is_named(index, table):
    path = next((index.path / "tables" / table).iterdir())
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(IntegrityError, match=f"{path.name}.*has {len(content) - 1} bytes"):
        MasterIndex.open(index.path)
    path.unlink()
    with pytest.raises(IntegrityError, match=f"{path.name}.*is missing"):
        MasterIndex.open(index.path)
    with pytest.raises(IntegrityError, match=f"{path.name} is missing"):
        index.table(table)


def test_a_changed_file_is_named_and_nothing_is_overwritten(index):
    path = next((index.path / "tables" / "records").iterdir())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = files_of(index.path)
    for action in (index.verify, lambda: index.table("records"), lambda: update(index, SECOND)):
        with pytest.raises(IntegrityError, match=f"{path.name} does not have the checksum"):
            action()
    assert files_of(index.path) == before
    assert path.read_bytes() == content


def test_a_replaced_past_is_noticed(index):
    update(index, SECOND)
    index.verify()
    newest = index.sequence
    rewrite(index, lambda body: body.update(previous="0" * 40))
    with pytest.raises(IntegrityError, match=f"snapshot {newest} does not follow"):
        index.verify()


def test_tables_that_disagree_are_noticed(index):
    other = MasterIndex.create_or_open(index.path.parent / "other")
    update(other, night({"key": "a:1"}))
    (name,) = (file.name for file in other._base.manifest.tables["crosswalk"])
    (index.path / name).write_bytes((other.path / name).read_bytes())
    crosswalk = msgspec.to_builtins(other._base.manifest.tables["crosswalk"])
    rewrite(index, lambda body: body["tables"].update(crosswalk=crosswalk))
    with pytest.raises(IntegrityError, match="crosswalk and the records have different keys"):
        MasterIndex.open(index.path).verify()
    with pytest.raises(IntegrityError, match="different keys"):
        update(MasterIndex.open(index.path), SECOND)


def test_a_manifest_has_no_personal_value(index):
    text = index._store.manifest_path(1).read_text()
    assert "Le An" not in text


def test_stray_files_are_swept_by_the_next_writer(index):
    strays = [
        "tables/records/0000-00000000000000000000000000000000.parquet",
        "tables/crosswalk/0001-0.parquet.tmp",
        "snapshots/00000002.json.tmp",
        "models/0000-1.json",
    ]
    for name in strays:
        (index.path / name).write_text("left behind")
    foreign = ["README", "tables/README", "snapshots/notes.txt"]
    for name in foreign:
        (index.path / name).write_text("not ours")
    assert MasterIndex.open(index.path).sequence == 1
    assert not update(index, FIRST).changed
    assert files_of(index.path) == sorted([*named_files(index), *foreign])


# ------------------------------------------------------------------ readers and writers


def test_readers_keep_their_snapshot(index):
    reader = MasterIndex.open(index.path)
    before = contents(reader)["crosswalk"]
    update(index, SECOND)
    assert contents(reader)["crosswalk"] == before
    assert reader.sequence == 1
    assert MasterIndex.open(index.path).sequence == 2
    # A writer goes on from the newest snapshot, whatever it has in sight.
    update(reader, night({"key": "d:1"}))
    assert reader.sequence == 3
    assert set(crosswalk(reader)) >= {"d:1", "c:1"}


def test_unknown_snapshots_and_tables(index):
    with pytest.raises(UsageError, match="no snapshot 7; it has 1 to 1"):
        index.table("crosswalk", as_of=7)
    with pytest.raises(UsageError, match=r"no table 'people'; the tables are crosswalk, persons"):
        index.table("people")


def test_the_second_of_two_writers_is_told_who_holds_the_lock(index):
    with (
        lock(index.path / "lock"),
        pytest.raises(LockedError, match=rf"process {os.getpid()} on {socket.gethostname()}") as e,
    ):
        update(index, SECOND)
    assert e.value.exit_code == 4
    assert "at work since 20" in str(e.value)
    assert MasterIndex.open(index.path).sequence == 1
    assert update(index, SECOND).changed


def test_a_writer_may_take_the_lock_before_it_reads(index):
    other = MasterIndex.open(index.path)
    update(index, SECOND)
    with other.locked():
        assert other.sequence == 2
        with pytest.raises(LockedError):
            update(index, night({"key": "d:1"}))
        with pytest.raises(LockedError), index.locked():
            pass
        assert update(other, night({"key": "d:1"})).sequence == 3
        with pytest.raises(LockedError):  # updating did not let go of it
            update(index, night({"key": "d:2"}))
    assert update(index, night({"key": "d:2"})).sequence == 4


def test_a_lock_of_another_process_holds_and_dies_with_it(index):
    code = (
        "import sys, pathlib, time\nfrom mpi.index.lock import lock\n"
        "with lock(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    path = index.path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=f"process {process.pid} "):
            update(index, SECOND)
        process.kill()
    assert update(index, SECOND).changed


def test_a_snapshot_that_appears_without_the_lock_is_not_overwritten(index, monkeypatch):
    from mpi.index import snapshot

    publish = snapshot.Snapshot.publish

    def late(snapshot, *arguments):
        index._store.manifest_path(2).write_text("another machine's")
        publish(snapshot, *arguments)

    monkeypatch.setattr(snapshot.Snapshot, "publish", late)
    with pytest.raises(IntegrityError, match="exists already"):
        update(index, SECOND)
    assert index._store.manifest_path(2).read_text() == "another machine's"


def test_the_manifest_reads_back(index):
    manifest, digest = index._store.manifest(1)
    assert isinstance(manifest, Manifest)
    update(index, SECOND)
    assert index._store.manifest(2)[0].previous == digest


# ------------------------------------------------------------------ power cuts


class Watched(Files):
    """Keeps what would survive a power cut: synced contents, and names in synced folders."""

    def __init__(self):
        self.written, self.named, self.cuts = set(), set(), []

    def write(self, path, content):
        super().write(path, content)
        assert path in self.written, f"{path} was not synced"

    def sync(self, handle):
        super().sync(handle)
        self.written.add(Path(f"/proc/self/fd/{handle}").readlink())

    def rename(self, old, new):
        assert old in self.written, f"{old} was renamed before it was synced"
        super().rename(old, new)

    def name(self, old, new):
        assert old in self.written, f"{old} was named before it was synced"
        self.cuts.append(set(self.named))
        return super().name(old, new)

    def sync_folder(self, path):
        super().sync_folder(path)
        self.named |= set(path.iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs the names of open files")
def test_everything_is_on_the_disk_before_the_manifest_is(tmp_path):
    files = Watched()
    index = MasterIndex.create_or_open(tmp_path / "index", files=files)
    for number, records in enumerate((FIRST, SECOND), 1):
        update(index, records)
        there = files.cuts.pop()
        for file in index._base.manifest.files():
            path = index.path / file.name
            assert {path, path.parent, path.parent.parent, index.path} <= there | {tmp_path}, path
        assert index._store.manifest_path(number) in files.named
