"""The tables the generator draws from: names, provinces, ages, streets."""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NORTH = ("Red River Delta", "Northern Midlands & Mountains")
SOUTH = ("South East", "Mekong Delta")

SPREAD = ("01", "79", "66", "46", "48", "92", "31", "40", "10", "84")
"""Provinces taken first: the two large cities, the highlands, the Centre, the North, the South."""


@dataclass(frozen=True)
class Province:
    """A province before July 2025, with its name after."""

    code: str
    name: str
    name_2025: str
    region: str
    population: int
    cmnd_prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """Values with the share of each.

    cumulative : float64[n_values], ends at 1
    """

    values: tuple[str, ...]
    cumulative: Floats

    def draw(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.int64]:
        """int64[n], indices into `values`."""
        return self.at(rng.random(n))

    def at(self, position: Floats) -> npt.NDArray[np.int64]:
        """int64[n], indices into `values` for these positions, 0 to 1."""
        return np.searchsorted(self.cumulative, position, side="right")


def choice(values: list[str], weights: Any) -> Choice:
    """A choice with these weights; they need not add up to 1.

    Examples
    --------
    >>> choice(["a", "b"], [1, 3]).cumulative.tolist()
    [0.25, 1.0]
    """
    total = np.cumsum(np.asarray(weights, np.float64))
    return Choice(tuple(values), total / total[-1])


@functools.cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """The rows of one of the tables of this package."""
    path = resources.files("mpi.synth") / "tables" / f"{table}.csv"
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@functools.cache
def provinces(count: int) -> tuple[Province, ...]:
    """The first `count` of the 63 provinces: those of `SPREAD`, then by population."""
    every = [
        Province(
            r["code"],
            r["name"],
            r["name_2025"],
            r["region"],
            int(r["population"]),
            tuple(r["cmnd_prefixes"].split()),
        )
        for r in rows("provinces")
    ]
    every.sort(key=lambda p: (SPREAD.index(p.code) if p.code in SPREAD else 99, -p.population))
    return tuple(every[:count])


_FAVOUR = {
    "north": {
        "Hoàng": 1.6,
        "Vũ": 1.8,
        "Đỗ": 1.5,
        "Phạm": 1.3,
        "Bùi": 1.3,
        "Huỳnh": 0.05,
        "Võ": 0.1,
    },
    "centre": {},
    "south": {"Huỳnh": 1.6, "Võ": 1.5, "Hoàng": 0.5, "Vũ": 0.5},
}


def region(province: Province) -> str:
    """North, centre or south."""
    if province.region in NORTH:
        return "north"
    return "south" if province.region in SOUTH else "centre"


@functools.cache
def families(part: str) -> Choice:
    """Kinh family names of a part of the country."""
    found = [r for r in rows("family_names") if r["weight"]]
    favour = _FAVOUR[part]
    return choice(
        [r["name"] for r in found],
        [float(r["weight"]) * favour.get(r["name"], 1.0) for r in found],
    )


@functools.cache
def group_families(group: str) -> Choice:
    """Family names of an ethnic group, drawn evenly."""
    names = [r["name"] for r in rows("family_names") if r["group"] == group]
    return choice(names, np.ones(len(names)))


@functools.cache
def group_given(group: str, sex: str) -> Choice:
    """Given names of an ethnic group, drawn evenly."""
    names = [
        r["name"] for r in rows("minority_given_names") if (r["group"], r["sex"]) == (group, sex)
    ]
    return choice(names, np.ones(len(names)))


YOUNG = {"F": {"Anh": 7.1, "Vy": 5.7, "Ngọc": 4.3, "Nhi": 4.2, "Hân": 4.1, "Thư": 4.1}}
"""Percent of the births of 2007 to 2011 in the largest city (hoten.org), where published."""


@functools.cache
def given(sex: str, cohort: str) -> Choice:
    """Given names of a sex; cohort "new" by frequency, "young" with the shares of `YOUNG`, "old"
    evenly."""
    table = "old" if cohort == "old" else "new"
    found = [r for r in rows("given_names") if (r["sex"], r["cohort"]) == (sex, table)]
    found.sort(key=lambda r: r["name"])
    weights = [float(r["weight"]) if table == "new" else 1.0 for r in found]
    fixed = YOUNG.get(sex, {}) if cohort == "young" else {}
    names = [r["name"] for r in found]
    rest = sum(w for name, w in zip(names, weights, strict=True) if name not in fixed)
    left = 100 - sum(fixed.values())
    return choice(
        names,
        [fixed.get(name, w * left / rest) for name, w in zip(names, weights, strict=True)],
    )


@functools.cache
def middle(sex: str, position: str) -> Choice:
    """Middle names of a sex without Thị and Văn, which the generator draws by year of birth."""
    found = [
        r
        for r in rows("middle_names")
        if (r["sex"], r["position"]) == (sex, position) and r["name"] not in ("Thị", "Văn")
    ]
    return choice([r["name"] for r in found], [float(r["weight"]) for r in found])


MINORITIES: dict[str, tuple[tuple[str, float], ...]] = {
    "Central Highlands": (("Ê Đê", 0.14), ("Gia Rai", 0.1), ("Tày/Nùng", 0.05), ("Mông", 0.02)),
    "Northern Midlands & Mountains": (
        ("Tày/Nùng", 0.2),
        ("Thái", 0.1),
        ("Mông", 0.1),
        ("Mường", 0.07),
        ("Dao", 0.05),
    ),
    "Mekong Delta": (("Khmer", 0.07), ("Hoa", 0.01)),
    "South East": (("Hoa", 0.04), ("Khmer", 0.01)),
    "Red River Delta": (("Mường", 0.01), ("Tày/Nùng", 0.005)),
    "North Central & Central Coast": (("Thái", 0.02), ("Mường", 0.02)),
}
"""Region -> ethnic groups with their share of its households: rough, for variety of names."""
