"""Whatever array texts come in, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mpi import compare

LEFT = ["Nguyễn", "Trần", None, "", "Lê", "Nguyễn"]
RIGHT = ["Nguyên", "Tran", "x", "", None, "Nguyễn"]
WANT = [0.9333, 0.8667, np.nan, 1.0, np.nan, 1.0]


def chunked(values: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([values[:2], [], values[2:]], type=pa.string())


def read_only(values: list[str | None]) -> Any:
    array = np.array(values, dtype=object)
    array.flags.writeable = False
    return array


FORMS: dict[str, Any] = {
    "list": list,
    "tuple": tuple,
    "string": lambda v: pa.array(v, pa.string()),
    "large_string": lambda v: pa.array(v, pa.large_string()),
    "string_view": lambda v: pa.array(v, pa.string_view()),
    "dictionary": lambda v: pa.array(v).dictionary_encode(),
    "dictionary with a null value": lambda v: pa.DictionaryArray.from_arrays(
        pa.array(range(len(v)), pa.int8()), pa.array(v)
    ),
    "chunked": chunked,
    "chunked dictionary": lambda v: chunked(v).dictionary_encode(),
    "sliced": lambda v: pa.array(["é", "drop", *v, "drop"])[2:-1],
    "sliced chunked": lambda v: pa.chunked_array([["drop", *v[:1]], v[1:]])[1:],
    "object": lambda v: np.array(v, object),
    "read-only": read_only,
    "strided": lambda v: np.array([x for y in v for x in (y, "drop")], object)[::2],
    "reversed": lambda v: np.array(v[::-1], object)[::-1],
    "pandas": pd.Series,
    "pandas string": lambda v: pd.Series(v, dtype="string"),
    "pandas categorical": lambda v: pd.Series(v, dtype="category"),
    "pandas index": lambda v: pd.Index(v),
    "numpy string": lambda v: np.array(
        [np.nan if x is None else x for x in v], np.dtypes.StringDType(na_object=np.nan)
    ),
}


@pytest.mark.parametrize("right", FORMS)
@pytest.mark.parametrize("left", ["list", "dictionary", "sliced"])
def test_every_form_gives_the_same(left: str, right: str) -> None:
    for a, b in ((FORMS[left](LEFT), FORMS[right](RIGHT)), (FORMS[right](LEFT), LEFT)):
        got = compare.jaro_winkler(a, RIGHT if b is LEFT else b)
        np.testing.assert_allclose(got, WANT, atol=1e-4)


def test_fixed_width_text_of_numpy() -> None:
    got = compare.osa(np.array(["ab", "Đa"]), np.array(["ba", "Da"]), distance=True)
    assert got.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("form", FORMS)
def test_all_missing_and_no_rows(form: str) -> None:
    make = FORMS[form]
    assert np.isnan(compare.levenshtein(make([None, None]), ["a", "b"])).all()
    assert compare.levenshtein(make([]), make([])).tolist() == []
    assert compare.jaro(make([]), ["a"], all_pairs=True).shape == (0, 1)
    assert compare.jaro("a", make([])).tolist() == []
    assert compare.token_set(make([]), make([])).tolist() == []
    assert compare.monge_elkan(make([None]), ["a"]).tolist() == pytest.approx([np.nan], nan_ok=True)


def test_the_type_null_is_all_missing() -> None:
    assert np.isnan(compare.jaro(pa.nulls(2), ["a", "b"])).all()
    assert np.isnan(compare.jaro([None, None], [None, "b"])).all()
    assert np.isnan(compare.jaro(pa.scalar(None, pa.string()), ["a", "b"])).all()


def test_single_texts() -> None:
    assert compare.levenshtein("ab", "ac", distance=True) == 1.0
    assert isinstance(compare.levenshtein("ab", "ac"), float)
    assert compare.levenshtein(pa.scalar("ab"), np.str_("ac"), distance=True) == 1.0
    assert compare.levenshtein("ab", "ac", all_pairs=True).shape == (1, 1)
    assert np.isnan(compare.levenshtein("ab", pa.scalar(None, pa.string())))


def test_repeated_values_are_compared_once_and_alike() -> None:
    rng = np.random.default_rng(1)
    values = ["An", "Anh", "Ánh", "Bình", None]
    left, right = ([values[k] for k in rng.integers(0, 5, 2000)] for _ in range(2))
    want = compare.jaro_winkler(left, right)
    left_codes, right_codes = (pa.array(side).dictionary_encode() for side in (left, right))
    np.testing.assert_array_equal(compare.jaro_winkler(left_codes, right_codes), want)
    np.testing.assert_array_equal(
        compare.jaro_winkler(left_codes, "Anh"), compare.jaro_winkler(left, "Anh")
    )
    np.testing.assert_array_equal(
        compare.jaro_winkler(left_codes, right[:50], all_pairs=True),
        compare.jaro_winkler(left, right[:50], all_pairs=True),
    )


def test_inputs_are_left_alone() -> None:
    left = np.array(["ab", "cd"], object)
    compare.token_sort(left, left)
    assert left.tolist() == ["ab", "cd"]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (["a", 1], TypeError, "left"),
        ([1, 2], TypeError, "left holds int64"),
        (np.array([1.0]), TypeError, "left is an array of float64"),
        (np.array(["a", 1.5], object), TypeError, "left"),
        (pd.Series(["a", 1]), TypeError, "left"),
        ([b"a"], TypeError, "left holds binary"),
        (pa.array([1]).dictionary_encode(), TypeError, "left holds int64"),
        (np.array([["a"]]), ValueError, "left has 2 dimensions"),
        (np.array("a"), ValueError, "left has 0 dimensions"),
        (7, TypeError, "left is a int"),
        (None, TypeError, "left is a NoneType"),
        ({"a": 1}, TypeError, "left is a dict"),
        (["\ud800"], ValueError, "left is no valid Unicode"),
        ("\udfff", ValueError, "left is no valid Unicode"),
        ([["a"]], TypeError, "left holds list"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_text_is_refused(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compare.jaro_winkler(wrong, ["a", "b"])
    with pytest.raises(error, match=message.replace("left", "right")):
        compare.token_set(["a", "b"], wrong)


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="left has 2 texts and right has 3"):
        compare.levenshtein(["a", "b"], ["a", "b", "c"])


def test_options_out_of_range_are_refused() -> None:
    for n, error in ((0, ValueError), (9, ValueError), (2.0, TypeError), (True, TypeError)):
        with pytest.raises(error, match="n is"):
            compare.qgram("a", "b", n=n)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="norm"):
        compare.qgram("a", "b", norm="other")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shortest"):
        compare.lcs_substring("a", "b", shortest=0)
    with pytest.raises(ValueError, match="match"):
        compare.smith_waterman("a", "b", match=0)
    letters = "".join(chr(p) for p in range(0x4E00, 0x4E00 + 300))
    with pytest.raises(ValueError, match="n is 5"):
        compare.qgram(letters, "b", n=5)


def test_units_behind_the_last_text_change_nothing() -> None:
    """The last text of a buffer lies beside whatever memory holds."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        n = int(rng.integers(1, 70))
        text = "".join(rng.choice(list("AB"), n))
        other = "".join(rng.choice(list("AB"), n))
        whole = compare.jaro_winkler([text, "A" * 64], [other, "B" * 64])
        assert compare.jaro_winkler(pa.array([text]), pa.array([other]))[0] == whole[0]


