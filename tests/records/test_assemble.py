from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mpi.errors import UnusableInputError
from mpi.records import Fates, RecordTable, read_records
from mpi.schema import TABLES, Kind
from mpi.settings import Settings
from mpi.stages import Stages


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_rows_are_sorted_by_the_bytes_of_their_keys(tmp_path: Path) -> None:
    ids = ["10", "9", "é", "a", "Z", "z", "1"]
    head = "record_id,full_name\n"
    write(
        tmp_path,
        b=head + "".join(f"{i},Le An\n" for i in ids),
        a=head + "".join(f"{i},Le An\n" for i in reversed(ids)),
    )
    keys = read_records(tmp_path).data.select(["source", "record_id"]).to_pylist()
    wanted = [(s, i) for s in "ab" for i in sorted(ids, key=str.encode)]
    assert [(k["source"], k["record_id"]) for k in keys] == wanted


def test_a_source_column_names_the_source(tmp_path: Path) -> None:
    write(tmp_path, a="record_id,source,full_name\n1,hue,Le An\n1,hanoi,Vu Ba\n2,,Ho Tu\n")
    records = read_records(tmp_path)
    assert records.data.column("source").to_pylist() == ["a", "hanoi", "hue"]
    assert records.fates["a"] == Fates(1, 1)


def test_row_numbers_stand_in_for_record_ids_aloud(tmp_path: Path) -> None:
    write(tmp_path, a="full_name\nLe An\nVu Ba\n", b="record_id,full_name\nx,Ho Tu\n")
    records = read_records(tmp_path)
    assert records.data.column("record_id").to_pylist() == ["1", "2", "x"]
    assert any("a.csv: no column is a record id" in m for m in records.messages)
    assert not any("b.csv" in m and "record id" in m for m in records.messages)


def test_row_numbers_of_two_files_never_meet(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        write(tmp_path / folder, a=f"full_name\nLe An {folder}\n")
    assert len(read_records([tmp_path / "x", tmp_path / "y"])) == 2
    write(tmp_path / "z", a="source,full_name\ns,Le An\n", b="source,full_name\ns,Vu Ba\n")
    assert len(read_records(tmp_path / "z")) == 2


def test_a_row_without_its_record_id_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path, a="record_id,full_name\n1,Le An\n,Vu Ba\n")
    records = read_records(tmp_path)
    assert records.total == Fates(2, 1, 0, 0, 1)
    (row,) = records.quarantine.to_pylist()
    assert (row["file"], row["row"], row["reason"]) == ("a.csv", 2, "no record id")
    assert json.loads(row["values"]) == {"record_id": None, "full_name": "Vu Ba"}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("2024-01-02", "2024-01-03"),
        ("31/12/2023", "01/02/2024"),
        ("12/31/2023", "01/02/2024"),
        ("20231231", "20240102030405"),
        ("2024-01-02T09:00:00+07:00", "2024-01-02T03:00:00Z"),
        ("", "2001-01-01"),
        ("soon", "2001-01-01"),
        ("1700000000", "1700000001"),
    ],
)
def test_the_newest_version_wins(tmp_path: Path, older: str, newer: str) -> None:
    rows = [f"1,Vu Older,{older}", f"1,An Newer,{newer}"]
    for order in itertools.permutations(rows):
        write(tmp_path, a="\n".join(["record_id,full_name,updated_at", *order, "2,Ho Tu,\n"]))
        records = read_records(tmp_path)
        assert records.data.column("full_name").to_pylist() == ["An Newer", "Ho Tu"]
        assert records.total == Fates(3, 2, 1)


def test_a_tie_does_not_look_at_older_versions(tmp_path: Path) -> None:
    rows = [
        "1,Z,2024-01-01",
        "1,Y,2024-01-01",
        "1,A,2024-01-02",
        "2,A,2024-01-01",
        "2,B,2024-01-01",
    ]
    write(tmp_path, a="\n".join(["record_id,full_name,updated_at", *rows]))
    assert read_records(tmp_path).data.column("full_name").to_pylist() == ["A", "B"]


