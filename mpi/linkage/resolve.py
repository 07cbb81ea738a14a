"""Which records are one person: standardise, block, compare, score, cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from mpi.block.blocks import ALONE
from mpi.block.candidates import Candidates
from mpi.block.rules import Rule
from mpi.cluster.guard import cluster_rows, usual_largest
from mpi.compare.patterns import unpack
from mpi.errors import UnusableInputError
from mpi.linkage.prepare import Prepared, prepare, threads_of
from mpi.linkage.resolution import Pairs, Resolution
from mpi.linkage.warm import warm_table
from mpi.records.table import RecordTable
from mpi.score.model import Model, probability, read_model, weight_of
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import standardise
from mpi.standardise.locales import LOCALES
from mpi.standardise.table import StandardTable

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table

_SUSPICIOUS = 200


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
    from mpi._jit import is_cold

    if is_cold():
        with stages.stage("compiling, the first time only"):
            _compile(settings)
    return _resolve(records, settings, fixed, stages, across)


def compile_core() -> None:
    """Compile every kernel between standard records and their clusters."""
    _resolve(warm_table(), Settings(seed=1), None, Stages(), False)


def compile_standardising() -> None:
    """Compile every kernel that brings values to standard form, in any locale."""
    for locale in LOCALES:
        standardise(warm_table(every_kind=True), Settings(locale=locale))


def _compile(settings: Settings) -> None:
    """Compile the core in a process of its own and standardising in this one, side by side.

    The compiler holds a process to one core; what it makes is shared by way of the cache.
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
) -> Resolution:
    with stages.stage("standardising", total=len(records)) as advance:
        standard = standardise(
            records,
            msgspec.structs.replace(settings, locale=fixed.locale) if fixed else settings,
            placeholders=fixed.placeholders if fixed else None,
            layouts=fixed.layouts if fixed else None,
        )
        advance(len(records))
    prepared = prepare(standard, records, settings, fixed, stages, across)
    return _decide(records, standard, prepared, settings, stages)


def _decide(
    records: RecordTable,
    standard: StandardTable,
    prepared: Prepared,
    settings: Settings,
    stages: Stages,
) -> Resolution:
    from mpi.score.learn import make_table
    from mpi.score.walk import score_candidates

    encoded, candidates, model = prepared.encoded, prepared.candidates, prepared.model
    table = make_table(model, encoded)
    with stages.stage("comparing", total=len(candidates.blocks)) as advance:
        scored = score_candidates(
            encoded, candidates, table, threads=threads_of(settings), advance=advance
        )
    with stages.stage("clustering", total=len(scored.left)) as advance:
        strong = scored.weight >= np.float32(weight_of(model.link_at))
        left, right = scored.left[strong], scored.right[strong]
        largest = model.largest or usual_largest(encoded.n_rows, left, right)
        clusters = cluster_rows(
            encoded,
            left,
            right,
            scored.weight[strong],
            largest=largest,
            across=candidates.across,
            apart=prepared.apart,
        )
        advance(len(scored.left))
    reason = np.ones(len(strong), np.int8)
    reason[strong] = clusters.refused
    together = clusters.cluster[scored.left] == clusters.cluster[scored.right]
    kept = (reason == 0) | ~together
    # Of two persons that hardly look like one there is nothing to ask.
    kept &= strong | (prepared.apart.reason_of(scored.left, scored.right) == 0)
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
    model = msgspec.structs.replace(model, largest=largest)
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


def rule_bits(
    candidates: Candidates, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """uint64[n_pairs], bit r set where rule r makes the pair of rows."""
    bits = np.zeros(len(left), np.uint64)
    copies = left == right
    for r in range(len(candidates.blocks)):
        column = candidates.keys[:, r]
        shared = (column[left] >= 0) | (copies & (column[left] == ALONE))
        same = (column[left] == column[right]) & shared
        bits |= same.astype(np.uint64) << np.uint64(r)
    return bits


def _with_copies(
    pairs: Pairs, row_cluster: npt.NDArray[np.int64], prepared: Prepared, table: Table
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
