"""Sizes as the command line writes them, and synthetic registries of so many records."""

from __future__ import annotations

import math
from pathlib import Path

from benchmarks.jobs import synthetic

_RECORDS_A_PERSON = 2.155
"""Of ``mpi synth``, rounded down: a little more comes than was asked for."""


def size(text: str) -> int:
    """A number of records, also as 1e6.

    Examples
    --------
    >>> size("1e6"), size("20000")
    (1000000, 20000)
    """
    return int(float(text))


def sizes(text: str) -> list[int]:
    """Numbers of records, with commas."""
    return [size(part) for part in text.split(",")]


def registries(records: int, seed: int) -> Path:
    """Synthetic registries of about so many records, with truth; made once."""
    return synthetic(math.ceil(records / _RECORDS_A_PERSON), seed, "medium")
