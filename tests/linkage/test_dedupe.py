"""dedupe and link from records to tables: what they find, publish and refuse."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc
import pytest
from people import people
from tables import record_table

from mpi.errors import UnusableInputError, UsageError
from mpi.evaluate import evaluate
from mpi.linkage import dedupe, link, resolve
from mpi.linkage.resolution import REASONS
from mpi.records.table import RecordTable
from mpi.schema import TABLES, Kind, pair_schema
from mpi.settings import Settings
from mpi.stages import Stages


def persons(records: RecordTable, settings: Settings | None = None) -> int:
    return len(dedupe(records, settings).crosswalk["enterprise_id"].unique())


def columns(
    name: Sequence[str | None], born: Sequence[str | None], **others: Sequence[str | None]
) -> dict[tuple[str, Kind], Sequence[str | None]]:
    made = {("full_name", Kind.FULL_NAME): name, ("birth_date", Kind.BIRTH_DATE): born}
    return made | {(key, Kind(key)): values for key, values in others.items()}


def test_people_are_found() -> None:
    drawn = people(1500, seed=3)
    result = dedupe(drawn.records())
    assert evaluate(result.crosswalk, drawn.truth()).f1 > 0.99


def test_tables_are_as_the_registry_of_tables_says() -> None:
    drawn = people(300, seed=3)
    result = dedupe(drawn.records())
    assert result.crosswalk.schema == TABLES["crosswalk"].schema
    names = list(result.resolution.comparisons)
    assert result.links.schema == pair_schema("links", names)
    assert result.review.schema == pair_schema("review", names)
    for table, key in (
        (result.crosswalk, ("source", "record_id")),
        (result.links, ("source_a", "record_id_a", "source_b", "record_id_b")),
        (result.review, ("source_a", "record_id_a", "source_b", "record_id_b")),
    ):
        rows = list(zip(*(table[c].to_pylist() for c in key), strict=True))
        assert rows == sorted(rows)
        assert len(set(rows)) == len(rows)
    for row in result.links.to_pylist() + result.review.to_pylist():
        assert (row["source_a"], row["record_id_a"]) < (row["source_b"], row["record_id_b"])
        assert row["blocking_rules"]
        assert set(row["blocking_rules"]) <= set(result.summary["rules"])
    assert set(result.review["reason"].to_pylist()) <= set(REASONS[1:])
    summary = result.summary
    assert summary["records"] == len(drawn.rows)
    assert summary["persons"] == len(result.crosswalk["enterprise_id"].unique())
    assert (summary["links"], summary["review"]) == (len(result.links), len(result.review))


def test_linked_records_are_one_person_and_persons_hang_together() -> None:
    result = dedupe(people(300, seed=3).records())
    person = {
        (r["source"], r["record_id"]): r["enterprise_id"] for r in result.crosswalk.to_pylist()
    }
    joined = 0
    for row in result.links.to_pylist():
        a, b = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
        assert person[a] == person[b]
        joined += 1
    assert joined >= len(person) - len(set(person.values()))


def test_link_takes_one_record_of_a_source() -> None:
    drawn = people(400, seed=6, copies=0.7)
    result = link(drawn.records())
    table = result.crosswalk
    keys = list(zip(table["source"].to_pylist(), table["enterprise_id"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys)
    assert all(r["source_a"] != r["source_b"] for r in result.links.to_pylist())
    assert all(r["source_a"] != r["source_b"] for r in result.review.to_pylist())
    assert len(result.links) > 50


def test_link_needs_two_sources() -> None:
    with pytest.raises(UsageError, match="there is only one"):
        link(people(10, seed=1, sources=("x",)).records())


def test_stages_are_told_in_order() -> None:
    stages = Stages()
    dedupe(people(30, seed=1).records(), stages=stages)
    names = [t.name for t in stages.times if not t.name.startswith("compiling")]
    assert names == [
        *("standardising", "encoding", "blocking", "learning"),
        *("comparing", "clustering", "numbering"),
    ]


def test_rules_of_the_settings_are_used() -> None:
    records = people(200, seed=3).records()
    wanted = Settings(rules=[["birth_date"], ["full_name:last", "sex"]])
    result = dedupe(records, wanted)
    assert result.summary["rules"] == ["birth_date", "full_name:last + sex"]
    with pytest.raises(UsageError, match="blocking key 'surname' is not known"):
        dedupe(records, Settings(rules=[["surname"]]))


def test_thresholds_of_the_settings_are_used() -> None:
    records = people(200, seed=3).records()
    strict = dedupe(records, Settings(link_at=0.999999, review_at=0.5))
    mild = dedupe(records, Settings(link_at=0.5, review_at=0.01))
    assert min(strict.links["match_probability"].to_pylist()) >= 0.999999
    assert min(mild.links["match_probability"].to_pylist()) >= 0.5
    assert len(strict.links) <= len(mild.links)
    assert pc.min(strict.review["match_probability"]).as_py() or 1.0 >= 0.5


def test_a_higher_threshold_refines_persons() -> None:
    """Without the guard's splits, persons at a higher threshold lie inside those at a lower."""
    records = people(300, seed=8).records()
    model = resolve(records).model
    before = None
    for link_at in (0.5, 0.9, 0.999, 0.999999):
        fixed = model.replace(
            model[model.index(b'"link_at":') : model.index(b',"locale"')],
            b'"link_at":%f' % link_at,
        )
        cluster = resolve(records, model=fixed).cluster
        if before is not None:
            finer = {}
            for fine, coarse in zip(cluster.tolist(), before.tolist(), strict=True):
                assert finer.setdefault(fine, coarse) == coarse
        before = cluster


