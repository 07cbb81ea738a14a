"""A night's changes among linked records: only what they touch is decided again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mpi.block.blocks import narrow_known, rule_keys
from mpi.block.candidates import known_candidates
from mpi.linkage.kept import hashes_of, kept_columns
from mpi.linkage.prepare import (
    Prepared,
    check_fields,
    complete,
    encode_records,
    standardised,
    threads_of,
)
from mpi.linkage.quality import Trust
from mpi.linkage.resolution import Resolution, no_pairs, pair_table
from mpi.linkage.resolve import decide
from mpi.linkage.rules import model_keys, rules_of
from mpi.linkage.state import Slots, State, make_segment
from mpi.linkage.told import columns_used, overruled, unknown_sources, unknown_to
from mpi.linkage.touched import Decisions, Touched, gather, touch
from mpi.records.table import RecordTable
from mpi.score.model import Model, read_model
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise.table import StandardTable


@dataclass(frozen=True)
class Change:
    """What a night brings.

    fresh : new records, and changed ones as they are now, in the order of their keys
    gone : `source` and `record_id` of records that left, and of changed ones
    asked : keys of records that somebody decided about tonight
    decisions : all that holds from now on
    """

    fresh: RecordTable
    gone: pa.Table
    asked: pa.Table
    decisions: Decisions


@dataclass(frozen=True)
class Changed:
    """What a change made of the persons that it touches; all others stay as they are.

    resolution : of the records that were decided again, all records of each component; its
        `records` have keys alone
    outside : pairs for review of which one record was decided again and the other was not, as
        `schema.pair_schema("review", ...)`
    listed : keys of records all of whose pairs for review are in `resolution` or `outside`
    state : for the night after
    """

    resolution: Resolution
    outside: pa.Table
    listed: pa.Table
    state: State


def resolve_change(
    state: State, change: Change, settings: Settings, *, model: bytes, stages: Stages
) -> Changed:
    """Link a night's records with those that are linked already.

    The persons are those that a linkage of all records by the same model would find (law 3).
    """
    fitted, threads = read_model(model), threads_of(settings)
    with stages.stage("standardising", total=len(change.fresh)) as advance:
        standard = _standard(change.fresh, fitted, threads)
        fresh = _compared(standard, fitted)
        keys = _conform(kept_columns(change.fresh)[0], state)
        advance(len(change.fresh))
    with stages.stage("finding what is touched", total=len(change.fresh)):
        gone, asked = (
            found[found >= 0] for found in map(state.slots_of, (change.gone, change.asked))
        )
        touched = touch(
            state,
            fitted,
            fresh,
            keys,
            gone,
            change.decisions,
            asked,
            threads=threads,
            scratch=stages.scratch,
        )
    changed = _decide(state, change, settings, fitted, fresh, keys, gone, touched, stages)
    return replace(
        changed, resolution=_told(changed.resolution, state, change, settings, fitted, standard)
    )


def _decide(
    state: State,
    change: Change,
    settings: Settings,
    model: Model,
    fresh: StandardTable,
    keys: pa.Table,
    gone: Slots,
    touched: Touched,
    stages: Stages,
) -> Changed:
    threads = threads_of(settings)
    some = gather(state, touched.slots, keys, fresh)
    if len(some.slots) == 0:  # whoever left was alone
        nothing = _nothing(some.records, model)
        segment = make_segment(fresh, keys, [np.zeros(0, np.uint64)] * len(model.rules))
        after = state.after(gone, touched.slots, touched.slots, segment, touched.crowded)
        return Changed(nothing, pair_table(nothing, "review"), touched.listed, after)
    with stages.stage("encoding", total=len(some.slots)):
        names = some.standard.sources
        single = np.array([name in model.duplicate_free for name in names], np.bool_)
        decided, own = change.decisions.among(some.records.data)
        comparisons = tuple(c.comparison for c in model.comparisons)
        rows = encode_records(some.standard, comparisons, some.records, decided, single, own)
    with stages.stage("blocking", total=len(some.slots)):
        encoded = rows.encoded
        made = model_keys(encoded, model, threads)
        extra = [made[name] for name in model.narrowing if name in made]
        hashes = [
            narrow_known(rule, rule_keys(rule, made), extra, held)
            for rule, held in zip(rules_of(model), touched.crowded, strict=True)
        ]
        candidates = known_candidates(hashes, encoded.n_rows, across=False, threads=threads)
    prepared = Prepared(*rows, candidates, model, {}, {}, {}, [])
    resolution = decide(some.records, some.standard, prepared, settings, stages, whole=False)
    with stages.stage("remembering", total=len(fresh)):
        came = np.flatnonzero(some.fresh >= 0)
        segment = make_segment(fresh, keys, hashes_of(encoded.row_of[came], model, made))
        slots = np.where(some.slots >= 0, some.slots, len(state.label) + some.fresh)
        _, labels = np.unique(resolution.component, return_inverse=True)
        after = state.after(gone, slots, labels.astype(np.int64), segment, touched.crowded)
    outside = replace(resolution, records=touched.records, review=touched.asked)
    compared = resolution.compared + touched.compared
    return Changed(
        replace(resolution, compared=compared), pair_table(outside, "review"), touched.listed, after
    )


def _nothing(records: RecordTable, model: Model) -> Resolution:
    none = no_pairs(len(model.comparisons))
    return Resolution(
        records,
        np.zeros(0, np.int64),
        none,
        none,
        tuple(c.name for c in model.comparisons),
        tuple(rule.name for rule in rules_of(model)),
        model.to_json(),
        model_summary=model.summary(),
    )


def _told(
    resolution: Resolution,
    state: State,
    change: Change,
    settings: Settings,
    model: Model,
    standard: StandardTable,
) -> Resolution:
    """With what the user is told of tonight's records; doubts are those of the model, as the few
    links of a night say nothing of the others."""
    sources = {name for segment in state.segments for name in segment.standard.sources}
    said = (
        *standard.messages,
        *overruled(settings, model),
        *unknown_sources(model.duplicate_free, sorted(sources | set(standard.sources))),
    )
    return replace(
        resolution,
        messages=(*said, *resolution.messages),
        columns=columns_used(change.fresh, standard, model, unknown_to(standard, model)),
        placeholders=standard.placeholders,
        trust=Trust(tuple(model.doubts)),
    )


def _standard(records: RecordTable, model: Model, threads: int) -> StandardTable:
    """Records in standard form.

    Raises
    ------
    UsageError
        They have other fields than the model.
    """
    if len(records) == 0:
        return StandardTable((), np.zeros(0, np.int32), (), locale=model.locale)
    standard = standardised(records, model, threads=threads)
    check_fields(standard, model)
    return standard


def _compared(standard: StandardTable, model: Model) -> StandardTable:
    """The model's fields alone, in its order."""
    standard = complete(standard, model)
    by_name = {column.field.name: column for column in standard.columns}
    columns = tuple(by_name[c.name] for c in model.comparisons)
    return replace(standard, columns=columns, messages=(), placeholders=())


def _conform(keys: pa.Table, state: State) -> pa.Table:
    """What a state keeps of the records, null in columns that did not come tonight."""
    names = state.segments[0].keys.column_names
    columns = [
        keys[name] if name in keys.column_names else pa.nulls(len(keys), pa.string())
        for name in names
    ]
    return pa.table(columns, names)
