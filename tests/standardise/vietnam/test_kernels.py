"""Kernels of Vietnamese fields against their textbook twins."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import vietnam_fields as naive

from mpi.standardise.vietnam import _kernels_fields, _kernels_places
from mpi.standardise.vietnam.places import (
    kinds_of_places,
    names_of_provinces,
    no_names,
    standard_addresses,
)

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


def lexicon_by(kernels, words: list[str]) -> _kernels_places.Lexicon:
    data, offsets = buffers(words)
    n = len(words)
    lexicon = _kernels_places.Lexicon(
        *(np.zeros(n, kind) for kind in (np.int32, np.int32, np.uint64, np.uint64)),
        np.zeros(len(data) + 8, np.uint8),
        np.zeros(n + 1, np.int32),
    )
    kernels.judge_words(kinds_of_places(), data, offsets, lexicon)
    return lexicon


BOTH = (_kernels_places, naive)
some_words = st.lists(words, min_size=1, max_size=12)


@given(some_words)
def test_judge_words_as_its_twin(texts: list[str]) -> None:
    ours, theirs = (lexicon_by(kernels, texts) for kernels in BOTH)
    for one, two in zip(ours, theirs, strict=True):
        assert one.tolist() == two.tolist()
    assert max(np.diff(ours.ends) - [len(t.encode()) for t in texts]) <= 0


@given(some_words, st.lists(st.integers(-1, 11), min_size=1, max_size=9))
def test_phrases_are_found_as_by_the_twin(texts: list[str], places: list[int]) -> None:
    lexicon, table = lexicon_by(_kernels_places, texts), kinds_of_places()
    line = np.array([p % len(texts) if p >= 0 else -1 for p in places], np.int32)
    for i in np.flatnonzero(line >= 0).tolist():
        arguments = (table.keys, table.actions, lexicon.hashes, line, i, len(line))
        assert tuple(map(int, _kernels_places.find_phrase(*arguments))) == naive.find_phrase(
            *arguments
        )
    for key in [*table.keys[:50].tolist(), *lexicon.hashes.tolist()]:
        asked = (table.keys, table.actions, np.uint64(key))
        if key:
            assert _kernels_places.action_of(*asked) == naive.action_of(*asked)


@given(some_words)
def test_rename_end_as_its_twin(texts: list[str]) -> None:
    raw = f"12 {' '.join(texts)} ".encode()
    count = len(texts) + 1
    results = []
    for kernels in BOTH:
        out = np.zeros(len(raw) + 80, np.uint8)
        out[3 : 3 + len(raw)] = list(raw)
        places, keys = np.zeros(count + 8, np.int32), np.zeros(count + 8, np.uint64)
        lengths = [len(t.encode()) + 1 for t in ("12", *texts)]
        places[: count + 1] = np.cumsum([0, *lengths])
        keys[1:count] = [naive.hash_text(t.encode(), 0, len(t.encode())) for t in texts]
        stop, renamed = kernels.rename_end(names_of_provinces(), out, 3, places, keys, count)
        results.append((bytes(out[3:stop]).decode(), bool(renamed)))
    assert results[0] == results[1]


@pytest.mark.parametrize("whole", [True, False], ids=["addresses", "wards"])
@given(texts=st.lists(addresses, min_size=1, max_size=8))
def test_write_places_as_its_twin(texts: list[str], whole: bool) -> None:
    apart = [text.replace(",", " , ").split() for text in texts]
    different = sorted({word for line in apart for word in line} | {"A"})
    number = {word: -1 if word == "," else i for i, word in enumerate(different)}
    lexicon = lexicon_by(_kernels_places, different)
    names = names_of_provinces() if whole else no_names()
    of_pieces = np.array([number[word] for word in different], np.int32)
    begins = np.arange(len(different) + 1, dtype=np.int32)
    pieces = np.array([different.index(w) for line in apart for w in line], np.int32)
    first = np.cumsum([0, *map(len, apart)]).astype(np.int32)
    results = []
    for kernels in BOTH:
        n, row, room = len(texts), 0, 2
        out = np.zeros(sum(len(t.encode()) + 64 for t in texts) + 8, np.uint8)
        ends, renamed = np.zeros(n + 1, np.int32), np.zeros(n, np.bool_)
        while row < n:
            room *= 2
            line, shorts = np.zeros(room, np.int32), np.zeros(room, np.int32)
            row = kernels.write_places(
                kinds_of_places(), names, lexicon, of_pieces, begins, pieces, first, row, line,
                shorts, out, ends, renamed,
            )  # fmt: skip
        results.append((bytes(out[: ends[-1]]).decode(), ends.tolist(), renamed.tolist()))
    assert results[0] == results[1]


@given(texts=st.lists(addresses, min_size=1, max_size=8))
def test_reading_an_address_again_changes_nothing(texts: list[str]) -> None:
    once = standard_addresses(pa.array(texts)).values
    assert standard_addresses(once).values.equals(once)


def test_an_address_of_very_many_words() -> None:
    text = ", ".join(["số 5", "phường 07"] * 400)
    values = standard_addresses(pa.array([text, "P.3", "", text])).values.to_pylist()
    assert values == [" ".join(["5 P7"] * 400), "P3", "", " ".join(["5 P7"] * 400)]
