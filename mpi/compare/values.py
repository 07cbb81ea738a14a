"""Dates, numbers, places on the globe, identifiers and sets."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.compare.arrays import arrow_array
from mpi.compare.bounds import at_least, at_most, check_cutoff
from mpi.compare.pairing import Pairs, Reals, compare_texts

Ints = npt.NDArray[np.int64]
Levels = npt.NDArray[np.int8]
EARTH_RADIUS_KM = 6371.0
_NEVER = np.iinfo(np.int64).min


class DateMatch(IntEnum):
    """How two dates agree; higher is closer."""

    MISSING = -1
    DIFFERENT = 0
    SAME_YEAR = 1
    NEAR = 2
    ONE_DIGIT = 3
    SWAPPED = 4
    SAME = 5


class IdentifierMatch(IntEnum):
    """How two identifiers agree; higher is closer."""

    MISSING = -1
    DIFFERENT = 0
    ONE_CHARACTER = 1
    SWAPPED = 2
    LOST_ZEROS = 3
    SAME = 4


def date(left: Any, right: Any, *, days: int = 0) -> Levels:
    """Compare dates pair by pair.

    Parameters
    ----------
    left, right : dates as Arrow date or timestamp, NumPy datetime64, datetime.date, or text in
        ISO 8601 (YYYY-MM-DD); text that is no date counts as missing. A single one is compared with
        every one of the other side
    days : dates at most so many days apart are NEAR

    Returns
    -------
    int8[n], of `DateMatch`: SAME; SWAPPED, day and month in each other's place; ONE_DIGIT of
    YYYYMMDD differs; NEAR; SAME_YEAR; DIFFERENT; MISSING, -1. The first that holds.

    Examples
    --------
    >>> date(["1990-05-12", "1990-05-12", None], ["1990-12-05", "1990-05-13", "x"]).tolist()
    [4, 3, -1]
    """
    if isinstance(days, bool) or not isinstance(days, (int, np.integer)):
        raise TypeError(f"days is a {type(days).__name__}; an integer is wanted")
    if days < 0:
        raise ValueError(f"days is {days}; 0 or more is wanted")
    a, b = _together(_days(left, "left"), _days(right, "right"))
    missing = (a == _NEVER) | (b == _NEVER)
    year_a, month_a, day_a = _parts(np.where(missing, 0, a))
    year_b, month_b, day_b = _parts(np.where(missing, 0, b))
    same_year = year_a == year_b
    written_a = year_a * 10000 + month_a * 100 + day_a
    written_b = year_b * 10000 + month_b * 100 + day_b
    wrong = np.zeros(len(a), np.int8)
    for ten in 10 ** np.arange(8):
        wrong += written_a // ten % 10 != written_b // ten % 10
    return np.select(
        [
            missing,
            a == b,
            same_year & (month_a == day_b) & (day_a == month_b),
            wrong == 1,
            np.abs(a - b) <= days,
            same_year,
        ],
        [
            np.int8(match)
            for match in (
                DateMatch.MISSING,
                DateMatch.SAME,
                DateMatch.SWAPPED,
                DateMatch.ONE_DIGIT,
                DateMatch.NEAR,
                DateMatch.SAME_YEAR,
            )
        ],
        np.int8(DateMatch.DIFFERENT),
    )


def date_distance(left: Any, right: Any, *, cutoff: float | None = None) -> Reals:
    """Days between dates, float64[n], NaN where either is missing; arguments as in `date`.

    Examples
    --------
    >>> date_distance("2024-02-28", ["2024-03-01", None]).tolist()
    [2.0, nan]
    """
    check_cutoff(cutoff, similarity=False)
    a, b = _together(_days(left, "left"), _days(right, "right"))
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    apart[(a == _NEVER) | (b == _NEVER)] = np.nan
    return np.asarray(at_most(cutoff, apart), np.float64)


def numeric(
    left: Any,
    right: Any,
    *,
    form: Literal["absolute", "relative"] = "absolute",
    cutoff: float | None = None,
) -> Reals:
    """Distance of numbers, |a - b| or relative |a - b| / max(|a|, |b|).

    Parameters
    ----------
    left, right : numbers (Arrow, NumPy, list, pandas, Polars); a single one is compared with
        every one of the other side
    cutoff : distances above become the cutoff and 1

    Returns
    -------
    float64[n], 0 or more, relative at most 2; NaN where either is missing. Two zeros are the same.

    Examples
    --------
    >>> numeric([50, 100, None], [60, 80, 1], form="relative").round(4).tolist()
    [0.1667, 0.2, nan]
    """
    check_cutoff(cutoff, similarity=False)
    if form not in ("absolute", "relative"):
        raise ValueError(f"form is {form!r}; absolute or relative is wanted")
    a, b = _together(_numbers(left, "left"), _numbers(right, "right"))
    apart = np.abs(a - b)
    if form == "relative":
        larger = np.maximum(np.abs(a), np.abs(b))
        apart = apart / np.where(larger == 0, 1.0, larger)
    return np.asarray(at_most(cutoff, apart), np.float64)


def haversine(
    left_latitude: Any,
    left_longitude: Any,
    right_latitude: Any,
    right_longitude: Any,
    *,
    cutoff: float | None = None,
) -> Reals:
    """Kilometres between places on a globe of radius 6371 km.

    Parameters
    ----------
    left_latitude, left_longitude, right_latitude, right_longitude : degrees (WGS 84), numbers as
        in `numeric`
    cutoff : distances above become the cutoff and 1

    Returns
    -------
    float64[n], NaN where a coordinate is missing

    Raises
    ------
    ValueError
        A latitude is beyond 90 degrees.

    Examples
    --------
    >>> haversine(21.0285, 105.8542, [16.4637], [107.5909]).round(1).tolist()
    [539.5]
    """
    check_cutoff(cutoff, similarity=False)
    names = ("left_latitude", "left_longitude", "right_latitude", "right_longitude")
    given = (left_latitude, left_longitude, right_latitude, right_longitude)
    degrees = [_numbers(value, name) for value, name in zip(given, names, strict=True)]
    for name, values in zip(names, degrees, strict=True):
        if name.endswith("latitude") and np.any(np.abs(values[0]) > 90):
            raise ValueError(f"{name} has values beyond 90 degrees; are the two swapped?")
    lat_a, lng_a = _together(degrees[0], degrees[1], names=names[:2], scalars=True)
    lat_b, lng_b = _together(degrees[2], degrees[3], names=names[2:], scalars=True)
    one_a, one_b = degrees[0][1] and degrees[1][1], degrees[2][1] and degrees[3][1]
    north_a, north_b = _together((np.radians(lat_a), one_a), (np.radians(lat_b), one_b))
    east_a, east_b = _together((np.radians(lng_a), one_a), (np.radians(lng_b), one_b))
    half = (
        np.sin((north_b - north_a) / 2) ** 2
        + np.cos(north_a) * np.cos(north_b) * np.sin((east_b - east_a) / 2) ** 2
    )
    found = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return np.asarray(at_most(cutoff, found), np.float64)


def identifier(left: Any, right: Any) -> Levels:
    """Compare identifiers pair by pair, as text.

    Parameters
    ----------
    left, right : text or array-like of text; a single one is compared with every other

    Returns
    -------
    int8[n], of `IdentifierMatch`: SAME; LOST_ZEROS, one is the other with zeros in front; SWAPPED,
    two neighbours in each other's place; ONE_CHARACTER replaced, lost or added; DIFFERENT;
    MISSING, -1. The first that holds.

    Examples
    --------
    >>> identifier("079123", ["079123", "79123", "079132", "079124", "1", None]).tolist()
    [4, 3, 2, 1, 0, -1]
    """

    def measure(pairs: Pairs, out: Reals) -> None:
        from mpi.compare._kernels_table import identifier_pairs

        pairs.run(identifier_pairs, pairs.left.zero, out)

    found = np.atleast_1d(compare_texts(left, right, measure))
    return np.where(np.isnan(found), -1.0, found).astype(np.int8)


def overlap(
    left: Any,
    right: Any,
    *,
    norm: Literal["overlap", "jaccard", "dice", "count"] = "overlap",
    cutoff: float | None = None,
) -> Reals:
    """What two sets share, pair by pair.

    Parameters
    ----------
    left, right : lists of values (Arrow list, or a list of lists); repeated and missing values of a
        list do not count
    norm : with s values in common, "overlap" s / min(n_a, n_b), "jaccard" s / (n_a + n_b - s),
        "dice" 2 s / (n_a + n_b), or "count" s
    cutoff : what is below becomes 0

    Returns
    -------
    float64[n]; NaN where either list is missing, or where both are empty

    Examples
    --------
    >>> overlap([["a", "b"], ["c"], None], [["b", "b"], [], ["x"]]).tolist()
    [1.0, 0.0, nan]
    """
    if norm not in ("overlap", "jaccard", "dice", "count"):
        raise ValueError(f"norm is {norm!r}; overlap, jaccard, dice or count is wanted")
    check_cutoff(cutoff, similarity=norm != "count")
    lists = [_lists(left, "left"), _lists(right, "right")]
    if len(lists[0]) != len(lists[1]):
        raise ValueError(f"left has {len(lists[0])} lists and right has {len(lists[1])}")
    n = len(lists[0])
    values = [pc.list_flatten(one) for one in lists]
    if values[0].type != values[1].type:
        raise TypeError(f"left holds lists of {values[0].type} and right of {values[1].type}")
    codes = pa.concat_arrays(values).dictionary_encode()
    number = codes.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
    cut = len(values[0])
    keys = []
    for one, own in zip(lists, (number[:cut], number[cut:]), strict=True):
        row = pc.list_parent_indices(one).cast("int64").to_numpy(zero_copy_only=False)
        size = len(codes.dictionary) + 1
        keys.append(np.unique((row * size + own)[own >= 0]))
    shared = np.intersect1d(keys[0], keys[1], assume_unique=True)
    size = len(codes.dictionary) + 1
    s, a, b = (np.bincount(key // size, minlength=n).astype(np.float64) for key in (shared, *keys))
    below = {
        "overlap": np.where((a == 0) | (b == 0), np.maximum(a, b), np.minimum(a, b)),
        "jaccard": a + b - s,
        "dice": (a + b) / 2,
        "count": np.ones(n),
    }[norm]
    found = np.where(below > 0, s / np.maximum(below, 0.5), np.nan)
    for one in lists:
        found[one.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return np.asarray(at_least(cutoff, found), np.float64)


def _lists(value: Any, name: str) -> pa.Array:
    try:
        array = arrow_array(value, name)
    except TypeError as error:
        raise TypeError(str(error).replace("text", "lists")) from None
    if pa.types.is_null(array.type):
        array = array.cast(pa.list_(pa.null()))
    if not (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
        raise TypeError(f"{name} holds {array.type}; lists are wanted")
    return array


def _numbers(value: Any, name: str) -> tuple[Reals, bool]:
    """Numbers as doubles, NaN where missing, and whether it is a single one."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return np.array([value], np.float64), True
    array = arrow_array(value, name, kinds="biuf")
    kind = array.type
    wanted = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    if not any(is_kind(kind) for is_kind in wanted):
        raise TypeError(f"{name} holds {kind}; numbers are wanted")
    plain = array.cast(pa.float64(), safe=False)
    return np.asarray(plain.to_numpy(zero_copy_only=False), np.float64), False


