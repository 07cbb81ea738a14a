"""Vectors of either width give the same bits, and pairs are sorted by what they need."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from naive import text_pairs as naive

from mpi import compare
from mpi.compare import _kernels_lanes as lanes
from mpi.compare._kernels_widths import BITS, CLASSES, LONG, WIDTHS, sort_by_width
from mpi.compare.arrays import encode_columns, text_column
from mpi.compare.pairing import Pairs


def texts(seed: int, n: int = 700) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("AĐB ẾC", k=int(70 * rng.random() ** 2))) for _ in range(n)]


@pytest.mark.parametrize(
    "name", ["jaro_winkler", "jaro", "levenshtein", "osa", "lcs_subsequence", "token_set"]
)
def test_both_widths_give_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = getattr(compare, name)
    left, right = texts(1), texts(2)
    found = []
    for kind in (lanes.Room256, lanes.Room512):
        monkeypatch.setattr(lanes, "widest_room", lambda kind=kind: kind)
        assert type(lanes.make_room(16)) is kind
        found.append((metric(left, right), metric(left[:3], right, all_pairs=True)))
    for narrow, wide in zip(*found, strict=True):
        assert narrow.tobytes() == wide.tobytes()


def test_the_machine_chooses_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    binding = pytest.importorskip("llvmlite.binding")
    if not lanes.ENABLED:
        pytest.skip("nothing is compiled")
    choose: Any = lanes.widest_room.__wrapped__
    for features, want in (
        ({"avx2": True}, lanes.Room256),
        ({"avx512bw": True, "avx512vl": True}, lanes.Room512),
        ({}, lanes.Room256),
    ):
        monkeypatch.setattr(binding, "get_host_cpu_features", lambda has=features: has)
        assert choose() is want


@pytest.mark.parametrize("longest", [3, 16, 17, 32, 64, 70])
def test_pairs_are_sorted_by_width(longest: int) -> None:
    left, right = ([t[:longest] for t in texts(seed)] for seed in (3, 4))
    sides = Pairs(
        *encode_columns((text_column(left, "left"), text_column(right, "right"))), 1, 1, 700
    ).sides
    listed, sizes = np.empty((LONG + 1, 600), np.int32), np.empty(LONG + 1, np.int64)
    sort_by_width(*sides, 100, 600, listed, sizes)
    want = naive.sort_by_width(list(zip(left, right, strict=True)), WIDTHS)
    together = len({BITS[c] for c in want[100:]}) == 1 and longest <= 16
    for c in range(LONG + 1):
        got = listed[c, : sizes[c]].tolist()
        if together:  # one width of words: in the class of the longest
            assert got == (list(range(100, 700)) if c == max(want[100:]) else [])
        else:
            assert got == [k for k in range(100, 700) if want[k] == c]
    assert [c for classes in CLASSES.values() for c in classes] == list(range(LONG + 1))
