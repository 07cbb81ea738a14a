"""What was chosen for an input, as a settings file that is ready to edit."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable

from mpi.records.table import RecordTable
from mpi.report.page import visible
from mpi.schema import Kind
from mpi.score.model import Model
from mpi.standardise.table import Placeholder


def settings_toml(
    records: RecordTable, model: Model, placeholders: Iterable[Placeholder], precision: float | None
) -> str:
    """The fields, placeholders, blocking rules and thresholds in force, as TOML.

    Fields and the placeholders that only the data told are written as settings; what a run would
    choose anew is written as comments.
    """
    lines = [
        "# Settings chosen from the data; pass this file with --config.",
        "# A line that begins with # says what was chosen and is chosen anew in every run;",
        "# take the # away to fix it.",
        "",
        "# Blocking rules: two records that share all keys of a rule are compared.",
        "# rules = [",
        *(f"#     [{', '.join(_text(key) for key in rule)}]," for rule in model.rules),
        "# ]",
        "",
        "# Pairs are linked from link_at on, and wait for review from review_at on.",
        f"# link_at = {_number(model.link_at)}",
        f"# review_at = {_number(model.review_at)}",
        "# Or: link where at least this share of the links is expected to be right.",
        f"{'# ' if precision is None else ''}precision = {_number(precision or 0.99)}",
        "",
        f"# Records of one block beyond which it is narrowed.\n# max_block = {model.max_block}",
        "",
        *_comment("Column = kind. The kinds are " + ", ".join(kind.value for kind in Kind) + "."),
        "[fields]",
        *(f"{_text(f.column)} = {_text(f.kind.value)}  # {visible(f.why)}" for f in records.fields),
    ]
    taken = {f.column for f in records.fields} | {f.name for f in records.fields}
    taken |= {Kind.SOURCE.value, Kind.RECORD_ID.value}
    ignored = [name for name in records.data.column_names if name not in taken]
    lines += [f'{_text(name)} = "ignored"  # not recognised' for name in ignored]
    lines += ["", "# Field = values that mean unknown, beside those that are known everywhere."]
    lines += ["[placeholders]"]
    found: dict[str, list[Placeholder]] = {}
    for placeholder in placeholders:
        found.setdefault(placeholder.field, []).append(placeholder)
    for field, values in sorted(found.items()):
        told = [p for p in values if p.why != "listed"]
        lines += [f"# {visible(field)}: {visible(p.value)}: {visible(p.why, 100)}" for p in told]
        # "1963-01-01 -> 1963-00-00" keeps part of the value: a reading, not a value to leave out.
        whole = [_text(p.value) for p in told if " -> " not in p.value]
        if whole:
            lines.append(f"{_text(field)} = [{', '.join(whole)}]")
        listed = ", ".join(visible(p.value, 30) for p in values if p.why == "listed")
        if listed:
            lines += _comment(f"{visible(field)}: known everywhere: {listed}")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A TOML basic string: JSON's, but for one character that TOML wants escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(value: float) -> str:
    return repr(float(min(max(value, 1e-9), 1 - 1e-9)))


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 98, initial_indent="# ", subsequent_indent="# ")
