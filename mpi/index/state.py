"""What linking keeps of every record, in files: the segments, and what ties them together.

The files are mapped, not read: a night looks at the records that its changes touch; those of an
encrypted index are decrypted into memory. They can be made again from the records; an index without
them links all of its records once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.comparisons import Comparison
from mpi.errors import IntegrityError
from mpi.index.base import RECORDS, Base
from mpi.index.files import Piece, Poured
from mpi.index.manifest import File, checksum_of
from mpi.index.store import STATE_FOLDER, TABLE, Store
from mpi.linkage.queue import NONE_LEFT_OUT, LeftOut
from mpi.linkage.state import GONE, Segment, State
from mpi.records.keys import KEY, as_array
from mpi.records.table import Field
from mpi.score.model import Model
from mpi.scratch import Scratch
from mpi.standardise.table import StandardColumn, StandardTable

Column: TypeAlias = pa.Array | npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

MOST_SEGMENTS = 8
SHARE = 0.3
"""Of the first segment's records: where later segments hold more, all become one."""

_AT_ONCE = 1 << 26
"""Bytes of a file that are looked at before it is let go."""
_NOWHERE = Scratch()
_ABOUT = b"mpi"
_UNCOUNTED = np.zeros(0, np.int64)


class _Ties(msgspec.Struct, frozen=True):
    """What a file says beside its columns."""

    next_label: int
    relatives: tuple[Field, ...]
    month_first: bool
    waiting: LeftOut = NONE_LEFT_OUT


def write_state(
    store: Store,
    state: State,
    known: Sequence[File],
    *,
    month_first: bool,
    scratch: Scratch = _NOWHERE,
) -> tuple[File, ...]:
    """Write a state; segments that have a file already keep it.

    Parameters
    ----------
    known : the files of the first segments, as they were written
    scratch : where the state lies, or some of it

    Returns
    -------
    tuple of File
        What ties the segments together, then the segments.
    """
    ties = {f"crowded {rule}": own for rule, own in enumerate(state.crowded)}
    about = _Ties(state.next_label, state.relatives, month_first, state.waiting)
    told = msgspec.json.encode(about)
    files = [_write(store, 0, {"label": state.label, **ties}, told, scratch)]
    files += known
    for number in range(len(known), len(state.segments)):
        columns = _segment_columns(state.segments[number])
        files.append(_write(store, number + 1, columns, b"", scratch))
    return tuple(files)


def packed(state: State) -> tuple[State, int]:
    """The state with few segments, and how many of them are as they were.

    Small segments are put together when there are many, all where they are no longer small.
    """
    later = len(state.label) - int(state.first[1])
    if later > SHARE * len(state.segments[0]):
        return state.joined(0), 0
    if len(state.segments) > MOST_SEGMENTS:
        return state.joined(1), 1
    return state, len(state.segments)


def read_state(
    store: Store, files: Sequence[File], model: Model, scratch: Scratch | None = None
) -> tuple[State, bool]:
    """A state, and whether months come before days in the times of its records.

    scratch : lets the files go, when nobody looks at them

    Raises
    ------
    IntegrityError
        A file is missing or damaged.
    """
    scratch = scratch or Scratch()
    ties, told = _read(store, files[0], scratch)
    about = msgspec.json.decode(told, type=_Ties)
    comparisons = [c.comparison for c in model.comparisons]
    segments = [_segment(_read(store, file, scratch)[0], comparisons, model) for file in files[1:]]
    crowded = tuple(_numbers(ties[f"crowded {r}"]) for r in range(len(model.rules)))
    label = _numbers(ties["label"]).copy()
    state = State(tuple(segments), label, about.next_label, crowded, about.relatives, about.waiting)
    return state, about.month_first


def strip_state(
    store: Store,
    files: Sequence[File],
    model: Model,
    key: tuple[str, str],
    done: dict[str, tuple[File, Mask]],
) -> tuple[File, ...]:
    """The files of a state that never had a record, not even as one that left.

    It must not be among the records that are told now: what it joined stays together.

    Parameters
    ----------
    done : by file of a segment, the file without the record and which of its places stay; filled,
        so that a segment of several snapshots is read once
    """
    ties, *segments = files
    for file in segments:
        if file.name not in done:
            done[file.name] = _strip_segment(store, file, model, key)
    kept = np.concatenate([done[file.name][1] for file in segments])
    if kept.all():
        return tuple(files)
    columns, about = _read(store, ties)
    told: dict[str, Column] = {name: _array(columns[name]) for name in columns.column_names}
    told["label"] = _numbers(columns["label"])[kept]
    return (_write(store, ties.bucket, told, about), *(done[file.name][0] for file in segments))


def _strip_segment(
    store: Store, file: File, model: Model, key: tuple[str, str]
) -> tuple[File, Mask]:
    columns, about = _read(store, file)
    segment = _segment(columns, [c.comparison for c in model.comparisons], model)
    own = [
        np.asarray(pc.equal(segment.keys[name], one).to_numpy(), np.bool_)
        for name, one in zip(KEY, key, strict=True)
    ]
    kept = ~(own[0] & own[1])
    if kept.all():
        return file, kept
    some = segment.some(np.flatnonzero(kept))
    return _write(store, file.bucket, _segment_columns(some), about), kept


