"""Kernels over columns of UTF-8 text: one array of bytes, one of offsets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import allocating, njit

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]


@njit
def fold_text(
    data: Bytes,
    offsets: Offsets,
    targets: npt.NDArray[np.int32],
    marks: npt.NDArray[np.uint8],
    out: Bytes,
    out_offsets: Offsets,
    out_marks: npt.NDArray[np.uint8],
) -> None:
    """Replace every character by its target and collapse blanks, in one pass.

    Parameters
    ----------
    data, offsets : uint8[n_bytes], int32[n + 1], texts in UTF-8
    targets : int32[65536], new code point of each code point; 0 drops it, 32 is a blank, -1 says
        that the text needs more than this kernel (no target is longer in UTF-8 than its source)
    marks : uint8[65536], bits set on a text that holds the code point; bit 0 means "not done"
    out, out_offsets, out_marks : uint8[>= n_bytes], int32[n + 1], uint8[n], filled; a text that
        is not done is left empty
    """
    size = data.shape[0]
    at = 0
    out_offsets[0] = 0
    for row in range(offsets.shape[0] - 1):
        i = offsets[row]
        stop = min(offsets[row + 1], size)
        begin = at
        found = 0
        blank = False
        while i < stop:
            code = int(data[i])
            width = 1
            if code >= 0x80:
                if code >= 0xF0 or code < 0xC2:
                    found |= 1
                    break
                width = 2 if code < 0xE0 else 3
                if i + width > stop:
                    found |= 1
                    break
                if width == 2:
                    code = ((code & 0x1F) << 6) | (int(data[i + 1]) & 0x3F)
                else:
                    code = (
                        ((code & 0x0F) << 12)
                        | ((int(data[i + 1]) & 0x3F) << 6)
                        | (int(data[i + 2]) & 0x3F)
                    )
            i += width
            found |= int(marks[code])
            target = targets[code]
            if target < 0:
                found |= 1
                break
            if target == 32:
                blank = at > begin
                continue
            if target == 0:
                continue
            if blank:
                out[at] = 32
                at += 1
                blank = False
            if target < 0x80:
                out[at] = target
                at += 1
            elif target < 0x800:
                out[at] = 0xC0 | (target >> 6)
                out[at + 1] = 0x80 | (target & 0x3F)
                at += 2
            else:
                out[at] = 0xE0 | (target >> 12)
                out[at + 1] = 0x80 | ((target >> 6) & 0x3F)
                out[at + 2] = 0x80 | (target & 0x3F)
                at += 3
        if found & 1:
            at = begin
        out_offsets[row + 1] = at
        out_marks[row] = found


@njit
def word_at(data: Bytes, start: int, stop: int) -> np.uint64:
    """Eight bytes of a text as one number that sorts as they do, 0 beyond its end."""
    word = np.uint64(0)
    if start >= stop:
        return word
    if start + 8 <= data.shape[0]:  # the compiler makes one load of these
        word = (
            (np.uint64(data[start]) << np.uint64(56))
            | (np.uint64(data[start + 1]) << np.uint64(48))
            | (np.uint64(data[start + 2]) << np.uint64(40))
            | (np.uint64(data[start + 3]) << np.uint64(32))
            | (np.uint64(data[start + 4]) << np.uint64(24))
            | (np.uint64(data[start + 5]) << np.uint64(16))
            | (np.uint64(data[start + 6]) << np.uint64(8))
            | np.uint64(data[start + 7])
        )
        if start + 8 > stop:
            beyond = np.uint64(8 * (start + 8 - stop))
            word = (word >> beyond) << beyond
        return word
    for i in range(start, start + 8):
        byte = np.uint64(data[i]) if i < stop else np.uint64(0)
        word = (word << np.uint64(8)) | byte
    return word


@njit
def compare_text(data: Bytes, a: int, a_stop: int, b: int, b_stop: int) -> int:
    """-1, 0 or 1 as the text ``data[a:a_stop]`` sorts before, with or after ``data[b:b_stop]``."""
    while a < a_stop or b < b_stop:
        left, right = word_at(data, a, a_stop), word_at(data, b, b_stop)
        if left != right:
            return -1 if left < right else 1
        a += 8
        b += 8
    return 0


@allocating
def sort_text(
    data: Bytes, offsets: Offsets, order: npt.NDArray[np.int32], same: npt.NDArray[np.bool_]
) -> None:
    """Rows of the texts in byte order; texts hold no NUL byte.

    Multikey quicksort (Bentley and Sedgewick 1997) on words of eight bytes: three parts about a
    pivot word, the middle one goes on with the next eight bytes. What costs is the fetching of
    words from scattered texts, so texts that are found equal on the way are marked here.

    order : int32[n], filled
    same : bool[n], filled: the text at this place equals the one before it
    """
    n = offsets.shape[0] - 1
    words = np.empty(n, np.uint64)
    for row in range(n):
        order[row] = row
        same[row] = False
    stack = np.empty((1024, 4), np.int64)  # low, high (inclusive), depth, words are filled
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, n - 1, 0, 0
    top = 1
    while top > 0:
        top -= 1
        low, high, depth, filled = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
        if high <= low:
            continue
        if filled == 0:
            for i in range(low, high + 1):
                row = order[i]
                words[i] = word_at(data, offsets[row] + depth, offsets[row + 1])
        if high - low < 12:
            sort_few(data, offsets, order, same, words, low, high, depth)
            continue
        a, b, c = words[low], words[(low + high) // 2], words[high]
        pivot = max(min(a, b), min(max(a, b), c))
        less, more, i = low, high, low
        while i <= more:
            word = words[i]
            if word < pivot:
                words[i], words[less] = words[less], word
                order[i], order[less] = order[less], order[i]
                less += 1
                i += 1
            elif word > pivot:
                words[i], words[more] = words[more], word
                order[i], order[more] = order[more], order[i]
                more -= 1
            else:
                i += 1
        if top + 3 > stack.shape[0]:
            larger = np.empty((stack.shape[0] * 2, 4), np.int64)
            larger[:top] = stack[:top]
            stack = larger
        stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = low, less - 1, depth, 1
        top += 1
        stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = more + 1, high, depth, 1
        top += 1
        if pivot & np.uint64(0xFF):
            stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = less, more, depth + 8, 0
            top += 1
        else:  # the texts of the middle part end here
            for i in range(less + 1, more + 1):
                same[i] = True


@njit
def sort_few(
    data: Bytes,
    offsets: Offsets,
    order: npt.NDArray[np.int32],
    same: npt.NDArray[np.bool_],
    words: npt.NDArray[np.uint64],
    low: int,
    high: int,
    depth: int,
) -> None:
    """Insertion sort of ``order[low:high + 1]``, whose texts agree in their first `depth` bytes.

    words : uint64[n], the eight bytes after those, of the text at each place
    """
    for i in range(low + 1, high + 1):
        row, word = order[i], words[i]
        j = i - 1
        while j >= low:
            if words[j] < word:
                break
            if words[j] == word:
                other = order[j]
                if (
                    compare_text(
                        data,
                        offsets[other] + depth + 8,
                        offsets[other + 1],
                        offsets[row] + depth + 8,
                        offsets[row + 1],
                    )
                    <= 0
                ):
                    break
            order[j + 1], words[j + 1] = order[j], words[j]
            j -= 1
        order[j + 1], words[j + 1] = row, word
    for i in range(low + 1, high + 1):
        if words[i] == words[i - 1]:
            row, other = order[i], order[i - 1]
            same[i] = (
                compare_text(
                    data,
                    offsets[other] + depth + 8,
                    offsets[other + 1],
                    offsets[row] + depth + 8,
                    offsets[row + 1],
                )
                == 0
            )
