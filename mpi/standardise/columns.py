"""One column brought to standard form: dictionary codes, layout, rule, ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.table import Field
from mpi.schema import FORM_OF
from mpi.standardise.encode import Encoded, compose, count, encode, rank
from mpi.standardise.rules import Layout, Locale, Rule
from mpi.standardise.table import StandardColumn

MANY_ROWS = 50_000
_SAMPLE = 10_000


@dataclass(frozen=True)
class Read:
    """A column in standard form, and what was decided about it as a whole."""

    column: StandardColumn
    layout: Layout | None


def read_column(raw: pa.ChunkedArray, field: Field, locale: Locale, fixed: str | None) -> Read:
    """Bring one column to standard form.

    Parameters
    ----------
    raw : string[n_records]
    fixed : the layout's text; None decides it from the data
    """
    rule = locale.rules[field.kind]
    encoded = coded(raw, rule)
    layout = None
    if rule.layout is not None:
        layout = rule.layout(encoded.values, encoded.counts) if fixed is None else Layout(fixed)
    standard = rule.standard(encoded.values, layout.text if layout else "")
    values, codes = rank(standard.values)
    codes = compose(encoded.codes, codes)
    repairs = {name: int(encoded.counts[mask].sum()) for name, mask in standard.repairs.items()}
    column = StandardColumn(
        field,
        FORM_OF[field.kind],
        codes,
        values,
        count(codes, len(values)),
        {name: repairs[name] for name in sorted(repairs) if repairs[name]},
    )
    return Read(column, layout)


def coded(raw: pa.ChunkedArray, rule: Rule) -> Encoded:
    """A column's texts for its rule: each different one once, or every one where that is faster."""
    return _rows(raw) if rule.bulk and _mostly_different(raw) else encode(raw)


def _mostly_different(raw: pa.ChunkedArray) -> bool:
    """Whether bringing equal texts together first would cost more than it saves.

    A hash table of a million names takes 0.5 s, twice as long as folding them all. Where texts
    come up only once in a sample of 10,000, a column holds some 200,000 different ones or more.
    """
    n = len(raw)
    if n < MANY_ROWS or raw.nbytes > 1 << 31 or raw.type != pa.string():
        return False
    sample = raw.take(pa.array(np.linspace(0, n - 1, _SAMPLE).astype(np.int64))).drop_null()
    counts = pc.value_counts(sample.combine_chunks()).field("counts").to_numpy()
    return int((counts == 1).sum()) >= 0.95 * len(sample)


def _rows(raw: pa.ChunkedArray) -> Encoded:
    """Every text for itself, as though no two were equal."""
    texts = raw.drop_null().combine_chunks()
    codes = np.full(len(raw), -1, np.int32)
    codes[np.asarray(pc.is_valid(raw))] = np.arange(len(texts), dtype=np.int32)
    return Encoded(texts, codes, np.ones(len(texts), np.int64))
