"""What the user should know about what was read, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa

from mpi.records.batch import Batch
from mpi.records.table import Field
from mpi.schema import FORM_OF, Kind


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
    used = [f"{f.column} as {_words(f.kind)}" for f in fields if f.kind in FORM_OF]
    if used:
        said.append(f"columns used: {', '.join(used)}")
    unused = [f"{f.column} ({f.why})" for f in fields if f.kind is Kind.IGNORED]
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
