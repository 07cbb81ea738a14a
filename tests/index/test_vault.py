"""What is sealed is unreadable without the key, and all that it was with it."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.parquet.encryption import KmsClient

from mpi.errors import IntegrityError, UsageError
from mpi.index.encoding import parquet_bytes
from mpi.index.encryption import KeySource
from mpi.index.manifest import KeyName
from mpi.index.vault import MAGIC, Vault

NAMES = ["full, name; of: whom", "phones.all", "home"]
TABLE = pa.table(
    [
        [f"SECRETIVE {i}" for i in range(500)],
        [[f"0999{i:06}", "0888"] for i in range(500)],
        [{"ward": f"HIDDEN {i}", "level": i} for i in range(500)],
    ],
    NAMES,
)
SECRETS = (b"SECRETIVE", b"0999", b"HIDDEN", b"full, name")
PLACE = Path("index")


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    monkeypatch.setenv("INDEX_KEY", "1f" * 32)
    return Vault(PLACE, KeySource("env:INDEX_KEY"))


def written(vault: Vault) -> bytes:
    return parquet_bytes(TABLE, NAMES[:1], row_group=100, encryption=vault.encrypting())


def test_nothing_of_a_table_is_read_without_the_key(vault: Vault) -> None:
    content, plain = written(vault), written(Vault(PLACE))
    assert content[:4] == content[-4:] == MAGIC and plain[:4] == b"PAR1"
    assert not any(secret in content for secret in SECRETS)
    assert vault.reader(content).read().equals(TABLE)
    with pytest.raises(OSError, match="encrypt"):
        pq.read_table(pa.BufferReader(content))


def test_every_file_has_a_data_key_of_its_own(vault: Vault) -> None:
    assert written(vault) != written(vault)
    assert written(Vault(PLACE)) == written(Vault(PLACE))


def test_many_threads_read_parts_of_a_file(vault: Vault) -> None:
    content = written(vault)
    metadata = vault.reader(content).metadata

    def part(number: int) -> bool:
        rows = vault.reader(content, metadata).read_row_groups([number % 5], columns=NAMES[:1])
        return bool(rows.equals(TABLE.select(NAMES[:1]).slice(100 * (number % 5), 100)))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(part, range(100)))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_bytes_of_any_length_are_sealed(vault: Vault, size: int) -> None:
    content = np.random.default_rng(size).integers(0, 256, size, np.uint8).tobytes()
    sealed = vault.seal(content)
    assert bytes(sealed[:4]) == MAGIC and (size < 16 or content[:16] not in bytes(sealed))
    assert bytes(vault.unseal(pa.py_buffer(sealed))) == content
    assert Vault(PLACE).seal(content) == content


def test_more_cells_than_a_row_group_has(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mpi.index.vault._CELL", 7)
    content = b"".join(f"NGUYEN VAN {i}\n".encode() for i in range(300))
    sealed = bytes(vault.seal(memoryview(content)))
    assert b"NGUYEN" not in sealed and bytes(vault.unseal(sealed)) == content


def test_a_sealed_file_that_was_changed_is_noticed(vault: Vault) -> None:
    sealed = bytearray(vault.seal(b"NGUYEN VAN A" * 100))
    sealed[40] ^= 1
    with pytest.raises(OSError, match="decrypt"):
        vault.unseal(bytes(sealed))


def test_a_digest_is_hidden(vault: Vault) -> None:
    digest = "0123456789abcdef" * 2
    hidden = vault.hide(digest)
    assert digest not in hidden and hidden != vault.hide(digest)
    assert vault.reveal(hidden) == digest
    assert Vault(PLACE).hide(digest) == Vault(PLACE).reveal(digest) == digest
    with pytest.raises(IntegrityError, match="was changed"):
        vault.reveal(base64.b64encode(bytes(48)).decode())


def test_few_bytes_as_text(vault: Vault) -> None:
    text = vault.seal_text(b"NGUYEN VAN A")
    assert text.isascii() and vault.unseal_text(text) == b"NGUYEN VAN A"


def test_where_the_key_is_is_remembered(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(vault.key, KeyName) and vault.key.source == "env:INDEX_KEY"
    assert "1f1f" not in vault.key.name
    monkeypatch.setenv("INDEX_KEY", "2e" * 32)
    other = Vault(PLACE, KeySource("env:INDEX_KEY")).key
    assert isinstance(other, KeyName) and other.name != vault.key.name


def test_a_key_file_is_remembered_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("1f" * 32)
    (tmp_path / "key").chmod(0o600)
    key = Vault(PLACE, KeySource("file:key")).key
    assert isinstance(key, KeyName) and key.source == f"file:{tmp_path / 'key'}"


class Service(KmsClient):  # type: ignore[misc]
    """A key service that counts how often it is asked."""

    asked: ClassVar[list[str]] = []

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        self.asked.append(master_key_identifier)
        return base64.b64encode(key_bytes[::-1])

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        self.asked.append(master_key_identifier)
        return base64.b64decode(wrapped_key)[::-1]


def test_a_key_service_is_asked_once_for_many_files() -> None:
    Service.asked.clear()
    vault = Vault(PLACE, KeySource("registry/2026", service=Service))
    files = [written(vault) for _ in range(5)]
    assert all(vault.reader(content).read().equals(TABLE) for content in files)
    assert vault.reveal(vault.hide("ab" * 16)) == "ab" * 16
    assert set(Service.asked) == {"registry/2026"} and len(Service.asked) <= 5
    assert vault.key == KeyName("registry/2026", "service")


def test_a_new_index_is_encrypted_where_a_key_is_given() -> None:
    assert not Vault(PLACE).shut
    assert Vault(PLACE, KeySource("env:NO_SUCH_KEY")).shut
    with pytest.raises(UsageError, match="NO_SUCH_KEY, which is not set"):
        Vault(PLACE, KeySource("env:NO_SUCH_KEY")).check()
