"""The registries: what each asks for, how it writes it, and what it writes of a person that day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth import noise, reference
from mpi.synth.difficulty import Rates
from mpi.synth.names import Names
from mpi.synth.numbers import CMND_AGE, GROUPS, Numbers, day, group_on
from mpi.synth.places import (
    DISTRICTS,
    WARDS,
    Addresses,
    district_names,
    street_lines,
    ward_names,
)
from mpi.synth.population import Bools, Ints, People
from mpi.synth.reference import Province
from mpi.synth.serials import text
from mpi.synth.visits import EMPLOYMENT, HEALTH, HOSPITAL, INSURANCE, KINDS, Visits

COLUMNS: dict[str, tuple[str, ...]] = {
    "insurance": ("full_name", "sex", "birth_date", "national_id", "insurance_id", "phone",
                  "address", "ward", "district", "province", "mother_name"),
    "health": ("full_name", "sex", "birth_date", "national_id", "insurance_id", "phone",
               "address", "ward", "province", "mother_name", "father_name"),
    "hospital": ("full_name", "sex", "birth_date", "national_id", "insurance_id", "phone",
                 "address", "mother_name"),
    "employment": ("full_name", "sex", "birth_date", "national_id", "insurance_id", "phone",
                   "address", "district", "province"),
}  # fmt: skip
"""Registry -> its columns between record_id and updated_at."""

SEXES = {"insurance": ("1", "2"), "health": ("M", "F"),
         "hospital": ("Nam", "Nữ"), "employment": ("nam", "nữ")}  # fmt: skip

ID_PREFIXES = {"insurance": "", "health": "SK", "hospital": "BN", "employment": ""}

_NO_NAME = ("KHÔNG RÕ", "VÔ DANH", "BN CHƯA RÕ DANH TÍNH")
_NO_NUMBER = ("000000000000", "000000000", "123456789012", "111111111", "0")
_NO_CARD = ("000000000000000", "0000000000", "KHÔNG CÓ")
_NO_PHONE = ("0000000000", "0123456789", "0999999999", "KHÔNG CÓ")
_NO_PLACE = ("KHÔNG RÕ", "Không có", "...")
_NEWBORN = ("CON BÀ", "CON BÀ", "CB", "CON")

_PHONES_CHANGED = day("2018-09-15")
_CARD_10 = day("2021-04-01")
_CARD_12 = day("2025-08-15")


@dataclass(frozen=True)
class World:
    """Everything about the persons of one block."""

    provinces: tuple[Province, ...]
    people: People
    names: Names
    numbers: Numbers
    now: Addresses
    before: Addresses


@dataclass(frozen=True)
class Page:
    """The records of one registry: its columns, and what is true of them.

    Flags are bool[n]: placeholder, shared (another person's number or phone), cmnd and cccd
    (which generation of identity number was meant).
    """

    columns: dict[str, pa.Array]
    placeholder: Bools
    shared: Bools
    cmnd: Bools
    cccd: Bools


def write_page(
    rng: np.random.Generator,
    world: World,
    visits: Visits,
    rates: Rates,
    missing: dict[str, float],
) -> Page:
    """Write the records of one kind of registry."""
    kind = KINDS[int(visits.kind[0])]
    n = len(visits)
    person = visits.person
    age = (visits.day - world.people.birth[person]) * 100 // 36525
    wanted = COLUMNS[kind]
    flags = {name: np.zeros(n, bool) for name in ("placeholder", "shared")}
    columns: dict[str, pa.Array] = {}

    def put(name: str, values: pa.Array, nothing: tuple[str, ...] = (), rate: float = 0.0) -> None:
        """Fill in placeholders, then leave gaps."""
        gap = rng.random(n) < missing.get(name, 0.0)
        if nothing:
            hit = (rng.random(n) < rate) & ~gap
            flags["placeholder"] |= hit
            values = pc.replace_with_mask(
                values, pa.array(hit), noise.pick_text(rng, nothing, int(hit.sum()))
            )
        columns[name] = pc.if_else(pa.array(gap), pa.scalar(None, pa.string()), values)

    put("full_name", _full_names(rng, world, visits, rates, kind), _NO_NAME, rates.name_unknown)
    sex = world.people.sex[person] ^ (rng.random(n) < rates.sex_wrong)
    put("sex", pa.array(SEXES[kind], pa.string()).take(pa.array(sex)))
    written, bare = noise.misdate(
        rng, world.people.birth[person], world.people.year_only[person], rates
    )
    flags["placeholder"] |= (written == day("1900-01-01")) & (world.people.birth[person] > written)
    put("birth_date", noise.render_dates(written, bare, kind))
    national, shared, cmnd, cccd = _national_ids(rng, world, visits, age, rates, kind)
    flags["shared"] |= shared
    put("national_id", national, _NO_NUMBER, rates.number_placeholder)
    insurance, shared = _insurance_ids(rng, world, visits, age, rates)
    flags["shared"] |= shared
    put("insurance_id", insurance, _NO_CARD if kind == "hospital" else (), rates.number_placeholder)
    phone, shared = _phones(rng, world, visits, age, rates)
    put("phone", phone, _NO_PHONE, rates.phone_placeholder)
    flags["shared"] |= shared & columns["phone"].is_valid().to_numpy(zero_copy_only=False)
    places = _places(rng, world, visits, rates, kind)
    put("address", places["address"], _NO_PLACE, rates.address_placeholder)
    for name in ("ward", "district", "province"):
        if name in wanted:
            put(name, places[name])
    for name, codes in (("mother_name", world.names.mother), ("father_name", world.names.father)):
        if name in wanted:
            values = _parents(rng, codes[person], rates, kind)
            if kind == "hospital":
                values = pc.if_else(pa.array(age < 16), values, pa.scalar(None, pa.string()))
            put(name, values)
    there = columns["national_id"].is_valid().to_numpy(zero_copy_only=False)
    return Page(
        {name: columns[name] for name in wanted},
        flags["placeholder"],
        flags["shared"],
        cmnd & there,
        cccd & there,
    )


def _full_names(
    rng: np.random.Generator, world: World, visits: Visits, rates: Rates, kind: str
) -> pa.Array:
    names = noise.misspell(rng, world.names.own[visits.person], rates)
    values = noise.render(names)
    child = np.flatnonzero(visits.nameless)
    if len(child):
        person = visits.person[child]
        mother = noise.render(noise.misspell(rng, world.names.mother[person], rates))
        word = noise.pick_text(rng, _NEWBORN, len(child))
        twin = world.people.twin[person]
        number = pa.array([None, " 1", " 2"], pa.string()).take(
            pa.array(np.where(twin < 0, 0, np.where(twin > person, 1, 2)))
        )
        called = pc.binary_join_element_wise(word, pa.scalar(" "), mother, number, "",
                                             null_handling="skip")  # fmt: skip
        values = pc.replace_with_mask(values, pa.array(visits.nameless), called)
    if kind == "hospital":
        values = pc.utf8_upper(values)
    if kind == "employment":
        # One of the provinces keeps letters and marks apart, as old software does.
        apart = pa.array(visits.province == 1)
        values = pc.if_else(apart, pc.utf8_normalize(values, form="NFD"), values)
    return values


def _parents(rng: np.random.Generator, codes: Ints, rates: Rates, kind: str) -> pa.Array:
    values = noise.render(noise.misspell(rng, codes, rates))
    if kind == "hospital":
        return pc.utf8_upper(values)
    loud = pa.array(rng.random(len(codes)) < rates.parent_noise)
    return pc.if_else(loud, pc.utf8_upper(values), values)


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


def _national_ids(
    rng: np.random.Generator, world: World, visits: Visits, age: Ints, rates: Rates, kind: str
) -> tuple[pa.Array, Bools, Bools, Bools]:
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


def _insurance_ids(
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


def _phones(
    rng: np.random.Generator, world: World, visits: Visits, age: Ints, rates: Rates
) -> tuple[pa.Array, Bools]:
    """The person's own phone, or the one of the mother or of the head of the household."""
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
    return noise.type_phones(rng, number, rates), carrier != person


def _places(
    rng: np.random.Generator, world: World, visits: Visits, rates: Rates, kind: str
) -> dict[str, pa.Array]:
    people, person = world.people, visits.person
    n = len(visits)
    earlier = people.moved[person] > visits.day
    now, before = world.now.take(person), world.before.take(person)
    lives = Addresses(
        *(np.where(earlier, getattr(before, f), getattr(now, f)) for f in now.__dataclass_fields__)
    )
    province = lives.ward // (DISTRICTS * WARDS)
    south = np.array([reference.region(p) == "south" for p in world.provinces])[province]
    line = street_lines(lives, south ^ (rng.random(n) < 0.1))
    short = (rng.random(n) < rates.place_short).astype(np.int64)
    ward = ward_names(world.provinces).take(pa.array(lives.ward * 2 + short))
    district = district_names(world.provinces).take(pa.array(lives.ward // WARDS * 2 + short))
    # Health was rebuilt on the 34 provinces of July 2025; the others keep the 63.
    new = kind == KINDS[HEALTH]
    names = pa.array([p.name_2025 if new else p.name for p in world.provinces], pa.string())
    name = names.take(pa.array(province))
    if kind == KINDS[HOSPITAL]:
        line = pc.binary_join_element_wise(line, ward, district, name, ", ")
    return {"address": line, "ward": ward, "district": district, "province": name}
