"""The chain of events: each carries a hash over itself and over the hash of the one before it.

A hash at a time is a loop by nature: Arrow lays the rows out as bytes, and a kernel walks over them
(0.4 s for a million events on one core; the library's own function, asked row by row, 1.4).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.keys import as_array
from mpi.schema import TABLES

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]

HASH = "hash"
BEGINNING = "0" * 32
"""What the first event follows from."""

UNCHAINED = pa.schema([field for field in TABLES["events"].schema if field.name != HASH])
"""Events before they are chained."""

EVENTS_PER_FILE = 1 << 18
"""A snapshot's events lie in as many files as that takes: none of it needs more memory then."""

_BYTES = len(BEGINNING) // 2
_SLICE = 1 << 16
_KERNELS = "mpi.index._kernels_chain"
_FEW = 20_000
"""Events that are chained without the kernel, as long as nobody has loaded one."""


def _rows(events: pa.Table) -> Iterator[tuple[Offsets, Bytes]]:
    """Events as bytes, many at a time: lengths of all values, then the values; no two are alike."""
    for start in range(0, events.num_rows, _SLICE):
        texts, lengths = [], []
        for name in events.column_names:
            column = as_array(events[name].slice(start, _SLICE))
            if pa.types.is_list(column.type):
                column = pc.binary_join(column, ",")
            text = column.cast(pa.string())
            lengths.append(pc.binary_length(text).fill_null(-1).to_numpy())
            texts.append(text.fill_null(""))
        joined = pc.binary_join_element_wise(_told(lengths), *texts, ":")
        _, offsets, data = joined.buffers()
        places = np.frombuffer(offsets, np.int32)[joined.offset :][: len(joined) + 1]
        yield places, np.frombuffer(data, np.uint8)


def _told(lengths: list[npt.NDArray[np.int32]]) -> pa.Array:
    """The lengths of each row as text. Few rows differ in them: each text is made once."""
    every = np.stack(lengths, axis=1) + 1
    span = every.max(axis=0, initial=0).astype(object) + 1
    if np.prod(span) >= 1 << 62:
        return pc.binary_join_element_wise(*(pa.array(n).cast(pa.string()) for n in lengths), ":")
    codes = np.zeros(len(every), np.int64)
    for column, many in zip(every.T, span.tolist(), strict=True):
        codes = codes * many + column
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    words = [":".join(map(str, row)) for row in (every[first] - 1).tolist()]
    return pa.array(words, pa.string()).take(pa.array(place))


def _chain_few(offsets: Offsets, content: Bytes, before: Bytes, out: Bytes) -> None:
    """As the kernel does it."""
    last, rows = before.tobytes(), content.tobytes()
    for row, (begin, end) in enumerate(pairwise(offsets.tolist())):
        last = blake2b(last + rows[begin:end], digest_size=_BYTES).digest()
        out[row] = np.frombuffer(last, np.uint8)


def hashes(events: pa.Table, previous: str = BEGINNING) -> pa.Array:
    """The hash of each event, blake2b of 16 bytes over the hash before it and the event's values.

    Parameters
    ----------
    events : in the order of their sequence; a column of hashes is left out of account
    previous : hash of the event before the first of these

    Returns
    -------
    string[n_events], 32 hexadecimal digits each

    Examples
    --------
    >>> events = pa.table({"sequence": [1, 2], "kind": ["created", "left"]})
    >>> one = hashes(events)
    >>> two = hashes(events.slice(1), one[0].as_py())
    >>> one[1] == two[0], hashes(events.slice(1))[0] == two[0]
    (True, False)
    """
    if HASH in events.column_names:
        events = events.drop_columns([HASH])
    n = events.num_rows
    if 2 * _BYTES * n > np.iinfo(np.int32).max:
        raise ValueError(f"hashes of {n:,} events do not fit one string array; ask for fewer")
    found = np.empty((n, _BYTES), np.uint8)
    last, done = np.array([*bytes.fromhex(previous)], np.uint8), 0
    if n <= _FEW and _KERNELS not in sys.modules:
        walk = _chain_few
    else:
        from mpi.index._kernels_chain import chain_rows as walk
    for offsets, content in _rows(events):
        own = found[done : done + len(offsets) - 1]
        walk(offsets, content, last, own)
        last, done = own[-1], done + len(own)
    text = found.tobytes().hex().encode()
    places = np.arange(n + 1, dtype=np.int32) * 2 * _BYTES
    return pa.StringArray.from_buffers(n, pa.py_buffer(places), pa.py_buffer(text))


def chain(events: pa.Table, previous: str) -> tuple[pa.Table, str]:
    """The events with their hashes, and the hash that the next one follows from."""
    if HASH in events.column_names:
        events = events.drop_columns([HASH])
    own = hashes(events, previous)
    schema = events.schema.append(pa.field(HASH, pa.string(), False))
    table = pa.table([*events.columns, own], schema=schema)
    return table, own[-1].as_py() if len(own) else previous


def broken_at(events: pa.Table, previous: str) -> int | None:
    """The first row whose hash is not what its values and the hash before it make."""
    for start in range(0, events.num_rows, EVENTS_PER_FILE):
        part = events.slice(start, EVENTS_PER_FILE)
        own = hashes(part, previous)
        differ = pc.not_equal(own, as_array(part[HASH]))
        wrong = np.flatnonzero(differ.to_numpy(zero_copy_only=False))
        if len(wrong):
            return start + int(wrong[0])
        previous = own[-1].as_py()
    return None
