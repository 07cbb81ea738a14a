"""Law 8: the explanation of a pair is what decided it."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import people

from mpi.errors import UsageError
from mpi.linkage import dedupe, explain, link
from mpi.score.model import read_model


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=4)
def test_every_pair_is_explained_as_it_was_decided(seed: int, across: bool) -> None:
    records = people(25, seed=seed).records()
    result = (link if across else dedupe)(records)
    fitted = read_model(result.model)
    linked = [(row, "linked") for row in result.links.to_pylist()]
    asked = [(row, "for review") for row in result.review.to_pylist()]
    assert linked
    for row, verdict in linked + asked:
        a, b = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
        found = explain(records, a, b, model=result.model)
        assert (found.a, found.b) == (a, b)
        assert found.total == row["match_weight"]
        assert found.probability == row["match_probability"]
        assert {f.name: f.level for f in found.fields} == row["levels"]
        assert list(found.rules) == row["blocking_rules"]
        assert (found.link_at, found.review_at) == (fitted.link_at, fitted.review_at)
        if verdict == "linked" or "probability" in row["reason"]:
            assert found.verdict.startswith(verdict)
        parts = found.prior + sum(f.weight + f.term_frequency for f in found.fields)
        assert found.relative <= 0.0
        assert found.total == pytest.approx(parts + found.relative, abs=1e-3)
        turned = explain(records, b, a, model=result.model)
        assert turned.total == found.total
        assert [f.level for f in turned.fields] == [f.level for f in found.fields]


def test_two_rows_are_enough_to_explain_a_pair() -> None:
    records = people(50, seed=2).records()
    result = dedupe(records)
    row = result.links.to_pylist()[0]
    a, b = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
    keys = list(
        zip(records.data["source"].to_pylist(), records.data["record_id"].to_pylist(), strict=True)
    )
    two = replace(records, data=records.data.take(pa.array([keys.index(a), keys.index(b)])))
    assert explain(two, a, b, model=result.model) == explain(records, a, b, model=result.model)


def test_raw_and_standard_values_stand_side_by_side() -> None:
    drawn = people(50, seed=2)
    records = drawn.records()
    result = dedupe(records)
    row = result.links.to_pylist()[0]
    a, b = (row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"])
    found = explain(records, a, b, model=result.model)
    name = next(f for f in found.fields if f.name == "full_name")
    raw = {
        (s, r): x["full_name"]
        for s, r, x in zip(drawn.source, drawn.record_id, drawn.rows, strict=True)
    }
    assert (name.raw_a, name.raw_b) == (raw[a], raw[b])
    assert name.standard_a == (raw[a] or "").upper()
    assert name.label in {"identical", "one slip", "a word missing or abbreviated"}


def test_a_pair_that_no_rule_makes_was_never_compared() -> None:
    records = people(50, seed=2).records()
    model = dedupe(records).model
    data = records.data.select(["source", "record_id"]).to_pylist()
    keys = [(row["source"], row["record_id"]) for row in data]
    found = [explain(records, keys[0], key, model=model) for key in keys[1:]]
    apart = [f for f in found if not f.rules]
    assert apart
    assert all(f.verdict.startswith("never compared") for f in apart)
    # However unlikely, the explanation adds up.
    for f in found:
        parts = f.prior + sum(x.weight + x.term_frequency for x in f.fields)
        assert f.total == pytest.approx(parts + f.relative, abs=1e-3)


def test_unknown_keys() -> None:
    records = people(5, seed=2).records()
    model = dedupe(people(50, seed=2).records()).model
    key = (records.data["source"][0].as_py(), records.data["record_id"][0].as_py())
    with pytest.raises(UsageError, match="there is no record nowhere:1"):
        explain(records, key, ("nowhere", "1"), model=model)
    with pytest.raises(UsageError, match="was given twice"):
        explain(records, key, key, model=model)
