"""A name taken apart: family, middle and given name, by the shape that its people give it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import put
from mpi.standardise.vietnam.inventory import (
    COMPOUND_FAMILIES,
    clans,
    common_families,
    families,
    families_ascii,
    is_family,
    shares,
)
from mpi.standardise.vietnam.reading import FULL, Read, Style, read_name
from mpi.standardise.vietnam.syllables import is_vietnamese, to_ascii
from mpi.standardise.vietnam.words import UNICODE, Found, Reading


class Shape(StrEnum):
    """How a name is built."""

    FAMILY_FIRST = "family first"  # Nguyễn Văn An, Giàng A Páo, Siu H'Nga
    CLAN_LAST = "clan last"  # Y Thuyên Niê, H'Hen Niê
    NO_FAMILY = "no family"  # A Páo, Y Moan, K'Brêu: a particle of sex and a name
    FAMILY_LAST = "family last"  # Thảo Vy Nguyen: a Vietnamese name written the Western way
    ONE_WORD = "one word"
    FOREIGN = "foreign"  # John Smith
    NEWBORN = "newborn"  # Con bà Lê Thị Hoa: no name yet
    NOBODY = "nobody"  # Vô danh; a hospital's name
    EMPTY = "empty"


@dataclass(frozen=True)
class ParsedName:
    """A name by its parts, each in standard form and empty where it is missing.

    text : the whole name in standard form
    titles, notes : what was left out of it
    parent : the name that a newborn is registered under
    """

    family: str
    middle: str
    given: str
    shape: Shape
    text: str
    titles: str = ""
    notes: tuple[str, ...] = ()
    parent: str = ""


_PARTICLES = ("Y", "H", "A", "K", "KA", "NEÁNG", "NEANG")
"""At the head of a name of the Central Highlands or a Khmer woman's: tells the sex, no family."""


def parse_name(text: str, reading: Reading = UNICODE, style: Style = FULL) -> ParsedName:
    """Read a name and take it apart.

    Examples
    --------
    >>> name = parse_name("ông Nguyễn Văn  Đức")
    >>> name.family, name.middle, name.given, name.titles
    ('NGUYỄN', 'VĂN', 'ĐỨC', 'ÔNG')
    >>> name = parse_name("H’Hen Niê")
    >>> name.family, name.middle, name.given, name.shape.value
    ('NIÊ', 'H', 'HEN', 'clan last')
    >>> parse_name("CB Trần Thị Lan").shape.value, parse_name("CB Trần Thị Lan").parent
    ('newborn', 'TRẦN THỊ LAN')
    """
    read = read_name(text, reading, style)
    family, middle, given, shape = _parts(read)
    return ParsedName(
        " ".join(family),
        " ".join(middle),
        " ".join(given),
        shape,
        " ".join(read.words),
        " ".join(read.titles),
        read.notes,
        " ".join(read.parent),
    )


Parts = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], Shape]


def _parts(read: Read) -> Parts:
    if read.found & Found.NEWBORN:
        return (), (), (), Shape.NEWBORN
    if read.found & (Found.NOBODY | Found.FACILITY):
        return (), (), (), Shape.NOBODY
    if not read.words:
        return (), (), (), Shape.EMPTY
    return split_words(read.words)


def split_words(words: tuple[str, ...]) -> Parts:
    """Family, middle and given name of a name in standard form.

    Examples
    --------
    >>> split_words(("RƠ", "CHÂM", "H", "PHIL"))[:3]
    (('RƠ', 'CHÂM'), ('H',), ('PHIL',))
    >>> split_words(("JOHN", "PAUL", "SMITH"))
    (('SMITH',), ('PAUL',), ('JOHN',), <Shape.FOREIGN: 'foreign'>)
    """
    first, n = words[0], len(words)
    if n == 1:
        share = shares().get(first)
        alone = is_family(first) and (share is None or share.family > share.given)
        return (words if alone else ()), (), (() if alone else words), Shape.ONE_WORD
    if first in ("Y", "H") or (first in _PARTICLES and first != "A"):
        for length in (2, 1):
            if n > length + 1 and _clan(words[-length:]):
                return words[-length:], words[:1], words[1:-length], Shape.CLAN_LAST
        return (), words[:1], words[1:], Shape.NO_FAMILY
    if n > 2 and (_clan(words[:2]) or " ".join(words[:2]) in _compounds()):
        return _behind(words, 2)
    if first == "A":
        return (), words[:1], words[1:], Shape.NO_FAMILY
    if _is_western(words):
        return words[-1:], words[:-2], words[-2:-1], Shape.FAMILY_LAST
    if is_family(first) or _clan(words[:1]):
        return _behind(words, 1)
    if all(is_vietnamese(w) for w in words):
        return _behind(words, 1)
    return words[-1:], words[1:-1], words[:1], Shape.FOREIGN


