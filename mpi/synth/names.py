"""Names of persons and of their parents, drawn by frequency, sex, year of birth and region.

A name is five codes of syllables, family, (second part,) middle, middle, given, -1 where there is
none, in the order in which they are written.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from mpi.synth import reference
from mpi.synth.population import Bools, Ints, People
from mpi.synth.reference import MINORITIES, Choice, Province
from mpi.synth.spelling import Syllables

PARTS = 5
FAMILY, SECOND, MIDDLE, MIDDLE_2, GIVEN = range(PARTS)


@dataclass(frozen=True)
class Names:
    """Names of the persons of one block, as codes of `syllables`.

    own, mother, father : int64[n, 5]
    minority : bool[n], the household belongs to an ethnic group
    """

    own: Ints
    mother: Ints
    father: Ints
    minority: Bools


@functools.cache
def groups() -> tuple[str, ...]:
    """Ethnic groups by number; 0 is the Kinh majority."""
    return ("Kinh", *sorted({g for shares in MINORITIES.values() for g, _ in shares}))


@functools.cache
def syllables() -> Syllables:
    """Every syllable of the tables, in their order."""
    found = Syllables()
    for table in ("family_names", "middle_names", "given_names", "minority_given_names"):
        for row in reference.rows(table):
            found.code(row["name"])
    for row in reference.rows("minority_given_names"):
        if row["group"] in _H_BEFORE and row["sex"] == "F":
            found.code(f"H'{row['name']}")
    for word in ("Thị", "Văn", "Y", "A"):
        found.code(word)
    return found


_YOUNG = 2005  # the first year of birth of the present fashion in given names
_H_BEFORE = ("Ê Đê", "Gia Rai")  # a woman's given name begins with H'


def _draw(rng: np.random.Generator, choice: Choice, n: int) -> Ints:
    return syllables().codes(choice.values)[choice.draw(rng, n)]


def name_people(rng: np.random.Generator, people: People, provinces: tuple[Province, ...]) -> Names:
    """Name everyone: families by household and father, given names by sex and year of birth."""
    n = len(people)
    group = _draw_groups(rng, people, provinces)
    family = _draw_families(rng, people.home, group, provinces)
    # A father of thirty may himself be named after a father of the block.
    for _ in range(3):
        child = np.flatnonzero(people.father >= 0)
        family[child] = family[people.father[child]]
        group[child] = group[people.father[child]]
    year = people.birth.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    own = _compose(rng, family, people.sex, year, group)
    own = _name_twins(rng, own, people)

    strangers = np.ones(n, np.int64)
    mother = _compose(
        rng, _draw_families(rng, people.home, group, provinces), strangers, year - 27, group
    )
    father = _compose(rng, family, strangers - 1, year - 29, group)
    known = people.mother >= 0
    mother[known] = own[people.mother[known]]
    known = people.father >= 0
    father[known] = own[people.father[known]]
    return Names(own, mother, father, group > 0)


def _draw_groups(rng: np.random.Generator, people: People, provinces: tuple[Province, ...]) -> Ints:
    n = len(people)
    position = rng.random(n)
    group = np.zeros(n, np.int64)
    for i, province in enumerate(provinces):
        here = people.home == i
        top = 0.0
        for name, share in MINORITIES[province.region]:
            group[here & (position >= top) & (position < top + share)] = groups().index(name)
            top += share
    return group[people.household]


def _draw_families(
    rng: np.random.Generator, home: Ints, group: Ints, provinces: tuple[Province, ...]
) -> Ints:
    family = np.zeros(len(home), np.int64)
    parts = np.array([("north", "centre", "south").index(reference.region(p)) for p in provinces])
    for i, part in enumerate(("north", "centre", "south")):
        rows = np.flatnonzero((parts[home] == i) & (group == 0))
        family[rows] = _draw(rng, reference.families(part), len(rows))
    for g, name in enumerate(groups()):
        rows = np.flatnonzero(group == g)
        if g and len(rows):
            family[rows] = _draw(rng, reference.group_families(name), len(rows))
    return family


def _compose(rng: np.random.Generator, family: Ints, sex: Ints, year: Ints, group: Ints) -> Ints:
    """int64[n, 5], whole names for these families."""
    n = len(family)
    name = np.full((n, PARTS), -1, np.int64)
    name[:, FAMILY] = family
    for s, letter in ((0, "M"), (1, "F")):
        rows = np.flatnonzero(sex == s)
        m = len(rows)
        position = rng.random(m)
        for cohort, born in (("new", year[rows] < _YOUNG), ("young", year[rows] >= _YOUNG)):
            choice = reference.given(letter, cohort)
            name[rows[born], GIVEN] = syllables().codes(choice.values)[choice.at(position[born])]
        old = rows[(year[rows] < 1960) & (rng.random(m) < 0.3)]
        name[old, GIVEN] = _draw(rng, reference.given(letter, "old"), len(old))
        word = syllables().code("Thị" if s else "Văn")
        shares = (0.85, 0.65, 0.35, 0.22) if s else (0.4, 0.12, 0.03, 0.03)
        before = [year[rows] < 1975, year[rows] < 2000, year[rows] < _YOUNG]
        share = np.select(before, shares[:3], shares[3])
        usual = rng.random(m) < share
        name[rows, MIDDLE] = np.where(usual, word, _draw(rng, reference.middle(letter, "1"), m))
        two = rng.random(m) < (np.where(usual, 0.85, 0.35) if s else np.where(usual, 0.03, 0.16))
        name[rows[two], MIDDLE_2] = _draw(rng, reference.middle(letter, "2"), int(two.sum()))
        none = rows[rng.random(m) < (0.009 if s else 0.02)]
        name[none, MIDDLE], name[none, MIDDLE_2] = -1, -1
    _compose_minorities(rng, name, sex, group)
    return name


def _compose_minorities(rng: np.random.Generator, name: Ints, sex: Ints, group: Ints) -> None:
    """Y Thuyên Niê, H'Hen Niê; Siu H'Nga; Giàng A Páo; the other groups in the Kinh way."""
    for g, group_name in enumerate(groups()):
        if group_name not in ("Ê Đê", "Gia Rai", "Mông", "Khmer"):
            continue
        for s, letter in ((0, "M"), (1, "F")):
            rows = np.flatnonzero((group == g) & (sex == s))
            choice = reference.group_given(group_name, letter)
            given = _draw(rng, choice, len(rows))
            if group_name in _H_BEFORE and s:
                pick = choice.draw(rng, len(rows))
                given = syllables().codes(tuple(f"H'{v}" for v in choice.values))[pick]
            clan = name[rows, FAMILY]
            name[rows] = -1
            if group_name == "Ê Đê":
                name[rows, GIVEN], name[rows, MIDDLE] = clan, given
                if not s:
                    name[rows, FAMILY] = syllables().code("Y")
                continue
            name[rows, FAMILY], name[rows, GIVEN] = clan, given
            if group_name == "Mông":
                name[rows, MIDDLE] = syllables().code("Thị" if s else "A")


def _name_twins(rng: np.random.Generator, own: Ints, people: People) -> Ints:
    """The second twin: the same family and, of one sex, the middle names; a name close by."""
    second = np.flatnonzero((people.twin >= 0) & (people.twin < np.arange(len(people))))
    first = people.twin[second]
    alike = people.sex[second] == people.sex[first]
    own[second, FAMILY] = own[first, FAMILY]
    own[second[alike]] = own[first[alike]]
    for s, letter in ((0, "M"), (1, "F")):
        names = reference.given(letter, "new").values
        codes = syllables().codes(names)
        place = np.full(int(codes.max()) + 1, -1, np.int64)
        place[codes] = np.arange(len(codes))  # names are sorted: a step away begins alike
        rows = second[alike & (people.sex[second] == s)]
        step = rng.integers(1, 4, len(rows))
        known = own[rows, GIVEN] <= codes.max()
        rows, step = rows[known], step[known]
        at = place[own[rows, GIVEN]]
        rows, step, at = rows[at >= 0], step[at >= 0], at[at >= 0]
        own[rows, GIVEN] = codes[(at + step) % len(codes)]
    return own
