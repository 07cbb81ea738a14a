"""Records that are known to be two persons, and rows that keep them two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mpi.cluster.apart import NOBODY, Apart, make_apart
from mpi.encode.comparisons import Comparison
from mpi.encode.rows import Encoded, encode, number_records
from mpi.linkage.resolution import MOTHER
from mpi.records.relations import relation_rows
from mpi.records.table import RecordTable
from mpi.scratch import Scratch
from mpi.standardise.table import StandardTable

_NO_RECORDS = np.zeros(0, np.int64)
_REASON_OF = {"mother": MOTHER}


def known_apart(records: RecordTable) -> Apart:
    """Pairs of records of which the records themselves say that they are of two persons."""
    child, relative, relation = relation_rows(records)
    if len(child) == 0:
        return NOBODY
    return make_apart(child, relative, np.array([_REASON_OF[r] for r in relation], np.int8))


def encode_apart(
    standard: StandardTable,
    comparisons: tuple[Comparison, ...],
    apart: Apart,
    *,
    across: bool = False,
    own: npt.NDArray[np.int64] | None = None,
    threads: int = 1,
    scratch: Scratch | None = None,
) -> tuple[Encoded, Apart]:
    """Encode the compared fields so that no row holds two records which are two persons.

    Parameters
    ----------
    apart : pairs of records
    own : records that get a row of their own, whatever equals them
    across : keep equal records of two sources apart
    threads : to work with
    scratch : as for `encode`

    Returns
    -------
    encoded, and the pairs as rows
    """
    numbered = number_records(standard, comparisons, across=across)
    row_of = numbered.row_of
    inside = row_of[apart.left] == row_of[apart.right]
    shared = own[numbered.copies[row_of[own]] > 1] if own is not None else _NO_RECORDS
    if not inside.any() and len(shared) == 0:
        encoded = encode(
            standard,
            comparisons,
            across=across,
            threads=threads,
            scratch=scratch,
            numbered=numbered,
        )
        return encoded, _as_rows(apart, encoded)
    del numbered, row_of
    colour = _colours(apart.left[inside], apart.right[inside])
    # Equal records of two colours stay two rows, as those of two sources do.
    label = np.zeros(len(standard), np.int64)
    label[list(colour)] = list(colour.values())
    label[shared] = label.max() + 1 + np.arange(len(shared))
    if across:
        label = label * len(standard.sources) + standard.source
    labelled = replace(standard, source=label.astype(np.int32))
    encoded = encode(labelled, comparisons, across=True, threads=threads, scratch=scratch)
    encoded = replace(encoded, source=standard.source[encoded.first])
    return encoded, _as_rows(apart, encoded)


def _as_rows(apart: Apart, encoded: Encoded) -> Apart:
    row = encoded.row_of
    return make_apart(row[apart.left], row[apart.right], apart.reason)


def _colours(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> dict[int, int]:
    """Record -> the smallest number that none of the earlier records has which it must not join.

    left, right : pairs sorted by (left, right), left < right
    """
    taken: dict[int, set[int]] = {}
    colour: dict[int, int] = {}
    order = np.lexsort((left, right))
    for a, b in zip(left[order].tolist(), right[order].tolist(), strict=True):
        # All pairs of `b` with earlier records come together, after those of the earlier ones.
        colour.setdefault(a, 0)
        used = taken.setdefault(b, set())
        used.add(colour[a])
        colour[b] = next(c for c in range(len(used) + 1) if c not in used)
    return colour
