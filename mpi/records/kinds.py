"""What a column's name says about its kind: English, Vietnamese and some other languages."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mpi.records.columns import STROKES
from mpi.schema import Kind

_NOISE = frozenset(
    {
        "patient",
        "patients",
        "pat",
        "person",
        "client",
        "customer",
        "citizen",
        "member",
        "voter",
        "registrant",
        "individual",
        "subject",
        "current",
        "cur",
        "primary",
        "main",
        "legal",
        "official",
        "raw",
        "orig",
        "original",
        "clean",
        "std",
        "norm",
        "txt",
        "str",
        "col",
        "fld",
        "field",
        "value",
        "cd",
        "desc",
        "nguoi",
        "benh",
        "nhan",
        "bn",
        "cong",
        "dan",
        "kcb",
        "kh",
    }
)
"""Words of a column's name that say whose value it is, or in what shape, not what it is."""


_RELATIVES = frozenset(
    {
        *("mother", "mothers", "maternal", "father", "fathers", "paternal", "parent", "parents"),
        *("guardian", "guardians", "spouse", "husband", "wife", "kin", "caregiver", "nok"),
        *("me", "cha", "bo", "vo", "chong", "nnd", "ngh"),
    }
)
"""Words of a column's name that say that its value is another person's."""


@dataclass(frozen=True)
class NamedKind:
    """What a name says.

    rank : place in the list of names of its kind, 0 is the surest
    truth : the name is one that tables of known answers use
    relative : it is the number or the detail of a relative
    """

    kind: Kind
    rank: int
    truth: bool = False
    relative: bool = False


def squash(name: str) -> str:
    """A column's name without case, accents and punctuation.

    Examples
    --------
    >>> squash("Họ và tên"), squash("DATE_OF-Birth"), squash("Địa chỉ")
    ('hovaten', 'dateofbirth', 'diachi')
    """
    plain = unicodedata.normalize("NFKD", name.casefold().translate(STROKES))
    return "".join(c for c in plain if c.isalnum())


@cache
def _known_names() -> dict[str, NamedKind]:
    text = files("mpi.records").joinpath("column_names.json").read_text("utf-8")
    known: dict[str, NamedKind] = {}
    for kind, names in json.loads(text).items():
        for rank, name in enumerate(names):
            truth = kind == "truth"
            found = NamedKind(Kind.IGNORED if truth else Kind(kind), rank, truth)
            known.setdefault(name, found)
            known.setdefault(squash(name), found)
    return known


def kind_of_name(name: str) -> NamedKind | None:
    """The kind a column's name stands for, None where it says nothing.

    Examples
    --------
    >>> kind_of_name("Ngày sinh").kind.value, kind_of_name("patient.dob").kind.value
    ('birth_date', 'birth_date')
    >>> kind_of_name("address_2").kind.value, kind_of_name("a1")
    ('address', None)
    >>> kind_of_name("so_cccd_me").kind.value, kind_of_name("guardian_phone").kind.value
    ('ignored', 'ignored')
    """
    known = _known_names()
    for spelling in _spellings(name):
        if spelling in known:
            return known[spelling]
    words = _words(name)
    if len(words) > 1 and words[0] in ("mother", "mothers", "me") and words[-1] == "name":
        return NamedKind(Kind.MOTHER_NAME, 99)
    if len(words) > 1 and words[0] in ("father", "fathers", "cha", "bo") and words[-1] == "name":
        return NamedKind(Kind.FATHER_NAME, 99)
    own = [w for w in words if w not in _RELATIVES and len(w) > 1]
    if own and len(own) < len(words):
        # a mother's number in a child's row would make brothers one person
        about = kind_of_name("_".join(own))
        if about is not None and about.kind not in _NAMES:
            return NamedKind(Kind.IGNORED, 0, relative=True)
    return None


_NAMES = frozenset({Kind.FULL_NAME, Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.MIDDLE_NAME, Kind.NAME})


def _words(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFC", name))
    return [w for w in (squash(part) for part in re.split(r"[\W_]+", apart)) if w]


def _spellings(name: str) -> list[str]:
    """Ever looser readings of a name: as it is, its last part, without noise, without a number."""
    words = _words(name)
    # birth_day is a day of the month, birthday a date: the parts come first
    last = name.rsplit(".", 1)[-1]
    readings = ["_".join(words), squash(name), "_".join(_words(last)), squash(last)]
    meant = [w for w in words if w not in _NOISE and not re.fullmatch(r"[a-z]?\d+", w)]
    if meant and meant != words:
        readings.append("".join(meant))
    # a lone letter and a number (a1, x2) say nothing
    readings += [r.rstrip("0123456789") for r in readings]
    return [r for r in readings if len(r) > 1]
