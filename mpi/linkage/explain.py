"""Explain a pair with the same kernels and the same model that decided it (law 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.block.candidates import make_candidates
from mpi.block.keys import Key
from mpi.block.rules import Rule
from mpi.compare.patterns import unpack
from mpi.encode.levels import SLIP, label
from mpi.encode.rows import Encoded, encode
from mpi.errors import UsageError
from mpi.linkage.apart import known_apart
from mpi.linkage.copies import rule_bits
from mpi.linkage.prepare import complete, standardised
from mpi.linkage.resolution import REASONS
from mpi.linkage.rules import model_keys, rules_of
from mpi.records.table import RecordTable
from mpi.schema import Form
from mpi.score.explain import (
    Change,
    ExplainedField,
    Explanation,
    NearestRule,
    pair_outcome,
    pair_verdict,
)
from mpi.score.model import Model, read_model
from mpi.standardise.table import StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

_TWO_KINDS = "of two kinds, which says nothing"


def explain(
    records: RecordTable, a: tuple[str, str], b: tuple[str, str], *, model: bytes
) -> Explanation:
    """Explain why two records are, or are not, one person.

    Parameters
    ----------
    records : a table that holds both records; it may hold others
    a, b : keys, (source, record_id)
    model : JSON, as `Resolution.model`

    Raises
    ------
    UsageError
        A key is not among the records, or both are the same.
    """
    from mpi.score._kernels import score_pairs
    from mpi.score.learn import make_table

    fitted = read_model(model)
    two = _two(records, a, b)
    standard = complete(standardised(two, fitted), fitted)
    # Two equal records must stay two rows, which is what `across` does for two sources.
    standard = replace(standard, source=np.arange(2, dtype=np.int32))
    encoded = encode(standard, tuple(c.comparison for c in fitted.comparisons), across=True)
    # A pair is explained however little it weighs.
    table = make_table(fitted, encoded)._replace(least=-np.inf)
    rules, keys = rules_of(fitted), model_keys(encoded, fitted, 1)
    candidates = make_candidates(encoded, keys, rules, [], max_block=2, across=True)
    ends = (np.array([0]), np.array([1]))
    weight, pattern = np.empty(1, np.float32), np.empty(1, np.uint64)
    score_pairs(encoded.values, table, *ends, weight, pattern)
    levels = unpack(pattern, table.radix)[0]
    made = int(rule_bits(candidates, *ends)[0])
    names = tuple(rule.name for r, rule in enumerate(rules) if (made >> r) & 1)
    fields = []
    for f, comparison in enumerate(encoded.comparisons):
        g, h = encoded.codes[:, f]
        column = encoded.columns[f]
        level = int(levels[f])
        fields.append(
            ExplainedField(
                comparison.name,
                *_raw(two, comparison.name),
                column.values[int(g)].as_py() if g >= 0 else None,
                column.values[int(h)].as_py() if h >= 0 else None,
                level,
                _TWO_KINDS if level < 0 <= min(g, h) else label(comparison.form, level),
                float(table.weight[0, f, level + 1]),
                rarity_bits(encoded, table, f, int(g), int(h), level),
            )
        )
    total = float(weight[0])
    chance = float(fitted.chance(weight)[0])
    apart = why_apart(two)
    outcome = pair_outcome(chance, fitted.link_at, fitted.review_at, len(names))
    against_strangers = fitted.prior_bits + sum(f.weight + f.term_frequency for f in fields)
    link_bits = fitted.weight_at(fitted.link_at)
    return Explanation(
        a,
        b,
        tuple(fields),
        fitted.prior_bits,
        min(0.0, total - against_strangers),
        total,
        chance,
        fitted.link_at,
        fitted.review_at,
        names,
        f"two persons: {apart}" if apart else pair_verdict(outcome),
        link_bits,
        fitted.weight_at(fitted.review_at),
        "apart" if apart else outcome,
        nearest=None if names else _nearest(rules, keys),
        changes=() if chance >= fitted.link_at else _changes(standard, fitted, fields, total),
    )


def rarity_bits(encoded: Encoded, table: Table, f: int, g: int, h: int, level: int) -> float:
    """Bits that a field adds for how rare what two values share is, as the kernel adds them.

    Parameters
    ----------
    f : the field
    g, h : numbers of the two values, -1 missing
    """
    from mpi.score._kernels_weight import telling_word

    base = int(encoded.base[f])
    places = base + g, base + h
    if (level > 0 and g == h) or (level >= SLIP and encoded.comparisons[f].form == Form.NAME):
        return float(min(table.adjust[place, 0] for place in places))
    if level <= 0 or table.word_at[f] < 0:
        return 0.0
    values = encoded.values
    return float(
        telling_word(values.info, values.words, table.word, int(table.word_at[f]), *places)
    )


def _nearest(rules: list[Rule], keys: dict[str, Key]) -> NearestRule | None:
    """The rule with the fewest keys that the two rows do not share; of equal ones that with the
    most that they do share, then the first."""
    best: NearestRule | None = None
    nearest = (0, 0)
    for rule in rules:
        differ: list[str] = []
        lacking: list[str] = []
        for name in rule.keys:
            one, two = keys[name].codes[:2].tolist()
            if min(one, two) < 0:
                lacking.append(name)
            elif one != two:
                differ.append(name)
        apart = len(differ) + len(lacking)
        away = (apart, apart - len(rule.keys))
        if best is None or away < nearest:
            best, nearest = NearestRule(rule.name, tuple(differ), tuple(lacking)), away
    return best


def _changes(
    standard: StandardTable, fitted: Model, fields: list[ExplainedField], total: float
) -> tuple[Change, ...]:
    """Score the pair again for each field, as if both records held the value of either.

    The kernel weighs them, so that whatever depends on several fields counts as it would.
    """
    from mpi.score._kernels import score_pairs
    from mpi.score.learn import make_table

    column_of = {c.field.name: c for c in standard.columns}
    asked: list[tuple[int, int]] = []  # field, and whose value is taken over by the other
    for f, field in enumerate(fields):
        codes = column_of[field.name].codes
        if codes[0] != codes[1]:
            asked += [(f, giver) for giver in (0, 1) if codes[giver] >= 0]
    if not asked:
        return ()
    n = 2 + len(asked)
    taker = np.array([0, 1, *(1 - giver for _, giver in asked)])
    columns = []
    for column in standard.columns:
        codes = column.codes[taker]
        for k, (f, giver) in enumerate(asked):
            if fields[f].name == column.field.name:
                codes[2 + k] = column.codes[giver]
        columns.append(replace(column, codes=codes))
    # Each a source of its own, so that equal ones stay several rows.
    imagined = replace(standard, columns=tuple(columns), source=np.arange(n, dtype=np.int32))
    encoded = encode(imagined, tuple(c.comparison for c in fitted.comparisons), across=True)
    table = make_table(fitted, encoded)._replace(least=-np.inf)
    left = np.array([giver for _, giver in asked], np.int64)
    right = np.arange(2, n)
    weight, pattern = np.empty(n - 2, np.float32), np.empty(n - 2, np.uint64)
    score_pairs(encoded.values, table, left, right, weight, pattern)
    needed = np.float32(fitted.weight_at(fitted.link_at))
    found = []
    for f in dict.fromkeys(f for f, _ in asked):
        then = min(weight[k] for k, (g, _) in enumerate(asked) if g == f)
        gain = float(then) - total
        if gain > 0.0:
            field = fields[f]
            enough = bool(then >= needed)
            found.append(Change(field.name, field.level, field.label, gain, float(then), enough))
    return tuple(sorted(found, key=lambda c: (not c.enough, c.gain if c.enough else -c.gain)))


def why_apart(two: RecordTable) -> str:
    """What two records say against being of one person, whatever they have in common; or nothing.

    Parameters
    ----------
    two : a table of two records
    """
    apart = known_apart(two)
    return REASONS[int(apart.reason[0])] if len(apart) else ""


def _two(records: RecordTable, a: tuple[str, str], b: tuple[str, str]) -> RecordTable:
    if a == b:
        raise UsageError(f"{a[0]}:{a[1]} was given twice; explain compares two records")
    rows = []
    for source, record_id in (a, b):
        here = pc.and_(
            pc.equal(records.data["source"], source), pc.equal(records.data["record_id"], record_id)
        )
        row = pc.index(here, True).as_py()
        if row < 0:
            raise UsageError(f"there is no record {source}:{record_id}")
        rows.append(row)
    return replace(records, data=records.data.take(pa.array(rows)))


def _raw(two: RecordTable, name: str) -> tuple[str | None, str | None]:
    if name not in two.data.column_names:
        return None, None
    first, second = two.data[name].to_pylist()
    return first, second
