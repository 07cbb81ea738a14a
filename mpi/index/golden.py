"""Golden fields: for each person and field one value, and the record it came from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Integers = npt.NDArray[np.int64]


def _plain_codes(values: pa.Array | pa.ChunkedArray) -> Integers:
    """int64[n]: equal for values that differ only in case, blanks or Unicode form; -1 missing."""
    coded = values.combine_chunks().dictionary_encode()
    plain = pc.utf8_normalize(pc.utf8_upper(coded.dictionary), form="NFC")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, r"\s+", " "))
    same = pc.dictionary_encode(plain)
    of_value = np.append(same.indices.to_numpy(zero_copy_only=False), -1).astype(np.int64)
    blank = pc.index_in("", value_set=same.dictionary).as_py()
    if blank is not None:
        of_value[of_value == blank] = -1
    rows = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.asarray(of_value[rows])


def newest_first(updated: npt.NDArray[np.float64]) -> Integers:
    """int64[n]: 0 for the most recent moment, then 1 ...; rows without a moment come last.

    Examples
    --------
    >>> newest_first(np.array([5.0, np.nan, 9.0, 5.0]))
    array([1, 2, 0, 1])
    """
    known = np.where(np.isnan(updated), -np.inf, updated)
    unique, codes = np.unique(known, return_inverse=True)
    return np.asarray(len(unique) - 1 - codes, dtype=np.int64)


def choose_rows(person: Integers, persons: int, codes: Integers, age: Integers) -> Integers:
    """The row each person's value comes from.

    The value that most of the person's records hold; of equals the one with the most recent
    record, then the one with the smallest record key. Of its records, the most recent, then the
    one with the smallest key.

    Parameters
    ----------
    person : int64[n_records], 0 to persons - 1; rows are in key order
    codes : int64[n_records], the value, -1 missing
    age : int64[n_records], 0 is the most recent

    Returns
    -------
    int64[persons], a row, -1 where no record has a value

    Examples
    --------
    >>> person, codes = np.array([0, 0, 0, 1, 1]), np.array([7, 8, 8, 9, -1])
    >>> choose_rows(person, 3, codes, np.zeros(5, dtype=np.int64))
    array([ 1,  3, -1])
    """
    chosen = np.full(persons, -1, dtype=np.int64)
    rows = np.flatnonzero(codes >= 0)
    values = np.bincount(person[rows], minlength=persons)
    alone = rows[values[person[rows]] == 1]
    chosen[person[alone]] = alone
    rows = rows[values[person[rows]] > 1]
    if not len(rows):
        return chosen
    # One group a (person, value); its best row first.
    pair = person[rows] * (int(codes.max()) + 1) + codes[rows]
    order = np.lexsort((rows, age[rows], pair))
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    votes = np.diff(np.append(starts, len(order)))
    best = rows[order[starts]]
    order = np.lexsort((best, age[best], -votes, person[best]))
    winners = best[order[np.flatnonzero(np.diff(person[best[order]], prepend=-1))]]
    chosen[person[winners]] = winners
    return chosen


def golden_fields(
    data: pa.Table,
    names: dict[str, str],
    keys: pa.Array,
    person: Integers,
    persons: int,
    age: Integers,
) -> dict[str, pa.Array]:
    """For each field two columns: ``<name>`` and ``<name>_record``.

    Parameters
    ----------
    data : the records, in key order
    names : field -> name of its column
    keys : string[n_records], ``source:record_id``
    person : int64[n_records], 0 to persons - 1
    age : int64[n_records], 0 is the most recent
    """
    columns = {}
    for field, name in names.items():
        rows = choose_rows(person, persons, _plain_codes(data[field]), age)
        taken = pa.array(rows, mask=rows < 0)
        columns[name] = data[field].combine_chunks().take(taken)
        columns[f"{name}_record"] = keys.take(taken)
    return columns
