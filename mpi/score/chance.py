"""How often two strangers agree: u, from random pairs and from what values share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi.encode.comparisons import Comparison
from mpi.encode.distinct import mix
from mpi.encode.levels import ACCENTS, ANOTHER_ORDER, PRIOR_U, SLIP, SOUNDS, TONES
from mpi.encode.rows import Encoded
from mpi.schema import Form

_RANDOM_PAIRS = 300_000
_PSEUDO_PAIRS = 20.0
# Dependence is believed from so many random pairs and so many bits on.
_LEAST_ALIKE = 200.0
_LEAST_DEPENDENCE = 0.5
_MOST_AGREEING = 0.7
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


def random_outcomes(encoded: Encoded, *, seed: int, across: bool) -> npt.NDArray[np.int8]:
    """int8[n_pairs, n_comparisons], the levels of random pairs."""
    from mpi.compare._kernels_tile import compare_pairs

    left, right = random_pairs(encoded, seed=seed, across=across)
    levels = np.empty((len(left), len(encoded.comparisons)), np.int8)
    compare_pairs(encoded.values, left, right, levels)
    return levels


def random_levels(encoded: Encoded, levels: npt.NDArray[np.int8]) -> list[npt.NDArray[np.float64]]:
    """How often random pairs reach each level, one float64[n_levels] a comparison.

    How often two values are identical, or names but for accents, is not sampled but counted, over
    all counted records.

    Parameters
    ----------
    levels : of random pairs, as `random_outcomes` gives them
    """
    out: list[npt.NDArray[np.float64]] = []
    for f, comparison in enumerate(encoded.comparisons):
        seen = np.bincount(levels[:, f] + 1, minlength=comparison.n_levels + 1)[1:].astype(float)
        # Among few pairs the usual u; a level that many pairs never showed has half a pair.
        prior = np.array(PRIOR_U[comparison.form])
        usual = np.minimum(0.5, prior * (_PSEUDO_PAIRS + seen.sum()))
        share = np.full(comparison.n_levels, np.nan)
        filled = float(encoded.held[f].sum())
        for level, pairs in counted_pairs(encoded, f).items():
            expected = prior[level] * _PSEUDO_PAIRS
            all_of_them = filled * (filled - 1.0) / 2.0 + _PSEUDO_PAIRS
            share[level] = (pairs + expected) / all_of_them
        sampled = np.isnan(share)
        other = (seen + usual)[sampled]
        share[sampled] = other / other.sum() * max(1.0 - float(np.nansum(share)), 1e-9)
        out.append(share / share.sum())
    return out


def dependent_levels(
    encoded: Encoded, levels: npt.NDArray[np.int8], u: list[npt.NDArray[np.float64]]
) -> list[npt.NDArray[np.float64]]:
    """u of fields that agree because another one does: a town whose postcode agrees, a name at
    birth beside a family name, a father's name with the family's in it.

    Of two fields that agree together more often than by chance, the less telling one gets the u of
    strangers who are alike in the other. Else one coincidence would count twice.

    Parameters
    ----------
    levels : of random pairs, as `random_outcomes` gives them
    u : float64[n_levels] a comparison, of all random pairs
    """
    comparisons = encoded.comparisons
    told = np.array([-np.log2(max(float(p[-1]), 1e-12)) for p in u])
    # Pairs of one person agree in everything, which is no chance; there are rarely more of them.
    matches = len(levels) * min(1.0, 2.0 / max(encoded.n_rows, 1))
    columns = np.ascontiguousarray(levels.T)
    out = []
    for b, comparison in enumerate(comparisons):
        classes = _agreement(comparison, len(u[b]))
        best, chosen = _LEAST_DEPENDENCE, None
        for a in range(len(comparisons)):
            if a == b or (told[a], -a) < (told[b], -b):
                continue
            # Missing, different or alike in one field, by the level of the other.
            cell = np.minimum(columns[a], np.int8(1)) * np.int8(len(u[b]) + 1) + columns[b]
            size = len(u[b]) + 1
            seen = np.bincount(cell + size + 1, minlength=3 * size).reshape(3, size)[1:, 1:]
            found = np.bincount(classes, seen[1], minlength=3)
            usual = np.bincount(classes, seen.sum(axis=0), minlength=3)
            found[2] = max(found[2] - matches, 0.0)
            usual[2] = max(usual[2] - matches, 0.0)
            if found.sum() < _LEAST_ALIKE or usual.sum() == 0.0:
                continue
            # Half a pair where none was seen.
            given = (found + usual / usual.sum() * 10.0) / (found.sum() + 10.0)
            lift = given / np.maximum(usual / usual.sum(), 1e-9)
            bits = float(np.log2(np.maximum(lift[1:], 1e-9)).max())
            if bits > best:
                best, chosen = bits, lift
        out.append(u[b] if chosen is None else _lifted(u[b], classes, chosen))
    return out


def _agreement(comparison: Comparison, n_levels: int) -> npt.NDArray[np.int64]:
    """int64[n_levels], 0 different, 1 alike in part, 2 the same."""
    first = {Form.NAME: SLIP, Form.TEXT: 3, Form.DATE: 3}.get(comparison.form, n_levels - 1)
    level = np.arange(n_levels)
    return (level > 0).astype(np.int64) + (level >= first)


def _lifted(
    u: npt.NDArray[np.float64], classes: npt.NDArray[np.int64], lift: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """u with its agreeing levels as much more frequent, at most `_MOST_AGREEING` of all."""
    out = u * np.where(classes > 0, np.maximum(lift[classes], 1.0), 1.0)
    agreeing = float(out[1:].sum())
    out[1:] *= min(1.0, max(_MOST_AGREEING, float(u[1:].sum())) / agreeing)
    out[0] = 1.0 - out[1:].sum()
    return np.asarray(out)


def counted_pairs(encoded: Encoded, f: int) -> dict[int, float]:
    """Pairs of counted records that reach a level by what their values share, by level.

    "Identical" of any form; of names also what only tone, accents, order or sound tell apart, as
    far as one name's being two of these is left out of account.
    """
    held = encoded.held[f].astype(np.float64)
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
        order = np.argsort(state[read])
        ordered = state[read][order]
        begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        total = np.add.reduceat(held[read][order], begins) if len(order) else held[:0]
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
