"""Postings: the records of a hash."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpi.linkage.state import ends_of, find_in, find_one, make_posting

HASHES = st.integers(0, 3).map(lambda n: n << 62 | n << 5)


@given(st.lists(HASHES | st.just(2**64 - 1), max_size=20), HASHES | st.just(2**64 - 1))
def test_one_hash_is_found_as_many_are(hashes: list[int], wanted: int) -> None:
    posting = make_posting(np.array(hashes, np.uint64))
    found = find_one(posting, ends_of(wanted))
    assert found.tolist() == find_in(posting, np.array([wanted], np.uint64)).tolist()
    assert found.tolist() == [i for i, own in enumerate(hashes) if own == wanted != 0]
