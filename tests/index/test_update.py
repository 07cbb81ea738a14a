from dataclasses import replace

import pyarrow as pa
import pytest
from index.nights import FIRST, SECOND, contents, crosswalk, linker, night, partition, update

from mpi.cluster.ids import enterprise_ids, is_valid
from mpi.errors import UnusableInputError
from mpi.index import MasterIndex
from mpi.schema import TABLES, Kind, pair_schema, persons_schema


@pytest.fixture
def index(tmp_path):
    return MasterIndex.create_or_open(tmp_path / "index")


def events(index, snapshot):
    rows = index.table("events").to_pylist()
    names = {
        id_: f"P{n}" for n, id_ in enumerate(enterprise_ids(list(range(1, 99))).to_pylist(), 1)
    }
    return [
        (
            r["kind"],
            f"{r['source']}:{r['record_id']}" if r["source"] else None,
            [names[i] for i in r["before"]],
            [names[i] for i in r["after"]],
            r["cause"],
        )
        for r in rows
        if r["snapshot"] == snapshot
    ]


def test_the_first_night(index):
    result = update(index, FIRST)
    assert result.changed
    assert result.sequence == index.sequence == 1
    assert result.records == {"new": 6, "changed": 0, "deleted": 0, "unchanged": 0, "older": 0}
    assert result.counts == {
        "records": 6, "persons": 4, "links": 2, "review": 0, "quarantine": 0
    }  # fmt: skip
    assert result.events == {"created": 4, "joined": 2}
    assert partition(index) == {
        frozenset(p) for p in (["a:1", "a:2"], ["a:3"], ["b:1", "b:2"], ["b:3"])
    }
    # New ids go by the smallest record keys.
    ids = crosswalk(index)
    founders = [ids[key] for key in ("a:1", "a:3", "b:1", "b:3")]
    assert founders == enterprise_ids([1, 2, 3, 4]).to_pylist()
    assert all(map(is_valid, founders))
    assert events(index, 1) == [
        ("created", "a:1", [], ["P1"], "new record"),
        ("joined", "a:2", [], ["P1"], "new record"),
        ("created", "a:3", [], ["P2"], "new record"),
        ("created", "b:1", [], ["P3"], "new record"),
        ("joined", "b:2", [], ["P3"], "new record"),
        ("created", "b:3", [], ["P4"], "new record"),
    ]


def test_the_second_night(index):
    update(index, FIRST)
    before = crosswalk(index)
    result = update(index, SECOND)
    assert result.records == {"new": 2, "changed": 2, "deleted": 1, "unchanged": 0, "older": 0}
    ids = crosswalk(index)
    assert partition(index) == {
        frozenset(p) for p in (["a:2", "a:3"], ["b:1"], ["b:2"], ["b:3", "c:1"], ["c:2"])
    }
    kept = [key for key in ids if ids[key] == before.get(key)]
    assert kept == ["a:2", "b:1", "b:3"]
    assert events(index, 2) == [
        ("left", "a:1", ["P1"], [], "deleted record"),
        ("moved", "a:3", ["P2"], ["P1"], "changed record"),
        ("created", "b:2", ["P3"], ["P5"], "changed record"),
        ("joined", "c:1", [], ["P4"], "new record"),
        ("created", "c:2", [], ["P6"], "new record"),
        ("merged", None, ["P1", "P2"], ["P1"], "changed record"),
        ("split", None, ["P3"], ["P3", "P5"], "changed record"),
    ]
    since = {r["record_id"]: r["since"] for r in index.table("crosswalk").to_pylist()[:2]}
    assert since == {"2": 1, "3": 2}


def test_persons_tell_who_lives_and_who_was_replaced(index):
    update(index, FIRST)
    update(index, SECOND)
    rows = {r["enterprise_id"]: r for r in index.table("persons").to_pylist()}
    assert list(rows) == sorted(rows)
    one, two, *_ = enterprise_ids([1, 2, 3]).to_pylist()
    assert (rows[two]["status"], rows[two]["replaced_by"]) == ("retired", one)
    assert rows[two]["n_records"] == 0
    assert rows[two]["full_name"] is None
    assert rows[one]["n_records"] == 2
    assert rows[one]["n_sources"] == 1
    assert rows[one]["full_name"] == "LE AN"  # one vote each; it has the more recent record
    assert rows[one]["full_name_record"] == "a:2"
    assert rows[one]["phone_record"] == "a:2"
    assert rows[one]["national_id"] is None
    assert "updated_at" not in rows[one]


