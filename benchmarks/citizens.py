"""Millions of citizens as a standard table, with truth, in less time than it takes to link them.

`mpi synth` writes registries as clerks do, for the whole job to read. The matching core begins
behind that: here each field is drawn as numbers, a number a value, and only different values are
spelt. Names follow the frequencies of `mpi.synth.reference`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.table import Field
from mpi.schema import FORM_OF, Kind
from mpi.standardise.fold import fold
from mpi.standardise.table import StandardColumn, StandardTable
from mpi.synth import reference
from mpi.synth.serials import digit_matrix, rank_in_cell, scramble, text

Ints = npt.NDArray[np.int64]
Rng = np.random.Generator

SOURCES = 8
_RECORDS_A_PERSON = (0.42, 0.27, 0.16, 0.09, 0.06)  # one to five: 2.1 on average
_PERSONS_A_HOUSEHOLD = (0.15, 0.2, 0.22, 0.25, 0.12, 0.06)
_NONE = -1
_PART = 15  # bits of a syllable in a name
_FOLDED, _TURNED = 1 << 60, 1 << 61
_SLIPS = 16  # ways to mistype a syllable
# Accents lost, a letter mistyped, a middle name left out; else turned round.
_USUAL_ERRORS, _MOSTLY_SLIPS = (0.5, 0.8, 0.95), (0.15, 0.8, 0.95)
_LETTERS = "ABCDEGHIKLMNOPQRSTUVXY"


@dataclass(frozen=True)
class Citizens:
    """Records and the person of each, int64[n_records]."""

    standard: StandardTable
    person: Ints


def invent(records: int, seed: int) -> Citizens:
    """Draw persons in households, and so many records of them in a random order."""
    rng = np.random.Generator(np.random.PCG64(seed))
    sizes = 1 + rng.choice(5, int(records / 2.09) + 100, p=_RECORDS_A_PERSON)
    n = int(np.searchsorted(np.cumsum(sizes), records)) + 1
    person = rng.permutation(np.repeat(np.arange(n), sizes[:n])[:records])
    source = rng.integers(0, SOURCES, records).astype(np.int32)
    houses = 1 + rng.choice(6, n, p=_PERSONS_A_HOUSEHOLD)
    household = np.repeat(np.arange(n), houses)[:n]
    sex = rng.integers(0, 2, n)
    year, day = _births(rng, n)
    province = _provinces().draw(rng, n)[household]

    def missing(low: float, high: float) -> npt.NDArray[np.bool_]:
        """Each registry lacks a field at a rate of its own."""
        rate = rng.permutation(np.linspace(low, high, SOURCES))
        return rng.random(records) < rate[source]

    columns = []

    def add(kind: Kind, keys: Ints, gone: npt.NDArray[np.bool_], spell: Spell) -> None:
        columns.append(column(kind, np.where(gone, _NONE, keys), spell))

    names = draw_names(rng, household, sex, year)
    add(Kind.FULL_NAME, mistype_names(rng, names[person], 0.2), missing(0, 0.01), spell_names)
    add(Kind.SEX, _blur(rng, sex[person], 1 - sex[person], 0.005), missing(0, 0.02), _spell_sexes)
    dates = _misdate(rng, (year * 10_000 + day)[person])
    add(Kind.BIRTH_DATE, dates, missing(0, 0.02), _spell_dates)
    cell = province * 10_000 + (year - 1900) * 2 + sex
    serial = scramble(rank_in_cell(cell), 6, seed)
    century = (year // 100 - 19) * 2 + sex
    national = ((province + 1) * 1000 + century * 100 + year % 100) * 1_000_000 + serial
    numbers = _mistype_digits(rng, national[person], 12)
    add(Kind.NATIONAL_ID, numbers, missing(0.1, 0.4), _digits(12))
    insurance = scramble(np.arange(n), 10, seed + 1)
    numbers = _mistype_digits(rng, insurance[person], 10)
    add(Kind.INSURANCE_ID, numbers, missing(0.1, 0.4), _digits(10))
    own = np.where(rng.random(n) < 0.15, household, np.arange(n))
    phone = _blur(rng, own[person], own[person] + n, 0.2)
    phone = (320_000_000 + phone % 40 * 10_000_000) + scramble(phone // 40, 7, seed + 2)
    add(Kind.PHONE, _mistype_digits(rng, phone, 9), missing(0.1, 0.4), _digits(10))
    homes = _draw_homes(rng, 2 * n)
    home = _blur(rng, household[person], household[person] + n, 0.15)
    add(Kind.ADDRESS, _miswrite_homes(rng, homes[home]), missing(0.02, 0.2), _spell_homes)
    moved = _blur(rng, province[person], rng.integers(0, 63, records), 0.03)
    add(Kind.PROVINCE, moved, missing(0.01, 0.05), _spell_provinces)
    sources = tuple(f"registry_{i}" for i in range(SOURCES))
    return Citizens(StandardTable(tuple(columns), source, sources), person)


def invent_pairs(pairs: int, seed: int) -> tuple[StandardTable, npt.NDArray[np.bool_]]:
    """Full names alone: record 2k is to be compared with 2k + 1.

    Also bool[n_pairs]: half of the pairs, in no order, are one person with a slip.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    sex = rng.integers(0, 2, 2 * pairs)
    names = draw_names(rng, np.arange(2 * pairs), sex, _births(rng, 2 * pairs)[0])
    same = rng.permutation(np.arange(pairs) % 2 == 1)
    names[1::2][same] = mistype_names(rng, names[0::2][same], 1.0, _MOSTLY_SLIPS)
    one = column(Kind.FULL_NAME, names, spell_names)
    return StandardTable((one,), np.zeros(len(names), np.int32), ("registry",)), same


