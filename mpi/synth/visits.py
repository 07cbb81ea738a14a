"""Which registry wrote a record of which person, where and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpi.synth.population import TODAY, Bools, Ints, People

KINDS = ("insurance", "health", "hospital", "employment")
INSURANCE, HEALTH, HOSPITAL, EMPLOYMENT = range(len(KINDS))

_INSURED, _SECOND_BOOK, _EHR, _JOBLESS, _JOBLESS_AGAIN = 0.8, 0.03, 0.52, 0.2, 0.15
_KEPT_BEFORE_MOVE = 0.6
_BORN_IN_HOSPITAL, _NAMELESS = 0.35, 0.8
_BORN_SINCE = 12 * 365  # days: older birth records were not kept
_YEARS_BACK = 12.0


@dataclass(frozen=True)
class Visits:
    """The records of one block, before anything is written in them.

    person : int64[n], kind : int64[n], index into `KINDS`, province : int64[n], day : int64[n]
    nameless : bool[n], a newborn before the child had a name
    """

    person: Ints
    kind: Ints
    province: Ints
    day: Ints
    nameless: Bools

    def __len__(self) -> int:
        return len(self.person)

    def take(self, rows: Ints) -> Visits:
        """These records, in this order."""
        return Visits(*(getattr(self, f)[rows] for f in self.__dataclass_fields__))


def draw_visits(rng: np.random.Generator, people: People) -> Visits:
    """About 2.1 records a person, one at least; hospitals and moves make several in one source."""
    n = len(people)
    everyone = np.arange(n)
    age = people.age()

    def some(share: float | np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
        return np.flatnonzero(rng.random(n) < share)

    works = (age >= 18) & (age < 60)
    rate = np.select([age < 6, age < 50], [0.7, 0.4], 0.8)
    jobless = some(np.where(works, _JOBLESS, 0.0))
    persons = [
        (INSURANCE, some(_INSURED)),
        (INSURANCE, some(_SECOND_BOOK)),
        (HEALTH, some(_EHR)),
        (HOSPITAL, np.repeat(everyone, np.minimum(rng.poisson(rate), 7))),
        (EMPLOYMENT, jobless),
        (EMPLOYMENT, jobless[rng.random(len(jobless)) < _JOBLESS_AGAIN]),
    ]
    seen = np.bincount(np.concatenate([p for _, p in persons]), minlength=n)
    persons.append((HEALTH, np.flatnonzero(seen == 0)))
    person = np.concatenate([p for _, p in persons])
    kind = np.concatenate([np.full(len(p), k, np.int64) for k, p in persons])
    back = np.floor(rng.random(len(person)) ** 1.7 * _YEARS_BACK * 365.25).astype(np.int64)
    life = int(TODAY) - people.birth[person]
    late = back >= life
    back[late] = np.floor(rng.random(int(late.sum())) * life[late]).astype(np.int64)
    day = int(TODAY) - back

    old = some(np.where(people.mover, _KEPT_BEFORE_MOVE, 0.0))
    old_day = (
        people.moved[old]
        - 1
        - np.floor(
            rng.random(len(old)) * np.minimum(people.moved[old] - people.birth[old], 2000)
        ).astype(np.int64)
    )
    born = some(np.where(people.birth > TODAY - _BORN_SINCE, _BORN_IN_HOSPITAL, 0.0))
    born_day = np.minimum(people.birth[born] + rng.integers(0, 10, len(born)), int(TODAY))

    person = np.concatenate([person, old, born])
    kind = np.concatenate(
        [
            kind,
            np.full(len(old), INSURANCE, np.int64),
            np.full(len(born), HOSPITAL, np.int64),
        ]
    )
    day = np.concatenate([day, np.maximum(old_day, people.birth[old]), born_day])
    nameless = np.zeros(len(person), bool)
    nameless[len(person) - len(born) :] = rng.random(len(born)) < _NAMELESS
    province = np.where(day >= people.moved[person], people.home[person], people.before[person])
    # A hospital elsewhere: a transfer, or an illness on a journey.
    away = (kind == HOSPITAL) & (rng.random(len(person)) < 0.06)
    other = people.home[rng.integers(0, n, len(person))]
    return Visits(person, kind, np.where(away, other, province), day, nameless)
