"""Blocks: the rows that share a rule's key, sorted together, and narrowed where they are many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.block.keys import Key
from mpi.block.rules import Rule
from mpi.encode.distinct import mix, mix_one
from mpi.scratch import Scratch

ALONE = -2
"""In place of a block: the row has a key, and no other row has it."""

_BEGIN = 11


@dataclass(frozen=True)
class Narrowed:
    """What became of the blocks of one rule that held too many rows.

    rows : rows in such blocks
    by : keys added to the rule for them
    left : rows of blocks that no key could narrow; this rule makes no pairs of them
    """

    rule: str
    rows: int
    by: tuple[str, ...]
    left: int


@dataclass(frozen=True)
class Blocks:
    """The blocks of one rule.

    order : int32[n_members], rows, those of a block side by side, ascending
    starts : int64[n_blocks + 1], into `order`; every block has two rows or more
    hashes : uint64[n_blocks], the key of each block, ascending
    """

    order: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]

    @property
    def pairs(self) -> npt.NDArray[np.int64]:
        """int64[n_blocks], pairs of each block."""
        sizes: npt.NDArray[np.int64] = np.diff(self.starts)
        return sizes * (sizes - 1) // 2

    def moved(self, scratch: Scratch) -> Blocks:
        """The same blocks, in files if they are many."""
        return Blocks(
            scratch.copy(self.order), scratch.copy(self.starts), scratch.copy(self.hashes)
        )

    def take(self, chosen: npt.NDArray[np.bool_]) -> Blocks:
        """Some of the blocks: bool[n_blocks]."""
        sizes = np.diff(self.starts)
        return Blocks(
            self.order[np.repeat(chosen, sizes)],
            np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64),
            self.hashes[chosen],
        )


def rule_keys(rule: Rule, keys: Mapping[str, Key]) -> npt.NDArray[np.uint64]:
    """uint64[n_rows], the rule's key of every row as a hash, 0 where the row has none."""
    from mpi.block._kernels import extend_hashes

    hashes = np.full(len(keys[rule.keys[0]].codes), _BEGIN, np.uint64)
    for name in rule.keys:
        extend_hashes(hashes, keys[name].codes)
    return hashes


def rule_key(codes: Iterable[int]) -> int:
    """The rule's key of one row that has all of its keys, as `rule_keys` makes it.

    codes : 0 or more, of the rule's keys in their order

    Examples
    --------
    >>> rule_key([7, 9]) == rule_key([9, 7])
    False
    """
    state = _BEGIN
    for code in codes:
        state = max(mix_one(state, code), 1)
    return state


def make_blocks(hashes: npt.NDArray[np.uint64]) -> Blocks:
    """Sort rows into blocks of equal, non-zero hashes; single rows are left out."""
    from mpi.encode._kernels_group import group_rows

    return Blocks(*group_rows(hashes))


def block_numbers(blocks: Blocks, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    """int32[n_rows], the block of each row, ALONE where no other row has its key, -1 without."""
    from mpi.block._kernels import number_blocks

    numbers = np.where(hashes != 0, np.int32(ALONE), np.int32(-1))
    number_blocks(blocks.order, blocks.starts, numbers)
    return numbers


def crowded(
    blocks: Blocks, limit: int, content: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Rows in blocks of more than `limit` rows, ascending.

    content : int64[n_rows], rows with one number count once; they are in the same blocks
    """
    sizes = np.diff(blocks.starts)
    many = sizes > limit
    if content is not None and many.any():
        first = np.unique(content[blocks.order], return_index=True)[1]
        counted = np.zeros(len(blocks.order) + 1, np.int64)
        counted[first + 1] = 1
        ends = np.cumsum(counted)
        many = np.diff(ends[blocks.starts]) > limit
    return np.sort(blocks.order[np.repeat(many, sizes)]).astype(np.int64)


def narrow(
    rule: Rule,
    hashes: npt.NDArray[np.uint64],
    rows: npt.NDArray[np.int64],
    extra: Sequence[Key],
    limit: int,
    content: npt.NDArray[np.int64] | None = None,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], Narrowed]:
    """Narrow the blocks of more than `limit` rows by further keys, one after the other.

    Work stays bounded whatever the data. What becomes of a block depends on its own rows alone, so
    that it can be told again whenever one of them comes or goes. Rows that lack a key stay together
    among themselves.

    Parameters
    ----------
    hashes : uint64[n_rows], the rule's keys
    rows : int64[n], those in crowded blocks, ascending
    extra : further keys, the most telling first; those of the rule's own fields are passed over
    content : as for `crowded`

    Returns
    -------
    hashes : uint64[n_rows]
    crowded : uint64[n], ascending, the keys of the blocks that held too many rows
    narrowed : what was done
    """
    hashes = hashes.copy()
    first, by, held = len(rows), [], [hashes[rows]]
    for key in narrowing_keys(rule, extra):
        if len(rows) == 0:
            break
        hashes[rows] = narrowed_hashes(hashes[rows], key.codes[rows])
        by.append(key.name)
        own = None if content is None else content[rows]
        rows = rows[crowded(make_blocks(hashes[rows]), limit, own)]
        held.append(hashes[rows])
    hashes[rows] = np.uint64(0)
    report = Narrowed(rule.name, first, tuple(by), len(rows))
    return hashes, np.unique(np.concatenate(held)), report


def narrow_known(
    rule: Rule,
    hashes: npt.NDArray[np.uint64],
    extra: Sequence[Key],
    held: npt.NDArray[np.uint64],
) -> npt.NDArray[np.uint64]:
    """`narrow` where it is known which blocks hold too many rows, also of rows that are not here.

    Parameters
    ----------
    held : uint64[n], ascending, as `narrow` gives them
    """
    hashes = hashes.copy()
    rows = np.flatnonzero(np.isin(hashes, held))
    for key in narrowing_keys(rule, extra):
        if len(rows) == 0:
            break
        hashes[rows] = narrowed_hashes(hashes[rows], key.codes[rows])
        rows = rows[np.isin(hashes[rows], held)]
    hashes[rows] = np.uint64(0)
    return hashes


def narrowing_keys(rule: Rule, extra: Sequence[Key]) -> list[Key]:
    """The keys that narrow a rule's blocks, in their order: one of each field beside its own."""
    own = {name.split(":")[0] for name in rule.keys}
    chosen = []
    for key in extra:
        if key.field not in own:
            chosen.append(key)
            own.add(key.field)
    return chosen


def narrowed_hashes(
    hashes: npt.NDArray[np.uint64], codes: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint64]:
    """uint64[n], hashes of blocks with a further key; never 0."""
    return np.maximum(mix(hashes, codes), np.uint64(1))
