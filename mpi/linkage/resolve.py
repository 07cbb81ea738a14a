"""Which records are one person: standardise, block, compare, score, cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.block.candidates import Candidates, make_candidates, make_keys, narrowing_order
from mpi.block.keys import Key
from mpi.block.rules import Rule, choose_rules
from mpi.cluster.guard import cluster_rows, usual_largest
from mpi.compare.comparisons import choose_comparisons
from mpi.compare.encode import Encoded, encode
from mpi.compare.patterns import unpack
from mpi.errors import UnusableInputError
from mpi.linkage.resolution import Pairs, Resolution
from mpi.records.table import Field, RecordTable
from mpi.score.model import Model, probability, read_model, weight_of
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import standardise
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels import Table

_PAIRS_PER_ROW = 20.0
_FEW_PAIRS = 1_000_000.0
_SUSPICIOUS = 200


@dataclass(frozen=True)
class _Prepared:
    """Rows, their candidates and the model to score them with."""

    encoded: Encoded
    candidates: Candidates
    model: Model
    quality: dict[str, float]
    messages: list[str]


def resolve(
    records: RecordTable,
    settings: Settings | None = None,
    *,
    model: bytes | None = None,
    stages: Stages | None = None,
    across: bool = False,
) -> Resolution:
    """Find out which records are one person.

    Parameters
    ----------
    model : JSON of an earlier model; nothing is learnt then: placeholders, layouts, rules, m, u
        and thresholds are the model's
    across : only pairs of two sources, and at most one record of a source to a person

    Returns
    -------
    Resolution
        The same for the same records, settings and model, whatever the number of threads.

    Raises
    ------
    UnusableInputError
        Nothing in the records can be compared.
    """
    settings = settings or Settings()
    stages = stages or Stages()
    fixed = read_model(model) if model is not None else None
    if len(records) == 0:
        raise UnusableInputError("there is no usable record; every row was quarantined or deleted")
    with stages.stage("standardising", total=len(records)) as advance:
        standard = standardise(
            records,
            settings,
            placeholders=fixed.placeholders if fixed else None,
            layouts=fixed.layouts if fixed else None,
        )
        advance(len(records))
    prepared = _prepare(standard, records, settings, fixed, stages, across)
    return _decide(records, standard, prepared, settings, stages)


def threads_of(settings: Settings) -> int:
    """Threads to work with: as set, or one a core."""
    return settings.threads or len(os.sched_getaffinity(0))


def _prepare(
    standard: StandardTable,
    records: RecordTable,
    settings: Settings,
    fixed: Model | None,
    stages: Stages,
    across: bool,
) -> _Prepared:
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
                "no column holds values that differ between records, so nothing tells persons "
                "apart; the columns are " + ", ".join(f.column for f in records.fields)
            )
        encoded = encode(standard, comparisons, across=across)
        advance(len(standard))
    with stages.stage("blocking", total=len(standard)) as advance:
        if fixed is not None:
            rules = [Rule(tuple(keys)) for keys in fixed.rules]
            narrowing, max_block = fixed.narrowing, fixed.max_block
            keys = make_keys(encoded, [*narrowing, *(k for r in rules for k in r.keys)])
        else:
            keys = make_keys(encoded)
            narrowing, max_block = narrowing_order(list(keys.values())), settings.max_block
            rules = _rules(encoded, keys, settings)
        candidates = make_candidates(
            encoded, keys, rules, narrowing, max_block=max_block, across=across
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
        return _Prepared(encoded, candidates, fixed, {}, messages)
    with stages.stage("learning", total=len(rules)) as advance:
        learnt = learn(encoded, candidates, settings, threads=threads_of(settings), advance=advance)
    messages += learnt.messages
    model = Model(
        comparisons=learnt.comparisons,
        prior=learnt.prior,
        link_at=learnt.link_at,
        review_at=learnt.review_at,
        largest=0,
        rules=[list(r.keys) for r in rules],
        narrowing=narrowing,
        max_block=max_block,
        placeholders=_by_field(standard),
        layouts=dict(standard.layouts),
        kinds={f.column: f.kind for f in records.fields},
    )
    quality = {
        "expected_precision": learnt.expected.precision,
        "expected_recall_of_candidates": learnt.expected.recall,
        "expected_f1": learnt.expected.f1,
    }
    return _Prepared(encoded, candidates, model, quality, messages)


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


def _decide(
    records: RecordTable,
    standard: StandardTable,
    prepared: _Prepared,
    settings: Settings,
    stages: Stages,
) -> Resolution:
    from mpi.score.learn import make_table
    from mpi.score.walk import score_candidates

    encoded, candidates, model = prepared.encoded, prepared.candidates, prepared.model
    table = make_table(model, encoded)
    with stages.stage("comparing", total=candidates.keys.shape[1]) as advance:
        scored = score_candidates(
            encoded, candidates, table, threads=threads_of(settings), advance=advance
        )
    with stages.stage("clustering", total=len(scored.left)) as advance:
        strong = scored.weight >= np.float32(weight_of(model.link_at))
        left, right = scored.left[strong], scored.right[strong]
        largest = model.largest or usual_largest(encoded.n_rows, left, right)
        clusters = cluster_rows(
            encoded, left, right, scored.weight[strong], largest=largest, across=candidates.across
        )
        advance(len(scored.left))
    reason = np.ones(len(strong), np.int8)
    reason[strong] = clusters.refused
    together = clusters.cluster[scored.left] == clusters.cluster[scored.right]
    kept = (reason == 0) | ~together
    levels = unpack(scored.pattern[kept], table.radix)
    pairs = Pairs(
        encoded.first[scored.left[kept]],
        encoded.first[scored.right[kept]],
        scored.weight[kept],
        probability(scored.weight[kept]),
        levels,
        rule_bits(candidates, scored.left[kept], scored.right[kept]),
        reason[kept],
    )
    pairs, cluster = _with_copies(pairs, clusters.cluster, prepared, table)
    model = _with_largest(model, largest)
    messages = prepared.messages
    biggest = int(np.bincount(cluster).max())
    if biggest >= _SUSPICIOUS:
        messages.append(f"one person has {biggest:,} records, which is suspicious")
    return Resolution(
        records=records,
        cluster=cluster,
        links=_select(pairs, pairs.reason == 0),
        review=_select(pairs, pairs.reason != 0),
        comparisons=tuple(c.name for c in model.comparisons),
        rules=tuple(Rule(tuple(keys)).name for keys in model.rules),
        model=model.to_json(),
        model_summary=model.summary(),
        quality=prepared.quality,
        messages=tuple(messages),
        compared=scored.compared,
        placeholders=standard.placeholders,
    )


def _with_largest(model: Model, largest: int) -> Model:
    import msgspec

    return model if model.largest else msgspec.structs.replace(model, largest=largest)


def rule_bits(
    candidates: Candidates, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """uint64[n_pairs], bit r set where rule r makes the pair of rows."""
    bits = np.zeros(len(left), np.uint64)
    for r in range(candidates.keys.shape[1]):
        column = candidates.keys[:, r]
        same = (column[left] == column[right]) & (column[left] != 0)
        bits |= same.astype(np.uint64) << np.uint64(r)
    return bits


def _with_copies(
    pairs: Pairs, row_cluster: npt.NDArray[np.int64], prepared: _Prepared, table: Table
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """Spread the clusters of rows over records, and link the copies of a row to its first.

    Copies whose common content is too little to tell a person stay apart, and are asked about
    where that is worth it. `across`, copies are of one source and stay apart.
    """
    from mpi.score._kernels import score_pairs

    encoded, model = prepared.encoded, prepared.model
    n = len(encoded.row_of)
    cluster = encoded.first[row_cluster[encoded.row_of]]
    copy = np.flatnonzero(encoded.first[encoded.row_of] != np.arange(n))
    if len(copy) == 0:
        return pairs, cluster
    rows, which = np.unique(encoded.row_of[copy], return_inverse=True)
    weight, pattern = np.empty(len(rows), np.float32), np.empty(len(rows), np.uint64)
    score_pairs(encoded.values, table, rows, rows, weight, pattern)
    linked = weight >= np.float32(weight_of(model.link_at))
    if prepared.candidates.across:
        linked[:] = False
        weight[:] = -np.inf
    alone = copy[~linked[which]]
    cluster[alone] = alone
    shown = weight[which] >= np.float32(weight_of(min(model.review_at, model.link_at)))
    copy, which = copy[shown], which[shown]
    added = Pairs(
        encoded.first[rows[which]],
        copy,
        weight[which],
        probability(weight[which]),
        unpack(pattern[which], table.radix),
        rule_bits(prepared.candidates, rows[which], rows[which]),
        np.where(linked[which], 0, 1).astype(np.int8),
    )
    return _merge(pairs, added), cluster


def _merge(one: Pairs, two: Pairs) -> Pairs:
    parts = [np.concatenate([getattr(one, name), getattr(two, name)]) for name in _COLUMNS]
    joined = Pairs(*parts)
    return _select(joined, np.lexsort((joined.right, joined.left)))


_COLUMNS = ("left", "right", "weight", "probability", "levels", "rules", "reason")


def _select(pairs: Pairs, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Pairs:
    return Pairs(*(getattr(pairs, name)[which] for name in _COLUMNS))
