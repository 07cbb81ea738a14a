"""Blocks: the rows that share a rule's key, sorted together, and narrowed where they are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.block.keys import Key
from mpi.block.rules import Rule
from mpi.encode.rows import mix


@dataclass(frozen=True)
class Narrowed:
    """What became of the blocks of one rule that held too many rows.

    rows : rows in such blocks
    by : keys added to the rule for them
    chained : rows whose blocks no key could narrow: only neighbours in the order of their
        content are compared
    lost : rows that left their block because they lack the added keys
    """

    rule: str
    rows: int
    by: tuple[str, ...]
    chained: int
    lost: int


@dataclass(frozen=True)
class Blocks:
    """The blocks of one rule.

    order : int64[n_members], rows, those of a block side by side
    starts : int64[n_blocks + 1], into `order`; every block has two rows or more
    """

    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]

    @property
    def pairs(self) -> npt.NDArray[np.int64]:
        """int64[n_blocks], pairs of each block."""
        sizes: npt.NDArray[np.int64] = np.diff(self.starts)
        return sizes * (sizes - 1) // 2

    def take(self, chosen: npt.NDArray[np.bool_]) -> Blocks:
        """Some of the blocks: bool[n_blocks]."""
        sizes = np.diff(self.starts)
        return Blocks(
            self.order[np.repeat(chosen, sizes)],
            np.concatenate([[0], np.cumsum(sizes[chosen])]).astype(np.int64),
        )


def rule_keys(rule: Rule, keys: Mapping[str, Key]) -> npt.NDArray[np.uint64]:
    """The rule's key of every row as a 64-bit hash, 0 where the row has none."""
    parts = [keys[name].codes for name in rule.keys]
    return _hash(parts)


def _hash(parts: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.uint64]:
    state = np.full(len(parts[0]), 11, np.uint64)
    present = np.ones(len(parts[0]), bool)
    for part in parts:
        state = mix(state, part)
        present &= part >= 0
    # 0 means "no key"; a hash that happens to be 0 becomes another number.
    return np.where(present, np.maximum(state, np.uint64(1)), np.uint64(0))


def make_blocks(hashes: npt.NDArray[np.uint64]) -> Blocks:
    """Sort rows into blocks of equal, non-zero hashes; single rows are left out."""
    rows = np.flatnonzero(hashes)
    # Twice as fast as a stable sort; no room depends on the order of rows within a block.
    order = rows[np.argsort(hashes[rows])]
    sizes = _runs(hashes[order])[1]
    keep = sizes > 1
    members = np.repeat(keep, sizes)
    return Blocks(order[members], np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64))


def _runs(
    values: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First index and length of each run of equal values."""
    if len(values) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    return starts, np.diff(np.concatenate([starts, [len(values)]]))


def crowded(blocks: Blocks, limit: int) -> npt.NDArray[np.int64]:
    """Rows in blocks of more than `limit` rows, ascending."""
    sizes = np.diff(blocks.starts)
    return np.sort(blocks.order[np.repeat(sizes > limit, sizes)])


def narrow(
    rule: Rule,
    hashes: npt.NDArray[np.uint64],
    rows: npt.NDArray[np.int64],
    extra: Sequence[Key],
    content: npt.NDArray[np.uint64],
    limit: int,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Narrowed]:
    """Narrow the blocks of more than `limit` rows by further keys, one after the other.

    Work stays bounded whatever the data: what no key narrows is sorted by content and compared
    with its neighbours only.

    Parameters
    ----------
    hashes : uint64[n_rows], the rule's keys
    rows : int64[n], those in crowded blocks, ascending
    extra : further keys, the most telling first; those of the rule's own fields are passed over
    content : uint64[n_rows], hash of each row

    Returns
    -------
    hashes : uint64[n_rows]
    chain : int64[n_chained], rows in the order in which neighbours are to be compared
    narrowed : what was done
    """
    hashes = hashes.copy()
    own = {name.split(":")[0] for name in rule.keys}
    first, lost, by = len(rows), 0, []
    for key in extra:
        if key.field in own or len(rows) == 0:
            continue
        codes = key.codes[rows]
        if np.mean(codes >= 0) < 0.5:
            continue
        state = np.maximum(mix(hashes[rows], codes), np.uint64(1))
        hashes[rows] = np.where(codes >= 0, state, np.uint64(0))
        lost += int(np.count_nonzero(codes < 0))
        by.append(key.name)
        own.add(key.field)
        rows = rows[np.isin(rows, crowded(make_blocks(hashes), limit))]
    chain = rows[np.lexsort((content[rows], hashes[rows]))]
    hashes[rows] = np.uint64(0)
    return hashes, chain, Narrowed(rule.name, first, tuple(by), len(chain), lost)
