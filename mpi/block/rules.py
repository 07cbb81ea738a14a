"""Blocking rules, chosen from the data by what each will find and what it will cost.

A rule is one to three keys that two records must share. Cost is the number of pairs it makes,
measured on a sample. Yield is predicted: a few thousand pairs of one person are imagined, each
field missing, right, slightly or wholly wrong as often as clerks usually are, and a rule finds the
imagined pairs whose errors its keys survive. Rules are then taken greedily, most newly found pairs
for their cost first, until another one would find next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mpi.block.keys import Key
from mpi.encode.levels import PRIOR_M
from mpi.schema import Form, Kind

_IMAGINED = 4096
_SAMPLE = 30_000
_LEAST_GAIN = 0.0004
_MOST_RULES = 20
# People move, marry and change telephones: whole differences beyond clerks' slips.
_CHANGES = {
    Kind.ADDRESS: 0.3,
    Kind.STREET_NUMBER: 0.2,
    Kind.WARD: 0.25,
    Kind.DISTRICT: 0.2,
    Kind.POSTCODE: 0.2,
    Kind.PROVINCE: 0.1,
    Kind.PHONE: 0.3,
    Kind.EMAIL: 0.3,
    Kind.FAMILY_NAME: 0.05,
    Kind.TEXT: 0.3,
    Kind.CATEGORY: 0.1,
    Kind.NATIONAL_ID: 0.1,
    Kind.INSURANCE_ID: 0.1,
}


@dataclass(frozen=True)
class Rule:
    """Two records that share all these keys are a candidate pair."""

    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """The keys in words: ``given_name:sound + birth_date:year``."""
        return " + ".join(self.keys)


def choose_rules(
    keys: Sequence[Key], n_rows: int, *, seed: int, pairs_per_row: float
) -> tuple[Rule, ...]:
    """Choose blocking rules for these keys.

    Parameters
    ----------
    keys : every key of every compared field, over all rows
    pairs_per_row : candidate pairs a record may cost, over all rules together

    Returns
    -------
    tuple of Rule
        In the order in which they were found worth their cost.
    """
    if n_rows < 2 or not keys:
        return ()
    rng = np.random.Generator(np.random.PCG64(seed))
    size = min(n_rows, _SAMPLE)
    sample = np.sort(rng.choice(n_rows, size, replace=False)) if size < n_rows else np.arange(size)
    codes = [key.codes[sample] for key in keys]
    scale = (n_rows / size) ** 2 / n_rows
    survives = _imagine(keys, codes, rng)
    budget_one = pairs_per_row / 4.0
    options: list[tuple[tuple[int, ...], float]] = []
    wide: list[tuple[int, ...]] = []
    costs: dict[tuple[int, ...], float] = {}
    for k in range(len(keys)):
        costs[(k,)] = _pairs([codes[k]]) * scale
        (options.append(((k,), costs[(k,)])) if costs[(k,)] <= budget_one else wide.append((k,)))
    for width in (2, 3):
        wider: list[tuple[int, ...]] = []
        seen: set[tuple[int, ...]] = set()
        for base in wide:
            for k in range(len(keys)):
                chosen = tuple(sorted((*base, k)))
                fields = {keys[i].field for i in chosen}
                if len(fields) < width or chosen in seen:
                    continue
                if any(
                    (*part,) in costs and costs[part] <= budget_one
                    for part in combinations(chosen, width - 1)
                ):
                    continue
                seen.add(chosen)
                cost = _pairs([codes[i] for i in chosen]) * scale
                costs[chosen] = cost
                (options.append((chosen, cost)) if cost <= budget_one else wider.append(chosen))
        wide = wider if len(wider) * len(keys) < 4000 else wider[: 4000 // len(keys)]
    return _greedy(keys, options, survives, pairs_per_row)


def _greedy(
    keys: Sequence[Key],
    options: list[tuple[tuple[int, ...], float]],
    survives: npt.NDArray[np.bool_],
    pairs_per_row: float,
) -> tuple[Rule, ...]:
    if not options:
        return ()
    finds = np.array([survives[list(chosen)].all(axis=0) for chosen, _ in options])
    cost = np.array([c for _, c in options])
    found = np.zeros(survives.shape[1], bool)
    rules: list[Rule] = []
    spent = 0.0
    while len(rules) < _MOST_RULES:
        gain = (finds & ~found).mean(axis=1)
        affordable = cost <= pairs_per_row - spent
        worth = np.where(affordable & (gain >= _LEAST_GAIN), gain / (cost + 0.3), 0.0)
        best = int(np.argmax(worth))
        if worth[best] <= 0.0:
            break
        rules.append(Rule(tuple(keys[i].name for i in options[best][0])))
        found |= finds[best]
        spent += float(cost[best])
    return tuple(rules)


def _pairs(columns: list[npt.NDArray[np.int32]]) -> float:
    """Pairs of rows that agree in all columns."""
    from mpi.block._kernels import count_pairs, extend_hashes

    hashes = np.ones(len(columns[0]), np.uint64)
    for column in columns:
        extend_hashes(hashes, column)
    return count_pairs(hashes)


def _imagine(
    keys: Sequence[Key], codes: list[npt.NDArray[np.int32]], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """bool[n_keys, n_imagined]: does the key survive the imagined pair's errors?"""
    out = np.zeros((len(keys), _IMAGINED), bool)
    by_field: dict[str, list[int]] = {}
    for k, key in enumerate(keys):
        by_field.setdefault(key.field, []).append(k)
    for members in by_field.values():
        key = keys[members[0]]
        m = PRIOR_M[key.form]
        filled = float(np.mean(codes[members[0]] >= 0))
        both = rng.random(_IMAGINED) < filled**2
        draw = rng.random(_IMAGINED)
        changed = _CHANGES.get(key.kind, 0.0)
        exact = draw < m[-1] * (1.0 - changed)
        slip = ~exact & (draw < (1.0 - m[0]) * (1.0 - changed))
        in_front = rng.random(_IMAGINED) < 0.5
        luck = rng.random(_IMAGINED)
        lacks = rng.random(_IMAGINED)
        for k in members:
            kept = (in_front & keys[k].type.front) | (~in_front & keys[k].type.back)
            kept |= luck < keys[k].type.spelling
            if key.form == Form.DATE and keys[k].type.name:
                # A date with one part wrong keeps its year or its day, one of the two.
                kept = (in_front & keys[k].type.front) | (~in_front & keys[k].type.back)
            # A value too short for the key, a date without its day: the key may be lacking.
            held = float(np.mean(codes[k] >= 0)) / max(filled, 1e-9)
            out[k] = both & (exact | (slip & kept)) & (lacks >= 1.0 - held)
    return out
