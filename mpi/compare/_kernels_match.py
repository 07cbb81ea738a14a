"""Where the units of one text stand in another, for many pairs at once.

One vector comparison gives all positions of a unit. The table that the kernels of edit distances
and of Jaro walk in lanes is made of these: row i holds, lane by lane, where unit i of the left text
stands in the right one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpi._jit import BOUNDSCHECK, ENABLED, inlined
from mpi.compare._kernels_lanes import lane_width

if not ENABLED:

    def load_units(pool: Any, at: Any, like: Any) -> Any:
        """As many units as a word of `like` has bits."""
        return pool[at : at + 8 * like.itemsize]

    def peek(array: Any, at: Any) -> Any:
        """`array[at]`, where `at` is known to be inside."""
        return array[at]

    def put(array: Any, at: Any, value: Any) -> None:
        """`array[at] = value`, where `at` is known to be inside."""
        array[at] = value

    def match_four(masks: Any, at: Any, step: Any, units: Any, pool: Any, first: Any) -> None:
        """Write the positions of four units that follow one another, `step` words apart."""
        for i in range(4):
            masks[at + i * step] = match_units(units, pool[first + i])

    def match_units(units: Any, unit: Any) -> Any:
        """Positions of `unit`, one bit each."""
        return np.uint64(sum(1 << int(j) for j in np.flatnonzero(units == unit)))

    def equal_units(units: Any, others: Any) -> Any:
        """Positions where both have the same unit, one bit each."""
        return match_units(units, others)

    def bag_of_units(units: Any, count: Any) -> Any:
        """The first `count` units, at least one, each hashed to one of 64 bits."""
        return np.uint64(sum({1 << int(unit) % 64 for unit in units[:count]}))

    def count_bits(word: Any) -> int:
        """Set bits of a 64-bit word."""
        return int(word).bit_count()

else:
    from llvmlite import ir
    from numba.core import types
    from numba.extending import intrinsic

    from mpi.compare._kernels_lanes import Lanes, pointer_to, splat

    def _word(units: Any) -> Any:
        return types.Integer.from_bitwidth(units.count, False)

    @intrinsic
    def load_units(_context: Any, pool: Any, at: Any, like: Any) -> Any:
        """As many units as a word of `like` has bits."""
        units = Lanes(pool.dtype.bitwidth, like.bitwidth)

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = pointer_to(context, builder, pool, args[0], args[1], units.vector)
            return builder.load(pointer, align=pool.dtype.bitwidth // 8)

        return units(pool, types.int64, like), generate

    @intrinsic
    def match_units(_context: Any, units: Any, unit: Any) -> Any:
        """Positions of `unit`, one bit each."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wanted = splat(builder, args[1], units.vector)
            found = builder.icmp_unsigned("==", args[0], wanted)
            return builder.bitcast(found, ir.IntType(units.count))

        return _word(units)(units, types.Integer.from_bitwidth(units.bits, False)), generate

    @intrinsic
    def equal_units(_context: Any, units: Any, others: Any) -> Any:
        """Positions where both have the same unit, one bit each."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = builder.icmp_unsigned("==", *args)
            return builder.bitcast(found, ir.IntType(units.count))

        return _word(units)(units, units), generate

    @intrinsic
    def bag_of_units(_context: Any, units: Any, count: Any) -> Any:
        """The first `count` units, at least one, each hashed to one of 64 bits."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            i64 = ir.IntType(64)
            wide = ir.VectorType(i64, units.count)
            first = splat(builder, builder.extract_element(args[0], i64(0)), units.vector)
            order = ir.Constant(units.vector, list(range(units.count)))
            limit = builder.select(
                builder.icmp_signed("<", args[1], i64(units.count)), args[1], i64(units.count)
            )
            limit = splat(builder, builder.trunc(limit, units.vector.element), units.vector)
            # Behind the text its first unit stands once more: cheaper than masks of wide words.
            inside = builder.icmp_signed("<", order, limit)
            place = builder.select(inside, args[0], first)
            place = builder.and_(place, ir.Constant(units.vector, [63] * units.count))
            one = ir.Constant(wide, [1] * units.count)
            bits = builder.shl(one, builder.zext(place, wide))
            name = f"llvm.vector.reduce.or.v{units.count}i64"
            kind = ir.FunctionType(i64, [wide])
            gather = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
            return builder.call(gather, [bits])

        return types.uint64(units, types.int64), generate

    # NumPy's negative indices cost a compare and a select at every access, a third of the time
    # of a kernel that reads a byte at a time: these two do without.
    if BOUNDSCHECK:

        @inlined
        def peek(array: Any, at: Any) -> Any:
            """`array[at]`, where `at` is known to be inside."""
            return array[at]

        @inlined
        def put(array: Any, at: Any, value: Any) -> None:
            """`array[at] = value`, where `at` is known to be inside."""
            array[at] = value

    else:

        @intrinsic
        def peek(_context: Any, array: Any, at: Any) -> Any:
            """`array[at]`, where `at` is known to be inside."""

            def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
                data = context.make_array(array)(context, builder, args[0]).data
                return builder.load(builder.gep(data, [args[1]]))

            return array.dtype(array, types.int64), generate

        @intrinsic
        def put(_context: Any, array: Any, at: Any, value: Any) -> Any:
            """`array[at] = value`, where `at` is known to be inside."""

            def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
                data = context.make_array(array)(context, builder, args[0]).data
                word = context.cast(builder, args[2], value, array.dtype)
                builder.store(word, builder.gep(data, [args[1]]))
                return context.get_dummy_value()

            return types.void(array, types.int64, value), generate

    @intrinsic
    def match_four(
        _context: Any, masks: Any, at: Any, step: Any, units: Any, pool: Any, first: Any
    ) -> Any:
        """Write the positions of four units that follow one another, `step` words apart."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            row = context.make_array(masks)(context, builder, args[0]).data
            data = context.make_array(pool)(context, builder, args[4]).data
            place, unit = args[1], args[5]
            for _ in range(4):
                wanted = splat(builder, builder.load(builder.gep(data, [unit])), units.vector)
                found = builder.icmp_unsigned("==", args[3], wanted)
                word = builder.bitcast(found, ir.IntType(units.count))
                builder.store(word, builder.gep(row, [place]))
                place = builder.add(place, args[2])
                unit = builder.add(unit, ir.Constant(unit.type, 1))
            return context.get_dummy_value()

        return types.void(masks, types.int64, types.int64, units, pool, types.int64), generate

    @intrinsic
    def count_bits(_context: Any, word: Any) -> Any:
        """Set bits of a 64-bit word."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.ctpop(args[0])

        return types.int64(types.uint64), generate


