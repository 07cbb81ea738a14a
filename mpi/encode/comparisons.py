"""Which fields are compared, and how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpi.encode.levels import LEVELS
from mpi.schema import Form, Kind
from mpi.standardise.table import StandardColumn, StandardTable

_PARTNERS = ((Kind.FAMILY_NAME, Kind.GIVEN_NAME), (Kind.NAME, Kind.NAME))
# A column that is empty in all but this share of the rows cannot be learnt from.
_LEAST_FILLED = 0.002
MOST_BITS = 63.0
"""A comparison vector is packed into that many bits."""
# What a record's owner shares with everybody, or what the record is about and not the person.
_NOT_EVIDENCE = frozenset({Kind.AGE})


@dataclass(frozen=True)
class Comparison:
    """A field and how it is compared.

    name : the field's name
    partner : name of the field whose value clerks swap with this one's, if any
    """

    name: str
    kind: Kind
    form: Form
    partner: str | None = None

    @property
    def n_levels(self) -> int:
        """Levels above -1: 0 up to `n_levels` - 1, which is "identical"."""
        return len(LEVELS[self.form])


def choose_comparisons(standard: StandardTable) -> tuple[tuple[Comparison, ...], list[str]]:
    """Compare every field that is filled and differs between records.

    Where none differs, because the records are copies of one, every filled field is compared.

    Returns
    -------
    comparisons, messages
        Messages say which columns were left out, and why.
    """
    chosen: list[StandardColumn] = []
    messages: list[str] = []
    for column in standard.columns:
        name = column.field.name
        filled = int(np.count_nonzero(column.codes >= 0))
        if column.field.kind in _NOT_EVIDENCE:
            messages.append(f"{name}: left out of the comparison, it changes from year to year")
        elif len(column.values) < 2:
            messages.append(f"{name}: left out of the comparison, it has one value or none")
        elif filled < max(2.0, _LEAST_FILLED * len(standard)):
            messages.append(f"{name}: left out of the comparison, {filled} records have a value")
        else:
            chosen.append(column)
    if not chosen:
        # One record, or copies of one: its values still say who it is.
        chosen = [
            c for c in standard.columns if len(c.values) and c.field.kind not in _NOT_EVIDENCE
        ]
        messages = []
    chosen, more = _most_telling(chosen)
    messages += more
    partner: dict[str, str] = {}
    for first, second in _PARTNERS:
        one = [c.field.name for c in chosen if c.field.kind == first]
        two = [c.field.name for c in chosen if c.field.kind == second]
        pair = (one[:1] + two[:1]) if first != second else one[:2]
        if len(pair) == 2:
            partner[pair[0]], partner[pair[1]] = pair[1], pair[0]
    return (
        tuple(
            Comparison(c.field.name, c.field.kind, c.form, partner.get(c.field.name))
            for c in chosen
        ),
        messages,
    )


def _most_telling(columns: list[StandardColumn]) -> tuple[list[StandardColumn], list[str]]:
    """As many columns as a comparison vector has room for, those that tell most, in their order."""
    outcomes = np.log2([len(LEVELS[c.form]) + 1 for c in columns])
    told = np.array([_information(c) for c in columns])
    # Equal columns in the order they came.
    order = np.argsort(-told, kind="stable")
    kept = set(order[np.cumsum(outcomes[order]) < MOST_BITS].tolist())
    messages = [
        f"{c.field.name}: left out of the comparison, other columns tell more"
        for i, c in enumerate(columns)
        if i not in kept
    ]
    return [c for i, c in enumerate(columns) if i in kept], messages


def _information(column: StandardColumn) -> float:
    """Bits that an agreement is worth, times how often two records can agree."""
    counts = column.counts.astype(np.float64)
    filled = counts.sum()
    share = filled / max(1, len(column.codes))
    return float(-np.log2(((counts / max(filled, 1.0)) ** 2).sum() + 1e-12) * share**2)
