"""Hashes of columns of codes, and the records that agree in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_WORD = (1 << 64) - 1


def mix(
    state: npt.NDArray[np.uint64], codes: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.uint64]:
    """One step of a 64-bit hash over columns of codes, `_kernels_group.mix_code`."""
    from mpi.encode._kernels_group import mix_codes

    mixed = state.copy()
    mix_codes(mixed, np.ascontiguousarray(codes, np.int64))
    return mixed


def mix_one(state: int, code: int) -> int:
    """The same step of one state, without arrays.

    Examples
    --------
    >>> mix_one(1, 7) == int(mix(np.ones(1, np.uint64), np.array([7]))[0])
    True
    """
    x = (state * _GOLDEN + code) & _WORD
    x = (x ^ x >> 30) * _FIRST & _WORD
    x = (x ^ x >> 27) * _SECOND & _WORD
    return x ^ x >> 31


def number_rows(
    columns: Sequence[npt.NDArray[np.int32]], n_rows: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Number equal rows alike, in the order of their first appearance.

    Parameters
    ----------
    columns : int32[n_rows] each

    Returns
    -------
    row_of : int64[n_rows], number of each row
    first : int64[n_different], where each number first appears
    copies : int64[n_different], rows of each number

    Examples
    --------
    >>> [a.tolist() for a in number_rows([np.array([4, 2, 4], np.int32)], 3)]
    [[0, 1, 0], [0, 1], [2, 1]]
    """
    from mpi.encode._kernels_group import group_rows

    state = np.ones(n_rows, np.uint64)
    for column in columns:
        state = mix(state, column)
    order, starts, _ = group_rows(state)
    like = np.repeat(order[starts[:-1]], np.diff(starts))
    # A hash that two different rows share would join them: those rows stay alone.
    same = np.ones(len(order), bool)
    for column in columns:
        same &= column[order] == column[like]
    alike = np.arange(n_rows)
    alike[order[same]] = like[same]
    opens = alike == np.arange(n_rows)
    row_of = (np.cumsum(opens) - 1)[alike]
    first = np.flatnonzero(opens)
    return row_of, first, np.bincount(row_of, minlength=len(first))
