"""What linking keeps, in files: it is looked at like all others."""

import msgspec
import pytest
from index.edit import rewrite
from index.nights import extract
from people import people

from mpi.errors import IntegrityError
from mpi.index import MasterIndex
from mpi.index.state import check_state
from mpi.index.verify import inspect


@pytest.fixture(scope="module")
def nights():
    drawn = people(60, seed=3)
    keys = zip(drawn.source, drawn.record_id, strict=True)
    rows = [*zip(keys, drawn.rows, strict=True)]
    return extract(dict(rows[:70])), extract(dict(rows[70:76]), [rows[5][0]])


@pytest.fixture
def index(tmp_path, nights):
    index = MasterIndex.create_or_open(tmp_path / "index")
    for records in nights:
        index.update(records)
    assert len(index._base.manifest.state) == 3
    return index


def test_verify_reads_the_files_of_every_snapshot(index):
    named = {f.name: f.bytes for s in (1, 2) for f in index._store.manifest(s)[0].files()}
    found = index.verify()
    assert (found.files, found.bytes) == (len(named), sum(named.values()))
    assert len([name for name in named if name.startswith("state/")]) == 4


@pytest.mark.parametrize("snapshot", [1, 2])
def test_a_damaged_file_is_named(index, snapshot):
    path = index.path / index._store.manifest(snapshot)[0].state[0].name
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(IntegrityError, match=rf"snapshot {snapshot}: .*{path.name}.*checksum"):
        index.verify()
    path.unlink()
    (problem,) = inspect(index._store).problems
    assert path.name in str(problem) and "is missing" in str(problem)


def test_a_state_of_other_records_is_noticed(index):
    assert [*check_state(index._base)] == []
    earlier = msgspec.to_builtins(index._store.manifest(1)[0].state)
    rewrite(index, lambda body: body.update(state=earlier))
    (problem,) = inspect(index._store).problems
    assert "what linking keeps is of 70 records" in str(problem)
    assert "there are 75 records" in str(problem)
