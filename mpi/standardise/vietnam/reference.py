"""Tables of Viet Nam: provinces, wards, prefixes of numbers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

ARMY, POLICE = "97", "98"
"""They issue health insurance cards as provinces do."""


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    """The rows of a table, as column -> text.

    Examples
    --------
    >>> rows("mobile_prefixes")[0]
    {'before': '0120', 'since_2018': '070'}
    """
    source = files("mpi.standardise.vietnam").joinpath("tables", f"{table}.csv")
    return tuple(csv.DictReader(source.read_text("utf-8").splitlines()))


@dataclass(frozen=True)
class Province:
    """A province as it was before July 2025, and the unit that it became or joined.

    code, successor_code : two digits; a code of 2025 may have meant another province before
    """

    code: str
    name: str
    successor_code: str
    successor: str


@cache
def provinces() -> tuple[Province, ...]:
    """The 63 provinces, by code.

    Examples
    --------
    >>> len(provinces()), len({p.successor for p in provinces()})
    (63, 34)
    """
    return tuple(Province(**row) for row in rows("provinces"))


def marked(numbers: list[int], size: int) -> npt.NDArray[np.bool_]:
    """bool[size], set at these numbers."""
    marks = np.zeros(size, np.bool_)
    marks[numbers] = True
    return marks


@cache
def is_province() -> npt.NDArray[np.bool_]:
    """bool[1000], set at the codes of the 63 provinces."""
    return marked([int(p.code) for p in provinces()], 1000)


@cache
def is_issuer() -> npt.NDArray[np.bool_]:
    """bool[100], set at the codes of whoever issues health insurance cards."""
    return marked([*(int(p.code) for p in provinces()), int(ARMY), int(POLICE)], 100)


@cache
def is_cmnd_prefix() -> npt.NDArray[np.bool_]:
    """bool[1000], set where three digits can begin an identity card of nine."""
    marks = np.zeros(1000, np.bool_)
    for row in rows("cmnd_prefixes"):
        first = int(row["prefix"].ljust(3, "0"))
        marks[first : first + 10 ** (3 - len(row["prefix"]))] = True
    return marks
