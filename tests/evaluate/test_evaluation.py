"""The join of crosswalk and truth: what is counted, what is left out, what is refused."""

import json

import pyarrow as pa
import pytest

from mpi.errors import UsageError
from mpi.evaluate import evaluate


def table(text, *names):
    rows = [line.split() for line in text.strip().splitlines()]
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {n: [None if v == "-" else v for v in c] for n, c in zip(names, columns, strict=True)}
    )


CROSSWALK = table(
    """
    hanoi 1 a
    hanoi 2 a
    hue   1 a
    hue   2 b
    hue   3 b
    hue   9 z
    """,
    "source", "record_id", "enterprise_id",
)  # fmt: skip
TRUTH = table(
    """
    hue   1 p
    hanoi 1 p
    hanoi 2 q
    hue   2 r
    hue   3 r
    hue   4 r
    hue   5 -
    """,
    "source", "record_id", "person_id",
)  # fmt: skip


def test_counts():
    e = evaluate(CROSSWALK, TRUTH)
    assert (e.records, e.missing, e.extra, e.unlabelled) == (6, 1, 1, 1)
    assert (e.persons, e.clusters) == (3, 3)
    # predicted: 3 pairs of a, 1 of b; true: p 1, r 3; right: p 1, r 1
    assert (e.pairs.true, e.pairs.predicted, e.pairs.correct) == (4, 4, 2)
    assert (e.within_source.true, e.within_source.predicted, e.within_source.correct) == (3, 2, 1)
    assert (e.across_sources.true, e.across_sources.predicted, e.across_sources.correct) == (
        1,
        2,
        1,
    )
    assert e.exact == 0
    assert [(c.cluster, c.records, c.persons) for c in e.largest] == [("a", 3, 2), ("b", 2, 1)]


def test_perfect_crosswalk():
    perfect = TRUTH.slice(0, 6).rename_columns(["source", "record_id", "cluster"])
    e = evaluate(perfect, TRUTH)
    assert (e.precision, e.recall, e.f1, e.exact_persons, e.exact_clusters) == (1, 1, 1, 1, 1)
    assert e.missing == e.extra == 0


def test_order_of_rows_does_not_matter():
    order = pa.array([3, 1, 4, 0, 5, 2])
    assert evaluate(CROSSWALK.take(order), TRUTH.take(order)) == evaluate(
        CROSSWALK, TRUTH.slice(0, 6)
    )


def test_sorted_tables_take_the_same_answer():
    """Equal ascending keys are not hashed; one row out of order and they are."""
    by_key = [("source", "ascending"), ("record_id", "ascending")]
    crosswalk, truth = (t.slice(0, 5).sort_by(by_key) for t in (CROSSWALK, TRUTH))
    order = pa.array([1, 0, 2, 3, 4])
    assert evaluate(crosswalk, truth) == evaluate(crosswalk.take(order), truth)
    assert evaluate(crosswalk, truth) == evaluate(crosswalk.take(order), truth.take(order))
    twice = pa.array([0, 1, 1, 2, 3])
    with pytest.raises(UsageError, match="there more than once"):
        evaluate(crosswalk.take(twice), truth.take(twice))


def test_dict_is_json():
    plain = json.loads(json.dumps(evaluate(CROSSWALK, TRUTH).to_dict()))
    assert plain["pairs"]["precision"] == 0.5
    assert plain["false_merges"][0]["size"] == 1
    assert plain["b_cubed"].keys() == {"precision", "recall", "f1"}


def test_without_sources():
    crosswalk = pa.table({"record_id": [1, 2, 3], "label": ["a", "a", "b"]})
    truth = pa.table({"id": ["1", "2", "3"], "entity": ["p", "p", "q"]})
    e = evaluate(crosswalk, truth)
    assert e.f1 == 1.0
    assert e.within_source is None
    assert e.across_sources is None


def test_source_of_the_crosswalk_is_enough_where_ids_are_unique():
    crosswalk = CROSSWALK.slice(1, 2)  # hanoi 2, hue 1
    truth = pa.table({"record_id": ["1", "2"], "person_id": ["p", "p"]})
    e = evaluate(crosswalk, truth)
    assert (e.f1, e.across_sources.true, e.within_source.true) == (1.0, 1, 0)


def test_ids_that_repeat_across_sources_need_a_source():
    with pytest.raises(UsageError, match=r"repeat across sources.*truth has no column 'source'"):
        evaluate(CROSSWALK, TRUTH.slice(2, 2).drop(["source"]))
    with pytest.raises(
        UsageError, match=r"repeat across sources.*crosswalk has no column 'source'"
    ):
        evaluate(CROSSWALK.slice(3).drop(["source"]), TRUTH)


@pytest.mark.parametrize("side", [0, 1])
def test_a_record_twice_is_refused(side):
    both = [CROSSWALK, TRUTH]
    both[side] = pa.concat_tables([both[side], both[side].slice(1, 1)])
    with pytest.raises(UsageError, match=r"1 records of the .* the first is 'hanoi:"):
        evaluate(*both)


def test_nothing_in_common_is_refused():
    with pytest.raises(UsageError, match=r"no record in common.*'hanoi:1'.*'x:7'"):
        evaluate(CROSSWALK, table("x 7 p", "source", "record_id", "person_id"))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["source", "record_id", "record_i", "persno_id"], "did you mean 'persno_id'"),
        (["source", "recordid_", "person_id", "other"], "no column 'record_id'"),
        (["source", "record_id", "a", "b"], "its columns are source, record_id, a, b"),
        (["record_id", "record_id", "person_id", "b"], "'record_id' is there twice"),
    ],
)
def test_columns_that_are_missing(names, message):
    truth = pa.table([pa.array(["1"])] * 4, names=names)
    with pytest.raises(UsageError, match=message):
        evaluate(CROSSWALK, truth)


def test_nulls_in_keys_are_refused():
    with pytest.raises(UsageError, match="truth: 1 rows have no record_id"):
        evaluate(CROSSWALK, table("hanoi - p", "source", "record_id", "person_id"))
    with pytest.raises(UsageError, match="crosswalk: 1 rows have no enterprise_id"):
        evaluate(table("hanoi 1 -", "source", "record_id", "enterprise_id"), TRUTH)


def test_empty_tables():
    e = evaluate(CROSSWALK.slice(0, 0), TRUTH)
    assert (e.precision, e.recall, e.missing) == (1.0, 0.0, 6)
    e = evaluate(CROSSWALK, TRUTH.slice(0, 0))
    assert (e.precision, e.recall, e.records, e.extra, e.largest) == (1.0, 1.0, 0, 6, ())
