"""What the columns of an input mean, how full they are, and what is odd about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.table import RecordTable
from mpi.report.page import Page, visible
from mpi.report.quantities import count, share
from mpi.report.summary import render_messages, render_placeholders
from mpi.schema import TRUSTED_KINDS, Form, Kind
from mpi.standardise.findings import Finding
from mpi.standardise.table import StandardColumn, StandardTable

_EXAMPLES = 3
# Letters that appear where UTF-8 was read as Latin-1 or Windows-1252, and the replacement mark.
_BROKEN_LETTERS = "\ufffd|Ã[\u0080-¿]|áº|á»|Æ°|Æ¡|Ä‘|â€"


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    filled : rows with a value; distinct : different values
    unknown : rows whose value is a placeholder; unread : rows whose value has no standard form
    odd : what looks wrong, in words
    findings : what it holds, as the locale tells it
    examples : the most frequent values, empty unless they were asked for
    """

    column: str
    name: str
    kind: str
    why: str
    rows: int
    filled: int
    distinct: int
    unknown: int
    unread: int
    odd: tuple[str, ...]
    findings: tuple[Finding, ...]
    examples: tuple[str, ...]


def profile_columns(
    records: RecordTable,
    standard: StandardTable,
    findings: Mapping[str, tuple[Finding, ...]] | None = None,
    *,
    show_values: bool = False,
) -> tuple[ColumnProfile, ...]:
    """Profile every column of the input, the compared ones first.

    Parameters
    ----------
    standard : the same records in standard form
    findings : field name -> what :func:`mpi.standardise.describe.describe` found
    show_values : give examples, which are personal data
    """
    by_name = {c.field.name: c for c in standard.columns}
    unknown: dict[str, int] = {}
    for found in standard.placeholders:
        unknown[found.field] = unknown.get(found.field, 0) + found.rows
    fields = {f.name: f for f in records.fields}
    profiles = []
    for name in records.data.column_names:
        values = records.data.column(name)
        field, column = fields.get(name), by_name.get(name)
        is_key = name in (Kind.SOURCE, Kind.RECORD_ID)
        filled = len(values) - values.null_count
        distinct = pc.count_distinct(values, mode="only_valid").as_py()
        blanked = unknown.get(name, 0)
        unread = 0
        if column is not None:
            unread = max(filled - blanked - int((column.codes >= 0).sum()), 0)
        kind = field.kind.value if field else (name if is_key else Kind.IGNORED.value)
        odd = [] if is_key else _odd(values, filled, distinct, unread, blanked, column)
        profiles.append(
            ColumnProfile(
                column=field.column if field else name,
                name=name,
                kind=kind,
                why=field.why if field else ("record key" if is_key else "not recognised"),
                rows=len(values),
                filled=filled,
                distinct=distinct,
                unknown=blanked,
                unread=unread,
                odd=tuple(odd),
                findings=(findings or {}).get(name, ()),
                examples=_examples(values) if show_values else (),
            )
        )
    return tuple(profiles)


def _odd(
    values: pa.ChunkedArray,
    filled: int,
    distinct: int,
    unread: int,
    blanked: int,
    column: StandardColumn | None,
) -> list[str]:
    """What looks wrong with a column."""
    rows = len(values)
    if filled == 0:
        return ["empty"]
    odd = []
    if distinct == 1 and rows > 1:
        odd.append("one value only")
    if filled < 0.05 * rows:
        odd.append("nearly empty")
    if unread > 0.02 * filled:
        odd.append(f"{share(unread, filled)} of the values cannot be read as this kind")
    if blanked > 0.1 * filled:
        odd.append(f"{share(blanked, filled)} of the values mean unknown")
    if column is not None and len(column.values) > 1:
        known = int(column.counts.sum())
        most = int(column.counts.max())
        wide = column.form in (Form.NAME, Form.DATE, Form.IDENTIFIER)
        if wide and most > 1 and most > 0.2 * known:
            odd.append(f"one value fills {share(most, known)}")
        if column.field.kind in TRUSTED_KINDS and known > 4 * len(column.values):
            odd.append(f"each value is on {known / len(column.values):.1f} records")
    broken = pc.sum(pc.match_substring_regex(values, _BROKEN_LETTERS)).as_py() or 0
    if broken:
        odd.append(f"{count(broken)} values with broken letters")
    return odd


