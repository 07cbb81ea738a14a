"""Cutoffs spare work and never change an answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive import text_pairs as naive

from mpi import compare
from mpi.compare._kernels_screen import bag_texts, screen_edits, screen_jaro
from mpi.compare.arrays import encode_columns, text_column
from mpi.compare.pairing import Pairs
from mpi.compare.similarity import _needed

SIMILARITIES: dict[str, Callable[..., Any]] = {
    name: getattr(compare, name)
    for name in ("jaro", "jaro_winkler", "levenshtein", "osa", "damerau_levenshtein", "hamming")
}
LETTERS = "ABCDEFGH ĐẠẾữ王😀"
TEXT = st.one_of(
    st.text(LETTERS[:3], max_size=18),
    st.text(LETTERS, max_size=34),
    st.text(LETTERS, min_size=60, max_size=70),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
)
PAIR = st.tuples(TEXT, TEXT) | TEXT.flatmap(
    lambda t: st.tuples(st.just(t), st.permutations(t[:12]).map(lambda p: "".join(p) + t[12:]))
)


def cut(values: Any, cutoff: float, *, distance: bool) -> Any:
    """What a cutoff means, after everything was compared."""
    if distance:
        return np.where(values > cutoff, cutoff + 1.0, values)
    return np.where(values < cutoff, 0.0, values)


@settings(max_examples=40)
@given(st.lists(PAIR, min_size=1, max_size=6), st.floats(0, 1), st.integers(0, 60))
@example([("", ""), ("", "A"), ("ABC", "BCA"), ("A" * 64, "A" * 65)], 0.5, 1)
@example([("AB", "BA"), ("ABCDE", "ABCDX")], 0.0, 0)
@pytest.mark.parametrize("name", SIMILARITIES)
def test_a_cutoff_is_a_cut_afterwards(
    name: str, pairs: list[tuple[str, str]], cutoff: float, place: int
) -> None:
    metric = SIMILARITIES[name]
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    for distance in (False, True) if name not in ("jaro", "jaro_winkler") else (False,):
        options = {"distance": True} if distance else {}
        shapes = (
            (left, right, options),
            (left[0], right, options),
            (left, right[0], options),
            (left, right, {**options, "all_pairs": True}),
        )
        for a, b, how in shapes:
            full = metric(a, b, **how)
            # Any cutoff, and one that is exactly reached.
            reached = float(full.flat[place % full.size])
            for at in (10 * cutoff if distance else cutoff, reached):
                np.testing.assert_array_equal(
                    metric(a, b, cutoff=at, **how), cut(full, at, distance=distance)
                )


def screened(kernel: Any, left: list[str], right: list[str], *options: Any) -> tuple[Any, Any]:
    """The pairs that a screen leaves, and its answers for the others."""
    columns = text_column(left, "left"), text_column(right, "right")
    a, b = encode_columns(columns, bags=True)
    listed, out = np.arange(len(left), dtype=np.int32), np.full(len(left), -1.0)
    kept = kernel(*Pairs(a, b, 1, 1, len(left)).sides, a.bags, b.bags, listed, *options, out)
    return listed[:kept].tolist(), set(out.tolist())


@pytest.mark.parametrize("width", [16, 32, 64, 90])
def test_screens_are_their_twins(width: int) -> None:
    # Letters that fall together in no bag of 64.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-0"
    rng = random.Random(width)
    left = ["".join(rng.choices(letters, k=rng.randint(0, width))) for _ in range(300)]
    right = ["".join(rng.sample(t, len(t)))[rng.randint(0, 2) :] for t in left[:150]]
    right += rng.choices(left, k=150)
    pairs = list(enumerate(zip(left, right, strict=True)))
    for cutoff in (0.3, 0.8, 0.9, 1.0):
        want = [k for k, (a, b) in pairs if naive.screen_jaro(a, b, cutoff)]
        assert screened(screen_jaro, left, right, _needed(0.1, cutoff)) == (want, {0.0})
        for similar, at, beyond in ((True, cutoff, 0.0), (False, 10 * cutoff, np.inf)):
            want = [k for k, (a, b) in pairs if naive.screen_edits(a, b, at, similar)]
            assert screened(screen_edits, left, right, similar, at, beyond) == (want, {beyond})


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_bags_are_their_twins(bits: int, dtype: Any) -> None:
    rng = random.Random(3)
    texts = ["".join(rng.choices(LETTERS[:10], k=k)) for k in (0, 1, 2, 15, 16, 17, 33, 64, 70)]
    ends = np.cumsum([len(t) for t in texts])
    pool = np.array([*map(ord, "".join(texts)), *[7] * 64], np.uint32).astype(dtype)
    bags = np.zeros(len(texts), np.uint64)
    word = np.dtype(f"uint{bits}").type(0)
    bag_texts(word, bits, pool, np.r_[0, ends[:-1]], ends, bags)
    units = np.split(pool[: ends[-1]], ends[:-1])
    want = naive.bag_texts([[chr(u) for u in text] for text in units])
    assert [{i for i in range(64) if int(bag) >> i & 1} for bag in bags] == want


def test_few_pairs_of_different_names_are_left() -> None:
    rng = random.Random(5)
    words = "NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "DANG", "BUI", "NGOC", "MINH", "THANH", "LAN"
    names = [" ".join(rng.sample(words, 3)) for _ in range(400)]
    kept, _ = screened(screen_jaro, names[:200], names[200:], _needed(0.1, 0.9))
    assert len(kept) < 60
