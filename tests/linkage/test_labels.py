"""Labels: who is meant, what contradicts itself, and what a run learns from them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from people import people
from tables import record_table

from mpi.errors import UsageError
from mpi.evaluate import evaluate
from mpi.linkage import dedupe, link, resolve
from mpi.linkage.labels import Labelled, match_labels
from mpi.records.table import RecordTable
from mpi.schema import Kind
from mpi.score.labels import DIFFERENT, SAME, UNTOLD, Labels
from mpi.score.model import read_model


def records(n: int = 8, source: list[str] | None = None) -> RecordTable:
    names = [f"N{i}" for i in range(n)]
    return record_table({("full_name", Kind.FULL_NAME): names}, [str(i) for i in range(n)], source)


def pairs(*rows: tuple[object, object, object], sources: bool = False) -> pa.Table:
    columns: dict[str, list[str]] = {
        "record_id_a": [str(a) for a, _, _ in rows],
        "record_id_b": [str(b) for _, b, _ in rows],
        "match": [str(m) for _, _, m in rows],
    }
    if sources:
        columns |= {f"source_{end}": ["a"] * len(rows) for end in "ab"}
    return pa.table(columns)


def told(found: Labelled, *asked: tuple[int, int]) -> list[int]:
    left, right = (np.array([pair[end] for pair in asked]) for end in (0, 1))
    return found.labels.told(left, right).tolist()


def test_pairs_are_persons_and_what_they_are_not() -> None:
    found = match_labels(pairs((1, 2, 1), (2, 3, "Yes"), (3, 4, "false"), sources=True), records())
    assert told(found, (1, 3), (4, 1), (1, 5), (4, 5)) == [SAME, DIFFERENT, UNTOLD, UNTOLD]
    assert (found.given, found.used, found.unknown, found.contradictions) == (3, 3, 0, ())
    left, right = found.labels.same_pairs()
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(1, 2), (1, 3), (2, 3)]


def test_a_triangle_that_cannot_be() -> None:
    """Two say "one person", one says "two": the two are kept, and the one is listed."""
    found = match_labels(pairs((1, 2, 1), (1, 3, 0), (2, 3, 1)), records())
    assert told(found, (1, 3)) == [SAME]
    assert len(found.contradictions) == 1
    assert "a:1 and a:3 are two persons" in found.contradictions[0]
    assert (found.used, found.given) == (2, 3)
    assert "the majority was kept" in found.messages[-1]


def test_a_pair_said_twice() -> None:
    rows = [(1, 2, 0), (2, 1, 0), (1, 2, 1), (3, 4, 1), (3, 4, 0)]
    found = match_labels(pairs(*rows), records())
    assert told(found, (1, 2), (3, 4)) == [DIFFERENT, UNTOLD]
    assert len(found.contradictions) == 2
    assert "neither was kept" in " ".join(found.contradictions)
    assert found.used == 2


def test_what_was_said_more_often_outranks_a_chain() -> None:
    rows = [(1, 3, 0), (1, 3, 0), (1, 2, 1), (2, 3, 1)]
    found = match_labels(pairs(*rows), records())
    assert told(found, (1, 3)) == [DIFFERENT]
    assert len(found.contradictions) == 1


def test_the_order_of_labels_is_nothing() -> None:
    rows = [(1, 2, 1), (2, 3, 1), (1, 3, 0), (3, 4, 1), (4, 1, 0), (5, 6, 0), (6, 5, 1)]
    one, two = (match_labels(pairs(*r), records()) for r in (rows, rows[::-1]))
    assert one.contradictions == two.contradictions
    every = [(a, b) for a in range(8) for b in range(a)]
    assert told(one, *every) == told(two, *every)


def test_persons() -> None:
    table = pa.table({"record_id": ["1", "2", "3", "3", "3", "x"], "person_id": list("ppqrqp")})
    found = match_labels(table, records())
    assert told(found, (1, 2), (1, 3), (1, 4)) == [SAME, DIFFERENT, UNTOLD]
    assert (found.unknown, found.used) == (1, 4)
    assert "a:3 is of person r (1 x), against 2 x q" in found.contradictions[0]


def test_keys_that_are_not_there_are_counted() -> None:
    found = match_labels(pairs((1, 99, 1), (1, 1, 1), (2, 3, 1)), records())
    assert (found.unknown, found.used) == (2, 1)
    assert any("2 labels name a record" in m for m in found.messages)


def test_what_is_no_label_is_refused() -> None:
    with pytest.raises(UsageError, match="have the columns a; wanted pairs"):
        match_labels(pa.table({"a": ["1"]}), records())
    with pytest.raises(UsageError, match="the match 'perhaps'; wanted true or false"):
        match_labels(pairs((1, 2, "perhaps")), records())
    two = record_table({("full_name", Kind.FULL_NAME): ["A", "B"]}, ["1", "1"], ["x", "y"])
    with pytest.raises(UsageError, match="record ids repeat across sources"):
        match_labels(pairs((1, 2, 1)), two)


def test_rows_of_several_records() -> None:
    labels = Labels(np.array([0, 0, 1, -1, 1]), np.array([[0, 1]]), False)
    rows = labels.of_rows(np.array([0, 1, 1, 2, 3]), 4)
    assert rows.person.tolist() == [0, -1, -1, 1]


def truth_of(drawn: object, share: float, seed: int = 1) -> pa.Table:
    truth = drawn.truth()  # type: ignore[attr-defined]
    rng = np.random.default_rng(seed)
    return truth.filter(pa.array(rng.random(truth.num_rows) < share))


def test_a_run_learns_from_labels_and_never_needs_them() -> None:
    drawn = people(900, seed=11, copies=0.6)
    data = drawn.records()
    plain = dedupe(data)
    labelled = dedupe(data, labels=truth_of(drawn, 0.5))
    assert plain.summary["labels"] == {}
    assert labelled.summary["labels"]["contradictions"] == []
    assert labelled.summary["labels"]["unknown"] == 0
    assert any("labels were used" in m for m in labelled.summary["messages"])
    assert read_model(labelled.model).comparisons != read_model(plain.model).comparisons
    scores = [evaluate(r.crosswalk, drawn.truth()).f1 for r in (plain, labelled)]
    assert scores[1] >= scores[0] - 0.003
    for table in (labelled.links, labelled.review):
        chance = table["match_probability"].to_numpy()
        assert ((chance >= 0.0) & (chance <= 1.0)).all()
    link_at = read_model(labelled.model).link_at
    assert labelled.links["match_probability"].to_numpy().min() >= link_at - 1e-6


def test_labels_are_taken_by_link_and_not_by_a_fixed_model() -> None:
    drawn = people(300, seed=6, copies=0.7)
    data, labels = drawn.records(), truth_of(drawn, 0.5)
    assert link(data, labels=labels).summary["labels"]["used"] > 0
    first = resolve(data)
    again = resolve(data, model=first.model, labels=labels)
    assert np.array_equal(again.cluster, first.cluster)
    assert any("does not change by labels" in m for m in again.messages)
