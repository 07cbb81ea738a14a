"""Is it the same night? A hash of everything that its result comes from."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

import mpi
from mpi._jit import source_hash
from mpi.linkage import resolve
from mpi.records.table import RecordTable
from mpi.settings import Limits, Settings

if TYPE_CHECKING:
    from mpi.index.relink import Resolver
    from mpi.index.upsert import Stored

_NO_MATTER: dict[str, Any] = {
    "threads": 0,
    "memory": None,
    "limits": Limits(),
    "encryption_key": msgspec.UNSET,
}
"""Settings that are in no result."""


def marked(resolver: Resolver) -> bytes | None:
    """What tells one linkage from another; None of a resolver that nobody knows."""
    if not isinstance(resolver, partial) or resolver.func is not resolve or resolver.args:
        return None
    made = hashlib.blake2b(digest_size=16)
    for name, value in sorted(resolver.keywords.items()):
        made.update(f"{name}={'' if isinstance(value, pa.Table) else value!r};".encode())
        if isinstance(value, pa.Table):
            made.update(table_hash(value))
    return made.digest()


def fingerprint(
    base: str | None,
    stored: Stored,
    incoming: RecordTable,
    settings: Settings,
    resolver: bytes,
    *,
    refit: bool,
) -> str:
    """Hexadecimal digits of a night that links all records.

    Parameters
    ----------
    base : checksum of the snapshot that it begins from, which holds decisions and the model
    stored : all records from now on
    incoming : what came, of which the names of files are told
    resolver : as `marked` gives it
    """
    told = [
        base,
        refit,
        programme(),
        msgspec.structs.replace(settings, **_NO_MATTER),
        stored.fields,
        stored.ignored,
        incoming.inputs,
        incoming.messages,
    ]
    made = hashlib.blake2b(digest_size=20)
    made.update(msgspec.json.encode(told, order="deterministic"))
    made.update(resolver)
    made.update(table_hash(stored.data))
    made.update(table_hash(stored.deleted))
    return made.hexdigest()


def programme() -> list[str]:
    """Versions, and a hash of all sources: another program may cut the work otherwise."""
    import numba

    root = Path(mpi.__file__).parent
    made = hashlib.blake2b(digest_size=16)
    for path in sorted(root.rglob("*.py")):
        made.update(path.relative_to(root).as_posix().encode())
        made.update(path.read_bytes())
    versions = mpi.__version__, pa.__version__, np.__version__, numba.__version__
    return [*versions, source_hash(), made.hexdigest()]


def table_hash(table: pa.Table) -> bytes:
    """A hash of the values of a table, however they are cut into chunks.

    Examples
    --------
    >>> whole = pa.table({"a": ["x", None, "yz"]})
    >>> parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    >>> table_hash(whole) == table_hash(parts), table_hash(whole) == table_hash(whole.slice(1))
    (True, False)
    """
    made = hashlib.sha256()  # processors have instructions for it: three times blake2b
    for field, column in zip(table.schema, table.columns, strict=True):
        made.update(f"{field.name}:{field.type}:{len(column)}:{column.null_count};".encode())
        parts = [hashlib.sha256() for _ in range(3)]
        text = column if field.type == pa.string() else column.cast(pa.string())
        for chunk in text.chunks:
            for part, content in zip(parts, _content(chunk, column.null_count > 0), strict=True):
                part.update(content)
        for part in parts:
            made.update(part.digest())
    return made.digest()


def _content(chunk: pa.Array, missing: bool) -> tuple[memoryview, memoryview, memoryview]:
    """Lengths, bytes and, where some are missing, which texts are there."""
    nothing = memoryview(b"")
    if not len(chunk):
        return nothing, nothing, nothing
    _, ends, data = chunk.buffers()
    offsets = np.frombuffer(ends, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    here = nothing
    if missing:
        here = chunk.is_valid().to_numpy(zero_copy_only=False).view(np.uint8).data
    whole = nothing if data is None else memoryview(data)[offsets[0] : offsets[-1]]
    return np.diff(offsets).data.cast("B"), whole, here
