"""Addresses: wards and districts of each province are composed, streets are common ones."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth import reference
from mpi.synth.population import Bools, Ints, People
from mpi.synth.reference import Province
from mpi.synth.serials import scramble

DISTRICTS, WARDS = 12, 14  # districts of a province, wards of a district
_FIRST = ("Tân", "Phú", "An", "Bình", "Hòa", "Long", "Mỹ", "Đông", "Vĩnh", "Hưng", "Minh", "Xuân",
          "Thanh", "Quang", "Nghĩa", "Cẩm")  # fmt: skip
_LAST = ("Phú", "An", "Bình", "Hòa", "Thành", "Lộc", "Hưng", "Thịnh", "Sơn", "Lập", "Tiến", "Phong",
         "Hiệp", "Thuận", "Mỹ", "Đức")  # fmt: skip


@dataclass(frozen=True)
class Addresses:
    """Where each person of a block lives, all int64[n].

    ward : province * DISTRICTS * WARDS + number of the ward, street : index, rural : 0 or 1
    """

    ward: Ints
    street: Ints
    house: Ints
    lane: Ints
    rural: Ints

    def take(self, rows: Ints) -> Addresses:
        """The addresses of these rows."""
        return Addresses(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))


def draw_addresses(rng: np.random.Generator, province: Ints) -> Addresses:
    """A random address in each of these provinces."""
    n = len(province)
    number = np.floor(rng.random(n) ** 1.4 * DISTRICTS * WARDS).astype(np.int64)
    return Addresses(
        ward=province * DISTRICTS * WARDS + number,
        street=rng.integers(0, len(reference.rows("streets")), n),
        house=1 + np.floor(rng.random(n) ** 2 * 400).astype(np.int64),
        lane=np.where(rng.random(n) < 0.35, rng.integers(1, 60, n), 0),
        rural=((number // WARDS) >= DISTRICTS // 2).astype(np.int64),
    )


def settle(rng: np.random.Generator, people: People) -> tuple[Addresses, Addresses]:
    """Addresses of everyone now and before the move; a household shares one."""
    now = draw_addresses(rng, people.home)
    before = draw_addresses(rng, people.before)
    key = np.where(people.moved_alone, np.arange(len(people)), people.household)
    old_key = np.where(people.mover & ~people.moved_alone, people.household, key)
    return now.take(key), before.take(old_key)


def _compose(number: Ints, key: int) -> list[str]:
    mixed = scramble(number % 1000, 3, key) % (len(_FIRST) * len(_LAST))
    found: list[str] = []
    for m in mixed.tolist():
        first, last = _FIRST[m // len(_LAST)], _LAST[m % len(_LAST)]
        name = f"{first} {last if last != first else 'Trung'}"
        while name in found:
            name += " Đông" if not name.endswith("Đông") else " Hạ"
        found.append(name)
    return found


@functools.cache
def ward_names(provinces: tuple[Province, ...]) -> pa.Array:
    """string[n_provinces * DISTRICTS * WARDS * 2], Phường An Hòa and then P.An Hòa of each."""
    names: list[str] = []
    for province in provinces:
        wards = _compose(np.arange(DISTRICTS * WARDS), int(province.code))
        for i, name in enumerate(wards):
            country = i // WARDS >= DISTRICTS // 2
            names += [f"Xã {name}", f"X.{name}"] if country else [f"Phường {name}", f"P.{name}"]
    return pa.array(names, pa.string())


@functools.cache
def district_names(provinces: tuple[Province, ...]) -> pa.Array:
    """string[n_provinces * DISTRICTS * 2], Quận An Hòa and then Q.An Hòa of each."""
    names: list[str] = []
    for province in provinces:
        composed = _compose(np.arange(DISTRICTS), 1000 + int(province.code))
        for i, name in enumerate(composed):
            country = i >= DISTRICTS // 2
            names += [f"Huyện {name}", f"H.{name}"] if country else [f"Quận {name}", f"Q.{name}"]
    return pa.array(names, pa.string())


def street_lines(addresses: Addresses, short: Bools) -> pa.Array:
    """House, lane and street, or house and hamlet; `short` writes the lane as 12/5."""
    streets = pa.array([r["name"] for r in reference.rows("streets")], pa.string())
    house = pa.array(addresses.house).cast(pa.string())
    lane = pa.array(addresses.lane).cast(pa.string())
    street = streets.take(pa.array(addresses.street))
    brief = pc.binary_join_element_wise(lane, house, "/")
    town = pc.binary_join_element_wise(house, street, " ")
    deep = pc.if_else(
        pa.array(short),
        pc.binary_join_element_wise(brief, street, " "),
        pc.binary_join_element_wise("Số", house, "ngõ", lane, street, " "),
    )
    hamlet = pa.array(addresses.street % 12 + 1).cast(pa.string())
    country = pc.binary_join_element_wise("Số", house, "thôn", hamlet, " ")
    line = pc.if_else(pa.array(addresses.lane > 0), deep, town)
    return pc.if_else(pa.array(addresses.rural == 1), country, line)