def _is_western(words: tuple[str, ...]) -> bool:
    """Whether a common family name stands at the end, and at the head a rare one or none."""
    common = common_families()
    first, last = common.get(words[0], 0.0), common.get(words[-1], 0.0)
    if words[1] in ("THỊ", "THI", "VĂN", "VAN") or not all(map(is_vietnamese, words)):
        return False
    return last >= 10.0 and first < 0.05 if is_family(words[0]) else last >= 1.0


def _behind(words: tuple[str, ...], family: int) -> Parts:
    """The parts behind a family name of so many words.

    In the Highlands what follows H or Y is the given name.
    """
    rest = words[family:]
    if len(rest) > 1 and rest[0] in ("H", "Y") and " ".join(words[:family]) in _highland():
        return words[:family], rest[:1], rest[1:], Shape.FAMILY_FIRST
    return words[:family], rest[:-1], rest[-1:], Shape.FAMILY_FIRST


@cache
def _compounds() -> frozenset[str]:
    return COMPOUND_FAMILIES | {to_ascii(c) for c in COMPOUND_FAMILIES}


@cache
def _clans() -> frozenset[str]:
    """Clans with their marks and without."""
    return frozenset({*clans(), *map(to_ascii, clans())})


def _clan(words: tuple[str, ...]) -> bool:
    return " ".join(words) in _clans()


@cache
def _highland() -> frozenset[str]:
    """Clans of the Central Highlands, with their marks and without."""
    groups = {"Ê Đê", "Gia Rai", "Cơ Ho/Mạ", "Cơ Tu"}
    found = {clan for clan, whose in clans().items() if whose & groups}
    return frozenset({*found, *map(to_ascii, found)})


@cache
def _plain_families() -> pa.Array:
    """Families after which nothing but the usual shape comes."""
    heads = {c.split()[0] for c in (*_clans(), *_compounds()) if " " in c}
    plain = (families() | families_ascii()) - heads - _highland()
    return pa.array(sorted(plain - set(_PARTICLES)), pa.string())


@dataclass(frozen=True)
class ParsedNames:
    """Names by their parts: string[n] each, empty where missing; shape : string[n]."""

    family: pa.Array
    middle: pa.Array
    given: pa.Array
    shape: pa.Array


def parse_names(values: pa.Array) -> ParsedNames:
    """Take names in standard form apart; the few of an unusual shape one by one.

    Parameters
    ----------
    values : string[n], as the rules of this package give them

    Examples
    --------
    >>> names = parse_names(pa.array(["NGUYỄN THỊ HÒA", "Y THUYÊN NIÊ", "LÊ AN", ""]))
    >>> names.family.to_pylist(), names.given.to_pylist(), names.middle.to_pylist()
    (['NGUYỄN', 'NIÊ', 'LÊ', ''], ['HÒA', 'THUYÊN', 'AN', ''], ['THỊ', 'Y', '', ''])
    """
    many = pc.match_substring(values, " ")
    padded = pc.if_else(many, values, "  ")
    head = pc.split_pattern(padded, " ", max_splits=1)
    family, rest = pc.list_element(head, 0), pc.list_element(head, 1)
    rest = pc.binary_join_element_wise("", rest, " ")  # so that there is a blank to split at
    tail = pc.split_pattern(rest, " ", max_splits=1, reverse=True)
    middle, given = pc.utf8_trim_whitespace(pc.list_element(tail, 0)), pc.list_element(tail, 1)
    western = pc.is_in(given, pa.array(sorted(common_families()), pa.string()))
    usual = np.asarray(pc.is_in(family, _plain_families())) & np.asarray(many)
    usual &= ~np.asarray(western)
    shape = pc.if_else(pa.array(usual), Shape.FAMILY_FIRST.value, Shape.EMPTY.value)
    columns = [family, middle, given, shape]
    other = ~usual
    if other.any():
        raw = values.filter(pa.array(other)).to_pylist()
        parts = [split_words(tuple(v.split(" "))) if v else ((), (), (), Shape.EMPTY) for v in raw]
        for k in range(3):
            columns[k] = put(columns[k], other, [" ".join(p[k]) for p in parts])
        columns[3] = put(shape, other, [p[3].value for p in parts])
    return ParsedNames(*columns)
