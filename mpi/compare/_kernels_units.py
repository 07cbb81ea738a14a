"""UTF-8 to units that are small, and equal where the code points are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import ENABLED, allocating, inlined
from mpi.compare._kernels_match import count_bits, load_units, match_units, peek, put

BLOCK = 2048
NO_POINT = 0xD800
"""What `decode_sixteen` gives inside a letter: no letter is a surrogate."""

if not ENABLED:

    def decode_sixteen(data: Any, at: Any, points: Any, place: Any) -> None:
        """The code points that begin at 16 bytes of UTF-8, up to 3 bytes each."""
        for i in range(16):
            byte, second, third = (int(b) & 0xFF for b in data[at + i : at + i + 3])
            two = (byte & 0x1F) << 6 | second & 0x3F
            three = (two << 6 | third & 0x3F) & 0xFFFF
            point = byte if byte < 0x80 else NO_POINT if byte < 0xC0 else two
            points[place + i] = three if byte >= 0xE0 else point

    def letter_bits(data: Any, at: Any) -> Any:
        """Which of 64 bytes begin a letter, one bit each."""
        return np.uint64(sum(1 << i for i, b in enumerate(data[at : at + 64]) if b & 0xC0 != 0x80))

    def wide_bits(data: Any, at: Any) -> Any:
        """Which of 64 bytes begin a letter of 4 bytes, one bit each."""
        return np.uint64(sum(1 << i for i, b in enumerate(data[at : at + 64]) if b >= 0xF0))

else:
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    from mpi.compare._kernels_lanes import pointer_to

    @intrinsic
    def decode_sixteen(_context: Any, data: Any, at: Any, points: Any, place: Any) -> Any:
        """The code points that begin at 16 bytes of UTF-8, up to 3 bytes each.

        Every byte is read as if it began a letter: a branch on what it is would be guessed wrong
        every second time.
        """

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            narrow = ir.VectorType(ir.IntType(8), 16)
            wide = ir.VectorType(ir.IntType(16), 16)

            def number(value: int) -> Any:
                return ir.Constant(wide, [value] * 16)

            def low_six(vector: Any) -> Any:
                return builder.and_(vector, number(0x3F))

            read = []
            for offset in range(3):
                place = builder.add(args[1], ir.IntType(64)(offset))
                pointer = pointer_to(context, builder, data, args[0], place, narrow)
                read.append(builder.zext(builder.load(pointer, align=1), wide))
            first, second, third = read
            two = builder.and_(first, number(0x1F))
            two = builder.or_(builder.shl(two, number(6)), low_six(second))
            three = builder.or_(builder.shl(two, number(6)), low_six(third))
            point = first
            for least, reading in ((0x80, number(NO_POINT)), (0xC0, two), (0xE0, three)):
                above = builder.icmp_signed(">=", first, number(least))
                point = builder.select(above, reading, point)
            pointer = pointer_to(context, builder, points, args[2], args[3], wide)
            builder.store(point, pointer, align=2)
            return context.get_dummy_value()

        return types.void(data, types.int64, points, types.int64), generate

    def _bytes_between(data: Any, least: int, most: int) -> Any:
        """Which of 64 bytes, read as signed numbers, lie from `least` to `most`."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wide = ir.VectorType(ir.IntType(8), 64)
            pointer = pointer_to(context, builder, data, args[0], args[1], wide)
            read = builder.load(pointer, align=1)
            low, high = (ir.Constant(wide, [x] * 64) for x in (least, most))
            above = builder.icmp_signed(">=", read, low)
            found = builder.and_(above, builder.icmp_signed("<=", read, high))
            return builder.bitcast(found, ir.IntType(64))

        return types.uint64(data, types.int64), generate

    @intrinsic
    def letter_bits(_context: Any, data: Any, at: Any) -> Any:
        """Which of 64 bytes begin a letter, one bit each."""
        return _bytes_between(data, -0x40, 0x7F)

    @intrinsic
    def wide_bits(_context: Any, data: Any, at: Any) -> Any:
        """Which of 64 bytes begin a letter of 4 bytes, one bit each."""
        return _bytes_between(data, -0x10, -1)


