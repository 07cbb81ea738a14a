"""Serial numbers: a permutation, unique over blocks, and text of digits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpi.synth import serials


@given(st.integers(1, 4), st.integers(0, 2**31))
def test_scramble_is_a_permutation(digits, key):
    numbers = np.arange(10**digits)
    scrambled = serials.scramble(numbers, digits, key)
    assert np.array_equal(np.sort(scrambled), numbers)


def test_keys_give_other_permutations():
    numbers = np.arange(10_000)
    one, two = (serials.scramble(numbers, 4, key) for key in (1, 2))
    assert (one == two).mean() < 0.01
    assert abs(np.corrcoef(numbers, one)[0, 1]) < 0.05


@given(st.lists(st.integers(0, 5), max_size=50))
def test_rank_in_cell(cells):
    seen = {}
    expected = []
    for cell in cells:
        expected.append(seen.get(cell, 0))
        seen[cell] = expected[-1] + 1
    assert serials.rank_in_cell(np.array(cells, np.int64)).tolist() == expected


def test_serials_of_all_blocks_are_unique():
    cell = np.array([0, 0, 1, 0, 1] * 20)
    blocks = [serials.serials(cell, 3, b, 7, 5) for b in range(7)]
    keys = np.concatenate([cell * 1000 + b for b in blocks])
    assert len(np.unique(keys)) == len(keys)


def test_text_of_digits():
    characters = serials.digit_matrix(np.array([7, 120]), 4) + np.uint8(48)
    keep = np.array([[False, True, True, True], [True] * 4])
    assert serials.text(characters).to_pylist() == ["0007", "0120"]
    assert serials.text(characters, keep).to_pylist() == ["007", "0120"]
    assert serials.text(characters, keep, np.array([False, True])).to_pylist() == [None, "0120"]
