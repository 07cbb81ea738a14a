"""What one field of a record says about another: values put in by record, not by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.encode import compose, count, rank
from mpi.standardise.rules import Mask
from mpi.standardise.table import StandardColumn

Rows = npt.NDArray[np.int64]


def column_of(columns: Sequence[StandardColumn], *kinds: Kind) -> StandardColumn | None:
    """The first column of the first of these kinds that there is."""
    for kind in kinds:
        for column in columns:
            if column.field.kind is kind:
                return column
    return None


def rows_with(column: StandardColumn, wanted: Mask) -> Rows:
    """int64[n], the records that hold a wanted value; wanted : bool[n_values]."""
    return np.flatnonzero(np.append(wanted, False)[column.codes])


def put_values(
    column: StandardColumn, rows: Rows, texts: pa.Array, repair: str = ""
) -> StandardColumn:
    """The column with other standard values in some records.

    Parameters
    ----------
    rows : int64[n], different records
    texts : string[n], no nulls; the empty text makes the value missing
    repair : what was done, counted a record; nothing is counted where it is empty

    Examples
    --------
    >>> from mpi.records.table import Field
    >>> from mpi.schema import Form
    >>> field = Field("sex", Kind.SEX, "sex", "column name")
    >>> codes, counts = np.array([0, -1, 0], np.int32), np.array([2])
    >>> sexes = StandardColumn(field, Form.CATEGORY, codes, pa.array(["M"]), counts, {})
    >>> sexes = put_values(sexes, np.array([1, 0]), pa.array(["F", "F"]), "read elsewhere")
    >>> sexes.values.to_pylist(), sexes.codes.tolist(), sexes.repairs
    (['F', 'M'], [0, 0, 1], {'read elsewhere': 2})
    """
    if len(rows) == 0:
        return column
    new = texts.dictionary_encode()
    values, places = rank(pa.concat_arrays([column.values, new.dictionary]))
    codes = compose(column.codes, places[: len(column.values)])
    codes[rows] = places[len(column.values) :][np.asarray(new.indices)]
    counts = count(codes, len(values))
    used = counts > 0
    if not used.all():
        moved = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
        values, codes, counts = values.filter(pa.array(used)), compose(codes, moved), counts[used]
    repairs = dict(column.repairs)
    if repair:
        repairs[repair] = repairs.get(repair, 0) + len(rows)
    return replace(column, codes=codes, values=values, counts=counts, repairs=repairs)