@inlined
def point_at(data: Any, at: int) -> Any:
    """The code point that begins at a byte; some number where that is no UTF-8."""
    byte = np.int64(peek(data, at))
    if byte < 0x80:
        return byte
    point = (byte & 0x1F) << 6 | np.int64(peek(data, at + 1)) & 0x3F
    if byte < 0xE0:
        return point
    point = (point << 6 | np.int64(peek(data, at + 2)) & 0x3F) & 0xFFFF
    if byte < 0xF0:
        return point
    return min((point << 6 | np.int64(peek(data, at + 3)) & 0x3F) & 0x1FFFFF, 0x10FFFF)


@allocating
def encode_units(
    data: npt.NDArray[np.uint8],
    first: int,
    ends: Any,
    table: Any,
    known: npt.NDArray[np.int64],
    n_known: int,
    pool: Any,
    unit_ends: Any,
) -> int:
    """Write texts as units; number new code points as they come.

    Parameters
    ----------
    data : UTF-8, with at least 80 bytes behind the last text
    first, ends : where the first text begins and each text ends in `data`
    table : uint8/16/32[0x110000], unit of a code point, 0 where it has none yet
    known : int64, the code point of each unit; its length is the most units there may be
    n_known : units already given
    pool : the units, a byte of UTF-8 has at most one, and 64 more
    unit_ends : [n + 1], where each text ends in `pool`; the first is given

    Returns
    -------
    units given in all, or -1 where there are more code points than units
    """
    points = np.empty(64, np.uint16)
    letters = np.empty(BLOCK // 64 + 1, np.uint64)
    places = np.empty(BLOCK // 64 + 1, np.int64)
    one = np.uint64(1)
    no_unit = peek(table, NO_POINT)
    n = len(ends)
    last: Any = np.int64(ends[n - 1]) if n > 0 else np.int64(first)
    out: Any = np.int64(unit_ends[0])
    k: Any = 0
    for block in range(first, last + 1, BLOCK):
        end: Any = min(block + BLOCK, last)
        begin = out
        words = (end - block + 63) // 64
        odd = np.uint64(0)
        for w in range(words):
            at: Any = block + 64 * w
            for i in range(0, 64, 16):
                decode_sixteen(data, at + i, points, i)
            place = out
            for i in range(64):
                point = np.int64(peek(points, i))
                put(pool, place, peek(table, point))
                place += np.int64(point != NO_POINT)
            # Behind the decoding: before it, LLVM would make its reads out of these wider ones, at
            # three times the cost.
            bits = letter_bits(data, at)
            odd |= wide_bits(data, at)
            if place - out != count_bits(bits):  # a surrogate: no valid UTF-8
                odd |= one
            if end - at < 64:
                bits &= (one << np.uint64(end - at)) - one
            letters[w] = bits
            places[w] = out
            out += count_bits(bits)
        letters[words] = np.uint64(0)
        places[words] = out
        for at in range(begin, out, 64):
            unknown = np.uint64(match_units(load_units(pool, at, one), no_unit))
            odd |= unknown & ((one << np.uint64(min(out - at, 63))) - one)
            odd |= np.uint64(peek(pool, min(at + 63, out - 1)) == no_unit)
        # Rare: letters of 4 bytes, or letters that have no unit yet.
        if odd != np.uint64(0):
            place = begin
            for at in range(block, end):
                if peek(data, at) & 0xC0 == 0x80:
                    continue
                point = point_at(data, at)
                unit = peek(table, point)
                if unit == 0:
                    if n_known >= len(known):
                        return -1
                    table[point] = n_known
                    known[n_known] = point
                    unit = peek(table, point)
                    n_known += 1
                put(pool, place, unit)
                place += 1
        while k < n and ends[k] <= end:
            at = np.int64(ends[k]) - block
            inside = peek(letters, at >> 6) & ((one << np.uint64(at & 63)) - one)
            unit_ends[k + 1] = peek(places, at >> 6) + count_bits(inside)
            k += 1
    return n_known
