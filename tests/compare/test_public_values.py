"""Dates, numbers, places, identifiers and sets."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from naive import text_pairs as naive

from mpi.compare import (
    DateMatch,
    IdentifierMatch,
    date,
    date_distance,
    haversine,
    identifier,
    numeric,
    overlap,
)

DATES = [
    ("1990-05-12", "1990-05-12", DateMatch.SAME),
    ("1990-05-12", "1990-12-05", DateMatch.SWAPPED),
    ("1990-05-12", "1990-05-13", DateMatch.ONE_DIGIT),
    ("1990-05-12", "1980-05-12", DateMatch.ONE_DIGIT),
    ("1999-12-31", "2000-01-01", DateMatch.NEAR),
    ("1990-05-12", "1990-07-29", DateMatch.SAME_YEAR),
    ("1990-05-12", "1975-08-30", DateMatch.DIFFERENT),
    ("0001-01-01", "0001-01-01", DateMatch.SAME),
    ("1990-02-30", "1990-02-28", DateMatch.MISSING),
    ("12/05/1990", "1990-05-12", DateMatch.MISSING),
    (None, "1990-05-12", DateMatch.MISSING),
]


@pytest.mark.parametrize(("a", "b", "want"), DATES)
def test_dates(a: str | None, b: str, want: DateMatch) -> None:
    assert date([a], [b], days=3).tolist() == [want]
    assert date([b], [a], days=3).tolist() == [want]


def test_dates_in_every_form() -> None:
    texts = ["1990-05-12", None, "2000-02-29"]
    days = [None if t is None else datetime.date.fromisoformat(t) for t in texts]
    forms = [
        texts,
        days,
        pa.array(days),
        pa.array(texts).dictionary_encode(),
        pa.array(days).cast(pa.timestamp("us")),
        pa.chunked_array([days[:1], days[1:]]),
        np.array(texts, "datetime64[D]"),
        np.array(texts, "datetime64[ns]"),
        pd.Series(pd.to_datetime(texts)),
    ]
    for form in forms:
        assert date(form, texts).tolist() == [5, -1, 5]
        assert date(days[0], form).tolist() == [5, -1, 0]
        assert date_distance(form, "1990-05-13").tolist()[0] == 1.0
    with pytest.raises(TypeError, match="left holds int64"):
        date([1, 2], texts)
    with pytest.raises(ValueError, match="left has 2 values and right has 3"):
        date(texts[:2], texts)
    with pytest.raises(ValueError, match="days"):
        date(texts, texts, days=-1)
    assert date([], []).tolist() == []


@given(st.dates(), st.dates())
def test_days_between(a: datetime.date, b: datetime.date) -> None:
    assert date_distance([a], [b]).tolist() == [abs((a - b).days)]


def test_numbers() -> None:
    a = [1, 2.5, None, 0, -3]
    b = pa.array([1.0, 2.0, 3.0, 0.0, 3.0])
    np.testing.assert_array_equal(numeric(a, b), [0, 0.5, np.nan, 0, 6])
    np.testing.assert_array_equal(numeric(a, b, form="relative"), [0, 0.2, np.nan, 0, 2])
    np.testing.assert_array_equal(numeric(a, b, cutoff=1), [0, 0.5, np.nan, 0, 2])
    assert numeric(5, np.arange(3)[::-1]).tolist() == [3, 4, 5]
    for wrong, error in (
        (["a"], TypeError),
        ([True], TypeError),
        (np.zeros((2, 2)), ValueError),
        ("7", TypeError),
    ):
        with pytest.raises(error, match="left"):
            numeric(wrong, [1])
    with pytest.raises(ValueError, match="form"):
        numeric([1], [1], form="other")  # type: ignore[arg-type]


def test_places() -> None:
    quarter = math.pi * 6371.0 / 2
    assert haversine([0.0], [0.0], [90.0], [50.0])[0] == pytest.approx(quarter)
    assert haversine(10.0, 20.0, [10.0, 10.0], [20.0, 380.0]).tolist() == pytest.approx(
        [0, 0], abs=1e-9
    )
    assert haversine(0.0, 0.0, [0.0], [180.0])[0] == pytest.approx(2 * quarter)
    assert np.isnan(haversine([None], [1.0], [1.0], [1.0])).all()
    with pytest.raises(ValueError, match="right_latitude"):
        haversine([0.0], [0.0], [105.8], [21.0])
    with pytest.raises(ValueError, match="left_latitude and left_longitude"):
        haversine([0.0, 1.0], 0.0, [0.0, 1.0], [0.0, 1.0])


@given(st.text("0123", max_size=9), st.text("0123", max_size=9), st.sampled_from(["", "0", "00"]))
@example("", "", "0")
@example("0", "", "")
@example("0010", "010", "")
@example("1231", "1321", "")
def test_identifiers_are_their_twin(a: str, b: str, zeros: str) -> None:
    pairs = [(a, b), (a, zeros + a), (a, a[:3] + a[4:]), (a, a[:2] + a[2:4][::-1] + a[4:])]
    left, right = [p[0] for p in pairs], [p[1] for p in pairs]
    want = [naive.identifier_pairs(x, y) for x, y in pairs]
    assert identifier(left, right).tolist() == want
    assert identifier(right, left).tolist() == want
    # The same where the units are numbers given to letters.
    assert identifier([x + "Đ" for x in left], [x + "Đ" for x in right]).tolist() == [
        naive.identifier_pairs(x + "Đ", y + "Đ") for x, y in pairs
    ]


def test_identifier_of_one_or_none() -> None:
    assert identifier("007", [None, "7"]).tolist() == [
        IdentifierMatch.MISSING,
        IdentifierMatch.LOST_ZEROS,
    ]


@given(st.lists(st.tuples(*[st.lists(st.sampled_from("abcde"), max_size=6)] * 2), max_size=8))
def test_sets(pairs: list[tuple[list[str], list[str]]]) -> None:
    left = pa.array([p[0] for p in pairs], pa.list_(pa.string()))
    right = pa.array([p[1] for p in pairs], pa.list_(pa.string()))
    for norm in ("overlap", "jaccard", "dice", "count"):
        got = overlap(left, right, norm=norm)  # type: ignore[arg-type]
        for k, (x, y) in enumerate(pairs):
            a, b = set(x), set(y)
            s = len(a & b)
            below = {
                "overlap": min(len(a), len(b)) or max(len(a), len(b)),
                "jaccard": len(a | b),
                "dice": (len(a) + len(b)) / 2,
                "count": 1,
            }[norm]
            want = s / below if below else np.nan
            assert got[k] == pytest.approx(want, nan_ok=True)


def test_sets_that_are_none() -> None:
    left = pa.array([["a"], None, [None, "a"]])[0:]
    assert overlap(left, [["a"], ["a"], ["a"]]).tolist() == pytest.approx(
        [1.0, np.nan, 1.0], nan_ok=True
    )
    sliced = pa.array([["x"], ["a"], ["b"]])[1:]
    assert overlap(sliced, [["a"], ["a"]]).tolist() == [1.0, 0.0]
    with pytest.raises(TypeError, match="left holds string; lists"):
        overlap(["a"], [["a"]])
    with pytest.raises(TypeError, match="int64"):
        overlap([[1]], [["a"]])
    with pytest.raises(ValueError, match="left has 1 lists"):
        overlap([["a"]], [["a"], ["b"]])
