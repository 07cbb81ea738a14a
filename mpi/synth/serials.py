"""Numbers that are unique and say nothing: serials scrambled by a keyed permutation.

Blocks of persons are generated one by one and never see each other, so the block number is woven
into the serial, and a permutation of all numbers of that length hides the order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]

_ROUNDS = 4


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a hash of 64 bits."""
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def scramble(values: Ints, digits: int | Ints, key: int | Ints) -> Ints:
    """A permutation of the numbers of so many digits, another one for each key.

    A Feistel network on two halves, 10**(digits // 2) and the rest.

    Parameters
    ----------
    values : int64[n], 0 to 10**digits - 1

    Examples
    --------
    >>> sorted(scramble(np.arange(1000), 3, 7).tolist()) == list(range(1000))
    True
    """
    digits = np.asarray(digits)
    low = (10 ** (digits // 2)).astype(np.int64)
    high = (10 ** (digits - digits // 2)).astype(np.int64)
    left, right = values // low, values % low
    keys = np.atleast_1d(key).astype(np.uint64) << np.uint64(8)
    for i in range(_ROUNDS):
        left = (left + _round(right, keys, 2 * i, high)) % high
        right = (right + _round(left, keys, 2 * i + 1, low)) % low
    return left * low + right


def _round(half: Ints, keys: npt.NDArray[np.uint64], number: int, size: Ints) -> Ints:
    hashed = mix(mix(keys + np.uint64(number)) ^ half.astype(np.uint64))
    return (hashed % size.astype(np.uint64)).astype(np.int64)


def rank_in_cell(cell: Ints) -> Ints:
    """int64[n], how many earlier rows have the same cell.

    Examples
    --------
    >>> rank_in_cell(np.array([5, 7, 5, 5])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(cell) else order
    starts = np.repeat(first, np.diff(np.r_[first, len(cell)]))
    ranks = np.empty(len(cell), np.int64)
    ranks[order] = np.arange(len(cell)) - starts
    return ranks


def serials(cell: Ints, digits: int | Ints, block: int, blocks: int, key: int) -> Ints:
    """A number of so many digits for each row, unique among the rows of its cell in all blocks.

    Unique as long as a cell holds no more than 10**digits / blocks rows of one block.
    """
    size = 10 ** np.asarray(digits)
    serial = (block + blocks * rank_in_cell(cell)) % size
    return scramble(serial, digits, cell + key * 1_000_003)


def digit_matrix(numbers: Ints, width: int) -> npt.NDArray[np.uint8]:
    """uint8[n, width], the decimal digits 0 to 9 of each number, with leading zeros.

    Examples
    --------
    >>> digit_matrix(np.array([42]), 4).tolist()
    [[0, 0, 4, 2]]
    """
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (numbers[:, None] // powers % 10).astype(np.uint8)


def text(
    characters: npt.NDArray[np.uint8],
    keep: npt.NDArray[np.bool_] | None = None,
    valid: npt.NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Text of the characters kept in each row, null where the row is not valid.

    Parameters
    ----------
    characters : uint8[n, width], ASCII
    keep : bool[n, width], valid : bool[n]

    Examples
    --------
    >>> text(np.frombuffer(b"0123", np.uint8).reshape(1, 4), np.array([[False] + 3 * [True]]))[0]
    <pyarrow.StringScalar: '123'>
    """
    n, width = characters.shape
    if keep is None:
        lengths = np.full(n, width)
        data = np.ascontiguousarray(characters).reshape(-1)
    else:
        lengths = keep.sum(axis=1)
        data = characters[keep]
    offsets = np.zeros(n + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    mask = None
    if valid is not None:
        mask = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string(), n, [mask, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    )
