"""Who is in several places: persons and duplicates by source, from a crosswalk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True)
class SourcePersons:
    """One source of a crosswalk.

    records : its records
    persons : different persons among them
    elsewhere : of these persons, those that another source knows too
    """

    source: str
    records: int
    persons: int
    elsewhere: int

    @property
    def duplicates(self) -> int:
        """Records beyond the first of each person."""
        return self.records - self.persons


@dataclass(frozen=True)
class Census:
    """The persons of a crosswalk.

    across : persons known to two sources or more
    sizes : persons by number of records, in order of that number
    sources : in order of their names
    """

    records: int
    persons: int
    across: int
    sizes: tuple[tuple[int, int], ...]
    sources: tuple[SourcePersons, ...]

    @property
    def largest(self) -> int:
        """Records of the person with the most."""
        return self.sizes[-1][0] if self.sizes else 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `read_census` takes them back."""
        return {
            "across": self.across,
            "sizes": [list(size) for size in self.sizes],
            "sources": {s.source: [s.records, s.persons, s.elsewhere] for s in self.sources},
        }


def read_census(told: Mapping[str, Any]) -> Census:
    """The census of `Census.to_dict`.

    Examples
    --------
    >>> counted = count_persons(pa.table({"source": ["hue"], "enterprise_id": ["A"]}))
    >>> read_census(counted.to_dict()) == counted
    True
    """
    return Census(
        sum(size * many for size, many in told["sizes"]),
        sum(many for _, many in told["sizes"]),
        told["across"],
        tuple((size, many) for size, many in told["sizes"]),
        tuple(SourcePersons(name, *counts) for name, counts in told["sources"].items()),
    )


def count_persons(crosswalk: pa.Table) -> Census:
    """Count persons and duplicates by source.

    Parameters
    ----------
    crosswalk : columns source and enterprise_id, a row a record

    Examples
    --------
    >>> found = count_persons(pa.table({
    ...     "source": ["hue", "hue", "hanoi", "hanoi"], "enterprise_id": ["A", "A", "A", "B"]}))
    >>> [(s.source, s.records, s.persons, s.duplicates, s.elsewhere) for s in found.sources]
    [('hanoi', 2, 2, 0, 1), ('hue', 2, 1, 1, 1)]
    >>> found.persons, found.across, found.largest, found.sizes
    (2, 1, 3, ((1, 1), (3, 1)))
    """
    encoded = pc.dictionary_encode(crosswalk.column("enterprise_id")).combine_chunks()
    person = encoded.indices.to_numpy().astype(np.int64)
    return count_numbered(person, len(encoded.dictionary), crosswalk.column("source"))


def count_numbered(
    person: npt.NDArray[np.int64], n_persons: int, sources: pa.Array | pa.ChunkedArray
) -> Census:
    """The same of persons by number.

    Parameters
    ----------
    person : int64[n_records], 0 to `n_persons` - 1; numbers that no record has are nobody
    sources : string[n_records]
    """
    coded = pc.dictionary_encode(sources)
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    source, names = coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()
    records = np.bincount(person, minlength=n_persons)
    cells, per_cell = np.unique(person * len(names) + source, return_counts=True)
    cell_person, cell_source = np.divmod(cells, max(len(names), 1))
    known_to = np.bincount(cell_person, minlength=n_persons)
    shared = known_to[cell_person] > 1
    rows = np.bincount(cell_source, weights=per_cell, minlength=len(names))
    persons = np.bincount(cell_source, minlength=len(names))
    elsewhere = np.bincount(cell_source, weights=shared, minlength=len(names))
    sizes, how_many = np.unique(records[records > 0], return_counts=True)
    return Census(
        len(person),
        int(how_many.sum()),
        int((known_to > 1).sum()),
        tuple(zip(sizes.tolist(), how_many.tolist(), strict=True)),
        tuple(
            SourcePersons(name, int(rows[i]), int(persons[i]), int(elsewhere[i]))
            for i, name in sorted(enumerate(names), key=lambda item: item[1])
        ),
    )


def census_after(before: Census, left: Census, came: Census) -> Census:
    """The census when some persons, with all of their records, are no more, and others are.

    Examples
    --------
    >>> everybody = count_persons(pa.table({
    ...     "source": ["hue", "hanoi", "hue"], "enterprise_id": ["A", "A", "B"]}))
    >>> left = count_persons(pa.table({"source": ["hue"], "enterprise_id": ["B"]}))
    >>> came = count_persons(pa.table({"source": ["hue"] * 2, "enterprise_id": ["B", "B"]}))
    >>> after = census_after(everybody, left, came)
    >>> after.persons, after.records, after.sizes, after.sources[1].records
    (2, 4, ((2, 2),), 3)
    """
    sizes: Counter[int] = Counter()
    counts: dict[str, npt.NDArray[np.int64]] = {}
    for sign, census in ((1, before), (-1, left), (1, came)):
        for size, many in census.sizes:
            sizes[size] += sign * many
        for s in census.sources:
            own = np.array([s.records, s.persons, s.elsewhere], np.int64)
            counts[s.source] = counts.get(s.source, np.zeros(3, np.int64)) + sign * own
    return Census(
        before.records - left.records + came.records,
        before.persons - left.persons + came.persons,
        before.across - left.across + came.across,
        tuple((size, many) for size, many in sorted(sizes.items()) if many),
        tuple(SourcePersons(name, *own.tolist()) for name, own in sorted(counts.items()) if own[0]),
    )