def test_long_columns_are_cut_into_parts() -> None:
    rng = np.random.default_rng(6)
    names = np.array(["An", "Anh" * 7, "Bình" * 3, "x" * 70, "", "Lê"], object)
    left, right = names[rng.integers(0, 6, 70_000)], names[rng.integers(0, 6, 70_000)]
    table = compare.osa(names, names, all_pairs=True)
    place = {name: k for k, name in enumerate(names)}
    want = table[[place[x] for x in left], [place[x] for x in right]]
    np.testing.assert_array_equal(compare.osa(left, right), want)
    np.testing.assert_array_equal(
        compare.osa(names[:3], right, all_pairs=True),
        table[:3][:, [place[x] for x in right]],
    )


def test_importing_the_comparators_loads_nothing_heavy() -> None:
    code = (
        "import sys, mpi.compare; assert 'jaro' in dir(mpi.compare); "
        "sys.exit(int(bool({'numba', 'numpy', 'pyarrow'} & set(sys.modules))))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_plain_python_gives_the_same() -> None:
    """The switch for coverage and debugging, with vectors played by small arrays."""
    code = (
        "import mpi.compare as c\n"
        "a, b = ['Nguyễn', 'ab' * 20, 'abc' * 25, ''], ['Nguyên', 'ba' * 20, 'acb' * 25, 'x']\n"
        "for f in (c.jaro_winkler, c.osa, c.damerau_levenshtein, c.lcs_subsequence, c.token_set,\n"
        "          c.qgram, c.hamming):\n"
        "    print(f(a, b).tolist())\n"
    )
    found = [
        subprocess.run(
            ["env", f"MPI_JIT={jit}", sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for jit in (0, 1)
    ]
    assert found[0] == found[1] and found[0].count("\n") == 7
