"""Persons and duplicates by source, against a count by hand."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mpi.report.persons import SourcePersons, count_persons

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
