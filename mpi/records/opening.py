"""One file of the input opened: its bytes, decompressed, whole or in pieces, and its format."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from mpi.errors import UnusableInputError, UsageError
from mpi.records.claim_fields import ENVELOPE, ROOTS
from mpi.records.inputs import COMPRESSED, SUFFIXES, Content, Format, Origin
from mpi.records.markup import root_name
from mpi.records.spool import Spool
from mpi.scratch import Scratch

_HEAD = 1 << 16
_PIECE = 1 << 16
_LARGE_PIECE = 1 << 20
_GROWS = 4
"""Times that text is larger than compressed, about."""
_FOREIGN = (
    (b"PK\x03\x04", "a zip or Excel file; save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file; save it as CSV"),
    (b"FEA1", "a Feather file of version 1; write it as version 2 or as Parquet"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV or Parquet"),
    (b"%PDF", "a PDF document; export the table as CSV"),
    (b"BZh", "compressed with bzip2; use gzip or zstd"),
    (b"\xfd7zXZ\x00", "compressed with xz; use gzip or zstd"),
)


class _Hashed(io.RawIOBase):
    """The bytes of a file from the beginning, hashed on their way."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._rest = rest
        self.hash = hashlib.blake2b(digest_size=16)

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:  # type: ignore[no-untyped-def]
        data = self._head[: len(into)] or self._rest.read(len(into))
        self._head = self._head[len(into) :]
        into[: len(data)] = data
        self.hash.update(data)
        return len(data)


class Opened:
    """A file whose first bytes are known.

    format : how its rows are written
    notes : how it is compressed
    fingerprint : blake2b of the bytes as they lie on the disk, 32 hexadecimal digits; known when
        all of them were read

    Read it once, with `whole` or with `pieces`.
    """

    def __init__(self, origin: Origin, handle: BinaryIO) -> None:
        self.origin = origin
        self._handle = handle
        self._head = handle.read(_HEAD)
        self.notes = _compression(self._head)
        self.fingerprint = ""
        self.format = _sniff(origin.name, self._first())
        self._hashed: _Hashed | None = None

    def _first(self) -> bytes:
        """The first bytes, decompressed; fewer where the file is damaged."""
        if not self.notes:
            return self._head
        try:
            if self.notes == ("gzip",):
                return zlib.decompressobj(31).decompress(self._head, _HEAD)
            with pa.CompressedInputStream(pa.BufferReader(self._head), "zstd") as stream:
                return bytes(stream.read(4096))
        except (OSError, zlib.error, pa.ArrowException):
            return b""

    def whole(self, scratch: Scratch | None = None) -> Content:
        """All of it.

        Parameters
        ----------
        scratch : where it lies meanwhile

        Raises
        ------
        UnusableInputError
            A compressed file is truncated or damaged, or the format is none that can be read.
        """
        size = self.origin.path.stat().st_size if self.origin.path is not None else 0
        spool = Spool(scratch or Scratch(), size * (_GROWS if self.notes else 1))
        for piece in self.pieces(_LARGE_PIECE):
            spool.write(piece)
        self.drain()
        data = spool.view()
        # a damaged head could not be looked at before
        form = _sniff(self.origin.name, bytes(data[:_HEAD]))
        return Content(self.origin, data, form, self.fingerprint, self.notes)

    def pieces(self, size: int = _PIECE) -> Iterator[bytes]:
        """Its bytes, decompressed, in pieces of so many.

        Raises
        ------
        UnusableInputError
            A compressed file is truncated or damaged.
        """
        self._hashed = _Hashed(self._head, self._handle)
        raw = io.BufferedReader(self._hashed, size)
        try:
            if self.notes == ("gzip",):
                stream: BinaryIO = gzip.GzipFile(fileobj=raw)  # type: ignore[assignment]
            elif self.notes == ("zstd",):
                stream = pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")
            else:
                stream = raw
            while piece := stream.read(size):
                yield piece
        except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
            if not self.notes:
                raise
            raise _damaged(self.origin.name, error) from None

    def drain(self) -> None:
        """Read on to the end after `pieces`, so that the fingerprint is that of the whole file."""
        if self._hashed is not None:
            while self._hashed.read(_PIECE):
                pass
            self.fingerprint = self._hashed.hash.hexdigest()


@contextmanager
def open_input(origin: Origin) -> Iterator[Opened]:
    """Open a file and recognise its format.

    Raises
    ------
    UsageError
        The file cannot be opened or read.
    UnusableInputError
        The format is none that can be read.
    """
    try:
        if origin.path is None:
            yield Opened(origin, sys.stdin.buffer)
        else:
            with origin.path.open("rb") as handle:
                yield Opened(origin, handle)
    except OSError as error:
        raise UsageError(
            f"{origin.name} cannot be read: {error.strerror or os.strerror(error.errno or 5)}"
        ) from None


def _compression(head: bytes) -> tuple[str, ...]:
    if head.startswith(b"\x1f\x8b"):
        return ("gzip",)
    return ("zstd",) if head.startswith(b"\x28\xb5\x2f\xfd") else ()


def _damaged(name: str, error: Exception) -> UnusableInputError:
    return UnusableInputError(
        f"{name} is compressed but truncated or damaged ({error}); fetch or write it again"
    )


def _sniff(name: str, data: bytes) -> Format:
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnusableInputError(f"{name} is {what}")
    if data.startswith(b"PAR1"):
        return Format.PARQUET
    if data.startswith(b"ARROW1"):
        return Format.ARROW_FILE
    if data.startswith(b"\xff\xff\xff\xff"):
        return Format.ARROW_STREAM
    bare = name.lower()
    for suffix in COMPRESSED:
        bare = bare.removesuffix(suffix)
    named = SUFFIXES.get(Path(bare).suffix)
    root = root_name(data[:_HEAD])
    if root in ROOTS:
        return Format.CLAIMS
    if named is Format.CLAIMS and data:
        found = f"its root is {root}" if root else f"it begins with {data[:4]!r}"
        raise UnusableInputError(
            f"{name} is no file of health-insurance claims: {found}; wanted is {ENVELOPE}, "
            "TONG_HOP or another part of a claim"
        )
    if named in (Format.PARQUET, Format.ARROW_FILE, Format.ARROW_STREAM):
        if not data:
            return Format.DELIMITED  # an empty file is an empty file, whatever its name
        raise UnusableInputError(
            f"{name} is no {named} file: it begins with {data[:4]!r}; "
            "it is damaged, or its name is wrong"
        )
    if named in (Format.NDJSON, Format.DELIMITED) and not bare.endswith(".txt"):
        return named
    return (
        Format.NDJSON
        if data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"
        else (Format.DELIMITED)
    )
