"""One writer at a time, and no two machines."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mpi.errors import IntegrityError, LockedError, UsageError

_BEAT = 60.0
_SILENT = 5 * _BEAT
"""Seconds: a holder on another machine that has not been heard of for so long is dead."""


class Holder(msgspec.Struct, frozen=True):
    """Who writes to an index, as the lock file tells.

    machine : what tells two machines apart, also where containers give themselves other names
    """

    pid: int
    host: str
    started_at: str
    command: str
    machine: str = ""

    def __str__(self) -> str:
        return (
            f"process {self.pid} on {self.host}, at work since {self.started_at} ({self.command})"
        )


@dataclass(frozen=True)
class Held:
    """A lock that this process holds."""

    path: Path
    holder: Holder

    def check(self) -> None:
        """See that nobody else has taken the lock meanwhile.

        Raises
        ------
        IntegrityError
            The lock file names another: the kernel's lock does not reach the other machine.
        """
        found = _read(self.path)
        if found != self.holder:
            raise IntegrityError(
                f"index {self.path.parent} is also written by {found or 'something else'}, "
                "although this process holds its lock: two machines use one folder; nothing was "
                "published; let one machine write, then run again"
            )


def machine() -> str:
    """What tells this machine from others: the number of its last start, else its name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def _read(path: Path) -> Holder | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None  # nobody holds it, or who does has not yet written its name


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"index {path.parent} cannot be written: {error.strerror}; free space, or use a folder "
        "that this user may write to"
    )


@contextmanager
def lock(path: Path) -> Iterator[Held]:
    """Hold the lock file `path` while the block runs.

    The kernel drops the lock with the process that held it, so a dead one blocks nobody. Where
    the folder is shared and the kernel's lock does not reach the other machine, the file's text
    does: who holds the lock says so every minute, and is believed for five.

    Raises
    ------
    LockedError
        Another process holds it, here or on another machine.
    UsageError
        The lock file cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        found = _read(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"index {path.parent} is being written by {_read(path) or 'another process'}; "
                "wait until it is done, then run again"
            ) from None
        here = machine()
        if found is not None and found.machine != here:
            silent = abs(time.time() - os.fstat(handle).st_mtime)
            if silent < _SILENT:
                raise LockedError(
                    f"index {path.parent} is being written by {found}, another machine; wait "
                    f"until it is done; if it died, wait {_SILENT / 60:.0f} minutes or remove "
                    f"{path}"
                )
        holder = Holder(
            os.getpid(),
            socket.gethostname(),
            datetime.now(UTC).isoformat(timespec="seconds"),
            # Later arguments may name persons.
            " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]),
            here,
        )
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, msgspec.json.encode(holder), 0)
        except OSError as error:
            raise _unwritable(path, error) from None
        held = Held(path, holder)
        with _beating(path):
            yield held
        if _read(path) == holder:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


@contextmanager
def _beating(path: Path) -> Iterator[None]:
    """Say every minute that the holder lives."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_BEAT):
            try:
                os.utime(path)
            except OSError:
                return  # `Held.check` will tell

    thread = threading.Thread(target=beat, name="mpi lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
