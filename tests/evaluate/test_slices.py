"""Slices: measured like a naive loop, joined by record key, refused where they are wrong."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import measures as naive

from mpi.errors import UsageError
from mpi.evaluate import evaluate, measures, read_slices
from mpi.evaluate.intervals import groups_of
from mpi.evaluate.slices import measure_slices

CROSSWALK = pa.table(
    {
        "source": ["hn", "hn", "hue", "hue", "hue"],
        "record_id": ["1", "2", "1", "2", "9"],
        "enterprise_id": ["a", "a", "a", "b", "c"],
    }
)
TRUTH = pa.table(
    {
        "source": ["hue", "hn", "hn", "hue", "hue"],
        "record_id": ["1", "1", "2", "2", "3"],
        "person_id": ["p", "p", "q", "q", None],
    }
)
SLICES = pa.table(
    {
        "source": ["hn", "hn", "hue", "hue"],
        "record_id": ["1", "2", "1", "2"],
        "twin": [False, True, False, False],
        "nobody": [False] * 4,
    }
)

flagged = st.integers(0, 25).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, max(n // 2, 1)), min_size=n, max_size=n),
        st.lists(st.integers(0, max(n // 2, 1)), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
)


@given(flagged)
def test_a_slice_is_measured_as_by_hand(drawn):
    cluster, person, chosen = drawn
    c, p = (measures.dense(np.array(v, np.int64))[0] for v in (cluster, person))
    table = measures.contingency(c, p)
    flags = {"some": np.array(chosen, bool)}
    (found,) = measure_slices(flags, table, groups_of(table), c, p)
    records, merged, split, pairs, means = naive.slice_measures(cluster, person, chosen)
    assert (found.records, found.merged, found.split) == (records, merged, split)
    assert astuple(found.pairs) == pairs
    assert astuple(found.b_cubed) == pytest.approx(means)
    for measured, sure in (
        (found.pairs, found.pair_intervals),
        (found.b_cubed, found.b_cubed_intervals),
    ):
        for name in ("precision", "recall", "f1"):
            low, high = getattr(sure, name)
            assert 0.0 <= low <= high <= 1.0
            if records and not (name == "f1" and measured.f1 == 0.0):
                defined = measured is found.b_cubed or sum(pairs)
                assert not defined or low - 1e-9 <= getattr(measured, name) <= high + 1e-9


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_few_and_many_records_are_measured_alike(share):
    rng = np.random.default_rng(3)
    person = np.sort(rng.integers(0, 80, 160))
    cluster = np.where(rng.random(160) < 0.1, rng.integers(0, 80, 160), person)
    chosen = rng.random(160) < share
    c, p = (measures.dense(v)[0] for v in (cluster, person))
    table = measures.contingency(c, p)
    (found,) = measure_slices({"some": chosen}, table, groups_of(table), c, p)
    records, merged, split, pairs, means = naive.slice_measures(cluster, person, chosen)
    assert 0 < records == found.records and (found.merged, found.split) == (merged, split)
    assert astuple(found.pairs) == pairs
    assert astuple(found.b_cubed) == pytest.approx(means)


def test_the_slice_of_everything_is_everything():
    every = SLICES.append_column("all", pa.array([True] * 4))
    e = evaluate(CROSSWALK, TRUTH, slices=every)
    found = {part.name: part for part in e.slices}
    assert found["all"].pairs == e.pairs
    assert found["all"].b_cubed == e.b_cubed
    assert found["all"].pair_intervals == e.pair_intervals
    assert found["nobody"].records == 0
    twin = found["twin"]  # hn:2 is of q, with hue:2, and was linked to p's two records
    assert (twin.records, twin.merged, twin.split) == (1, 1, 1)
    assert astuple(twin.pairs) == (1, 2, 0)
    assert astuple(twin.b_cubed) == pytest.approx((1 / 3, 1 / 2))


def test_order_of_rows_does_not_matter():
    order = pa.array([2, 0, 3, 1])
    assert evaluate(CROSSWALK, TRUTH, slices=SLICES.take(order)) == evaluate(
        CROSSWALK, TRUTH, slices=SLICES
    )


def test_a_measured_record_that_is_not_named_is_in_no_slice():
    e = evaluate(CROSSWALK, TRUTH, slices=SLICES.slice(1, 2))
    assert e.not_named == 2
    assert e.slices[0].records == 1
    assert e.to_dict()["slices"][0]["intervals"]["pairs"].keys() == {"precision", "recall", "f1"}


def test_records_that_nobody_judged_are_left_out():
    extra = pa.table(
        {"source": ["hue", "hue"], "record_id": ["3", "9"], "twin": [True, True],
         "nobody": [True, True]}
    )  # fmt: skip
    e = evaluate(CROSSWALK, TRUTH, slices=pa.concat_tables([SLICES, extra]))
    assert [part.records for part in e.slices] == [1, 0]


def test_unknown_records_are_refused():
    strange = pa.concat_tables([SLICES, SLICES.slice(0, 1).set_column(1, "record_id", [["77"]])])
    with pytest.raises(UsageError, match=r"1 records of the slices .* the first is 'hn:77'"):
        evaluate(CROSSWALK, TRUTH, slices=strange)
    with pytest.raises(UsageError, match=r"records of the slices are there more than once"):
        evaluate(CROSSWALK, TRUTH, slices=pa.concat_tables([SLICES, SLICES]))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"source": ["hn"], "twin": [True]}, "no column 'record_id'"),
        ({"source": ["hn"], "record_id": ["1"]}, "wanted a true-or-false column"),
        ({"record_id": ["1"], "twin": [3]}, "column 'twin' is of type int64"),
        ({"record_id": ["1"], "twin": ["perhaps"]}, "column 'twin' is 'perhaps'"),
        ({"record_id": ["1"], "twin": pa.array([None], pa.bool_())}, "is empty in 1 rows"),
    ],
    ids=["no key", "no slice", "number", "word", "empty"],
)
def test_columns_that_are_wrong(tmp_path, columns, message):
    path = tmp_path / "slices.parquet"
    pq.write_table(pa.table(columns), path)
    with pytest.raises(UsageError, match=message):
        read_slices(path)


def test_csv_and_ndjson(tmp_path):
    (tmp_path / "s.csv").write_text("source,record_id,twin\nhn,007,TRUE\nhn,8,0\n")
    (tmp_path / "s.ndjson").write_text('{"source":"hn","record_id":"007","twin":true}\n')
    assert read_slices(tmp_path / "s.csv").to_pylist() == [
        {"source": "hn", "record_id": "007", "twin": True},
        {"source": "hn", "record_id": "8", "twin": False},
    ]
    assert read_slices(tmp_path / "s.ndjson")["twin"].to_pylist() == [True]
