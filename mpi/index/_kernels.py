"""Kernels of the index: hashes of record keys."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import njit

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]


@njit
def hash_texts(offsets: npt.NDArray[np.int32], data: Bytes, hashes: Hashes) -> None:
    """Carry each text's bytes into its hash (FNV-1a, 64 bits), and mark its end.

    The mark, 255, is no byte of UTF-8: ("ab", "c") and ("a", "bc") differ.

    offsets : int32[n + 1], where each text begins in `data`
    data : uint8[n_bytes]
    hashes : uint64[n], changed in place
    """
    prime = np.uint64(0x100000001B3)
    for i in range(len(hashes)):
        value = hashes[i]
        for j in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(data[j])) * prime
        hashes[i] = (value ^ np.uint64(255)) * prime
