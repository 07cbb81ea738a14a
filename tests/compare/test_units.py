"""Text to units: every length of UTF-8, wherever blocks and vectors of the decoder end."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from naive import text_pairs as naive

from mpi import compare
from mpi.compare._kernels_units import BLOCK
from mpi.compare.arrays import encode_columns

LETTERS = {
    "ascii": "ABCDEFG 0",
    "two": "éĐđñ",
    "three": "ạếữ王",
    "four": "😀👍🎉",
    "mixed": "AĐữ王😀 0",
    "many": "".join(chr(p) for p in range(0x4E00, 0x4E00 + 600)) + "😀A",
}


def units_of(texts: list[str], other: list[str]) -> tuple[list[list[int]], int]:
    """Units of both columns, and how many bytes one takes."""
    columns = ((pa.array(texts), None, False), (pa.array(other), None, False))
    found = []
    sides = encode_columns(columns)
    for side in sides:
        found += [side.pool[i:j].tolist() for i, j in zip(side.start, side.end, strict=True)]
    return found, sides[0].pool.itemsize


@pytest.mark.parametrize("letters", [name for name in LETTERS if name != "ascii"])
def test_units_are_numbers_in_order_of_appearance(letters: str) -> None:
    rng = random.Random(len(letters))
    for total in (1, 15, 16, 17, 63, 64, 65, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 70):
        texts: list[str] = []
        while sum(map(len, texts)) < total:
            texts.append("".join(rng.choices(LETTERS[letters], k=rng.choice((0, 1, 3, 20, 90)))))
        other = ["é", *rng.choices(texts, k=5), ""]
        want, known = naive.encode_units([*texts, *other])
        got, itemsize = units_of(texts, other)
        assert got == want
        assert itemsize == (1 if len(known) <= 256 else 2)


@pytest.mark.parametrize("shift", range(0, 70, 3))
def test_a_letter_across_the_end_of_a_block(shift: int) -> None:
    texts = ["A" * (BLOCK - shift), "ữ" * 30, "😀" * 3 + "é", "Z" * shift]
    want, _ = naive.encode_units([*texts, "x"])
    assert units_of(texts, ["x"])[0] == want


def test_sliced_columns_begin_anywhere() -> None:
    texts = [f"{'ữ' * (k % 5)}{k}é" for k in range(300)]
    for first in (1, 2, 50, 299):
        column = pa.array(texts)[first:]
        assert compare.levenshtein(column, texts[first:]).min() == 1.0


def test_bytes_that_are_no_utf8_do_no_harm() -> None:
    rng = np.random.default_rng(1)
    data = rng.integers(0, 256, 5000, np.uint8)
    data[::7] = 0xED  # surrogates are read as three bytes, as others are
    data[1::7] = 0xA0
    offsets = np.sort(rng.integers(0, len(data) + 1, 101)).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data.tobytes())]
    column = pa.Array.from_buffers(pa.string(), 100, buffers)
    columns = ((column, None, False), (column, None, False))
    with pytest.raises(ValueError, match="UTF-8"):
        encode_columns(columns)
    texts, again = (encode_columns(columns, compose=False) for _ in range(2))
    for side, same in zip(texts, again, strict=True):
        assert side.end[-1] <= len(data)
        np.testing.assert_array_equal(side.pool[: side.end[-1]], same.pool[: same.end[-1]])