def test_deletion_wins_only_as_the_newest(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="record_id,full_name,updated_at,deleted\n"
        "1,Le An,2024-01-01,\n1,,2024-01-02,true\n"
        "2,Vu Ba,2024-01-03,0\n2,,2024-01-02,1\n"
        "3,,2024-01-01,x\n4,Ho Tu,2024-01-01,false\n",
    )
    records = read_records(tmp_path)
    assert records.data.column("record_id").to_pylist() == ["2", "4"]
    assert records.deleted.to_pylist() == [
        {"source": "a", "record_id": "1", "updated_at": "2024-01-02"},
        {"source": "a", "record_id": "3", "updated_at": "2024-01-01"},
    ]
    assert records.total == Fates(6, 2, 2, 2, 0)


def test_an_extract_of_deletions_is_usable(tmp_path: Path) -> None:
    write(tmp_path, a="record_id,full_name,deleted\n1,,true\n")
    records = read_records(tmp_path, known={"full_name": Kind.FULL_NAME})
    assert len(records) == 0
    assert records.total == Fates(1, 0, 0, 1, 0)


def test_na_is_a_name_and_nothing_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, a="record_id,given_name,phone\n1,NA,NA\n2,nan,090\n")
    records = read_records(tmp_path)
    assert records.data.column("given_name").to_pylist() == ["NA", "nan"]
    assert records.data.column("phone").to_pylist() == [None, "090"]


def test_files_that_call_one_thing_differently(tmp_path: Path) -> None:
    write(
        tmp_path,
        hanoi="ma_bn,ho_ten,ngay_sinh,so_cccd\n1,Le An,1990-05-12,001\n",
        hue="record_id,full_name,dob,ssn,phone\n1,Le An,12/05/1990,001,090\n",
        vinh="id,ten,note\n1,Vu Van Ba,x\n",
    )
    records = read_records(tmp_path)
    rows = records.data.to_pylist()
    assert [r["full_name"] for r in rows] == ["Le An", "Le An", "Vu Van Ba"]
    assert [r["national_id"] for r in rows] == ["001", "001", None]
    assert [r["birth_date"] for r in rows] == ["1990-05-12", "12/05/1990", None]
    assert "column 'full_name' also holds 'ho_ten' and 'ten' of other files" in records.messages


def test_settings_may_name_a_column_by_either_name(tmp_path: Path) -> None:
    write(tmp_path, a="x,id\nLe An,1\n", b="y,id\nVu Ba,1\n")
    chosen = Settings(fields={"x": Kind.FULL_NAME, "y": Kind.FULL_NAME})
    records = read_records(tmp_path, settings=chosen)
    assert records.data.column("full_name").to_pylist() == ["Le An", "Vu Ba"]


@pytest.mark.parametrize("text", ["colour,size\nred,1\nblue,2\n", "dob,sex\n1990-01-01,F\n"])
def test_without_name_and_identifier(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableInputError, match="no name and no identifier among") as error:
        read_records(write(tmp_path, a=text))
    assert text.split(",")[0] in str(error.value)
    assert "full_name, given_name, identifier" in str(error.value)
    assert error.value.exit_code == 3


def test_all_rows_set_aside(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="2 rows were set aside: 2 x no record id"):
        read_records(write(tmp_path, a="record_id,full_name\n,Le An\n,Vu Ba\n"))


def test_the_truth_is_kept_but_not_a_field(tmp_path: Path) -> None:
    records = read_records(write(tmp_path, a="id,name,person_id\n1,Le An,7\n"))
    assert records.data.column("person_id").to_pylist() == ["7"]
    assert [f.column for f in records.of_kind([Kind.IGNORED])] == ["person_id"]
    assert any("holds the answer" in m for m in records.messages)


def test_a_column_of_one_value_and_identical_rows(tmp_path: Path) -> None:
    write(tmp_path, a="full_name,a1\n" + "Le An,x\n" * 50_000)
    records = read_records(tmp_path)
    assert records.total == Fates(50_000, 50_000)
    assert [f.column for f in records.of_kind([Kind.IGNORED])] == ["a1"]


