"""Rows, their candidate pairs and a model to score them with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.block.candidates import Candidates, make_candidates, make_keys, narrowing_order
from mpi.block.keys import Key
from mpi.block.rules import Rule, choose_rules
from mpi.cluster.apart import Apart
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.encode.comparisons import Comparison, choose_comparisons
from mpi.encode.rows import Encoded
from mpi.errors import UnusableInputError, UsageError
from mpi.linkage.apart import encode_apart, known_apart
from mpi.linkage.known import KnownModel, keep_model, known_model
from mpi.linkage.memory import check_memory, room_of_rows
from mpi.linkage.rules import model_keys, rules_of
from mpi.linkage.told import overruled, unknown_sources, unknown_to
from mpi.records.table import Field, RecordTable
from mpi.score.calibrate import calibrated, fit_calibration
from mpi.score.labels import SAME, UNTOLD, Labels
from mpi.score.model import Model
from mpi.score.thresholds import Expected, choose_thresholds
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import standardise
from mpi.standardise.table import StandardColumn, StandardTable

if TYPE_CHECKING:
    from mpi.score.learn import Learnt

Rows = npt.NDArray[np.int64]

_PAIRS_PER_ROW = 20.0
_FEW_PAIRS = 1_000_000.0
# Labelled candidates down to this probability say how right probabilities are.
_LOOKED_AT = 0.001


@dataclass(frozen=True)
class Prepared:
    """Rows, their candidates and the model to score them with.

    apart : rows that are known, or were decided, to be two persons
    decided : rows that were decided to be one person
    single : bool[n_sources], sources of which a person has one record at most
    expected : what the model itself states of its candidates; empty for a fixed one
    learning : what learning showed, plain values; empty for a fixed model
    left_out : field -> why it is not compared
    keys : those that the model's rules and its narrowing ask for, where they are to be kept
    """

    encoded: Encoded
    apart: Apart
    decided: tuple[Rows, Rows]
    single: npt.NDArray[np.bool_]
    candidates: Candidates
    model: Model
    expected: dict[str, float]
    learning: dict[str, Any]
    left_out: dict[str, str]
    messages: list[str]
    keys: dict[str, Key] = field(default_factory=dict)


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
    labels: Labels | None = None,
    decided: Decided = UNDECIDED,
    *,
    keep: bool = False,
) -> Prepared:
    """Encode the records, choose rules and learn a model, or take them from a fixed one.

    Parameters
    ----------
    labels : of records, to learn m and calibrate probabilities with
    decided : what persons decided about the records
    keep : `Prepared.keys`

    Raises
    ------
    UsageError
        A fixed model is for other fields.
    """
    from mpi.score.learn import learn

    messages = list(standard.messages)
    left_out: dict[str, str] = {}
    with stages.stage("encoding", total=len(standard)) as advance:
        if fixed is not None:
            messages += overruled(settings, fixed)
            check_fields(standard, fixed)
            comparisons = tuple(c.comparison for c in fixed.comparisons)
            left_out = unknown_to(standard, fixed)
            standard = complete(standard, fixed)
        else:
            comparisons, said = choose_comparisons(standard)
            left_out = dict(m.split(": left out of the comparison, ", 1) for m in said)
        if not comparisons:
            raise UnusableInputError(
                "no column holds a value that tells who a record is about; the columns are "
                + ", ".join(f.column for f in records.fields)
            )
        check_memory(len(standard), len(comparisons), settings, stages.scratch)
        listed = settings.duplicate_free if fixed is None else fixed.duplicate_free
        single = np.array([across or name in listed for name in standard.sources], np.bool_)
        messages += unknown_sources(listed, standard.sources)
        threads = threads_of(settings)
        rows = encode_records(
            standard,
            comparisons,
            records,
            decided,
            single,
            threads=threads,
            scratch=stages.scratch,
        )
        encoded = rows.encoded
        advance(len(standard))
    known = None if fixed is not None else known_model(stages.pieces)
    with stages.stage("blocking", total=len(standard)) as advance:
        ruled = fixed if known is None else known.model
        if ruled is not None:
            rules = rules_of(ruled)
            keys = model_keys(encoded, ruled, threads, stages.scratch)
            narrowing, max_block = ruled.narrowing, ruled.max_block
        else:
            keys = make_keys(encoded, threads=threads, scratch=stages.scratch)
            narrowing, max_block = narrowing_order(list(keys.values())), settings.max_block
            rules = _rules(encoded, keys, settings)
        candidates = make_candidates(
            encoded,
            keys,
            rules,
            narrowing,
            max_block=max_block,
            across=across,
            threads=threads,
            scratch=stages.scratch,
        )
        asked = {*narrowing, *(name for rule in rules for name in rule.keys)} if keep else ()
        kept = {name: keys[name] for name in keys if name in asked}
        del keys  # the candidates hold those that their rules ask for
        advance(len(standard))
    if fixed is not None:
        return Prepared(*rows, candidates, fixed, {}, {}, left_out, messages, kept)
    if known is not None:
        told, facts, messages = known.expected, known.learning, messages + known.messages
        return Prepared(*rows, candidates, known.model, told, facts, left_out, messages, kept)
    before = len(messages)
    of_rows = None if labels is None else labels.of_rows(encoded.row_of, encoded.n_rows)
    with stages.stage("learning", total=len(rules)) as advance:
        learnt = learn(
            encoded,
            candidates,
            settings,
            threads=threads_of(settings),
            advance=advance,
            labels=of_rows,
            room=room_of_rows(encoded, candidates, settings, stages.scratch),
        )
        model = Model(
            comparisons=learnt.comparisons,
            prior=learnt.prior,
            relative=learnt.relative,
            twin=learnt.twin,
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
            duplicate_free=sorted(listed),
            precision=settings.precision,
            doubts=list(learnt.diagnosis.doubts),
        )
        expected = learnt.expected
        if of_rows is not None:
            model, expected, said = _calibrated(
                encoded, candidates, model, learnt, of_rows, settings
            )
            messages += said
    messages += learnt.diagnosis.notes
    stated = {
        "precision": expected.precision,
        "recall_of_candidates": expected.recall,
        "f1": expected.f1,
    }
    told = {name: round(value, 6) for name, value in stated.items() if np.isfinite(value)}
    facts = learnt.diagnosis.facts
    keep_model(stages.pieces, KnownModel(model, told, facts, messages[before:]))
    return Prepared(*rows, candidates, model, told, facts, left_out, messages, kept)


class EncodedRecords(NamedTuple):
    """The first parts of `Prepared`."""

    encoded: Encoded
    apart: Apart
    decided: tuple[Rows, Rows]
    single: npt.NDArray[np.bool_]


def encode_records(
    standard: StandardTable,
    comparisons: tuple[Comparison, ...],
    records: RecordTable,
    decided: Decided,
    single: npt.NDArray[np.bool_],
    own: Rows | None = None,
    *,
    threads: int = 1,
    scratch: Scratch | None = None,
) -> EncodedRecords:
    """Records as rows: no row holds two that are known, or were decided, to be two persons.

    Parameters
    ----------
    own : records that get a row of their own; those that were decided about if not given
    """
    known = decided.overrule(known_apart(records))
    if own is None and len(decided):
        own = decided.records
    by_source = bool(single.any())
    encoded, apart = encode_apart(
        standard,
        comparisons,
        known,
        across=by_source,
        own=own,
        threads=threads,
        scratch=scratch,
    )
    one_person = (encoded.row_of[decided.left], encoded.row_of[decided.right])
    return EncodedRecords(encoded, apart, one_person, single)


def _calibrated(
    encoded: Encoded,
    candidates: Candidates,
    model: Model,
    learnt: Learnt,
    labels: Labels,
    settings: Settings,
) -> tuple[Model, Expected, list[str]]:
    """The model with probabilities that are right on labelled candidates, and new thresholds."""
    from mpi.score.learn import make_table
    from mpi.score.walk import score_candidates

    low = msgspec.structs.replace(model, review_at=min(_LOOKED_AT, model.review_at))
    scored = score_candidates(
        encoded,
        candidates,
        make_table(low, encoded),
        threads=threads_of(settings),
        advance=lambda _: None,
    )
    told = labels.told(scored.left, scored.right)
    judged = told != UNTOLD
    fitted = fit_calibration(scored.weight[judged], told[judged] == SAME)
    if fitted is None:
        many = f"{int(judged.sum()):,} candidate pairs"
        note = f"labels judge {many}, too few or too much alike to calibrate probabilities by"
        return model, learnt.expected, [note]
    posterior = calibrated(learnt.posterior, fitted)
    expected, link_at, review_at = choose_thresholds(posterior, learnt.counts, settings)
    model = msgspec.structs.replace(
        model, calibration=fitted, link_at=link_at, review_at=min(review_at, link_at)
    )
    note = f"probabilities are calibrated on {int(judged.sum()):,} labelled candidate pairs"
    return model, expected, [note]


def check_fields(standard: StandardTable, model: Model) -> None:
    """Refuse a model that is for other fields than the records have.

    Records may lack some of its fields, since not every extract fills all.

    Raises
    ------
    UsageError
        None of its fields is there, or one of them is of another form.
    """
    have = {c.field.name: c for c in standard.columns}
    wanted = [c.name for c in model.comparisons]
    if not set(wanted) & set(have):
        raise UsageError(
            f"the model compares {', '.join(wanted) or 'nothing'}; the records have "
            f"{', '.join(have) or 'nothing to compare'}, none of these; "
            "fit a new model, or name the kinds of the columns in the settings"
        )
    differing = [
        f"{c.name} is a {c.form.value} in the model and a {have[c.name].form.value} in the records"
        for c in model.comparisons
        if c.name in have and have[c.name].form != c.form
    ]
    if differing:
        raise UsageError(
            f"the model is for other fields: {'; '.join(differing)}; fit a new model, or name the "
            "kinds of the columns in the settings"
        )


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


def standardised(records: RecordTable, model: Model, *, threads: int = 0) -> StandardTable:
    """Records in standard form, as the model reads them."""
    return standardise(
        records,
        Settings(locale=model.locale, threads=threads),
        placeholders=model.placeholders,
        layouts=model.layouts,
    )


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
