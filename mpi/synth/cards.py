"""Which number a person showed that day, and how it was written down."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth import noise, reference
from mpi.synth.difficulty import Rates
from mpi.synth.numbers import CMND_AGE, GROUPS, day, group_on
from mpi.synth.population import Bools, Ints
from mpi.synth.serials import text
from mpi.synth.visits import EMPLOYMENT, HOSPITAL, INSURANCE, Visits
from mpi.synth.world import World

_PHONES_CHANGED = day("2018-09-15")
_LANDLINES_UNTIL = day("2021-01-01")
_CARD_10 = day("2021-04-01")
_CARD_12 = day("2025-08-15")


def _card_on(world: World, person: Ints, visits: Visits, stale: Bools) -> tuple[Ints, Ints]:
    """Identity number each person showed that day, and its digits: 12, 9, or 0 for none."""
    numbers, people = world.numbers, world.people
    when = visits.day
    age = (when - people.birth[person]) * 100 // 36525
    new = when >= numbers.cccd_from[person]
    old = (age >= CMND_AGE) & (numbers.cccd_from[person] > day("2016-06-01"))
    old &= people.birth[person] < day("2008-01-01")
    new &= ~(stale & old & (when < day("2024-07-01")))
    earlier = when < people.moved[person] + 365
    cmnd = np.where(
        earlier & people.mover[person], numbers.cmnd_before[person], numbers.cmnd[person]
    )
    number = np.where(new, numbers.cccd[person], cmnd)
    return number, np.select([new, old], [12, 9], 0)


def national_ids(
    rng: np.random.Generator, world: World, visits: Visits, age: Ints, rates: Rates, kind: str
) -> tuple[pa.Array, Bools, Bools, Bools]:
    """Identity numbers as they are written; which are another's, of nine and of twelve digits."""
    n = len(visits)
    stale = rng.random(n) < rates.number_stale
    number, width = _card_on(world, visits.person, visits, stale)
    mother = world.people.mother[visits.person]
    shared = (age < CMND_AGE) & (mother >= 0) & (rng.random(n) < rates.shared_number)
    hers, her_width = _card_on(world, np.where(mother >= 0, mother, 0), visits, stale)
    shared &= her_width > 0
    number, width = np.where(shared, hers, number), np.where(shared, her_width, width)
    lost = rates.number_lost_zero_hospital if kind == "hospital" else rates.number_lost_zero
    characters, keep = noise.mistype_numbers(rng, number, np.maximum(width, 9), rates, lost)
    typed = text(characters, keep, width > 0)
    typed = noise.space_out(rng, typed, rates.number_spaced)
    own = ~shared
    return typed, shared, own & (width == 9), own & (width == 12)


def insurance_ids(
    rng: np.random.Generator, world: World, visits: Visits, age: Ints, rates: Rates
) -> tuple[pa.Array, Bools]:
    """Ten digits of social insurance, or the card that was valid that day."""
    n = len(visits)
    kind = int(visits.kind[0])
    mother = world.people.mother[visits.person]
    shared = (kind == HOSPITAL) & (age < 6) & (mother >= 0) & (rng.random(n) < rates.shared_card)
    holder = np.where(shared, mother, visits.person)
    width = np.full(n, 10)
    characters, keep = noise.mistype_numbers(
        rng, world.numbers.social[holder], width, rates, rates.number_lost_zero
    )
    tail = text(characters, keep)
    if kind in (INSURANCE, EMPLOYMENT):
        return noise.space_out(rng, tail, rates.number_spaced), shared
    holder_age = (visits.day - world.people.birth[holder]) * 100 // 36525
    group = pa.array(GROUPS, pa.string()).take(
        pa.array(group_on(world.numbers, holder, holder_age))
    )
    codes = pa.array([p.code for p in world.provinces], pa.string())
    # The head of the card is set before the ten digits, whose own zeros a card never loses.
    whole = text(characters, np.arange(12)[None, :] >= np.full((n, 1), 2))
    card = pc.binary_join_element_wise(group, codes.take(pa.array(visits.province)), whole, "")
    chance = rng.random(n)
    short = (visits.day >= _CARD_10) & (chance < 0.4)
    card = pc.if_else(pa.array(short), tail, card)
    modern = (visits.day >= _CARD_12) & (chance > 0.75)
    modern &= visits.day >= world.numbers.cccd_from[holder]
    number, keep = noise.mistype_numbers(
        rng, world.numbers.cccd[holder], np.full(n, 12), rates, rates.number_lost_zero
    )
    return pc.if_else(pa.array(modern), text(number, keep), card), shared


def phones(
    rng: np.random.Generator,
    more: np.random.Generator,
    world: World,
    visits: Visits,
    age: Ints,
    rates: Rates,
) -> tuple[pa.Array, Bools]:
    """The person's own phone, or the one of the mother, the head or all of the household."""
    people, numbers, person = world.people, world.numbers, visits.person
    n = len(visits)
    head = people.household[person]
    parent = np.where(people.mother[person] >= 0, people.mother[person], head)
    chance = rng.random(n)
    leaning = (age >= 70) & (chance < 0.4) | (age >= 15) & (chance < 0.06)
    carrier = np.select([age < 15, leaning], [parent, head], person)
    early = visits.day < numbers.phone_from[carrier]
    number = np.where(early, numbers.phone_before[carrier], numbers.phone[carrier])
    table = reference.rows("mobile_prefixes")
    longer = np.zeros(1000, np.int64)
    for row in table:
        if row["before_2018"]:
            longer[int(row["prefix"])] = int(row["before_2018"])
    eleven = longer[number // 10**7]
    number = np.where(
        (visits.day < _PHONES_CHANGED) & (eleven > 0), eleven * 10**7 + number % 10**7, number
    )
    house = people.household[person]
    changed = visits.day >= numbers.landline_from[house]
    landline = np.where(changed, numbers.landline[house], numbers.landline_before[house])
    at_home = (landline > 0) & (visits.day < _LANDLINES_UNTIL) & (more.random(n) < 0.3)
    number = np.where(at_home, landline, number)
    return noise.type_phones(rng, number, rates), (carrier != person) | at_home
