"""What the user should know about what was read, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from mpi.records.batch import Batch
from mpi.records.table import Field
from mpi.schema import FORM_OF, Kind

_KEYS = frozenset({Kind.SOURCE, Kind.RECORD_ID, Kind.UPDATED_AT, Kind.DELETED})


def about(fields: Sequence[Field]) -> list[str]:
    """What was decided about columns that a user may want to know."""
    said = []
    for f in fields:
        if "the truth" in f.why:
            said.append(
                f"column '{f.column}' is left out of the comparison: its name says that it holds "
                "the answer (name its kind in the settings to use it)"
            )
        elif "values that come again" in f.why:
            said.append(
                f"column '{f.column}' is called an id, but its values come again in one source: "
                "it is taken for a number of the person, not of the record"
            )
        elif f.kind is Kind.RECORD_ID and f.why.startswith("content"):
            said.append(f"column '{f.column}' is taken for the record id ({f.why[9:]})")
    by_content = [f for f in fields if f.why.startswith("content") and f.kind in FORM_OF]
    if by_content:
        found = ", ".join(f"{f.column} = {f.kind}" for f in by_content)
        said.append(f"recognised by content alone: {found}")
    return said


@dataclass(frozen=True)
class ColumnUse:
    """What became of a column.

    column : its name as it came; several, read as one, with a + between
    role : what it was read as, in words; empty where it was not recognised
    used : "compared", "key" (it says which record a row is, or which version) or "" (not used)
    why : why it is not used, else how its meaning was found
    """

    column: str
    role: str
    used: str
    why: str


def columns_in_words(
    fields: Sequence[Field],
    read: Sequence[Field],
    compared: Container[str],
    left_out: Mapping[str, str],
    others: Sequence[str] = (),
) -> tuple[ColumnUse, ...]:
    """Which columns were used, as what, and which were not, with the reason.

    Parameters
    ----------
    fields : of the records
    read : the fields that were standardised, in which several columns may be one
    compared : names of those that are compared
    left_out : name -> why a field that was read is not compared
    others : columns that are kept and have no field

    Examples
    --------
    >>> fields = [Field("full_name", Kind.FULL_NAME, "HO_TEN", "column name"),
    ...           Field("record_id", Kind.RECORD_ID, "id", "column name"),
    ...           Field("age", Kind.AGE, "tuoi", "column name")]
    >>> uses = columns_in_words(fields, [fields[0], fields[2]], {"full_name"},
    ...                         {"age": "it changes from year to year"}, ["note"])
    >>> for line in said_of_columns(uses):
    ...     print(line)
    columns used: HO_TEN as full name
    columns that say which record a row is: id as record id
    columns not used: tuoi (read as age, it changes from year to year), note (not recognised)
    """
    uses = []
    for f in read:
        is_used = f.name in compared
        why = f.why if is_used else left_out.get(f.name, "it is not compared")
        uses.append(ColumnUse(f.column, _words(f.kind), "compared" if is_used else "", why))
    keys = [ColumnUse(f.column, _words(f.kind), "key", f.why) for f in fields if f.kind in _KEYS]
    ignored = [ColumnUse(f.column, "", "", f.why) for f in fields if f.kind is Kind.IGNORED]
    unknown = [ColumnUse(name, "", "", "not recognised") for name in others]
    return (*uses, *keys, *ignored, *unknown)


def said_of_columns(uses: Sequence[ColumnUse]) -> list[str]:
    """The same as lines of plain words; see `columns_in_words`."""
    said = []
    for used, words in (
        ("compared", "columns used"),
        ("key", "columns that say which record a row is"),
    ):
        named = [f"{u.column} as {u.role}" for u in uses if u.used == used]
        if named:
            said.append(f"{words}: {', '.join(named)}")
    unused = [
        f"{u.column} ({f'read as {u.role}, ' if u.role else ''}{u.why})" for u in uses if not u.used
    ]
    if unused:
        said.append(f"columns not used: {', '.join(unused)}")
    return said


def _words(kind: Kind) -> str:
    return kind.value.replace("_", " ")


def about_united(aliases: Mapping[str, str]) -> list[str]:
    """Which columns of different files were taken for one."""
    together: dict[str, list[str]] = {}
    for name, home in aliases.items():
        together.setdefault(home, []).append(name)
    return [
        f"column '{home}' also holds {' and '.join(repr(n) for n in sorted(names))} of other files"
        for home, names in together.items()
    ]


def about_versions(replaced: int, updated: str | None) -> str:
    """Rows that another version of their record replaced."""
    how = (
        "the latest by 'updated_at' was kept"
        if updated is not None
        else "no column says which is newer, so the content decided"
    )
    return f"{replaced:,} rows repeat a record key; {how}"


def quarantined(quarantine: pa.Table) -> str:
    """How many rows were set aside, for which reasons."""
    reasons = Counter(quarantine.column("reason").to_pylist())
    most = "; ".join(f"{n:,} x {reason}" for reason, n in reasons.most_common(5))
    return f"{quarantine.num_rows:,} rows were set aside: {most}"


def nothing(batches: Sequence[Batch]) -> str:
    """What the files held when none held a usable row."""
    found = []
    for b in batches:
        if b.broken:
            reasons = Counter(broken.reason for broken in b.broken).most_common(1)
            found.append(f"{b.name}: {len(b.broken):,} rows, none usable ({reasons[0][0]})")
        elif b.table.num_columns:
            found.append(f"{b.name}: a header of {b.table.num_columns} columns and no row")
        else:
            found.append(f"{b.name}: empty")
    return "the input holds no usable row; " + "; ".join(found)


def all_set_aside(quarantine: pa.Table) -> str:
    """That every row went to the quarantine."""
    return f"the input holds no usable row; {quarantined(quarantine)}"
