"""Personal columns are unreadable without the key, and all that they were with it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet.encryption import KmsClient

from mpi.errors import IntegrityError, UsageError
from mpi.index.encryption import KeySource, Wrapping, decrypting, encrypting, read_key

TABLE = pa.table(
    {
        "enterprise_id": [f"E{i:05}" for i in range(500)],
        "full_name": [f"SECRETIVE {i}" for i in range(500)],
        "phones": [[f"0999{i:06}", "0888"] for i in range(500)],
        "home": [{"ward": f"HIDDEN {i}", "level": i} for i in range(500)],
        "n_records": list(range(500)),
    }
)
PERSONAL = ("full_name", "phones", "home", "passport_id")
SECRETS = (b"SECRETIVE", b"0999", b"HIDDEN")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> KeySource:
    monkeypatch.setenv("INDEX_KEY", "1f" * 32)
    return KeySource("env:INDEX_KEY")


def written(keys: KeySource | None, table: pa.Table = TABLE) -> bytes:
    sink = pa.BufferOutputStream()
    properties = None if keys is None else encrypting(keys, table.schema, PERSONAL)
    with pq.ParquetWriter(sink, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read(content: bytes, keys: KeySource | None, columns: list[str] | None = None) -> pa.Table:
    properties = None if keys is None else decrypting(keys)
    file = pq.ParquetFile(pa.BufferReader(content), decryption_properties=properties)
    return file.read(columns=columns)


def test_personal_columns_need_the_key_and_others_do_not(keys: KeySource) -> None:
    content = written(keys)
    assert not any(secret in content for secret in SECRETS)
    assert any(secret in written(None) for secret in SECRETS)
    assert read(content, keys).equals(TABLE)
    plain = ["enterprise_id", "n_records"]
    assert read(content, None, plain).equals(TABLE.select(plain))
    for name in ("full_name", "phones", "home"):
        with pytest.raises(OSError, match="decrypt"):
            read(content, None, [name])


def test_files_that_are_not_encrypted_are_read_too(keys: KeySource) -> None:
    assert read(written(None), keys).equals(TABLE)
    bare = TABLE.select(["enterprise_id", "n_records"])
    assert encrypting(keys, bare.schema, PERSONAL) is None


def test_another_key_is_told(keys: KeySource, monkeypatch: pytest.MonkeyPatch) -> None:
    content = written(keys)
    monkeypatch.setenv("INDEX_KEY", "2e" * 32)
    with pytest.raises(
        IntegrityError, match=r"was encrypted with key [0-9a-f]+, and the key in hand is"
    ):
        read(content, keys)


def test_every_file_has_data_keys_of_its_own(keys: KeySource) -> None:
    assert written(keys) != written(keys)


def test_a_wrapped_key_that_was_changed_is_noticed() -> None:
    wrapping = Wrapping(bytes(32))
    for size in (16, 24, 32):
        key = bytes(range(size))
        wrapped = wrapping.wrap(key)
        assert wrapping.unwrap(wrapped, wrapping.name) == key
        assert key not in base64.b64decode(wrapped) and wrapped != wrapping.wrap(key)
        changed = bytearray(base64.b64decode(wrapped))
        changed[20] ^= 1
        with pytest.raises(IntegrityError, match="was changed"):
            wrapping.unwrap(base64.b64encode(bytes(changed)), wrapping.name)


def test_a_key_service_wraps_by_itself() -> None:
    asked: list[str] = []

    class Service(KmsClient):  # type: ignore[misc]
        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
            asked.append(master_key_identifier)
            return base64.b64encode(key_bytes[::-1])

        def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
            asked.append(master_key_identifier)
            return base64.b64decode(wrapped_key)[::-1]

    keys = KeySource("registry/2026", service=Service)
    assert read(written(keys), keys).equals(TABLE)
    assert set(asked) == {"registry/2026"}


def test_keys_from_the_environment_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = bytes(range(32))
    for text in (key.hex(), base64.b64encode(key).decode(), f" {key.hex()}\n"):
        monkeypatch.setenv("INDEX_KEY", text)
        assert read_key("env:INDEX_KEY") == key
        path = tmp_path / "key"
        path.write_text(text)
        path.chmod(0o600)
        assert read_key(f"file:{path}") == key
    path.chmod(0o640)
    with pytest.raises(UsageError, match="others may read the key file"):
        read_key(f"file:{path}")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("env:NO_SUCH_KEY", "which is not set"),
        ("file:no/such/file", "cannot be read"),
        ("vault:x", "must be env:NAME or file:PATH"),
        ("env:", "must be env:NAME or file:PATH"),
        ("env:SHORT_KEY", "is none: wanted are 16, 24 or 32 bytes"),
    ],
)
def test_what_is_no_key(source: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_KEY", "abcdef")
    with pytest.raises(UsageError, match=said) as error:
        read_key(source)
    assert "abcdef" not in str(error.value)
    with pytest.raises(UsageError):
        decrypting(KeySource(source))


def test_nothing_is_imported_before_it_is_used() -> None:
    import subprocess
    import sys

    code = "import sys, mpi.index.encryption; sys.exit('pyarrow.parquet.encryption' in sys.modules)"
    done: Any = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
