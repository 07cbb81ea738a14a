"""A script that imports our `Compare` gets recordlinkage's values."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import recordlinkage as theirs
    import recordlinkage.compare as their_features

from mpi.integrations import recordlinkage as ours

METHODS = (
    *("jaro", "jarowinkler", "levenshtein", "damerau_levenshtein"),
    *("qgram", "cosine", "smith_waterman", "lcs"),
)
LETTERS = "aAbB  cdéđẠạ가ñ1-"


def frames(letters: str = LETTERS, n: int = 200) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = random.Random(3)
    texts: list[str | None] = ["", " ", "a", "ab", None, "  a  b ", "AB ab"]
    texts += ["".join(rng.choices(letters, k=rng.randint(1, 24))) for _ in range(60)]
    sides = [pd.DataFrame({"text": rng.choices(texts, k=n)}) for _ in range(2)]
    sides[1].loc[::3, "text"] = sides[0].loc[::3, "text"].str[1:]
    return sides[0], sides[1]


def computed(library: Any, method: str, **options: Any) -> np.ndarray:
    left, right = frames()
    pairs = pd.MultiIndex.from_arrays([range(len(left)), range(len(left))])
    comparer = library.Compare()
    comparer.string("text", "text", method=method, label="s", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 0 / 0 in theirs
        result = comparer.compute(pairs, left, right)
    assert list(result.columns) == ["s"] and result.index.equals(pairs)
    return result["s"].to_numpy()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "options", [{}, {"missing_value": 0.25}, {"threshold": 0.6, "missing_value": -1}], ids=str
)
def test_values_are_the_same(method: str, options: dict[str, Any]) -> None:
    want = computed(theirs, method, **options)
    np.testing.assert_allclose(computed(ours, method, **options), want, rtol=0, atol=1e-12)


def test_a_feature_of_ours_inside_their_compare() -> None:
    left, right = frames()
    pairs = pd.MultiIndex.from_product([range(0, 200, 9), range(0, 200, 7)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [
            theirs.Compare(
                [kind("text", "text", "jw", label=0), their_features.Exact("text", "text", label=1)]
            ).compute(pairs, left, right)
            for kind in (ours.String, their_features.String)
        ]
    pd.testing.assert_frame_equal(found[0], found[1], rtol=0, atol=1e-12)


def test_deduplication_and_several_jobs_of_a_script() -> None:
    left, _ = frames(n=60)
    pairs = theirs.index.Full().index(left)
    comparer = ours.Compare()
    comparer.exact("text", "text", label="e")
    comparer.string("text", "text", method="qgram", label="q")
    found = comparer.compute(pairs, left)
    assert found.shape == (60 * 59 // 2, 2)


def test_a_method_that_is_not_known() -> None:
    with pytest.raises(ValueError, match="'soundex' is not known; one of cosine"):
        computed(ours, "soundex")


def test_everything_of_their_module_is_here() -> None:
    names = {n for n in dir(their_features) if n[0].isupper() and n != "BaseCompareFeature"}
    assert names <= set(ours.__all__)
