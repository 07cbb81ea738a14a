"""The folder: registries apart from the truth, and nothing foreign overwritten."""

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from mpi.errors import UsageError
from mpi.synth import synthesise, write


@pytest.fixture(scope="module")
def citizens():
    return synthesise(200, seed=4, provinces=2)


def test_parquet(tmp_path, citizens):
    files = write(citizens, tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert {p.name for p in folder.iterdir()} == {"registries", "truth.parquet", "slices.parquet"}
    registries = sorted((folder / "registries").iterdir())
    assert [p.stem for p in registries] == sorted(citizens.sources)
    assert files == [*registries, folder / "truth.parquet", folder / "slices.parquet"]
    for path in registries:
        assert pq.read_table(path).equals(citizens.sources[path.stem])
    assert pq.read_table(folder / "truth.parquet").equals(citizens.truth)


def test_same_bytes_and_replacement(tmp_path, citizens):
    first = {p: p.read_bytes() for p in write(citizens, tmp_path)}
    assert {p: p.read_bytes() for p in write(citizens, tmp_path)} == first
    write(citizens, tmp_path, format="csv")
    assert not list(tmp_path.rglob("*.parquet"))
    table = pacsv.read_csv(tmp_path / "truth.csv")
    assert table.num_rows == citizens.records


def test_foreign_folder_is_refused(tmp_path, citizens):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match=r"holds something else \(notes.txt\)"):
        write(citizens, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_registries_without_truth_are_foreign(tmp_path, citizens):
    (tmp_path / "registries").mkdir()
    (tmp_path / "registries" / "mine.csv").touch()
    with pytest.raises(UsageError, match="holds something else"):
        write(citizens, tmp_path)


def test_a_file_and_an_unknown_format(tmp_path, citizens):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        write(citizens, tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be written"):
        write(citizens, tmp_path / "file" / "below")
    with pytest.raises(UsageError, match="'xlsx' is unknown"):
        write(citizens, tmp_path, format="xlsx")
