"""Who is who, kept with the files that were written of it: a night that goes on from there has only
ids to give, golden values to choose and tables to write."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import msgspec

from mpi.index.base import PAIRS
from mpi.index.manifest import Changes, File
from mpi.index.sentinels import Sentinel
from mpi.index.snapshot import Snapshot
from mpi.index.unfinished import Unfinished
from mpi.linkage.quality import Trust
from mpi.linkage.resolution import Pairs, Resolution
from mpi.pieces import Piece, Pieces
from mpi.records.account import ColumnUse
from mpi.records.table import RecordTable
from mpi.standardise.table import Placeholder

_LINKED = "linked"
_PLAIN = ("comparisons", "rules", "quality", "messages", "compared", "left_out", "labels")


def keep_linked(
    pieces: Pieces, resolution: Resolution, odd: tuple[Sentinel, ...], snapshot: Snapshot
) -> None:
    """Keep a resolution whose model, state, links and pairs for review are written.

    What the state was made of is not needed any more.
    """
    if not isinstance(pieces, Unfinished):
        return
    arrays = {"cluster": resolution.cluster}
    for name in PAIRS:
        pairs = resolution.pairs(name)
        for column in fields(Pairs):
            arrays[f"{name} {column.name}"] = getattr(pairs, column.name)
    assert snapshot.model is not None
    files = {name: snapshot.tables[name] for name in PAIRS}
    about = {name: getattr(resolution, name) for name in _PLAIN} | {
        "model": resolution.model.decode(),
        "model_summary": resolution.model_summary.decode(),
        "placeholders": [asdict(one) for one in resolution.placeholders],
        "trust": asdict(resolution.trust),
        "odd": [asdict(one) for one in odd],
        "columns": [asdict(one) for one in resolution.columns],
        "written": msgspec.to_builtins(
            {
                "model": snapshot.model,
                "kept": snapshot.kept,
                "tables": files,
                "changes": {n: snapshot.changes[n] for n in PAIRS if n in snapshot.changes},
                "rows": {name: snapshot.rows[name] for name in PAIRS},
            }
        ),
    }
    every = [snapshot.model, *snapshot.kept, *(file for own in files.values() for file in own)]
    steps = [step for n in PAIRS if n in snapshot.changes for step in snapshot.changes[n].steps]
    every += [file for step in steps for file in step.files]
    pieces.keep(_LINKED, Piece(arrays, about), "clustering", every, alone=True)


class _Written(msgspec.Struct, frozen=True):
    """What linking wrote of the snapshot in the making."""

    model: File
    kept: tuple[File, ...]
    tables: dict[str, tuple[File, ...]]
    changes: dict[str, Changes]
    rows: dict[str, int]


def known_linked(
    pieces: Pieces, snapshot: Snapshot, records: RecordTable
) -> tuple[Resolution, tuple[Sentinel, ...]] | None:
    """The resolution that a stopped run had come to, and what is odd about it; the snapshot has
    what was written of it."""
    piece = pieces.get(_LINKED)
    if piece is None:
        return None
    about = piece.about
    written = msgspec.convert(about["written"], _Written)
    snapshot.model, snapshot.kept = written.model, written.kept
    for name in PAIRS:
        snapshot.tables[name] = written.tables[name]
        snapshot.rows[name] = written.rows[name]
        snapshot.changes.pop(name, None)
    snapshot.changes |= written.changes
    links, review = (
        Pairs(*(piece.arrays[f"{name} {column.name}"] for column in fields(Pairs)))
        for name in PAIRS
    )
    plain: dict[str, Any] = {name: about[name] for name in _PLAIN}
    plain |= {name: tuple(plain[name]) for name in ("comparisons", "rules", "messages")}
    resolution = Resolution(
        records=records,
        cluster=piece.arrays["cluster"],
        model=about["model"].encode(),
        model_summary=about["model_summary"].encode(),
        placeholders=msgspec.convert(about["placeholders"], tuple[Placeholder, ...]),
        trust=msgspec.convert(about["trust"], Trust),
        columns=msgspec.convert(about["columns"], tuple[ColumnUse, ...]),
        links=links,
        review=review,
        **plain,
    )
    return resolution, msgspec.convert(about["odd"], tuple[Sentinel, ...])
