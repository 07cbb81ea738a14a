"""Text encodings: found from the bytes, brought to UTF-8, nothing lost on the way.

A byte that is no text in the file's encoding becomes a character of Unicode's private plane
(U+F0000 plus the byte), so that the row can still be told apart, shown and quarantined.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import pairwise

import numpy as np
import pyarrow as pa

from mpi.records.spool import Bytes, Spool, pieces_of_lines
from mpi.scratch import Scratch

BROKEN_FIRST = 0xF0000
BROKEN = "[\U000f0000-\U000f00ff]"
"""Regular expression of a character that stands for a byte that is no text."""

_SLICE = 1 << 24
_SAMPLE = 1 << 14
_RUN = re.compile(rb"[\x80-\xff]+")
_MARKS = b"\xcc\xd2\xde\xec\xf2"  # tone marks of Windows-1258: grave, hook, tilde, acute, dot
_VOWELS = b"aeiouyAEIOUY\xc2\xca\xd4\xc3\xd5\xdd\xe2\xea\xf4\xe3\xf5\xfd"
_LETTERS_1258 = b"\xd0\xf0\xd5\xf5\xdd\xfd"  # Đ đ Ơ ơ Ư ư


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    broken = error.object[error.start : error.end]
    return "".join(chr(BROKEN_FIRST + byte) for byte in broken), error.end


codecs.register_error("mpi_mark_broken", _mark_broken)


def show_broken(text: str) -> str:
    r"""Text with each byte that is no text written out.

    Examples
    --------
    >>> show_broken(decode_marked(b"Jos\xe9", "utf-8"))
    'Jos\\xe9'
    """
    return re.sub(BROKEN, lambda m: f"\\x{ord(m.group()) - BROKEN_FIRST:02x}", text)


def decode_marked(data: bytes, encoding: str) -> str:
    """Decode; bytes that are no text become private characters (see the module)."""
    return data.decode(encoding, "mpi_mark_broken")


def is_utf8(data: Bytes, scratch: Scratch | None = None) -> bool:
    """Whether all of the bytes are valid UTF-8; some GB a second."""
    for piece in pieces_of_lines(data, _SLICE, scratch):
        offsets = pa.py_buffer(np.array([0, len(piece)], np.int64))
        whole = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(piece)])
        try:
            whole.cast(pa.large_string())
        except pa.ArrowInvalid:
            return False
    return True


def to_utf8(data: Bytes, scratch: Scratch | None = None) -> tuple[Bytes, str]:
    """The bytes as UTF-8 without a byte order mark, and the name of the encoding they had.

    Windows-1258 and Windows-1252 are told apart by the tone marks of the former, which stand
    behind vowels. Bytes that are mostly valid UTF-8 are UTF-8 with damage.

    Parameters
    ----------
    scratch : where the bytes lie, and text that had another encoding

    Examples
    --------
    >>> to_utf8("Nguyễn Thị Ánh".encode("utf-16"))[1]
    'UTF-16'
    >>> text, encoding = to_utf8(b"Nguy\\xea\\xden Thi\\xf2 H\\xf9ng")
    >>> encoding
    'Windows-1258'
    """
    scratch = scratch or Scratch()
    data = memoryview(data)
    if bytes(data[:3]) == codecs.BOM_UTF8:
        data = data[3:]
        if is_utf8(data, scratch):
            return data, "UTF-8 with BOM"
        return _recode(data, "utf-8", scratch), "UTF-8"
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if bytes(data[:2]) == mark:
            return _recode(data[2:], codec, scratch), "UTF-16"
    codec = _utf16_without_mark(bytes(data[:_SAMPLE]))
    if codec:
        return _recode(data, codec, scratch), "UTF-16 without BOM"
    if is_utf8(data, scratch):
        return data, "UTF-8"
    codec, name = _single_byte(data)
    return _recode(data, codec, scratch), name


def _utf16_without_mark(data: bytes) -> str:
    sample = np.frombuffer(data, np.uint8)
    if len(sample) < 8:
        return ""
    even, odd = (sample[0::2] == 0).mean(), (sample[1::2] == 0).mean()
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else ""


def _single_byte(data: memoryview) -> tuple[str, str]:
    """Codec and name for bytes that are not valid UTF-8 throughout."""
    valid = broken = high = marks = letters = 0
    for found in _RUN.finditer(data):
        run = found.group()
        try:
            run.decode()
        except UnicodeDecodeError:
            broken += 1
        else:
            valid += 1
        before = bytes(data[max(found.start() - 1, 0) : found.start()]) + run
        high += len(run)
        for left, right in pairwise(before):
            marks += right in _MARKS and left in _VOWELS
            letters += right in _LETTERS_1258
        if valid + broken >= 20_000:
            break
    if valid >= broken:
        return "utf-8", "UTF-8"
    if marks >= 0.1 * high and marks + letters >= 0.4 * high:
        return "cp1258", "Windows-1258"
    return "cp1252", "Windows-1252"


def _recode(data: memoryview, codec: str, scratch: Scratch) -> memoryview:
    """To UTF-8 in slices that end at a line, so that a large file needs no second whole copy."""
    spool = Spool(scratch, len(data) * 5 // 4)
    if codec.startswith("utf-16"):
        decoder = codecs.getincrementaldecoder(codec)("mpi_mark_broken")
        for at in range(0, len(data), _SLICE):
            piece = bytes(data[at : at + _SLICE])
            spool.write(decoder.decode(piece, at + _SLICE >= len(data)).encode())
        return spool.view()
    for piece in pieces_of_lines(data, _SLICE, scratch):
        text = decode_marked(piece, codec)
        spool.write((unicodedata.normalize("NFC", text) if codec == "cp1258" else text).encode())
    return spool.view()
