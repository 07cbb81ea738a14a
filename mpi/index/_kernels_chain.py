"""The kernel that chains events: blake2b with a digest of 16 bytes (RFC 7693), row after row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, inner

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Words = npt.NDArray[np.uint64]

_FIRST = np.array(
    [
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    ],
    np.uint64,
)
_ORDER = np.array(
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    ],
    np.int64,
)
_PARAMETERS = np.uint64(0x01010010)
"""No key, one leaf, 16 bytes."""
_BLOCK = 128
_DIGEST = 16
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_R32, _R24, _R16, _R63 = np.uint64(32), np.uint64(24), np.uint64(16), np.uint64(63)
_L40, _L48, _L1 = np.uint64(40), np.uint64(48), np.uint64(1)


@inner
def _mixed(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, x: np.uint64, y: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """G of the RFC."""
    a = a + b + x
    d ^= a
    d = (d >> _R32) | (d << _R32)
    c = c + d
    b ^= c
    b = (b >> _R24) | (b << _L40)
    a = a + b + y
    d ^= a
    d = (d >> _R16) | (d << _L48)
    c = c + d
    b ^= c
    b = (b >> _R63) | (b << _L1)
    return a, b, c, d


@inner
def _compress(state: Words, words: Words, length: int, last: bool) -> None:
    """F of the RFC: a block into the state.

    length : bytes hashed so far, with those of this block
    """
    v0, v1, v2, v3 = state[0], state[1], state[2], state[3]
    v4, v5, v6, v7 = state[4], state[5], state[6], state[7]
    v8, v9, v10, v11 = _FIRST[0], _FIRST[1], _FIRST[2], _FIRST[3]
    v12, v13, v14, v15 = _FIRST[4] ^ np.uint64(length), _FIRST[5], _FIRST[6], _FIRST[7]
    if last:
        v14 ^= _ALL
    for r in range(12):
        s = _ORDER[r]
        v0, v4, v8, v12 = _mixed(v0, v4, v8, v12, words[s[0]], words[s[1]])
        v1, v5, v9, v13 = _mixed(v1, v5, v9, v13, words[s[2]], words[s[3]])
        v2, v6, v10, v14 = _mixed(v2, v6, v10, v14, words[s[4]], words[s[5]])
        v3, v7, v11, v15 = _mixed(v3, v7, v11, v15, words[s[6]], words[s[7]])
        v0, v5, v10, v15 = _mixed(v0, v5, v10, v15, words[s[8]], words[s[9]])
        v1, v6, v11, v12 = _mixed(v1, v6, v11, v12, words[s[10]], words[s[11]])
        v2, v7, v8, v13 = _mixed(v2, v7, v8, v13, words[s[12]], words[s[13]])
        v3, v4, v9, v14 = _mixed(v3, v4, v9, v14, words[s[14]], words[s[15]])
    state[0] ^= v0 ^ v8
    state[1] ^= v1 ^ v9
    state[2] ^= v2 ^ v10
    state[3] ^= v3 ^ v11
    state[4] ^= v4 ^ v12
    state[5] ^= v5 ^ v13
    state[6] ^= v6 ^ v14
    state[7] ^= v7 ^ v15


@allocating
def chain_rows(offsets: Offsets, content: Bytes, before: Bytes, out: Bytes) -> None:
    """The hash of each row: blake2b over the hash before it and the row's bytes.

    offsets, content : int32[n_rows + 1], uint8[n_bytes], the rows
    before : uint8[16], the hash before the first
    out : uint8[n_rows, 16], filled
    """
    state = np.empty(8, np.uint64)
    block = np.empty(_BLOCK, np.uint8)
    words = block.view(np.uint64)
    digest = before.copy()
    own = digest.view(np.uint64)
    for row in range(len(out)):
        state[:] = _FIRST
        state[0] ^= _PARAMETERS
        block[:_DIGEST] = digest
        held, length = _DIGEST, _DIGEST
        for i in range(offsets[row], offsets[row + 1]):
            if held == _BLOCK:
                _compress(state, words, length, False)
                held = 0
            block[held] = content[i]
            held += 1
            length += 1
        block[held:] = 0
        _compress(state, words, length, True)
        own[0], own[1] = state[0], state[1]
        out[row] = digest
