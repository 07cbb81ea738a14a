"""How the files of an index are written and read: as they are, or encrypted with a master key.

All of a file is encrypted, its footer and every column, by Parquet's own modular encryption
(AES-GCM, 256 bits, with a data key that only this file has): a record's id is often a number that
the person has, and the columns of records are named by whoever sent them. What is no table, such as
the model, lies in a file of one column. Any Parquet reader with a key client for the same wrapping
can read the tables.

Encrypted bytes differ each time they are written, as data keys and nonces are drawn: of an index
that is encrypted the same input gives the same tables, not the same bytes.
"""

from __future__ import annotations

import base64
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import UNSET, UnsetType

from mpi.errors import UsageError
from mpi.index.encryption import KeySource, key_client
from mpi.index.manifest import KeyName, Manifest

if TYPE_CHECKING:
    from pyarrow.parquet.encryption import CryptoFactory, KmsClient

MAGIC = b"PARE"
"""What a Parquet file begins with whose footer is encrypted; of others it is PAR1."""

_SERVICE = "service"
_CELL = 1 << 20
_CELLS = 64
_CONTENT, _SIZE = "content", b"bytes"


class _Opened:
    """A master key that was found."""

    def __init__(self, keys: KeySource) -> None:
        from pyarrow.parquet.encryption import CryptoFactory, EncryptionConfiguration

        if not hasattr(EncryptionConfiguration, "uniform_encryption"):
            raise UsageError(
                f"pyarrow {pa.__version__} cannot encrypt whole files; install a newer pyarrow"
            )
        name, self.client = key_client(keys)
        kind, _, place = keys.source.partition(":")
        source = f"file:{Path(place).resolve()}" if kind == "file" else keys.source
        self.key = KeyName(name, source if keys.service is None else _SERVICE)
        client: KmsClient = self.client
        self.factory: CryptoFactory = CryptoFactory(lambda configuration: client)
        # A service is asked once a process, not once a file: its answer wraps the keys of files.
        self.double = keys.service is not None

    @cached_property
    def connection(self) -> Any:
        from pyarrow.parquet.encryption import KmsConnectionConfig

        return KmsConnectionConfig()

    def encrypting(self) -> Any:
        from pyarrow.parquet.encryption import EncryptionConfiguration

        configuration = EncryptionConfiguration(
            footer_key=self.key.name,
            uniform_encryption=True,
            plaintext_footer=False,
            double_wrapping=self.double,
            data_key_length_bits=256,
        )
        return self.factory.file_encryption_properties(self.connection, configuration)

    def decrypting(self) -> Any:
        return self.factory.file_decryption_properties(self.connection)


