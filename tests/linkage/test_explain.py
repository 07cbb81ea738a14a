"""What would have to change for a link, and which rule came nearest: both by doing it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from people import KINDS, People, people

from mpi.linkage import Result, dedupe, evidence_against, explain
from mpi.linkage.explain import why_apart
from mpi.records.table import RecordTable
from mpi.score.explain import Explanation, pair_verdict
from mpi.score.model import read_model

Key = tuple[str, str]


@pytest.fixture(scope="module")
def drawn() -> People:
    return people(120, seed=11)


@pytest.fixture(scope="module")
def result(drawn: People) -> Result:
    return dedupe(drawn.records())


def key(row: dict[str, str], end: str) -> Key:
    return row[f"source_{end}"], row[f"record_id_{end}"]


def with_values(records: RecordTable, giver: Key, taker: Key, names: list[str]) -> RecordTable:
    """The two records, with some of the giver's values in the taker's place too."""
    data = records.data
    keys = list(zip(data["source"].to_pylist(), data["record_id"].to_pylist(), strict=True))
    rows = data.take(pa.array([keys.index(giver), keys.index(taker)])).to_pylist()
    for name in names:
        rows[1][name] = rows[0][name]
    return replace(records, data=pa.Table.from_pylist(rows, schema=data.schema))


def short_pairs(drawn: People, result: Result) -> list[tuple[Key, Key]]:
    """Pairs of neighbours in the list, of one person or of two, that are not linked."""
    keys = list(zip(drawn.source, drawn.record_id, strict=True))
    linked = {(key(r, "a"), key(r, "b")) for r in result.links.to_pylist()}
    pairs = [(min(pair), max(pair)) for pair in pairwise(keys)]
    return [pair for pair in pairs if pair not in linked][:25]


def weakened(records: RecordTable, result: Result) -> list[tuple[RecordTable, Key, Key]]:
    """Linked pairs that lost what they had in common, but for a little."""
    made = []
    for row in result.links.to_pylist()[:8]:
        a, b = key(row, "a"), key(row, "b")
        two = with_values(records, a, b, []).data.to_pylist()
        two[1] |= {"national_id": None, "phone": None, "address": None, "full_name": "Kim"}
        data = pa.Table.from_pylist(two, schema=records.data.schema)
        made.append((replace(records, data=data), a, b))
    return made


def test_a_change_makes_the_difference_that_was_told(drawn: People, result: Result) -> None:
    every = drawn.records()
    enough = 0
    pairs = [(every, a, b) for a, b in short_pairs(drawn, result)[:6]]
    for records, a, b in pairs + weakened(every, result):
        found = explain(records, a, b, model=result.model)
        if not found.short:
            assert found.changes == ()
            continue
        raw = {f.name: (f.standard_a, f.standard_b) for f in found.fields}
        for change in found.changes:
            totals = []
            alone = True
            for giver, taker, side in ((a, b, 0), (b, a, 1)):
                if raw[change.field][side] is not None:
                    changed = with_values(records, giver, taker, [change.field])
                    again = explain(changed, a, b, model=result.model)
                    totals.append(again.total)
                    # Read with the rest of its record, a number may be a relative's.
                    alone &= all(
                        f.standard_a == f.standard_b
                        if f.name == change.field
                        else (f.standard_a, f.standard_b) == raw[f.name]
                        for f in again.fields
                    )
            assert not alone or change.total == pytest.approx(min(totals), abs=1e-4)
            assert change.gain == pytest.approx(change.total - found.total, abs=1e-4)
            assert change.enough == (change.total >= np.float32(found.link_bits))
            enough += change.enough
        told = {change.field for change in found.changes}
        assert all(one != two for name, (one, two) in raw.items() if name in told)
        gains = [c.gain for c in found.changes if c.enough]
        assert gains == sorted(gains)
        rest = [c.gain for c in found.changes if not c.enough]
        assert rest == sorted(rest, reverse=True)
        assert [c.enough for c in found.changes] == sorted(
            (c.enough for c in found.changes), reverse=True
        )
    assert enough


def test_the_nearest_rule_is_met_once_its_keys_agree(drawn: People, result: Result) -> None:
    records = drawn.records()
    fitted = read_model(result.model)
    seen = 0
    for a, b in short_pairs(drawn, result):
        found = explain(records, a, b, model=result.model)
        if found.rules:
            assert found.nearest is None
            continue
        near = found.nearest
        assert near is not None
        away = len(near.differ) + len(near.lacking)
        assert away > 0
        keys = next(k for k in fitted.rules if " + ".join(k) == near.rule)
        assert {*near.differ, *near.lacking} <= set(keys)
        names = sorted({name.split(":")[0] for name in (*near.differ, *near.lacking)})
        assert set(names) <= set(KINDS)
        ways = [with_values(records, *ends, names) for ends in ((a, b), (b, a))]
        met = [near.rule in explain(way, a, b, model=result.model).rules for way in ways]
        lacks = all(f.raw_a is None and f.raw_b is None for f in found.fields if f.name in names)
        assert any(met) or lacks or near.lacking
        seen += any(met)
    assert seen > 5


def test_numbers_that_differ_speak_against_two_persons(drawn: People, result: Result) -> None:
    records = drawn.records()
    rows = records.data.to_pylist()
    number = {i: r["national_id"] for i, r in enumerate(rows) if r["national_id"]}
    one, two = next(
        (i, j)
        for i in number
        for j in number
        if sum(x != y for x, y in zip(number[i], number[j], strict=True)) > 4
    )
    none = next(i for i in range(len(rows)) if i not in number)
    told = evidence_against(
        records, np.array([one, none]), np.array([two, none]), model=result.model
    )
    assert len(told) == 1
    assert (told[0].a, told[0].b) == tuple(
        (rows[i]["source"], rows[i]["record_id"]) for i in (one, two)
    )
    assert told[0].reason == "the two persons hold different trusted identifiers"
    assert number[one] in told[0].detail and number[two] in told[0].detail
    assert not evidence_against(records, np.array([one]), np.array([one]), model=result.model)


def test_a_slip_in_a_number_speaks_against_nobody(drawn: People, result: Result) -> None:
    records = drawn.records()
    rows = records.data.to_pylist()
    row = next(i for i, r in enumerate(rows) if r["national_id"])
    rows = [dict(rows[row]), dict(rows[row], record_id="another")]
    digits = rows[1]["national_id"]
    rows[1]["national_id"] = f"{digits[:-1]}{(int(digits[-1]) + 1) % 10}"
    two = replace(records, data=pa.Table.from_pylist(rows, schema=records.data.schema))
    ends = np.array([0]), np.array([1])
    assert evidence_against(two, *ends, model=result.model) == ()
    rows[1]["national_id"] = digits[:3] + "".join(str(9 - int(d)) for d in digits[3:])
    two = replace(records, data=pa.Table.from_pylist(rows, schema=records.data.schema))
    assert len(evidence_against(two, *ends, model=result.model)) == 1
    assert why_apart(two) == ""


def test_outcome_and_verdict_agree(drawn: People, result: Result) -> None:
    records = drawn.records()
    found: list[Explanation] = [
        explain(records, a, b, model=result.model) for a, b in short_pairs(drawn, result)
    ]
    for e in found:
        assert e.verdict == pair_verdict(e.outcome)
        assert (e.outcome == "never_compared") == (not e.rules)
        assert e.short == max(0.0, e.link_bits - e.total)
        assert e.link_bits >= e.review_bits
