"""What the values of one column say about its kind, where its name says nothing.

Every test is a share of the values that look like something; `Guess.why` tells which.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from mpi.records.columns import Profile
from mpi.schema import Kind

_YEAR = r"(?:18[89]\d|19\d\d|20[0-2]\d)"
_MONTH = r"(?:0?\d|1[0-2])"
_DAY = r"(?:[0-2]?\d|3[01])"
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d\d:?\d\d)?)"
DATES = (
    rf"{_YEAR}(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?",
    rf"{_YEAR}[-/. ]{_MONTH}[-/. ]{_DAY}{_TIME}?",
    rf"{_DAY}[-/. ]{_DAY}[-/. ]{_YEAR}{_TIME}?",
    rf"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR}",
    rf"{_DAY}[-/. ]{_DAY}[-/. ]\d\d",
    rf"{_DAY}[-/ ]?[A-Za-z]{{3,9}}[-/, ]+{_YEAR}{_TIME}?",
    rf"[A-Za-z]{{3,9}} {_DAY},? {_YEAR}{_TIME}?",
)
"""Usual ways to write a date, as regular expressions of a whole value."""

_YEAR_ALONE = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ](\d\d)")
_HAN_NAME = r"\p{Han}{2,4}"
_HAN_PLACE = r".*\p{Han}.*[路街巷村镇乡区县市省号弄室道].*"
_LETTERS = r"[\pL\pM'’`., -]+"
_UUID = r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?|[0-9A-Fa-f]{32,128}"


@dataclass(frozen=True)
class Guess:
    """A kind and the evidence for it."""

    kind: Kind
    why: str


@cache
def word_list(name: str) -> frozenset[str]:
    """One of the short word lists that come with the package."""
    text = files("mpi.records").joinpath("words.json").read_text("utf-8")
    return frozenset(json.loads(text)[name].split())


def _says(kind: Kind, share: float, what: str) -> Guess:
    return Guess(kind, f"content: {round(100 * share)} % {what}")


def guess(profile: Profile) -> Guess:
    """The kind a column's values look like, on their own.

    Examples
    --------
    >>> import pyarrow as pa
    >>> days = [f"19{y}0{m}1{d}" for y in range(50, 90) for m in (1, 7) for d in (2, 8)]
    >>> guess(Profile.of("a1", pa.chunked_array([days])))
    Guess(kind=<Kind.DATE: 'date'>, why='content: 100 % dates')
    """
    if not profile.filled:
        return Guess(Kind.IGNORED, "no value in any row")
    if profile.distinct == 1 and profile.rows >= 20:
        return Guess(Kind.IGNORED, "one value in every row")
    for test in (_special, _date, _sex, _han, _patterned, _digits, _codes, _words):
        found = test(profile)
        if found is not None:
            return found
    return Guess(Kind.TEXT, "content: words")


def _special(profile: Profile) -> Guess | None:
    share = profile.share(r"[^@\s]+@[^@\s]+\.[^@\s]+")
    if share >= 0.8:
        return _says(Kind.EMAIL, share, "e-mail addresses")
    share = profile.share(_UUID)
    if share >= 0.8 and not profile.share(r"\d+") >= 0.5:
        return _says(Kind.IGNORED, share, "technical keys or hashes")
    if profile.mean_length > 120 or profile.share(r"(?:\S+\s+){19,}\S.*") > 0.5:
        return Guess(Kind.IGNORED, "content: long free text")
    return None


def _date(profile: Profile) -> Guess | None:
    share = max(profile.share(pattern) for pattern in DATES)
    if share < 0.8:
        share = min(1.0, sum(profile.share(p) for p in DATES if profile.share(p) >= 0.02))
    return _says(Kind.DATE, share, "dates") if share >= 0.8 else None


def year_of(value: str) -> int:
    """The year that a text which looks like a date shows, 0 without a plausible one.

    Examples
    --------
    >>> year_of("30.03.1931"), year_of("19860107"), year_of("01071986"), year_of("07.07.45")
    (1931, 1986, 1986, 1945)
    """
    found = _YEAR_ALONE.search(value)
    if found is not None:
        return int(found[0])
    for text in (value[:4], value[4:8]):
        if re.fullmatch(_YEAR, text) is not None:
            return int(text)
    short = _SHORT_YEAR.fullmatch(value)
    if short is None:
        return 0
    return int(short[1]) + (1900 if int(short[1]) > 29 else 2000)


def years(profile: Profile) -> npt.NDArray[np.int64]:
    """Years of a column of dates, one entry a unique value that shows a plausible one."""
    found = np.fromiter(map(year_of, profile.values.to_pylist()), np.int64, profile.distinct)
    return found[found > 0]


def _sex(profile: Profile) -> Guess | None:
    if profile.distinct > 12:
        return None
    share = profile.word_share(word_list("sex"), phrases=True)
    sure = profile.word_share(word_list("sex_sure"), phrases=True)
    if share >= 0.95 and sure >= 0.3 and profile.distinct >= 2:
        return _says(Kind.SEX, share, "words for a sex")
    codes = profile.share("[12]")
    if codes >= 0.9 and profile.share("[01239]") >= 0.99 and 0.2 <= profile.share("1") <= 0.8:
        return _says(Kind.SEX, codes, "codes 1 and 2")
    return None


def _han(profile: Profile) -> Guess | None:
    """Names and addresses in Chinese characters, which no blank parts into words."""
    if profile.share(r".*\p{Han}.*") < 0.8:
        return None
    place = profile.share(_HAN_PLACE)
    if place >= 0.5 and profile.mean_length >= 4.5:
        return _says(Kind.ADDRESS, place, "Chinese addresses")
    share = profile.share(_HAN_NAME)
    if share >= 0.8 and profile.distinct >= max(20, 0.02 * profile.filled) and place < 0.5:
        return _says(Kind.FULL_NAME, share, "names in Chinese characters")
    return None


def _patterned(profile: Profile) -> Guess | None:
    varied = profile.distinct >= 0.05 * profile.filled
    share = profile.share(r"[A-Z]{2}[1-5]\d{12}")
    if share >= 0.8 and varied:
        return _says(Kind.INSURANCE_ID, share, "health insurance numbers")
    share = profile.share(r"\d{3}-\d{2}-\d{4}")
    if share >= 0.8 and varied:
        return _says(Kind.NATIONAL_ID, share, "social security numbers")
    share = profile.share(r"0(?:0[1-9]|[1-8]\d|9[0-6])[0-3]\d{8}")
    if share >= 0.8 and varied:
        return _says(Kind.NATIONAL_ID, share, "citizen numbers of 12 digits")
    share = profile.share(
        r"(?:\+|00)\d[\d .()-]{7,16}|0\d{8,10}|\(?\d{2,4}\)?[ .-]\d[\d .-]{5,10}\d"
    )
    if share >= 0.8 and varied:
        return _says(Kind.PHONE, share, "phone numbers")
    share = profile.share(r"[A-Z]{1,2}\d{7,8}")
    if share >= 0.8 and profile.distinct >= 0.3 * profile.filled:
        return _says(Kind.PASSPORT_ID, share, "passport numbers")
    return None


def _digits(profile: Profile) -> Guess | None:
    share = profile.share(r"\d+")
    if share < 0.9:
        return None
    distinct, fresh = profile.distinct, profile.distinct / profile.filled
    length, same = profile.usual_length
    year = profile.share(_YEAR)
    if year >= 0.95 and 12 <= distinct <= 150:
        return _says(Kind.BIRTH_YEAR, year, "years")
    if length >= 7 or (length == 6 and fresh >= 0.2):
        kind = Kind.IDENTIFIER if fresh >= 0.02 or distinct > 1000 else Kind.CATEGORY
        return _says(kind, same, f"numbers of {length} digits")
    if same >= 0.9 and length >= 4:
        if distinct <= 12:
            return Guess(Kind.CATEGORY, f"content: {distinct} values")
        kind = Kind.IDENTIFIER if fresh > 0.97 and profile.filled > 200 else Kind.POSTCODE
        return _says(kind, same, f"codes of {length} digits")
    largest = int(profile.numbers.max(initial=0))
    if largest <= 31 or distinct <= 12:
        return Guess(Kind.NUMBER, f"content: whole numbers up to {largest}")
    middle = float(np.median(profile.numbers))
    if largest <= 115 and distinct >= 40 and 15 <= middle <= 75 and profile.share("0") < 0.05:
        return Guess(Kind.AGE, f"content: whole numbers up to {largest}, median {middle:.0f}")
    if profile.mean_length <= 4.5:
        return _says(Kind.STREET_NUMBER, share, "short numbers")
    return Guess(Kind.IDENTIFIER if fresh >= 0.2 else Kind.NUMBER, "content: whole numbers")


def _codes(profile: Profile) -> Guess | None:
    share = profile.share(r"[+-]?\d+[.,]\d+|[+-]?\d+")
    if share >= 0.9:
        return _says(Kind.NUMBER, share, "numbers")
    share = profile.share(r"(?:[Nn][oº°.]+ ?)?\d+ ?[A-Za-z]?(?: ?[/-] ?\d+ ?[A-Za-z]?)*")
    if share >= 0.9 and profile.mean_length <= 8:
        return _says(Kind.STREET_NUMBER, share, "house numbers")
    if profile.share(r"[^\s]*\d[^\s]*") < 0.8:
        return None
    if profile.distinct <= 60 and profile.distinct < 0.3 * profile.filled:
        return Guess(Kind.CATEGORY, f"content: {profile.distinct} codes")
    digits = profile.share(r"[A-Za-z]*[\d .-]{4,}\w*")
    if digits >= 0.5 or profile.distinct >= 0.2 * profile.filled:
        return Guess(Kind.IDENTIFIER, "content: codes with digits")
    return Guess(Kind.CATEGORY, f"content: {profile.distinct} codes")


def _words(profile: Profile) -> Guess | None:
    letters = profile.share(_LETTERS)
    names = profile.word_share(word_list("given") | word_list("family"))
    streets = profile.word_share(word_list("street"))
    single = profile.share_of_words(0, 1)
    fresh = profile.distinct / profile.filled
    if single < 0.5 and streets >= 0.3 and streets >= names and _is_address(profile, letters):
        return _says(Kind.ADDRESS, streets, "words of addresses")
    few = profile.distinct <= 80 and fresh <= 0.1
    if names < 0.3 and (few or (profile.distinct < 10 and single >= 0.9)):
        return Guess(Kind.CATEGORY, f"content: {profile.distinct} values")
    if letters >= 0.9 and single >= 0.9:
        if profile.mean_length < 2.5 and names < 0.3:
            return Guess(Kind.CATEGORY, f"content: {profile.distinct} short codes")
        if names < 0.3 and profile.filled >= 200 and profile.share_of_usual(25) >= 0.85:
            return Guess(Kind.DISTRICT, "content: single words, a few of them in most rows")
        return _says(Kind.NAME, single, "single words")
    several = profile.share_of_words(2, 6)
    if letters >= 0.9 and several >= 0.8 and not few:
        return _says(Kind.FULL_NAME, several, "names of two words and more")
    if letters < 0.7 and single < 0.5:
        return _says(Kind.ADDRESS, 1 - letters, "words and numbers")
    if letters >= 0.9 and profile.share_of_words(1, 4) >= 0.9:
        return Guess(Kind.DISTRICT, "content: names of one word and more")
    return Guess(Kind.TEXT, "content: words")


def _is_address(profile: Profile, letters: float) -> bool:
    """Streets, not full names such as Pham Thi Xa: digits, or many times the same begin or end."""
    if letters < 0.6:
        return True
    usual = word_list("street")
    ends = begins = 0
    for words, count in zip(profile.words, profile.counts.tolist(), strict=True):
        if words:
            ends += count * (words[-1] in usual)
            begins += count * (words[0] in usual)
    return max(ends, begins) >= 0.3 * profile.filled or profile.mean_length > 25
