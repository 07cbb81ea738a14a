"""What the user is told of a linkage: settings, columns, and a queue that is full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mpi.records.account import ColumnUse, columns_in_words
from mpi.records.table import RecordTable
from mpi.score.model import Model
from mpi.settings import Settings
from mpi.standardise.table import StandardTable


def overruled(settings: Settings, fixed: Model) -> list[str]:
    """What to say of settings that a fixed model does not let count."""
    held = {
        "rules": (settings.rules, fixed.rules),
        "link_at": (settings.link_at, fixed.link_at),
        "review_at": (settings.review_at, fixed.review_at),
        "precision": (settings.precision, fixed.precision or settings.precision),
        "duplicate_free": (sorted(settings.duplicate_free) or None, fixed.duplicate_free),
        "locale": (settings.locale, fixed.locale),
    }
    names = [name for name, (asked, own) in held.items() if asked is not None and asked != own]
    if not names:
        return []
    return [
        f"{', '.join(names)} of the settings did not count: the index keeps the model of its first "
        "night; mpi run --refit makes a plan with a new one"
    ]


def unknown_sources(listed: Sequence[str], sources: Sequence[str]) -> list[str]:
    """What to say of sources that are listed as free of duplicates and sent no record."""
    unknown = sorted(set(listed) - set(sources))
    if not unknown:
        return []
    return [
        f"no record comes from {', '.join(unknown)}, listed in duplicate_free; the sources are "
        + ", ".join(sorted(sources)[:20])
    ]


def unknown_to(standard: StandardTable, model: Model) -> dict[str, str]:
    """Fields of the records that a model does not compare, and why."""
    known = {c.name for c in model.comparisons}
    names = [c.field.name for c in standard.columns if c.field.name not in known]
    return dict.fromkeys(names, "the model of the first run does not compare it")


def columns_used(
    records: RecordTable, standard: StandardTable, model: Model, left_out: Mapping[str, str]
) -> tuple[ColumnUse, ...]:
    """What became of each column of the records.

    Parameters
    ----------
    left_out : field -> why it is not compared
    """
    known = {f.name for f in records.fields} | {"source", "record_id"}
    return columns_in_words(
        records.fields,
        [c.field for c in standard.columns],
        {c.name for c in model.comparisons},
        left_out,
        [name for name in records.data.column_names if name not in known],
    )


def queue_is_full(left_out: int, asked: int) -> list[str]:
    """What to say where the review queue has no room for some pairs.

    Parameters
    ----------
    left_out, asked : probable pairs that are not in the queue, and those that are
    """
    if not left_out:
        return []
    return [
        f"{left_out:,} probable pairs were left out of the review queue, which holds the "
        f"{asked:,} most useful ones; --review-pairs says how many people can look at"
    ]


def queue_may_lack(places: int) -> list[str]:
    """What to say where pairs that left the review queue made room for earlier ones.

    Parameters
    ----------
    places : how many places of the queue may be theirs
    """
    if not places:
        return []
    pairs = "1 probable pair" if places == 1 else f"{places:,} probable pairs"
    return [
        f"the review queue has room for up to {pairs} that an earlier night left out; a night "
        "that touches their records brings them back, and so does linking all records again: "
        "mpi run --refit"
    ]
