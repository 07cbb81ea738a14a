"""Text as it comes (Arrow, NumPy, Python, pandas, Polars) to units that kernels read.

Texts are compared by the code points of their NFC form. A unit stands for a code point: the
code point itself where all text is ASCII, else a number given in the order of appearance, so that
a column of fewer than 256 different letters takes a byte a letter whatever its script.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
PADDING = 64
_BEHIND = 80  # bytes behind the last text that are read with it
BLANK, ZERO = 32, 48
_POINTS = 0x110000
_EMPTY = np.zeros(0, np.uint8)


@dataclass(frozen=True)
class Texts:
    """One side of a comparison.

    pool : uint8, uint16 or uint32 units, with 64 more behind the last text
    start, end : int32 or int64[n], where each text lies in `pool`
    missing : bool[n], or None where nothing is missing
    scalar : a single text was given
    blank, zero : the units of a blank and of the digit 0
    unused : a unit that stands in no text
    bags : uint64[n], letters of each text hashed to 64 bits, or None where none are wanted
    """

    pool: npt.NDArray[Any]
    start: npt.NDArray[Any]
    end: npt.NDArray[Any]
    missing: npt.NDArray[np.bool_] | None
    scalar: bool
    blank: int
    zero: int
    unused: int
    bags: npt.NDArray[np.uint64] | None = None

    def __len__(self) -> int:
        return len(self.start)


Column = tuple[pa.Array, "pa.Array | None", bool]


def text_column(value: Any, name: str) -> Column:
    """Texts as an Arrow array, codes where they are dictionary-encoded, and whether it is one text.

    Parameters
    ----------
    value : str, or array-like of str: Arrow (string, large_string, string_view, dictionary,
        chunked), NumPy (object, str, StringDType), list, tuple, or anything with the Arrow
        interface, such as a pandas or Polars series
    name : of the argument, for errors

    Raises
    ------
    TypeError
        It holds something else than text.
    ValueError
        It has more than one dimension, or is no valid Unicode.
    """
    if isinstance(value, (str, pa.Scalar, np.str_)):
        plain = value.as_py() if isinstance(value, pa.Scalar) else str(value)
        return _as_text(_from_python([plain], name), name)[0], None, True
    array = arrow_array(value, name)
    return *_as_text(array, name), False


def arrow_array(value: Any, name: str, *, kinds: str = "OUT") -> pa.Array:
    """Anything array-like as one Arrow array.

    kinds : kinds of NumPy's types that are taken
    """
    if isinstance(value, np.ndarray):
        if value.ndim != 1:
            raise ValueError(f"{name} has {value.ndim} dimensions; one is wanted")
        if value.dtype.kind == "f" and np.isnan(value).all():  # pandas' column of nothing
            return pa.nulls(len(value))
        if value.dtype.kind not in kinds:
            raise TypeError(f"{name} is an array of {value.dtype}; text is wanted")
        return _from_python(value.astype(object) if value.dtype.kind == "T" else value, name)
    try:
        if isinstance(value, (pa.Array, pa.ChunkedArray)):
            array = value
        elif hasattr(value, "__arrow_c_stream__"):
            array = pa.chunked_array(value)
        elif hasattr(value, "__arrow_c_array__") or hasattr(value, "__arrow_array__"):
            array = pa.array(value)
        elif isinstance(value, (list, tuple)):
            return _from_python(value, name)
        elif hasattr(value, "__array__"):
            return arrow_array(np.asarray(value), name, kinds=kinds)
        else:
            raise TypeError(
                f"{name} is a {type(value).__name__}; a text, or an array or list of texts, "
                "is wanted"
            )
    except pa.ArrowException as error:
        raise TypeError(f"{name} does not hold text: {error}") from None
    if isinstance(array, pa.ChunkedArray):
        return array.chunk(0) if array.num_chunks == 1 else _joined(array)
    return array


def _joined(array: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_string(array.type) and array.nbytes >= 2**31:
        array = array.cast(pa.large_string())
    joined = array.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)


def _from_python(values: Any, name: str) -> pa.Array:
    """Python objects, with None, NaN and the like as missing."""
    try:
        return pa.array(values, from_pandas=True)
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} is no valid Unicode: {error.reason}") from None
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise TypeError(f"{name} mixes text with other things: {error}") from None


def _as_text(array: pa.Array, name: str) -> tuple[pa.Array, pa.Array | None]:
    """Check the type; the texts, and the codes of a dictionary."""
    codes = None
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, codes, kind = array.dictionary, array.indices, kind.value_type
    if pa.types.is_null(kind) or (codes is not None and len(array) == 0):
        array = pa.nulls(len(array), pa.string())
    elif pa.types.is_string_view(kind):
        array = array.cast(pa.large_string())
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise TypeError(f"{name} holds {kind}; text is wanted")
    return array, codes


def _buffers(values: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[Any]]:
    """UTF-8 and int32 or int64 offsets of an Arrow array."""
    kind = np.int64 if pa.types.is_large_string(values.type) else np.int32
    if len(values) == 0:
        return _EMPTY, np.zeros(1, kind)
    _, offsets, data = values.buffers()
    at = np.frombuffer(offsets, kind)[values.offset : values.offset + len(values) + 1]
    return _EMPTY if data is None else np.frombuffer(data, np.uint8), at


def _is_ascii(values: pa.Array) -> bool:
    data, at = _buffers(values)
    used = data[at[0] : at[-1]]
    return len(used) == 0 or int(used.max()) < 0x80


def _padded(data: npt.NDArray[np.uint8], end: int) -> npt.NDArray[np.uint8]:
    """The same bytes, copied only where reading on behind the last text would not be safe.

    Memory is mapped by pages of at least 4096 bytes: what lies on the page of the last byte can
    be read, whoever it belongs to; no result depends on it.
    """
    from mpi._jit import BOUNDSCHECK, ENABLED

    address = data.ctypes.data + end
    on_page = end > 0 and -address % 4096 >= _BEHIND and ENABLED and not BOUNDSCHECK
    if on_page or len(data) - end >= _BEHIND:
        return data
    out = np.empty(end + _BEHIND, np.uint8)
    out[:end] = data[:end]
    out[end:] = 0
    return out


def _ascii(values: pa.Array, codes: pa.Array | None, scalar: bool) -> Texts:
    data, at = _buffers(values)
    return _side(_padded(data, int(at[-1])), at, values, codes, scalar, BLANK, ZERO, 255)


def _side(
    pool: npt.NDArray[Any],
    at: npt.NDArray[Any],
    values: pa.Array,
    codes: pa.Array | None,
    scalar: bool,
    blank: int,
    zero: int,
    unused: int,
) -> Texts:
    """Spread a dictionary over its codes, and find what is missing."""
    pool, at = frozen(pool), frozen(at)
    start, end = at[:-1], at[1:]
    missing = _nulls(values)
    if codes is not None:
        absent = _nulls(codes)
        place = codes.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        if len(values) == 0:
            start = end = frozen(np.zeros(len(place), np.int32))
        else:
            start, end = frozen(start[place]), frozen(end[place])
            if missing is not None:
                missing = missing[place] if absent is None else missing[place] | absent
        missing = absent if missing is None or len(values) == 0 else missing
    return Texts(pool, start, end, missing, scalar, blank, zero, unused)


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Not to be written, as Arrow's own memory: kernels are compiled for one kind of array."""
    view = array.view()
    view.flags.writeable = False
    return view


