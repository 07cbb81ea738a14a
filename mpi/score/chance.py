"""How often two strangers agree: u, from random pairs and from what values share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.encode.distinct import mix
from mpi.encode.levels import ACCENTS, ANOTHER_ORDER, PRIOR_U, SOUNDS, TONES
from mpi.encode.rows import Encoded
from mpi.schema import Form

_RANDOM_PAIRS = 300_000
_PSEUDO_PAIRS = 20.0
# Columns of `Values.info`.
_FOLD, _SORTED, _WORDS, _NUMBERED = 2, 3, 6, 7


def random_pairs(
    encoded: Encoded, *, seed: int, across: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All pairs of rows where they are few, else a million random ones."""
    n = encoded.n_rows
    if n * (n - 1) // 2 <= _RANDOM_PAIRS:
        left, right = np.triu_indices(n, 1)
    else:
        rng = np.random.Generator(np.random.PCG64(seed))
        left, right = rng.integers(0, n, (2, _RANDOM_PAIRS))
    keep = left != right
    if across:
        keep &= encoded.source[left] != encoded.source[right]
    return left[keep].astype(np.int64), right[keep].astype(np.int64)


def random_levels(encoded: Encoded, *, seed: int, across: bool) -> list[npt.NDArray[np.float64]]:
    """How often random pairs reach each level, one float64[n_levels] a comparison.

    How often two values are identical, or names but for accents, is not sampled but counted, over
    all counted records.
    """
    from mpi.compare._kernels_tile import compare_pairs

    left, right = random_pairs(encoded, seed=seed, across=across)
    levels = np.empty((len(left), len(encoded.comparisons)), np.int8)
    compare_pairs(encoded.values, left, right, levels)
    out: list[npt.NDArray[np.float64]] = []
    for f, comparison in enumerate(encoded.comparisons):
        seen = np.zeros(comparison.n_levels)
        np.add.at(seen, levels[levels[:, f] >= 0, f], 1.0)
        # Among few pairs the usual u; a level that many pairs never showed has half a pair.
        prior = np.array(PRIOR_U[comparison.form])
        usual = np.minimum(0.5, prior * (_PSEUDO_PAIRS + seen.sum()))
        share = np.full(comparison.n_levels, np.nan)
        filled = float(held_by(encoded, f).sum())
        for level, pairs in counted_pairs(encoded, f).items():
            expected = prior[level] * _PSEUDO_PAIRS
            all_of_them = filled * (filled - 1.0) / 2.0 + _PSEUDO_PAIRS
            share[level] = (pairs + expected) / all_of_them
        sampled = np.isnan(share)
        other = (seen + usual)[sampled]
        share[sampled] = other / other.sum() * max(1.0 - float(np.nansum(share)), 1e-9)
        out.append(share / share.sum())
    return out


def counted_pairs(encoded: Encoded, f: int) -> dict[int, float]:
    """Pairs of counted records that reach a level by what their values share, by level.

    "Identical" of any form; of names also what only tone, accents, order or sound tell apart, as
    far as one name's being two of these is left out of account.
    """
    held = held_by(encoded, f).astype(np.float64)
    top = encoded.comparisons[f].n_levels - 1
    same = float((held * (held - 1.0)).sum()) / 2.0
    if encoded.comparisons[f].form != Form.NAME:
        return {top: same}
    info = encoded.values.info[encoded.base[f] : encoded.base[f + 1]]
    read = info[:, _WORDS] > 0

    def agreeing(*columns: npt.NDArray[np.int64]) -> float:
        """Pairs that agree in all of the columns and hold two different values."""
        state = np.ones(len(info), np.uint64)
        for column in columns:
            state = mix(state, column)
        _, group = np.unique(state[read], return_inverse=True)
        total = np.bincount(group, weights=held[read])
        alike = float((total * (total - 1.0)).sum()) / 2.0
        return max(alike - float((held[read] * (held[read] - 1.0)).sum()) / 2.0, 0.0)

    toneless, sound = info[:, _NUMBERED] >> 32, info[:, _NUMBERED] & 0xFFFFFFFF
    folded, in_order = info[:, _FOLD], info[:, _SORTED]
    tones = agreeing(toneless)
    return {
        top: same,
        TONES: tones,
        ACCENTS: agreeing(folded) - agreeing(folded, toneless),
        ANOTHER_ORDER: agreeing(in_order) - agreeing(in_order, folded),
        SOUNDS: agreeing(sound) - agreeing(sound, folded),
    }


def held_by(encoded: Encoded, f: int) -> npt.NDArray[np.int64]:
    """int64[n_values], counted records that hold each value of field `f`."""
    held = np.zeros(len(encoded.columns[f].values), np.int64)
    present = encoded.codes[:, f] >= 0
    np.add.at(held, encoded.codes[present, f], encoded.counted[present])
    return held
