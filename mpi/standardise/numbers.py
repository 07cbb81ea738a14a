"""Numbers: decimal digits without leading zeros; and years, months, days and ages among them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.standardise.alphabets import put
from mpi.standardise.dates import each, read_date
from mpi.standardise.encode import Counts
from mpi.standardise.layouts import DateLayout, full_year, latest_year
from mpi.standardise.rules import Layout, Rule, Standardised
from mpi.standardise.scan import MONTHS, Shape, scan

_NUMBER = re.compile(r"([+\-−]?)([0-9][0-9.,'\s]*)")
_PLAIN = r"^[1-9][0-9]{0,17}$"
NO_NUMBER = "no number in it, taken as missing"
OUT_OF_RANGE = "out of range, taken as missing"
OLDEST = 130


def read_number(text: str) -> tuple[str, str]:
    """The first number of a text, as decimal digits.

    One point or comma begins the fraction; several part thousands.

    Examples
    --------
    >>> [read_number(t)[0] for t in ("007", "35 tuổi", "1,50", "1.234.567", "-3.0", "?")]
    ['7', '35', '1.5', '1234567', '-3', '']
    """
    if not text.isascii():
        text = "".join(_ascii_digit(c) for c in text)
    found = _NUMBER.search(text)
    if found is None:
        return "", NO_NUMBER
    digits = re.sub(r"['\s]", "", found.group(2)).rstrip(".,").replace(",", ".")
    whole, _, fraction = digits.partition(".")
    if "." in fraction:
        whole, fraction = digits.replace(".", ""), ""
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    minus = found.group(1) not in ("", "+") and number != "0"
    return ("-" if minus else "") + number, ""


def _ascii_digit(char: str) -> str:
    import unicodedata

    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def standard_numbers(texts: pa.Array, layout: str = "") -> Standardised:
    """Numbers in standard form."""
    odd = ~np.asarray(pc.match_substring_regex(texts, _PLAIN))
    if not odd.any():
        return Standardised(texts)
    read = each(texts.filter(pa.array(odd)), read_number)
    repairs = {}
    for repair, mask in read.repairs.items():
        repairs[repair] = odd.copy()
        repairs[repair][odd] = mask
    return Standardised(put(texts, odd, read.values), repairs)


def read_between(text: str, low: int, high: int) -> tuple[str, str]:
    """The whole number a text begins with, if it lies in a range."""
    number, repair = read_number(text)
    whole = number.partition(".")[0]
    if not number or number.startswith("-") or len(whole) > 4:
        return "", repair or OUT_OF_RANGE
    return (whole, "") if low <= int(whole) <= high else ("", OUT_OF_RANGE)


def read_month(text: str) -> tuple[str, str]:
    """A month as a number, by its name too.

    Examples
    --------
    >>> read_month("05"), read_month("Sept."), read_month("13")
    (('5', ''), ('9', ''), ('', 'out of range, taken as missing'))
    """
    word = re.sub(r"[\W\d_]+", "", text.upper())
    if word in MONTHS:
        return str(MONTHS[word]), ""
    return read_between(text, 1, 12)


def read_year(text: str, layout: DateLayout) -> tuple[str, str]:
    """A year of four digits, or of two.

    Examples
    --------
    >>> read_year("90", DateLayout()), read_year("1990.0", DateLayout())
    (('1990', ''), ('1990', ''))
    """
    found = scan(text)
    if found.shape is Shape.ONE and len(found.parts[0]) == 2:
        return str(full_year(found.parts[0], layout)), ""
    date, _ = read_date(found, layout)
    if date:
        return date[:4], ""
    return "", NO_NUMBER if found.shape is Shape.UNREADABLE else OUT_OF_RANGE


def standard_years(texts: pa.Array, layout: str) -> Standardised:
    """Years in standard form."""
    how = DateLayout.read(layout)
    return each(texts, lambda t: read_year(t, how))


def year_layout(texts: pa.Array, counts: Counts) -> Layout:
    """The century of years of two digits."""
    years: dict[str, int] = defaultdict(int)
    for text, n in zip(texts.to_pylist(), counts.tolist(), strict=True):
        found = scan(text)
        if found.shape is Shape.ONE:
            years[found.parts[0]] += n
    latest = latest_year({}, years)
    short = any(len(year) == 2 for year in years)
    message = f"two digits read as the years {latest - 99} to {latest}" if short else ""
    return Layout(str(DateLayout(latest=latest)), message)


def number_rule(read: Callable[[str], tuple[str, str]]) -> Rule:
    """A rule that reads each text with a function."""
    return Rule(lambda texts, layout: each(texts, read))


NUMBER = Rule(standard_numbers)
YEAR = Rule(standard_years, layout=year_layout)
MONTH = number_rule(read_month)
DAY = number_rule(partial(read_between, low=1, high=31))
AGE = number_rule(partial(read_between, low=0, high=OLDEST))
