"""Wards: what the 10,000 communes of before July 2025 became.

Most old wards went whole into one new one, some were divided, so an old ward stands for the set of
new wards that its people may live in now. Two records agree where their sets meet. Names alone say
little (there are hundreds of Tân Phú, and a Phường 1 in most towns), so a ward is looked up with
its province and, for old ones, its district.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.fold import fold
from mpi.standardise.rules import Mask
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.places import standard_places
from mpi.standardise.vietnam.provinces import by_code, code_in, find_province

Place = tuple[str, str, str]
_SHORTEST_CODE = 3
"""Digits; a number of one or two is that of a phường."""


def place_keys(names: Iterable[str]) -> list[str]:
    """Wards or districts as keys: without accents, blanks and the word for what they are.

    Examples
    --------
    >>> place_keys(["Phường 03", "P3", "TT. Cái Bè", "xã Ia O"])
    ['P3', 'P3', 'CAIBE', 'IAO']
    """
    standard = standard_places(pa.array(list(names), pa.string())).values.dictionary_encode()
    keys = pc.replace_substring(fold(standard.dictionary), " ", "")
    return [*keys.take(standard.indices).to_pylist()]


@cache
def by_place() -> dict[Place, tuple[str, ...]]:
    """(unit of today, district, ward) as keys -> codes of the new wards; "" is any district."""
    old, new = reference.rows("wards_before_2025"), reference.rows("wards_2025")
    found: dict[Place, set[str]] = {}
    keys = zip(
        place_keys(row["name"] for row in old),
        place_keys(row["district"] for row in old),
        strict=True,
    )
    for (ward, district), row in zip(keys, old, strict=True):
        unit = by_code()[row["province"]].successor_code
        for place in ((unit, district, ward), (unit, "", ward)):
            found.setdefault(place, set()).update(row["successors"].split())
    for ward, row in zip(place_keys(row["name"] for row in new), new, strict=True):
        found.setdefault((row["province"], "", ward), set()).add(row["code"])
    return {place: tuple(sorted(codes)) for place, codes in found.items()}


@cache
def by_ward_code() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Code of an old ward -> codes of the new ones, and the codes in use since July 2025."""
    old = {r["code"]: tuple(r["successors"].split()) for r in reference.rows("wards_before_2025")}
    return old, frozenset(row["code"] for row in reference.rows("wards_2025"))


def unit_codes(provinces: Iterable[str]) -> list[str]:
    """Codes of the units of today, empty where a text names none for sure.

    Examples
    --------
    >>> unit_codes(["Bình Dương", "74", "QN"])
    ['79', '79', '']
    """
    codes = []
    for text in provinces:
        code = code_in(text)
        meant = (code,) if code in by_code() else (find_province(text) or ((), ""))[0]
        units = {by_code()[c].successor_code for c in meant}
        codes.append(units.pop() if len(units) == 1 else "")
    return codes


def new_wards(wards: pa.Array, districts: pa.Array, provinces: pa.Array) -> pa.Array:
    """The wards of today that each place may lie in.

    Parameters
    ----------
    wards, districts, provinces : string[n], empty or null where unknown; a ward may be a code

    Returns
    -------
    list<string>[n], codes in order; empty where the place is not known.

    Examples
    --------
    >>> found = new_wards(pa.array(["Phường Bến Nghé", "P. Sài Gòn"]), pa.array(["Quận 1", None]),
    ...                   pa.array(["TP HCM", "TP HCM"]))
    >>> found.to_pylist()
    [['26740'], ['26740']]
    """
    parts = [pc.fill_null(part, "").dictionary_encode() for part in (wards, districts, provinces)]
    sizes = [max(len(part.dictionary), 1) for part in parts]
    codes = [part.indices.to_numpy().astype(np.int64) for part in parts]
    packed = (codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2]
    different, places = np.unique(packed, return_inverse=True)
    ward, district = (place_keys(part.dictionary.to_pylist()) for part in parts[:2])
    unit = unit_codes(parts[2].dictionary.to_pylist())
    found = [
        _look_up(ward[key // (sizes[1] * sizes[2])], district[key // sizes[2] % sizes[1]],
                 unit[key % sizes[2]])
        for key in different.tolist()
    ]  # fmt: skip
    return pa.array(found, pa.list_(pa.string())).take(pa.array(places))


def code_of_ward(ward: str) -> str:
    """The five digits of a ward that is a code, or nothing; zeros in front may be lost.

    Examples
    --------
    >>> code_of_ward("256"), code_of_ward("26740"), code_of_ward("3"), code_of_ward("P3")
    ('00256', '26740', '', '')
    """
    return ward.zfill(5) if ward.isdecimal() and _SHORTEST_CODE <= len(ward) <= 5 else ""


def _look_up(ward: str, district: str, unit: str) -> tuple[str, ...]:
    code = code_of_ward(ward)
    if code:
        old, new = by_ward_code()
        return tuple(sorted({*old.get(code, ()), *([code] if code in new else [])}))
    if ward.isdecimal():
        ward = f"P{int(ward)}"
    if not ward or not unit:
        return ()
    known = by_place()
    return known.get((unit, district, ward)) or known.get((unit, "", ward), ())


def wards_meet(left: pa.Array, right: pa.Array) -> Mask:
    """bool[n], places that may lie in one ward of today.

    Parameters
    ----------
    left, right : list<string>[n], as `new_wards` gives them

    Examples
    --------
    >>> one, two = pa.array([["1", "2"], ["3"], []]), pa.array([["2"], ["4"], []])
    >>> wards_meet(one, two).tolist()
    [True, False, False]
    """
    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return np.array([not set(a).isdisjoint(b) for a, b in pairs], np.bool_)
