"""What each outcome of a comparison takes from the best pair there can be, as the loop reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mpi.encode.levels import IN_COMMON, SLIP
from mpi.encode.rows import Encoded
from mpi.schema import Form
from mpi.score.model import Model

if TYPE_CHECKING:
    from mpi.score._kernels_screen import Losses

_COST = {
    Form.NAME: 4.0,
    Form.TEXT: 4.0,
    Form.DATE: 2.0,
    Form.IDENTIFIER: 1.5,
    Form.NUMBER: 1.0,
    Form.CATEGORY: 1.0,
}
"""What comparing two values by their marks costs, by form."""


def level_losses(
    model: Model,
    encoded: Encoded,
    adjust: list[npt.NDArray[np.float32]],
    by_word: list[npt.NDArray[np.float32]],
) -> tuple[
    npt.NDArray[np.int64],
    npt.NDArray[np.int8],
    npt.NDArray[np.int32],
    npt.NDArray[np.int32],
    npt.NDArray[np.uint64],
    npt.NDArray[np.int64],
    npt.NDArray[np.float32],
    npt.NDArray[np.int64],
    Losses,
    int,
]:
    """What each outcome of a field takes from the best pair there can be: `order` to `highest`
    of the `Table`.

    adjust, by_word : by field, bits of each value, and of each word where the field is a name
    """
    from mpi.score._kernels_weight import OPEN_COLUMN, PARTS, SIMILAR_COLUMN

    n = len(model.comparisons)
    loss = np.zeros((n, SIMILAR_COLUMN + 1))
    row_loss = np.zeros((3, n))
    worth = np.zeros(n)
    highest = model.prior_bits
    for f, comparison in enumerate(model.comparisons):
        bits = np.array(comparison.weights("u"), np.float64)
        rarest = float(adjust[f].max(initial=0.0))
        identical = float(bits[-1]) + rarest
        if comparison.form == Form.NAME:
            bits[SLIP + 1 : -1] += rarest
            bits[IN_COMMON + 1 : SLIP + 1] += by_word[f].max(initial=0.0)
        # Two texts may differ and yet be of the highest level, two values of other forms not.
        unequal = bits[1:] if comparison.form == Form.TEXT else bits[1:-1]
        # Of two kinds of numbers a difference says nothing.
        least = bits[0] if comparison.form == Form.IDENTIFIER else -np.inf
        asked = float(unequal.max(initial=least))
        best = max(identical, asked, float(bits[0]))
        loss[f, : len(bits)] = best - bits
        loss[f, OPEN_COLUMN] = best - asked
        loss[f, SIMILAR_COLUMN] = best - float(bits[1:4].max())
        row_loss[:, f] = best - bits[0], best - asked, best - identical
        highest += best
        filled = float(np.mean(encoded.codes_of(f) >= 0)) ** 2
        usual = float(np.dot(comparison.u, best - bits[1:]))
        worth[f] = (filled * usual + (1.0 - filled) * (best - bits[0])) / _COST[comparison.form]
    order = np.argsort(-worth, kind="stable")
    by_row = np.floor(row_loss * PARTS).astype(np.int32)
    by_level = np.floor(loss * PARTS).astype(np.int32)
    whole = int(np.ceil(highest * PARTS))
    return (
        order,
        np.array([c.n_levels - 1 for c in encoded.comparisons], np.int8),
        by_row,
        by_level,
        *_listed(model, encoded, adjust),
        *_words(by_word),
        _first_losses(encoded, order, by_row, by_level, whole),
        whole,
    )


def _listed(
    model: Model, encoded: Encoded, adjust: list[npt.NDArray[np.float32]]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Values whose adjustment is not that of a rare one, a bit each; of each field a rare one."""
    bits = np.zeros(64 * (int(encoded.base[-1]) // 64 + 1), bool)
    rare = np.zeros(len(adjust), np.int64)
    for f, own in enumerate(adjust):
        base = int(encoded.base[f])
        listed = own != np.float32(model.comparisons[f].rare)
        bits[base : base + len(own)] = listed
        rare[f] = base + (int(np.argmin(listed)) if len(own) else 0)
    return np.packbits(bits, bitorder="little").view(np.uint64), rare


def _words(
    by_word: list[npt.NDArray[np.float32]],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Bits of all fields' words, and where those of a field begin; -1 where it has none."""
    sizes = np.array([len(own) for own in by_word], np.int64)
    ends = np.cumsum(sizes)
    return np.concatenate([np.zeros(0, np.float32), *by_word]), np.where(sizes, ends - sizes, -1)


def _first_losses(
    encoded: Encoded,
    order: npt.NDArray[np.int64],
    row_loss: npt.NDArray[np.int32],
    loss: npt.NDArray[np.int32],
    highest: int,
) -> Losses:
    """What the first look at a pair reads of the model."""
    from mpi.score._kernels_screen import DATE_CASES, Losses

    forms = [c.form for c in encoded.comparisons]
    mark = encoded.values.mark.astype(np.int64)
    eights = -(-len(forms) // 8)
    more = np.zeros((2, 8 * eights), np.int32)
    more[:, : len(forms)] = row_loss[[2, 0]] - row_loss[1]
    # By the bits of eight fields: those that are set, added up.
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    sums = [(bits @ some.reshape(eights, 8).T).T.ravel().astype(np.int32) for some in more]
    identifier, date = (
        np.flatnonzero([f == form for f in forms]) for form in (Form.IDENTIFIER, Form.DATE)
    )
    more_by_level = (loss[:, 1:7] - row_loss[1][:, None]).astype(np.int64)
    cases = [date_level_of(case) for case in range(DATE_CASES)]
    told = (Form.IDENTIFIER, Form.DATE, Form.CATEGORY)
    return Losses(
        highest - int(row_loss[1].sum()),
        sums[0],
        sums[1],
        mark[identifier],
        more_by_level[identifier, 0],
        date,
        mark[date],
        more_by_level[date][:, cases].ravel(),
        np.array([f for f in order if forms[f] not in told], np.int64),
    )


def date_level_of(case: int) -> int:
    """Level of two different dates by their case, as `_kernels_screen.date_case` has it."""
    year, month, day, slip, part, monthless = (case >> k & 1 for k in range(6))
    if part:
        return (3 if month or monthless else 1) if year else 0
    if slip:
        return 4
    return 2 if year + month + day == 2 else year
