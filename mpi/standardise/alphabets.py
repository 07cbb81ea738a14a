"""Alphabets: what becomes of each character, and texts folded to an alphabet.

A text is folded by its characters alone: Unicode compatibility form, one case, then every
character is kept, replaced, turned into a blank or dropped. Characters of which this holds one by
one are folded by a table in a kernel; a text with any other (a combining mark, a ligature) goes
through :func:`fold_one`, which gives the same for the texts that both can do.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import IntFlag
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.records.text import text_buffers

FEW = 512
"""Up to so many texts are folded in plain Python: loading a kernel takes longer."""


class Mark(IntFlag):
    """What a text was seen to hold while it was folded."""

    SLOW = 1  # a character that the kernel leaves to `fold_one`
    DIGIT = 2
    LETTER = 4
    COMMA = 8
    SPLIT = 16  # ; / # |
    BRACKET = 32
    POINT = 64
    PLUS = 128


_MARK_OF = {
    **dict.fromkeys(",", Mark.COMMA),
    **dict.fromkeys(";/#|", Mark.SPLIT),
    **dict.fromkeys("()[]{}", Mark.BRACKET),
    **dict.fromkeys(".", Mark.POINT),
    **dict.fromkeys("+", Mark.PLUS),
}
APOSTROPHES = "'’‘ʼʻʹˈ`´′"
_LOOK_ALIKES = {"Ð": "Đ", "Ɖ": "Đ"}
_BEFORE = dict.fromkeys(map(ord, "´ˈ′ʹ"), "'")  # else some become a blank and a combining mark
_TABLE_END = 0x2100
# Letters that fold to themselves in either case, as whole ranges.
_IDENTITY = (
    (0x3041, 0x3097),
    (0x30A1, 0x30FB),
    (0x3400, 0x4DC0),
    (0x4E00, 0x9FFD),
    (0xAC00, 0xD7A4),
)


class _Targets(dict[int, str]):
    """Character -> what it becomes, worked out when it is first met (for `str.translate`)."""

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self.alphabet = alphabet

    def __missing__(self, code: int) -> str:
        self[code] = self.alphabet.target(chr(code))
        return self[code]


@dataclass(frozen=True, eq=False)
class Alphabet:
    """The characters of a standard form.

    letters, digits : whether these are kept
    gap : what becomes of any other character: a blank, or nothing; None keeps it
    lower : lower case, else upper case
    """

    letters: bool = True
    digits: bool = True
    gap: str | None = " "
    lower: bool = False
    targets: _Targets = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", _Targets(self))

    def normal(self, text: str) -> str:
        """Compatibility form in one case."""
        if text.isascii():
            return text.lower() if self.lower else text.upper()
        text = unicodedata.normalize("NFKC", text.translate(_BEFORE))
        text = unicodedata.normalize("NFKC", text.lower() if self.lower else text.upper())
        return text.translate(_BEFORE)

    def target(self, char: str) -> str:
        """What a character in normal form becomes: a character, a blank or nothing."""
        category = unicodedata.category(char)
        if char in _LOOK_ALIKES:
            char = _LOOK_ALIKES[char]
        if category == "Nd":
            return str(unicodedata.decimal(char)) if self.digits else ""
        if category[0] == "N":
            return char if self.digits else ""
        if category == "Cf" or category == "Cs":
            return ""
        if self.gap is None:
            return char if category[0] not in "ZC" else ""
        if char in APOSTROPHES:
            return ""
        if category[0] == "L":
            return char if self.letters else ""
        if category[0] == "M":
            return char if self.letters and self.gap else ""
        return self.gap

    @cached_property
    def table(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
        """Targets and marks of the code points below 65536, for the kernel."""
        targets = np.full(1 << 16, -1, np.int32)
        marks = np.zeros(1 << 16, np.uint8)
        for code in range(_TABLE_END):
            normal = self.normal(chr(code))
            if len(normal) != 1 or {code, ord(normal)} & _joining() or code == 0x3A3:
                continue
            target = self.targets[ord(normal)]
            if len(target.encode()) <= len(chr(code).encode()):
                targets[code] = ord(target) if target else 0
                marks[code] = mark_of(normal)
        for start, stop in _IDENTITY:
            targets[start:stop] = np.arange(start, stop) if self.letters else 0
            marks[start:stop] = Mark.LETTER
        return targets, marks


_JOINING: set[int] = set()


def _joining() -> set[int]:
    """Code points that can combine with the character before them."""
    if not _JOINING:
        _JOINING.update(range(0x1161, 0x1176), range(0x11A8, 0x11C3))
        for code in range(0x3100):
            if unicodedata.combining(chr(code)):
                _JOINING.add(code)
            parts = unicodedata.decomposition(chr(code)).split()
            if len(parts) == 2 and not parts[0].startswith("<"):
                _JOINING.add(int(parts[1], 16))
    return _JOINING


def mark_of(char: str) -> int:
    """The mark that a character in normal form leaves on its text."""
    category = unicodedata.category(char)[0]
    if category == "N":
        return int(Mark.DIGIT)
    if category == "L":
        return int(Mark.LETTER)
    return int(_MARK_OF.get(char, 0))


WORDS = Alphabet()
"""Words of an address or a note: letters and digits, the rest blanks."""
NAMES = Alphabet(digits=False)
"""Words of a name: letters, the rest blanks; digits are dropped."""
CODES = Alphabet(gap="")
"""An identifier: letters and digits, nothing else."""
DIGITS = Alphabet(letters=False, gap="")
"""Decimal digits only."""
MAIL = Alphabet(gap=None, lower=True)
"""An e-mail address: lower case, no blanks."""


def fold_one(text: str, alphabet: Alphabet) -> str:
    """One text in an alphabet; folding twice changes nothing.

    Examples
    --------
    >>> fold_one("  O’Brien,\\u00a0Anne-Marie ", NAMES)
    'OBRIEN ANNE MARIE'
    >>> fold_one("012.345-678/9", CODES)
    '0123456789'
    """
    if text.isascii():  # its characters do not act on each other: once is enough
        return " ".join(alphabet.normal(text).translate(alphabet.targets).split())
    for _ in range(8):
        folded = " ".join(alphabet.normal(text).translate(alphabet.targets).split(" "))
        folded = " ".join(folded.split())
        folded = unicodedata.normalize("NFC", folded)
        if folded == text:
            break
        text = folded
    return text


def marks_one(text: str, alphabet: Alphabet) -> int:
    """The marks of one text."""
    marks = 0
    for char in alphabet.normal(text):
        marks |= mark_of(char)
    return marks


@dataclass(frozen=True)
class Folded:
    """Texts in an alphabet.

    values : string[n], empty where nothing is left
    marks : uint8[n], bits of :class:`Mark`
    """

    values: pa.Array
    marks: npt.NDArray[np.uint8]

    def having(self, marks: Mark) -> npt.NDArray[np.bool_]:
        """bool[n], texts with any of these marks."""
        return np.asarray(self.marks & np.uint8(int(marks)), np.bool_)


def fold(texts: pa.Array, alphabet: Alphabet) -> Folded:
    """Fold every text of an array.

    Parameters
    ----------
    texts : string[n], no nulls

    Examples
    --------
    >>> fold(pa.array(["nguyễn  văn a", "Zoë"]), NAMES).values.to_pylist()
    ['NGUYỄN VĂN A', 'ZOË']
    """
    if len(texts) <= FEW:
        raw = texts.to_pylist()
        marks = np.array([marks_one(t, alphabet) for t in raw], np.uint8)
        return Folded(pa.array([fold_one(t, alphabet) for t in raw], pa.string()), marks)
    from mpi.standardise import _kernels

    data, offsets = text_buffers(texts)
    out = np.empty(int(offsets[-1]) - int(offsets[0]), np.uint8)
    out_offsets = np.empty(len(texts) + 1, np.int32)
    marks = np.empty(len(texts), np.uint8)
    _kernels.fold_text(data, offsets, *alphabet.table, out, out_offsets, marks)
    buffers = [None, pa.py_buffer(out_offsets), pa.py_buffer(out)]
    values = pa.StringArray.from_buffers(len(texts), buffers[1], buffers[2])
    slow = (marks & np.uint8(int(Mark.SLOW))) != 0
    if slow.any():
        raw = texts.filter(pa.array(slow)).to_pylist()
        marks[slow] = [marks_one(t, alphabet) for t in raw]
        values = put(values, slow, [fold_one(t, alphabet) for t in raw])
    return Folded(values, marks)


def put(values: pa.Array, mask: npt.NDArray[np.bool_], new: list[str] | pa.Array) -> pa.Array:
    """The array with its masked texts replaced, in order."""
    return pc.replace_with_mask(values, pa.array(mask), pa.array(new, pa.string()))
