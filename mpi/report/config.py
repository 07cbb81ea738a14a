"""What was chosen for an input, as a settings file that is ready to edit."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable

from mpi.records.table import RecordTable
from mpi.report.page import visible
from mpi.schema import Kind
from mpi.score.model import Model
from mpi.settings import Settings
from mpi.standardise.locales import LOCALES
from mpi.standardise.table import Placeholder


def settings_toml(
    records: RecordTable, model: Model, placeholders: Iterable[Placeholder], settings: Settings
) -> str:
    """The locale, fields, placeholders, blocking rules and thresholds in force, as TOML.

    The locale, the fields, the placeholders that only the data told and whatever was set before are
    written as settings; what a run would choose anew is written as comments.
    """
    usual = Settings()
    lines = [
        "# Settings chosen from the data; pass this file with --config.",
        "# A line that begins with # says what was chosen and is chosen anew in every run;",
        "# take the # away to fix it.",
        "",
        f"# Whose rules names, dates and numbers are read by: {', '.join(sorted(LOCALES))}.",
        f"locale = {_text(model.locale)}",
        "",
        "# Blocking rules: two records that share all keys of a rule are compared.",
        *_fixed(
            settings.rules is not None,
            "rules = [",
            *(f"    [{', '.join(_text(key) for key in rule)}]," for rule in model.rules),
            "]",
        ),
        "",
        "# Pairs are linked from link_at on, and wait for review from review_at on.",
        *_fixed(settings.link_at is not None, f"link_at = {_number(model.link_at)}"),
        *_fixed(settings.review_at is not None, f"review_at = {_number(model.review_at)}"),
        "# Or: link where at least this share of the links is expected to be right.",
        *_fixed(
            settings.precision is not None, f"precision = {_number(settings.precision or 0.99)}"
        ),
        "",
        "# Sources that hold a person once: at most one record of each to a person.",
        *_fixed(
            bool(model.duplicate_free),
            f"duplicate_free = [{', '.join(_text(name) for name in model.duplicate_free)}]",
        ),
        "",
        "# Records of one block beyond which it is narrowed.",
        *_fixed(settings.max_block != usual.max_block, f"max_block = {model.max_block}"),
        *_fixed(settings.seed != usual.seed, f"seed = {settings.seed}"),
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


def _fixed(is_set: bool, *lines: str) -> list[str]:
    """Lines of a setting, behind a # where a run chooses it anew."""
    return list(lines) if is_set else [f"# {line}" for line in lines]


def _number(value: float) -> str:
    return repr(float(min(max(value, 1e-9), 1 - 1e-9)))


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 98, initial_indent="# ", subsequent_indent="# ")
