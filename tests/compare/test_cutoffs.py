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
from mpi.compare._kernels_screen import screen_edits, screen_jaro
from mpi.compare.arrays import encode_columns, text_column
from mpi.compare.pairing import Pairs, Side

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


def sides_of(left: list[str], right: list[str]) -> tuple[Side, Side]:
    columns = text_column(left, "left"), text_column(right, "right")
    return Pairs(*encode_columns(columns), 1, 1, len(left)).sides


@pytest.mark.parametrize("width", [16, 32, 64])
def test_screens_are_their_twins(width: int) -> None:
    # Letters that fall together in no set of 64.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-0"
    rng = random.Random(width)
    left = ["".join(rng.choices(letters, k=rng.randint(0, width))) for _ in range(300)]
    right = ["".join(rng.sample(t, len(t)))[rng.randint(0, 2) :] for t in left[:150]]
    right += rng.choices(left, k=150)
    pairs = list(zip(left, right, strict=True))
    word = np.dtype(f"uint{width}").type(0)
    for cutoff in (0.3, 0.8, 0.9, 1.0):
        listed, out = np.arange(300, dtype=np.int32), np.full(300, -1.0)
        kept = screen_jaro(word, *sides_of(left, right), listed, 0.1, cutoff, out)
        want = [k for k, (a, b) in enumerate(pairs) if naive.screen_jaro(a, b, cutoff)]
        assert listed[:kept].tolist() == want
        assert set(out.tolist()) == {0.0}
        for similar, at, beyond in ((True, cutoff, 0.0), (False, 10 * cutoff, np.inf)):
            listed, out = np.arange(300, dtype=np.int32), np.full(300, -1.0)
            kept = screen_edits(
                word, *sides_of(left, right), listed, similar, at, float(beyond), out
            )
            want = [k for k, (a, b) in enumerate(pairs) if naive.screen_edits(a, b, at, similar)]
            assert listed[:kept].tolist() == want
            assert set(out.tolist()) == {beyond}


def test_few_pairs_of_different_names_are_left() -> None:
    rng = random.Random(5)
    words = [
        "NGUYEN",
        "TRAN",
        "LE",
        "PHAM",
        "HOANG",
        "VU",
        "DANG",
        "BUI",
        "NGOC",
        "MINH",
        "THANH",
        "HUONG",
        "LAN",
        "PHUC",
        "SON",
    ]
    names = [" ".join(rng.sample(words, 3)) for _ in range(400)]
    left, right = names[:200], names[200:]
    listed, out = np.arange(200, dtype=np.int32), np.empty(200)
    kept = screen_jaro(np.uint32(0), *sides_of(left, right), listed, 0.1, 0.9, out)
    assert kept < 60
