"""What the records of two persons say against their being one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mpi.compare.patterns import unpack
from mpi.encode.rows import Encoded, encode
from mpi.linkage.apart import known_apart
from mpi.linkage.prepare import complete, standardised
from mpi.linkage.resolution import REASONS
from mpi.records.relations import relation_rows
from mpi.records.table import RecordTable
from mpi.schema import TRUSTED_KINDS
from mpi.score.explain import Against
from mpi.score.model import Model, read_model

_DIFFERENT_NUMBERS = REASONS.index("the two persons hold different trusted identifiers")
_MOST = 200
"""Records of a person that are looked at: 40,000 pairs are compared in a few milliseconds."""

Rows = npt.NDArray[np.int64]


def evidence_against(
    records: RecordTable, one: Rows, two: Rows, *, model: bytes
) -> tuple[Against, ...]:
    """Pairs of records, one of each person, that cannot be of one person.

    Parameters
    ----------
    records : a table that holds the records of both persons
    one, two : int64[n], rows of the first and of the second person, those of most interest first
    model : JSON, as `Resolution.model`

    Returns
    -------
    tuple of Against
        Known relatives first, then different trusted numbers; each in the order of `one`, `two`.
    """
    one, two = one[:_MOST], two[:_MOST]
    return _relatives(records, one, two) + _numbers(records, one, two, model)


def _keys(records: RecordTable) -> list[tuple[str, str]]:
    data = records.data
    return list(zip(data["source"].to_pylist(), data["record_id"].to_pylist(), strict=True))


def _relatives(records: RecordTable, one: Rows, two: Rows) -> tuple[Against, ...]:
    apart = known_apart(records)
    if not len(apart):
        return ()
    keys = _keys(records)
    children, relatives, words = relation_rows(records)
    told = {
        (child, relative): word
        for child, relative, word in zip(children.tolist(), relatives.tolist(), words, strict=True)
    }
    reasons = {
        (left, right): int(reason)
        for left, right, reason in zip(apart.left, apart.right, apart.reason, strict=True)
    }
    found = []
    for i in one.tolist():
        for j in two.tolist():
            reason = reasons.get((min(i, j), max(i, j)))
            if reason is None:
                continue
            child, relative = (i, j) if (i, j) in told else (j, i)
            detail = (
                f"{':'.join(keys[relative])} is the {told[child, relative]} of "
                f"{':'.join(keys[child])}"
            )
            found.append(Against(keys[i], keys[j], REASONS[reason], detail))
    return tuple(found)


def _numbers(records: RecordTable, one: Rows, two: Rows, model: bytes) -> tuple[Against, ...]:
    """Two trusted numbers of one kind and length that are no slip of each other, and none that
    agrees: what keeps clusters apart, told for each pair."""
    fitted = read_model(model)
    standard = complete(standardised(records, fitted), fitted)
    # Each a source of its own, so that equal ones stay several rows.
    standard = replace(standard, source=np.arange(len(records), dtype=np.int32))
    encoded = encode(standard, tuple(c.comparison for c in fitted.comparisons), across=True)
    trusted = [f for f, c in enumerate(encoded.comparisons) if c.kind in TRUSTED_KINDS]
    if not trusted:
        return ()
    left, right = np.repeat(one, len(two)), np.tile(two, len(one))
    levels = _levels(encoded, left, right, fitted)[:, trusted]
    codes = encoded.codes[:, trusted]
    same = ((codes[left] == codes[right]) & (codes[left] >= 0)).any(axis=1)
    against = (levels == 0) & ~same[:, None]
    for column, f in enumerate(trusted):
        length = np.array([len(v) for v in encoded.columns[f].values.to_pylist()] + [-1])
        against[:, column] &= length[codes[left, column]] == length[codes[right, column]]
    keys = _keys(records)
    found = []
    for k in np.flatnonzero(against.any(axis=1)).tolist():
        i, j = int(left[k]), int(right[k])
        said = []
        for column in np.flatnonzero(against[k]).tolist():
            values = encoded.columns[trusted[column]].values
            pair = [values[int(codes[row, column])].as_py() for row in (i, j)]
            said.append(f"{encoded.comparisons[trusted[column]].name} {pair[0]} and {pair[1]}")
        found.append(Against(keys[i], keys[j], REASONS[_DIFFERENT_NUMBERS], "; ".join(said)))
    return tuple(found)


def _levels(encoded: Encoded, left: Rows, right: Rows, model: Model) -> npt.NDArray[np.int8]:
    """int8[n_pairs, n_fields], the levels of pairs of rows."""
    from mpi.score._kernels import score_pairs
    from mpi.score.learn import make_table

    table = make_table(model, encoded)._replace(least=-np.inf)
    weight, pattern = np.empty(len(left), np.float32), np.empty(len(left), np.uint64)
    score_pairs(encoded.values, table, left, right, weight, pattern)
    return unpack(pattern, table.radix)