def _nulls(array: pa.Array) -> npt.NDArray[np.bool_] | None:
    if array.null_count == 0:
        return None
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False), np.bool_)


def encode_columns(
    columns: tuple[Column, Column],
    *,
    words: bool = False,
    compose: bool = True,
    bags: bool = False,
) -> tuple[Texts, Texts]:
    """Both sides of a comparison in the same units.

    Parameters
    ----------
    words : all white space is a blank, and units are in the order of the code points
    compose : bring text into NFC first
    bags : find the letters of each text too
    """
    sides: tuple[Texts, Texts] | None
    if columns[0][0].type != columns[1][0].type:  # kernels are compiled for sides of one kind
        one, two = ((values.cast(pa.large_string()), *rest) for values, *rest in columns)
        columns = (one, two)
    if not words and all(_is_ascii(values) for values, _, _ in columns):
        sides = _ascii(*columns[0]), _ascii(*columns[1])
    else:
        sides = _encode(columns, words, composed=not compose)
    if sides is None:  # some letter may be written in two ways
        composed = [(_nfc(values), codes, scalar) for values, codes, scalar in columns]
        sides = _encode((composed[0], composed[1]), words, composed=True)
    assert sides is not None
    return (_with_bags(sides[0]), _with_bags(sides[1])) if bags else sides


