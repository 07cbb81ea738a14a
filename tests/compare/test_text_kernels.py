"""Jaro-Winkler and optimal string alignment against their twins and foreign programs."""

from __future__ import annotations

from itertools import product

import jellyfish
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from naive import compare as naive
from rapidfuzz.distance import OSA
from texts import FEW, VIETNAMESE, letters, with_slips

from mpi.compare import _kernels_text as kernels

TEXTS = st.one_of(
    with_slips(letters()),
    with_slips(letters(VIETNAMESE), VIETNAMESE),
    with_slips(letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ '-"), "AEIOU"),
)


def pool(texts: list[str]) -> tuple[np.ndarray, list[int], list[int]]:
    """All texts in one array of code units, with each text's first unit and length.

    Behind the last one as many as kernels read: letters that may not count.
    """
    units = np.array([ord(c) for c in "".join(texts)] + [ord("A")] * 66, np.uint16)
    lengths = [len(t) for t in texts]
    return units, [int(n) for n in np.cumsum([0, *lengths])[:-1]], lengths


@given(TEXTS)
@example(["", "A", "AB", "BA"])
@example(["A" * 64, "A" * 63 + "B", "B" + "A" * 63, "AB" * 32, "BA" * 32])
def test_jaro_winkler_is_jellyfish_bit_for_bit(texts: list[str]) -> None:
    texts = [t.replace(" ", "")[:64] for t in texts]
    units, first, length = pool(texts)
    for i, a in enumerate(texts):
        for j, b in enumerate(texts):
            got = kernels.jaro_winkler(units, first[i], length[i], first[j], length[j])
            assert got == naive.jaro_winkler(a, b)
            if a or b:  # two empty texts: jellyfish says 0, equal texts are 1 here
                assert got == jellyfish.jaro_winkler_similarity(a, b)


def test_two_empty_texts_are_alike() -> None:
    units, _, _ = pool([""])
    assert kernels.jaro_winkler(units, 0, 0, 0, 0) == 1.0


@given(TEXTS, st.integers(1, 2))
@example(["", "A", "AB", "BA", "ABA"], 1)
@example(["AB" * 32, "BA" * 32, "A" * 64, "A" * 62, "A" * 61], 2)
@example(["ABCA", "BACA", "ABAC", "BAAC", "CAB", "ACB"], 2)
def test_osa_is_rapidfuzz_up_to_its_limit(texts: list[str], limit: int) -> None:
    texts = [t.replace(" ", "")[:64] for t in texts]
    units, first, length = pool(texts)
    for i, a in enumerate(texts):
        for j, b in enumerate(texts):
            got = kernels.osa(units, first[i], length[i], first[j], length[j], limit)
            assert got == naive.osa(a, b, limit)
            assert got == min(OSA.distance(a, b), limit + 1)


def test_osa_of_all_short_texts() -> None:
    """Every way in which two edits may meet: beside, over and behind one another."""
    texts = ["".join(t) for n in range(6) for t in product("AB", repeat=n)]
    texts += ["".join(t) for t in product("ABC", repeat=4)]
    units, first, length = pool(texts)
    for (i, a), (j, b) in product(enumerate(texts), repeat=2):
        exact = OSA.distance(a, b)
        places = (units, first[i], length[i], first[j], length[j])
        assert kernels.osa(*places, 1) == min(exact, 2), (a, b)
        assert kernels.osa(*places, 2) == min(exact, 3), (a, b)


@given(st.integers(0, 2**64 - 1))
def test_popcount(bits: int) -> None:
    assert kernels.popcount(np.uint64(bits)) == naive.popcount(bits)


@pytest.mark.parametrize("bits", [0, 1, 2**63, 2**64 - 1, 0x5555555555555555])
def test_popcount_at_the_edges(bits: int) -> None:
    assert kernels.popcount(np.uint64(bits)) == naive.popcount(bits)


def test_few_letters_are_few() -> None:
    """The strategies above only find transpositions while the alphabet is small."""
    assert len(FEW) < 10


@given(st.integers(0, 2**64 - 1), st.integers(0, 66), st.integers(0, 64))
@example(2**64 - 1, 0, 64)
@example(2**64 - 1, 63, 64)
@example(2**64 - 1, 64, 64)
@example(0, 65, 64)
@example(2**63, 63, 64)
def test_bits(bits: int, place: int, end: int) -> None:
    word = np.uint64(bits)
    assert kernels.lowest(word) == naive.lowest(bits)
    assert int(kernels.first_bits(end)) == naive.first_bits(end)
    assert kernels.has_bit(word, place) == naive.has_bit(bits, place)
    assert kernels.slide(word, place, end) == naive.slide(bits, place, end)


@pytest.mark.parametrize("n", [61, 62, 63, 64])
def test_osa_at_the_width_of_the_word(n: int) -> None:
    """Edits at either end of texts as long as the longest; of cut texts, letters go on behind."""
    text = ("ABCDEFG" * 10)[:n]
    edits = [text, text[1:], "G" + text[:-1], text[:-1], text[:-2] + text[-1] + text[-2]]
    edits += [text[:-1] + "Z", text[1] + text[0] + text[2:], "Z" + text[1:-1] + "Z", text[2:]]
    edits += [text[:-2], text[1:-1], text[1:] + "A", text[2:] + "AB", text[1:-2] + text[-1]]
    edits += [e[:40] + e[41] + e[40] + e[42:] for e in edits]
    units, first, length = pool(edits)
    for (i, a), (j, b) in product(enumerate(edits), repeat=2):
        for limit in (1, 2):
            got = kernels.osa(units, first[i], length[i], first[j], length[j], limit)
            assert got == min(OSA.distance(a, b), limit + 1), (a, b)
