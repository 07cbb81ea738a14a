"""Identifiers taken apart: letters in front, a number, and how many digits it was written with.

A column of numbers is read by a kernel; what it cannot read (several numbers in a cell, a label,
letters among the digits, a number that a spreadsheet has spoilt) is read text by text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.records.text import text_buffers
from mpi.standardise.alphabets import CODES, DIGITS, FEW, fold_one
from mpi.standardise.rules import Mask

Ints = npt.NDArray[np.int64]

LONGEST = 18
LONGEST_CODE = 15
"""Letters and digits of a card."""
PLUS = 31
MANY, LETTERS, WRITTEN_OUT, LOST, WHOLE, LABEL = (
    "several numbers in one cell, one of them kept",
    "letter among the digits read as a digit",
    "number in 1.2E+11 notation written out",
    "digits lost to 1.2E+11 notation, taken as missing",
    "'.0' left out",
    "word beside the number left out",
)
_IGNORED = str.maketrans("", "", " -'.\t")
_PLAIN = re.compile(r"([A-Za-z]{0,2}|\+)([0-9]{0,18})")
_CARD = re.compile(r"[A-Z]{2}[0-9OIL]{13}")
_PASSPORT = re.compile(r"[A-Z][0-9]{7,8}")
_SCIENTIFIC = re.compile(r"\s*([0-9])[.,]?([0-9]*)E\+?([0-9]{1,2})\s*", re.IGNORECASE)
_FRACTION = re.compile(r"\s*([0-9]+)[.,]0+\s*")
_LABEL = re.compile(
    r"(?:(?<![^\W\d_])(?:SỐ|SO|MÃ|MA|THẺ|THE|CCCD|CMND|CMTND|CMT|GCMND|BHYT|BHXH|CĂN CƯỚC|CAN CUOC|"
    r"CÔNG DÂN|CONG DAN|CHỨNG MINH|CHUNG MINH|NHÂN DÂN|NHAN DAN|ĐỊNH DANH|DINH DANH|HỘ CHIẾU|"
    r"HO CHIEU|PASSPORT|ID|NO|CŨ|CU|MỚI|MOI|CỦA|CUA|MẸ|ME|CHA|BỐ|BO|VÀ|VA|CẤP|CAP|CÁ NHÂN|CA NHAN|"
    r"GKS|ĐDCN|DDCN)(?![^\W\d_])[.:]?)+"
)
_PARTS = re.compile(r"[;/,|()\[\]{}\n\r&:#]+")
_DIGIT = str.maketrans("OIL", "011")
_FULL_DIGITS = 8
"""A spreadsheet writes six digits; a number with more was written out by a program."""


@dataclass(frozen=True)
class Codes:
    """Identifiers taken apart.

    heads : int32[n], up to two letters as numbers 1 to 26, the first times 32; `PLUS` for a plus
    numbers : int64[n], the digits
    lengths : int8[n], how many digits; -1 where the text is no such identifier
    """

    heads: npt.NDArray[np.int32]
    numbers: Ints
    lengths: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.numbers)

    def copy(self) -> Codes:
        """The same, to be changed."""
        return Codes(self.heads.copy(), self.numbers.copy(), self.lengths.copy())

    def put(self, rows: Ints | Mask, numbers: Ints, lengths: int | Ints, head: int = 0) -> None:
        """Replace some identifiers."""
        self.heads[rows], self.numbers[rows], self.lengths[rows] = head, numbers, lengths

    @property
    def odd(self) -> Mask:
        """bool[n], texts that are no such identifiers."""
        return np.asarray(self.lengths < 0)


def head_of(letters: str) -> int:
    """Letters as a number.

    Examples
    --------
    >>> head_of(""), head_of("A"), head_of("DN")
    (0, 1, 142)
    """
    number = 0
    for letter in letters.upper():
        number = number * 32 + ord(letter) - 64
    return PLUS if letters == "+" else number


def plain_code(text: str) -> tuple[int, int, int]:
    """One text taken apart, as the kernel does it."""
    found = _PLAIN.fullmatch(text.translate(_IGNORED)) if text.count(".") != 1 else None
    if found is None or not text.isascii():
        return 0, 0, -1
    letters, digits = found.groups()
    return head_of(letters), int(digits or "0"), len(digits)


def codes_of(taken: list[tuple[int, int, int]]) -> Codes:
    """Heads, numbers and lengths as arrays."""
    table = np.array(taken, np.int64).reshape(-1, 3)
    return Codes(table[:, 0].astype(np.int32), table[:, 1].copy(), table[:, 2].astype(np.int8))


def take_apart(texts: pa.Array) -> Codes:
    """Identifiers taken apart, those that are nothing but letters in front and digits.

    Parameters
    ----------
    texts : string[n], no nulls

    Examples
    --------
    >>> codes = take_apart(pa.array(["001 090-012.345.678", "dn4790116149123", "x?"]))
    >>> codes.numbers.tolist(), codes.lengths.tolist()
    ([1090012345678, 4790116149123, 0], [15, 13, -1])
    """
    n = len(texts)
    if n <= FEW:
        return codes_of([plain_code(text) for text in texts.to_pylist()])
    from mpi.standardise.vietnam import _kernels_fields as kernels

    data, offsets = text_buffers(texts)
    codes = Codes(np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int8))
    kernels.read_codes(data, offsets, codes.heads, codes.numbers, codes.lengths)
    return codes


def written(head: int, number: int, length: int) -> str:
    """One identifier as text."""
    if length <= 0:
        return ""
    letters = "".join(chr(64 + part) for part in divmod(head, 32) if part)
    return letters + str(number).zfill(length)


def put_together(codes: Codes) -> pa.Array:
    """Identifiers as text; empty where there are no digits.

    Examples
    --------
    >>> put_together(codes_of([(0, 17, 4), (142, 5, 2), (0, 0, -1)])).to_pylist()
    ['0017', 'DN05', '']
    """
    n = len(codes)
    if n <= FEW:
        each = zip(
            codes.heads.tolist(), codes.numbers.tolist(), codes.lengths.tolist(), strict=True
        )
        return pa.array([written(*code) for code in each], pa.string())
    from mpi.standardise.vietnam import _kernels_fields as kernels

    size = int(np.maximum(codes.lengths, 0).sum(dtype=np.int64)) + 2 * n
    out, out_offsets = np.empty(size, np.uint8), np.empty(n + 1, np.int32)
    kernels.write_codes(codes.heads, codes.numbers, codes.lengths, out, out_offsets)
    return pa.StringArray.from_buffers(n, pa.py_buffer(out_offsets), pa.py_buffer(out))


def codes_in(text: str) -> tuple[list[str], list[str]]:
    """The identifiers in a text that holds more than one plain one, and what was repaired.

    Examples
    --------
    >>> codes_in("CMND: 012345678; CCCD 0O1090012345")[0]
    ['012345678', '001090012345']
    >>> codes_in("1.090012345E9")[0], codes_in("1.09001E+9")[0], codes_in("79090012345.0")[0]
    (['1090012345'], [], ['79090012345'])
    """
    text = CODES.normal(text)
    spoilt = _SCIENTIFIC.fullmatch(text)
    if spoilt is not None and ("." in text or "," in text or "+" in text):
        first, rest, power = spoilt.groups()
        if len(first + rest) < _FULL_DIGITS or not len(rest) <= int(power) <= LONGEST - 1:
            return [], [LOST]
        return [(first + rest).ljust(int(power) + 1, "0")], [WRITTEN_OUT]
    whole = _FRACTION.fullmatch(text)
    if whole is not None:
        return [fold_one(whole.group(1), DIGITS)], [WHOLE]
    repairs: list[str] = []
    unlabelled = _LABEL.sub(";", text)
    if unlabelled != text:
        repairs.append(LABEL)
    found: list[str] = []
    for part in _PARTS.split(unlabelled):
        for code in _apart(part):
            read = _as_digits(code)
            if read != code:
                repairs.append(LETTERS)
            if read and any(c.isdecimal() for c in read):
                found.append(read)
    if len(found) > 1:
        repairs.append(MANY)
    return found, repairs


def _apart(part: str) -> list[str]:
    """A part as one identifier; as several where it is too long for one and its words are not."""
    code = fold_one(part, CODES)
    if len(code) <= LONGEST_CODE:
        return [code]
    words = [fold_one(word, CODES) for word in re.split(r"[\s\-]+", part)]
    words = [word for word in words if word]
    if len(words) > 1 and all(8 <= len(word) <= LONGEST_CODE for word in words):
        return words
    return [code]


def _as_digits(code: str) -> str:
    """The code with O, I and L as digits where that makes it a number of a usual length."""
    if _CARD.fullmatch(code):
        return code[:2] + code[2:].translate(_DIGIT)
    if code.isdecimal() or _PASSPORT.fullmatch(code) or not any(c.isdecimal() for c in code):
        return code
    digits = code.translate(_DIGIT)
    return digits if digits.isdecimal() and len(digits) in (9, 10, 12) else code
