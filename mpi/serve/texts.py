"""Texts of a column read one by one, where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa


class Texts(Sequence[bytes]):
    """The UTF-8 of a column's values: a binary search looks at twenty of millions.

    Reading one takes a third of a microsecond, and copies that one alone.

    Parameters
    ----------
    values : string[n] or large_string[n], no nulls

    Examples
    --------
    >>> texts = Texts(pa.array(["AN", "", "BÌNH"])[1:])
    >>> len(texts), texts[0], texts[1].decode()
    (2, b'', 'BÌNH')
    """

    def __init__(self, values: pa.Array) -> None:
        _, ends, data = values.buffers()
        self._length = len(values)
        self._first = values.offset
        wide = pa.types.is_large_string(values.type)
        # What is empty may lack its buffers.
        raw = memoryview(ends or bytes(8)).cast("B")
        self._ends = raw.cast("q") if wide else raw.cast("i")
        self._data = memoryview(data).cast("B") if data else memoryview(b"")

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: Any) -> Any:
        at = self._first + place
        return bytes(self._data[self._ends[at] : self._ends[at + 1]])

    def take(self, codes: Iterable[int]) -> list[bytes | None]:
        """Some texts by their places; None for a place below 0."""
        data, ends, first = self._data, self._ends, self._first
        return [
            bytes(data[ends[first + code] : ends[first + code + 1]]) if code >= 0 else None
            for code in codes
        ]
