"""Vectors for kernels: the same step for many pairs at once.

A `lanes` value is one vector of unsigned integers (or of doubles) and lives in registers. The type
of the room that a kernel works in gives its width, so that both widths are compiled side by side:
256 bits are 16 lanes of 16-bit words, 512 bits 32. Whatever the machine has, LLVM lowers a vector
to it, with the same bits everywhere. A comparison gives all ones or all zeros in each lane.

Without the compiler (``MPI_JIT=0``) a `lanes` value is a small NumPy array.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mpi._jit import ENABLED


class Room256(NamedTuple):
    """Where a kernel in lanes works.

    masks : uint16, 32 or 64[bits * lanes], positions in the right text of each unit of the left
    lengths : the same type[2 * lanes], of the left and of the right texts
    found : float64[lanes]
    """

    masks: npt.NDArray[Any]
    lengths: npt.NDArray[Any]
    found: npt.NDArray[np.float64]


class Room512(NamedTuple):
    """As `Room256`, for machines with 512 bits in a register."""

    masks: npt.NDArray[Any]
    lengths: npt.NDArray[Any]
    found: npt.NDArray[np.float64]


Room = Room256 | Room512
VECTOR_BYTES: dict[Any, int] = {Room256: 32, Room512: 64}


@lru_cache(maxsize=1)
def widest_room() -> type[Room256] | type[Room512]:
    """The room whose lanes fill the registers of this machine; either gives the same bits."""
    if not ENABLED:
        return Room256
    from llvmlite.binding import get_host_cpu_features

    has = get_host_cpu_features()
    return Room512 if has.get("avx512bw") and has.get("avx512vl") else Room256


def make_room(bits: int, kind: type[Room256] | type[Room512] | None = None) -> Room:
    """Room for lanes of words of so many bits, the widest where no kind is given."""
    kind = kind or widest_room()
    word, lanes = np.dtype(f"uint{bits}"), VECTOR_BYTES[kind] * 8 // bits
    return kind(np.zeros(bits * lanes, word), np.zeros(2 * lanes, word), np.zeros(lanes))


if not ENABLED:

    def lane_zero(room: Any) -> Any:
        """Lanes of zeros, as wide as the room's, of its words."""
        return np.zeros(VECTOR_BYTES[type(room)] // room.masks.itemsize, room.masks.dtype)

    def lane_width(like: Any) -> int:
        """How many lanes there are."""
        return len(like)

    def lane_load(like: Any, words: Any, at: Any) -> Any:
        """The lanes that begin at `at`."""
        return words[at : at + len(like)].copy()

    def lane_store(words: Any, at: Any, lanes: Any) -> None:
        """Write lanes to where `at` begins."""
        words[at : at + len(lanes)] = lanes

    def lane_fill(like: Any, value: Any) -> Any:
        """Lanes of one value."""
        return np.full(len(like), int(value) % 2 ** (8 * like.itemsize), like.dtype)

    def lane_same(a: Any, b: Any) -> Any:
        """All ones where equal."""
        return np.where(a == b, ~np.zeros_like(a), np.zeros_like(a))

    def lane_below(a: Any, b: Any) -> Any:
        """All ones where a < b, for numbers without the highest bit, such as lengths."""
        return np.where(a < b, ~np.zeros_like(a), np.zeros_like(a))

    def lane_larger(a: Any, b: Any) -> Any:
        """The larger of each two, for numbers without the highest bit."""
        return np.maximum(a, b)

    def lane_lowest(a: Any) -> Any:
        """As many low bits as each lane says, all where it says the width of a word or more."""
        bits = 8 * a.itemsize
        return np.array([2 ** min(int(n), bits) - 1 for n in a], a.dtype)

    def lane_double(a: Any) -> Any:
        """Each lane as a double."""
        return a.astype(np.float64)

    def lane_real(like: Any, value: float) -> Any:
        """Lanes of one double."""
        return np.full(len(like), value)

    def lane_choose(above: Any, limit: Any, yes: Any, no: Any) -> Any:
        """`yes` where above > limit, all doubles."""
        return np.where(above > limit, yes, no)

    def lane_count(a: Any) -> Any:
        """Set bits of each lane."""
        return np.array([int(x).bit_count() for x in a], a.dtype)

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
        def bitwidth(self) -> int:
            """As other numbers have it."""
            return self.bits

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

    def pointer_to(context: Any, builder: Any, array: Any, value: Any, at: Any, vector: Any) -> Any:
        """Where a vector begins in an array."""
        data = context.make_array(array)(context, builder, value).data
        return builder.bitcast(builder.gep(data, [at]), vector.as_pointer())

    def splat(builder: Any, value: Any, vector: Any) -> Any:
        """One value in every lane."""
        i32 = ir.IntType(32)
        one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, i32(0))
        order = ir.Constant(ir.VectorType(i32, vector.count), None)
        return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), order)

    @intrinsic
    def lane_zero(_context: Any, room: Any) -> Any:
        """Lanes of zeros, as wide as the room's, of its words."""
        bits = room.types[room.fields.index("masks")].dtype.bitwidth
        lanes = Lanes(bits, VECTOR_BYTES[room.instance_class] * 8 // bits)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return ir.Constant(lanes.vector, None)

        return lanes(room), generate

    @intrinsic
    def lane_width(_context: Any, like: Any) -> Any:
        """How many lanes there are, known when compiled."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return ir.IntType(64)(like.count)

        return types.int64(like), generate

    @intrinsic
    def lane_load(_context: Any, like: Any, words: Any, at: Any) -> Any:
        """The lanes that begin at `at`."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = pointer_to(context, builder, words, args[1], args[2], like.vector)
            return builder.load(pointer, align=words.dtype.bitwidth // 8)

        return like(like, words, types.int64), generate

    @intrinsic
    def lane_store(_context: Any, words: Any, at: Any, lanes: Any) -> Any:
        """Write lanes to where `at` begins."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = pointer_to(context, builder, words, args[0], args[1], lanes.vector)
            builder.store(args[2], pointer, align=words.dtype.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(words, types.int64, lanes), generate

    @intrinsic
    def lane_fill(_context: Any, like: Any, value: Any) -> Any:
        """Lanes of one value."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            element = like.vector.element
            number = args[1]
            if number.type.width > element.width:
                number = builder.trunc(number, element)
            return splat(builder, number, like.vector)

        return like(like, types.int64), generate

    @intrinsic
    def lane_real(_context: Any, like: Any, value: Any) -> Any:
        """Lanes of one double."""
        lanes = Lanes(0, like.count)

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return splat(builder, args[1], lanes.vector)

        return lanes(like, types.float64), generate

    @intrinsic
    def lane_same(_context: Any, a: Any, b: Any) -> Any:
        """All ones where equal."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.sext(builder.icmp_unsigned("==", *args), a.vector)

        return a(a, b), generate

    @intrinsic
    def lane_below(_context: Any, a: Any, b: Any) -> Any:
        """All ones where a < b, for numbers without the highest bit, such as lengths."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            # Signed: one instruction where an unsigned comparison is three.
            return builder.sext(builder.icmp_signed("<", *args), a.vector)

        return a(a, b), generate

    @intrinsic
    def lane_larger(_context: Any, a: Any, b: Any) -> Any:
        """The larger of each two, for numbers without the highest bit."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.select(builder.icmp_signed(">", *args), *args)

        return a(a, b), generate

    @intrinsic
    def lane_lowest(_context: Any, a: Any) -> Any:
        """As many low bits as each lane says, all where it says the width of a word or more."""

        def generate(_context: Any, builder: Any, signature: Any, args: Any) -> Any:
            zero = ir.Constant(a.vector, None)
            ones = builder.not_(zero)
            bits = ir.Constant(a.vector, [a.bits] * a.count)
            # A shift by the width of a word is undefined: it is chosen away.
            some = builder.icmp_signed("<", args[0], bits)
            shifted = builder.shl(ones, builder.select(some, args[0], zero))
            return builder.select(some, builder.not_(shifted), ones)

        return a(a), generate

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
        (operator.rshift, "lshr", None),
        (operator.add, "add", "fadd"),
        (operator.sub, "sub", "fsub"),
        (operator.mul, "mul", "fmul"),
        (operator.truediv, "fdiv", "fdiv"),
    ):
        _operator(_symbol, _on_words, _on_reals)
