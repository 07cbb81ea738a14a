"""Crosswalk and truth files."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mpi.errors import UnusableInputError, UsageError
from mpi.evaluate import read_crosswalk, read_truth


@pytest.mark.parametrize("text", [
    "source,record_id,person_id\nhue,007,p\n",
    "\ufeffperson_id;record_id;source;note\np;007;hue;x\n",
    '"source"\t"rec_id"\t"entity_id"\n"hue"\t"007"\t"p"\n',
])  # fmt: skip
def test_csv_is_read_as_text(tmp_path, text):
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    truth = read_truth(path)
    assert truth.to_pylist() == [{"source": "hue", "record_id": "007", "person_id": "p"}]


def test_compressed_csv(tmp_path):
    path = tmp_path / "truth.csv.gz"
    path.write_bytes(gzip.compress(b"record_id,person_id\n1,p\n"))
    assert read_truth(path).to_pylist() == [{"record_id": "1", "person_id": "p"}]


def test_parquet_numbers_become_text(tmp_path):
    path = tmp_path / "crosswalk.parquet"
    pq.write_table(pa.table({"record_id": [7], "cluster": [3]}), path)
    assert read_crosswalk(path).to_pylist() == [{"record_id": "7", "enterprise_id": "3"}]


def test_empty_cells_are_missing(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text("record_id,person_id\n1,\n")
    assert read_truth(path).column("person_id").null_count == 1


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_truth(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="is a folder"):
        read_truth(tmp_path)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(UnusableInputError, match="is empty"):
        read_truth(tmp_path / "empty.csv")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(UsageError, match="no valid Parquet"):
        read_truth(tmp_path / "bad.parquet")
    (tmp_path / "ragged.csv").write_text("record_id,person_id\n1,p,q\n")
    with pytest.raises(UsageError, match="no valid CSV"):
        read_truth(tmp_path / "ragged.csv")
    (tmp_path / "latin.csv").write_bytes(b"record_id,person_id\n1,\xe9\n")
    with pytest.raises(UsageError, match="no valid CSV in UTF-8"):
        read_truth(tmp_path / "latin.csv")
    (tmp_path / "blank.csv").write_text("\n\n")
    with pytest.raises(UsageError):
        read_truth(tmp_path / "blank.csv")
