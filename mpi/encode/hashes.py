"""Hashes of texts that mean the same in every table, on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]

FIRST_HASH = 0xCBF29CE484222325


def hash_column(column: pa.Array, hashes: Hashes) -> None:
    """Carry each text of a string array into its hash, in place; begin with `FIRST_HASH`."""
    from mpi.encode._kernels_group import hash_texts

    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    text = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    hash_texts(places, text, hashes)


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
