"""The registries: what each asks for, how it writes it, and what it writes of a person that day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.synth import legacy, noise, reference
from mpi.synth.cards import insurance_ids, national_ids, phones
from mpi.synth.difficulty import Rates
from mpi.synth.habits import (
    Habits,
    as_floats,
    draw_habits,
    note_names,
    phone_for_id,
    pile_cards,
)
from mpi.synth.numbers import day
from mpi.synth.places import (
    DISTRICTS,
    WARDS,
    Addresses,
    district_names,
    street_lines,
    ward_names,
)
from mpi.synth.population import Bools, Ints
from mpi.synth.visits import HEALTH, HOSPITAL, KINDS, Visits
from mpi.synth.world import World

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
_NEWBORN = ("CON BÀ", "CON BÀ", "CB", "CON", "BÉ", "TSS")
_TEXTS = ("full_name", "address", "ward", "district", "province", "mother_name", "father_name")

_FONTS_UNTIL = day("2018-07-01")
_MERGED = day("2025-07-01")


@dataclass(frozen=True)
class Page:
    """The records of one registry: its columns, and what is true of them.

    Flags are bool[n]: placeholder, shared (another person's number or phone), cmnd and cccd
    (which generation of identity number was meant), garbled (text in a wrong code).
    """

    columns: dict[str, pa.Array]
    placeholder: Bools
    shared: Bools
    cmnd: Bools
    cccd: Bools
    garbled: Bools


def write_page(
    rng: np.random.Generator,
    more: np.random.Generator,
    world: World,
    visits: Visits,
    rates: Rates,
    missing: dict[str, float],
) -> Page:
    """Write the records of one kind of registry.

    What `more` decides changes nothing of what `rng` does.
    """
    kind = KINDS[int(visits.kind[0])]
    n = len(visits)
    habits = draw_habits(more, kind, rates, n)
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

    names = _full_names(rng, world, visits, rates, kind)
    born = world.people.birth[person].astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    names = note_names(names, habits, world.people.sex[person], age, born)
    if kind == "hospital":
        names = pc.utf8_upper(names)
    put("full_name", names, _NO_NAME, rates.name_unknown)
    sex = world.people.sex[person] ^ (rng.random(n) < rates.sex_wrong)
    put("sex", pa.array(SEXES[kind], pa.string()).take(pa.array(sex)))
    told = noise.lunar(more, world.people.birth[person], rates.date_lunar)
    written, bare = noise.misdate(rng, told, world.people.year_only[person], rates)
    flags["placeholder"] |= (written == day("1900-01-01")) & (world.people.birth[person] > written)
    put("birth_date", noise.render_dates(written, bare, kind))
    national, shared, cmnd, cccd = national_ids(rng, world, visits, age, rates, kind)
    flags["shared"] |= shared
    put("national_id", national, _NO_NUMBER, rates.number_placeholder)
    insurance, shared = insurance_ids(rng, world, visits, age, rates)
    flags["shared"] |= shared
    insurance = pile_cards(insurance, habits, person)
    put("insurance_id", insurance, _NO_CARD if kind == "hospital" else (), rates.number_placeholder)
    phone, shared = phones(rng, more, world, visits, age, rates)
    put("phone", phone, _NO_PHONE, rates.phone_placeholder)
    flags["shared"] |= shared & columns["phone"].is_valid().to_numpy(zero_copy_only=False)
    places = _places(rng, world, visits, rates, kind, habits)
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
    columns["national_id"], other = phone_for_id(columns["national_id"], columns["phone"], habits)
    columns["national_id"] = as_floats(columns["national_id"], habits)
    garbled = _garble(more, world, visits, rates, kind, columns)
    there = ~other & columns["national_id"].is_valid().to_numpy(zero_copy_only=False)
    return Page(
        {name: columns[name] for name in wanted},
        flags["placeholder"],
        flags["shared"],
        cmnd & there,
        cccd & there,
        garbled,
    )


def _garble(
    rng: np.random.Generator,
    world: World,
    visits: Visits,
    rates: Rates,
    kind: str,
    columns: dict[str, pa.Array],
) -> Bools:
    """Spoil the texts of some records, all those of a record alike; in which."""
    old = visits.day < _FONTS_UNTIL
    share = rates.text_font
    if kind == "employment":
        old[:] = True
        share = rates.text_font_employment
    elif kind == "health":
        old[:] = False
    fonts = np.array([legacy.FONTS[reference.region(p)] for p in world.provinces], np.int64)
    how = legacy.draw_legacy(
        rng, old, fonts[visits.province], share, rates.text_misread, rates.text_lost
    )
    before = columns["full_name"]
    for name in _TEXTS:
        if name in columns:
            columns[name] = legacy.garble_rows(columns[name], how)
    changed = pc.fill_null(pc.not_equal(before, columns["full_name"]), False)
    return np.asarray(changed.to_numpy(zero_copy_only=False), bool)


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


def _places(
    rng: np.random.Generator,
    world: World,
    visits: Visits,
    rates: Rates,
    kind: str,
    habits: Habits,
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
    # Health was rebuilt on the 34 provinces of July 2025; the others write them bit by bit.
    new = (visits.day >= _MERGED) & habits.new_names
    if kind == KINDS[HEALTH]:
        new[:] = True
    else:
        district = pc.if_else(pa.array(new), pa.scalar(None, pa.string()), district)
    names = pa.array([n for p in world.provinces for n in (p.name, p.name_2025)], pa.string())
    name = names.take(pa.array(province * 2 + new))
    if kind == KINDS[HOSPITAL]:
        line = pc.binary_join_element_wise(line, ward, district, name, ", ", null_handling="skip")
    return {"address": line, "ward": ward, "district": district, "province": name}
