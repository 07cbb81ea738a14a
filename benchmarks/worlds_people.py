"""Persons of a world: households, twins, common names; who they are is the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from benchmarks.worlds_names import Language

Rng = np.random.Generator
_NOW = date(2022, 6, 30)


@dataclass
class Person:
    """What is true of a person; names hold their spellings, parted by a slash."""

    given: str
    middle: str
    family: str
    family2: str
    sex: str
    born: date
    house: str
    street: str
    unit: str
    town: str
    postcode: str
    state: str
    phone: str
    mail_host: str
    national: str
    insurance: str
    mother: str
    father: str
    maiden: str = ""
    race: str = ""
    birth_place: str = ""
    registered: date = _NOW


def spelt(name: str) -> str:
    """A person's own spelling of a name."""
    return name.split("/")[0].replace("_", " ")


class Drawer:
    """Draws names by Zipf's law, persons and households."""

    def __init__(
        self,
        language: Language,
        rng: Rng,
        *,
        heap: int = 0,
        tail: float = 0.35,
        patronymic: bool = False,
    ) -> None:
        """`heap`: only that many names of each list, where common names heap up; `tail`: share of
        family names that are rare."""
        self.language, self.rng = language, rng
        self.heap, self.patronymic = heap, patronymic
        self.tail = 0.0 if heap or not language.ends else tail

    def pick(self, names: tuple[str, ...], exponent: float = 0.75) -> str:
        """One of the names, the first ones more often."""
        n = min(len(names), self.heap or len(names))
        weight = 1.0 / np.arange(2, n + 2) ** exponent
        return names[int(self.rng.choice(n, p=weight / weight.sum()))]

    def family(self) -> str:
        """A family name, one of the list or a rare one."""
        if self.rng.random() < self.tail:
            stems, ends = self.language.stems, self.language.ends
            return str(self.rng.choice(stems)) + str(self.rng.choice(ends))
        return self.pick(self.language.family)

    def given(self, sex: str) -> str:
        """A given name."""
        return self.pick(self.language.male if sex == "m" else self.language.female)

    def digits(self, n: int) -> str:
        """A number of `n` digits that begins with none."""
        return str(self.rng.integers(1, 10)) + "".join(map(str, self.rng.integers(0, 10, n - 1)))

    def home(self) -> dict[str, str]:
        """An address with a telephone."""
        rng, language = self.rng, self.language
        town = int(len(language.towns) * rng.random() ** 1.7)
        return {
            "house": str(int(rng.integers(1, 200))),
            "street": str(rng.choice(language.street)).format(rng.choice(language.streets))
            if rng.random() < 0.5 or not language.stems
            else str(rng.choice(language.street)).format(self.family().split("/")[0]),
            "unit": str(int(rng.integers(1, 60))) if rng.random() < 0.25 else "",
            "town": language.towns[town],
            "postcode": f"{10 + town * 3 % 89:02d}{int(rng.integers(0, 400)):03d}",
            "state": ("Norte", "Sul", "Este", "Oeste")[town % 4],
            "phone": "0" + self.digits(9),
        }

    def birth(self, low: int = 1, high: int = 95) -> date:
        """A birth date; ages between `low` and `high`."""
        days = int(self.rng.integers(int(low * 365.25), int(high * 365.25)))
        return _NOW - timedelta(days=days)

    def person(self, home: dict[str, str] | None = None, family: str | None = None) -> Person:
        """One person."""
        rng = self.rng
        sex = "m" if rng.random() < 0.5 else "f"
        family = family or self.family()
        father = self.given("m")
        middle = self.given(sex) if rng.random() < 0.7 else ""
        if self.patronymic:
            middle = patronymic(spelt(father), sex)
            family = family + ("а" if sex == "f" and family[-1] in "внВН" else "")
        born = self.birth()
        since = max(born + timedelta(days=18 * 365), date(1980, 1, 1))
        registered = since + timedelta(days=int(rng.integers(0, max(1, (_NOW - since).days))))
        maiden = self.family() if sex == "f" and rng.random() < 0.6 else family
        own = home or self.home()
        return Person(
            given=self.given(sex),
            middle=middle,
            family=family,
            family2=self.family(),
            sex=sex,
            born=born,
            mail_host=str(rng.choice(["gmail.com", "yahoo.com", "hotmail.com", "mail.org"])),
            national=self.digits(9),
            insurance="".join(chr(65 + int(x)) for x in rng.integers(0, 26, 2)) + self.digits(8),
            mother=f"{spelt(self.given('f'))} {spelt(self.family())}",
            father=f"{spelt(father)} {spelt(family)}",
            maiden=maiden,
            race=str(rng.choice(["A", "B", "C", "D"], p=[0.7, 0.15, 0.1, 0.05])),
            birth_place=self.pick(self.language.towns, 0.5),
            registered=min(registered, _NOW),
            house=own["house"],
            street=own["street"],
            unit=own["unit"],
            town=own["town"],
            postcode=own["postcode"],
            state=own["state"],
            phone=own["phone"],
        )


def patronymic(father: str, sex: str) -> str:
    """The Russian second name, from the father's."""
    stem = father[:-1] if father[-1] in "йьая" else father
    if father[-1] in "йь":
        return stem + ("евич" if sex == "m" else "евна")
    return stem + ("ович" if sex == "m" else "овна")


def population(drawer: Drawer, n: int, *, shared: float, twins: float) -> list[Person]:
    """`n` persons; `shared`: share who live with relatives, `twins`: share who have one."""
    rng = drawer.rng
    persons: list[Person] = []
    while len(persons) < n:
        first = drawer.person()
        persons.append(first)
        if rng.random() < shared:
            home = {k: getattr(first, k) for k in ("house", "street", "unit", "town", "postcode")}
            home |= {"state": first.state, "phone": first.phone}
            parents = drawer.person(home, first.family)
            for _ in range(int(rng.integers(1, 4))):
                other = drawer.person(home, first.family)
                other.mother, other.father = parents.mother, parents.father
                if rng.random() < 0.5:
                    other.phone = drawer.home()["phone"]
                persons.append(other)
        if rng.random() < twins:
            twin = replace(
                persons[-1], given=drawer.given(persons[-1].sex), national=drawer.digits(9)
            )
            persons.append(replace(twin, insurance=twin.insurance[:2] + drawer.digits(8)))
    return persons[:n]


def later(person: Person, drawer: Drawer, *, moved: float, married: float) -> Person:
    """The same person as another visit finds them: perhaps at another place, under another name."""
    rng = drawer.rng
    changed = replace(person)
    if rng.random() < moved:
        for name, value in drawer.home().items():
            if name != "phone" or rng.random() < 0.5:
                setattr(changed, name, value)
    if person.sex == "f" and rng.random() < married:
        changed.family = person.maiden if rng.random() < 0.5 else drawer.family()
    return changed
