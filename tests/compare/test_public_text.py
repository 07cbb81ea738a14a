"""Text comparators over arrays: naive twins, jellyfish, RapidFuzz and recordlinkage agree."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any

import jellyfish
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive import text_pairs as naive
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, DamerauLevenshtein, Jaro, JaroWinkler, LCSseq, Levenshtein

from mpi import compare

SCRIPTS = {
    "few": "AB C",
    "ascii": "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-0",
    "vietnamese": "ABCĐĂÂÊƠƯẠẾỐữỵ ",
    "cjk": "王李张刘陈杨黄赵 ",
    "emoji": "😀😁👍A🎉 ",
    "many": "".join(chr(p) for p in range(0x4E00, 0x4E00 + 400)),
}
EDGES = (0, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200)


def pairs_of(letters: str, n: int = 250) -> tuple[list[str], list[str]]:
    """Texts of every width, each with a version of itself or with another one."""
    rng = random.Random(len(letters))
    texts = ["".join(rng.choices(letters, k=k)) for k in EDGES]
    texts += ["".join(rng.choices(letters, k=rng.randint(0, 24))) for _ in range(40)]
    left = [*texts, *rng.choices(texts, k=n - len(texts))]
    right = rng.choices(texts, k=n)
    for k in range(0, n, 2):
        text = left[k]
        for _ in range(rng.randint(0, 4)):
            at = rng.randint(0, len(text))
            text = rng.choice(
                [
                    text[:at] + text[at + 1 :],
                    text[:at] + rng.choice(letters) + text[at:],
                    text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
                ]
            )
        right[k] = text
    return left, right


def alike(f: Callable[[str, str], float]) -> Callable[[str, str], float]:
    """Two empty texts are alike here; jellyfish calls them different."""
    return lambda a, b: 1.0 if a == b else f(a, b)


def distance(metric: Any) -> Callable[..., Any]:
    return lambda a, b, **options: metric(a, b, distance=True, **options)


EXACT: dict[str, tuple[Any, tuple[Callable[[str, str], float], ...]]] = {
    "jaro": (
        compare.jaro,
        (alike(jellyfish.jaro_similarity), lambda a, b: naive.jaro_lanes(a, b, 0.0)),
    ),
    "jaro_winkler": (
        compare.jaro_winkler,
        (alike(jellyfish.jaro_winkler_similarity), naive.jaro_long),
    ),
    "levenshtein": (
        distance(compare.levenshtein),
        (jellyfish.levenshtein_distance, Levenshtein.distance, naive.edit_lanes),
    ),
    "osa": (distance(compare.osa), (OSA.distance, lambda a, b: naive.edit_long(a, b, True))),
    "damerau_levenshtein": (
        distance(compare.damerau_levenshtein),
        (
            jellyfish.damerau_levenshtein_distance,
            DamerauLevenshtein.distance,
            naive.damerau_pairs,
        ),
    ),
    "hamming": (
        distance(compare.hamming),
        (jellyfish.hamming_distance, naive.hamming_pairs),
    ),
    "lcs_subsequence": (
        lambda a, b, **options: compare.lcs_subsequence(a, b, raw=True, **options),
        (LCSseq.similarity, naive.subsequence_long),
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", EXACT)
def test_every_width_and_script_bit_for_bit(name: str, script: str) -> None:
    ours, witnesses = EXACT[name]
    left, right = pairs_of(SCRIPTS[script])
    got = ours(left, right)
    for k, (a, b) in enumerate(zip(left, right, strict=True)):
        for f in witnesses[: 2 if k % 5 else 3]:  # the naive table is slow
            if len(a) * len(b) < 5000 or not f.__module__.startswith("naive"):
                assert got[k] == f(a, b), (a, b)


@pytest.mark.parametrize("script", SCRIPTS)
def test_jaro_is_rapidfuzz(script: str) -> None:
    left, right = pairs_of(SCRIPTS[script])
    for ours, theirs in ((compare.jaro, Jaro), (compare.jaro_winkler, JaroWinkler)):
        want = [theirs.similarity(a, b) for a, b in zip(left, right, strict=True)]
        np.testing.assert_allclose(ours(left, right), want, rtol=0, atol=1e-12)


ANY = st.text(st.characters(exclude_categories=("Cs", "Mn", "Mc", "Me")), max_size=80)


@settings(max_examples=60)
@given(st.lists(ANY, min_size=1, max_size=6))
@example(["\0", "", "\0\0", "a\0b"])
@example(["\U00010400\U00010401", "\U00010401", "\ud7ff\ue000"])
def test_random_unicode(texts: list[str]) -> None:
    composed = [unicodedata.normalize("NFC", t) for t in texts]
    got = compare.levenshtein(texts, texts, distance=True, all_pairs=True)
    similar = compare.jaro_winkler(texts, texts, all_pairs=True)
    for i, a in enumerate(composed):
        for j, b in enumerate(composed):
            assert got[i, j] == Levenshtein.distance(a, b)
            assert similar[i, j] == naive.jaro_lanes(a, b)


def test_code_points_of_the_composed_form_are_compared() -> None:
    for text in ("Nguyễn Đức", "Đặng Thị Ngọc Ánh", "가나다", "é"):
        apart = unicodedata.normalize("NFD", text)
        assert apart != text
        assert compare.levenshtein(text, apart, distance=True) == 0.0
        assert compare.jaro_winkler([apart], [text]).tolist() == [1.0]
    # Letters that have no composed form stay as they are: two code points.
    assert compare.levenshtein("q\u0303", "q", distance=True) == 1.0


def test_more_letters_than_16_bits_number() -> None:
    texts = [chr(p) for p in range(0x10000, 0x10000 + 70_000)]
    texts = [t for t in texts if unicodedata.is_normalized("NFC", t)]
    other = [texts[-1], *texts[:-1]]
    assert compare.levenshtein(texts, texts).min() == 1.0
    assert compare.levenshtein(texts, other).max() == 0.0
    longer = ["A" + t * 20 for t in texts[:100]]
    assert compare.jaro(longer, longer).min() == 1.0
    assert compare.damerau_levenshtein(texts[:50], other[:50], distance=True).tolist() == [1.0] * 50


@pytest.mark.parametrize("name", ["levenshtein", "osa", "damerau_levenshtein", "hamming"])
def test_similarity_is_one_minus_the_share_of_edits(name: str) -> None:
    left, right = pairs_of(SCRIPTS["vietnamese"])
    metric = getattr(compare, name)
    edits = metric(left, right, distance=True)
    longer = np.array([max(len(a), len(b)) for a, b in zip(left, right, strict=True)])
    want = np.where(longer == 0, 1.0, 1.0 - edits / np.maximum(longer, 1))
    np.testing.assert_array_equal(metric(left, right), want)


@pytest.mark.parametrize("script", ["few", "vietnamese", "emoji"])
def test_substrings_alignments_and_grams_are_their_twins(script: str) -> None:
    left, right = pairs_of(SCRIPTS[script], 150)
    short = [k for k in range(150) if len(left[k]) * len(right[k]) < 1200]
    left, right = [left[k] for k in short], [right[k] for k in short]
    pairs = list(zip(left, right, strict=True))
    for repeated in (False, True):
        got = compare.lcs_substring(left, right, raw=True, shortest=2, repeated=repeated)
        assert got.tolist() == [naive.substring_pairs(a, b, 2, repeated) for a, b in pairs]
    got = compare.smith_waterman(left, right, raw=True)
    assert got.tolist() == [naive.alignment_pairs(a, b) for a, b in pairs]
    for n in (1, 2, 3, 4):
        for padding in (False, True):
            for norm in ("dice", "jaccard", "overlap", "longer", "cosine"):
                got = compare.qgram(left, right, n=n, padding=padding, norm=norm)
                for k, (a, b) in enumerate(pairs):
                    want = naive.gram_pairs(a, b, n, (n - 1) * padding, norm)
                    want = float(a == b) if want is None else want
                    assert got[k] == pytest.approx(want, abs=1e-12), (a, b, n, norm)


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script != "many"])
def test_token_functions_are_rapidfuzz(script: str) -> None:
    left, right = pairs_of(SCRIPTS[script])
    for ours, theirs in (
        (compare.token_sort, fuzz.token_sort_ratio),
        (compare.token_set, fuzz.token_set_ratio),
    ):
        want = [theirs(a, b) / 100 for a, b in zip(left, right, strict=True)]
        np.testing.assert_allclose(ours(left, right), want, rtol=0, atol=1e-12)


def test_monge_elkan_is_the_mean_of_the_best() -> None:
    left, right = pairs_of(SCRIPTS["vietnamese"])

    def one_way(a: str, b: str) -> float:
        if not a.split() or not b.split():
            return float(a.split() == b.split())
        best = [max(naive.jaro_lanes(x, y) for y in b.split()) for x in a.split()]
        return sum(best) / len(best)

    pairs = list(zip(left, right, strict=True))
    got = compare.monge_elkan(left, right, symmetric=False)
    np.testing.assert_allclose(got, [one_way(a, b) for a, b in pairs], rtol=0, atol=1e-12)
    want = [min(one_way(a, b), one_way(b, a)) for a, b in pairs]
    np.testing.assert_allclose(compare.monge_elkan(left, right), want, rtol=0, atol=1e-12)


ALL: dict[str, Callable[..., Any]] = {
    name: getattr(compare, name)
    for name in (
        *("jaro", "jaro_winkler", "levenshtein", "osa", "damerau_levenshtein", "hamming"),
        *("lcs_subsequence", "lcs_substring", "qgram", "smith_waterman"),
        *("monge_elkan", "token_sort", "token_set"),
    )
}


@pytest.mark.parametrize("name", ALL)
def test_one_to_many_and_all_pairs_are_the_pairs(name: str) -> None:
    metric = ALL[name]
    left, right = (side[:40] for side in pairs_of(SCRIPTS["vietnamese"]))
    matrix = metric(left, right, all_pairs=True)
    assert matrix.shape == (40, 40)
    for i in (0, 7, 39):
        np.testing.assert_array_equal(matrix[i], metric(left[i], right))
        np.testing.assert_array_equal(matrix[:, i], metric(left, right[i]))
    assert metric(left[3], right[5]) == matrix[3, 5]
    np.testing.assert_array_equal(np.diagonal(matrix), metric(left, right))


@pytest.mark.parametrize("name", ALL)
def test_laws_of_a_similarity(name: str) -> None:
    metric = ALL[name]
    left, right = pairs_of(SCRIPTS["few"])
    got = metric(left, right)
    assert ((got >= 0) & (got <= 1)).all()
    same = metric(left, left)
    counts = np.array([bool(t.split()) or name != "token_set" for t in left])
    np.testing.assert_allclose(same[counts], 1.0, rtol=0, atol=1e-12)
    if name not in ("jaro", "jaro_winkler", "lcs_substring"):  # greedy: order may matter
        np.testing.assert_allclose(metric(right, left), got, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_cutoff(name: str) -> None:
    metric = ALL[name]
    left, right = pairs_of(SCRIPTS["ascii"])
    got = metric(left, right)
    np.testing.assert_array_equal(metric(left, right, cutoff=0.8), np.where(got < 0.8, 0.0, got))
    for wrong in (-0.1, 1.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="cutoff"):
            metric(left, right, cutoff=wrong)
    for wrong_type in ("0.5", True, [0.5]):
        with pytest.raises(TypeError, match="cutoff"):
            metric(left, right, cutoff=wrong_type)


def test_cutoff_of_a_distance() -> None:
    got = compare.levenshtein(["abc", "abc", None], ["abd", "xyz", "a"], distance=True, cutoff=1)
    np.testing.assert_array_equal(got, [1.0, 2.0, np.nan])
    with pytest.raises(ValueError, match="cutoff"):
        compare.osa("a", "b", distance=True, cutoff=-1)
