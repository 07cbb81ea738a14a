"""Term frequency: two records that share a rare value are likelier one person."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.encode.rows import Encoded
from mpi.schema import Form, Kind
from mpi.standardise.table import StandardColumn

# Values listed in the model; every other value counts as rare.
_MOST_LISTED = 50_000
_LEAST_COUNT = 4
# A single name cannot speak louder than this, however rare: most rare names are slips.
_MOST_BITS = 5.0
_UNIQUE = frozenset(
    {Kind.NATIONAL_ID, Kind.INSURANCE_ID, Kind.PASSPORT_ID, Kind.IDENTIFIER, Kind.PHONE, Kind.EMAIL}
)


def term_frequencies(
    column: StandardColumn, counts: npt.NDArray[np.int64], u_identical: float
) -> tuple[dict[str, float], float]:
    """Bits to add to the weight of "identical", by value.

    The weight of "identical" holds for the average value; a value held by a share f of the records
    deserves log2(u / f) more (Newcombe 1988). Values meant to be one person's can only lose: that
    two records share a number is what makes it look frequent.

    Parameters
    ----------
    counts : int64[n_values], counted records that hold each value

    Returns
    -------
    by value, and for every value that is not listed
    """
    total = float(counts.sum())
    if total == 0.0 or len(column.values) == 0:
        return {}, 0.0
    listed = np.flatnonzero(counts >= _LEAST_COUNT)
    if len(listed) > _MOST_LISTED:
        # Largest counts first, ties by value, which is the order of the codes.
        listed = listed[np.argsort(-counts[listed], kind="stable")[:_MOST_LISTED]]
    limit = 0.0 if column.field.kind in _UNIQUE or column.form == Form.NUMBER else _MOST_BITS
    bits = np.minimum(np.log2(u_identical * total / counts[listed]), limit)
    words = column.values.take(np.sort(listed)).to_pylist()
    order = np.argsort(listed, kind="stable")
    rare = round(float(np.clip(np.log2(u_identical * total / (_LEAST_COUNT / 2)), 0.0, limit)), 3)
    rounded = zip(words, _rounded(bits[order]), strict=True)
    return {word: b for word, b in rounded if b != rare}, rare


def word_frequencies(
    encoded: Encoded, f: int, held: npt.NDArray[np.int64]
) -> tuple[dict[str, float], float]:
    """Bits for the most telling word that two different names share, by word.

    Strangers share a word as often as its frequency squared says, two spellings of one person's
    name as often as its frequency: against the word that strangers usually share, a rare one
    deserves log2(usual / f).

    Parameters
    ----------
    held : int64[n_values], counted records that hold each value of field `f`

    Returns
    -------
    by word, and for every word that is not listed; nothing where the field is no name
    """
    total = float(held.sum())
    if encoded.comparisons[f].form != Form.NAME or total == 0.0:
        return {}, 0.0
    begin, n_words = encoded.values.info[encoded.base[f] : encoded.base[f + 1], 5:7].T
    numbers = encoded.values.words[begin[0] : begin[-1] + n_words[-1]] >> 24
    size = len(encoded.vocabulary)
    counts = np.bincount(numbers, weights=np.repeat(held, n_words), minlength=size)
    if not counts.any():
        return {}, 0.0
    usual = float((counts**2).sum() / counts.sum())
    listed = np.flatnonzero(counts >= _LEAST_COUNT)
    listed = np.sort(listed[np.argsort(-counts[listed], kind="stable")[:_MOST_LISTED]])
    bits = np.minimum(np.log2(usual / counts[listed]), _MOST_BITS)
    rare = round(float(np.clip(np.log2(usual / (_LEAST_COUNT / 2)), 0.0, _MOST_BITS)), 3)
    words = encoded.vocabulary.take(listed).to_pylist()
    rounded = zip(words, _rounded(bits), strict=True)
    return {word: b for word, b in sorted(rounded) if b != rare}, rare


def _rounded(bits: npt.NDArray[np.float64]) -> list[float]:
    """Three decimals, as `round` gives them; where a half is near NumPy alone may err."""
    rounded = np.round(bits, 3)
    thousands = np.abs(bits) * 1000.0
    near = np.flatnonzero(np.abs(thousands - np.floor(thousands) - 0.5) < 1e-6)
    rounded[near] = [round(b, 3) for b in bits[near].tolist()]
    return [*rounded.tolist()]


def adjustments(
    values: pa.Array, by_value: dict[str, float], rare: float
) -> npt.NDArray[np.float32]:
    """float32[n_values], bits for each value of a column.

    Examples
    --------
    >>> adjustments(pa.array(["ANH", "QUYNH"]), {"ANH": -1.5}, 2.0).tolist()
    [-1.5, 2.0]
    """
    listed = pa.array(by_value.keys(), pa.string())
    bits = np.append(np.fromiter(by_value.values(), np.float32, len(by_value)), np.float32(rare))
    place = pc.index_in(values, value_set=listed).fill_null(len(by_value))
    return np.asarray(bits[np.asarray(place)], np.float32)
