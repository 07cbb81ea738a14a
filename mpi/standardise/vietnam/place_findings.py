"""What columns of Vietnamese places hold: the order of before July 2025, or that of today."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.findings import Finding, Sample, tally
from mpi.standardise.vietnam import reference
from mpi.standardise.vietnam.detect import count_words, find_encoding, split_blanks
from mpi.standardise.vietnam.encodings import UTF_8, convert
from mpi.standardise.vietnam.provinces import by_code, code_in, find_province, merged
from mpi.standardise.vietnam.reference import Province
from mpi.standardise.vietnam.syllables import is_marked
from mpi.standardise.vietnam.wards import by_ward_code, place_keys, unit_codes

_SAMPLE = 4_000

ENDED = "names that ended in July 2025"
WIDENED = "names of before and of today, which took others in"
UNCHANGED = "names of before and of today, unchanged"
CODE_ENDED = "codes that ended in July 2025"
CODE = "codes of before and of today"
CODE_MOVED = "codes that mean another province since July 2025"
GONE = "names that were gone before 2025"
SEVERAL = "abbreviations of several provinces"
UNKNOWN = "no province that is known"
_NO_END = (CODE, CODE_MOVED, CODE_ENDED, UNKNOWN)
"""What is no province at the end of an address: a number there is a house or a hamlet."""

_ORDER = (UNCHANGED, WIDENED, ENDED, GONE, CODE, CODE_MOVED, CODE_ENDED, SEVERAL, UNKNOWN)


def province_standing(text: str) -> tuple[str, str]:
    """What a text is as the name of a province, and the code of the one of before 2025 if known.

    Examples
    --------
    >>> province_standing("Bình Dương"), province_standing("02")
    (('names that ended in July 2025', '74'), ('codes that ended in July 2025', '02'))
    >>> province_standing("Paris")
    ('no province that is known', '')
    """
    code = code_in(text)
    if code in by_code():
        if code not in _codes_of_today():
            return CODE_ENDED, code
        return (CODE_MOVED if _has_ended(by_code()[code]) else CODE), code
    found = find_province(text)
    if found is None:
        return UNKNOWN, ""
    codes, unit = found
    if len(codes) != 1:
        return (GONE if not codes else SEVERAL if not unit else WIDENED), ""
    province = by_code()[codes[0]]
    if _has_ended(province):
        return ENDED, province.code
    return (WIDENED if province.successor_code in merged() else UNCHANGED), province.code


def _has_ended(province: Province) -> bool:
    """Whether no unit of today has the province's name; Huế has a shorter one now."""
    return province.successor not in province.name


@cache
def _codes_of_today() -> frozenset[str]:
    return frozenset(province.successor_code for province in reference.provinces())


