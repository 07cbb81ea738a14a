"""Hashes of texts that mean the same in every table, on every machine."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]

FIRST_HASH = 0xCBF29CE484222325
_PRIME = np.uint64(0x100000001B3)
_KERNELS = "mpi.encode._kernels_group"
_FEW = 2_000
"""Texts that are hashed without a kernel."""
_LOADING = 4_000_000
"""Texts times the bytes of the longest up to which that is quicker than to load a kernel, if none
is loaded yet: that takes longer than all else that going back to an earlier snapshot does."""
_SINGLY = 32
"""Texts that are hashed one by one, byte by byte: an operation on arrays costs as much as ten."""
_WORD = (1 << 64) - 1


def hash_column(column: pa.Array, hashes: Hashes) -> None:
    """Carry each text of a string array into its hash, in place; begin with `FIRST_HASH`."""
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    if len(column) <= _FEW or (_KERNELS not in sys.modules and _work(places) <= _LOADING):
        _hash_few(places, text, hashes)
    else:
        from mpi.encode._kernels_group import hash_texts

        hash_texts(places, text, hashes)


def _work(places: npt.NDArray[np.int32]) -> int:
    return (len(places) - 1) * int(np.diff(places).max(initial=0))


def _hash_few(places: npt.NDArray[np.int32], text: npt.NDArray[np.uint8], hashes: Hashes) -> None:
    """The same by columns of bytes."""
    if len(hashes) <= _SINGLY:
        ends = places.tolist()
        for i, state in enumerate(hashes.tolist()):
            hashes[i] = hash_one(text[ends[i] : ends[i + 1]].tobytes(), state)
        return
    begin, length = places[:-1].astype(np.int64), np.diff(places)
    for k in range(int(length.max(initial=0))):
        here = np.flatnonzero(length > k)
        hashes[here] = (hashes[here] ^ text[begin[here] + k]) * _PRIME
    hashes[:] = (hashes ^ np.uint64(255)) * _PRIME


def text_hashes(texts: pa.Array) -> Hashes:
    """uint64[n], equal where the texts are.

    Examples
    --------
    >>> first, other, again = text_hashes(pa.array(["AN", "BE", "AN"])).tolist()
    >>> first == again, first == other
    (True, False)
    """
    hashes = np.full(len(texts), FIRST_HASH, np.uint64)
    hash_column(texts, hashes)
    return hashes


def hash_one(text: bytes, state: int = FIRST_HASH) -> int:
    """What `hash_column` makes of one text: in a microsecond, where arrays of one take a hundred.

    Parameters
    ----------
    text : UTF-8
    state : the hash that it is carried into

    Examples
    --------
    >>> hash_one("AN".encode()) == int(text_hashes(pa.array(["AN"]))[0])
    True
    """
    prime = int(_PRIME)
    for byte in text:
        state = (state ^ byte) * prime & _WORD
    return (state ^ 255) * prime & _WORD
