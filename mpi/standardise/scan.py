"""What the text of a date holds, before it is known which part is the day."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1850, 2035

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "JAN JANUARY JANVIER ENERO JANUAR",
            "FEB FEBRUARY FEVRIER FEBRERO FEBRUAR",
            "MAR MARCH MARS MARZO MARZ",
            "APR APRIL AVR AVRIL ABRIL ABR",
            "MAY MAI MAYO",
            "JUN JUNE JUIN JUNIO JUNI",
            "JUL JULY JUILLET JULIO JULI",
            "AUG AUGUST AOUT AGO AGOSTO",
            "SEP SEPT SEPTEMBER SEPTEMBRE SEPTIEMBRE",
            "OCT OCTOBER OCTOBRE OCTUBRE OKT OKTOBER",
            "NOV NOVEMBER NOVEMBRE NOVIEMBRE",
            "DEC DECEMBER DECEMBRE DIC DICIEMBRE DEZ DEZEMBER",
        ),
        start=1,
    )
    for name in names.split()
}
_NOISE_WORDS = (
    "NGAY THANG NAM SINH OF THE ST ND RD TH DE DEL BORN DOB ON MON TUE WED THU FRI SAT SUN MONDAY "
    "TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY X XX XXX XXXX D M Y DD MM YYYY"
)
"""Words beside the numbers of a date; X stands for a digit nobody knew."""

_NOISE = frozenset(_NOISE_WORDS.split())
_LONGEST = 100

TIME = r"(?:T|\s)\s*[0-9]{1,2}:[0-9]{2}[^/]{0,40}$"
"""A time of day, after the date."""
COMPACT_TIME = r"^([0-9]{8})(?:[0-9]{2}|[0-9]{4}|[0-9]{6})$"

_TIME = re.compile(TIME)
_COMPACT_TIME = re.compile(COMPACT_TIME)
_SIMPLE = re.compile(r"([0-9]+)[-/. ]([0-9]+)[-/. ]([0-9]+)")
_FRACTION = re.compile(r"([0-9]+)\.[0-9]+")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")


class Shape(Enum):
    """How many parts a date was written in."""

    UNREADABLE = 0
    ONE = 1
    TWO = 2
    THREE = 3
    NAMED = 4  # one or two numbers and the name of a month


class Scan(NamedTuple):
    """The numbers of a date as they stand.

    parts : the digits of each part, from left to right; a month's name is not among them
    month : 1 to 12 where the month is named
    """

    shape: Shape
    parts: tuple[str, ...] = ()
    month: int = 0


_NOTHING = Scan(Shape.UNREADABLE)
_SHAPES = {1: Shape.ONE, 2: Shape.TWO, 3: Shape.THREE}


def scan(text: str) -> Scan:
    """Take a date apart.

    Examples
    --------
    >>> scan("12/05/1990 08:30").parts, scan("199005120830").parts
    (('12', '05', '1990'), ('19900512',))
    >>> scan("ngày 12 tháng 5 năm 1990").parts, scan("May 12, 1990").month
    (('12', '5', '1990'), 5)
    """
    text = text.strip()
    if len(text) > 2 * _LONGEST:
        return _NOTHING
    simple = _SIMPLE.fullmatch(text)
    if simple is not None:
        return Scan(Shape.THREE, simple.groups())
    if not text.isascii():
        text = "".join(
            str(unicodedata.decimal(c)) if c.isdecimal() else c
            for c in unicodedata.normalize("NFKD", text).replace("đ", "d").replace("Đ", "D")
            if not unicodedata.combining(c)
        )
    text = _TIME.sub("", text.upper()).strip()
    if len(text) > _LONGEST:
        return _NOTHING
    if text.isascii() and text.isdigit():
        compact = _COMPACT_TIME.fullmatch(text)
        return Scan(Shape.ONE, (compact.group(1) if compact else text,))
    fraction = _FRACTION.fullmatch(text)
    if fraction is not None and len(fraction.group(1)) > 3:
        whole, _, rest = text.partition(".")
        if len(whole) != 4 or not rest.strip("0"):
            compact = _COMPACT_TIME.fullmatch(whole)
            return Scan(Shape.ONE, (compact.group(1) if compact else whole,))
    parts: list[str] = []
    month = 0
    for token in _TOKEN.findall(text):
        if token.isascii() and token.isdigit():
            parts.append(token)
        elif token in MONTHS and not month:
            month = MONTHS[token]
        elif token not in _NOISE:
            return _NOTHING
    if month:
        return Scan(Shape.NAMED, tuple(parts), month) if len(parts) in (1, 2) else _NOTHING
    return Scan(_SHAPES[len(parts)], tuple(parts)) if len(parts) in _SHAPES else _NOTHING
