"""A column of names: each different word repaired once, names put together again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UsageError
from mpi.standardise.alphabets import FEW, put
from mpi.standardise.rules import empty
from mpi.standardise.vietnam.forms import Opening, first_words, opening
from mpi.standardise.vietnam.reading import FULL, Read, Style, read_name
from mpi.standardise.vietnam.settling import settle
from mpi.standardise.vietnam.vocabulary import BLANKS, Words, words_of
from mpi.standardise.vietnam.words import AT_END, AT_HEAD, UNICODE, Found, Reading, repair_word

Marks = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]
_PAIRS = (
    (Found.PROOF, Found.FONT),
    (Found.DOUBT, Found.FONT | Found.MOJIBAKE),
)
"""Signs that ask for a closer look where a name has both."""

_REPAIRS = np.uint32(int(Found.MAYBE) - 1)


@dataclass(frozen=True)
class Repaired:
    """Names in standard form.

    values : string[n], empty where there is no name
    found : uint32[n], bits of `Found`
    """

    values: pa.Array
    found: Marks


def join(numbers: Numbers, first: Numbers, new: list[str], found: list[int]) -> Repaired:
    """Texts again, from what each different word has become.

    Parameters
    ----------
    numbers, first : int32[n_found], int32[n + 1], as in `Words`
    new, found : for each number its new text and the bits of `Found` in it
    """
    from mpi.standardise.vietnam import _kernels

    raw = [text.encode() for text in new]
    offsets = np.zeros(len(raw) + 1, np.int32)
    np.cumsum([len(r) for r in raw], out=offsets[1:])
    marks = np.array(found, np.uint32)
    data = np.frombuffer(b"".join(raw) + bytes(8), np.uint8)
    n = len(first) - 1
    size = int(np.diff(offsets)[numbers].sum(dtype=np.int64)) + len(numbers)
    if size >= 1 << 31:
        raise UsageError(f"a column of names holds {size:,} bytes, 2 GB at most; read less at once")
    out = np.empty(size + 8, np.uint8)
    out_offsets = np.empty(n + 1, np.int32)
    out_marks = np.empty(n, np.uint32)
    _kernels.join_words(
        numbers, first, data, offsets, marks,
        np.uint32(int(AT_HEAD)), np.uint32(int(AT_END)), out, out_offsets, out_marks,
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
    words = words_of(texts, BLANKS)
    different = words.different.to_pylist()
    repaired = [repair_word(w, reading) for w in different]
    settled = settle(words.numbers, words.first, different, repaired, reading)
    words = replace(words, numbers=settled.numbers)
    new = [w.text for w in settled.words]
    joined = join(words.numbers, words.first, new, [w.found for w in settled.words])
    values, found = joined.values, joined.found
    look = _has(found, Found.SLOW)
    look |= _has(found, Found.LAST) & ~_has(found, Found.FAMILY) if style.whole else False
    # Whether letters stand for tones is for the whole name to say.
    look |= _has(found, Found.TYPED)
    for one, other in _PAIRS:
        look |= _has(found, one) & _has(found, other)
    newborn = _look_at_heads(words, new, _has(found, Found.FIRST), look, style)
    found &= _REPAIRS
    bare = empty(values)
    found[bare] = np.where(_has(found[bare], Found.DIGITS), np.uint32(int(Found.NOTHING)), 0)
    found[newborn] = int(Found.NEWBORN)
    changed = newborn | look
    if changed.any():
        reads = [read_name(t, reading, style) for t in texts.filter(pa.array(look)).to_pylist()]
        found[look] = _bits(reads)
        read = iter(_texts(reads))
        values = put(values, changed, [next(read) if row else "" for row in look[changed]])
    return Repaired(values, found)


def _has(found: Marks, bits: Found) -> Mask:
    return np.asarray(found & np.uint32(int(bits)), np.bool_)


def _look_at_heads(words: Words, new: list[str], heads: Mask, look: Mask, style: Style) -> Mask:
    """Tell titles and forms from names by their first two words; returns the newborns.

    look : bool[n], set where the whole name has to be read
    """
    newborn = np.zeros(len(heads), np.bool_)
    rows = np.flatnonzero(heads & ~look)
    if not len(rows):
        return newborn
    first, after = words.first[rows], words.first[rows + 1]
    more = np.minimum(after - first, 4) - 1
    one = words.numbers[first].astype(np.int64)
    two = np.where(more > 0, words.numbers[np.minimum(first + 1, after - 1)], len(new))
    base = len(new) + 1
    different, place = np.unique(4 * (one * base + two) + more, return_inverse=True)
    texts = [*new, ""]
    said = np.zeros(len(different), np.int8)
    for i, seen in enumerate(different.tolist()):
        head, next_words = texts[seen // 4 // base], texts[seen // 4 % base].split(" ")
        words_behind = seen % 4 - 1 + len(next_words) - 1
        plain = head in first_words() and (next_words[0] or seen % 4 == 0)
        said[i] = opening(head, next_words[0], max(words_behind, 0)) if plain else Opening.LOOK
    said = said[place]
    decided = said == Opening.NEWBORN if style.newborn else np.zeros(len(said), np.bool_)
    newborn[rows[decided]] = True
    look[rows[(said != Opening.NAME) & ~decided]] = True
    return newborn


def _texts(reads: list[Read]) -> list[str]:
    return [" ".join(read.words) for read in reads]


def _bits(reads: list[Read]) -> Marks:
    return np.array([int(read.found) for read in reads], np.uint32)
