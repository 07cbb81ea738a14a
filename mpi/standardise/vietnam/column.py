"""A column of names brought to standard form: each different word once, names put together again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.standardise.alphabets import FEW, put, text_buffers
from mpi.standardise.vietnam.reading import FULL, Read, Style, read_name
from mpi.standardise.vietnam.words import UNICODE, Found, Reading, repair_word

Marks = npt.NDArray[np.uint32]
_LOOK = np.uint32(int(Found.SLOW | Found.FIRST | Found.LAST))
_MIXED = (
    (np.uint32(int(Found.PROOF)), np.uint32(int(Found.FONT))),
    (np.uint32(int(Found.DOUBT)), np.uint32(int(Found.FONT | Found.MOJIBAKE))),
)


@dataclass(frozen=True)
class Repaired:
    """Names in standard form.

    values : string[n], empty where there is no name
    found : uint32[n], bits of `Found`
    """

    values: pa.Array
    found: Marks


@dataclass(frozen=True)
class Words:
    """Texts as words.

    numbers : int32[n_found], the number of each word of each text, in order
    first : int32[n + 1], where the words of a text begin in `numbers`
    different : the different words, in the order in which they are met
    """

    numbers: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    different: list[str]


def words_of(texts: pa.Array) -> Words:
    """Take texts apart at blanks of one byte.

    Parameters
    ----------
    texts : string[n], no nulls

    Examples
    --------
    >>> words = words_of(pa.array(["Lê Văn Lê", "Lê  An"]))
    >>> words.different, words.numbers.tolist(), words.first.tolist()
    (['Lê', 'Văn', 'An'], [0, 1, 0, 0, 2], [0, 3, 5])
    """
    from mpi.standardise.vietnam import _kernels

    data, offsets = text_buffers(texts)
    size = int(offsets[-1]) - int(offsets[0])
    numbers = np.empty((size + len(texts)) // 2 + 1, np.int32)
    first = np.empty(len(texts) + 1, np.int32)
    starts, lengths = _kernels.find_words(data, offsets, numbers, first)
    view = memoryview(np.ascontiguousarray(data))
    different = [
        bytes(view[a : a + n]).decode("utf-8", "replace")
        for a, n in zip(starts.tolist(), lengths.tolist(), strict=True)
    ]
    return Words(numbers[: first[-1]], first, different)


def join(words: Words, new: list[str], found: list[int]) -> Repaired:
    """Texts again, from what each different word has become.

    Parameters
    ----------
    new, found : for each of ``words.different`` its new text and the bits of `Found` in it
    """
    from mpi.standardise.vietnam import _kernels

    raw = [text.encode() for text in new]
    offsets = np.zeros(len(raw) + 1, np.int32)
    np.cumsum([len(r) for r in raw], out=offsets[1:])
    marks = np.array(found, np.uint32)
    data = np.frombuffer(b"".join(raw) or b"\0", np.uint8)
    n = len(words.first) - 1
    size = int(np.diff(offsets)[words.numbers].sum(dtype=np.int64)) + len(words.numbers)
    if size >= 1 << 31:
        raise ValueError("a column of names has to be less than 2 GB")
    out = np.empty(size, np.uint8)
    out_offsets = np.empty(n + 1, np.int32)
    out_marks = np.empty(n, np.uint32)
    _kernels.join_words(
        words.numbers, words.first, data, offsets, marks,
        np.uint32(int(Found.FIRST)), np.uint32(int(Found.LAST)), out, out_offsets, out_marks,
    )  # fmt: skip
    values = pa.StringArray.from_buffers(n, pa.py_buffer(out_offsets), pa.py_buffer(out))
    return Repaired(values, out_marks)


def repair(texts: pa.Array, reading: Reading = UNICODE, style: Style = FULL) -> Repaired:
    """Bring names to standard form.

    Names with a title, a bracket, a digit or the like are read one by one; all others are put
    together from their words.

    Parameters
    ----------
    texts : string[n], no nulls

    Examples
    --------
    >>> repair(pa.array(["nguyễn thị hoà", "Con bà Lê Thị Hoa"])).values.to_pylist()
    ['NGUYỄN THỊ HÒA', '']
    """
    if len(texts) <= FEW:
        reads = [read_name(t, reading, style) for t in texts.to_pylist()]
        return Repaired(pa.array(_texts(reads), pa.string()), _bits(reads))
    words = words_of(texts)
    repaired = [repair_word(w, reading) for w in words.different]
    joined = join(words, [w.text for w in repaired], [w.found for w in repaired])
    values, found = joined.values, joined.found
    look = (found & _LOOK) != 0
    for one, other in _MIXED:
        look |= ((found & one) != 0) & ((found & other) != 0)
    found &= ~_LOOK
    if look.any():
        reads = [read_name(t, reading, style) for t in texts.filter(pa.array(look)).to_pylist()]
        values = put(values, look, _texts(reads))
        found[look] = _bits(reads)
    return Repaired(values, found)


def _texts(reads: list[Read]) -> list[str]:
    return [" ".join(read.words) for read in reads]


def _bits(reads: list[Read]) -> Marks:
    return np.array([int(read.found) for read in reads], np.uint32)