Spell = Callable[[Ints], pa.Array]


def column(kind: Kind, keys: Ints, spell: Spell) -> StandardColumn:
    """A column of numbers, -1 missing, whose different values `spell` writes.

    Two numbers may be written alike.
    """
    present = keys >= 0
    values, inverse = np.unique(keys[present], return_inverse=True)
    spelt = spell(values).dictionary_encode()
    order = np.asarray(pc.sort_indices(spelt.dictionary))
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    codes = np.full(len(keys), _NONE, np.int32)
    codes[present] = rank[np.asarray(spelt.indices)][inverse]
    return StandardColumn(
        Field(kind, kind, kind, "invented"),
        FORM_OF[kind],
        codes,
        spelt.dictionary.take(pa.array(order)),
        np.bincount(codes[present], minlength=len(order)),
        {},
    )


def _blur(rng: Rng, right: Ints, wrong: Ints, rate: float) -> Ints:
    return np.where(rng.random(len(right)) < rate, wrong, right)


# Names: four syllables of 15 bits, the family's highest, 0 where there is none.


@cache
def _syllables() -> tuple[dict[str, int], pa.Array]:
    """Code of each syllable, and the spelling of every code: 0 empty, then each with its slips."""
    names = sorted(
        {
            row["name"].upper()
            for table in ("family_names", "middle_names", "given_names")
            for row in reference.rows(table)
        }
        | {"THỊ", "VĂN"}
    )
    rng = random.Random(1)
    spelt = [""]
    for name in names:
        spelt += [name, *(_slip(name, rng) for _ in range(_SLIPS))]
    assert len(spelt) < 1 << _PART
    return {name: 1 + i * (_SLIPS + 1) for i, name in enumerate(names)}, pa.array(spelt)


def _slip(word: str, rng: random.Random) -> str:
    """A letter left out, replaced, doubled, or changed over with the next."""
    at = rng.randrange(len(word))
    letter = rng.choice(_LETTERS)
    ways = (
        word[:at] + word[at + 1 :] if len(word) > 2 else word + letter,
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    )
    return rng.choice(ways)


def _draw(rng: Rng, choice: reference.Choice, n: int) -> Ints:
    codes = _syllables()[0]
    return np.array([codes[v.upper()] for v in choice.values], np.int64)[choice.draw(rng, n)]


def draw_names(rng: Rng, household: Ints, sex: Ints, year: Ints) -> Ints:
    """Most of a household share the family name; Thị and Văn are older people's."""
    n = len(sex)
    heads = _draw(rng, reference.families("north"), n)
    family = _blur(rng, heads[household], heads, 0.3)
    middle, second, given = np.zeros((3, n), np.int64)
    for s, letter, usual, shares in ((0, "M", "VĂN", (0.4, 0.08)), (1, "F", "THỊ", (0.8, 0.4))):
        rows = np.flatnonzero(sex == s)
        m = len(rows)
        given[rows] = _draw(rng, reference.given(letter, "new"), m)
        old = rng.random(m) < np.where(year[rows] < 1980, *shares)
        first = _draw(rng, reference.middle(letter, "1"), m)
        middle[rows] = np.where(old, _syllables()[0][usual], first)
        two = rows[rng.random(m) < np.where(old, 0.4, 0.2)]
        second[two] = _draw(rng, reference.middle(letter, "2"), len(two))
    return ((family << _PART | middle) << _PART | second) << _PART | given


