"""Enterprise ids: opaque, of fixed length, with a check character, never twice the same.

A serial number is mixed over 45 bits by rounds that can each be undone, so two numbers never share
an id and neighbours look unrelated. The 45 bits are nine characters of Crockford's base 32 (digits
and capitals without I, L, O and U); the tenth is a check character over GF(32).

With d_0 ... d_9 the characters and a a generator of GF(32), a valid id satisfies
sum(a**(9 - i) * d_i) = 0. The weights are all different and none is zero, so a single wrong
character and a swap of any two characters always break the sum (a Reed-Solomon code of distance
two). The mod-37 check of Crockford would do the same, but needs characters such as ``*`` and ``=``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
BITS = 45
LAST = (1 << BITS) - 1
"""Largest serial number that has an id."""

_MASK = np.uint64(LAST)
# Odd factors are invertible modulo 2**45, and so is x ^ (x >> s): the mixing is a bijection.
_ROUNDS = ((0x0E4D2C3A9B17, 23), (0x1B873593A5F1, 22), (0x09E3779B97F5, 24))
_FIRST = np.uint64(0x0A5C396E71D3)


def _generator_powers() -> list[int]:
    """a**0 ... a**30 of GF(32) with the polynomial x**5 + x**2 + 1, as bit patterns."""
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value <<= 1
        if value & 0b100000:
            value ^= 0b100101
    return powers


def _products() -> npt.NDArray[np.uint8]:
    """uint8[10, 32]: a**(9 - position) times each character's value, in GF(32)."""
    powers = _generator_powers()
    table = np.zeros((LENGTH, 32), dtype=np.uint8)
    for position in range(LENGTH):
        for exponent, value in enumerate(powers):
            table[position, value] = powers[(exponent + LENGTH - 1 - position) % 31]
    return table


_PRODUCTS = _products()
_SYMBOLS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_VALUES = np.full(256, 255, dtype=np.uint8)
_VALUES[_SYMBOLS] = np.arange(32, dtype=np.uint8)


def _mix(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = (numbers + _FIRST) & _MASK
    for factor, shift in _ROUNDS:
        mixed *= np.uint64(factor)
        mixed &= _MASK
        mixed ^= mixed >> np.uint64(shift)
    return mixed


def _unmix(mixed: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    numbers = mixed.copy()
    for factor, shift in reversed(_ROUNDS):
        plain = numbers.copy()
        for _ in range(BITS // shift):
            plain = numbers ^ (plain >> np.uint64(shift))
        numbers = (plain * np.uint64(pow(factor, -1, 1 << BITS))) & _MASK
    return (numbers - _FIRST) & _MASK


def enterprise_ids(numbers: npt.NDArray[np.int64]) -> pa.StringArray:
    """Ids of serial numbers.

    Parameters
    ----------
    numbers : int64[n], 1 to 2**45 - 1

    Returns
    -------
    string[n], ten characters each, in the order of `numbers`

    Raises
    ------
    ValueError
        A number lies outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> ids = enterprise_ids(np.array([1, 2, 3]))
    >>> ids.to_pylist()
    ['NR2SEW49BP', 'Z97AVX4VER', '6B9KC5V317']
    >>> serial_numbers(ids)
    array([1, 2, 3])
    """
    numbers = np.asarray(numbers, dtype=np.int64)
    if len(numbers) and not (numbers.min() >= 1 and numbers.max() <= LAST):
        raise ValueError(
            f"serial numbers from {numbers.min()} to {numbers.max()}; they must lie in 1 to {LAST}"
        )
    mixed = _mix(numbers.astype(np.uint64))
    text = np.empty((len(numbers), LENGTH), dtype=np.uint8)
    check = np.zeros(len(numbers), dtype=np.uint8)
    for position in range(LENGTH - 1):
        shift = np.uint64(5 * (LENGTH - 2 - position))
        value = ((mixed >> shift) & np.uint64(31)).astype(np.uint8)
        check ^= _PRODUCTS[position][value]
        text[:, position] = _SYMBOLS[value]
    text[:, -1] = _SYMBOLS[check]
    offsets = np.arange(len(numbers) + 1, dtype=np.int64) * LENGTH
    if offsets[-1] > np.iinfo(np.int32).max:
        raise ValueError(f"{len(numbers)} ids do not fit one string array; ask for fewer at once")
    return pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(text)
    )


def order_of_ids(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """int64[n]: where the serial numbers stand whose ids are the first, second ... as text.

    Examples
    --------
    >>> import numpy as np
    >>> order_of_ids(np.array([1, 2, 3]))
    array([2, 0, 1])
    """
    # The alphabet ascends, and what goes before the check character is the mixed number.
    return np.asarray(np.argsort(_mix(numbers.astype(np.uint64))), np.int64)


def _decode(
    ids: pa.Array | pa.ChunkedArray,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """The mixed number of each id, and which ids are valid."""
    if isinstance(ids, pa.ChunkedArray):
        ids = ids.combine_chunks()
    right_length = pc.fill_null(pc.equal(pc.binary_length(ids), LENGTH), False)
    valid = right_length.to_numpy(zero_copy_only=False).astype(np.bool_)
    blank = pa.scalar("0" * LENGTH)
    even = pc.if_else(right_length, ids, blank).cast(pa.binary()).cast(pa.binary(LENGTH))
    raw = np.frombuffer(even.buffers()[1], dtype=np.uint8, count=(len(even)) * LENGTH)
    values = _VALUES[raw.reshape(len(even), LENGTH)]
    valid &= (values < 32).all(axis=1)
    check = np.zeros(len(values), dtype=np.uint8)
    mixed = np.zeros(len(values), dtype=np.uint64)
    for position in range(LENGTH):
        value = values[:, position] & np.uint8(31)
        check ^= _PRODUCTS[position][value]
        if position < LENGTH - 1:
            mixed = (mixed << np.uint64(5)) | value
    return mixed, valid & (check == 0)


def serial_numbers(ids: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Serial numbers of ids: the way back from `enterprise_ids`.

    Parameters
    ----------
    ids : string[n]

    Returns
    -------
    int64[n]

    Raises
    ------
    UsageError
        An id has another length, a foreign character or a wrong check character.
    """
    mixed, valid = _decode(ids)
    if not valid.all():
        wrong = ids[int(np.argmin(valid))].as_py()
        raise UsageError(
            f"'{wrong}' is no enterprise id: an id has {LENGTH} characters of {ALPHABET}, and the "
            "last one checks the others; compare it with where it was copied from"
        )
    return _unmix(mixed).astype(np.int64)


def is_valid(enterprise_id: str) -> bool:
    """Whether this text can be an enterprise id; every single slip of the pen is noticed.

    Examples
    --------
    >>> import numpy as np
    >>> one = enterprise_ids(np.array([1]))[0].as_py()
    >>> is_valid(one), is_valid(one[1] + one[0] + one[2:])
    (True, False)
    """
    return bool(_decode(pa.array([enterprise_id], pa.string()))[1][0])
