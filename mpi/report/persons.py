"""Who is in several places: persons and duplicates by source, from a crosswalk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
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
class Persons:
    """The persons of a crosswalk.

    across : persons known to two sources or more
    largest : records of the person with the most
    sizes : persons by number of records, in order of that number
    """

    records: int
    persons: int
    across: int
    largest: int
    sizes: tuple[tuple[int, int], ...]
    sources: tuple[SourcePersons, ...]


def count_persons(crosswalk: pa.Table) -> Persons:
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
    person, n_persons = _codes(crosswalk.column("enterprise_id"))
    source, names = _source_codes(crosswalk.column("source"))
    records = np.bincount(person, minlength=n_persons)
    cells, per_cell = np.unique(person * len(names) + source, return_counts=True)
    cell_person, cell_source = np.divmod(cells, max(len(names), 1))
    known_to = np.bincount(cell_person, minlength=n_persons)
    shared = known_to[cell_person] > 1
    rows = np.bincount(cell_source, weights=per_cell, minlength=len(names))
    persons = np.bincount(cell_source, minlength=len(names))
    elsewhere = np.bincount(cell_source, weights=shared, minlength=len(names))
    sizes, how_many = np.unique(records, return_counts=True)
    return Persons(
        records=crosswalk.num_rows,
        persons=n_persons,
        across=int((known_to > 1).sum()),
        largest=int(records.max(initial=0)),
        sizes=tuple(zip(sizes.tolist(), how_many.tolist(), strict=True)),
        sources=tuple(
            SourcePersons(name, int(rows[i]), int(persons[i]), int(elsewhere[i]))
            for i, name in sorted(enumerate(names), key=lambda item: item[1])
        ),
    )


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    encoded = pc.dictionary_encode(column).combine_chunks()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


def _source_codes(
    column: pa.ChunkedArray,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], list[str]]:
    encoded = pc.dictionary_encode(column).combine_chunks()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()