def mistype_names(
    rng: Rng, names: Ints, rate: float, ways: tuple[float, float, float] = _USUAL_ERRORS
) -> Ints:
    """Write names wrongly at this rate, in these ways: cumulative shares of the first three."""
    chance = rng.random(len(names)) / rate
    folded, mistyped, shortened = ways
    names = names.copy()
    names[chance < folded] |= _FOLDED
    rows = np.flatnonzero((chance >= folded) & (chance < mistyped))
    at = _PART * rng.choice(np.array([0, 2, 3]), len(rows))  # every name has these three
    names[rows] += rng.integers(1, _SLIPS + 1, len(rows)) << at
    rows = np.flatnonzero((chance >= mistyped) & (chance < shortened))
    second = names[rows] & ((1 << _PART) - 1) << _PART
    middle = names[rows] & ((1 << _PART) - 1) << 2 * _PART
    names[rows] -= np.where(second > 0, second, middle)
    names[(chance >= shortened) & (chance < 1.0)] |= _TURNED
    return names


def spell_names(keys: Ints) -> pa.Array:
    """string[n], the syllables with blanks between them; turned round, the given name first."""
    right = _syllables()[1]
    table = pa.concat_arrays([right, fold(right)])
    parts = [(keys >> shift * _PART & (1 << _PART) - 1) for shift in (3, 2, 1, 0)]
    turned = keys & _TURNED > 0
    parts = [np.where(turned, parts[3], 0), *parts[:3], np.where(turned, 0, parts[3])]
    folded = np.where(keys & _FOLDED > 0, len(right), 0)
    written = [table.take(pa.array(part + folded, mask=part == 0)) for part in parts]
    return pc.binary_join_element_wise(*written, " ", null_handling="skip")


# Dates: the number yyyymmdd.


def _births(rng: Rng, n: int) -> tuple[Ints, Ints]:
    """Years, and days as mmdd, by the age pyramid of 2026."""
    bands = reference.rows("age_pyramid")
    band = reference.choice([r["from"] for r in bands], [float(r["share"]) for r in bands])
    low = np.array([int(r["from"]) for r in bands])
    high = np.append(low[1:], low[-1] + 15)
    drawn = band.draw(rng, n)
    age = low[drawn] + np.floor(rng.random(n) * (high - low)[drawn]).astype(np.int64)
    month, day = rng.integers(1, 13, n), rng.integers(1, 29, n)
    return 2025 - age, month * 100 + day


def _misdate(rng: Rng, dates: Ints) -> Ints:
    chance = rng.random(len(dates))
    year, month, day = dates // 10_000, dates // 100 % 100, dates % 100
    swap = (chance < 0.02) & (day <= 12)
    month, day = np.where(swap, day, month), np.where(swap, month, day)
    step = rng.choice(np.array([-10, -1, 1, 10]), len(dates))
    moved = (chance >= 0.02) & (chance < 0.03) & (day + step >= 1) & (day + step <= 28)
    day = np.where(moved, day + step, day)
    aged = (chance >= 0.03) & (chance < 0.04) & (year + step >= 1900) & (year + step <= 2025)
    year = np.where(aged, year + step, year)
    known = np.where((chance >= 0.04) & (chance < 0.06) & (year < 1970), 0, month * 100 + day)
    return year * 10_000 + known


def _spell_dates(keys: Ints) -> pa.Array:
    digits = digit_matrix(keys, 8) + np.uint8(ord("0"))
    dash = np.full((len(keys), 1), ord("-"), np.uint8)
    return text(np.hstack([digits[:, :4], dash, digits[:, 4:6], dash, digits[:, 6:]]))


# Numbers.


def _mistype_digits(rng: Rng, numbers: Ints, width: int) -> Ints:
    """A digit wrong, or two neighbours changed over."""
    chance = rng.random(len(numbers))
    numbers = numbers.copy()
    rows = np.flatnonzero(chance < 0.02)
    power = 10 ** rng.integers(0, width, len(rows))
    old = numbers[rows] // power % 10
    numbers[rows] += ((old + rng.integers(1, 10, len(rows))) % 10 - old) * power
    rows = np.flatnonzero((chance >= 0.02) & (chance < 0.025))
    power = 10 ** rng.integers(0, width - 1, len(rows))
    low, high = numbers[rows] // power % 10, numbers[rows] // power // 10 % 10
    numbers[rows] += (low - high) * 9 * power
    return numbers


def _digits(width: int) -> Spell:
    return lambda keys: text(digit_matrix(keys, width) + np.uint8(ord("0")))


# Addresses: ward 8 bits, street 8, lane 6, house 9, then how it is written.

