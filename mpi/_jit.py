"""How every kernel is compiled; the only file that speaks to numba's compiler.

Kernels live in ``_kernels*.py``. The cache lies outside the package in a folder named after a
hash of all kernel sources, numba's version and the processor: numba alone does not notice that a
callee in another file was edited, and would run the old code.

``MPI_JIT=0`` runs kernels as plain Python (coverage, debugging), ``MPI_BOUNDSCHECK=1`` compiles
them with array bounds checked, ``MPI_CACHE_DIR`` moves the cache.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

ENABLED = os.environ.get("MPI_JIT", "1") != "0"
BOUNDSCHECK = os.environ.get("MPI_BOUNDSCHECK", "0") == "1"

F = TypeVar("F", bound=Callable[..., Any])


def source_hash() -> str:
    """Hash of every kernel source of the package, this file included."""
    root = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=10)
    for path in [Path(__file__), *sorted(root.rglob("_kernels*.py"))]:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def wanted_cache_dir() -> Path:
    """Folder where the compiled kernels belong, new for new sources; it may not be writable."""
    import numba

    base = os.environ.get("MPI_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    root = Path(base).expanduser() if base else Path.home() / ".cache"
    name = f"{source_hash()}-numba{numba.__version__}-{platform.machine()}"
    if BOUNDSCHECK:
        name += "-checked"
    return root / "mpi" / name


def cache_dir() -> Path:
    """Folder of the compiled kernels: the wanted one, or a temporary one that can be written."""
    folder = wanted_cache_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    owner = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"mpi-{owner}" / folder.name


def is_cold() -> bool:
    """Whether kernels must still be compiled, which takes a while once for each version."""
    return ENABLED and not any(cache_dir().rglob("*.nbc"))


def _without_linear_algebra() -> None:
    """Load the compiler's arrays as though there were no linear algebra in SciPy.

    No kernel needs its matrices, and where it is installed the compiler would load it, and pandas
    with it, before the first kernel runs: 0.3 s and 50 MB.
    """
    name = "scipy.linalg"
    if name in sys.modules:
        return
    absent: Any = None
    sys.modules[name] = absent
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        del sys.modules[name]


if ENABLED:
    import numba

    _without_linear_algebra()

    # numba sets the names of its settings at run time.
    numba.config.CACHE_DIR = str(cache_dir())  # type: ignore[attr-defined]


def _plain(function: F) -> F:
    """As the compiler has it: unsigned numbers wrap around, a division by zero is infinite."""
    import numpy as np

    return np.errstate(all="ignore")(function)


def njit(function: F) -> F:
    """Compile without the interpreter lock, cached, with exact floating point, for kernels that
    make no array and give none back.

    Such a kernel counts no references. One that does spends two atomic operations on every array
    of every tuple that it hands on, inlined or not: four fifths of the time of scoring a pair, and
    a good part of what there is to compile.
    """
    return _compiled(function, _nrt=False)


def inner(function: F) -> F:
    """The same for kernels that only kernels call: Python cannot, and need not, reach them."""
    return _compiled(function, _nrt=False, no_cpython_wrapper=True)


def allocating(function: F) -> F:
    """The same for kernels that make arrays: the hot loop belongs in another one, which takes
    them."""
    return _compiled(function)


def _compiled(function: F, **options: Any) -> F:
    if not ENABLED:
        return _plain(function)
    options |= {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    compiled: Any = numba.njit(boundscheck=BOUNDSCHECK, **options)(function)
    return cast(F, compiled)


def inlined(function: F) -> F:
    """Compile into every caller: for the few small functions of an innermost loop, where a call
    with a dozen array arguments (about 50 ns) costs more than the work."""
    if not ENABLED:
        return _plain(function)
    compiled: Any = numba.njit(
        inline="always", nogil=True, error_model="numpy", boundscheck=BOUNDSCHECK
    )(function)
    return cast(F, compiled)


def prefetch(array: Any, index: int) -> None:
    """Ask for the cache line where row `index` of an array begins, without waiting for it.

    Comparing waits for memory, not for arithmetic: a pair touches some thirty lines at random.
    """


if ENABLED:
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.extending import intrinsic, overload

    @intrinsic
    def _touch(_context: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            made = context.make_array(signature.args[0])(context, builder, args[0])
            first = context.cast(builder, args[1], signature.args[1], types.intp)
            zero = context.get_constant(types.intp, 0)
            places = [first] + [zero] * (signature.args[0].ndim - 1)
            shape: Any = cgutils  # numba's code generators have no annotations
            item = shape.get_item_pointer(context, builder, signature.args[0], made, places)
            byte = ir.IntType(8).as_pointer()
            word = ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
            ask = shape.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            # For reading, to be kept in every cache, as data.
            builder.call(ask, [builder.bitcast(item, byte), word(0), word(3), word(1)])
            return context.get_dummy_value()

        return types.void(array, index), generate

    @overload(prefetch, strict=False)
    def _prefetch(array: Any, index: Any) -> Any:
        if isinstance(array, types.Array):
            # The compiler hands its own context to `_touch`, which a checker cannot see.
            return lambda array, index: _touch(array, index)  # type: ignore[call-arg]
        return None
