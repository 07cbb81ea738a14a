"""One registry of what flows through the rooms: field kinds and tables.

Every room says what it takes and what it gives in the terms of this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa


class Kind(StrEnum):
    """What a field of a record means. The names are part of the contract."""

    SOURCE = "source"
    RECORD_ID = "record_id"
    FULL_NAME = "full_name"
    FAMILY_NAME = "family_name"
    MIDDLE_NAME = "middle_name"
    GIVEN_NAME = "given_name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    AGE = "age"
    NATIONAL_ID = "national_id"
    INSURANCE_ID = "insurance_id"
    PASSPORT_ID = "passport_id"
    IDENTIFIER = "identifier"  # another number or code given to one person
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    STREET_NUMBER = "street_number"
    WARD = "ward"
    DISTRICT = "district"  # also city, suburb, town
    PROVINCE = "province"  # also state, county, region
    POSTCODE = "postcode"
    MOTHER_NAME = "mother_name"
    FATHER_NAME = "father_name"
    UPDATED_AT = "updated_at"
    DELETED = "deleted"
    NAME = "name"  # a name part of unknown position
    DATE = "date"  # another date
    NUMBER = "number"  # another quantity
    CATEGORY = "category"  # one of few values
    TEXT = "text"  # other words
    IGNORED = "ignored"  # kept, never compared


class Form(StrEnum):
    """The standard form of a value: it decides how two values are compared."""

    NAME = "name"  # words of a person's name: upper case, NFC, single blanks
    DATE = "date"  # YYYY-MM-DD, unknown parts 0: 1950-00-00
    IDENTIFIER = "identifier"  # letters and digits only
    CATEGORY = "category"  # equal or not
    TEXT = "text"  # words of an address or a note
    NUMBER = "number"  # decimal digits


FORM_OF: dict[Kind, Form] = {
    Kind.FULL_NAME: Form.NAME,
    Kind.FAMILY_NAME: Form.NAME,
    Kind.MIDDLE_NAME: Form.NAME,
    Kind.GIVEN_NAME: Form.NAME,
    Kind.MOTHER_NAME: Form.NAME,
    Kind.FATHER_NAME: Form.NAME,
    Kind.NAME: Form.NAME,
    Kind.SEX: Form.CATEGORY,
    Kind.BIRTH_DATE: Form.DATE,
    Kind.BIRTH_YEAR: Form.NUMBER,
    Kind.BIRTH_MONTH: Form.NUMBER,
    Kind.BIRTH_DAY: Form.NUMBER,
    Kind.AGE: Form.NUMBER,
    Kind.NATIONAL_ID: Form.IDENTIFIER,
    Kind.INSURANCE_ID: Form.IDENTIFIER,
    Kind.PASSPORT_ID: Form.IDENTIFIER,
    Kind.IDENTIFIER: Form.IDENTIFIER,
    Kind.PHONE: Form.IDENTIFIER,
    Kind.EMAIL: Form.TEXT,
    Kind.ADDRESS: Form.TEXT,
    Kind.STREET_NUMBER: Form.IDENTIFIER,
    Kind.WARD: Form.TEXT,
    Kind.DISTRICT: Form.TEXT,
    Kind.PROVINCE: Form.CATEGORY,
    Kind.POSTCODE: Form.IDENTIFIER,
    Kind.DATE: Form.DATE,
    Kind.NUMBER: Form.NUMBER,
    Kind.CATEGORY: Form.CATEGORY,
    Kind.TEXT: Form.TEXT,
}
"""Kinds that are compared, with the form their values are brought to."""

SINGULAR: frozenset[Kind] = frozenset(
    {
        Kind.SOURCE,
        Kind.RECORD_ID,
        Kind.FULL_NAME,
        Kind.FAMILY_NAME,
        Kind.GIVEN_NAME,
        Kind.SEX,
        Kind.BIRTH_DATE,
        Kind.UPDATED_AT,
        Kind.DELETED,
    }
)
"""Kinds of which a record table has at most one field; a second column of them is NAME, DATE,
CATEGORY or IGNORED."""

PERSON_KINDS: frozenset[Kind] = frozenset(
    {
        Kind.FULL_NAME,
        Kind.FAMILY_NAME,
        Kind.GIVEN_NAME,
        Kind.NAME,
        Kind.NATIONAL_ID,
        Kind.INSURANCE_ID,
        Kind.PASSPORT_ID,
        Kind.IDENTIFIER,
        Kind.EMAIL,
        Kind.PHONE,
    }
)
"""A table without any of these cannot be linked."""

TRUSTED_KINDS: frozenset[Kind] = frozenset({Kind.NATIONAL_ID, Kind.INSURANCE_ID, Kind.PASSPORT_ID})
"""Identifiers given to one person by an authority: two that differ speak against one person."""


@dataclass(frozen=True)
class Column:
    """One column of a published table."""

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """One published table: its grain, its sort order and its columns."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, in column order."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])


