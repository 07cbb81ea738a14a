"""Records of a world's persons: what happened since, what went wrong, how columns are written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

import numpy as np

from benchmarks.worlds_errors import latin, plain, wrong, wrong_number
from benchmarks.worlds_people import Drawer, Person, later, spelt

Rng = np.random.Generator


@dataclass(frozen=True)
class Noise:
    """How often things go wrong, shares of the values (names, dates, places, numbers, missing) or
    of the records.

    variants : another spelling or a nickname; initials : a given name's first letter alone
    swapped : family and given name exchanged; moved, married : since the person's first record
    missing : of the columns that `often_missing` does not name
    foreign : records in the other script; plain : without accents
    """

    names: float = 0.06
    dates: float = 0.03
    places: float = 0.08
    numbers: float = 0.03
    variants: float = 0.1
    initials: float = 0.0
    swapped: float = 0.01
    moved: float = 0.15
    married: float = 0.03
    missing: float = 0.05
    foreign: float = 0.0
    plain: float = 0.0


USUAL = Noise()
CLEAN = Noise(0.02, 0.01, 0.03, 0.01, 0.02, 0.0, 0.002, 0.05, 0.01, 0.02)
DIRTY = Noise(0.15, 0.08, 0.2, 0.06, 0.15, 0.02, 0.03, 0.25, 0.05, 0.15)
FILTHY = Noise(0.3, 0.15, 0.3, 0.12, 0.2, 0.05, 0.06, 0.3, 0.08, 0.25)

_NOTES = (
    "called twice, no answer",
    "seen at the clinic",
    "",
    "",
    "",
    "will come back next week",
    "ok",
    "moved?",
    "asked for a form and was sent one by post",
)
_ALWAYS = frozenset({"serial", "note", "status", "load", "dob", "day", "month", "year", "age"})
_SOURCES = ("north", "south", "east", "west", "centre")


@dataclass(frozen=True)
class Maker:
    """Makes the records of a world.

    often_missing : tokens and the share of them that is missing
    """

    drawer: Drawer
    noise: Noise
    often_missing: tuple[tuple[str, float], ...] = ()

    def values(self, person: Person, serial: int, *, first: bool) -> dict[str, object]:
        """What a record says of a person, by token."""
        noise, rng = self.noise, self.drawer.rng
        if not first:
            person = later(person, self.drawer, moved=noise.moved, married=noise.married)
        out: dict[str, object] = dict(self._names(person))
        out |= {name: self._place(getattr(person, name)) for name in ("street", "town")}
        for name in ("house", "postcode", "phone", "national", "insurance", "unit"):
            text = getattr(person, name)
            out[name] = wrong_number(text, rng) if rng.random() < noise.numbers else text
        born = self._born(person.born)
        out |= {"dob": born, "day": born.day, "month": born.month, "year": born.year}
        out["age"] = 2022 - born.year - (born.month > 6)
        out["mail"] = self._mail(person)
        state = person.state
        out |= {"state": state, "race": person.race, "birth_place": person.birth_place}
        out["sex"] = person.sex if rng.random() > 0.01 else ("f" if person.sex == "m" else "m")
        out |= {"registered": person.registered, "serial": serial}
        out["note"] = _NOTES[int(rng.integers(0, len(_NOTES)))]
        out["status"] = "ACTIVE" if rng.random() < 0.9 else "INACTIVE"
        out["load"] = "2022-07-01"
        out["source"] = _SOURCES[int(rng.integers(0, 5))]
        out["suffix"] = "JR" if rng.random() < 0.02 else ""
        out["title"] = "Mr" if person.sex == "m" else "Mrs" if rng.random() < 0.6 else "Ms"
        return self._with_gaps(out)

    def _names(self, person: Person) -> dict[str, str]:
        noise, rng = self.noise, self.drawer.rng
        out = {}
        for name in ("given", "middle", "family", "family2", "maiden", "mother", "father"):
            text = getattr(person, name)
            spellings = text.split("/")
            chosen = spellings[0]
            if rng.random() < noise.variants and len(spellings) > 1:
                chosen = spellings[int(rng.integers(1, len(spellings)))]
            chosen = chosen.replace("_", " ")
            out[name] = wrong(chosen, rng) if rng.random() < noise.names and chosen else chosen
        others = person.given.split("/")
        out["nick"] = others[1] if len(others) > 1 and rng.random() < 0.5 else ""
        if rng.random() < noise.swapped:
            out["given"], out["family"] = out["family"], out["given"]
        if rng.random() < noise.initials:
            out["given"] = out["given"][:1]
        if rng.random() < noise.foreign:
            other = bool(rng.random() < 0.5)
            out = {k: latin(v, other=other) for k, v in out.items()}
        if rng.random() < noise.plain:
            out = {k: plain(v) for k, v in out.items()}
        if " " in out["family"]:
            out["tussen"], _, out["stem"] = out["family"].rpartition(" ")
        else:
            out["tussen"], out["stem"] = "", out["family"]
        return out

    def _place(self, text: str) -> str:
        noise, rng = self.noise, self.drawer.rng
        text = wrong(text, rng) if rng.random() < noise.places else text
        return plain(text) if rng.random() < noise.plain else text

    def _born(self, born: date) -> date:
        noise, rng = self.noise, self.drawer.rng
        if rng.random() >= noise.dates:
            return born
        kind = rng.random()
        if kind < 0.35 and born.day <= 12:
            return date(born.year, born.day, born.month)
        if kind < 0.6:
            return date(born.year, born.month, int(rng.integers(1, 28)))
        if kind < 0.8:
            month = int(rng.integers(1, 13))
            return date(born.year, month, min(born.day, calendar.monthrange(born.year, month)[1]))
        return date(born.year + int(rng.choice([-10, -2, -1, 1, 2])), born.month, min(born.day, 28))

    def _mail(self, person: Person) -> str:
        rng = self.drawer.rng
        name = f"{plain(spelt(person.given))}.{plain(spelt(person.family))}{person.born.year % 100}"
        text = name.lower().replace(" ", "") + "@" + person.mail_host
        return wrong(text, rng) if rng.random() < self.noise.numbers else text

    def _with_gaps(self, values: dict[str, object]) -> dict[str, object]:
        rng, often = self.drawer.rng, dict(self.often_missing)
        for name in values:
            usual = 0.0 if name in _ALWAYS else self.noise.missing
            # Names are what a record is for: a third as many gaps.
            usual = usual / 3.0 if name in ("given", "family", "sex") else usual
            if rng.random() < often.get(name, usual):
                values[name] = ""
        if values["dob"] == "":
            values |= {"day": "", "month": "", "year": ""}
        return values


_TOKEN = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%Y%m%d")


def written(template: str, values: dict[str, object], rng: Rng) -> str:
    """A column's value: its template with the tokens filled in.

    A format behind a token is strftime's of dates (``?`` for a different one each time), ``1`` for
    the first letter, ``U`` for upper case, ``a/b`` for another word for male and female.
    """

    def fill(match: re.Match[str]) -> str:
        value, form = values[match[1]], match[2] or ""
        if value == "" or value is None:
            return ""
        if isinstance(value, date):
            form = _DATES[int(rng.integers(0, len(_DATES)))] if form == "?" else form
            return value.strftime(form or "%Y-%m-%d")
        text = str(value)
        if form == "1":
            return text[:1]
        if form == "U":
            return text.upper()
        if form.startswith("0"):
            return text.zfill(int(form))
        if "/" in form:
            male, female = form.split("/")
            return male if text == "m" else female
        return text

    return re.sub(r"\s+", " ", _TOKEN.sub(fill, template)).strip(" ,;-")
