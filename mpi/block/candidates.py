"""Keys of every row under every rule: all that the fused loop needs to enumerate pairs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mpi.block.blocks import (
    Blocks,
    Narrowed,
    block_numbers,
    crowded,
    make_blocks,
    narrow,
    rule_keys,
)
from mpi.block.keys import Key, KeyType, every_key_type, key_types, make_key
from mpi.block.rules import Rule
from mpi.encode.rows import Encoded, aligned_rows
from mpi.errors import UsageError
from mpi.schema import Form
from mpi.scratch import Scratch

Hashes = npt.NDArray[np.uint64]

_NONE: Hashes = np.zeros(0, np.uint64)


@dataclass(frozen=True)
class Candidates:
    """Keys of every row under every rule, and their blocks.

    keys : int32[n_rows, n_rules or more], the block of each row under each rule, ALONE where no
        other row has its key, -1 where it has none
    across : only pairs of two sources are candidates
    narrowed : what became of crowded blocks
    blocks : those of each rule
    crowded : uint64[n] of each rule, ascending, the keys of blocks that held too many rows
    wide : rule -> int32[n_rows], the block of each row before it was narrowed, -1 where it was not
    """

    keys: npt.NDArray[np.int32]
    across: bool
    narrowed: tuple[Narrowed, ...]
    blocks: tuple[Blocks, ...]
    crowded: tuple[npt.NDArray[np.uint64], ...] = ()
    wide: dict[int, npt.NDArray[np.int32]] = field(default_factory=dict)


def make_keys(
    encoded: Encoded,
    wanted: Sequence[str] | None = None,
    *,
    threads: int = 1,
    scratch: Scratch | None = None,
) -> dict[str, Key]:
    """Make the keys of every compared field, or the `wanted` ones, over all rows.

    scratch : where they go

    Raises
    ------
    UsageError
        A wanted key is none of a compared field.
    """
    scratch = scratch or Scratch()
    known: list[str] = []
    asked: list[tuple[int, KeyType]] = []
    for f, comparison in enumerate(encoded.comparisons):
        # A fixed rule may ask for a key that tonight's records alone would not suggest.
        for key_type in key_types(encoded, f) if wanted is None else every_key_type(comparison):
            name = f"{comparison.name}:{key_type.name}".rstrip(":")
            known.append(name)
            if wanted is None or name in wanted:
                asked.append((f, key_type))
    with ThreadPoolExecutor(max(1, threads)) as pool:
        keys = {
            k.name: k
            for k in pool.map(lambda ask: make_key(encoded, ask[0], ask[1], scratch), asked)
        }
    for name in wanted or ():
        if name not in keys:
            raise UsageError(
                f"blocking key '{name}' is not known; the keys of these records are "
                + ", ".join(known)
            )
    return keys


def narrowing_order(keys: Sequence[Key]) -> list[str]:
    """Whole-value keys, those with the most different values first."""
    whole = [k for k in keys if k.type.name == "" or k.form == Form.DATE]
    order = sorted(whole, key=lambda k: (-k.different, k.name))
    return [k.name for k in order]


def make_candidates(
    encoded: Encoded,
    keys: dict[str, Key],
    rules: Sequence[Rule],
    narrowing: Sequence[str],
    *,
    max_block: int,
    across: bool,
    threads: int = 1,
    scratch: Scratch | None = None,
) -> Candidates:
    """Hash the keys of every rule, make its blocks and narrow crowded ones.

    scratch : where the candidates go
    """
    scratch = scratch or Scratch()
    extra = [keys[name] for name in narrowing if name in keys]

    def block(rule: Rule) -> _Made:
        hashes = rule_keys(rule, keys)
        blocks = make_blocks(hashes)
        rows = crowded(blocks, max_block, encoded.content)
        report, held, wide = None, _NONE, None
        if len(rows):
            wide = np.full(encoded.n_rows, -1, np.int32)
            wide[rows] = block_numbers(blocks, hashes)[rows]
            wide = scratch.copy(wide)
            hashes, held, report = narrow(rule, hashes, rows, extra, max_block, encoded.content)
            blocks = make_blocks(hashes)
        numbers = scratch.copy(block_numbers(blocks, hashes))
        blocks = blocks.moved(scratch)
        scratch.let_go()
        return _Made(numbers, blocks, report, held, wide)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        made = list(pool.map(block, rules))
    stacked = aligned_rows([m.numbers for m in made], encoded.n_rows, 8, scratch=scratch)
    return Candidates(
        stacked,
        across,
        tuple(m.report for m in made if m.report is not None),
        tuple(m.blocks for m in made),
        tuple(m.held for m in made),
        {rule: m.wide for rule, m in enumerate(made) if m.wide is not None},
    )


class _Made(NamedTuple):
    """What was made of a rule; as `Candidates` has them."""

    numbers: npt.NDArray[np.int32]
    blocks: Blocks
    report: Narrowed | None
    held: Hashes
    wide: npt.NDArray[np.int32] | None


def known_candidates(
    hashes: Sequence[Hashes], n_rows: int, *, across: bool, threads: int = 1
) -> Candidates:
    """The candidates of rows whose blocks are known.

    Parameters
    ----------
    hashes : uint64[n_rows] of each rule, the block of every row, 0 where it is in none
    """

    def block(own: Hashes) -> tuple[npt.NDArray[np.int32], Blocks]:
        blocks = make_blocks(own)
        return block_numbers(blocks, own), blocks

    with ThreadPoolExecutor(max(1, threads)) as pool:
        made = list(pool.map(block, hashes))
    stacked = aligned_rows([m[0] for m in made], n_rows, 8)
    return Candidates(stacked, across, (), tuple(m[1] for m in made))