def _examples(values: pa.ChunkedArray) -> tuple[str, ...]:
    counts = pc.value_counts(pc.drop_null(values))
    table = pa.table({"value": counts.field("values"), "rows": counts.field("counts")})
    order = [("rows", "descending"), ("value", "ascending")]
    best = pc.select_k_unstable(table, k=_EXAMPLES, sort_keys=order)
    return tuple(table.column("value").take(best).to_pylist())


def profile_dict(
    records: RecordTable,
    standard: StandardTable,
    columns: tuple[ColumnProfile, ...],
    described: int = 0,
) -> dict[str, Any]:
    """The profile as plain values for JSON.

    described : records that the findings are of
    """
    return {
        "locale": standard.locale,
        "described": described,
        "rows": asdict(records.total),
        "inputs": [asdict(i) for i in records.inputs],
        "columns": [asdict(c) for c in columns],
        "placeholders": [asdict(p) for p in standard.placeholders],
        "messages": [*dict.fromkeys((*records.messages, *standard.messages))],
    }


def render_profile(page: Page, profile: Mapping[str, Any], *, show_values: bool) -> None:
    """Write a profile."""
    rows = profile["rows"]
    page.heading("Input")
    page.table(
        ("file", "source", "rows", "notes"),
        [
            (visible(i["name"]), visible(i["source"]), count(i["rows"]), "; ".join(i["notes"]))
            for i in profile["inputs"]
        ],
        numbers=("rows",),
    )
    page.line(
        f"{count(rows['read'])} rows read: {count(rows['accepted'])} accepted, "
        f"{count(rows['replaced'])} replaced by newer, {count(rows['deleted'])} deleted, "
        f"{count(rows['quarantined'])} set aside."
    )
    page.heading("Columns")
    page.table(
        ("column", "read as", "because", "filled", "distinct", *(("examples",) * show_values)),
        [
            (
                visible(c["column"]),
                c["kind"].replace("_", " "),
                visible(c["why"]),
                share(c["filled"], c["rows"]),
                count(c["distinct"]),
                *((" | ".join(visible(e, 30) for e in c["examples"]),) * show_values),
            )
            for c in profile["columns"]
        ],
        numbers=("filled", "distinct"),
    )
    _findings(page, profile)
    odd = [(c["column"], why) for c in profile["columns"] for why in c["odd"]]
    if odd:
        page.heading("Odd")
        page.table(("column", "what"), [(visible(column), why) for column, why in odd])
    render_placeholders(page, profile["placeholders"])
    render_messages(page, _unsaid(profile))


def _findings(page: Page, profile: Mapping[str, Any]) -> None:
    """What each column holds: a line for each answer."""
    rows = []
    for column in profile["columns"]:
        name = visible(column["column"])
        for about, found in groupby(column["findings"], key=lambda f: f["about"]):
            for finding in found:
                part = share(finding["records"], finding["of"])
                rows.append((name, about, finding["what"], count(finding["records"]), part))
                name = about = ""
    if not rows:
        return
    sample = "" if _is_whole(profile) else f", of a sample of {count(profile['described'])} records"
    page.heading(f"What the columns hold, read by locale '{profile['locale']}'{sample}")
    numbers = ("records", "share")
    page.table(("column", "about", "found", *numbers), rows, numbers=numbers)


def _is_whole(profile: Mapping[str, Any]) -> bool:
    """Whether the findings are of all records."""
    return bool(profile["described"] >= profile["rows"]["accepted"])


def _unsaid(profile: Mapping[str, Any]) -> list[str]:
    """Messages but those on repairs, where the findings have counted the same."""
    if not _is_whole(profile):
        return list(profile["messages"])
    told = [re.escape(c["name"]) for c in profile["columns"] if c["findings"]]
    repair = re.compile(rf"(?:{'|'.join(told)}): in [0-9,]+ records?: ")
    return [m for m in profile["messages"] if not (told and repair.match(m))]
