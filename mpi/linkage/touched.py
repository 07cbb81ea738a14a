"""Which stored records a night's changes touch: those whose components must be decided again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.block.blocks import crowded, make_blocks, narrow, rule_keys
from mpi.block.candidates import known_candidates
from mpi.block.rules import Rule
from mpi.cluster.apart import make_apart
from mpi.cluster.decided import UNDECIDED, Decided
from mpi.compare.patterns import unpack
from mpi.encode.rows import Encoded, encode
from mpi.linkage.copies import rule_bits
from mpi.linkage.kept import hashes_of
from mpi.linkage.prepare import EncodedRecords, encode_records
from mpi.linkage.resolution import Pairs, no_pairs
from mpi.linkage.rules import model_keys, rules_of
from mpi.linkage.state import Hashes, Slots, State, content_hashes
from mpi.records.keys import KEY, find_keys
from mpi.records.table import RecordTable
from mpi.score.model import Model
from mpi.scratch import Scratch
from mpi.standardise.table import StandardTable
from mpi.standardise.together import some_records, together

if TYPE_CHECKING:
    from mpi.score.scored import Scored

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Decisions:
    """What persons decided about records, by their keys.

    keys : `source` and `record_id` of the records that are spoken of and exist, in key order
    decided : about the rows of `keys`
    """

    keys: pa.Table
    decided: Decided = UNDECIDED

    def among(self, keys: pa.Table, stays: Mask | None = None) -> tuple[Decided, Slots]:
        """What was decided about some records, both ends of which are among them; and the records
        that were decided about at all.

        Parameters
        ----------
        stays : bool[n], False of records as they were before tonight; all stay if not given
        """
        if len(self.decided) == 0:
            return UNDECIDED, np.zeros(0, np.int64)
        known, apart = self.decided, self.decided.apart
        rows = np.arange(len(keys)) if stays is None else np.flatnonzero(stays)
        row = np.append(rows, -1)[find_keys(self.keys, keys.take(pa.array(rows)))]
        here = (row[known.left] >= 0) & (row[known.right] >= 0)
        left, right = row[known.left[here]], row[known.right[here]]
        parted = (row[apart.left] >= 0) & (row[apart.right] >= 0)
        own = row[known.records]
        return (
            Decided(
                np.minimum(left, right),
                np.maximum(left, right),
                make_apart(row[apart.left[parted]], row[apart.right[parted]], apart.reason[parted]),
            ),
            np.sort(own[own >= 0]),
        )

    def partners(self, keys: pa.Table) -> pa.Table:
        """The keys of records that were decided to be one person with one of these."""
        here = find_keys(self.keys, keys) >= 0
        one, two = self.decided.left, self.decided.right
        others = np.concatenate([one[here[two]], two[here[one]]])
        return self.keys.take(pa.array(np.unique(others)))


@dataclass(frozen=True)
class Some:
    """Some records: stored ones, and fresh ones behind them, all in the order of their keys.

    slots : int64[n], of the stored ones, -1 of the fresh ones
    fresh : int64[n], rows of the fresh ones, -1 of the stored ones
    """

    records: RecordTable
    standard: StandardTable
    slots: Slots
    fresh: Slots


def gather(state: State, slots: Slots, keys: pa.Table, fresh: StandardTable) -> Some:
    """Stored records and all fresh ones as one table."""
    both = pa.concat_tables([state.keys(slots), keys])
    order = pc.sort_indices(both, [(name, "ascending") for name in KEY]).to_numpy()
    order = order.astype(np.int64)
    parts = [fresh] if len(slots) == 0 else [state.standard(slots), fresh]
    data = both.take(pa.array(order)).combine_chunks()
    records = RecordTable(data, state.relatives, {}, data.slice(0, 0))
    return Some(
        records,
        some_records(together(parts), order),
        np.append(slots, np.full(len(fresh), -1))[order],
        np.append(np.full(len(slots), -1), np.arange(len(fresh)))[order],
    )


@dataclass(frozen=True)
class Touched:
    """What a night's changes touch.

    slots : stored records whose components are decided again, ascending; none that is gone
    crowded : as `State.crowded`, after the changes
    asked : pairs that may need a person, of a fresh record and one whose component stays as it is
    records : those that `asked` speaks of
    listed : keys of the records that left, came, or are equal to one that did; pairs for review
        name one of equal records, so all of theirs are named anew
    compared : candidate pairs that were looked at
    """

    slots: Slots
    crowded: tuple[Hashes, ...]
    asked: Pairs
    records: RecordTable
    listed: pa.Table
    compared: int


def touch(
    state: State,
    model: Model,
    fresh: StandardTable,
    keys: pa.Table,
    gone: Slots,
    decisions: Decisions,
    decided_again: Slots,
    *,
    threads: int,
    scratch: Scratch,
) -> Touched:
    """Find what changes touch: whoever shares a block with a record that came or left.

    A pair of two records that stay changes only where their block passes the size at which it is
    narrowed; so the stored records that matter are those in the components of records that left,
    of records that now link to a fresh one, and of those in blocks that passed it.

    Parameters
    ----------
    fresh : new records, and changed ones as they are now, with the model's fields
    keys : what the state keeps of them
    gone : slots of records that left, and of changed ones as they were
    decided_again : slots of records that somebody decided about tonight
    scratch : lets the state go, of which each step looks at a part
    """
    from mpi.score.learn import make_table
    from mpi.score.walk import score_candidates

    comparisons = tuple(c.comparison for c in model.comparisons)
    partners = state.slots_of(decisions.partners(keys))
    own = np.unique(np.concatenate([gone, decided_again, partners[partners >= 0]]))
    parts = [fresh] if len(own) == 0 else [state.standard(own), fresh]
    near = _neighbours(state, model, together(parts), threads, scratch)
    some = gather(state, np.union1d(near, own), keys, fresh)
    scratch.let_go()
    if len(some.slots) == 0:
        nothing = no_pairs(len(comparisons))
        slots = np.zeros(0, np.int64)
        return Touched(slots, state.crowded, nothing, some.records, some.records.data, 0)
    single = np.array([name in model.duplicate_free for name in some.standard.sources], np.bool_)
    leaves = np.isin(some.slots, gone) & (some.slots >= 0)
    decided, about = decisions.among(some.records.data, ~leaves)
    rows = encode_records(some.standard, comparisons, some.records, decided, single, about)
    encoded = rows.encoded
    before, after = np.zeros((2, encoded.n_rows), np.bool_)
    before[encoded.row_of[some.slots >= 0]] = True
    after[encoded.row_of[~leaves]] = True
    listed = np.zeros(encoded.n_rows, np.bool_)
    listed[encoded.row_of[(some.slots < 0) | np.isin(some.slots, own)]] = True
    if encoded.content is not None:  # equal records may be parted by tonight's decisions
        listed |= np.isin(encoded.content, encoded.content[listed])
    blocks = _blocks(state, model, encoded, before, after, listed, threads)
    # A pair is looked at if one of its rows holds other records than before, or if both are in a
    # block that was too large for them.
    number = np.where(after & (listed | blocks.moved), np.arange(1, encoded.n_rows + 1), 0)
    looked = replace(encoded, source=number.astype(np.int32))
    candidates = known_candidates(blocks.hashes, encoded.n_rows, across=True, threads=threads)
    table = make_table(model, encoded)
    scored = score_candidates(looked, candidates, table, threads=threads, advance=lambda _: None)
    strong = scored.weight >= np.float32(model.weight_at(model.link_at))
    pulled = blocks.moved | listed
    pulled[scored.left[strong]] = pulled[scored.right[strong]] = True
    stored = some.slots[pulled[encoded.row_of] & (some.slots >= 0)]
    slots = np.setdiff1d(state.labelled(np.unique(state.label[stored])), gone)
    again = np.zeros(encoded.n_rows, np.bool_)
    again[encoded.row_of[np.isin(some.slots, slots) | (some.slots < 0)]] = True
    asked = _asked(scored, rows, again, listed, model)
    # The first record of each row is among those that stay or came.
    first = np.full(encoded.n_rows, -1)
    here = np.flatnonzero(~leaves)[::-1]
    first[encoded.row_of[here]] = here
    one, other = first[scored.left[asked]], first[scored.right[asked]]
    pairs = Pairs(
        np.minimum(one, other),
        np.maximum(one, other),
        scored.weight[asked],
        model.chance(scored.weight[asked]),
        unpack(scored.pattern[asked], table.radix),
        rule_bits(candidates, scored.left[asked], scored.right[asked]),
        np.ones(int(np.count_nonzero(asked)), np.int8),
    )
    return Touched(
        slots,
        blocks.crowded,
        pairs.take(np.lexsort((pairs.right, pairs.left))),
        some.records,
        some.records.data.filter(pa.array(listed[encoded.row_of])),
        scored.compared,
    )


def _asked(scored: Scored, rows: EncodedRecords, again: Mask, listed: Mask, model: Model) -> Mask:
    """bool[n_pairs], pairs that may need a look, of a listed row and one that stays as it is."""
    one = again[scored.left] != again[scored.right]
    one &= listed[scored.left] | listed[scored.right]
    one &= model.chance(scored.weight) >= model.review_at
    return np.asarray(one & (rows.apart.reason_of(scored.left, scored.right) == 0))


def _neighbours(
    state: State, model: Model, changed: StandardTable, threads: int, scratch: Scratch
) -> Slots:
    """The slots of whoever shares a key, or all content, with a record that came or left."""
    encoded = encode(changed, tuple(c.comparison for c in model.comparisons))
    keys = model_keys(encoded, model, threads)
    hashes = hashes_of(encoded.row_of, model, keys)
    found = []
    for r, own in enumerate(hashes):
        found.append(state.find(r, own[own != 0]))
        scratch.let_go()
    return np.unique(np.concatenate([*found, state.find(-2, content_hashes(changed))]))


@dataclass(frozen=True)
class _Blocks:
    """The blocks that changes touch.

    hashes : uint64[n_rows] of each rule, the block of each row after the changes
    crowded : as `State.crowded`, after them
    moved : bool[n_rows], rows that were there and are, and whose block is another one now
    """

    hashes: list[Hashes]
    crowded: tuple[Hashes, ...]
    moved: Mask


def _blocks(
    state: State,
    model: Model,
    encoded: Encoded,
    before: Mask,
    after: Mask,
    listed: Mask,
    threads: int,
) -> _Blocks:
    keys = model_keys(encoded, model, threads)
    extra = [keys[name] for name in model.narrowing if name in keys]
    moved = np.zeros(encoded.n_rows, np.bool_)
    hashes, held = [], []
    for rule, known in zip(rules_of(model), state.crowded, strict=True):
        own = rule_keys(rule, keys)
        touched = np.isin(own, own[listed & (own != 0)])

        def narrowed(
            there: Mask, own: Hashes = own, touched: Mask = touched, rule: Rule = rule
        ) -> tuple[Hashes, Hashes]:
            mine = np.where(touched & there, own, np.uint64(0))
            rows = crowded(make_blocks(mine), model.max_block, encoded.content)
            if len(rows) == 0:
                return mine, mine[:0]
            return narrow(rule, mine, rows, extra, model.max_block, encoded.content)[:2]

        was, then = narrowed(before)
        now, since = narrowed(after)
        moved |= touched & before & after & (was != now)
        hashes.append(now)
        held.append(np.union1d(np.setdiff1d(known, then), since))
    return _Blocks(hashes, tuple(held), moved)
