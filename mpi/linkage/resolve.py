"""Which records are one person: standardise, block, compare, score, cluster."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.cluster.components import components
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.cluster.guard import cluster_rows, usual_largest
from mpi.compare.patterns import unpack
from mpi.encode.comparisons import choose_comparisons
from mpi.errors import UnusableInputError
from mpi.linkage.copies import Copies, rule_bits, score_copies, with_copies
from mpi.linkage.decided import with_decided
from mpi.linkage.kept import basis_of, first_state
from mpi.linkage.known import keep_standard, known_standard
from mpi.linkage.labels import Labelled, match_labels
from mpi.linkage.memory import room_of_rows
from mpi.linkage.narrowing import messages_of, pairs_missed, told_of
from mpi.linkage.prepare import Prepared, prepare, threads_of
from mpi.linkage.quality import Trust, by_source, doubts_of, row_evidence, tell_quality
from mpi.linkage.queue import left_out, most_useful, room_of
from mpi.linkage.resolution import DECIDED, DECISION, Pairs, Resolution
from mpi.linkage.rules import rules_of
from mpi.linkage.told import columns_used, queue_is_full
from mpi.linkage.warm import usual_model, warm_table
from mpi.records.table import RecordTable
from mpi.score.estimate import Evidence, contradictions, doubt_of_links
from mpi.score.labels import UNTOLD, Labels
from mpi.score.model import Model, read_model
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import standardise
from mpi.standardise.locales import LOCALES
from mpi.standardise.table import StandardTable

_SUSPICIOUS = 200
# Pairs down to this probability say how many true ones are not linked.
_TELLING = 0.05


def resolve(
    records: RecordTable,
    settings: Settings | None = None,
    *,
    model: bytes | None = None,
    stages: Stages | None = None,
    across: bool = False,
    labels: pa.Table | None = None,
    decided: Decided = UNDECIDED,
    keep: bool = False,
) -> Resolution:
    """Find out which records are one person.

    Parameters
    ----------
    model : JSON of an earlier model; nothing is learnt then: placeholders, layouts, rules, m, u
        and thresholds are the model's
    across : only pairs of two sources, and at most one record of a source to a person
    labels : pairs or persons that people decided, see `labels.match_labels`; m is learnt from them
        beside EM, and probabilities are calibrated by them. A fixed model is not changed by them
    decided : what persons decided about the records; it outranks the model
    keep : with what the next night needs, `Resolution.state`

    Returns
    -------
    Resolution
        The same for the same records, settings and model, whatever the number of threads.

    Raises
    ------
    UnusableInputError
        Nothing in the records can be compared.
    UsageError
        The model is for other fields, or the labels cannot be read.
    """
    settings = settings or Settings()
    stages = stages or Stages()
    fixed = read_model(model) if model is not None else None
    if len(records) == 0:
        raise UnusableInputError("there is no usable record; every row was quarantined or deleted")
    labelled = None if labels is None else match_labels(labels, records)
    from mpi._jit import is_cold

    if is_cold():
        with stages.stage("compiling, the first time only"):
            _compile(settings)
    return _resolve(records, settings, fixed, stages, across, labelled, decided, keep)


def compile_core() -> None:
    """Compile every kernel between standard records and their clusters."""
    _resolve(warm_table(), Settings(seed=1), None, Stages(), False)


def compile_scoring() -> None:
    """Compile what a night with a model needs of the core."""
    records, settings = warm_table(), Settings(seed=1, locale="general")
    comparisons = choose_comparisons(standardise(records, settings))[0]
    _resolve(records, settings, usual_model(comparisons), Stages(), False)


def compile_standardising() -> None:
    """Compile every kernel that brings values to standard form, in any locale."""
    for locale in LOCALES:
        standardise(warm_table(every_kind=True), Settings(locale=locale))


def _compile(settings: Settings) -> None:
    """Compile the core in a process of its own and standardising in this one, side by side.

    The compiler holds a process to one core; what it makes is shared by way of the cache. When
    standardising is done, the core's process is at learning, so this one goes on with scoring.
    """
    import subprocess
    import sys

    helper = None
    if sys.executable and threads_of(settings) > 1:
        # Without -P a file called mpi.py in the folder at hand would be taken for this package.
        code = "from mpi.linkage.resolve import compile_core; compile_core()"
        silent = subprocess.DEVNULL
        helper = subprocess.Popen(
            [sys.executable, "-P", "-c", code], stdin=silent, stdout=silent, stderr=silent
        )
    try:
        compile_standardising()
        if helper is not None:
            compile_scoring()
        if helper is None or helper.wait() != 0:
            compile_core()
    finally:
        if helper is not None:
            helper.kill()
            helper.wait()


def _resolve(
    records: RecordTable,
    settings: Settings,
    fixed: Model | None,
    stages: Stages,
    across: bool,
    labelled: Labelled | None = None,
    decided: Decided = UNDECIDED,
    keep: bool = False,
) -> Resolution:
    with stages.stage("standardising", total=len(records)) as advance:
        standard = known_standard(stages.pieces)
        if standard is None:
            standard = standardise(
                records,
                msgspec.structs.replace(settings, locale=fixed.locale) if fixed else settings,
                placeholders=fixed.placeholders if fixed else None,
                layouts=fixed.layouts if fixed else None,
                scratch=stages.scratch,
            )
            keep_standard(stages.pieces, standard)
        advance(len(records))
    labels = labelled.labels if labelled is not None else None
    prepared = prepare(
        standard, records, settings, fixed, stages, across, labels, decided, keep=keep
    )
    resolution = decide(records, standard, prepared, settings, stages, labels)
    if keep:
        basis = basis_of(prepared)
        del prepared  # which is large
        state = first_state(records, standard, basis, resolution.component, stages.scratch)
        state = replace(state, waiting=resolution.waiting)
        resolution = replace(resolution, state=state)
    if labelled is None:
        return resolution
    messages = (*resolution.messages, *labelled.messages)
    if fixed is not None:
        messages = (*messages, "the model is that of an earlier run and does not change by labels")
    return replace(resolution, messages=messages, labels=labelled.to_dict())


def decide(
    records: RecordTable,
    standard: StandardTable,
    prepared: Prepared,
    settings: Settings,
    stages: Stages,
    labels: Labels | None = None,
    *,
    whole: bool = True,
) -> Resolution:
    """Compare and cluster prepared records.

    whole : they are all records; else a part, of which every pair worth a look is asked about
    """
    from mpi.score.learn import make_table
    from mpi.score.walk import score_candidates

    encoded, candidates, model = prepared.encoded, prepared.candidates, prepared.model
    # What is missing is estimated from pairs that nobody need look at.
    low = msgspec.structs.replace(model, review_at=min(model.review_at, _TELLING))
    table = make_table(low, encoded)
    with stages.stage("comparing", total=len(candidates.blocks)) as advance:
        scored = score_candidates(
            encoded,
            candidates,
            table,
            threads=threads_of(settings),
            advance=advance,
            room=room_of_rows(encoded, candidates, settings, stages.scratch),
            pieces=stages.pieces,
        )
        scored, made = with_decided(scored, prepared, table)
    with stages.stage("clustering", total=len(scored.left)) as advance:
        strong = (scored.weight >= np.float32(model.weight_at(model.link_at))) | made
        left, right = scored.left[strong], scored.right[strong]
        joined = components(encoded.n_rows, left, right)
        largest = model.largest or usual_largest(encoded.n_rows, left, right)
        clusters = cluster_rows(
            encoded,
            left,
            right,
            scored.weight[strong],
            largest=largest,
            single=prepared.single,
            apart=prepared.apart,
            decided=made[strong],
        )
        advance(len(scored.left))
    reason = np.ones(len(strong), np.int8)
    reason[strong] = clusters.refused
    every = Pairs(
        scored.left,
        scored.right,
        scored.weight,
        model.chance(scored.weight),
        unpack(scored.pattern, table.radix),
        rule_bits(candidates, scored.left, scored.right)
        | (made.astype(np.uint64) << np.uint64(len(model.rules))),
        reason,
    )
    copies = score_copies(prepared, table)
    sure = _sure(every, model)
    quality, found = tell_quality(_evidence(prepared, sure, clusters.cluster, copies, labels))
    together = clusters.cluster[scored.left] == clusters.cluster[scored.right]
    kept = (reason == 0) | ~together
    kept &= strong | (every.probability >= model.review_at)
    # Of two persons that hardly look like one there is nothing to ask, nor of what was decided.
    known = prepared.apart.reason_of(scored.left, scored.right)
    kept &= (strong | (known == 0)) & (known != DECIDED)
    pairs, cluster = with_copies(every.take(kept), clusters.cluster, prepared, copies)
    links, asked = pairs.take(pairs.reason == 0), pairs.take(pairs.reason != 0)
    room = room_of(settings, len(records), int((asked.reason > 1).sum())) if whole else None
    useful = most_useful(asked.weight, asked.reason, room)
    quality["model"] = prepared.expected
    stands = reason == 0
    lost = pairs_missed(candidates, every.left[stands], every.right[stands], every.rules[stands])
    quality["narrowed"] = told_of(candidates, lost)
    comparisons = tuple(c.comparison for c in model.comparisons)
    doubt = doubt_of_links(
        _sure(links, model).probability, contradictions(links.levels, comparisons)
    )
    quality["by_source"] = by_source(
        standard.sources,
        standard.source,
        links.left,
        links.right,
        1.0 - doubt,
        links.levels,
        comparisons,
    )
    model = msgspec.structs.replace(model, largest=largest)
    return Resolution(
        records=records,
        cluster=cluster,
        links=links,
        review=asked.take(useful),
        comparisons=tuple(c.name for c in model.comparisons),
        rules=tuple(rule.name for rule in rules_of(model)) + ((DECISION,) if made.any() else ()),
        model=model.to_json(),
        model_summary=model.summary(),
        quality=quality,
        messages=(
            *messages_of(quality["narrowed"], model.max_block),
            *_messages(prepared, cluster, int((~useful).sum()), int(useful.sum())),
        ),
        compared=scored.compared,
        placeholders=standard.placeholders,
        trust=Trust(doubts_of(model, found, len(links.left)), prepared.learning),
        columns=columns_used(records, standard, model, prepared.left_out) if whole else (),
        left_out=int((~useful).sum()),
        waiting=left_out(asked.weight, asked.reason, useful),
        component=encoded.first[joined[encoded.row_of]],
    )


def _sure(pairs: Pairs, model: Model) -> Pairs:
    """The pairs with those that a person made as certain as anything is."""
    made = (pairs.rules >> np.uint64(len(model.rules))) & np.uint64(1) == 1
    return replace(pairs, probability=np.where(made, 1.0, pairs.probability))


def _evidence(
    prepared: Prepared,
    pairs: Pairs,
    cluster: npt.NDArray[np.int64],
    copies: Copies,
    labels: Labels | None,
) -> Evidence:
    """What the scored pairs of rows, and the copies of each row, show."""
    encoded, model = prepared.encoded, prepared.model
    records = np.ones(encoded.n_rows)
    rows = copies.rows[copies.linked]
    records[rows] = encoded.copies[rows]
    seen = np.flatnonzero((pairs.reason == 0) | (pairs.probability >= _TELLING))
    against = contradictions(pairs.levels[seen], tuple(c.comparison for c in model.comparisons))
    left = np.concatenate([pairs.left[seen], rows])
    right = np.concatenate([pairs.right[seen], rows])
    found = row_evidence(
        left,
        right,
        cluster,
        records,
        probability=np.append(pairs.probability[seen], model.chance(copies.weight[copies.linked])),
        linked=np.append(
            pairs.weight[seen] >= np.float32(model.weight_at(model.link_at)),
            np.ones(len(rows), bool),
        ),
        contradicted=np.append(against, np.zeros(len(rows), bool)),
        rules=np.append(pairs.rules[seen], rule_bits(prepared.candidates, rows, rows)),
    )
    if labels is None:
        return found
    told = labels.of_rows(encoded.row_of, encoded.n_rows).told(left, right)
    return replace(found, told=np.where(left == right, UNTOLD, told).astype(np.int8))


def _messages(
    prepared: Prepared, cluster: npt.NDArray[np.int64], left_out: int, asked: int
) -> tuple[str, ...]:
    messages = list(prepared.messages)
    biggest = int(np.bincount(cluster).max())
    if biggest >= _SUSPICIOUS:
        messages.append(f"one person has {biggest:,} records, which is suspicious")
    return (*messages, *queue_is_full(left_out, asked))