def describe_provinces(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """Names and codes of the 63 provinces of before July 2025 and of the 34 units of today."""
    standings = [province_standing(text) for text in sample.texts.to_pylist()]
    return _letters(sample) + _standings(sample, standings, "province", sample.filled)


def _standings(
    sample: Sample,
    standings: list[tuple[str, str]],
    about: str,
    among: npt.NDArray[np.bool_],
) -> list[Finding]:
    of_text = np.array([_ORDER.index(standing) for standing, _ in standings], np.int64)
    found = tally(sample, about, [(w, of_text == i) for i, w in enumerate(_ORDER)], among)
    known = np.array([code != "" for _, code in standings], np.bool_) & among
    codes = {standings[i][1] for i in np.flatnonzero(known).tolist()}
    units = {by_code()[code].successor_code for code in codes}
    if codes:
        what = f"{len(codes)} of the 63 provinces, {len(units)} of the 34 units"
        found += tally(sample, about, [(what, known)], among)
    return found


def describe_addresses(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """The province that addresses with commas end on."""
    parted = sample.filled & np.asarray(pc.match_substring_regex(sample.texts, "[,;]"))
    found = tally(sample, "writing", [("parts with commas between", parted)])
    last = pc.extract_regex(sample.texts.filter(pa.array(parted)), r"(?P<last>[^,;\n]*)$")
    parts = pc.utf8_trim_whitespace(pc.struct_field(last, "last")).dictionary_encode()
    told = [province_standing(part) for part in parts.dictionary.to_pylist()]
    standings = [(UNKNOWN, "")] * len(sample.texts)
    for row, part in zip(np.flatnonzero(parted).tolist(), parts.indices.to_pylist(), strict=True):
        standings[row] = told[part]
    ends = np.array([standing not in _NO_END for standing, _ in standings], np.bool_)
    found += tally(sample, "province", [("at the end", ends)], parted)
    return _letters(sample) + found + _standings(sample, standings, "province", ends)


def _letters(sample: Sample) -> list[Finding]:
    """The encoding of places, of which no standard value shows what was lost."""
    parted = ~np.asarray(pc.equal(pc.utf8_normalize(sample.texts, "NFC"), sample.texts))
    found = tally(sample, "encoding", [("letters and marks apart (NFD or alike)", parted)])
    odd = np.flatnonzero(~np.asarray(pc.string_is_ascii(sample.texts)))
    if len(odd) > _SAMPLE:
        odd = odd[np.linspace(0, len(odd) - 1, _SAMPLE).astype(np.int64)]
    texts, rows = sample.texts.take(pa.array(odd)).to_pylist(), sample.counts[odd].tolist()
    font = find_encoding(count_words(texts, rows)).reading.encoding
    for encoding in (font, UTF_8) if font else (UTF_8,):
        n = sum(n for t, n in zip(texts, rows, strict=True) if _is_written_in(t, encoding))
        what = f"letters of {encoding}" if encoding == font else "UTF-8 read as a Western encoding"
        if n:
            found.append(Finding("encoding", what, n, sum(rows)))
    return found


def _is_written_in(text: str, encoding: str) -> bool:
    """Whether a word is none as it stands, and one in this encoding."""
    words = split_blanks(unicodedata.normalize("NFC", text))
    read = (convert(word, encoding) or "" for word in words if not is_marked(word))
    return any(map(is_marked, read))


@cache
def _known_places() -> tuple[frozenset[tuple[str, str]], ...]:
    """(unit of today, key) of the wards of before July 2025, of those of today, of districts."""
    old, new = reference.rows("wards_before_2025"), reference.rows("wards_2025")
    units = [by_code()[row["province"]].successor_code for row in old]
    wards = place_keys(row["name"] for row in old)
    districts = place_keys(row["district"] for row in old)
    of_today = place_keys(row["name"] for row in new)
    pairs: Iterable[tuple[str, str]]
    found = []
    for pairs in (
        zip(units, wards, strict=True),
        zip((row["province"] for row in new), of_today, strict=True),
        zip(units, districts, strict=True),
    ):
        known = set(pairs)
        found.append(frozenset(known | {("", key) for _, key in known}))
    return tuple(found)


def describe_wards(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """Wards of before July 2025 and of today, known by their names in their provinces."""
    before, today, _ = _known_places()
    old_codes, new_codes = by_ward_code()

    def standing(place: tuple[str, str]) -> int:
        key = place[1]
        if len(key) == 5 and key.isdecimal():
            return (key in old_codes) + 2 * (key in new_codes)
        return (place in before) + 2 * (place in today)

    answers = {
        1: "of before July 2025",
        2: "of today",
        3: "of before and of today alike",
        0: "no ward that is known there",
    }
    return _letters(sample) + _in_provinces(sample, others, "ward", standing, answers)


def describe_districts(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """Districts, which ended in July 2025."""
    districts = _known_places()[2]
    answers = {1: "districts of before July 2025", 0: "no district that is known there"}
    found = _in_provinces(sample, others, "district", lambda p: int(p in districts), answers)
    return _letters(sample) + found


def _in_provinces(
    sample: Sample,
    others: Mapping[Kind, Sample],
    about: str,
    standing: Callable[[tuple[str, str]], int],
    answers: Mapping[int, str],
) -> list[Finding]:
    """Look every different place up with its province, where the records name one."""
    keys = place_keys(sample.texts.to_pylist())
    provinces = others.get(Kind.PROVINCE)
    units = unit_codes(provinces.texts.to_pylist()) if provinces is not None else []
    known = sorted({"", *units})
    number = np.array([*(known.index(unit) for unit in units), 0], np.int64)
    unit_of = number[provinces.codes] if provinces is not None else np.zeros(len(sample.codes), int)
    asked = np.append(sample.filled, False)[sample.codes]
    pairs = sample.codes[asked].astype(np.int64) * len(known) + unit_of[asked]
    different, rows = np.unique(pairs, return_counts=True)
    counts: dict[int, int] = {}
    for pair, n in zip(different.tolist(), rows.tolist(), strict=True):
        answer = standing((known[pair % len(known)], keys[pair // len(known)]))
        counts[answer] = counts.get(answer, 0) + n
    of = int(asked.sum())
    return [Finding(about, what, counts[i], of) for i, what in answers.items() if i in counts]