class Vault:
    """Writes and reads with the key of one index, or without where it has none.

    An index with snapshots is what they say; a new one is encrypted if a key is given. The key is
    looked for when it is first needed.

    Parameters
    ----------
    path : the index's folder, for messages
    given : where the key is; if not given, it is where it was when the newest snapshot was made
    """

    def __init__(self, path: Path, given: KeySource | None = None) -> None:
        self.path = path
        self.given = given
        self._stated: KeyName | UnsetType | None = UNSET
        self._opened: _Opened | None = None
        self._newest = 0

    def hear(self, manifest: Manifest) -> None:
        """Take what a snapshot says of its key; the newest one that was heard is believed."""
        if manifest.sequence < self._newest:
            return
        self._newest, stated = manifest.sequence, None if manifest.key is UNSET else manifest.key
        if stated != self._stated:
            self._stated, self._opened = stated, None

    @property
    def shut(self) -> bool:
        """Whether what is written is encrypted."""
        return self.given is not None if self._stated is UNSET else self._stated is not None

    @property
    def key(self) -> KeyName | UnsetType:
        """What the next manifest says of the key."""
        return self._open().key if self.shut else UNSET

    def check(self) -> None:
        """See that the index can be written with the key in hand.

        Raises
        ------
        UsageError
            The key is missing or another one, or one is given for an index that is not encrypted.
        """
        if self.shut:
            self._open()
        elif self.given is not None:
            raise UsageError(
                f"index {self.path} is not encrypted, and a key was given for it; encrypt it with: "
                f"mpi encrypt {self.path} --key env:NAME; or leave the key out"
            )

    def encrypting(self) -> Any:
        """Encryption properties for one Parquet file, None where files are plain."""
        return self._open().encrypting() if self.shut else None

    def decrypting(self) -> Any:
        """Decryption properties for one Parquet file, None where files are plain."""
        return self._open().decrypting() if self.shut else None

    def reader(
        self, content: bytes | pa.Buffer, metadata: pq.FileMetaData | None = None
    ) -> pq.ParquetFile:
        """What reads the bytes of a Parquet file.

        metadata : as another reader of the same bytes has it
        """
        decryption = self.decrypting()
        return pq.ParquetFile(
            pa.BufferReader(content), metadata=metadata, decryption_properties=decryption
        )

    def seal(self, content: bytes | memoryview) -> bytes | memoryview:
        """Any bytes as an encrypted file; themselves where files are plain."""
        if not self.shut:
            return content
        size = len(content)
        ends = np.append(np.arange(0, size, _CELL, dtype=np.int64), size)
        cells = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(content)]
        )
        schema = pa.schema([(_CONTENT, pa.large_binary())], {_SIZE: str(size).encode()})
        sink = pa.BufferOutputStream()
        pq.write_table(
            pa.table([cells], schema=schema),
            sink,
            compression="zstd",
            row_group_size=_CELLS,
            use_dictionary=False,
            write_statistics=False,
            encryption_properties=self.encrypting(),
        )
        return memoryview(sink.getvalue())

    def unseal(self, content: bytes | pa.Buffer) -> pa.Buffer:
        """What was sealed, in memory."""
        reader = self.reader(content)
        size = int(reader.schema_arrow.metadata[_SIZE])
        whole = pa.allocate_buffer(size)
        into, place = np.frombuffer(whole, np.uint8), 0
        for group in range(reader.num_row_groups):
            for cells in reader.read_row_group(group)[_CONTENT].chunks:
                ends = np.frombuffer(cells.buffers()[1], np.int64)[cells.offset :]
                part = np.frombuffer(cells.buffers()[2], np.uint8)[ends[0] : ends[len(cells)]]
                into[place : place + len(part)] = part
                place += len(part)
        return whole

    def hide(self, digest: str) -> str:
        """A digest, hexadecimal digits, as a manifest may tell it.

        The hash of an event is one over a record's id, which could be guessed until it fits.
        """
        if not self.shut:
            return digest
        opened = self._open()
        wrapped = opened.client.wrap_key(bytes.fromhex(digest), opened.key.name)
        return wrapped.decode() if isinstance(wrapped, bytes) else str(wrapped)

    def reveal(self, hidden: str) -> str:
        """A digest that was hidden."""
        if not self.shut:
            return hidden
        opened = self._open()
        return bytes(opened.client.unwrap_key(hidden, opened.key.name)).hex()

    def seal_text(self, content: bytes) -> str:
        """A few bytes, sealed, as text."""
        return base64.b64encode(self.seal(content)).decode()

    def unseal_text(self, text: str) -> bytes:
        """What `seal_text` was given."""
        return bytes(self.unseal(base64.b64decode(text)))

    def _open(self) -> _Opened:
        """The key; it is the one that the index says, if it says one."""
        if self._opened is not None:
            return self._opened
        stated = self._stated if isinstance(self._stated, KeyName) else None
        if self.given is None and stated is not None and stated.source == _SERVICE:
            raise UsageError(
                f"index {self.path} is encrypted with key '{stated.name}' of a key service; open "
                "it from Python, with key=KeySource(NAME, service=CLIENT)"
            )
        given = self.given or (KeySource(stated.source) if stated else None)
        assert given is not None
        try:
            opened = _Opened(given)
        except UsageError as error:
            if stated is None:
                raise
            raise UsageError(
                f"index {self.path} is encrypted, with key {stated.name}: {error}; or say where "
                "it is: --key env:NAME or --key file:PATH"
            ) from None
        if stated is not None and opened.key.name != stated.name:
            raise UsageError(
                f"index {self.path} is encrypted with key {stated.name}, and the key from "
                f"{given.source} is {opened.key.name}; give the one that it was encrypted with: "
                "--key env:NAME or --key file:PATH"
            )
        self._opened = opened
        return opened


def as_source(key: str | KeySource | None) -> KeySource | None:
    """Where a key is, as settings and the command line say it."""
    return KeySource(key) if isinstance(key, str) else key
