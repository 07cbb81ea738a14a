"""What the columns of an input hold, by the knowledge of the locale they are read by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Kind
from mpi.standardise.encode import encode
from mpi.standardise.findings import Finding, Sample
from mpi.standardise.locales import locale_of
from mpi.standardise.rules import Locale
from mpi.standardise.table import StandardTable

MOST_RECORDS = 200_000
"""More are not looked at: a share is then known to some thousandths."""


@dataclass(frozen=True)
class Description:
    """What columns hold.

    records : how many were looked at; all of them, or a sample spread evenly
    findings : field name -> what was found in it
    """

    records: int
    findings: dict[str, tuple[Finding, ...]]


def describe(
    records: RecordTable, standard: StandardTable, *, most: int = MOST_RECORDS
) -> Description:
    """Tell what the columns hold, of all records or of a sample of `most`.

    Examples
    --------
    >>> from mpi.standardise import standardise
    >>> field = Field("birth_date", Kind.BIRTH_DATE, "dob", "column name")
    >>> data = pa.table({"source": ["a", "a"], "record_id": ["1", "2"],
    ...                  "birth_date": ["25/12/1990", "1950"]})
    >>> records = RecordTable(data, (field,), {}, data.slice(0, 0))
    >>> found = describe(records, standardise(records)).findings["birth_date"]
    >>> [(f.about, f.what, f.records) for f in found[:3]]
    [('format', 'dd/mm/yyyy', 1), ('format', 'yyyy', 1), ('precision', 'to the day', 1)]
    """
    locale = locale_of(standard.locale)
    n = len(records)
    rows = None
    if n > most:
        rows = pa.array(np.linspace(0, n - 1, most).astype(np.int64))
    fields = [f for f in records.fields if f.kind in FORM_OF]
    samples = {
        f.name: _sample(records, f, rows, locale, standard.layouts.get(f.name, "")) for f in fields
    }
    by_kind: dict[Kind, Sample] = {}
    for field in fields:
        by_kind.setdefault(field.kind, samples[field.name])
    findings = {
        field.name: tuple(locale.describe[field.kind](samples[field.name], by_kind))
        for field in fields
        if field.kind in locale.describe
    }
    return Description(min(n, most), findings)


def _sample(
    records: RecordTable, field: Field, rows: pa.Array | None, locale: Locale, layout: str
) -> Sample:
    column = records.data[field.name]
    encoded = encode(column if rows is None else column.take(rows))
    read = locale.rules[field.kind].standard(encoded.values, layout)
    return Sample(field.kind, encoded.values, encoded.counts, encoded.codes, read, layout)
