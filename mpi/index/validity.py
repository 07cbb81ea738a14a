"""Which values are valid: they mean somebody, and an identifier could have been given out."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.table import Field, RecordTable
from mpi.schema import Kind
from mpi.settings import Settings

Mask = npt.NDArray[np.bool_]


class Reading(msgspec.Struct, frozen=True):
    """How the model's records are read; the other parts of a model are passed over."""

    locale: str = "general"
    placeholders: dict[str, list[str]] = {}
    layouts: dict[str, str] = {}


def reading_of(model: bytes | None) -> Reading:
    """How a model reads records.

    Examples
    --------
    >>> reading_of(b'{"locale": "vi", "prior": 0.1}').locale, reading_of(None).locale
    ('vi', 'general')
    """
    return Reading() if model is None else msgspec.json.decode(model, type=Reading)


def valid_values(field: Field, values: pa.Array, reading: Reading) -> Mask:
    """Whether each value can be the person's.

    A value is not valid if it is a placeholder, or nothing is left of it in standard form; in
    Viet Nam neither is an identity number of another form than identity numbers have, a personal
    number of no province, or born in a year to come.

    Returns
    -------
    bool[n]

    Examples
    --------
    >>> field = Field("national_id", Kind.NATIONAL_ID, "cccd", "column name")
    >>> numbers = pa.array(["001090012345", "000000000000", "999999999999", "12 345"])
    >>> valid_values(field, numbers, Reading("vi")).tolist()
    [True, False, False, False]
    """
    from mpi.standardise import standardise

    n = len(values)
    keys = [pa.repeat("values", n), pa.repeat("", n)]  # of no consequence
    data = pa.table([*keys, values], names=["source", "record_id", field.name])
    records = RecordTable(data, (field,), {}, data.slice(0, 0))
    standard = standardise(
        records,
        Settings(locale=reading.locale, threads=1),
        placeholders=reading.placeholders,
        layouts=reading.layouts,
    )
    column = next((c for c in standard.columns if c.field.name == field.name), None)
    if column is None or len(column.values) == 0:
        return np.zeros(n, np.bool_)
    fits = np.ones(len(column.values), np.bool_)
    if reading.locale == "vi":
        fits = _vietnamese(field.kind, column.values)
    return np.asarray((column.codes >= 0) & fits[column.codes])


def _vietnamese(kind: Kind, values: pa.Array) -> Mask:
    """Which standard values have a form in which numbers of this kind are given out."""
    from mpi.standardise.vietnam.cccd import Doubt, decode_cccd
    from mpi.standardise.vietnam.identifiers import NumberKind, number_kinds

    forms = {
        Kind.NATIONAL_ID: (NumberKind.PERSONAL, NumberKind.CARD, NumberKind.PASSPORT),
        Kind.PASSPORT_ID: (NumberKind.PASSPORT,),
        Kind.INSURANCE_ID: (NumberKind.SOCIAL, NumberKind.PERSONAL, NumberKind.INSURANCE),
    }.get(kind)
    if forms is None:
        return np.ones(len(values), np.bool_)
    kinds = number_kinds(values)
    fits = np.isin(kinds, forms)
    personal = kinds == NumberKind.PERSONAL
    if personal.any():
        doubts = decode_cccd(values.filter(pa.array(personal))).doubts
        fits[personal] = (doubts & ~np.uint8(Doubt.COUNTRY)) == 0
    return np.asarray(fits)
