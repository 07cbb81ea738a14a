"""Kernels of record keys: where a key stands among sorted ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import inner, njit

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
Place = int | np.int64


@inner
def _compare(
    offsets: Offsets, text: Bytes, i: Place, more_offsets: Offsets, more_text: Bytes, j: Place
) -> Place:
    """Less than, equal to or greater than 0 as text i is before, equal to or after the other."""
    at, end = np.int64(offsets[i]), np.int64(offsets[i + 1])
    other, last = np.int64(more_offsets[j]), np.int64(more_offsets[j + 1])
    while at < end and other < last:
        if text[at] != more_text[other]:
            return np.int64(text[at]) - np.int64(more_text[other])
        at += 1
        other += 1
    return (end - at) - (last - other)


@njit
def ascend(group: npt.NDArray[np.int32], offsets: Offsets, text: Bytes) -> int:
    """How many rows, from the first on, are in the order of their groups and texts.

    group : int32[n]
    offsets, text : int32[n + 1], uint8[n_bytes]
    """
    for row in range(1, len(group)):
        if group[row] < group[row - 1]:
            return row
        same = group[row] == group[row - 1]
        if same and _compare(offsets, text, row, offsets, text, row - 1) < 0:
            return row
    return len(group)


@njit
def locate_texts(
    first: Integers,
    end: Integers,
    wanted_offsets: Offsets,
    wanted_text: Bytes,
    offsets: Offsets,
    text: Bytes,
    place: Integers,
    found: npt.NDArray[np.bool_],
) -> None:
    """For each wanted text the first row of a sorted stretch whose text is not before it.

    Texts wanted in order are found in one walk, others by halving.

    first, end : int64[n_wanted], the stretch of rows in which each is looked for
    wanted_offsets, wanted_text : the wanted texts
    offsets, text : the texts of all rows
    place : int64[n_wanted], filled: a row, or the end of the stretch
    found : bool[n_wanted], filled: whether that row has the wanted text
    """
    last = np.int64(0)
    for k in range(len(place)):
        low, high = first[k], end[k]
        ahead = low < last <= high
        if ahead and _compare(offsets, text, last - 1, wanted_offsets, wanted_text, k) < 0:
            low = last
        step = np.int64(1)
        # Ever longer steps, as the next one is near if they come in order.
        while low + step <= high:
            if _compare(offsets, text, low + step - 1, wanted_offsets, wanted_text, k) >= 0:
                high = low + step - 1
                break
            low += step
            step *= 2
        while low < high:
            middle = (low + high) // 2
            if _compare(offsets, text, middle, wanted_offsets, wanted_text, k) < 0:
                low = middle + 1
            else:
                high = middle
        place[k] = low
        last = low
        found[k] = low < end[k] and (
            _compare(offsets, text, low, wanted_offsets, wanted_text, k) == 0
        )
