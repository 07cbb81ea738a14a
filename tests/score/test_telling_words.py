"""Of two different names, the word that says most of those that both hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import score as naive
from tables import encoded_table
from texts import SYLLABLES

from mpi.schema import Kind
from mpi.score._kernels_weight import telling_word
from mpi.score.term_frequency import adjustments, word_frequencies
from mpi.standardise.fold import fold

NAMES = ["NGUYEN VAN AN"] * 60 + ["TRAN VAN BINH"] * 30 + ["LE THI AN"] * 8 + ["KHUONG THI HY"]
PLAIN = tuple(word for word in SYLLABLES if word.isascii())


def word_bits(names: list[str]) -> tuple[dict[str, float], float]:
    records = [*names]
    encoded = encoded_table({("name", Kind.FULL_NAME): records}, ["x"] * len(records))
    return word_frequencies(encoded, 0, encoded.held[0])


def test_a_rare_word_says_more_than_a_usual_one() -> None:
    """log2(usual / f), where usual is how often the average shared word is held."""
    by_word, rare = word_bits([f"{name} {k}" for k, name in enumerate(NAMES)])
    held = {"NGUYEN": 60, "TRAN": 30, "VAN": 90, "AN": 68, "BINH": 30, "LE": 8, "THI": 9}
    counts = np.array([*held.values(), *(1 for _ in NAMES), 1, 1])
    usual = float((counts**2).sum() / counts.sum())
    for word, many in held.items():
        assert by_word.get(word, rare) == pytest.approx(np.log2(usual / many), abs=5e-4)
    assert by_word["VAN"] < 0.0 < by_word["LE"] < rare
    assert "HY" not in by_word


def test_other_forms_have_no_words() -> None:
    encoded = encoded_table({("street", Kind.ADDRESS): ["A B", "B C"]}, ["x", "x"])
    assert word_frequencies(encoded, 0, encoded.held[0]) == ({}, 0.0)
    assert word_bits(["", ""]) == ({}, 0.0)


name = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=6).map(" ".join)


@given(st.lists(name, min_size=2, max_size=6, unique=True), st.integers(0, 99))
def test_telling_word_as_its_twin(names: list[str], seed: int) -> None:
    encoded = encoded_table({("name", Kind.FULL_NAME): names}, ["x"] * len(names))
    rng = np.random.default_rng(seed)
    bits = {word: round(float(rng.uniform(-3, 5)), 3) for word in PLAIN[::2]}
    by_number = np.append(np.float32(9.0), adjustments(encoded.vocabulary, bits, 1.5))
    values = encoded.columns[0].values.to_pylist()
    for g in range(len(values)):
        for h in range(len(values)):
            found = telling_word(encoded.values.info, encoded.values.words, by_number, 1, g, h)
            words = values[g].split(), values[h].split()
            assert found == pytest.approx(
                naive.telling_word(*words, lambda word: bits.get(word, 1.5)), abs=1e-6
            )


def test_words_are_counted_folded() -> None:
    encoded = encoded_table({("name", Kind.FULL_NAME): ["ĐỨC AN", "DUC BA"]}, ["x", "x"])
    assert fold(encoded.vocabulary).equals(encoded.vocabulary)
    bits = adjustments(encoded.vocabulary, {"DUC": 4.0}, 0.0)
    assert telling_word(encoded.values.info, encoded.values.words, bits, 0, 0, 1) == 4.0
