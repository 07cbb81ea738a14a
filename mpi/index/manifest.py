"""The manifest of a snapshot: every file of every table, and what the next night needs to know.

A manifest is a JSON file of two lines: the checksum of the second line, and the second line. It
names the checksum of the manifest before it, so that a past that was edited is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import UNSET, UnsetType

from mpi.errors import IntegrityError, UsageError
from mpi.index.chain import BEGINNING
from mpi.index.files import Content, Piece, pour
from mpi.records.table import Field, Input

FORMAT = 3
"""Version of the index's files; any other one is refused."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One immutable file.

    name : path below the index's folder
    bucket : number of the hash bucket, or the snapshot that appended or changed these rows
    checksum : blake2b of the bytes, 40 hexadecimal digits
    """

    name: str
    bucket: int
    rows: int
    bytes: int
    checksum: str


class KeyName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The master key of an encrypted index; nothing here tells the key.

    name : a digest of it, or the name by which a key service knows it
    source : where it was found, ``env:NAME`` or ``file:PATH``, or ``service``
    """

    name: str
    source: str


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one snapshot changed in a table: its files are sorted by hash bucket, then by key.

    rows : new and changed rows, None for none
    gone : the keys of rows that left, None for none; no key is in both
    """

    snapshot: int
    rows: File | None
    gone: File | None

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(file for file in (self.rows, self.gone) if file is not None)


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changed in a table since its files were written.

    through : by hash bucket, the last snapshot whose changes the bucket's own file has
    steps : one a snapshot, oldest first; of two that name a key the later one holds
    """

    through: tuple[int, ...]
    steps: tuple[Change, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One snapshot.

    sequence : 1, 2, 3 ...
    previous : checksum of the manifest before it, None for the first
    buckets : hash buckets of a table, the same in every snapshot of an index
    next_serial : serial number of the next enterprise id; it never goes back
    next_event : sequence number of the next event
    event_hash : hash of the last event, which the next one follows from; wrapped by the key, if
        there is one
    fields, ignored : fields of the stored records, and the columns kept beside them
    inputs : the files of the run that published the snapshot
    model : the model's file
    tables : the files of each table
    changes : of each table that has any
    rows : of each table, changes counted in
    living : persons who have records
    state : what linking keeps of the records, none where all are to be linked again
    key : what the files are encrypted with; a plain index does not say it
    """

    format: int = FORMAT
    sequence: int
    previous: str | None
    created_at: str
    buckets: int
    next_serial: int
    next_event: int
    event_hash: str = BEGINNING
    fields: tuple[Field, ...]
    ignored: tuple[str, ...]
    inputs: tuple[Input, ...]
    model: File | None
    tables: dict[str, tuple[File, ...]]
    changes: dict[str, Changes]
    rows: dict[str, int]
    living: int
    state: tuple[File, ...] = ()
    key: KeyName | UnsetType = UNSET

    def files(self) -> list[File]:
        """Every file of the snapshot."""
        files = [file for table in sorted(self.tables) for file in self.files_of(table)]
        return [*files, *(() if self.model is None else (self.model,)), *self.state]

    def files_of(self, table: str) -> list[File]:
        """Every file of a table, those of changes behind the others."""
        steps = self.changes[table].steps if table in self.changes else ()
        return [*self.tables[table], *(file for step in steps for file in step.files)]


def check_format(what: str, version: int) -> None:
    """See that this version reads a format.

    Raises
    ------
    UsageError
        It is newer, or older.
    """
    if version > FORMAT:
        advice = "install a newer mpi"
    elif version < FORMAT:
        advice = "it was made by an earlier mpi; make a new index from the extracts"
    else:
        return
    raise UsageError(f"{what} has format {version}; this mpi reads format {FORMAT}: {advice}")


class _Format(msgspec.Struct):
    format: int


_CLOCK = timedelta(minutes=5)


def moment_after(previous: Manifest | None) -> str:
    """The time of a snapshot that follows another one: now, but never before it.

    Raises
    ------
    IntegrityError
        The clock went back.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    if previous is None:
        return now.isoformat()
    last = datetime.fromisoformat(previous.created_at)
    if now < last - _CLOCK:
        raise IntegrityError(
            f"the clock says {now.isoformat()}, but snapshot {previous.sequence} was published at "
            f"{previous.created_at}: the clock went back; set it right, then run again"
        )
    return max(now, last).isoformat()


def went_back(previous: Manifest, manifest: Manifest) -> bool:
    """Whether a snapshot says that it is older than the one before it."""
    earlier, later = (datetime.fromisoformat(m.created_at) for m in (previous, manifest))
    return later < earlier


def checksum(content: bytes | memoryview) -> str:
    """blake2b of 20 bytes, as 40 hexadecimal digits.

    Examples
    --------
    >>> checksum(b"")
    '3345524abf6bbe1809449224b5972c41790b6cf2'
    """
    return checksum_of([content])


def checksum_of(pieces: Iterable[bytes | memoryview]) -> str:
    """`checksum` of pieces, one after the other."""
    found = hashlib.blake2b(digest_size=20)
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def measure(content: Content) -> tuple[str, int]:
    """The checksum of content, and its bytes."""
    found, size = hashlib.blake2b(digest_size=20), 0

    def take(piece: Piece) -> None:
        nonlocal size
        found.update(piece)
        size += len(piece)

    pour(content, take)
    return found.hexdigest(), size


def encode(manifest: Manifest) -> tuple[bytes, str]:
    """The manifest as the bytes of its file, and its checksum."""
    body = msgspec.json.encode(manifest)
    digest = checksum(body)
    return b'{"checksum": "%s", "manifest":\n%s}\n' % (digest.encode(), body), digest


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    checksum: str
    manifest: msgspec.Raw


def decode(content: bytes, path: Path) -> tuple[Manifest, str]:
    """The manifest in a file's bytes, and its checksum.

    Raises
    ------
    IntegrityError
        It is damaged or was edited.
    UsageError
        It has a newer format.
    """
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
        body = bytes(envelope.manifest).strip()
        if envelope.checksum != checksum(body):
            raise IntegrityError(
                f"manifest {path} does not have the checksum that it states: it was edited or "
                "damaged; put back the file from a backup"
            )
        version = msgspec.json.decode(body, type=_Format).format
        check_format(f"manifest {path}", version)
        return msgspec.json.decode(body, type=Manifest), envelope.checksum
    except msgspec.MsgspecError as error:
        raise IntegrityError(
            f"manifest {path} is damaged ({error}); put back the file from a backup"
        ) from None
