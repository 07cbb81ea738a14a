"""Vectors for kernels: the same step for 8 to 32 pairs at once.

A `lanes` value is one hardware vector of unsigned integers (or of doubles); it is made by
`lane_load` and `lane_fill` and lives in registers. The array it is loaded from gives the width:
32 lanes of 16-bit words, 16 of 32-bit words, 8 of 64-bit words. LLVM lowers them to what the
machine has, with the same bits everywhere. A comparison gives all ones or all zeros in each lane.

Without the compiler (``MPI_JIT=0``) a `lanes` value is a small NumPy array.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from mpi._jit import BOUNDSCHECK, ENABLED, inlined

LANE_BYTES = 64

if not ENABLED:

    def lane_load(words: Any, at: Any) -> Any:
        """The lanes that begin at `at`."""
        return words[at : at + LANE_BYTES // words.itemsize].copy()

    def lane_store(words: Any, at: Any, lanes: Any) -> None:
        """Write lanes to where `at` begins."""
        words[at : at + len(lanes)] = lanes

    def lane_fill(words: Any, value: Any) -> Any:
        """Lanes of one value, as wide as those loaded from `words`."""
        return np.full(
            LANE_BYTES // words.itemsize, int(value) % 2 ** (8 * words.itemsize), words.dtype
        )

    def lane_same(a: Any, b: Any) -> Any:
        """All ones where equal."""
        return np.where(a == b, ~np.zeros_like(a), np.zeros_like(a))

    def lane_below(a: Any, b: Any) -> Any:
        """All ones where a < b, unsigned."""
        return np.where(a < b, ~np.zeros_like(a), np.zeros_like(a))

    def lane_double(a: Any) -> Any:
        """Each lane as a double."""
        return a.astype(np.float64)

    def lane_real(words: Any, value: float) -> Any:
        """A double in as many lanes as `words` has."""
        return np.full(LANE_BYTES // words.itemsize, value)

    def lane_choose(above: Any, limit: Any, yes: Any, no: Any) -> Any:
        """`yes` where above > limit, all doubles."""
        return np.where(above > limit, yes, no)

    def lane_count(a: Any) -> Any:
        """Set bits of each lane."""
        return np.array([int(x).bit_count() for x in a], a.dtype)

    def load_units(pool: Any, at: Any, masks: Any) -> Any:
        """As many units as a word of `masks` has bits."""
        return pool[at : at + 8 * masks.itemsize]

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

    def count_bits(word: Any) -> int:
        """Set bits of a 64-bit word."""
        return int(word).bit_count()

else:
    from llvmlite import ir
    from numba.core import types
    from numba.core.datamodel import models
    from numba.core.typing.templates import AbstractTemplate, infer_global
    from numba.core.typing.templates import signature as _signature_of
    from numba.extending import intrinsic, lower_builtin, register_model

    class Lanes(types.Type):
        """`count` unsigned integers of `bits` bits, or doubles where `bits` is 0."""

        def __init__(self, bits: int, count: int) -> None:
            self.bits, self.count = bits, count
            super().__init__(f"Lanes({bits}x{count})")

        @property
        def vector(self) -> Any:
            """The vector type of LLVM."""
            element = ir.IntType(self.bits) if self.bits else ir.DoubleType()
            return ir.VectorType(element, self.count)

    @register_model(Lanes)
    class _LanesModel(models.PrimitiveModel):
        def __init__(self, manager: Any, lanes: Any) -> None:
            initialise: Any = super().__init__
            initialise(manager, lanes, lanes.vector)

    _signature: Any = _signature_of
    _register: Any = infer_global
    _lower: Any = lower_builtin

    def _of(words: Any) -> Any:
        return Lanes(words.dtype.bitwidth, LANE_BYTES * 8 // words.dtype.bitwidth)

    def _reals(words: Any) -> Any:
        return Lanes(0, LANE_BYTES * 8 // words.dtype.bitwidth)

    def _address(context: Any, builder: Any, array: Any, value: Any, at: Any, vector: Any) -> Any:
        data = context.make_array(array)(context, builder, value).data
        return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())

    def _splat(builder: Any, value: Any, vector: Any) -> Any:
        i32 = ir.IntType(32)
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, i32(0))
        order = ir.Constant(ir.VectorType(i32, vector.count), None)
        return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), order)

    @intrinsic
    def lane_load(_context: Any, words: Any, at: Any) -> Any:
        """The lanes that begin at `at`."""
        lanes = _of(words)

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _address(context, builder, words, args[0], args[1], lanes.vector)
            return builder.load(pointer, align=words.dtype.bitwidth // 8)

        return lanes(words, types.int64), generate

    @intrinsic
    def lane_store(_context: Any, words: Any, at: Any, lanes: Any) -> Any:
        """Write lanes to where `at` begins."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _address(context, builder, words, args[0], args[1], lanes.vector)
            builder.store(args[2], pointer, align=words.dtype.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(words, types.int64, lanes), generate

    @intrinsic
    def lane_fill(_context: Any, words: Any, value: Any) -> Any:
        """Lanes of one value, as wide as those loaded from `words`."""
        lanes = _of(words)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            element = lanes.vector.element
            number = args[1]
            if number.type.width > element.width:
                number = builder.trunc(number, element)
            return _splat(builder, number, lanes.vector)

        return lanes(words, types.int64), generate

    @intrinsic
    def lane_real(_context: Any, words: Any, value: Any) -> Any:
        """A double in as many lanes as `words` has."""
        lanes = _reals(words)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return _splat(builder, args[1], lanes.vector)

        return lanes(words, types.float64), generate

    @intrinsic
    def lane_same(_context: Any, a: Any, b: Any) -> Any:
        """All ones where equal."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.sext(builder.icmp_unsigned("==", *args), a.vector)

        return a(a, b), generate

    @intrinsic
    def lane_below(_context: Any, a: Any, b: Any) -> Any:
        """All ones where a < b, unsigned."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.sext(builder.icmp_unsigned("<", *args), a.vector)

        return a(a, b), generate

    @intrinsic
    def lane_double(_context: Any, a: Any) -> Any:
        """Each lane as a double."""
        lanes = Lanes(0, a.count)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            # Counts are small: the signed conversion is one instruction where there is one.
            wide = args[0]
            if a.bits < 32:
                wide = builder.zext(wide, ir.VectorType(ir.IntType(32), a.count))
            elif a.bits > 32:
                wide = builder.trunc(wide, ir.VectorType(ir.IntType(32), a.count))
            return builder.sitofp(wide, lanes.vector)

        return lanes(a), generate

    @intrinsic
    def lane_choose(_context: Any, above: Any, limit: Any, yes: Any, no: Any) -> Any:
        """`yes` where above > limit, all doubles."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", args[0], args[1]), args[2], args[3])

        return yes(above, limit, yes, no), generate

    @intrinsic
    def lane_count(_context: Any, a: Any) -> Any:
        """Set bits of each lane."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kind = ir.FunctionType(a.vector, [a.vector])
            name = f"llvm.ctpop.v{a.count}i{a.bits}"
            count = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
            return builder.call(count, args)

        return a(a), generate

    @intrinsic
    def load_units(_context: Any, pool: Any, at: Any, masks: Any) -> Any:
        """As many units as a word of `masks` has bits."""
        units = Lanes(pool.dtype.bitwidth, masks.dtype.bitwidth)

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _address(context, builder, pool, args[0], args[1], units.vector)
            return builder.load(pointer, align=pool.dtype.bitwidth // 8)

        return units(pool, types.int64, masks), generate

    @intrinsic
    def match_units(_context: Any, units: Any, unit: Any) -> Any:
        """Positions of `unit`, one bit each."""
        word = types.Integer.from_bitwidth(units.count, False)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            wanted = _splat(builder, args[1], units.vector)
            found = builder.icmp_unsigned("==", args[0], wanted)
            return builder.bitcast(found, ir.IntType(units.count))

        return word(units, types.Integer.from_bitwidth(units.bits, False)), generate

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
                wanted = _splat(builder, builder.load(builder.gep(data, [unit])), units.vector)
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

    def _operator(symbol: Callable[..., Any], on_words: str, on_reals: str | None) -> None:
        class Operator(AbstractTemplate):
            def generic(self, args: Any, kws: Any) -> Any:
                if len(args) == 2 and isinstance(args[0], Lanes) and args[0] == args[1]:
                    return _signature(args[0], *args)
                return None

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            name = on_words if signature.return_type.bits else on_reals
            return getattr(builder, str(name))(*args)

        _register(symbol)(Operator)
        _lower(symbol, Lanes, Lanes)(generate)

    for _symbol, _on_words, _on_reals in (
        (operator.and_, "and_", None),
        (operator.or_, "or_", None),
        (operator.xor, "xor", None),
        (operator.add, "add", "fadd"),
        (operator.sub, "sub", "fsub"),
        (operator.mul, "mul", "fmul"),
        (operator.truediv, "fdiv", "fdiv"),
    ):
        _operator(_symbol, _on_words, _on_reals)
