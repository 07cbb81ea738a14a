"""Numbers of persons: two generations of identity numbers, social insurance, phones.

Identity numbers since 2016 have twelve digits, PPP G YY NNNNNN: province or country of birth,
century and sex, year of birth, six random digits; the older nine-digit cards begin with the
issuing province and changed when their holder moved. A health insurance card is two letters of a
group, a benefit digit, two digits of a province and the ten digits of social insurance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mpi.synth import reference
from mpi.synth.population import TODAY, Bools, Ints, People
from mpi.synth.reference import Province
from mpi.synth.serials import mix, serials

CMND_AGE = 14  # years


def day(iso: str) -> int:
    """Days since 1970-01-01."""
    return int(np.datetime64(iso, "D").astype(np.int64))


@dataclass(frozen=True)
class Numbers:
    """Numbers of the persons of one block, all int64[n].

    cccd : twelve digits, valid from day `cccd_from`
    cmnd, cmnd_before : nine digits, the second until the move
    social : ten digits of social insurance
    phone, phone_before : ten digits, the second until day `phone_from`
    group : row of `GROUPS` a grown person is insured in
    landline, landline_before : of the household this person heads, 0 where it has none; the
        second until day `landline_from`, when area codes changed
    """

    cccd: Ints
    cccd_from: Ints
    cmnd: Ints
    cmnd_before: Ints
    social: Ints
    phone: Ints
    phone_before: Ints
    phone_from: Ints
    group: Ints
    landline: Ints
    landline_before: Ints
    landline_from: Ints


GROUPS = ("TE1", "HS4", "SV4", "DN4", "HC4", "GD4", "CN3", "HN2", "DT2", "HT3", "BT2", "QN5")
"""Groups of the health insurance with their benefit digit."""


def draw_numbers(
    rng: np.random.Generator,
    people: People,
    provinces: tuple[Province, ...],
    minority: Bools,
    *,
    block: int,
    blocks: int,
    seed: int,
) -> Numbers:
    """Give everyone their numbers, unique over all blocks."""
    n = len(people)

    def unique(cell: Ints, digits: int | Ints, which: int) -> Ints:
        return serials(cell, digits, block, blocks, seed * 16 + which)

    codes = np.array([int(p.code) for p in provinces])
    everywhere = np.array([int(p.code) for p in reference.provinces(63)])
    born_in = np.where(rng.random(n) < 0.88, codes[people.before], rng.choice(everywhere, n))
    year = people.birth.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    head = born_in * 1000 + (people.sex + np.where(year >= 2000, 2, 0)) * 100 + year % 100
    issued, issued_before = (
        _issuers(rng, people.home, provinces),
        _issuers(rng, people.before, provinces),
    )
    issued_before = np.where(people.mover, issued_before, issued)
    both = np.concatenate([issued, issued_before])
    width = np.where(both < 100, 7, 6)  # two-digit prefixes are stored below 100
    cards = both % 1000 * 10**width + unique(both, width, 1)
    phones = _phones(rng, n, unique)
    landline, landline_before, landline_from = _landlines(people, provinces, unique)
    return Numbers(
        cccd=head * 10**6 + unique(head, 6, 0),
        cccd_from=_first_cccd(rng, people),
        cmnd=cards[:n],
        cmnd_before=np.where(people.mover, cards[n:], cards[:n]),
        social=codes[people.before] * 10**8 + unique(np.zeros(n, np.int64), 8, 2),
        phone=phones[:n],
        phone_before=np.where(rng.random(n) < 0.4, phones[n:], phones[:n]),
        phone_from=TODAY - np.floor(rng.random(n) * 4400).astype(np.int64),
        group=_groups(rng, n, minority),
        landline=landline,
        landline_before=landline_before,
        landline_from=landline_from,
    )


def _issuers(rng: np.random.Generator, home: Ints, provinces: tuple[Province, ...]) -> Ints:
    """Leading digits of the nine-digit card; three digits carry 1000, so that 01 is not 001."""
    issuer = np.zeros(len(home), np.int64)
    pick = rng.random(len(home))
    for i, province in enumerate(provinces):
        options = [int(p) + (1000 if len(p) == 3 else 0) for p in province.cmnd_prefixes]
        here = home == i
        issuer[here] = np.array(options)[np.floor(pick[here] * len(options)).astype(np.int64)]
    return issuer


def _first_cccd(rng: np.random.Generator, people: People) -> Ints:
    n = len(people)
    when = rng.random(n)
    position = rng.random(n)
    start = np.select(
        [when < 0.25, when < 0.9], [day("2016-06-01"), day("2021-02-01")], day("2023-01-01")
    )
    stop = np.select(
        [when < 0.25, when < 0.9], [day("2021-02-01"), day("2023-01-01")], day("2025-06-30")
    )
    grown = start + np.floor(position * (stop - start)).astype(np.int64)
    coming_of_age = people.birth + CMND_AGE * 36525 // 100
    young = people.birth > day("2009-12-31")
    told = day("2021-06-01") + np.floor(position * 1200).astype(np.int64)
    first = np.where(young, told, np.maximum(grown, coming_of_age))
    return np.where(people.birth >= day("2016-01-01"), people.birth + 30, first)


def _phones(
    rng: np.random.Generator, n: int, unique: Callable[[Ints, Ints | int, int], Ints]
) -> Ints:
    prefixes = np.array([int(r["prefix"]) for r in reference.rows("mobile_prefixes")])
    prefix = rng.choice(prefixes, 2 * n)
    return prefix * 10**7 + unique(prefix, 7, 3)


_LANDLINES = 12  # in a hundred households


def _landlines(
    people: People,
    provinces: tuple[Province, ...],
    unique: Callable[[Ints, Ints | int, int], Ints],
) -> tuple[Ints, Ints, Ints]:
    """Numbers since 2017 and before, and when the area code changed; 0 without a landline."""
    n = len(people)
    areas = {r["province"]: r for r in reference.rows("landline_areas")}
    mine = [areas[p.code] for p in provinces]
    head = np.flatnonzero(people.household == np.arange(n))
    head = head[
        mix(people.birth[head].astype(np.uint64) + head.astype(np.uint64)) % 100 < _LANDLINES
    ]
    home = people.home[head]
    area = np.array([int(r["new_area"]) for r in mine])[home]
    width = np.where(area < 100, 8, 7)  # 024 and 028 have eight digits behind them
    local = unique(area, width, 4)
    since = np.array([day(r["effective"] or "1900-01-01") for r in mine])[home]
    earlier = np.array([int(r["old_area"]) for r in mine])[home]
    found = np.zeros((3, n), np.int64)
    found[:, head] = area * 10**width + local, earlier * 10**width + local, since
    return found[0], found[1], found[2]


def _groups(rng: np.random.Generator, n: int, minority: Bools) -> Ints:
    shares = np.cumsum([0.36, 0.07, 0.40, 0.05, 0.07, 0.03, 0.02])
    names = ("DN4", "HC4", "GD4", "CN3", "HN2", "BT2", "QN5")
    at = np.minimum(np.searchsorted(shares, rng.random(n), side="right"), len(names) - 1)
    group = np.array([GROUPS.index(g) for g in names])[at]
    return np.where(minority & (rng.random(n) < 0.6), GROUPS.index("DT2"), group)


def group_on(numbers: Numbers, person: Ints, age: Ints) -> Ints:
    """int64[n], the group in which each person is insured at this age."""
    adult = numbers.group[person]
    study = GROUPS.index("SV4")
    return np.select(
        [age < 6, age < 18, (age < 23) & (person % 5 < 2), (age >= 60) & (person % 3 == 0)],
        [GROUPS.index("TE1"), GROUPS.index("HS4"), study, GROUPS.index("HT3")],
        adult,
    )