def test_nothing_to_link() -> None:
    empty = record_table(columns([], []), [], [])
    with pytest.raises(UnusableInputError, match="there is no usable record"):
        dedupe(empty)


def test_one_record() -> None:
    assert persons(record_table(columns(["An Binh"], ["1990-05-12"]))) == 1


def test_two_identical_records() -> None:
    rows = columns(["Nguyen Thi Anh"] * 2, ["1990-05-12"] * 2, national_id=["001190012345"] * 2)
    assert persons(record_table(rows)) == 1


def test_two_different_records() -> None:
    rows = columns(
        ["Nguyen Thi Anh", "Le Van Binh"],
        ["1990-05-12", "1971-11-30"],
        national_id=["001190012345", "079071067890"],
    )
    assert persons(record_table(rows)) == 2


def test_a_column_of_one_value_and_one_without_any() -> None:
    drawn = people(300, seed=3)
    rich = drawn.records()
    made = {(f.name, f.kind): rich.data[f.name].to_pylist() for f in rich.fields}
    made[("province", Kind.PROVINCE)] = ["Huế"] * len(rich)
    made[("email", Kind.EMAIL)] = [None] * len(rich)
    data = rich.data
    plain = dedupe(rich)
    poor = dedupe(record_table(made, data["record_id"].to_pylist(), data["source"].to_pylist()))
    assert poor.crosswalk.equals(plain.crosswalk)
    said = " ".join(poor.summary["messages"])
    one_value = "it has one value or none"
    for name in ("province", "email"):
        assert f"{name} (read as {name}, {one_value})" in said


def test_names_alone_do_not_make_everybody_one_person() -> None:
    names = [row["full_name"] for row in people(400, seed=3, copies=0.0).rows]
    made = persons(record_table({("full_name", Kind.FULL_NAME): names}))
    assert made >= len({n for n in names if n}) * 0.9


def test_a_crowd_of_identical_rows_is_quick() -> None:
    """200,000 copies among others: their pairs are never walked one by one."""
    n = 200_000
    drawn = people(50, seed=3).records()
    extra = people(1, seed=77, copies=0.0).rows[0]
    made = {
        (f.name, f.kind): [*drawn.data[f.name].to_pylist(), *[extra[f.name]] * n]
        for f in drawn.fields
    }
    records = record_table(made)
    resolve(drawn)  # whatever must be compiled is compiled
    began = time.perf_counter()
    found = resolve(records)
    assert time.perf_counter() - began < 20.0
    sizes = np.bincount(found.cluster)
    assert sizes.max() == n
    assert found.compared < 1_000_000
    assert any("suspicious" in m for m in found.messages)


def test_everybody_shares_every_value_but_one() -> None:
    """No name, one province, one year: too little to say anything of anybody."""
    n = 3000
    made = {
        ("province", Kind.PROVINCE): ["Huế"] * n,
        ("birth_date", Kind.BIRTH_DATE): ["1990-05-12"] * n,
        ("full_name", Kind.FULL_NAME): [f"Nguyen An{'ABCDEFGHIJ'[i % 10]}" for i in range(n)],
    }
    found = resolve(record_table(made))
    assert found.compared < 100_000