@inlined
def text_of(side: Any, k: Any) -> tuple[Any, Any]:
    """Where the text of pair k begins on this side, and how many units it has."""
    at = k * side.step
    start = np.int64(peek(side.start, at))
    return start, np.int64(peek(side.end, at)) - start


@inlined
def longest_text(side: Any, listed: Any) -> int:
    """Units of the longest text that the listed pairs have on this side, at least 1."""
    longest = 1
    for k in listed:
        longest = max(longest, side.end[k * side.step] - side.start[k * side.step])
    return longest


@inlined
def match_lanes(room: Any, zero: Any, left: Any, right: Any, listed: Any, base: int) -> int:
    """Fill the room's `masks` and `lengths` (of left, of right) for pairs listed from `base`.

    Behind a text its rows are of no meaning.

    Returns
    -------
    units of the longest left text
    """
    lanes = lane_width(zero)
    last = len(listed) - 1
    longest = 0
    for lane in range(lanes):
        k = np.int64(peek(listed, min(base + lane, last)))
        _, n_a = text_of(left, k)
        _, n_b = text_of(right, k)
        put(room.lengths, lane, n_a)
        put(room.lengths, lanes + lane, n_b)
        longest = max(longest, n_a)
    # All pairs of a group take as many steps, known before: a loop of the length of the text would
    # end with a branch guessed wrong, which costs more than the steps behind the text.
    for lane in range(lanes):
        k = np.int64(peek(listed, min(base + lane, last)))
        a = np.int64(peek(left.start, k * left.step))
        units = load_units(right.pool, np.int64(peek(right.start, k * right.step)), zero)
        for i in range(0, longest, 4):
            match_four(room.masks, i * lanes + lane, lanes, units, left.pool, a + i)
    return longest
