"""Wards across the reform of July 2025: an old ward is written with the new one in front.

Bến Nghé of District 1 became Sài Gòn with two others, and is written ``SÀI GÒN BẾN NGHÉ``: the same
old ward is still the same, and half of its words are those of a record of today. A ward that was
divided gets the names of all its parts, so that it meets each of them. Where neither province nor
district says which of several wards of a name is meant, it stays as it is.

A ward that is known says all that its district would, and districts are gone since the reform: such
a record has none. Where nothing but name, sex, date and place tells persons apart, this is what old
and new records agree in; with identity and insurance numbers it changes little. The new name alone
does nothing for wards that were divided, and a district that is kept says the same a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.across import column_of, put_values
from mpi.standardise.table import StandardColumn
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.places import standard_places
from mpi.standardise.vietnam.wards import code_of_ward, new_wards

RENAMED = "ward written with the name of the ward of today in front"
LEFT_OUT = "district left out, as the ward says it"
_MOST = 3
"""Wards of today that a place may lie in before too little is known."""


@cache
def ward_names() -> tuple[dict[str, str], dict[str, str]]:
    """Code of a ward -> its name in standard form: wards of today, and of before.

    Examples
    --------
    >>> today, before = ward_names()
    >>> today["26740"], before["26740"]
    ('SÀI GÒN', 'BẾN NGHÉ')
    """
    tables = []
    for table in ("wards_2025", "wards_before_2025"):
        rows = reference.rows(table)
        names = standard_places(pa.array([row["name"] for row in rows])).values.to_pylist()
        tables.append({row["code"]: name for row, name in zip(rows, names, strict=True)})
    return tables[0], tables[1]


def written(ward: str, found: Sequence[str]) -> str:
    """A ward with the names of the wards of today that it may lie in.

    Parameters
    ----------
    ward : in standard form, or a code
    found : codes of wards of today

    Examples
    --------
    >>> written("BẾN NGHÉ", ["26740"]), written("SÀI GÒN", ["26740"]), written("26740", ["26740"])
    ('SÀI GÒN BẾN NGHÉ', 'SÀI GÒN', 'SÀI GÒN BẾN NGHÉ')
    """
    today, before = ward_names()
    code = code_of_ward(ward)
    names = [today[code] for code in found]
    last = before.get(code, "") if code else f"P{int(ward)}" if ward.isdecimal() else ward
    if last not in names:
        names.append(last)
    return " ".join(dict.fromkeys(" ".join(names).split()))


def wards_of_today(columns: Sequence[StandardColumn]) -> tuple[StandardColumn, ...]:
    """The columns, with wards that agree before and after the reform.

    Every combination of ward, district and province is looked up once.
    """
    ward = column_of(columns, Kind.WARD)
    if ward is None or len(ward.values) == 0:
        return tuple(columns)
    district, province = (column_of(columns, kind) for kind in (Kind.DISTRICT, Kind.PROVINCE))
    rows = np.flatnonzero(ward.codes >= 0)
    packed = np.zeros(len(rows), np.int64)
    for part in (ward, district, province):
        if part is not None:
            packed = packed * (len(part.values) + 1) + part.codes[rows] + 1
    places = pa.array(packed).dictionary_encode().indices.to_numpy()
    first = np.unique(places, return_index=True)[1]
    texts = [_texts(part, rows[first]) for part in (ward, district, province)]
    found = new_wards(*texts).to_pylist()
    known = np.array([0 < len(codes) <= _MOST for codes in found], np.bool_)
    before = texts[0].to_pylist()
    after = [
        written(name, codes) if told else name
        for name, codes, told in zip(before, found, known.tolist(), strict=True)
    ]
    differs = np.array([a != b for a, b in zip(after, before, strict=True)], np.bool_)[places]
    values = pa.array(after, pa.string()).take(pa.array(places[differs]))
    done = {ward.field.name: put_values(ward, rows[differs], values, RENAMED)}
    if district is not None:
        told = rows[known[places]]
        told = told[district.codes[told] >= 0]
        nothing = pa.array([""], pa.string()).take(pa.array(np.zeros(len(told), np.int64)))
        done[district.field.name] = put_values(district, told, nothing, LEFT_OUT)
    return tuple(done.get(column.field.name, column) for column in columns)


def _texts(column: StandardColumn | None, rows: npt.NDArray[np.int64]) -> pa.Array:
    """string[n], the values of these records; null where missing."""
    if column is None:
        return pa.nulls(len(rows), pa.string())
    codes = column.codes[rows]
    return column.values.take(pa.array(codes, mask=codes < 0))
