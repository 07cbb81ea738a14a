"""What columns of any country hold: formats and precision of dates, lengths of identifiers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import FORM_OF, Form, Kind
from mpi.standardise.dates import (
    IMPOSSIBLE,
    NO_DAY,
    NO_MONTH,
    OTHER_RUN,
    SWAPPED,
    UNREADABLE,
)
from mpi.standardise.findings import Describe, Finding, Sample, tally
from mpi.standardise.layouts import DateLayout
from mpi.standardise.rules import Mask, empty

_MOST = 8
_TIME = re.compile(r"(?:a| )\s*9{1,2}:99.*")
_NUMBERS = re.compile(r"(9+)([-/. ])(9+)(?:[-/. ](9+))?")
_SPREADSHEET = "a spreadsheet's number of days"
OTHER = "another form"


def date_format(pattern: str, layout: DateLayout) -> str:
    """The format of a date whose digits are all 9 and whose words are all a.

    Examples
    --------
    >>> day_first = DateLayout()
    >>> [date_format(p, day_first) for p in ("9/99/9999", "9999-99-99a99:99", "99999999", "9999")]
    ['dd/mm/yyyy', 'yyyy-mm-dd', 'yyyymmdd', 'yyyy']
    >>> date_format("99/9999", day_first), date_format("99-a-99", day_first)
    ('mm/yyyy', 'with words')
    """
    core = _TIME.sub("", pattern)
    if "a" in core:
        return "with words"
    numbers = _NUMBERS.fullmatch(core)
    if numbers is not None:
        first, sign, second, third = numbers.groups()
        sizes = tuple(map(len, (first, second, third or "")))
        return _of_parts(sizes, sign, layout)
    if core.strip("9"):
        return OTHER
    runs = {4: "yyyy", 6: layout.six, 8: layout.eight, 10: f"{layout.eight}hh"}
    runs |= {12: f"{layout.eight}hhmm", 14: f"{layout.eight}hhmmss"}
    if len(core) == 5 and layout.serials:
        return _SPREADSHEET
    return runs.get(len(core), OTHER)


def _of_parts(sizes: tuple[int, ...], sign: str, layout: DateLayout) -> str:
    first, second, third = sizes
    if third == 0:
        if sign == "." and first == 5 and layout.serials:
            return _SPREADSHEET
        if second <= 2 and first == 4:
            return f"yyyy{sign}mm"
        return f"mm{sign}yyyy" if first <= 2 and second == 4 else OTHER
    if first == 4 and second <= 2 and third <= 2:
        return f"yyyy{sign}mm{sign}dd"
    if first > 2 or second > 2 or third not in (2, 4):
        return OTHER
    day_month = f"mm{sign}dd" if layout.month_first else f"dd{sign}mm"
    return f"{day_month}{sign}{'y' * third}"


def date_patterns(texts: pa.Array) -> pa.DictionaryArray:
    """Dates with 9 for every digit and a for every word, dictionary-coded."""
    plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), r"\p{L}+", "a")
    return pc.replace_substring_regex(plain, r"\p{Nd}", "9").dictionary_encode()


def describe_dates(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """Formats, precision, and what is impossible."""
    patterns = date_patterns(sample.texts)
    rows = np.bincount(
        patterns.indices.to_numpy(), sample.counts * sample.filled, len(patterns.dictionary)
    )
    layout, of = DateLayout.read(sample.layout), int(sample.counts[sample.filled].sum())
    formats: Counter[str] = Counter()
    timed = 0
    for pattern, n in zip(patterns.dictionary.to_pylist(), rows.tolist(), strict=True):
        formats[date_format(pattern, layout)] += int(n)
        timed += int(n) if _TIME.search(pattern) else 0
    formats["with a time of day"] = timed
    ranked = sorted(formats.items(), key=lambda f: (f[0] == OTHER, -f[1], f[0]))
    found = [Finding("format", what, n, of) for what, n in ranked if n]
    values = sample.read.values
    known = ~empty(values)
    year, month = (np.asarray(pc.ends_with(values, end)) for end in ("-00-00", "-00"))
    found += tally(
        sample,
        "precision",
        [
            ("to the day", known & ~month),
            ("month and year only", month & ~year),
            ("year only", year),
            ("no date", ~known),
            ("on 1 January", np.asarray(pc.ends_with(values, "-01-01"))),
        ],
    )
    faults = {
        "a day that its month has not": (NO_DAY,),
        "a month beyond the twelfth": (NO_MONTH,),
        "no possible date": (IMPOSSIBLE,),
        "no date to be read": (UNREADABLE,),
        "parts in another order than the column's": (SWAPPED, OTHER_RUN),
    }
    return found + tally(sample, "doubts", [(w, sample.repaired(*r)) for w, r in faults.items()])


def describe_codes(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """How long identifiers are, and whether they are digits alone."""
    values = sample.read.values
    length = np.asarray(pc.utf8_length(values)).astype(np.int64)
    digits = np.asarray(pc.utf8_is_decimal(values)).astype(np.int64)
    shapes = 2 * length + digits
    rows = np.bincount(shapes, sample.counts * sample.filled)
    of = int(sample.counts[sample.filled].sum())
    ranked = sorted((-int(n), int(s)) for s, n in enumerate(rows) if n and s > 1)
    found = [Finding("length", _length(*divmod(s, 2)), -n, of) for n, s in ranked[:_MOST]]
    rest = -sum(n for n, _ in ranked[_MOST:])
    found += [Finding("length", "other lengths", rest, of)] if rest else []
    return found + repairs(sample)


def _length(length: int, digits: int) -> str:
    return f"{length} {'digit' if digits else 'letter or digit'}{'s' * (length > 1)}"


def repairs(sample: Sample) -> list[Finding]:
    """What was repaired, in the words of the rules."""
    return tally(sample, "repaired", sorted(sample.read.repairs.items()))


def describe_writing(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """Capitals, marks and the number of words of names."""
    found = tally(sample, "writing", letter_cases(sample.texts))
    values = sample.read.values
    accented = ~np.asarray(pc.string_is_ascii(values))
    found += tally(sample, "writing", [("letters beyond a to z", accented)])
    blanks = np.asarray(pc.count_substring(values, " "))
    known = ~empty(values)
    words = [(f"{n} word{'s' if n > 1 else ''}", known & (blanks == n - 1)) for n in (1, 2, 3)]
    found += tally(sample, "words", [*words, ("4 words or more", known & (blanks > 2))])
    return found + repairs(sample)


def letter_cases(texts: pa.Array) -> list[tuple[str, Mask]]:
    """How names are written: what, and bool[n] of the texts that are so."""
    upper, lower = np.asarray(pc.utf8_is_upper(texts)), np.asarray(pc.utf8_is_lower(texts))
    title = np.asarray(pc.utf8_is_title(texts)) & ~upper
    letters = np.asarray(pc.match_substring_regex(texts, r"\p{L}"))
    return [
        ("capital letters throughout", upper),
        ("small letters throughout", lower),
        ("words with a capital", title),
        ("capital and small letters mixed", letters & ~(upper | lower | title)),
    ]


def describe_sex(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """How many are male and female."""
    values = sample.read.values
    said = {"male": "M", "female": "F", "0, kept": "0", "1, kept": "1"}
    answers = [(what, np.asarray(pc.equal(values, value))) for what, value in said.items()]
    return tally(sample, "values", [*answers, ("neither", empty(values))])


_BY_FORM: dict[Form, Describe] = {
    Form.NAME: describe_writing,
    Form.DATE: describe_dates,
    Form.IDENTIFIER: describe_codes,
}

GENERAL_FINDINGS: dict[Kind, Describe] = {
    kind: _BY_FORM[form] for kind, form in FORM_OF.items() if form in _BY_FORM
} | {Kind.SEX: describe_sex}
"""What can be told of any country's columns, by kind."""
