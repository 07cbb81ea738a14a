"""Keys of every row under every rule: all that the fused loop needs to enumerate pairs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

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
from mpi.encode.distinct import mix
from mpi.encode.rows import Encoded, aligned_rows
from mpi.errors import UsageError
from mpi.schema import Form

_Chain = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Keys of every row under every rule, and what crowded blocks left over.

    keys : int32[n_rows, n_rules or more], the block of each row under each rule, ALONE where no
        other row has its key, -1 where it has none
    chain : int64[n, 2], pairs of neighbours in blocks that no key could narrow
    across : only pairs of two sources are candidates
    narrowed : what became of crowded blocks
    blocks : those of each rule
    """

    keys: npt.NDArray[np.int32]
    chain: npt.NDArray[np.int64]
    across: bool
    narrowed: tuple[Narrowed, ...]
    blocks: tuple[Blocks, ...]


def make_keys(
    encoded: Encoded, wanted: Sequence[str] | None = None, *, threads: int = 1
) -> dict[str, Key]:
    """Make the keys of every compared field, or the `wanted` ones, over all rows.

    Raises
    ------
    UsageError
        A wanted key is none of a compared field.
    """
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
        keys = {k.name: k for k in pool.map(lambda ask: make_key(encoded, *ask), asked)}
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
    order = sorted(whole, key=lambda k: (-int(k.codes.max(initial=-1)), k.name))
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
) -> Candidates:
    """Hash the keys of every rule, make its blocks and narrow crowded ones."""
    extra = [keys[name] for name in narrowing if name in keys]

    @cache
    def content() -> npt.NDArray[np.uint64]:
        hashes = np.ones(encoded.n_rows, np.uint64)
        for f in range(encoded.codes.shape[1]):
            hashes = mix(hashes, encoded.codes[:, f])
        return hashes

    def block(rule: Rule) -> tuple[npt.NDArray[np.int32], Blocks, _Chain, Narrowed | None]:
        hashes = rule_keys(rule, keys)
        blocks = make_blocks(hashes)
        rows = crowded(blocks, max_block)
        report = None
        if len(rows):
            hashes, rows, report = narrow(rule, hashes, rows, extra, content(), max_block)
            blocks = make_blocks(hashes)
        return block_numbers(blocks, hashes), blocks, rows, report

    with ThreadPoolExecutor(max(1, threads)) as pool:
        made = list(pool.map(block, rules))
    columns = [m[0] for m in made]
    narrowed = [m[3] for m in made if m[3] is not None]
    chains = [np.stack([m[2][:-1], m[2][1:]], axis=1) for m in made if len(m[2]) > 1]
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *chains])
    if across:
        pairs = pairs[encoded.source[pairs[:, 0]] != encoded.source[pairs[:, 1]]]
    stacked = aligned_rows(columns, encoded.n_rows, 8)
    return Candidates(stacked, pairs, across, tuple(narrowed), tuple(m[1] for m in made))
