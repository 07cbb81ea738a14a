"""Where the master key comes from, and how it wraps other keys."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from mpi.errors import IntegrityError, UsageError
from mpi.index.encryption import KeySource, Wrapping, key_client, read_key


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
        ("vault:x", "must be told as env:NAME or file:PATH"),
        ("env:", "must be told as env:NAME or file:PATH"),
        ("1f" * 32, "the key itself belongs into that variable or file"),
        ("env:SHORT_KEY", "is none: wanted are 16, 24 or 32 bytes"),
    ],
)
def test_what_is_no_key(source: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_KEY", "abcdef")
    with pytest.raises(UsageError, match=said) as error:
        read_key(source)
    assert "abcdef" not in str(error.value) and "1f1f" not in str(error.value)
    with pytest.raises(UsageError):
        key_client(KeySource(source))


def test_nothing_is_imported_before_it_is_used() -> None:
    import subprocess
    import sys

    code = "import sys, mpi.index.master; sys.exit('pyarrow.parquet.encryption' in sys.modules)"
    done: Any = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
