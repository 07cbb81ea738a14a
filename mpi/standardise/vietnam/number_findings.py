"""What columns of Vietnamese numbers hold: kinds, validity, and what they say of their holders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from mpi.schema import Kind
from mpi.standardise.findings import Finding, Sample, tally
from mpi.standardise.formats import describe_dates
from mpi.standardise.layouts import DateLayout
from mpi.standardise.rules import Mask, empty
from mpi.standardise.vietnam import codes as written
from mpi.standardise.vietnam import identifiers, insurance, phones, reference
from mpi.standardise.vietnam.cccd import FEMALE, MALE, Doubt, decode_cccd, doubts_of, is_run
from mpi.standardise.vietnam.codes import Codes, take_apart
from mpi.standardise.vietnam.dates import HEAP_DAYS, HEAPED, standard_dates
from mpi.standardise.vietnam.identifiers import NumberKind, kinds_of

Answers = list[tuple[str, Mask]]
Numbers = npt.NDArray[np.int16]
_Read = Callable[[Sample], Numbers]

KINDS = {
    NumberKind.PERSONAL: "personal numbers of 12 digits (CCCD)",
    NumberKind.CARD: "identity cards of 9 digits (CMND)",
    NumberKind.SOCIAL: "10 digits, as social insurance has",
    NumberKind.PASSPORT: "passports",
    NumberKind.INSURANCE: "health insurance cards of 15 characters",
    NumberKind.OTHER: "other forms",
    NumberKind.NONE: "nothing that can be an identifier",
}
_SPREADSHEET = (written.LOST, written.WRITTEN_OUT, written.WHOLE)
_CARD = r"[A-Za-z]{2}[ -]?[1-5][ -]?[0-9]{2}[ -]?[0-9][0-9 -]{9}"


def describe_national(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """Which identity numbers these are, whether they can be, and whom they contradict."""
    codes = take_apart(sample.read.values)
    kinds = kinds_of(codes)
    personal = kinds == NumberKind.PERSONAL
    typed = runs(codes)
    doubts = np.where(personal & ~typed, doubts_of(np.where(personal, codes.numbers, 0)), 0)
    kind_of = [(what, kinds == kind) for kind, what in KINDS.items()]
    prefix = np.where(kinds == NumberKind.CARD, codes.numbers // 10**6, 0)
    answers: Answers = [
        ("CCCD of no province", (doubts & Doubt.PROVINCE) > 0),
        ("CCCD of an impossible century", (doubts & Doubt.CENTURY) > 0),
        ("CCCD of a year to come", (doubts & Doubt.FUTURE) > 0),
        ("CCCD of somebody born abroad", (doubts & Doubt.COUNTRY) > 0),
        (
            "CMND that begins as no province's did",
            (kinds == NumberKind.CARD) & ~typed & ~reference.is_cmnd_prefix()[prefix],
        ),
        ("one digit throughout, or digits in a row", typed),
    ]
    found = tally(sample, "kind", kind_of) + tally(sample, "doubts", answers)
    return found + _typing(sample) + against(sample, others)


def runs(codes: Codes) -> Mask:
    """bool[n], identifiers that were typed to fill a field."""
    found = np.zeros(len(codes), np.bool_)
    for length in (9, 10, 12):
        rows = np.flatnonzero((codes.lengths == length) & (codes.heads == 0))
        found[rows] = is_run(codes.numbers[rows], length)
    return found


def _typing(sample: Sample) -> list[Finding]:
    """How identifiers came to be wrong, and what was done about it."""
    restored = sample.repaired(identifiers.RESTORED)
    answers: Answers = [
        ("zeros in front lost, restored", restored),
        ("several numbers in one cell", sample.repaired(written.MANY)),
        ("telephone number in place of an identifier", sample.repaired(identifiers.PHONE_TYPED)),
        ("spoilt by a spreadsheet (1.2E+11, .0)", sample.repaired(*_SPREADSHEET)),
        ("letters for digits", sample.repaired(written.LETTERS)),
        ("words beside the number", sample.repaired(written.LABEL)),
        ("personal numbers with a serial of zeros", sample.repaired(identifiers.NO_SERIAL)),
    ]
    return tally(sample, "typing", answers)


def against(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """How many personal numbers say another sex or year of birth than their records."""
    decoded = decode_cccd(sample.read.values)
    possible = _of_records(decoded.possible.astype(np.int16), sample) > 0
    found: list[Finding] = []

    def compare(what: str, says: Numbers, other: Sample | None, read: _Read) -> None:
        if other is None:
            return
        known = _of_records(read(other), other)
        asked = possible & (known > 0)
        differ = asked & (_of_records(says, sample) != known)
        if asked.any():
            found.append(Finding("CCCD says", what, int(differ.sum()), int(asked.sum())))

    sex = decoded.sex.astype(np.int16)
    compare("another sex than the record", sex, others.get(Kind.SEX), _sexes)
    birth = others.get(Kind.BIRTH_DATE) or others.get(Kind.BIRTH_YEAR)
    compare("another year of birth than the record", decoded.birth_year, birth, _years)
    return found


def _of_records(of_texts: Numbers, sample: Sample) -> Numbers:
    """int16[n_records], 0 where the record has no value."""
    with_none: Numbers = np.append(of_texts, np.int16(0)).astype(np.int16)
    return with_none[sample.codes]


def _sexes(sample: Sample) -> Numbers:
    male, female = (np.asarray(pc.equal(sample.read.values, sex)) for sex in "MF")
    sexes: Numbers = (male * MALE + female * FEMALE).astype(np.int16)
    return sexes


def _years(sample: Sample) -> Numbers:
    years = pc.utf8_slice_codeunits(sample.read.values, 0, 4)
    numbers = pc.if_else(pc.equal(years, ""), "0", years).cast("int16")
    years_of: Numbers = numbers.to_numpy().astype(np.int16)
    return years_of


def describe_insurance(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """Cards of 15 characters, numbers of 10 and 12 digits, and their validity."""
    raw, codes = take_apart(sample.texts), take_apart(sample.read.values)
    card = (raw.heads > written.PLUS) & (raw.lengths == 13)
    card |= raw.odd & np.asarray(pc.match_substring_regex(sample.texts, _CARD))
    plain = codes.heads == 0
    ten, twelve = plain & (codes.lengths == 10), plain & (codes.lengths == 12)
    none = codes.lengths == 0
    kinds: Answers = [
        ("cards of 15 characters (BHYT)", card),
        ("social insurance numbers of 10 digits (BHXH)", ten & ~card),
        ("personal numbers of 12 digits (CCCD)", twelve & ~card),
        ("other forms", ~(ten | twelve | card | none)),
        ("nothing that can be an identifier", none & ~card),
    ]
    issuer = np.where(ten, codes.numbers // 10**8, 0)
    doubts = doubts_of(np.where(twelve, codes.numbers, 0)) & ~np.uint8(Doubt.COUNTRY)
    wrong: Answers = [
        ("card of an unknown group", sample.repaired(insurance.NO_GROUP)),
        ("card with an impossible benefit", sample.repaired(insurance.NO_BENEFIT)),
        ("card of an unknown issuer", sample.repaired(insurance.NO_ISSUER)),
        ("10 digits of an unknown issuer", ten & ~card & ~reference.is_issuer()[issuer]),
        ("impossible CCCD", twelve & (doubts > 0)),
        ("one digit throughout, or digits in a row", runs(codes)),
    ]
    valid = ten | twelve
    for _, mask in wrong:
        valid &= ~mask
    old: Answers = [
        ("card of before 2015, no person's number in it", sample.repaired(insurance.WHOLE_CARD)),
        ("card without its letters", sample.repaired(insurance.NO_LETTERS)),
    ]
    found = tally(sample, "kind", kinds) + tally(sample, "validity", [("possible", valid), *wrong])
    return found + tally(sample, "kind", old) + _typing(sample) + against(sample, others)


def describe_phones(sample: Sample, _: Mapping[Kind, Sample]) -> list[Finding]:
    """Mobile and landline numbers, and those from before the changes of 2017 and 2018."""
    codes = take_apart(sample.read.values)
    numbers, lengths = codes.numbers, codes.lengths
    mobile = (lengths == 9) & phones.is_mobile(np.where(lengths == 9, numbers, 0))
    service = phones.is_service(numbers, lengths)
    start = np.where(lengths == 10, numbers // 10**7, 0)
    landline = (lengths == 10) & phones.areas()[np.where(start < 1000, start, 0)] & ~service
    none = empty(sample.read.values)
    known = mobile | service | landline | none
    kinds: Answers = [
        ("mobile", mobile),
        ("landline", landline),
        ("service (1800, 1900)", service),
        ("foreign or of no known prefix", ~known),
        ("nothing that can be a telephone number", none),
    ]
    before: Answers = [
        ("mobile prefix of before 2018", sample.repaired(phones.MIGRATED)),
        ("area code of before 2017", sample.repaired(phones.MOVED_AREA)),
    ]
    texts = sample.texts
    writing: Answers = [
        ("with the country code", np.asarray(pc.match_substring_regex(texts, r"^\W*(?:00)?84"))),
        (
            "without the zero in front",
            mobile & np.asarray(pc.match_substring_regex(texts, r"^\W*[1-9]\d{8}\D*$")),
        ),
        ("spoilt by a spreadsheet (1.2E+11, .0)", sample.repaired(*_SPREADSHEET)),
    ]
    return (
        tally(sample, "kind", kinds)
        + tally(sample, "prefixes", before)
        + tally(sample, "writing", writing)
    )


def describe_births(sample: Sample, others: Mapping[Kind, Sample]) -> list[Finding]:
    """Dates as of any country, and the days that stand for a year alone."""
    found = describe_dates(sample, others)
    if not sample.repaired(HEAPED).any():
        return found
    without = str(DateLayout.read(sample.layout))
    values = standard_dates(sample.texts, without).values
    heaped = sample.repaired(HEAPED)
    days = [
        (
            f"on {day[3:]}/{day[:2]}, read as year only",
            heaped & np.asarray(pc.ends_with(values, day)),
        )
        for day in HEAP_DAYS
    ]
    return found + tally(sample, "precision", days)
