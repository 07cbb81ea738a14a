"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mpi.errors import LockedError, UsageError


class Holder(msgspec.Struct, frozen=True):
    """Who writes to an index, as the lock file tells."""

    pid: int
    host: str
    started_at: str
    command: str


def _holder(path: Path) -> str:
    try:
        holder = msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return "another process"  # it holds the lock and has not yet written its name
    return (
        f"process {holder.pid} on {holder.host}, at work since {holder.started_at} "
        f"({holder.command})"
    )


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"index {path.parent} cannot be written: {error.strerror}; free space, or use a folder "
        "that this user may write to"
    )


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while the block runs.

    The kernel drops the lock with the process that held it, so a dead one blocks nobody; the
    file's text only says who it was.

    Raises
    ------
    LockedError
        Another process holds it.
    UsageError
        The lock file cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"index {path.parent} is being written by {_holder(path)}; "
                "wait until it is done, then run again"
            ) from None
        holder = Holder(
            os.getpid(),
            socket.gethostname(),
            datetime.now(UTC).isoformat(timespec="seconds"),
            # Later arguments may name persons.
            " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]),
        )
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, msgspec.json.encode(holder), 0)
        except OSError as error:
            raise _unwritable(path, error) from None
        yield
    finally:
        os.close(handle)
