"""Persons and duplicates by source, against a count by hand."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mpi.cluster.census import SourcePersons, census_after, count_persons, read_census

ROWS = st.lists(st.tuples(st.sampled_from(["hue", "ha_noi", "da_nang"]), st.sampled_from("ABCDE")))


@given(ROWS, st.integers(1, 5))
def test_counts_are_those_of_a_plain_loop(rows: list[tuple[str, str]], chunk: int) -> None:
    schema = pa.schema({"source": pa.string(), "enterprise_id": pa.string()})
    batches = [
        pa.record_batch([list(column) for column in zip(*rows[i : i + chunk], strict=True)], schema)
        for i in range(0, len(rows), chunk)
    ]
    found = count_persons(pa.Table.from_batches(batches, schema))
    known_to: dict[str, set[str]] = {}
    for source, person in rows:
        known_to.setdefault(person, set()).add(source)
    sizes = Counter(person for _, person in rows)
    assert found.records == len(rows)
    assert found.persons == len(known_to)
    assert found.across == sum(len(sources) > 1 for sources in known_to.values())
    assert found.largest == max(sizes.values(), default=0)
    assert dict(found.sizes) == Counter(sizes.values())
    expected = []
    for source in sorted({source for source, _ in rows}):
        persons = {p for s, p in rows if s == source}
        records = sum(s == source for s, _ in rows)
        elsewhere = sum(len(known_to[p]) > 1 for p in persons)
        expected.append(SourcePersons(source, records, len(persons), elsewhere))
    assert list(found.sources) == expected


@given(ROWS, st.sets(st.sampled_from("ABCDE")), ROWS)
def test_persons_that_left_and_came_change_the_census(
    rows: list[tuple[str, str]], touched: set[str], others: list[tuple[str, str]]
) -> None:
    """Of touched persons all records are looked at, before and after."""

    def table(chosen: list[tuple[str, str]]) -> pa.Table:
        columns = [pa.array([row[k] for row in chosen], pa.string()) for k in (0, 1)]
        return pa.table(columns, ["source", "enterprise_id"])

    stay = [row for row in rows if row[1] not in touched]
    left = [row for row in rows if row[1] in touched]
    came = [(source, person + "!") for source, person in others]
    before, after = count_persons(table(rows)), count_persons(table(stay + came))
    assert census_after(before, count_persons(table(left)), count_persons(table(came))) == after
    assert read_census(after.to_dict()) == after
