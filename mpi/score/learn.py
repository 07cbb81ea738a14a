"""Learning a model from the records alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpi.block.candidates import Candidates
from mpi.compare.patterns import radices, unpack
from mpi.encode.rows import Encoded
from mpi.schema import Form
from mpi.score.chance import dependent_levels, random_levels, random_outcomes
from mpi.score.em import fit_em
from mpi.score.labels import Labels, level_counts
from mpi.score.losses import level_losses
from mpi.score.model import ComparisonModel, Model
from mpi.score.relatives import relative_adjustments
from mpi.score.term_frequency import adjustments, term_frequencies, word_frequencies
from mpi.score.thresholds import Expected, choose_thresholds
from mpi.score.trust import Diagnosis, diagnose
from mpi.score.twins import fit_twins
from mpi.settings import Settings

if TYPE_CHECKING:
    from mpi.score._kernels_weight import Table
    from mpi.score.stretches import Room

_MOST_TRAINING_PAIRS = 6_000_000.0


@dataclass(frozen=True)
class Learnt:
    """What was learnt of the comparisons.

    posterior, counts : float64[n_patterns], match probability and candidate pairs by pattern
    expected : what the model expects at its threshold
    diagnosis : whether anything separates matches from strangers
    """

    comparisons: list[ComparisonModel]
    prior: float
    relative: float
    twin: float
    link_at: float
    review_at: float
    posterior: npt.NDArray[np.float64]
    counts: npt.NDArray[np.float64]
    expected: Expected
    diagnosis: Diagnosis


def all_pairs(encoded: Encoded, *, across: bool) -> float:
    """How many pairs of counted records there are (across: of two sources)."""
    by_source = np.bincount(encoded.source, encoded.counted, minlength=1)
    n = float(by_source.sum())
    if not across:
        return max(1.0, n * (n - 1.0) / 2.0)
    return max(1.0, (n * n - float((by_source**2).sum())) / 2.0)


def copy_patterns(
    encoded: Encoded, radix: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float64]]:
    """Patterns of the pairs of copies, which are identical wherever they have a value.

    Returns
    -------
    patterns : uint64[n], counts : float64[n]
    """
    rows = np.flatnonzero(encoded.counted > 1)
    top = np.array([c.n_levels for c in encoded.comparisons], np.uint64)
    pattern = np.zeros(len(rows), np.uint64)
    for f in range(len(top)):
        codes = encoded.columns[f].codes[encoded.first[rows]]
        outcome = np.where(codes >= 0, top[f], np.uint64(0))
        pattern = pattern * radix[f] + outcome
    n = encoded.counted[rows].astype(np.float64)
    return pattern, n * (n - 1.0) / 2.0


def learn(
    encoded: Encoded,
    candidates: Candidates,
    settings: Settings,
    *,
    threads: int,
    advance: Callable[[int], None],
    labels: Labels | None = None,
    room: Room | None = None,
) -> Learnt:
    """Fit m, u, the prior and the thresholds to the candidate pairs.

    Parameters
    ----------
    labels : of rows; pairs of one labelled person count for m beside those that EM finds
    room : for the rows of candidate pairs
    """
    from mpi.score.walk import count_candidates

    comparisons = encoded.comparisons
    radix = radices(comparisons)
    patterns, counts = count_candidates(
        encoded,
        candidates,
        radix,
        most_pairs=_MOST_TRAINING_PAIRS,
        threads=threads,
        advance=advance,
        room=room,
    )
    if not candidates.across:
        own, n = copy_patterns(encoded, radix)
        patterns, counts = np.append(patterns, own), np.append(counts, n)
    levels = unpack(patterns, radix)
    outcomes = random_outcomes(encoded, seed=settings.seed, across=candidates.across)
    plain = random_levels(encoded, outcomes)
    random = dependent_levels(encoded, outcomes, plain)
    n_pairs = all_pairs(encoded, across=candidates.across)
    known = None if labels is None else _known_levels(encoded, labels)
    fit = fit_em(levels, counts, comparisons, random, n_pairs, known)
    twins, twin, posterior = fit_twins(
        levels, counts, comparisons, fit, n_pairs, float(encoded.counted.sum())
    )
    expected, link_at, review_at = choose_thresholds(posterior, counts, settings)
    models = []
    for f, comparison in enumerate(comparisons):
        held = encoded.held[f]
        # A value's frequency is compared with the average one's, not with that of dependent pairs.
        usual = float(fit.u[f][-1] * plain[f][-1] / random[f][-1])
        by_value, rare = term_frequencies(encoded.columns[f], held, usual)
        by_word, rare_word = word_frequencies(encoded, f, held)
        models.append(
            ComparisonModel(
                name=comparison.name,
                kind=comparison.kind,
                form=comparison.form,
                partner=comparison.partner,
                m=[float(x) for x in fit.m[f]],
                r=[float(x) for x in fit.r[f]],
                u=[float(x) for x in fit.u[f]],
                t=[float(x) for x in twins[f]] if twins else [],
                term_frequency=by_value,
                rare=rare,
                word_frequency=by_word,
                rare_word=rare_word,
            )
        )
    diagnosis = diagnose(
        fit,
        levels,
        counts,
        comparisons,
        expected,
        records=int(encoded.copies.sum()),
        n_pairs=n_pairs,
    )
    return Learnt(
        models,
        fit.prior,
        fit.relative,
        twin,
        link_at,
        review_at,
        posterior,
        counts,
        expected,
        diagnosis,
    )


def _known_levels(encoded: Encoded, labels: Labels) -> list[npt.NDArray[np.float64]]:
    """How often pairs that people called one person reach each level."""
    from mpi.compare._kernels_tile import compare_pairs

    left, right = labels.same_pairs()
    levels = np.empty((len(left), len(encoded.comparisons)), np.int8)
    compare_pairs(encoded.values, left, right, levels)
    return level_counts(levels, encoded.comparisons)


def make_table(model: Model, encoded: Encoded) -> Table:
    """The model as the fused loop reads it."""
    from mpi.score._kernels_weight import PARTS, Table

    most = max((len(c.m) for c in model.comparisons), default=0) + 1
    weight = np.zeros((3, len(model.comparisons), most), np.float32)
    adjust: list[npt.NDArray[np.float32]] = []
    against: list[npt.NDArray[np.float32]] = []
    by_word: list[npt.NDArray[np.float32]] = []
    for f, comparison in enumerate(model.comparisons):
        rivals = (comparison.weights("u"), comparison.weights("r"), comparison.weights("t"))
        for k, bits in enumerate(rivals):
            weight[k, f, : len(bits)] = bits
        bits = adjustments(encoded.columns[f].values, comparison.term_frequency, comparison.rare)
        adjust.append(bits)
        u = comparison.u[-1]
        shared = [comparison.r[-1], (comparison.t or comparison.m)[-1]]
        against.append(np.stack([bits, *(relative_adjustments(bits, u, s) for s in shared)], 1))
        words = encoded.vocabulary if comparison.form == Form.NAME else encoded.vocabulary[:0]
        by_word.append(adjustments(words, comparison.word_frequency, comparison.rare_word))
    least = model.weight_at(min(model.review_at, model.link_at))
    return Table(
        weight,
        np.concatenate([np.zeros((0, 3), np.float32), *against]),
        np.array(
            [np.append(a, w).max(initial=0.0) for a, w in zip(adjust, by_word, strict=True)],
            np.float32,
        ),
        radices(encoded.comparisons),
        model.prior_bits,
        model.relative_bits,
        model.twin_bits,
        least,
        *level_losses(model, encoded, adjust, by_word),
        int(np.floor((least - 0.01) * PARTS)),
    )
