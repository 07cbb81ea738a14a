"""Bytes that come piece by piece and are wanted in one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mpi.scratch import Scratch

Bytes = bytes | memoryview

HELD = 64 << 20
"""Bytes written before they are let go."""
_LEAST = 1 << 16
_LOOK = 1 << 20


class Spool:
    """Bytes written one after the other, in a file if they are many.

    expected : about how many come

    Examples
    --------
    >>> spool = Spool(Scratch(), 3)
    >>> spool.write(b"ab"), spool.write(b"cd"), bytes(spool.view())
    (None, None, b'abcd')
    """

    def __init__(self, scratch: Scratch, expected: int) -> None:
        self._scratch = scratch
        self._buffer = scratch.empty(max(expected, _LEAST), np.uint8)
        self._size = 0
        self._held = 0

    def write(self, piece: Bytes) -> None:
        """The next bytes.

        Raises
        ------
        UsageError
            The disk has no room for them.
        """
        end = self._size + len(piece)
        if end > len(self._buffer):
            larger = self._scratch.empty(2 * end, np.uint8)
            for at in range(0, self._size, HELD):
                larger[at : min(at + HELD, self._size)] = self._buffer[at : at + HELD][
                    : self._size - at
                ]
                self._scratch.let_go()
            self._buffer = larger
        self._buffer[self._size : end] = np.frombuffer(piece, np.uint8)
        self._size = end
        self._held += len(piece)
        if self._held >= HELD:
            self._scratch.let_go()
            self._held = 0

    def view(self) -> memoryview:
        """All of them."""
        return self._buffer[: self._size].data


def pieces_of_lines(data: Bytes, size: int, scratch: Scratch | None = None) -> Iterator[bytes]:
    """The bytes in pieces of about so many, each but the last ending with a line.

    scratch : where they lie; what was looked at is let go

    Examples
    --------
    >>> list(pieces_of_lines(b"ab\\ncd\\nef", 1))
    [b'ab\\n', b'cd\\n', b'ef']
    """
    at, held, whole = 0, 0, memoryview(data)
    while at < len(whole):
        end = at + size
        if scratch is not None and at - held >= HELD:
            scratch.let_go()
            held = at
        while end < len(whole):
            found = bytes(whole[end : end + _LOOK]).find(b"\n")
            if found >= 0:
                end += found + 1
                break
            end += _LOOK
        yield bytes(whole[at:end])
        at = end


def holds(data: Bytes, byte: bytes, begin: int = 0, scratch: Scratch | None = None) -> bool:
    """Whether a byte comes anywhere behind a place.

    scratch : where the bytes lie; what was looked at is let go
    """
    whole = memoryview(data)
    for at in range(begin, len(whole), _LOOK):
        if byte in bytes(whole[at : at + _LOOK]):
            return True
        if scratch is not None and (at - begin) % HELD >= HELD - _LOOK:
            scratch.let_go()
    return False