def test_a_retired_id_resolves_in_one_step_after_many_nights(index):
    update(
        index,
        night(
            {"key": "a:1", "phone": "1"},
            {"key": "a:2", "phone": "2"},
            {"key": "a:3", "phone": "3"},
            {"key": "a:4", "phone": "3"},
        ),
    )
    one, two, three = enterprise_ids([1, 2, 3]).to_pylist()
    update(index, night({"key": "a:1", "phone": "2"}))
    update(index, night({"key": "a:1", "phone": "3"}, {"key": "a:2", "phone": "3"}))
    heirs = {r["enterprise_id"]: r["replaced_by"] for r in index.table("persons").to_pylist()}
    living = set(crosswalk(index).values())
    assert len(living) == 1
    survivor = living.pop()
    assert {heirs[i] for i in (one, two, three) if i != survivor} == {survivor}
    update(index, night({"key": "a:9"}, deleted=[{"key": f"a:{i}"} for i in (1, 2, 3, 4)]))
    rows = {r["enterprise_id"]: r for r in index.table("persons").to_pylist()}
    assert [rows[i]["replaced_by"] for i in (one, two, three)] == [None] * 3
    assert [rows[i]["status"] for i in (one, two, three)] == ["retired"] * 3
    assert crosswalk(index)["a:9"] == enterprise_ids([4])[0].as_py()
    assert index.table("events").to_pylist()[-1]["kind"] == "retired"
    index.verify()


def test_the_same_input_again_is_a_no_op_that_says_so(index):
    update(index, FIRST)
    before = contents(index)
    again = update(index, FIRST)
    assert not again.changed
    assert again.sequence == 1
    assert again.records["unchanged"] == 6
    assert again.counts["persons"] == 4
    assert "nothing changed" in again.messages[0]
    assert contents(index) == before


def test_a_part_of_what_is_stored_changes_nothing(index):
    update(index, FIRST)
    assert not update(index, replace(FIRST, data=FIRST.data.slice(2, 2))).changed


def test_an_older_version_stays_away(index):
    update(index, night({"key": "a:1", "full_name": "New", "updated_at": "2024-03-01"}))
    result = update(index, night({"key": "a:1", "full_name": "Old", "updated_at": "2024-02-01"}))
    assert not result.changed
    assert result.records["older"] == 1
    assert update(
        index, night({"key": "a:1", "full_name": "Newer", "updated_at": "2/4/2024"})
    ).changed
    assert index.table("records")["full_name"].to_pylist() == ["Newer"]


def test_an_older_version_of_a_deleted_record_stays_away(index):
    update(index, night({"key": "a:1", "updated_at": "2024-03-01"}, {"key": "a:2"}))
    update(index, night(deleted=[{"key": "a:1", "updated_at": "2024-04-01"}]))
    assert list(crosswalk(index)) == ["a:2"]
    assert not update(index, night({"key": "a:1", "updated_at": "2024-03-01"})).changed
    assert update(index, night({"key": "a:1", "updated_at": "2024-05-01"})).changed
    assert list(crosswalk(index)) == ["a:1", "a:2"]
    # And a deletion that is older than the record deletes nothing.
    late = night(deleted=[{"key": "a:1", "updated_at": "2024-04-15"}])
    assert not update(index, late).changed


def test_a_deletion_of_nobody_changes_nothing(index):
    update(index, FIRST)
    assert not update(index, night(deleted=[{"key": "z:1"}])).changed


def test_a_deletion_known_by_its_time_is_kept_without_linking_again(index):
    update(index, FIRST)

    def refuse(*_, **__):
        raise AssertionError("nothing to link")

    gone = night(deleted=[{"key": "z:1", "updated_at": "2024-04-01"}])
    result = index.update(gone, resolver=refuse)
    assert result.changed
    assert result.sequence == 2
    assert result.resolution is None
    assert index.verify().snapshots == 2
    assert not index.update(gone, resolver=refuse).changed


def test_the_last_record_leaves(index):
    update(index, night({"key": "a:1"}))
    update(index, night(deleted=[{"key": "a:1"}]))
    assert index.counts() == {
        "records": 0, "persons": 0, "links": 0, "review": 0, "quarantine": 0
    }  # fmt: skip
    assert index.table("persons")["status"].to_pylist() == ["retired"]
    update(index, night({"key": "a:1"}))
    assert crosswalk(index) == {
        "a:1": enterprise_ids([1])[0].as_py()
    }  # it comes back as who it was
    assert [e["kind"] for e in index.table("events").to_pylist()][-2:] == ["joined", "resurrected"]
    index.verify()


def test_a_new_column_and_a_column_that_stays_away(index):
    update(
        index, night({"key": "a:1", "full_name": "An", "note": "x"}, fields=("full_name", "note"))
    )
    update(index, night({"key": "a:2", "sex": "f", "full_name": "Ba"}, fields=("sex", "full_name")))
    rows = index.table("records").to_pylist()
    assert rows == [
        {"source": "a", "record_id": "1", "full_name": "An", "sex": None, "note": "x"},
        {"source": "a", "record_id": "2", "full_name": "Ba", "sex": "f", "note": None},
    ]
    assert index.kinds() == {
        "full_name": Kind.FULL_NAME, "sex": Kind.SEX, "note": Kind.IGNORED
    }  # fmt: skip
    stored = index.records()
    assert [f.name for f in stored.fields] == ["full_name", "sex"]
    assert stored.data.equals(index.table("records"))


