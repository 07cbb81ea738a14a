"""A column as words: each different one once, and a number for each place where one stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.text import text_buffers

Numbers = npt.NDArray[np.int32]

BLANKS = " \t\n\r"
_SLOTS = 1 << 14


@dataclass(frozen=True)
class Words:
    """Texts as words.

    numbers : int32[n_found], the number of each word of each text, in order
    first : int32[n + 1], where the words of a text begin in `numbers`
    different : string[n_words], the different words, in the order in which they are met
    """

    numbers: Numbers
    first: Numbers
    different: pa.Array


def words_of(texts: pa.Array, blanks: str) -> Words:
    """Take texts apart at blanks of one byte.

    Parameters
    ----------
    texts : string[n], no nulls
    blanks : what parts words, of the characters up to the blank

    Examples
    --------
    >>> words = words_of(pa.array(["Lê Văn Lê", "Lê  An"]), BLANKS)
    >>> words.different.to_pylist(), words.numbers.tolist(), words.first.tolist()
    (['Lê', 'Văn', 'An'], [0, 1, 0, 0, 2], [0, 3, 5])
    """
    from mpi.standardise import _kernels_codes
    from mpi.standardise.vietnam import _kernels

    data, offsets = text_buffers(texts)
    n = len(texts)
    size = int(offsets[-1]) - int(offsets[0])
    numbers = np.empty((size + n) // 2 + 1, np.int32)
    first = np.empty(n + 1, np.int32)
    first[0] = row = n_words = 0
    mask = np.uint64(sum(1 << ord(blank) for blank in blanks))
    slots = _SLOTS
    table = np.zeros((slots, 4), np.uint64)
    starts, lengths = np.empty(slots, np.int64), np.empty(slots, np.int32)
    while True:
        row, n_words = _kernels.find_words(
            data, offsets, mask, table, row, n_words, numbers, first, starts, lengths
        )
        if row == n:
            break
        slots *= 4
        larger = np.zeros((slots, 4), np.uint64)
        _kernels_codes.move_entries(table, larger)
        table, starts, lengths = larger, np.resize(starts, slots), np.resize(lengths, slots)
    different = pieces_of(data, starts[:n_words], lengths[:n_words])
    return Words(numbers[: first[-1]], first, different)


def pieces_of(
    data: npt.NDArray[np.uint8], starts: npt.NDArray[np.integer], lengths: Numbers
) -> pa.Array:
    """string[n], pieces of some bytes."""
    ends = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(lengths, out=ends[1:])
    places = np.arange(ends[-1]) + np.repeat(starts - ends[:-1], lengths)
    values = pa.py_buffer(np.ascontiguousarray(data[places]))
    return pa.StringArray.from_buffers(len(starts), pa.py_buffer(ends), values)