def _days(value: Any, name: str) -> tuple[Ints, bool]:
    """Dates as days since 1970-01-01, the smallest number where missing."""
    single = not hasattr(value, "__len__") or isinstance(value, str)
    array = arrow_array([value] if single else value, name, kinds="OUTM")
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _iso_days(array.cast(pa.string())), single
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_null(kind)):
        raise TypeError(f"{name} holds {kind}; dates, or text as YYYY-MM-DD, are wanted")
    days = pc.cast(array, pa.date32(), safe=False).cast(pa.int32()).cast(pa.int64())
    return days.fill_null(_NEVER).to_numpy(zero_copy_only=False), single


def _iso_days(texts: pa.Array) -> Ints:
    """Days of texts YYYY-MM-DD, the smallest number for what is no day of the calendar."""
    iso = pc.match_substring_regex(texts, r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    dated = iso.fill_null(False)
    plain = pc.if_else(dated, texts, "0001-01-01")
    year, month, day = (
        pc.utf8_slice_codeunits(plain, *cut).cast(pa.int64()).to_numpy(zero_copy_only=False)
        for cut in ((0, 4), (5, 7), (8, 10))
    )
    begins = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = np.asarray(begins.astype("datetime64[D]").astype(np.int64) + day - 1, np.int64)
    exists = (_parts(days)[1] == month) & dated.to_numpy(zero_copy_only=False)
    return np.where(exists, days, _NEVER)


def _parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of the month."""
    at = days.astype("datetime64[D]")
    month = at.astype("datetime64[M]")
    year = month.astype("datetime64[Y]")
    return (
        year.astype(np.int64) + 1970,
        (month - year).astype(np.int64) + 1,
        (at - month).astype(np.int64) + 1,
    )


def _together(
    left: tuple[Any, bool],
    right: tuple[Any, bool],
    *,
    names: tuple[str, ...] = ("left", "right"),
    scalars: bool = False,
) -> tuple[Any, Any]:
    """Two sides of the same length; a single value is repeated."""
    (a, one_a), (b, one_b) = left, right
    if scalars and one_a != one_b:
        raise ValueError(f"one of {names[0]} and {names[1]} is a single number, the other is not")
    if len(a) != len(b) and not (one_a or one_b):
        raise ValueError(
            f"{names[0]} has {len(a)} values and {names[1]} has {len(b)}; "
            "give the same number, or a single one"
        )
    n = len(b) if one_a else len(a)
    return np.broadcast_to(a, n), np.broadcast_to(b, n)
