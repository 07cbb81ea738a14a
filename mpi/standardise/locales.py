"""The locales, and which of them the records ask for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.records.table import RecordTable
from mpi.schema import Kind
from mpi.standardise.encode import encode
from mpi.standardise.general import GENERAL
from mpi.standardise.rules import Locale
from mpi.standardise.vietnam.across import TELLING, read_across
from mpi.standardise.vietnam.fields import FIELD_RULES
from mpi.standardise.vietnam.findings import FINDINGS
from mpi.standardise.vietnam.name_keys import spoken_words, toneless_words, usual_names
from mpi.standardise.vietnam.names import NAME_RULES, looks_vietnamese
from mpi.standardise.vietnam.relatives import kinds_by_holder

VIETNAM = Locale(
    "vi",
    {**GENERAL.rules, **NAME_RULES, **FIELD_RULES},
    toneless=toneless_words,
    sounds=spoken_words,
    usual=usual_names,
    number_kinds=dict.fromkeys(
        (Kind.NATIONAL_ID, Kind.INSURANCE_ID, Kind.PASSPORT_ID), kinds_by_holder
    ),
    describe={**GENERAL.describe, **FINDINGS},
    across=read_across,
    telling=TELLING,
)

LOCALES: dict[str, Locale] = {locale.name: locale for locale in (GENERAL, VIETNAM)}

_TELLING = (
    Kind.FULL_NAME,
    Kind.NAME,
    Kind.FAMILY_NAME,
    Kind.MOTHER_NAME,
    Kind.FATHER_NAME,
    Kind.GIVEN_NAME,
)
_SAMPLE = 5_000
_CLEAR = (0.25, 0.75)
_LEAST = 0.5


def locale_of(name: str) -> Locale:
    """The locale of a name.

    Raises
    ------
    UsageError
        There is no such locale.
    """
    if name not in LOCALES:
        known = ", ".join(sorted(LOCALES))
        raise UsageError(f"setting 'locale' is '{name}'; the locales are: {known}")
    return LOCALES[name]


def choose_locale(records: RecordTable) -> tuple[Locale, str]:
    """The locale that the names of the records ask for, and why in words (empty: the general one).

    A sample is enough where it is clear; else all names are looked at, so that the order of the
    records decides nothing.

    Examples
    --------
    >>> from mpi.records.table import Field
    >>> field = Field("full_name", Kind.FULL_NAME, "name", "column name")
    >>> data = pa.table({"source": ["a"], "record_id": ["1"], "full_name": ["Nguyễn Văn Đức"]})
    >>> locale, why = choose_locale(RecordTable(data, (field,), {}, data.slice(0, 0)))
    >>> locale.name, why
    ('vi', "read as records of Vietnam (locale 'vi'): so are 100% of full_name")
    """
    by_kind = {f.kind: f for f in reversed(records.fields)}
    field = next((by_kind[kind] for kind in _TELLING if kind in by_kind), None)
    if field is None:
        return GENERAL, ""
    texts = records.data[field.name]
    share = _share(texts.take(_evenly(len(texts))))
    if _CLEAR[0] < share < _CLEAR[1] and len(texts) > _SAMPLE:
        share = _share(texts)
    if share < _LEAST:
        return GENERAL, ""
    why = f"read as records of Vietnam (locale 'vi'): so are {share:.0%} of {field.name}"
    return VIETNAM, why


def _evenly(n: int) -> pa.Array:
    return pa.array(np.unique(np.linspace(0, max(0, n - 1), min(n, _SAMPLE)).astype(np.int64)))


def _share(texts: pa.ChunkedArray) -> float:
    filled = texts.filter(pc.is_valid(texts))
    if len(filled) == 0:
        return 0.0
    encoded = encode(filled)
    return looks_vietnamese(encoded.values, encoded.counts)