def check_file(store: Store, file: File) -> None:
    """See that a file of a state is whole.

    Raises
    ------
    IntegrityError
        It is missing or damaged.
    """
    _read(store, file)


def check_state(base: Base) -> Iterator[str]:
    """What is broken in the state of a snapshot, whose files are whole."""
    assert base.manifest is not None
    if not base.manifest.state:
        return
    ties, *segments = (_read(base.store, file)[0] for file in base.manifest.state)
    label = _numbers(ties["label"])
    slots = sum(len(_array(segment["source"])) for segment in segments)
    held, records = np.count_nonzero(label != GONE), base.manifest.rows[RECORDS]
    if len(label) != slots or held != records:
        yield (
            f"what linking keeps is of {held} records in {slots} places, of which {len(label)} are "
            f"told, and there are {records} records; go back to an earlier snapshot"
        )


def _segment_columns(segment: Segment) -> dict[str, Column]:
    standard = segment.standard
    columns: dict[str, Column] = {
        "source": standard.source,
        "sources": pa.array(standard.sources, pa.string()),
    }
    for f, column in enumerate(standard.columns):
        columns |= {f"codes {f}": column.codes, f"values {f}": column.values}
    for name in segment.keys.column_names:
        columns[f"key {name}"] = as_array(segment.keys[name])
    for number, posting in enumerate(segment.postings):
        columns[f"posting {number}"] = posting
    return columns


def _segment(columns: pa.Table, comparisons: Sequence[Comparison], model: Model) -> Segment:
    made = []
    for f, comparison in enumerate(comparisons):
        codes, values = _numbers(columns[f"codes {f}"]), _array(columns[f"values {f}"])
        field = Field(comparison.name, comparison.kind, comparison.name, "model")
        # Nobody counts how many records hold each value of a segment.
        made.append(StandardColumn(field, comparison.form, codes, values, _UNCOUNTED, {}))
    standard = StandardTable(
        tuple(made),
        _numbers(columns["source"]),
        tuple(_array(columns["sources"]).to_pylist()),
        layouts=dict(model.layouts),
        locale=model.locale,
    )
    names = [name for name in columns.column_names if name.startswith("key ")]
    keys = pa.table([_array(columns[name]) for name in names], [n[4:] for n in names])
    postings = len([name for name in columns.column_names if name.startswith("posting ")])
    return Segment(
        standard, keys, tuple(_numbers(columns[f"posting {k}"]) for k in range(postings))
    )


def _write(
    store: Store,
    number: int,
    columns: dict[str, Column],
    about: bytes,
    scratch: Scratch = _NOWHERE,
) -> File:
    """Columns of different lengths: each is a list in the only row of a table."""
    lists = []
    for column in columns.values():
        values = column if isinstance(column, pa.Array) else pa.array(column)
        lists.append(pa.LargeListArray.from_arrays(pa.array([0, len(values)]), values))
    table = pa.table(lists, list(columns)).replace_schema_metadata({_ABOUT: about})
    content = Poured(lambda take: _write_table(table, take, scratch))
    return store.write_whole(STATE_FOLDER, number, 1, content, "arrow")


def _write_table(table: pa.Table, take: Callable[[Piece], None], scratch: Scratch) -> None:
    with (
        pa.PythonFile(_Sink(take, scratch), "w") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)


class _Sink:
    """A file that hands on what is written to it."""

    closed = False

    def __init__(self, take: Callable[[Piece], None], scratch: Scratch) -> None:
        self._take, self._scratch = take, scratch
        self._size = self._held = 0

    def write(self, data: pa.Buffer | bytes) -> int:
        piece = memoryview(data)
        for begin in range(0, len(piece), _AT_ONCE):
            part = piece[begin : begin + _AT_ONCE]
            self._take(part)
            self._held += len(part)
            if self._held >= _AT_ONCE:
                self._held = 0
                self._scratch.let_go()
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Whoever takes the pieces closes what they go to."""


def _read(store: Store, file: File, scratch: Scratch | None = None) -> tuple[pa.Table, bytes]:
    if file.name.endswith(TABLE):
        content = store.read_whole(file)
    else:
        content = _mapped(store, file, scratch or Scratch())
    table = pa.ipc.open_file(content).read_all()
    return table, table.schema.metadata.get(_ABOUT, b"")


def _mapped(store: Store, file: File, scratch: Scratch) -> pa.Buffer:
    path = store.place(file.name)
    try:
        content = scratch.open(path)
    except (OSError, ValueError):  # or it has no bytes
        store.explain_missing(file)
        raise IntegrityError(
            f"{path} is missing or empty; put back the file from a backup"
        ) from None

    def pieces() -> Iterator[memoryview]:
        for begin in range(0, len(content), _AT_ONCE):
            with memoryview(content)[begin : begin + _AT_ONCE] as piece:
                yield piece
            scratch.let_go()

    if checksum_of(pieces()) != file.checksum:
        raise IntegrityError(
            f"{path} does not have the checksum that its manifest states: it was changed or "
            "damaged; put back the file from a backup"
        )
    return pa.py_buffer(content)


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0).flatten()


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    return np.asarray(_array(column))
