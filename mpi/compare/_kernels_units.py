"""UTF-8 to units that are small, and equal where the code points are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mpi._jit import ENABLED, njit
from mpi.compare._kernels_lanes import peek, put

BLOCK = 2048
NO_POINT = 0x110000

if not ENABLED:

    def decode_sixteen(data: Any, at: Any, points: Any, place: Any) -> None:
        """The code points that begin at 16 bytes of UTF-8, NO_POINT inside a letter."""
        for i in range(16):
            byte, second, third, fourth = (int(b) for b in data[at + i : at + i + 4])
            two = (byte & 0x1F) << 6 | second & 0x3F
            three = (byte & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
            four = min(three << 6 | fourth & 0x3F, 0x10FFFF)
            point = byte if byte < 0x80 else NO_POINT if byte < 0xC0 else two
            points[place + i] = four if byte >= 0xF0 else three if byte >= 0xE0 else point

else:
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    @intrinsic
    def decode_sixteen(_context: Any, data: Any, at: Any, points: Any, place: Any) -> Any:
        """The code points that begin at 16 bytes of UTF-8, NO_POINT inside a letter.

        Every byte is read as if it began a letter: a branch on what it is would be guessed wrong
        every second time.
        """

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wide = ir.VectorType(ir.IntType(32), 16)
            source = context.make_array(data)(context, builder, args[0]).data
            target = context.make_array(points)(context, builder, args[2]).data

            def splat(number: int) -> Any:
                return ir.Constant(wide, [number] * 16)

            def shifted(value: Any, mask: int, places: int) -> Any:
                return builder.shl(builder.and_(value, splat(mask)), splat(places))

            bytes_ = []
            for offset in range(4):
                place = builder.gep(source, [builder.add(args[1], ir.IntType(64)(offset))])
                vector = ir.VectorType(ir.IntType(8), 16).as_pointer()
                read = builder.load(builder.bitcast(place, vector), align=1)
                bytes_.append(builder.zext(read, wide))
            first, second, third, fourth = bytes_
            two = builder.or_(shifted(first, 0x1F, 6), shifted(second, 0x3F, 0))
            three = builder.or_(
                builder.or_(shifted(first, 0x0F, 12), shifted(second, 0x3F, 6)),
                shifted(third, 0x3F, 0),
            )
            four = builder.or_(builder.shl(three, splat(6)), shifted(fourth, 0x3F, 0))
            over = builder.icmp_signed(">", four, splat(0x10FFFF))
            four = builder.select(over, splat(0x10FFFF), four)
            point = first
            for least, reading in (
                (0x80, splat(NO_POINT)),
                (0xC0, two),
                (0xE0, three),
                (0xF0, four),
            ):
                above = builder.icmp_signed(">=", first, splat(least))
                point = builder.select(above, reading, point)
            place = builder.bitcast(builder.gep(target, [args[3]]), wide.as_pointer())
            builder.store(point, place, align=4)
            return context.get_dummy_value()

        return types.void(data, types.int64, points, types.int64), generate


@njit
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
    data : UTF-8, with at least 20 bytes behind the last text
    first, ends : where the first text begins and each text ends in `data`
    table : uint8/16/32[NO_POINT + 1], unit of a code point, 0 where it has none yet
    known : int64, the code point of each unit; its length is the most units there may be
    n_known : units already given
    pool : the units, a byte of UTF-8 has at most one
    unit_ends : [n + 1], where each text ends in `pool`; the first is given

    Returns
    -------
    units given in all, or -1 where there are more code points than units
    """
    # Points of a block first, then its units, then where texts end in it: loops of the length of a
    # text would end with a branch guessed wrong, which costs more than the text.
    points = np.empty(BLOCK + 16, np.uint32)
    place = np.empty(BLOCK + 1, np.int64)
    table[NO_POINT] = 1
    n = len(ends)
    last = int(ends[n - 1]) if n > 0 else int(first)
    out = np.int64(unit_ends[0])
    k = 0
    for block in range(first, last + 1, BLOCK):
        end = min(block + BLOCK, last)
        for i in range(0, end - block, 16):
            decode_sixteen(data, block + i, points, i)
        for i in range(end - block):
            point = np.int64(peek(points, i))
            unit = peek(table, point)
            if unit == 0:
                if n_known >= len(known):
                    return -1
                table[point] = n_known
                known[n_known] = point
                unit = peek(table, point)
                n_known += 1
            put(place, i, out)
            put(pool, out, unit)
            out += np.int64(point != NO_POINT)
        place[end - block] = out
        while k < n and ends[k] <= end:
            unit_ends[k + 1] = place[ends[k] - block]
            k += 1
    return n_known
