from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpi.cluster.ids import ALPHABET, LAST, LENGTH, enterprise_ids, is_valid, serial_numbers
from mpi.errors import UsageError


def _valid(texts: list[str]) -> list[str]:
    return [text for text in texts if is_valid(text)]


@settings(deadline=None)
@given(st.lists(st.integers(1, LAST), max_size=50))
def test_serial_numbers_undo_enterprise_ids(numbers):
    ids = enterprise_ids(np.array(numbers, dtype=np.int64))
    assert serial_numbers(ids).tolist() == numbers
    assert all(len(i) == LENGTH and set(i) <= set(ALPHABET) for i in ids.to_pylist())


def test_a_million_ids_are_all_different_and_come_back():
    numbers = np.arange(1, 1_000_001)
    ids = enterprise_ids(numbers)
    assert len(ids.unique()) == len(numbers)
    np.testing.assert_array_equal(serial_numbers(ids), numbers)


def test_ids_never_change():
    ids = enterprise_ids(np.array([1, 2, 3, LAST])).to_pylist()
    assert ids == ["NR2SEW49BP", "Z97AVX4VER", "6B9KC5V317", "KTRKD71KT1"]


def test_neighbouring_numbers_look_unrelated():
    ids = enterprise_ids(np.arange(1, 2001)).to_pylist()
    same = [sum(a == b for a, b in zip(x, y, strict=True)) for x, y in pairwise(ids)]
    assert 0.2 < np.mean(same) < 0.45  # ten characters of 32: 0.31 by chance


def test_every_single_wrong_character_is_noticed():
    for text in enterprise_ids(np.array([1, 77, 123_456_789, LAST])).to_pylist():
        wrong = [
            text[:i] + c + text[i + 1 :]
            for i in range(LENGTH)
            for c in ALPHABET + "ILOUilou*~$=é "
            if c != text[i]
        ]
        assert _valid(wrong) == []


def test_every_swap_of_two_characters_is_noticed():
    for text in enterprise_ids(np.arange(1, 40)).to_pylist():
        for i in range(LENGTH):
            for j in range(i + 1, LENGTH):
                if text[i] != text[j]:
                    letters = list(text)
                    letters[i], letters[j] = letters[j], letters[i]
                    assert not is_valid("".join(letters)), (text, i, j)


@pytest.mark.parametrize(
    "text", ["", "NR2SEW49B", "NR2SEW49BPP", "nr2sew49bp", "ÑR2SEW49B", "NR2SEW49B\0"]
)
def test_other_texts_are_no_ids(text):
    assert not is_valid(text)


def test_missing_and_sliced_arrays():
    ids = enterprise_ids(np.arange(1, 11))
    assert serial_numbers(ids[3:7]).tolist() == [4, 5, 6, 7]
    assert serial_numbers(pa.chunked_array([ids[:2], ids[5:]])).tolist() == [1, 2, 6, 7, 8, 9, 10]
    assert len(enterprise_ids(np.array([], dtype=np.int64))) == 0
    with pytest.raises(UsageError, match="None"):
        serial_numbers(pa.array([None], pa.string()))


def test_a_wrong_id_is_named():
    with pytest.raises(UsageError, match="'NR2SEW49BQ' is no enterprise id"):
        serial_numbers(pa.array(["NR2SEW49BP", "NR2SEW49BQ"]))


@pytest.mark.parametrize("number", [0, -1, LAST + 1])
def test_numbers_without_an_id(number):
    with pytest.raises(ValueError, match="must lie in 1 to"):
        enterprise_ids(np.array([number]))