_FOLDED_HOME, _NO_WARD, _SHORT_WARD = 1 << 40, 1 << 41, 1 << 42
_WARDS = ("TÂN", "PHÚ", "AN", "BÌNH", "HÒA", "LONG", "MỸ", "ĐÔNG",
          "VĨNH", "HƯNG", "MINH", "XUÂN", "THANH", "QUANG", "NGHĨA", "CẨM")  # fmt: skip


def _draw_homes(rng: Rng, n: int) -> Ints:
    ward = np.floor(rng.random(n) ** 1.4 * 256).astype(np.int64)
    street = rng.integers(0, len(reference.rows("streets")), n)
    lane = np.where(rng.random(n) < 0.35, rng.integers(1, 60, n), 0)
    house = 1 + np.floor(rng.random(n) ** 2 * 400).astype(np.int64)
    return ((ward << 8 | street) << 6 | lane) << 9 | house


def _miswrite_homes(rng: Rng, homes: Ints) -> Ints:
    chance = rng.random(len(homes))
    homes = homes.copy()
    homes[chance < 0.15] |= _FOLDED_HOME
    homes[(chance >= 0.1) & (chance < 0.25)] |= _NO_WARD
    homes[(chance >= 0.25) & (chance < 0.45)] |= _SHORT_WARD
    rows = np.flatnonzero((chance >= 0.45) & (chance < 0.47))
    homes[rows] ^= rng.integers(1, 8, len(rows))  # another house
    return homes


def _spell_homes(keys: Ints) -> pa.Array:
    streets = pa.array([r["name"].upper() for r in reference.rows("streets")])
    wards = pa.array([f"{a} {b}" for a in _WARDS for b in _WARDS])
    folded = keys & _FOLDED_HOME > 0

    def words(table: pa.Array, at: Ints) -> pa.Array:
        both = pa.concat_arrays([table, fold(table)])
        return both.take(pa.array(at + np.where(folded, len(table), 0)))

    lane, house = keys >> 9 & 63, keys & 511
    lanes = pa.array(["", *(f"NGÕ {i}" for i in range(1, 64))])
    before = words(pa.array(["P", "PHƯỜNG"]), (keys & _SHORT_WARD == 0).astype(np.int64))
    ward = pc.binary_join_element_wise(before, words(wards, keys >> 23 & 255), " ")
    return pc.binary_join_element_wise(
        pa.array([str(i) for i in range(512)]).take(pa.array(house)),
        pc.if_else(pa.array(lane > 0), words(lanes, lane), None),
        words(streets, keys >> 15 & 255),
        pc.if_else(pa.array(keys & _NO_WARD == 0), ward, None),
        " ",
        null_handling="skip",
    )


# Categories.


def _spell_sexes(keys: Ints) -> pa.Array:
    return pa.array(["M", "F"]).take(pa.array(keys))


@cache
def _provinces() -> reference.Choice:
    every = reference.provinces(63)
    return reference.choice([p.name.upper() for p in every], [p.population for p in every])


def _spell_provinces(keys: Ints) -> pa.Array:
    return pa.array(_provinces().values).take(pa.array(keys))


# Kept in the scratch folder, for measurements come by the dozen.


def keep(citizens: Citizens, folder: Path) -> None:
    """Write citizens to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for c in citizens.standard.columns:
        np.save(folder / f"{c.field.name}.npy", c.codes)
        table = pa.table({"values": c.values, "counts": c.counts})
        with pa.ipc.new_file(folder / f"{c.field.name}.arrow", table.schema) as out:
            out.write_table(table)
    np.save(folder / "source.npy", citizens.standard.source)
    np.save(folder / "person.npy", citizens.person)  # last: the folder is whole


def read(folder: Path) -> Citizens:
    """Read citizens that `keep` wrote."""
    columns = []
    for kind in KINDS:
        with pa.OSFile(str(folder / f"{kind}.arrow")) as file:
            table = pa.ipc.open_file(file).read_all().combine_chunks()
        values, counts = table["values"].chunk(0), table["counts"].to_numpy()
        codes = np.load(folder / f"{kind}.npy")
        name = Field(kind, kind, kind, "invented")
        columns.append(StandardColumn(name, FORM_OF[kind], codes, values, counts, {}))
    sources = tuple(f"registry_{i}" for i in range(SOURCES))
    source = np.load(folder / "source.npy")
    return Citizens(StandardTable(tuple(columns), source, sources), np.load(folder / "person.npy"))


KINDS = (
    Kind.FULL_NAME,
    Kind.SEX,
    Kind.BIRTH_DATE,
    Kind.NATIONAL_ID,
    Kind.INSURANCE_ID,
    Kind.PHONE,
    Kind.ADDRESS,
    Kind.PROVINCE,
)
"""Fields of `invent`, in their order."""
