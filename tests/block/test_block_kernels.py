"""Hashing and grouping against lists and dictionaries."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from naive import block as naive

from mpi.block import _kernels as kernels
from mpi.block.blocks import ALONE, block_numbers, make_blocks
from mpi.encode import _kernels_group as groups
from mpi.encode.distinct import mix

MASK = 2**64 - 1
ANY = st.integers(0, MASK)
# A hash that mixing with code 5 turns into 0.
TO_ZERO = -5 * pow(0x9E3779B97F4A7C15, -1, 2**64) % 2**64


@given(st.lists(st.tuples(st.one_of(st.just(0), ANY), st.integers(-1, 2**31 - 1))))
@example([(TO_ZERO, 5), (0, 5), (TO_ZERO, -1), (1, 0), (MASK, 2**31 - 1)])
def test_extend_hashes(rows: list[tuple[int, int]]) -> None:
    hashes = np.array([h for h, _ in rows], np.uint64)
    codes = np.array([c for _, c in rows], np.int32)
    wanted = naive.extend_hashes(hashes.tolist(), codes.tolist())
    mixed = mix(hashes, codes)
    kernels.extend_hashes(hashes, codes)
    assert hashes.tolist() == wanted
    for (state, code), got, same in zip(rows, wanted, mixed.tolist(), strict=True):
        if state != 0 and code >= 0:
            assert got == max(1, same)


def test_a_hash_is_never_no_key() -> None:
    hashes = np.array([TO_ZERO], np.uint64)
    kernels.extend_hashes(hashes, np.array([5], np.int32))
    assert hashes.tolist() == [1]


@pytest.mark.parametrize("n", [0, 1, 2, 47, 48, 49, 50, 300])
@pytest.mark.parametrize("different", [1, 2, 7, 1000])
def test_sort_bucket(n: int, different: int) -> None:
    rng = np.random.default_rng(n)
    keys = rng.integers(0, different, n).astype(np.uint64) + np.uint64(2**63)
    rows = np.arange(n, dtype=np.int32)
    wanted = naive.sort_bucket(keys.tolist(), rows.tolist())
    groups.sort_bucket(keys, rows)
    assert (keys.tolist(), rows.tolist()) == wanted


def check(hashes: npt.NDArray[np.uint64]) -> None:
    before = hashes.copy()
    order, starts, shared = groups.group_rows(hashes)
    assert np.array_equal(hashes, before)
    assert (order.dtype, starts.dtype, shared.dtype) == (np.int32, np.int64, np.uint64)
    wanted = naive.group_rows(hashes.tolist())
    assert shared.tolist() == list(wanted)
    found = [order[a:b].tolist() for a, b in pairwise(starts)]
    assert found == list(wanted.values())
    assert starts[0] == 0
    assert starts[-1] == len(order)
    # As a stable sort of all rows has them, without those of no key and those alone.
    stable = np.argsort(hashes, kind="stable")
    kept = [i for i in stable.tolist() if int(hashes[i]) in wanted]
    assert order.tolist() == kept
    numbers = np.full(len(hashes), -1, np.int32)
    kernels.number_blocks(order, starts, numbers)
    assert numbers.tolist() == naive.number_blocks(found, len(hashes))
    alone = (numbers < 0) & (hashes != 0)
    numbers[alone] = ALONE
    assert np.array_equal(block_numbers(make_blocks(hashes), hashes), numbers)
    assert kernels.count_pairs(hashes) == naive.count_pairs(hashes.tolist())


@given(st.lists(st.one_of(ANY, st.sampled_from([0, 1, 2, MASK, MASK - 1, 2**63, 2**63 - 1]))))
@example([0, 0, 0])
@example([MASK, MASK])
@example([1] * 100)
def test_group_rows(hashes: list[int]) -> None:
    check(np.array(hashes, np.uint64))


@given(
    st.lists(st.tuples(ANY, st.integers(0, 3), st.integers(1, 70)), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
)
@example([(2**63, 0, 60), (2**63, 1, 60), (2**63, 2, 1)], 1)
def test_large_groups_in_one_bucket(groups: list[tuple[int, int, int]], seed: int) -> None:
    """Hashes that differ in their lowest bits alone meet in a bucket, their rows by turns."""
    hashes = [(base + step) & MASK for base, step, n in groups for _ in range(n)]
    mixed = np.random.default_rng(seed).permutation(np.array(hashes, np.uint64))
    check(mixed)


@pytest.mark.parametrize("n", [7, 16, 17, 1000, 20_000])
@pytest.mark.parametrize("different", [1, 40, 3000, 2**62])
def test_many_rows_in_many_buckets(n: int, different: int) -> None:
    rng = np.random.default_rng(different % 1000 + n)
    keys = rng.integers(0, different, n).astype(np.uint64)
    hashes = mix(np.ones(n, np.uint64), keys.view(np.int64))
    check(np.where(rng.random(n) > 0.1, hashes, np.uint64(0)))


@pytest.mark.parametrize("low", [0, 5])
def test_count_pairs_where_hashes_share_their_slot(low: int) -> None:
    """The table's slots are the lowest bits; these are all the same."""
    hashes = (np.arange(200, dtype=np.uint64) % np.uint64(90) << np.uint64(40)) + np.uint64(low)
    assert kernels.count_pairs(hashes) == naive.count_pairs(hashes.tolist())
