"""Persons and their families: ages, parents, households, twins, moves.

Persons are drawn from the age pyramid first and then joined into families, so that the pyramid
holds exactly: a child takes a mother of a fitting age, a wife a husband, a lone elder the
household of a grown child.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.synth.reference import Province, rows

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

TODAY = np.datetime64("2026-06-30", "D").astype(np.int64)
"""The last day any registry was written, in days since 1970-01-01."""

_CHILD = 30  # years: below, a person may live with the mother
_BETWEEN_BIRTHS = 300  # days
_TRIES = 4
_TWIN_BIRTHS = 0.03  # of births that follow a birth of the same mother


@dataclass(frozen=True)
class People:
    """The persons of one block. Days are counted from 1970-01-01.

    birth : int64[n], day of birth; sex : int64[n], 0 male, 1 female
    mother, father, spouse : int64[n], person of the block, -1 where outside it
    household : int64[n], the person who heads it
    twin : int64[n], the other twin, -1 for others
    home, before : int64[n], index of the province lived in, now and before the move
    moved : int64[n], day of the move; the day of birth for those who never did
    mover : bool[n], moved to another province, moved_alone : bool[n], without the household
    year_only : bool[n], only the year of birth was ever written down
    """

    birth: Ints
    sex: Ints
    mother: Ints
    father: Ints
    spouse: Ints
    household: Ints
    twin: Ints
    home: Ints
    before: Ints
    moved: Ints
    mover: Bools
    moved_alone: Bools
    year_only: Bools

    def __len__(self) -> int:
        return len(self.birth)

    def age(self, day: Ints | int = int(TODAY)) -> Ints:
        """int64[n], full years on this day."""
        return (day - self.birth) * 100 // 36525


def populate(rng: np.random.Generator, n: int, provinces: tuple[Province, ...]) -> People:
    """Draw the persons of one block and join them into families."""
    birth, sex = _draw_births(rng, n)
    age = (int(TODAY) - birth) * 100 // 36525
    mother = _find_mothers(rng, birth, age, sex)
    mother, birth, twin = _pair_twins(rng, mother, birth, age)
    age = (int(TODAY) - birth) * 100 // 36525
    spouse = _marry(rng, age, sex)
    father = np.where(mother >= 0, spouse[mother], -1)
    father[(father >= 0) & (age[father] - age < 17)] = -1
    household = _house(rng, age, sex, mother, spouse)
    weights = np.cumsum([p.population for p in provinces]) / sum(p.population for p in provinces)
    home = np.searchsorted(weights, rng.random(n), side="right")[household]
    before, moved, alone = _move(rng, age, birth, household, home, weights)
    return People(
        birth=birth,
        sex=sex,
        mother=mother,
        father=father,
        spouse=spouse,
        household=household,
        twin=twin,
        home=home,
        before=before,
        moved=moved,
        mover=before != home,
        moved_alone=alone,
        year_only=(age >= 60) & (rng.random(n) < 0.18),
    )


def _draw_births(rng: np.random.Generator, n: int) -> tuple[Ints, Ints]:
    bands = rows("age_pyramid")
    share = np.cumsum([float(r["share"]) for r in bands])
    band = np.searchsorted(share / share[-1], rng.random(n), side="right")
    start = np.array([int(r["from"]) for r in bands])[band]
    stop = np.array([int(r["to"]) + 1 for r in bands])[band]
    # The last band is open: ages thin out towards its end.
    position = rng.random(n)
    position = np.where(band == len(bands) - 1, position**3, position)
    days = (start + position * (stop - start)) * 365.25
    male = np.array([float(r["male_share"]) for r in bands])[band]
    sex = (rng.random(n) >= male).astype(np.int64)
    return TODAY - np.floor(days).astype(np.int64), sex


def _pick_by_age(rng: np.random.Generator, wanted: Ints, pool: Ints, age: Ints) -> Ints:
    """For each wanted age a random person of the pool of that age, -1 where there is none."""
    order = pool[np.argsort(age[pool], kind="stable")]
    ages = age[order]
    low = np.searchsorted(ages, wanted, side="left")
    high = np.searchsorted(ages, wanted, side="right")
    picked = np.full(len(wanted), -1, np.int64)
    some = high > low
    at = low + np.floor(rng.random(len(wanted)) * (high - low)).astype(np.int64)
    picked[some] = order[at[some]]
    return picked


def _find_mothers(rng: np.random.Generator, birth: Ints, age: Ints, sex: Ints) -> Ints:
    n = len(age)
    gap = np.clip(np.round(rng.normal(27.0, 5.0, n)), 17, 44).astype(np.int64)
    looking = (age < _CHILD) & (rng.random(n) < np.where(age < 18, 0.98, 0.65))
    women = np.flatnonzero((sex == 1) & (age >= 17))
    mother = np.full(n, -1, np.int64)
    for _ in range(_TRIES):
        child = np.flatnonzero(looking & (mother < 0))
        mother[child] = _pick_by_age(rng, age[child] + gap[child], women, age)
        # One who would come too soon after another child looks for another mother.
        child = np.flatnonzero(mother >= 0)
        child = child[np.lexsort((birth[child], mother[child]))]
        same = mother[child[1:]] == mother[child[:-1]]
        soon = birth[child[1:]] - birth[child[:-1]] < _BETWEEN_BIRTHS
        mother[child[1:][same & soon]] = -1
        gap[child] = np.clip(gap[child] + rng.integers(-2, 3, len(child)), 17, 44)
    return mother


def _pair_twins(
    rng: np.random.Generator, mother: Ints, birth: Ints, age: Ints
) -> tuple[Ints, Ints, Ints]:
    """Make some children of one mother twins of the child born before them."""
    twin = np.full(len(mother), -1, np.int64)
    child = np.flatnonzero(mother >= 0)
    child = child[np.lexsort((birth[child], mother[child]))]
    follows = np.flatnonzero(mother[child[1:]] == mother[child[:-1]]) + 1
    chosen = follows[rng.random(len(follows)) < _TWIN_BIRTHS]
    # No triplets: where two births in a row were chosen, the later one stays as it was.
    chosen = chosen[~np.isin(chosen - 1, chosen)]
    first, second = child[chosen - 1], child[chosen]
    twin[first], twin[second] = second, first
    birth = birth.copy()
    birth[second] = birth[first]
    return mother, birth, twin


def _marry(rng: np.random.Generator, age: Ints, sex: Ints) -> Ints:
    n = len(age)
    spouse = np.full(n, -1, np.int64)
    chance = np.where(age < 60, 0.82, 0.45)
    wives = np.flatnonzero((sex == 1) & (age >= 22) & (rng.random(n) < chance))
    men = np.flatnonzero((sex == 0) & (age >= 23))
    both = min(len(wives), len(men))
    wives = rng.permutation(wives)[:both]
    men = rng.permutation(men)[:both]
    wives = wives[np.argsort(age[wives] + rng.normal(0.0, 2.5, both), kind="stable")]
    men = men[np.argsort(age[men] + rng.normal(0.0, 2.5, both), kind="stable")]
    fits = np.abs(age[men] - age[wives] - 2) <= 12
    spouse[wives[fits]], spouse[men[fits]] = men[fits], wives[fits]
    return spouse


def _house(rng: np.random.Generator, age: Ints, sex: Ints, mother: Ints, spouse: Ints) -> Ints:
    n = len(age)
    house = np.arange(n)
    husband = (sex == 0) & (spouse >= 0)
    house[husband] = spouse[husband]
    at_home = (mother >= 0) & (spouse < 0) & ((age < 24) | (rng.random(n) < 0.4))
    house[at_home] = mother[at_home]
    elder = np.flatnonzero((age >= 65) & (spouse < 0) & (rng.random(n) < 0.6))
    gap = np.round(rng.normal(28.0, 5.0, len(elder))).astype(np.int64)
    hosts = np.flatnonzero((sex == 1) & (age >= _CHILD) & (age < 65))
    host = _pick_by_age(rng, age[elder] - gap, hosts, age)
    house[elder[host >= 0]] = host[host >= 0]
    for _ in range(4):  # a child of a grown child of ... leads to the head in a few steps
        house = house[house]
    return house


def _move(
    rng: np.random.Generator,
    age: Ints,
    birth: Ints,
    house: Ints,
    home: Ints,
    weights: npt.NDArray[np.float64],
) -> tuple[Ints, Ints, Bools]:
    """Some households, and some young persons alone, came from another province."""
    n = len(age)
    origin = np.searchsorted(weights, rng.random(n), side="right")
    day = TODAY - np.floor(rng.random(n) * 13 * 365.25).astype(np.int64)
    moved_house = (rng.random(n) < 0.045)[house]
    alone = (age >= 19) & (age < 40) & (rng.random(n) < 0.12) & ~moved_house
    key = np.where(alone, np.arange(n), house)
    moves = (moved_house | alone) & (day[key] > birth) & (origin[key] != home)
    before = np.where(moves, origin[key], home)
    return before, np.where(moves, day[key], birth), alone & moves
