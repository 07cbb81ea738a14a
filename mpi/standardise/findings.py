"""What a column holds, counted in plain words: the terms in which locales tell it.

A finding never holds a value of a person: it says "dd/mm/yyyy in 93 records", not which dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from mpi.schema import Kind
from mpi.standardise.encode import Codes, Counts
from mpi.standardise.rules import Mask, Standardised, filled


@dataclass(frozen=True)
class Finding:
    """Something that a number of records have in common.

    about : the question that it answers, such as "format" or "precision"
    what : the answer, in words
    records : how many have it
    of : how many were asked
    """

    about: str
    what: str
    records: int
    of: int


@dataclass(frozen=True)
class Sample:
    """A column of the records that are looked at.

    texts : string[n], the different raw values
    counts : int64[n], records of each
    codes : int32[n_records], index into `texts`, -1 where missing
    read : the texts in standard form, placeholders still among them
    layout : what was decided about the column as a whole
    """

    kind: Kind
    texts: pa.Array
    counts: Counts
    codes: Codes
    read: Standardised
    layout: str = ""

    @cached_property
    def filled(self) -> Mask:
        """bool[n], texts with anything but blanks in them."""
        return filled(self.texts)

    def repaired(self, *repairs: str) -> Mask:
        """bool[n], texts to which one of these repairs was done."""
        found = np.zeros(len(self.texts), np.bool_)
        for repair in repairs:
            found |= self.read.repairs.get(repair, np.zeros(1, np.bool_))
        return found


Describe = Callable[[Sample, Mapping[Kind, Sample]], list[Finding]]
"""(column, the first column of every kind, in the same records) -> what it holds."""


def tally(
    sample: Sample,
    about: str,
    answers: Iterable[tuple[str, Mask]],
    among: Mask | None = None,
    *,
    always: bool = False,
) -> list[Finding]:
    """Count the records that each answer holds for; those that hold for none are left out.

    Parameters
    ----------
    answers : what, and bool[n] of the different texts it holds for
    among : bool[n], the texts that were asked; those with anything in them if not given
    always : say zeros too
    """
    among = sample.filled if among is None else among
    of = int(sample.counts[among].sum())
    found = [(what, int(sample.counts[mask & among].sum())) for what, mask in answers]
    return [Finding(about, what, n, of) for what, n in found if n or (always and of)]
