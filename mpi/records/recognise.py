"""Field kinds of a table: from the settings, from what is known, from names, from content."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UsageError
from mpi.records.columns import Profile, sample_rows
from mpi.records.content import guess, word_list, year_of, years
from mpi.records.kinds import NamedKind, kind_of_name, squash
from mpi.records.order import ranked
from mpi.records.rowkey import is_row_key, repeats
from mpi.records.table import Field
from mpi.schema import SINGULAR, Kind
from mpi.scratch import Scratch
from mpi.settings import Settings

_DEMOTED = {
    Kind.FULL_NAME: Kind.NAME,
    Kind.FAMILY_NAME: Kind.NAME,
    Kind.GIVEN_NAME: Kind.NAME,
    Kind.BIRTH_DATE: Kind.DATE,
    Kind.SEX: Kind.CATEGORY,
}
"""What a second column of a singular kind is; the others are IGNORED."""
_PLUMBING = frozenset({Kind.RECORD_ID, Kind.SOURCE, Kind.UPDATED_AT, Kind.DELETED})
_FURTHER_IDS = (
    "patient",
    "pat",
    "mabn",
    "mabenhnhan",
    "mrn",
    "medical",
    "hospital",
    "voter",
    "ncid",
)


@dataclass
class _Verdict:
    """The kind a column has so far; a lower rank is surer."""

    kind: Kind
    why: str
    rank: int
    fixed: bool = False


@dataclass
class _Table:
    """The table under recognition, and the profiles made so far."""

    data: pa.Table
    origin: npt.NDArray[np.int32]
    scratch: Scratch | None = None
    profiles: dict[str, Profile] = field(default_factory=dict)

    @cached_property
    def sample(self) -> pa.Table:
        return sample_rows(self.data, scratch=self.scratch)

    def profile(self, column: str) -> Profile:
        if column not in self.profiles:
            self.profiles[column] = Profile.of(column, self.sample.column(column))
        return self.profiles[column]


def recognise(
    table: pa.Table,
    *,
    settings: Settings | None = None,
    known: Mapping[str, Kind] | None = None,
    origin: npt.NDArray[np.int32] | None = None,
    scratch: Scratch | None = None,
) -> tuple[Field, ...]:
    """The kind of every column.

    `settings.fields` outrank `known`, known kinds outrank names, names outrank content. The
    answer does not depend on the order of the rows.

    Parameters
    ----------
    table : string columns
    known : column name -> kind, of an earlier run
    origin : int32[n_rows], the source of each row, for telling record ids from personal numbers
    scratch : where the table lies

    Raises
    ------
    UsageError
        The settings name a column that the table does not have, or give one singular kind to
        two columns.

    Examples
    --------
    >>> t = pa.table({"Ho ten": ["Le An", "Vu Ba"], "so_cccd": ["001", "002"]})
    >>> [(f.name, f.column, f.why) for f in recognise(t)]
    [('full_name', 'Ho ten', 'column name'), ('national_id', 'so_cccd', 'column name')]
    """
    settings = settings or Settings()
    if origin is None:
        origin = np.zeros(table.num_rows, np.int32)
    names = table.column_names
    given = _given(settings.fields, names)
    work = _Table(table, origin, scratch)
    work.origin = _by_source(work, given, known or {})
    verdicts: dict[str, _Verdict] = {}
    for name in names:
        verdicts[name] = _verdict(name, given, known or {}, work)
    _settle_names(verdicts, work)
    if not any(v.kind is Kind.RECORD_ID for v in verdicts.values()):
        _find_record_id(verdicts, work)
    _settle_singular(verdicts, work)
    _find_birth(verdicts, work)
    _find_name_parts(verdicts, work)
    return _fields(verdicts)


def _given(fields: Mapping[str, Kind], names: Sequence[str]) -> Mapping[str, Kind]:
    for column in fields:
        if column not in names:
            close = difflib.get_close_matches(column, names, n=1, cutoff=0.5)
            meant = f"; did you mean '{close[0]}'?" if close else ""
            raise UsageError(
                f"settings give a kind to column '{column}', which no input has"
                f"{meant or ';'} the columns are {', '.join(names)}"
            )
    for kind in SINGULAR:
        twice = [c for c, k in fields.items() if k is kind]
        if len(twice) > 1:
            raise UsageError(
                f"settings give kind '{kind}' to the columns {' and '.join(twice)}; "
                "only one column can be that"
            )
    return fields


def _by_source(
    work: _Table, given: Mapping[str, Kind], known: Mapping[str, Kind]
) -> npt.NDArray[np.int32]:
    """The source of each row by the column that tells it, if there is one."""
    for name in work.data.column_names:
        if given.get(name, known.get(name)) is Kind.SOURCE or name == Kind.SOURCE.value:
            return ranked(work.data.column(name))[0]
    return work.origin


def _verdict(
    name: str, given: Mapping[str, Kind], known: Mapping[str, Kind], work: _Table
) -> _Verdict:
    if name in given:
        return _Verdict(given[name], "settings", -2, True)
    if name in known:
        return _Verdict(known[name], "known", -1, True)
    named = kind_of_name(name)
    if named is None:
        found = guess(work.profile(name))
        return _Verdict(found.kind, found.why, 1000)
    if named.truth:
        return _Verdict(Kind.IGNORED, "column name, which looks like the truth", 0)
    if named.relative:
        return _Verdict(Kind.IGNORED, "column name, which says that it is a relative's", 0)
    if named.kind not in _PLUMBING and work.data.column(name).null_count == len(work.data):
        return _Verdict(Kind.IGNORED, "no value in any row", 0)
    if named.kind is Kind.SOURCE and named.rank > 0 and _too_many(work.profile(name)):
        found = guess(work.profile(name))
        return _Verdict(found.kind, f"{found.why}, too many values for a source", 1001)
    if named.kind is Kind.RECORD_ID and not _serves_as_key(name, named, work):
        return _Verdict(Kind.IDENTIFIER, "column name, and values that come again", named.rank)
    return _Verdict(named.kind, "column name", named.rank)


def _serves_as_key(name: str, named: NamedKind, work: _Table) -> bool:
    """A column that is only called an id may hold one value many times: then it is no key.

    Beside a time of update it is, for then the rows are versions.
    """
    if named.rank == 0 or not len(work.data):
        return True
    versions = any(
        other is not None and other.kind is Kind.UPDATED_AT
        for other in map(kind_of_name, work.data.column_names)
    )
    if versions and not _of_patient(name):
        return True
    return repeats(work.data.column(name), work.origin) <= 0.2


def _of_patient(name: str) -> bool:
    """Whether an id is rather the person's at this source than the row's."""
    return squash(name).startswith(_FURTHER_IDS)


def _too_many(profile: Profile) -> bool:
    return profile.distinct > max(50, profile.rows // 50)


def reads_as_full_name(profile: Profile) -> bool:
    """Whether a column called a given name holds whole names."""
    return bool(profile.filled) and profile.share_of_words(2) >= 0.8


def _settle_names(verdicts: dict[str, _Verdict], work: _Table) -> None:
    """`ten` and `name` mean a given name in one table and a whole name in another: look."""
    kinds = {v.kind for v in verdicts.values()}
    for name, verdict in verdicts.items():
        if verdict.fixed or verdict.rank >= 1000 or name == verdict.kind.value:
            continue
        if verdict.kind is Kind.GIVEN_NAME and not kinds & {Kind.FULL_NAME, Kind.FAMILY_NAME}:
            if reads_as_full_name(work.profile(name)):
                verdict.kind, verdict.why = Kind.FULL_NAME, "column name, and values of many words"
        elif verdict.kind is Kind.FULL_NAME and Kind.FAMILY_NAME in kinds:
            profile = work.profile(name)
            if profile.filled and profile.share_of_words(0, 1) >= 0.8:
                verdict.why = "column name, beside one of family names"
                taken = Kind.GIVEN_NAME in kinds
                verdict.kind = Kind.NAME if taken else Kind.GIVEN_NAME
        elif verdict.kind is Kind.FULL_NAME and Kind.GIVEN_NAME in kinds:
            profile = work.profile(name)
            if profile.filled and profile.share_of_words(0, 1) >= 0.6:
                verdict.why = "column name, beside one of given names"
                verdict.kind = Kind.FAMILY_NAME


def _find_record_id(verdicts: dict[str, _Verdict], work: _Table) -> None:
    for position, (name, verdict) in enumerate(verdicts.items()):
        technical = verdict.kind is Kind.IGNORED and "keys" in verdict.why
        if verdict.rank < 1000 or not (
            technical
            or verdict.kind
            in (Kind.IDENTIFIER, Kind.NUMBER, Kind.STREET_NUMBER, Kind.POSTCODE, Kind.TEXT)
            or verdict.kind is Kind.PASSPORT_ID
        ):
            continue
        why = is_row_key(work.data.column(name), work.origin, first=position == 0)
        if why:
            verdict.kind, verdict.why = Kind.RECORD_ID, f"content: {why}"
            return


def _settle_singular(verdicts: dict[str, _Verdict], work: _Table) -> None:
    """Leave a singular kind to the column that has the best claim to it."""
    for kind in SINGULAR:
        claims = [n for n, v in verdicts.items() if v.kind is kind]
        if len(claims) < 2:
            continue
        best = min(claims, key=lambda n: (verdicts[n].rank, claims.index(n)))
        for name in claims:
            if name == best:
                continue
            verdict = verdicts[name]
            verdict.why += f"; '{best}' is the {kind}"
            verdict.kind = _DEMOTED.get(kind, Kind.IGNORED)
            if kind is Kind.RECORD_ID and (_of_patient(name) or _has_gaps(work.data.column(name))):
                verdict.kind = Kind.IDENTIFIER


def _has_gaps(column: pa.ChunkedArray) -> bool:
    """Whether rows lack the value: a second key of the rows would be in all of them."""
    return bool(column.null_count > 0.02 * len(column))


def _agrees_with_birth(column: str, verdicts: Mapping[str, _Verdict], work: _Table) -> bool:
    """Whether dates have the years of birth that another column gives, or fit the ages."""
    other = next((n for n, v in verdicts.items() if v.kind is Kind.BIRTH_YEAR), None)
    ages = other is None
    if ages:
        other = next((n for n, v in verdicts.items() if v.kind is Kind.AGE), None)
    if other is None:
        return True
    dates = work.sample.column(column).to_pylist()
    numbers = work.sample.column(other).to_pylist()
    both = [
        (year_of(date), int(number))
        for date, number in zip(dates, numbers, strict=True)
        if date is not None and number is not None and number.isdecimal() and len(number) < 5
    ]
    if not both:
        return True
    year, number = np.array(both, np.int64).T
    if ages:
        # What is left of the date without the age is the year of the survey, give or take one.
        number = int(np.median(year + number)) - number
    return float(np.mean(np.abs(year - number) <= 1)) >= 0.5


def _find_birth(verdicts: dict[str, _Verdict], work: _Table) -> None:
    """Of unnamed dates, the one that spreads over generations is the birth date."""
    taken = {v.kind for v in verdicts.values()}
    if Kind.BIRTH_DATE in taken:
        return
    best: tuple[float, str] | None = None
    for name, verdict in verdicts.items():
        if verdict.kind is Kind.DATE and verdict.rank >= 1000:
            if not _agrees_with_birth(name, verdicts, work):
                verdict.why += ", not those of birth"
                continue
            found = years(work.profile(name))
            if not len(found):
                continue
            low, middle, high = np.percentile(found, [5, 50, 95])
            # early and wide: 1950 with a spread of 60 years beats 2022 with one of 3
            claim = float(high - low) + (2030.0 - float(middle))
            if best is None or claim > best[0]:
                best = (claim, name)
    if best is not None and best[0] >= 12:
        verdicts[best[1]].kind = Kind.BIRTH_DATE
        verdicts[best[1]].why += ", the earliest and widest spread"
        return
    if Kind.BIRTH_YEAR not in taken or best is not None:
        return
    for kind, least, most in ((Kind.BIRTH_MONTH, 10, 12), (Kind.BIRTH_DAY, 25, 31)):
        if kind in taken:
            continue
        for name, verdict in verdicts.items():
            if verdict.kind is Kind.NUMBER and verdict.rank >= 1000:
                numbers = work.profile(name).numbers
                if len(numbers) >= least and numbers.max() <= most and numbers.min() >= 0:
                    verdict.kind = kind
                    verdict.why += ", beside a year"
                    break


def _find_name_parts(verdicts: dict[str, _Verdict], work: _Table) -> None:
    """Which of the unnamed names are given ones, which family ones, by well-known names."""
    unnamed = [n for n, v in verdicts.items() if v.kind is Kind.NAME and v.rank >= 1000]
    if not unnamed or any(v.kind is Kind.FULL_NAME for v in verdicts.values()):
        return
    lean: dict[str, float] = {}
    for name in unnamed:
        profile = work.profile(name)
        as_given = profile.word_share(word_list("given") - word_list("family"))
        as_family = profile.word_share(word_list("family") - word_list("given"))
        if max(as_given, as_family) >= 0.05:
            lean[name] = as_given - as_family
    taken = {v.kind for v in verdicts.values()}
    for kind, sign in ((Kind.GIVEN_NAME, 1.0), (Kind.FAMILY_NAME, -1.0)):
        best = max(lean, key=lambda n: (sign * lean[n], n), default=None)
        if best is None or kind in taken or sign * lean[best] < 0.05:
            continue
        verdicts[best].kind = kind
        verdicts[best].why += ", many of them well-known"
        del lean[best]
    _complete_name(verdicts, unnamed)


def _complete_name(verdicts: dict[str, _Verdict], unnamed: Sequence[str]) -> None:
    """Beside a given name, the one other column of names holds family names, and the reverse."""
    left = [n for n in unnamed if verdicts[n].kind is Kind.NAME]
    taken = {v.kind for v in verdicts.values()}
    if len(left) != 1:
        return
    for here, lacking in (
        (Kind.GIVEN_NAME, Kind.FAMILY_NAME),
        (Kind.FAMILY_NAME, Kind.GIVEN_NAME),
    ):
        if here in taken and lacking not in taken:
            verdicts[left[0]].kind = lacking
            verdicts[left[0]].why += f", the other name than the {here}"


def _fields(verdicts: dict[str, _Verdict]) -> tuple[Field, ...]:
    """Fields with unique names: the kind's for its best column, the column's own for others."""
    ordered = sorted(verdicts, key=lambda n: (n != verdicts[n].kind.value, verdicts[n].rank))
    chosen: dict[str, str] = {}
    used = {"source", "record_id"}
    for name in ordered:
        verdict = verdicts[name]
        if verdict.kind in (Kind.SOURCE, Kind.RECORD_ID):
            chosen[name] = verdict.kind.value
            continue
        plain = verdict.kind in _NAMED_BY_COLUMN
        wanted = name if plain or verdict.kind.value in used else verdict.kind.value
        chosen[name] = _unused(wanted, used)
        used.add(chosen[name])
    fields = [Field(chosen[n], v.kind, n, v.why) for n, v in verdicts.items()]
    return tuple(sorted(fields, key=lambda f: (f.kind is Kind.IGNORED, f.kind not in _LEADING)))


_LEADING = (Kind.SOURCE, Kind.RECORD_ID)
_NAMED_BY_COLUMN = frozenset(
    {Kind.NAME, Kind.DATE, Kind.NUMBER, Kind.CATEGORY, Kind.TEXT, Kind.IDENTIFIER, Kind.IGNORED}
)
"""Kinds that say too little to name a field."""


def _unused(wanted: str, used: set[str]) -> str:
    name, number = wanted, 2
    while name in used:
        name, number = f"{wanted}_{number}", number + 1
    return name
