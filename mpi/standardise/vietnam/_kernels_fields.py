"""Kernels over columns of numbers, dates and addresses: one array of bytes, one of offsets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mpi._jit import inner, njit

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

# Heads: up to two letters before a number, five bits each; PLUS stands for the sign.
PLUS = 31
LONGEST = 18
_FOURS = np.array(
    [sum((48 + n // 10**k % 10) << 8 * (3 - k) for k in range(4)) for n in range(10_000)],
    np.uint32,
)
"""Four digits as they are written, the first one lowest."""


@njit
def read_codes(
    data: Bytes,
    offsets: Offsets,
    heads: npt.NDArray[np.int32],
    numbers: Ints,
    lengths: npt.NDArray[np.int8],
) -> None:
    """Take identifiers apart: up to two letters, or a plus, and then digits.

    Blanks, hyphens, apostrophes and points are passed over; one point alone may begin a fraction,
    so such a text is left to a closer reading.

    data, offsets : uint8[n_bytes], int32[n + 1], texts in UTF-8
    heads : int32[n], filled: letters as numbers 1 to 26, the first times 32; `PLUS` for a plus
    numbers, lengths : int64[n], int8[n], filled: the digits and how many; -1 where the text has
        anything else in it, or more than `LONGEST` digits
    """
    for row in range(offsets.shape[0] - 1):
        head = 0
        number = 0
        length = 0
        points = 0
        for i in range(offsets[row], offsets[row + 1]):
            byte = int(data[i])
            if 48 <= byte <= 57:
                number = number * 10 + (byte - 48)
                length += 1
                if length > LONGEST:
                    length = -1
                    break
                continue
            letter = byte | 32
            if 97 <= letter <= 122 and length == 0 and head < 27:
                head = head * 32 + letter - 96
            elif byte == 46:
                points += 1
            elif byte == 43 and length == 0 and head == 0:
                head = PLUS
            elif byte != 32 and byte != 45 and byte != 39 and byte != 9:
                length = -1
                break
        if points == 1:
            length = -1
        heads[row] = head
        numbers[row] = number
        lengths[row] = length


@njit
def write_codes(
    heads: npt.NDArray[np.int32],
    numbers: Ints,
    lengths: npt.NDArray[np.int8],
    out: Bytes,
    out_offsets: Offsets,
) -> None:
    """Write identifiers: letters, then digits with zeros in front up to the length.

    heads, numbers, lengths : as `read_codes` fills them; a length of 0 or less writes nothing
    out, out_offsets : uint8[20 * n], int32[n + 1], filled
    """
    at = 0
    out_offsets[0] = 0
    for row in range(numbers.shape[0]):
        length = int(lengths[row])
        if length > 0:
            head = int(heads[row])
            if head >= 32:
                out[at] = 64 + (head >> 5)
                at += 1
            if head > 0:
                out[at] = 64 + (head & 31)
                at += 1
            number = numbers[row]
            k = at + length
            while k >= at + 4:
                k -= 4
                rest = number // 10_000
                four = _FOURS[number - rest * 10_000]
                out[k] = four & 0xFF
                out[k + 1] = (four >> 8) & 0xFF
                out[k + 2] = (four >> 16) & 0xFF
                out[k + 3] = four >> 24
                number = rest
            while k > at:
                k -= 1
                tenth = number // 10
                out[k] = 48 + (number - tenth * 10)
                number = tenth
            at += length
        out_offsets[row + 1] = at


@njit
def read_date_parts(data: Bytes, offsets: Offsets, keys: Ints) -> None:
    """The digits of dates as they stand, as one number; -1 where a date needs a closer reading.

    Three numbers of at most four digits with a hyphen, slash, point or blank between them, or one
    of at most eight digits; with a time of day after it or without. Digits are kept with how many
    they are: (number * 8 + digits) of the first part, 17 bits a part, of one part alone 32 bits
    behind a 1 at bit 62.

    data, offsets : uint8[n_bytes], int32[n + 1], texts in UTF-8
    keys : int64[n], filled
    """
    for row in range(offsets.shape[0] - 1):
        i = offsets[row]
        stop = offsets[row + 1]
        while i < stop and data[i] == 32:
            i += 1
        while i < stop and data[stop - 1] == 32:
            stop -= 1
        keys[row] = -1
        key = 0
        part = 0
        number = 0
        digits = 0
        good = i < stop
        timed = False
        while i < stop:
            byte = int(data[i])
            if 48 <= byte <= 57:
                number = number * 10 + (byte - 48)
                digits += 1
                if digits > 14:
                    good = False
                    break
            elif byte == 45 or byte == 47 or byte == 46 or byte == 32 or byte == 84:
                if part == 2 and (byte == 32 or byte == 84):
                    timed = True
                    break
                if byte == 84 or digits == 0 or digits > 4 or part == 2:
                    good = False
                    break
                key = (key << 17) | (number * 8 + digits)
                part += 1
                number = 0
                digits = 0
            else:
                good = False
                break
            i += 1
        if good and timed:
            good = _time_at(data, i + 1, stop)
        if not good or digits == 0 or part == 1:
            continue
        if part == 2:
            if digits <= 4:
                keys[row] = (key << 17) | (number * 8 + digits)
        else:
            if digits == 10 or digits == 12 or digits == 14:
                while digits > 8:
                    number //= 10
                    digits -= 1
            if digits <= 8:
                keys[row] = (1 << 62) | (number * 16 + digits)


@inner
def _time_at(data: Bytes, start: int, stop: int) -> bool:
    """Whether a time of day stands there: one or two digits, a colon, two digits, anything short.

    A time with a slash, or more than 40 characters after the minutes, is none.
    """
    while start < stop and data[start] == 32:
        start += 1
    digits = 0
    while start < stop and digits < 3 and 48 <= data[start] <= 57:
        start += 1
        digits += 1
    if digits == 0 or digits > 2 or start + 3 > stop or data[start] != 58:
        return False
    for i in range(start + 1, start + 3):
        if data[i] < 48 or data[i] > 57:
            return False
    if stop - start - 3 > 40:
        return False
    for i in range(start + 3, stop):
        if data[i] == 47 or data[i] >= 128 or data[i] < 32:
            return False
    return True
