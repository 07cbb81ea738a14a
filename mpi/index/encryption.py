"""The master key of an encrypted index: where it comes from, and how it wraps other keys.

Each file has a data key of its own, drawn when it is written, which lies in the file, wrapped by
the master key. The master key never does: it comes from an environment variable, a file, or a key
service that wraps and unwraps by itself. What is encrypted with it is said in `vault`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mpi.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from pyarrow.parquet.encryption import KmsClient

_BYTES = (16, 24, 32)
_NONCE, _TAG = 16, 16


@dataclass(frozen=True)
class KeySource:
    """Where the master key comes from.

    source : ``env:NAME`` or ``file:PATH``, which hold 16, 24 or 32 bytes as hexadecimal digits or
        base64; with a `service` the name by which it knows the key
    service : makes a client of a key service, which wraps data keys by itself
    """

    source: str
    service: Callable[[], KmsClient] | None = None


def read_key(source: str) -> bytes:
    """The master key that a setting names.

    Raises
    ------
    UsageError
        The setting is of another form, nothing is there, others may read the file, or what is
        there is no key. The error does not tell it.

    Examples
    --------
    >>> os.environ["EXAMPLE_KEY"] = "00" * 32
    >>> len(read_key("env:EXAMPLE_KEY"))
    32
    """
    kind, _, name = source.partition(":")
    if kind == "env" and name:
        text = os.environ.get(name)
        if text is None:
            raise UsageError(
                f"the key of the index is to come from the environment variable {name}, which is "
                "not set; set it to 32 bytes as hexadecimal digits or base64"
            )
    elif kind == "file" and name:
        text = _key_file(Path(name))
    else:
        # What was given may be a key.
        raise UsageError(
            "where the key of the index is must be told as env:NAME or file:PATH; the key itself "
            "belongs into that variable or file, not into settings or on a command line"
        )
    key = _decoded(text.strip())
    if len(key) not in _BYTES:
        raise UsageError(
            f"the key from {source} is none: wanted are 16, 24 or 32 bytes as hexadecimal digits "
            "or base64; make one with: openssl rand -hex 32"
        )
    return key


def _key_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except OSError as error:
        raise UsageError(f"the key file {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        return ""
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"others may read the key file {path}; keep them out with: chmod 600")
    return text


def _decoded(text: str) -> bytes:
    if len(text) in [2 * n for n in _BYTES]:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


class Wrapping:
    """Data keys wrapped by a master key in hand: a keystream of HMAC-SHA256 under a nonce, then a
    tag over both (encrypt-then-MAC; the standard library has no AES).

    name : what a file says of the master key; it tells nothing of it
    """

    def __init__(self, master: bytes) -> None:
        self._stream, self._seal, name = (
            hmac.digest(master, f"mpi {use}".encode(), hashlib.sha256)
            for use in ("stream", "seal", "name")
        )
        self.name = name[:8].hex()

    def wrap(self, key: bytes) -> bytes:
        """A data key as it may lie in a file."""
        nonce = os.urandom(_NONCE)
        hidden = self._hidden(key, nonce)
        return base64.b64encode(nonce + hidden + self._tag(nonce + hidden))

    def unwrap(self, wrapped: bytes, name: str) -> bytes:
        """The data key again.

        Raises
        ------
        IntegrityError
            Another master key wrapped it, or it was changed.
        """
        if name != self.name:
            raise IntegrityError(
                f"the file was encrypted with key {name}, and the key in hand is {self.name}; "
                "give the one that the index was made with"
            )
        content = base64.b64decode(wrapped)
        body, tag = content[:-_TAG], content[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(body)):
            raise IntegrityError(
                "the wrapped key of an encrypted file was changed; put back the file from a backup"
            )
        return self._hidden(body[_NONCE:], body[:_NONCE])

    def _hidden(self, key: bytes, nonce: bytes) -> bytes:
        stream = hmac.digest(self._stream, nonce, hashlib.sha256)  # no key is longer than this
        return bytes(a ^ b for a, b in zip(key, stream, strict=False))

    def _tag(self, content: bytes) -> bytes:
        return hmac.digest(self._seal, content, hashlib.sha256)[:_TAG]


def key_client(keys: KeySource) -> tuple[str, KmsClient]:
    """The name of the master key, and what wraps and unwraps data keys with it.

    Raises
    ------
    UsageError
        The key is missing, or is none.
    """
    if keys.service is not None:
        return keys.source, keys.service()
    wrapping = Wrapping(read_key(keys.source))
    return wrapping.name, _client(wrapping)


def _client(wrapping: Wrapping) -> KmsClient:
    from pyarrow.parquet.encryption import KmsClient

    # Arrow carries no types.
    class Client(KmsClient):  # type: ignore[misc]
        """The master key in hand, where Parquet expects a key service."""

        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            return wrapping.wrap(key_bytes)

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            return wrapping.unwrap(wrapped_key, master_key_identifier)

    return Client()