_KEYS = pa.list_(pa.struct([("source", pa.string()), ("record_id", pa.string())]))
_PAIR = (
    Column("source_a", pa.string(), "source of the record with the smaller key"),
    Column("record_id_a", pa.string(), "its record id"),
    Column("source_b", pa.string(), "source of the record with the larger key"),
    Column("record_id_b", pa.string(), "its record id"),
)
_SCORE = (
    Column("match_weight", pa.float32(), "sum of weights and log2 prior odds, bits"),
    Column("match_probability", pa.float64(), "posterior probability of one person, 0 to 1"),
    Column("blocking_rules", pa.list_(pa.string()), "rules that produced the pair"),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table(
            "crosswalk",
            "record",
            ("source", "record_id"),
            (
                Column("source", pa.string(), "the registry the record comes from"),
                Column("record_id", pa.string(), "its id there, as it came"),
                Column("enterprise_id", pa.string(), "the person, for ever"),
                Column("since", pa.int64(), "snapshot in which the record came to this person"),
            ),
        ),
        Table(
            "persons",
            "enterprise id",
            ("enterprise_id",),
            (
                Column("enterprise_id", pa.string(), "the person"),
                Column("status", pa.string(), "active or retired"),
                Column("replaced_by", pa.string(), "the living id, of a retired one", True),
                Column("n_records", pa.int64(), "records of the person now"),
                Column("n_sources", pa.int64(), "sources of the person now"),
                Column("since", pa.int64(), "snapshot in which the id was created"),
                # then, a field: <field>, <field>_record, the "source:record_id" it came from, and
                # <field>_rule, the rule that chose it
            ),
        ),
        Table(
            "links",
            "linked pair",
            ("source_a", "record_id_a", "source_b", "record_id_b"),
            # then `levels`: a struct of int8, a field each: -1 missing, 0 all other, higher closer
            (*_PAIR, *_SCORE),
        ),
        Table(
            "review",
            "pair for clerical review",
            ("source_a", "record_id_a", "source_b", "record_id_b"),
            (*_PAIR, *_SCORE, Column("reason", pa.string(), "why a person should look")),
        ),
        Table(
            "decisions",
            "pair or person",
            ("sequence",),
            (
                Column("sequence", pa.int64(), "order of decisions: 1, 2, 3 ..."),
                Column("kind", pa.string(), "must_link, cannot_link, pin, confirm or set"),
                Column("source_a", pa.string(), "first record, of must_link and cannot_link", True),
                Column("record_id_a", pa.string(), "first record", True),
                Column("source_b", pa.string(), "second record", True),
                Column("record_id_b", pa.string(), "second record", True),
                Column("enterprise_id", pa.string(), "the person, of pin, confirm and set", True),
                Column("decided_by", pa.string(), "who"),
                Column("decided_at", pa.string(), "when, ISO 8601 in UTC"),
                Column("reason", pa.string(), "why", True),
                Column("field", pa.string(), "field of the golden record, of set", True),
                Column("value", pa.string(), "its value, of set", True),
                Column("records", _KEYS, "the records that belong together, of confirm", True),
                Column("snapshot", pa.int64(), "snapshot that published the decision"),
                Column("withdrawn", pa.bool_(), "whether it was taken back"),
                Column("withdrawn_by", pa.string(), "who took it back", True),
                Column("withdrawn_at", pa.string(), "when, ISO 8601 in UTC", True),
                Column("withdrawn_reason", pa.string(), "why", True),
            ),
        ),
        Table(
            "events",
            "event",
            ("sequence",),
            (
                Column("sequence", pa.int64(), "1, 2, 3 ... without a gap"),
                Column("snapshot", pa.int64(), "snapshot that published the event"),
                Column(
                    "kind",
                    pa.string(),
                    "created, joined, left, moved, merged, split, retired, resurrected or erased",
                ),
                Column("source", pa.string(), "the record, of created, joined, left, moved", True),
                Column("record_id", pa.string(), "the record", True),
                Column("before", pa.list_(pa.string()), "enterprise ids before"),
                Column("after", pa.list_(pa.string()), "enterprise ids after"),
                Column("cause", pa.string(), "why"),
                Column("hash", pa.string(), "blake2b over the hash before it and this row, hex"),
            ),
        ),
        Table(
            "quarantine",
            "row",
            ("source", "file", "row"),
            (
                Column("source", pa.string(), "the source the row would have had"),
                Column("file", pa.string(), "file name, without its folder"),
                Column("row", pa.int64(), "row number in the file, 1 is the first data row"),
                Column("values", pa.string(), "the raw values, JSON"),
                Column("reason", pa.string(), "what is wrong with it"),
            ),
        ),
        Table(
            "runs",
            "run",
            ("snapshot",),
            (
                Column("snapshot", pa.int64(), "snapshot the run published"),
                Column("started_at", pa.string(), "ISO 8601 in UTC"),
                Column("inputs", pa.string(), "files with rows and fingerprints, JSON"),
                Column("settings", pa.string(), "the settings in force, JSON"),
                Column("model", pa.string(), "the model, JSON"),
                Column("counts", pa.string(), "fates, persons, links, review, JSON"),
                Column("stages", pa.string(), "wall, CPU and peak memory by stage, JSON"),
                Column("quality", pa.string(), "expected precision and recall, JSON"),
            ),
        ),
    )
}


def pair_schema(table: str, fields: list[str]) -> pa.Schema:
    """Schema of `links` or `review` for these comparisons: the registry's columns and `levels`."""
    levels = pa.struct([pa.field(name, pa.int8(), False) for name in fields])
    return TABLES[table].schema.append(pa.field("levels", levels, False))


def persons_schema(fields: list[str]) -> pa.Schema:
    """Schema of `persons` for these fields: a golden value, its record and its rule, each."""
    schema = TABLES["persons"].schema
    for name in fields:
        schema = schema.append(pa.field(name, pa.string()))
        schema = schema.append(pa.field(f"{name}_record", pa.string()))
        schema = schema.append(pa.field(f"{name}_rule", pa.string()))
    return schema
