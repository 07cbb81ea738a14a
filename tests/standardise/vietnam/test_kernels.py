"""Kernels of Vietnamese fields against their textbook twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import vietnam_fields as naive

from mpi.standardise.vietnam import _kernels_fields, _kernels_places
from mpi.standardise.vietnam.places import kinds_of_places, names_of_provinces, no_names

codes = st.text("0123456789 .-'+AbOz;é", max_size=22)
dates = st.one_of(
    st.text("0123456789/-. T:", max_size=20),
    st.from_regex(
        r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,5}([T ] ?[0-9]{1,2}:[0-9]{2}.?)?", fullmatch=True
    ),
    st.from_regex(r" ?[0-9]{4,15} ?", fullmatch=True),
)
WORDS = (
    "P Q PHƯỜNG PHUONG QUẬN KIỆT DUONG ĐƯỜNG SỐ NHÀ KHU PHỐ TỔ DÂN 3 05 0 00A 12A P3 Q05 KP02 SN "
    "THÀNH TRẦN PHÚ HUẾ BẾN TRE HỒ CHÍ MINH TP HCM VIỆT NAM VN VĨNH LONG THỪA THIÊN A0 KHOM01 TO7"
)
words = st.sampled_from(WORDS.split())
gaps = st.sampled_from([" ", " ", " ", ", ", ",", " , ", " ,"])
addresses = st.lists(st.tuples(words, gaps), max_size=9).map(
    lambda parts: "".join(word + gap for word, gap in parts).strip(" ")
)


def buffers(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    raw = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int32)
    return np.array(list(b"".join(raw)), np.uint8), offsets


@given(st.lists(codes, max_size=20))
def test_read_codes_as_its_twin(texts: list[str]) -> None:
    data, offsets = buffers(texts)
    results = []
    for read_codes in (_kernels_fields.read_codes, naive.read_codes):
        n = len(texts)
        heads, numbers, lengths = np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.int8)
        read_codes(data, offsets, heads, numbers, lengths)
        read = lengths >= 0
        results.append((heads[read].tolist(), numbers[read].tolist(), lengths.tolist()))
    assert results[0] == results[1]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 1, 26, 33, 142, 26 * 33]),
            st.integers(0, 10**18 - 1),
            st.integers(0, 18),
        ).map(lambda code: (code[0], code[1] % 10 ** code[2], code[2])),
        max_size=20,
    )
)
def test_write_codes_as_its_twin(taken: list[tuple[int, int, int]]) -> None:
    table = np.array(taken, np.int64).reshape(-1, 3)
    heads, numbers, lengths = table[:, 0].astype(np.int32), table[:, 1], table[:, 2].astype(np.int8)
    results = []
    for write_codes in (_kernels_fields.write_codes, naive.write_codes):
        out, offsets = np.zeros(20 * len(taken), np.uint8), np.zeros(len(taken) + 1, np.int32)
        write_codes(heads, numbers.copy(), lengths, out, offsets)
        results.append((bytes(out[: offsets[-1]]), offsets.tolist()))
    assert results[0] == results[1]


@given(st.lists(dates, max_size=20))
def test_read_date_parts_as_its_twin(texts: list[str]) -> None:
    data, offsets = buffers(texts)
    results = []
    for read_date_parts in (_kernels_fields.read_date_parts, naive.read_date_parts):
        keys = np.zeros(len(texts), np.int64)
        read_date_parts(data, offsets, keys)
        results.append(keys.tolist())
    assert results[0] == results[1]


@given(st.text(max_size=20))
def test_hash_text_as_its_twin(text: str) -> None:
    data, _ = buffers([text])
    assert int(_kernels_places.hash_text(data, 0, len(data))) == naive.hash_text(data, 0, len(data))


@pytest.mark.parametrize("whole", [True, False], ids=["addresses", "wards"])
@given(texts=st.lists(addresses, max_size=8))
def test_shorten_places_as_its_twin(texts: list[str], whole: bool) -> None:
    data, offsets = buffers(texts)
    names = names_of_provinces() if whole else no_names()
    results = []
    for shorten_places in (_kernels_places.shorten_places, naive.shorten_places):
        out = np.zeros(len(data) + 64 * len(texts), np.uint8)
        ends, renamed = np.zeros(len(texts) + 1, np.int32), np.zeros(len(texts), np.bool_)
        shorten_places(kinds_of_places(), names, data, offsets, out, ends, renamed)
        results.append((bytes(out[: ends[-1]]).decode(), ends.tolist(), renamed.tolist()))
    assert results[0] == results[1]
