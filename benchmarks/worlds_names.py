"""Names of persons, streets and towns by language, as `worlds_names.toml` lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("worlds_names.toml")


@dataclass(frozen=True)
class Language:
    """The names of a language.

    male, female, family, streets, towns : from frequent to rare; spellings of one name that
        registries mix are parted by a slash, the first is a person's own
    stems, ends : parts of rarer family names
    street : how a street's name is written, with ``{}`` for the name
    """

    male: tuple[str, ...]
    female: tuple[str, ...]
    family: tuple[str, ...]
    stems: tuple[str, ...]
    ends: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    street: tuple[str, ...]


@cache
def _lists() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def language(name: str) -> Language:
    """The names of one language.

    Examples
    --------
    >>> language("english").male[4]
    'William/Bill/Will'
    """
    lists = _lists()[name]
    stems, _, ends = lists["tail"].partition("+")

    def places(key: str) -> tuple[str, ...]:
        return tuple(" ".join(part.split()) for part in lists[key].split(","))

    return Language(
        male=tuple(lists["male"].split()),
        female=tuple(lists["female"].split()),
        family=tuple(lists["family"].split()),
        stems=tuple(stems.split()),
        ends=tuple(ends.split()),
        streets=places("streets"),
        towns=places("towns"),
        street=tuple(lists["street"].split("|")),
    )