def _with_bags(side: Texts) -> Texts:
    from mpi.compare._kernels_screen import bag_texts

    bags = np.zeros(len(side), np.uint64)
    longest = int((side.end - side.start).max(initial=0))
    bits = 16 if longest <= 16 else 32 if longest <= 32 else 64
    bag_texts(np.dtype(f"uint{bits}").type(0), bits, side.pool, side.start, side.end, bags)
    return replace(side, bags=bags)


def _encode(
    columns: tuple[Column, Column], words: bool, composed: bool = False
) -> tuple[Texts, Texts] | None:
    """Units of both columns; None where a code point may not be in NFC."""
    for dtype, most in ((np.uint8, 2**8), (np.uint16, 2**16), (np.uint32, _POINTS + 2)):
        sides = _encode_as(columns, dtype, most, words, composed)
        if sides != "more":
            # "more" is the only text among the answers, which its type cannot say.
            return sides  # type: ignore[return-value]
    raise AssertionError("Unicode has no more code points than that")


def _encode_as(
    columns: tuple[Column, Column], dtype: Any, most: int, words: bool, composed: bool
) -> tuple[Texts, Texts] | str | None:
    from mpi.compare._kernels_units import encode_units

    table = np.zeros(_POINTS, dtype)
    known = np.zeros(most, np.int64)
    known[1], known[2] = BLANK, ZERO
    table[BLANK], table[ZERO] = 1, 2
    if words:
        table[_white_space()] = 1
    n_known = 3  # unit 0 stands in no text
    pools = []
    for values, _, _ in columns:
        data, at = _buffers(values)
        first, end = int(at[0]), int(at[-1])
        pool = np.empty(end - first + PADDING, dtype)
        unit_at = np.zeros(len(at), np.int32 if len(pool) < 2**31 else np.int64)
        data = _padded(data, end)
        n_known = encode_units(data, first, at[1:], table, known, n_known, pool, unit_at)
        if n_known < 0:
            return "more"
        pool = pool[: unit_at[-1] + PADDING]
        pool[unit_at[-1] :] = 0
        pools.append((pool, unit_at))
    if not composed and any(_may_compose(int(point)) for point in known[3:n_known]):
        return None
    rank = np.arange(n_known)
    if words:  # words are sorted, so units must be in the order of the code points
        rank[1 + np.argsort(known[1:n_known])] = np.arange(1, n_known)
        pools = [(rank.astype(dtype)[pool], unit_at) for pool, unit_at in pools]
    sides = [
        _side(pool, unit_at, *column, int(rank[1]), int(rank[2]), 0)
        for (pool, unit_at), column in zip(pools, columns, strict=True)
    ]
    return sides[0], sides[1]


@lru_cache(maxsize=4096)
def _may_compose(point: int) -> bool:
    """Is this a code point that NFC may change, alone or with its neighbours?"""
    letter = chr(point)
    return point > 0x7F and (
        unicodedata.category(letter)[0] == "M"
        or unicodedata.combining(letter) != 0
        or 0x1100 <= point < 0x1200
        or not unicodedata.is_normalized("NFC", letter)
    )


def _nfc(values: pa.Array) -> pa.Array:
    try:
        return pc.utf8_normalize(values, form="NFC")
    except pa.ArrowInvalid:
        raise ValueError("a text is no valid UTF-8; decode it from what it is first") from None


@lru_cache(maxsize=1)
def _white_space() -> Ints:
    """Code points that separate words, as Python and RapidFuzz have them."""
    return np.array([p for p in range(0x3001) if chr(p).isspace()], np.int64)