def test_the_first_model_is_kept_and_handed_back(index):
    seen = []

    def watched(records, settings, *, model, stages):
        seen.append(model)
        result = linker(records, settings, model=model, stages=stages)
        return replace(result, model=b'{"night": %d}' % len(seen))

    index.update(FIRST, resolver=watched)
    index.update(SECOND, resolver=watched)
    assert seen == [None, b'{"night": 1}']
    assert index.model() == b'{"night": 1}'


def test_every_table_has_its_schema(index):
    for _ in range(2):  # empty, then filled
        for name, table in TABLES.items():
            schema = table.schema
            if name == "persons":
                fields = ["full_name", "phone", "national_id"] if index.sequence else []
                schema = persons_schema(fields)
            if name in ("links", "review"):
                schema = pair_schema(name, ["phone", "national_id"] if index.sequence else [])
            assert index.table(name).schema.equals(schema), name
        update(index, FIRST)


def test_as_of_reads_every_night(index):
    update(index, FIRST)
    first = {name: index.table(name) for name in TABLES}
    update(index, SECOND)
    for name, table in first.items():
        assert index.table(name, as_of=1).equals(table), name
    assert not index.table("crosswalk").equals(first["crosswalk"])
    assert index.table("runs")["snapshot"].to_pylist() == [1, 2]
    assert index.table("persons", columns=["status"]).column_names == ["status", "enterprise_id"]


def test_quarantine_keeps_what_other_files_left_there(index):
    def bad(file, row):
        return {"source": "a", "file": file, "row": row, "values": "{}", "reason": "ragged"}

    update(index, replace(night({"key": "a:1"}, quarantine=[bad("one.csv", 4)], name="one.csv")))
    update(
        index,
        night({"key": "a:2"}, quarantine=[bad("two.csv", 7), bad("two.csv", 2)], name="two.csv"),
    )
    rows = index.table("quarantine").to_pylist()
    assert [(r["file"], r["row"]) for r in rows] == [("one.csv", 4), ("two.csv", 2), ("two.csv", 7)]
    mended = update(index, night({"key": "a:1"}, name="one.csv"))
    assert mended.changed  # no record did, but the file has no bad row any more
    assert index.table("quarantine")["file"].to_pylist() == ["two.csv"] * 2


def test_nothing_usable_publishes_nothing(index):
    def nothing(*_, **__):
        raise UnusableInputError("nothing")

    with pytest.raises(UnusableInputError):
        index.update(night(), resolver=nothing)
    assert index.sequence == 0
    assert MasterIndex.open(index.path).snapshots() == []


def test_many_buckets_hold_the_same_tables(index, tmp_path, monkeypatch):
    update(index, FIRST)
    update(index, SECOND)
    monkeypatch.setattr("mpi.index.snapshot.choose_buckets", lambda rows: 4)
    other = MasterIndex.create_or_open(tmp_path / "other")
    update(other, FIRST)
    update(other, SECOND)
    assert len(other._base.manifest.tables["crosswalk"]) > 1
    for name in [*(t for t in TABLES if t != "runs"), "records"]:
        assert other.table(name).equals(index.table(name)), name
    other.verify()
    # Written whole, a bucket that nobody touched keeps its file.
    monkeypatch.setattr("mpi.index.snapshot.SHARE", 0)
    update(other, night({"key": "a:2", "full_name": "Changed"}))
    update(other, night({"key": "c:2", "full_name": "Changed"}))
    old, new = (set(other._store.manifest(s)[0].tables["records"]) for s in (3, 4))
    assert len(old & new) == len(old) - 1
    assert "records" not in other._base.manifest.changes


def test_a_wrong_resolver_is_caught(index):
    def wrong(records, settings, *, model, stages):
        result = linker(records, settings, model=model, stages=stages)
        return replace(result, cluster=result.cluster[::-1].copy())

    with pytest.raises(ValueError, match="smallest row"):
        index.update(FIRST, resolver=wrong)


def test_columns_named_like_those_of_persons_keep_apart(index):
    fields = ("full_name",)
    rows = night({"key": "a:1", "full_name": "An", "status": "married"}, fields=(*fields, "status"))
    status = replace(rows.fields[0], name="status", column="status", kind=Kind.CATEGORY)
    update(index, replace(rows, fields=(*rows.fields, status)))
    person = index.table("persons").to_pylist()[0]
    assert person["status"] == "active"
    assert person["status_value"] == "married"
    assert person["status_value_record"] == "a:1"


def test_arrow_strings_in_many_chunks_are_the_same_records(index):
    chunks = pa.concat_tables([FIRST.data.slice(i, 1) for i in range(len(FIRST))])
    update(index, replace(FIRST, data=chunks))
    assert not update(index, FIRST).changed
