"""Golden fields: for each person and field one value, and the record it came from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.keys import FIRST_HASH, as_array, hash_column

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]


def plain_hashes(values: pa.Array | pa.ChunkedArray) -> Hashes:
    """uint64[n]: equal for values that differ only in case, blanks or Unicode form; 0 missing.

    Hashes of every row are three times faster than codes of unique values: a column of names has
    nearly as many values as rows, and only values of one person are compared.

    Examples
    --------
    >>> hashes = plain_hashes(pa.array(["Le An", "LE  AN ", None, " ", "Vu"]))
    >>> bool(hashes[0] == hashes[1]), bool(hashes[0] == hashes[4]), hashes[2:4].tolist()
    (True, False, [0, 0])
    """
    plain = pc.utf8_trim_whitespace(pc.utf8_upper(as_array(values)))
    # Both of these are slow, and most columns need neither.
    if pc.any(pc.match_substring_regex(plain, r"\s\s|[\t\n\r]")).as_py():
        plain = pc.replace_substring_regex(plain, r"\s+", " ")
    if pc.any(pc.match_substring_regex(plain, r"[\x{300}-\x{36f}]")).as_py():
        plain = pc.utf8_normalize(plain, form="NFC")
    hashes = np.full(len(plain), FIRST_HASH, dtype=np.uint64)
    hash_column(plain, hashes)
    empty = pc.equal(pc.binary_length(plain), 0).fill_null(True)
    hashes[empty.to_numpy(zero_copy_only=False)] = 0
    return hashes


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


def golden_fields(
    data: pa.Table,
    names: dict[str, str],
    keys: pa.Array,
    person: Integers,
    persons: int,
    age: Integers,
) -> dict[str, pa.Array]:
    """For each field two columns: ``<name>`` and ``<name>_record``.

    A person's value is the one that most of the person's records hold; of equals the one with the
    most recent record, then the one with the smallest record key. It comes from the most recent
    of its records, then from the one with the smallest key.

    Parameters
    ----------
    data : the records, in key order
    names : field -> name of its column
    keys : string[n_records], ``source:record_id``
    person : int64[n_records], 0 to persons - 1
    age : int64[n_records], 0 is the most recent
    """
    from mpi.index._kernels import choose_rows

    rows = np.lexsort((age, person)) if age.any() else np.argsort(person, kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(person, minlength=persons)))
    chosen = np.empty(persons, dtype=np.int64)
    columns = {}
    for field, name in names.items():
        choose_rows(starts, rows, plain_hashes(data[field]), chosen)
        taken = pa.array(chosen, mask=chosen < 0)
        columns[name] = as_array(data[field]).take(taken)
        columns[f"{name}_record"] = keys.take(taken)
    return columns
