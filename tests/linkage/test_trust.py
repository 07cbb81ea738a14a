"""What a run says about itself: trusted or not, columns in words, quality, a bounded queue."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from people import people
from tables import record_table

from mpi.errors import UsageError
from mpi.linkage import dedupe, resolve
from mpi.linkage.queue import most_useful
from mpi.schema import Kind
from mpi.score.model import read_model
from mpi.settings import Settings


def test_a_usual_run_is_trusted_and_says_how_sure_it_is() -> None:
    drawn = people(900, seed=3)
    result = dedupe(drawn.records())
    summary = result.summary
    assert summary["trust"]["trusted"] is True
    assert summary["trust"]["reasons"] == []
    assert summary["trust"]["learning"]["converged"] is True
    quality = json.loads(json.dumps(summary["quality"]))
    for name in ("precision", "recall", "blocking_recall", "false_links", "missed_candidates"):
        part = quality[name]
        assert 0.0 <= part["low"] <= part["estimate"] <= part["high"]
    person = np.array(drawn.truth()["person_id"].to_pylist())
    cluster = result.resolution.cluster
    left, right = np.triu_indices(len(person), 1)
    order = np.lexsort((drawn.record_id, drawn.source))
    person = person[order]
    same, together = person[left] == person[right], cluster[left] == cluster[right]
    right_share = float((same & together).sum() / together.sum())
    found = float((same & together).sum() / same.sum())
    assert quality["precision"]["low"] <= right_share <= quality["precision"]["high"] + 1e-6
    assert quality["recall"]["low"] <= found <= quality["recall"]["high"] + 1e-6


def test_a_column_of_names_alone_cannot_be_trusted() -> None:
    names = [f"{a} {b}" for a in ("An", "Binh", "Chi", "Dung") for b in "KLMNOPQR"] * 20
    found = dedupe(record_table({("full_name", Kind.FULL_NAME): names}))
    trust = found.summary["trust"]
    assert trust["trusted"] is False
    assert "only full_name could be compared" in " ".join(trust["reasons"])


def test_nothing_that_separates_cannot_be_trusted() -> None:
    """Sex and a name of four: strangers agree in everything all the time."""
    rng = np.random.default_rng(1)
    n = 400
    columns: dict[tuple[str, Kind], Sequence[str]] = {
        ("given_name", Kind.GIVEN_NAME): rng.choice(["An", "Binh", "Chi", "Mai"], n).tolist(),
        ("sex", Kind.SEX): rng.choice(["M", "F"], n).tolist(),
        ("postcode", Kind.POSTCODE): rng.choice(["1000", "2000"], n).tolist(),
    }
    reasons = " ".join(dedupe(record_table(columns)).summary["trust"]["reasons"])
    assert "tell too little" in reasons


def test_doubts_stay_with_the_model() -> None:
    few = record_table(
        {
            ("full_name", Kind.FULL_NAME): ["An Le", "Binh Vu", "An Le"],
            ("birth_date", Kind.BIRTH_DATE): ["1990-01-02", "1991-03-04", "1990-01-02"],
        }
    )
    first = resolve(few)
    assert not first.trust.trusted
    again = resolve(few, model=first.model)
    assert again.trust.reasons == first.trust.reasons
    assert again.quality["precision"] == first.quality["precision"]


def test_columns_in_words() -> None:
    drawn = people(200, seed=3).records()
    made = {(f.name, f.kind): drawn.data[f.name].to_pylist() for f in drawn.fields}
    made[("age", Kind.AGE)] = ["33"] * len(drawn)
    data = drawn.data
    result = dedupe(record_table(made, data["record_id"].to_pylist(), data["source"].to_pylist()))
    used, unused = result.summary["messages"][:2]
    assert used.startswith("columns used: full_name as full name, birth_date as birth date")
    assert "columns not used: age (read as age, it changes from year to year)" in unused
    by_column = {c.column: c for c in result.resolution.columns}
    assert by_column["phone"].used == "compared"
    assert by_column["age"].used == ""


def test_a_model_for_other_fields_is_refused_with_the_difference() -> None:
    model = resolve(people(100, seed=3).records()).model
    names = ["An Le", "Binh Vu", "An Le"]
    foreign = record_table({("mother_name", Kind.MOTHER_NAME): names})
    with pytest.raises(UsageError, match=r"the model compares full_name.* have mother_name, none"):
        resolve(foreign, model=model)
    turned = record_table(
        {
            ("full_name", Kind.FULL_NAME): names,
            ("phone", Kind.CATEGORY): ["1", "2", "1"],
        }
    )
    with pytest.raises(UsageError, match="phone is a identifier in the model and a category"):
        resolve(turned, model=model)


def test_a_model_of_another_version_is_refused() -> None:
    data = people(100, seed=3).records()
    other = json.loads(resolve(data).model)
    other["version"] = 99
    with pytest.raises(UsageError, match="version 99, this program reads"):
        resolve(data, model=json.dumps(other).encode())


@pytest.mark.parametrize("pairs", [0, 3, 10_000])
def test_the_queue_holds_what_people_can_look_at(pairs: int) -> None:
    data = people(700, seed=4, copies=0.8).records()
    every = dedupe(data, Settings(review_at=0.001, link_at=0.9))
    asked = dedupe(data, Settings(review_pairs=pairs, link_at=0.9))
    assert asked.review.num_rows <= pairs
    assert asked.crosswalk.equals(every.crosswalk)
    assert asked.review.schema == every.review.schema
    if asked.summary["review_left_out"]:
        assert any("were left out of the review queue" in m for m in asked.summary["messages"])
    if 0 < pairs < every.review.num_rows:
        kept = asked.review["match_weight"].to_numpy()
        assert len(kept) == pairs
        best = np.sort(every.review["match_weight"].to_numpy())[-pairs:]
        assert np.sort(kept).tolist() == best.tolist()


def test_refused_links_come_first() -> None:
    weight = np.array([5.0, 1.0, 9.0, -1.0], np.float32)
    reason = np.array([1, 3, 1, 2], np.int8)
    assert most_useful(weight, reason, 3).tolist() == [False, True, True, True]
    assert most_useful(weight, reason, None).all()


def test_sources_are_told_apart() -> None:
    drawn = people(500, seed=5)
    told = dedupe(drawn.records()).summary["quality"]["by_source"]
    assert [s["source"] for s in told] == sorted(set(drawn.source))
    for source in told:
        assert source["links"] > 0
        assert 0.5 < source["expected_right"] <= 1.0
        for part in source["agreement"].values():
            assert 0.0 < part["present"] <= 1.0
            assert 0.0 <= part["identical"] <= 1.0


def test_weights_are_finite_in_every_table() -> None:
    for data in (
        people(40, seed=1).records(),
        record_table({("full_name", Kind.FULL_NAME): ["An Le"] * 3}),
        record_table({("full_name", Kind.FULL_NAME): ["An Le"]}),
    ):
        result = dedupe(data)
        for table in (result.links, result.review):
            assert np.isfinite(table["match_weight"].to_numpy()).all()
            assert np.isfinite(table["match_probability"].to_numpy()).all()
        for c in read_model(result.model).comparisons:
            assert np.isfinite(c.weights("u")).all()
            assert np.isfinite(c.weights("r")).all()