def test_stages_are_reported(tmp_path: Path) -> None:
    stages = Stages()
    read_records(write(tmp_path, a="id,name\n1,Le An\n"), stages=stages)
    assert [(s.name, s.rows) for s in stages.times] == [("reading", 1), ("arranging records", 1)]


def test_fingerprints_are_of_the_bytes(tmp_path: Path) -> None:
    write(tmp_path, a="id,name\n1,Le An\n", b="id,name\n1,Le An\n", c="id,name\n1,Le Ba\n")
    a, b, c = (i.fingerprint for i in read_records(tmp_path).inputs)
    assert a == b != c
    assert len(a) == 32


ROW = st.tuples(
    st.sampled_from(["", "hue", "vinh"]),
    st.sampled_from(["", "1", "2", "3", "10"]),
    st.sampled_from(["", "Le An", "Vu Ba", "Hồ Tú", "a\0b"]),
    st.sampled_from(["", "1990-05-12", "NA"]),
    st.sampled_from(["", "2024-01-01", "2024-01-02"]),
    st.sampled_from(["", "true", "0"]),
)
NAMES = ("source", "record_id", "full_name", "birth_date", "updated_at", "deleted")


def lines(rows: list[tuple[str, ...]]) -> str:
    return "\n".join([",".join(NAMES), *(",".join(r) for r in rows), ""])


def read_or_none(folder: Path, files: dict[str, list[tuple[str, ...]]]) -> RecordTable | None:
    for old in folder.glob("*.csv"):
        old.unlink()
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text(lines(rows) + "ragged\n")
    try:
        # read in a different order of files each time
        return read_records(sorted(folder.glob("*.csv"), reverse=len(files) % 2 == 0))
    except UnusableInputError:
        return None


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    rows=st.lists(ROW, min_size=1, max_size=14),
    seed=st.integers(0, 99),
    cut=st.integers(0, 14),
)
def test_law_1_fates_add_up_in_any_order(
    tmp_path: Path, rows: list[tuple[str, ...]], seed: int, cut: int
) -> None:
    rows = [(source or "vinh", *rest) for source, *rest in rows]
    shuffled = random.Random(seed).sample(rows, len(rows))
    first = read_or_none(tmp_path, {"a": rows})
    second = read_or_none(tmp_path, {"b": shuffled[:cut], "a": shuffled[cut:]})
    if first is None or second is None:
        assert first is second
        return
    for records, read in ((first, len(rows) + 1), (second, len(rows) + 2)):
        total = records.total
        assert total.read == read == sum(i.rows for i in records.inputs)
        assert read == total.accepted + total.replaced + total.deleted + total.quarantined
        assert total.accepted == len(records)
        assert total.deleted == len(records.deleted)
        assert total.quarantined == len(records.quarantine)
        assert records.quarantine.schema.equals(TABLES["quarantine"].schema)
        keys = records.data.select(["source", "record_id"]).to_pylist()
        pairs = [(k["source"].encode(), k["record_id"].encode()) for k in keys]
        assert pairs == sorted(set(pairs))
    assert first.data.equals(second.data)
    assert first.deleted.equals(second.deleted)
    assert first.fields == second.fields
    plain = ["source", "values", "reason"]
    usual = [r for r in first.quarantine.select(plain).to_pylist() if "ragged" not in r["values"]]
    moved = [r for r in second.quarantine.select(plain).to_pylist() if "ragged" not in r["values"]]
    assert sorted(map(str, (r["reason"] for r in usual))) == sorted(
        map(str, (r["reason"] for r in moved))
    )


def test_data_has_the_columns_the_contract_says(tmp_path: Path) -> None:
    records = read_records(write(tmp_path, a="note,name,id,cccd,cmnd\nx,Le An,1,2,3\n"))
    assert records.data.column_names == [
        *("source", "record_id", "full_name", "national_id", "cmnd", "note")
    ]
    assert set(records.data.schema.types) == {pa.string()}
