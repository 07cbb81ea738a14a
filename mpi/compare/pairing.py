"""Which texts meet which: pair by pair, one with many, or all with all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from mpi.compare.arrays import Column, Texts, encode_columns, frozen, text_column

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
CHUNK = 1 << 15


class Side(NamedTuple):
    """What a pair kernel is given of a side: pair k has the units of text `k * step`.

    pool, start, end : as in `Texts`
    step : 1, or 0 where the only text is repeated
    """

    pool: npt.NDArray[Any]
    start: npt.NDArray[Any]
    end: npt.NDArray[Any]
    step: int


@dataclass(frozen=True)
class Pairs:
    """`n` pairs: text `k * step` of each side, where a step of 0 repeats its only text."""

    left: Texts
    right: Texts
    step_left: int
    step_right: int
    n: int

    @property
    def sides(self) -> tuple[Side, Side]:
        """What every pair kernel is given of both sides."""
        a, b = self.left, self.right
        return (
            Side(a.pool, a.start, a.end, self.step_left),
            Side(b.pool, b.start, b.end, self.step_right),
        )

    def run(self, kernel: Callable[..., None], *arguments: Any) -> None:
        """Give a kernel both sides, then the arguments."""
        kernel(*self.sides, *arguments)

    def lengths(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Units of the left and of the right texts, int64[n] or int64[1]."""
        return self.left.end - self.left.start, self.right.end - self.right.start


Measure = Callable[[Pairs, Reals], None]


def compare_texts(
    left: Any,
    right: Any,
    measure: Measure,
    *,
    all_pairs: bool = False,
    words: bool = False,
    compose: bool = True,
    bags: bool | None = False,
) -> Any:
    """Run a measure over pairs of texts; `words`, `compose`, `bags` as in `encode_columns`.

    With `bags` None these are found where texts are compared more than once: finding those of two
    texts takes as long as comparing these in lanes.

    Returns
    -------
    float64[n] (a float where both sides are a single text), with `all_pairs`
    float64[n_left, n_right]; NaN where either text is missing

    Raises
    ------
    TypeError, ValueError
        An argument is no text, or the sides differ in length.
    """
    columns = (text_column(left, "left"), text_column(right, "right"))
    a, b = _length(columns[0]), _length(columns[1])
    scalar = columns[0][2] and columns[1][2] and not all_pairs
    if not all_pairs and a != b and not (columns[0][2] or columns[1][2]):
        raise ValueError(
            f"left has {a} texts and right has {b}; give the same number, a single text, "
            "or all_pairs=True"
        )
    n = a if columns[1][2] else b
    if bags is None:
        bags = all_pairs or columns[0][2] or columns[1][2]
    encode = partial(encode_columns, words=words, compose=compose, bags=bags)
    found = _of_unique(columns, measure, all_pairs, n, encode)
    if found is None:
        sides = encode(columns)
        found = (_matrix if all_pairs else _pairwise)(*sides, measure)
    return float(found[0]) if scalar else found


def _length(column: Column) -> int:
    return len(column[0] if column[1] is None else column[1])


def _of_unique(
    columns: tuple[Column, Column],
    measure: Measure,
    all_pairs: bool,
    n: int,
    encode: Callable[[tuple[Column, Column]], tuple[Texts, Texts]],
) -> Reals | None:
    """Each pair of dictionary values once, where these are far fewer than the pairs."""
    sizes = [len(values) for values, _, _ in columns]
    pairs = _length(columns[0]) * _length(columns[1]) if all_pairs else n
    if all(codes is None for _, codes, _ in columns) or 4 * sizes[0] * sizes[1] > pairs:
        return None
    plain = [(values, None, scalar) for values, _, scalar in columns]
    table = np.full((sizes[0] + 1, sizes[1] + 1), np.nan)
    table[:-1, :-1] = _matrix(*encode((plain[0], plain[1])), measure)
    places = []
    for (values, codes, _), size in zip(columns, sizes, strict=True):
        if codes is None:
            places.append(np.arange(len(values)))
        else:
            places.append(codes.cast("int64").fill_null(size).to_numpy(zero_copy_only=False))
    if all_pairs:
        return cast(Reals, table[np.ix_(places[0], places[1])])
    return cast(Reals, table[places[0], places[1]])


def _pairwise(left: Texts, right: Texts, measure: Measure, out: Reals | None = None) -> Reals:
    step_left, step_right = int(not left.scalar), int(not right.scalar)
    n = len(right) if left.scalar else len(left)
    out = np.empty(n) if out is None else out
    with np.errstate(over="ignore"):  # kernels wrap on purpose where they run uncompiled
        measure(Pairs(left, right, step_left, step_right, n), out)
    for side in (left, right):
        if side.missing is not None:
            out[...] = np.nan if side.scalar else np.where(side.missing, np.nan, out)
    return out


def _matrix(left: Texts, right: Texts, measure: Measure) -> Reals:
    """Rows of the left texts: one by one where rows are long, else many rows as one list."""
    n_left, n_right = len(left), len(right)
    out = np.empty((n_left, n_right))
    left, right = replace(left, scalar=False), replace(right, scalar=False)
    rows = 1 if n_right >= CHUNK // 8 else max(CHUNK // max(n_right, 1), 1)
    for first in range(0, n_left, rows):
        last = min(first + rows, n_left)
        if rows == 1:
            row, others = replace(_part(left, slice(first, last)), scalar=True), right
        else:
            row = _part(left, np.repeat(np.arange(first, last), n_right))
            others = _part(right, np.tile(np.arange(n_right), last - first))
        _pairwise(row, others, measure, out[first:last].reshape(-1))
    return out


def _part(side: Texts, chosen: Any) -> Texts:
    missing = None if side.missing is None else side.missing[chosen]
    start, end = frozen(side.start[chosen]), frozen(side.end[chosen])
    bags = None if side.bags is None else side.bags[chosen]
    return replace(side, start=start, end=end, missing=missing, bags=bags)


def run_by_width(
    pairs: Pairs,
    lanes: Callable[..., None],
    longer: Callable[..., None],
    options: tuple[Any, ...],
    out: Reals,
    screen: tuple[Any, ...] = (),
) -> None:
    """Give pairs to the kernel of their width: 16, 32 or 64 units in lanes, or longer.

    screen : a kernel that moves the pairs worth comparing to the front of a list and answers for
        the others, and its options; used where the bags of both sides are known
    """
    from mpi.compare._kernels_lanes import Room, make_room
    from mpi.compare._kernels_widths import CLASSES, LONG, sort_by_width

    sort: Callable[..., None] = sort_by_width
    sides, bags = pairs.sides, (pairs.left.bags, pairs.right.bags)
    chunk = min(CHUNK, pairs.n)
    listed = np.empty((LONG + 1, chunk), np.int32 if pairs.n < 2**31 else np.int64)
    sizes = np.zeros(LONG + 1, np.int64)
    rooms: dict[int, Room] = {}
    for base in range(0, pairs.n, CHUNK):
        sort(*sides, base, min(CHUNK, pairs.n - base), listed, sizes)
        for bits, classes in CLASSES.items():
            chosen = np.concatenate([listed[c, : sizes[c]] for c in classes])
            if screen and bags[0] is not None and len(chosen) > 0:
                chosen = chosen[: screen[0](*sides, *bags, chosen, *screen[1:], out)]
            if len(chosen) == 0:
                continue
            if bits == 0:
                longer(*sides, chosen, *options, out)
                continue
            if bits not in rooms:
                rooms[bits] = make_room(bits)
            lanes(rooms[bits], *sides, chosen, *options, out)
