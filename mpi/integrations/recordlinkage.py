"""The Python Record Linkage Toolkit's ``Compare`` with the kernels of `mpi.compare`.

``from mpi.integrations.recordlinkage import Compare`` in place of ``recordlinkage``'s own, or
``String`` in place of ``recordlinkage.compare.String``: same arguments, same values to 1e-12. The
features that pandas computes in whole columns already (exact, numeric, date, geographic,
variables, frequencies) are the toolkit's own, handed on so that one import is enough.

Texts are compared by the code points of their NFC form; the toolkit counts graphemes or code points
as they come, which differs only where a letter with a combining mark has no composed form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

# Neither package carries types.
import pandas  # type: ignore[import-untyped]
from recordlinkage import Compare as _Compare  # type: ignore[import-untyped]
from recordlinkage.base import BaseCompareFeature  # type: ignore[import-untyped]
from recordlinkage.compare import (  # type: ignore[import-untyped]
    Date,
    Exact,
    Frequency,
    FrequencyA,
    FrequencyB,
    Geographic,
    Numeric,
    Variable,
    VariableA,
    VariableB,
)

from mpi import compare
from mpi.compare.overlaps import gram_shares
from mpi.compare.pairing import compare_texts

__all__ = [
    "Compare",
    "Date",
    "Exact",
    "Frequency",
    "FrequencyA",
    "FrequencyB",
    "Geographic",
    "Numeric",
    "String",
    "Variable",
    "VariableA",
    "VariableB",
]

Reals = npt.NDArray[np.float64]
Measure = Callable[[Any, Any], Reals]
_BLANKS = re.compile(r"\s\s+")


class String(BaseCompareFeature):  # type: ignore[misc]
    """Similarity of texts, 0 to 1; a drop-in for ``recordlinkage.compare.String``.

    Parameters
    ----------
    left_on, right_on : column of the left and of the right data frame
    method : "jaro", "jarowinkler", "levenshtein", "damerau_levenshtein", "qgram", "cosine",
        "smith_waterman" or "lcs"
    threshold : similarities from here on become 1, others 0; None leaves them as they are
    missing_value : similarity where a text is missing
    label : name of the resulting column

    Raises
    ------
    ValueError
        On comparing, where the method is not known.
    """

    name = "string"
    description = "Compare string attributes of record pairs."

    def __init__(
        self,
        left_on: Any,
        right_on: Any,
        method: str = "levenshtein",
        threshold: float | None = None,
        missing_value: float = 0.0,
        label: Any = None,
    ) -> None:
        super().__init__(left_on, right_on, label=label)
        self.method = method
        self.threshold = threshold
        self.missing_value = missing_value

    def _compute_vectorized(self, s_left: Any, s_right: Any) -> Any:
        if self.method not in _METHODS:
            known = ", ".join(sorted(_METHODS))
            raise ValueError(f"The algorithm '{self.method}' is not known; one of {known} is.")
        found = _METHODS[self.method](s_left, s_right)
        if self.threshold is not None:
            found = np.where(np.isnan(found), np.nan, (found >= self.threshold).astype(float))
        return pandas.Series(np.where(np.isnan(found), self.missing_value, found))


class Compare(_Compare):  # type: ignore[misc]
    """``recordlinkage.Compare`` whose ``string`` uses the kernels of `mpi.compare`."""

    def string(self, *args: Any, **kwargs: Any) -> Any:
        """Add a `String` feature; arguments are those of `String`."""
        self.add(String(*args, **kwargs))
        return self


def _empty(texts: Any) -> npt.NDArray[np.bool_]:
    return np.asarray(texts == "", bool)


def _where_both_empty(measure: Measure, value: float, left: Any, right: Any) -> Reals:
    """The toolkit's answer for two empty texts, which are alike in `mpi.compare`."""
    return np.where(_empty(left) & _empty(right), value, measure(left, right))


def _where_either_empty(measure: Measure, left: Any, right: Any) -> Reals:
    found = measure(left, right)
    either = (_empty(left) | _empty(right)) & ~np.isnan(found)
    return np.where(either, 0.0, found)


def _substrings(left: Any, right: Any) -> Reals:
    """Mean over both orders of the sides: which substring is cut first may depend on it."""
    sums = partial(compare.lcs_substring, shortest=2, repeated=True)
    return np.asarray((sums(left, right) + sums(right, left)) / 2, np.float64)


def _grams(norm: Any, left: Any, right: Any) -> Reals:
    """Bigrams within words, as scikit-learn's ``CountVectorizer`` cuts them for the toolkit."""
    codes, texts = pandas.factorize(pandas.concat([left, right]), use_na_sentinel=True)
    prepared = np.array([*(_prepared(text) for text in texts), ""], object)
    n = len(left)

    def measure(pairs: Any, out: Reals) -> None:
        gram_shares(pairs, out, 2, 0, norm)

    sides = prepared[codes[:n]], prepared[codes[n:]]
    return np.asarray(compare_texts(*sides, measure, compose=False), np.float64)


def _prepared(text: str) -> str:
    """Lower case without accents, single blanks between, before and behind the words."""
    plain = text.lower()
    if not plain.isascii():
        letters = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = _BLANKS.sub(" ", plain).split()
    return f" {' '.join(words)} " if words else ""


def _named(names: str, measure: Measure) -> dict[str, Measure]:
    return dict.fromkeys(names.split(), measure)


_METHODS: dict[str, Measure] = {
    **_named("jaro", partial(_where_both_empty, compare.jaro, 0.0)),
    **_named("jarowinkler jaro_winkler jw", partial(_where_both_empty, compare.jaro_winkler, 0.0)),
    **_named("levenshtein", partial(_where_both_empty, compare.levenshtein, np.nan)),
    **_named(
        "dameraulevenshtein damerau_levenshtein dl",
        partial(_where_both_empty, compare.damerau_levenshtein, np.nan),
    ),
    **_named("q_gram qgram", partial(_grams, "longer")),
    **_named("cosine", partial(_grams, "cosine")),
    **_named(
        "smith_waterman smithwaterman sw", partial(_where_either_empty, compare.smith_waterman)
    ),
    **_named("longest_common_substring lcs", partial(_where_either_empty, _substrings)),
}
