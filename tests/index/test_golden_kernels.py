import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from naive import index as naive

from mpi.index import _kernels_golden as kernels
from mpi.index.golden import plain_hashes
from mpi.records.text import text_buffers

SIZES = [0, 1, 5, kernels.FEW, kernels.FEW + 1, 90]
BLANK = "\t\n\x0b\x0c\r\x1c\x1f \x85\xa0\u1680\u2003\u2028\u3000"
TEXTS = st.text(st.sampled_from(BLANK + "aAzZ\x00\x08\x0e\x7fêÊe\u0302\u037eĐđ\u1ec7ß"), max_size=7)


def persons(largest, n=12):
    random = np.random.default_rng(largest)
    sizes = random.integers(0, largest + 1, n)
    return random, np.append(0, np.cumsum(sizes))


@pytest.mark.parametrize("largest", SIZES)
def test_group_rows_is_its_twin(largest):
    random, starts = persons(largest)
    person = random.permutation(np.repeat(np.arange(12), np.diff(starts)))
    age = random.integers(0, 5, len(person))
    found = []
    for one in (kernels, naive):
        begins, rows = np.empty(13, np.int64), np.empty(len(person), np.int32)
        one.group_rows(person, age, begins, rows)
        found.append((begins, rows))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
    np.testing.assert_array_equal(found[0][0], starts)


@given(
    st.lists(st.none() | st.sampled_from(["a", "b", ""]) | TEXTS, max_size=20), st.integers(0, 3)
)
def test_agree_is_its_twin(texts, skipped):
    values = pa.array(texts, pa.string())[skipped:]
    starts = np.array([0, *range(0, len(values), 3), len(values), len(values)])
    rows = np.arange(len(values), dtype=np.int32)[::-1].copy()
    data, offsets = text_buffers(values)
    bits = values.buffers()[0]
    valid = np.frombuffer(bits, np.uint8) if bits is not None else np.empty(0, np.uint8)
    fast, slow = np.empty((2, len(starts) - 1), np.int64)
    kernels.agree(starts, rows, offsets, data, valid, values.offset, fast)
    naive.agree(starts, rows, offsets, data, valid, values.offset, slow)
    np.testing.assert_array_equal(fast, slow)


@given(st.lists(TEXTS, max_size=20))
def test_hash_plain_is_its_twin(texts):
    data, offsets = text_buffers(pa.array(texts, pa.string()))
    (fast, slow), (told, known) = np.zeros((2, 2, len(texts)), np.uint64)
    kernels.hash_plain(offsets, data, fast, told)
    naive.hash_plain(offsets, data, slow, known)
    np.testing.assert_array_equal(told, known)
    np.testing.assert_array_equal(fast[told == 0], slow[told == 0])


@given(TEXTS, TEXTS)
@example("a \x0b", "A")
@example("a \x0bb", "a  \x0bB")
@example("a\xa0", "A")
@example("a\x0cb", "a b")
def test_plain_values_are_what_arrow_makes_of_them(left, right):
    texts = pa.array([left, right], pa.string())
    plain = pc.utf8_trim_whitespace(pc.utf8_upper(texts))
    plain = pc.utf8_normalize(pc.replace_substring_regex(plain, r"\s+", " "), form="NFC")
    a, b = plain.to_pylist()
    one, other = plain_hashes(texts).tolist()
    assert (one == 0, other == 0, one == other) == (a == "", b == "", a == b)


@pytest.mark.parametrize("largest", SIZES)
def test_survive_is_its_twin(largest):
    random, starts = persons(largest)
    n = starts[-1]
    for values in (1, 2, 4):
        hashes = random.integers(0, values + 1, n).astype(np.uint64)
        hashes[hashes > 0] += np.uint64(2**63)
        ranks, rows = random.integers(0, 3, (3, n)), random.permutation(n).astype(np.int32)
        for frequent in ([], [True], [False, True], [True, False, False]):
            flags = np.array(frequent, np.bool_)
            fast, slow = np.empty((2, 2, 12), np.int64)
            kernels.survive(starts, rows, hashes, ranks[: len(flags)], flags, *fast)
            naive.survive(starts, rows, hashes, ranks[: len(flags)], flags, *slow)
            np.testing.assert_array_equal(fast, slow)
