"""Rows, their candidate pairs and a model to score them with."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mpi.block.candidates import Candidates, make_candidates, make_keys, narrowing_order
from mpi.block.keys import Key
from mpi.block.rules import Rule, choose_rules
from mpi.cluster.apart import Apart
from mpi.encode.comparisons import choose_comparisons
from mpi.encode.rows import Encoded
from mpi.errors import UnusableInputError
from mpi.linkage.apart import encode_apart, known_apart
from mpi.records.table import Field, RecordTable
from mpi.score.model import Model
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise.table import StandardColumn, StandardTable

_PAIRS_PER_ROW = 20.0
_FEW_PAIRS = 1_000_000.0


@dataclass(frozen=True)
class Prepared:
    """Rows, their candidates and the model to score them with.

    apart : rows that are known to be two persons
    """

    encoded: Encoded
    apart: Apart
    candidates: Candidates
    model: Model
    quality: dict[str, float]
    messages: list[str]


def threads_of(settings: Settings) -> int:
    """Threads to work with: as set, or one a core."""
    return settings.threads or len(os.sched_getaffinity(0))


def prepare(
    standard: StandardTable,
    records: RecordTable,
    settings: Settings,
    fixed: Model | None,
    stages: Stages,
    across: bool,
) -> Prepared:
    """Encode the records, choose rules and learn a model, or take them from a fixed one."""
    from mpi.score.learn import learn

    messages = list(standard.messages)
    with stages.stage("encoding", total=len(standard)) as advance:
        if fixed is not None:
            comparisons = tuple(c.comparison for c in fixed.comparisons)
            standard = complete(standard, fixed)
        else:
            comparisons, left_out = choose_comparisons(standard)
            messages += left_out
        if not comparisons:
            raise UnusableInputError(
                "no column holds a value that tells who a record is about; the columns are "
                + ", ".join(f.column for f in records.fields)
            )
        encoded, apart = encode_apart(standard, comparisons, known_apart(records), across=across)
        advance(len(standard))
    with stages.stage("blocking", total=len(standard)) as advance:
        if fixed is not None:
            rules = [Rule(tuple(keys)) for keys in fixed.rules]
            narrowing, max_block = fixed.narrowing, fixed.max_block
            wanted = [*narrowing, *(k for r in rules for k in r.keys)]
            keys = make_keys(encoded, wanted, threads=threads_of(settings))
        else:
            keys = make_keys(encoded, threads=threads_of(settings))
            narrowing, max_block = narrowing_order(list(keys.values())), settings.max_block
            rules = _rules(encoded, keys, settings)
        candidates = make_candidates(
            encoded,
            keys,
            rules,
            narrowing,
            max_block=max_block,
            across=across,
            threads=threads_of(settings),
        )
        advance(len(standard))
    for crowded in candidates.narrowed:
        added = ", ".join(crowded.by) or "nothing"
        messages.append(
            f"blocking rule '{crowded.rule}' put {crowded.rows:,} records into blocks of more than "
            f"{max_block:,}; they were narrowed by {added}"
            + (f", {crowded.lost:,} lacked a value for that" if crowded.lost else "")
            + (f", {crowded.chained:,} compared with neighbours only" if crowded.chained else "")
        )
    if fixed is not None:
        return Prepared(encoded, apart, candidates, fixed, {}, messages)
    with stages.stage("learning", total=len(rules)) as advance:
        learnt = learn(encoded, candidates, settings, threads=threads_of(settings), advance=advance)
    messages += learnt.messages
    model = Model(
        comparisons=learnt.comparisons,
        prior=learnt.prior,
        relative=learnt.relative,
        link_at=learnt.link_at,
        review_at=learnt.review_at,
        largest=0,
        rules=[list(r.keys) for r in rules],
        narrowing=narrowing,
        max_block=max_block,
        placeholders=_by_field(standard),
        layouts=dict(standard.layouts),
        locale=standard.locale,
        kinds={f.column: f.kind for f in records.fields},
    )
    expected = {
        "expected_precision": learnt.expected.precision,
        "expected_recall_of_candidates": learnt.expected.recall,
        "expected_f1": learnt.expected.f1,
    }
    quality = {name: value for name, value in expected.items() if np.isfinite(value)}
    return Prepared(encoded, apart, candidates, model, quality, messages)


def _rules(encoded: Encoded, keys: dict[str, Key], settings: Settings) -> list[Rule]:
    if settings.rules is not None:
        make_keys(encoded, [k for rule in settings.rules for k in rule])
        return [Rule(tuple(rule)) for rule in settings.rules]
    budget = max(_PAIRS_PER_ROW, _FEW_PAIRS / encoded.n_rows)
    return list(
        choose_rules(list(keys.values()), encoded.n_rows, seed=settings.seed, pairs_per_row=budget)
    )


def _by_field(standard: StandardTable) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for placeholder in standard.placeholders:
        out.setdefault(placeholder.field, []).append(placeholder.value)
    return out


def complete(standard: StandardTable, model: Model) -> StandardTable:
    """Add empty columns for fields of the model that tonight's records do not have."""
    have = {c.field.name for c in standard.columns}
    missing = tuple(
        StandardColumn(
            Field(c.name, c.kind, c.name, "model"),
            c.form,
            np.full(len(standard), -1, np.int32),
            pa.array([], pa.string()),
            np.zeros(0, np.int64),
            {},
        )
        for c in model.comparisons
        if c.name not in have
    )
    return replace(standard, columns=standard.columns + missing)
