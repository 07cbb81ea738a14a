"""Whether a stated probability is right: of the pairs that were given 0.9, nine in ten are true.

Only pairs that were linked or put up for review have a stated probability, so it is measured on
these; what was dismissed below `review_at` is not kept.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UsageError
from mpi.evaluate.columns import pick
from mpi.evaluate.intervals import Floats, Interval, ratio_interval
from mpi.evaluate.joining import check_filled, codes, join
from mpi.evaluate.measures import Codes

EDGES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0)
"""Bounds of the bins, finer where links are: more bins never hide an error."""

_PAIR = ("source_a", "record_id_a", "source_b", "record_id_b")
PROBABILITY = "match_probability"


@dataclass(frozen=True)
class Bin:
    """Pairs of like probability.

    low, high : its bounds; the upper one belongs to the next bin, but for the last
    expected : mean stated probability
    observed : share of pairs that are of one person, `interval` its 95 % interval
    """

    low: float
    high: float
    pairs: int
    expected: float
    observed: float
    interval: Interval


@dataclass(frozen=True)
class Calibration:
    """Stated probabilities against truth.

    links, review : pairs of each kind that truth judges
    unjudged : pairs with a record of which truth does not know the person; left out
    error : expected calibration error, the mean over pairs of the distance between what their bin
        was expected and observed to be, 0 to 1
    brier : mean squared distance between probability and outcome, 0 to 1
    bins : those that hold a pair, ascending
    """

    links: int
    review: int
    unjudged: int
    error: float
    brier: float
    bins: tuple[Bin, ...]

    @property
    def pairs(self) -> int:
        """Pairs that were judged."""
        return self.links + self.review

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text, lists and dicts, for JSON."""
        return asdict(self) | {
            "pairs": self.pairs,
            "bins": [asdict(part) for part in self.bins],
            "of": "pairs that were linked or put up for review",
        }


def pair_columns(table: pa.Table, what: str) -> pa.Table:
    """The two record keys and the probability of links or pairs for review.

    Raises
    ------
    UsageError
        A column is missing, or holds something else.
    """
    names = list(table.column_names)
    missing = [n for n in (*_PAIR, PROBABILITY) if n not in names]
    if missing:
        raise UsageError(
            f"{what} has no column '{missing[0]}'; its columns are {', '.join(names) or 'none'}; "
            "wanted the links or the review queue as mpi dedupe, mpi link and mpi export write them"
        )
    try:
        chance = table.column(PROBABILITY).cast(pa.float64())
        keys = {n: table.column(n).cast(pa.string()) for n in _PAIR}
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise UsageError(
            f"{what}: a record key is no text or a {PROBABILITY} is no number: "
            f"{str(error).splitlines()[0]}"
        ) from None
    made = pa.table({**keys, PROBABILITY: chance})
    check_filled(made, what, (*_PAIR, PROBABILITY))
    values = chance.to_numpy()
    wrong = np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))
    if len(wrong):
        raise UsageError(
            f"{what}: row {int(wrong[0]) + 1} has the {PROBABILITY} {values[wrong[0]]}; wanted a "
            "number from 0 to 1"
        )
    return made


def calibrate(
    truth: pa.Table, links: pa.Table | None = None, review: pa.Table | None = None
) -> Calibration:
    """Compare stated probabilities with truth.

    Parameters
    ----------
    truth : record_id, person_id and, where record ids repeat across sources, source
    links, review : source_a, record_id_a, source_b, record_id_b, match_probability

    Raises
    ------
    UsageError
        A column is missing or wrong, or truth judges none of the pairs.

    Examples
    --------
    >>> truth = pa.table({"record_id": ["1", "2", "3"], "person_id": ["p", "p", "q"]})
    >>> links = pa.table({
    ...     "source_a": ["a", "a"], "record_id_a": ["1", "1"], "source_b": ["a", "a"],
    ...     "record_id_b": ["2", "3"], "match_probability": [0.8, 0.4],
    ... })
    >>> found = calibrate(truth, links)
    >>> found.pairs, round(found.error, 3), round(found.brier, 3)
    (2, 0.3, 0.1)
    """
    truth = pick(truth, ["record_id", "person_id"], ["source"], "truth")
    check_filled(truth, "truth", ("record_id",))
    parts = [
        (part, pair_columns(table, part))
        for part, table in (("links", links), ("review", review))
        if table is not None
    ]
    pairs = pa.concat_tables([table for _, table in parts] or [_nothing()])
    of_links = np.arange(pairs.num_rows) < sum(t.num_rows for n, t in parts if n == "links")
    one, two = _persons(pairs, truth)
    judged = (one >= 0) & (two >= 0)
    if pairs.num_rows and not judged.any():
        first = pairs.slice(0, 1).to_pylist()[0]
        raise UsageError(
            f"the truth judges none of the {pairs.num_rows:,} pairs; the first is of "
            f"'{first['source_a']}:{first['record_id_a']}' and "
            f"'{first['source_b']}:{first['record_id_b']}'"
        )
    chance = pairs.column(PROBABILITY).to_numpy()[judged]
    same = (one == two)[judged]
    bins = _bins(chance, same, one[judged])
    n = len(chance)
    return Calibration(
        links=int((judged & of_links).sum()),
        review=int((judged & ~of_links).sum()),
        unjudged=int((~judged).sum()),
        error=sum(b.pairs * abs(b.expected - b.observed) for b in bins) / n if n else 0.0,
        brier=_mean((chance - same) ** 2) if n else 0.0,
        bins=bins,
    )


def _nothing() -> pa.Table:
    schema = pa.schema([*((n, pa.string()) for n in _PAIR), (PROBABILITY, pa.float64())])
    return schema.empty_table()


def _persons(pairs: pa.Table, truth: pa.Table) -> tuple[Codes, Codes]:
    """The person of each end of each pair, -1 where truth does not know it."""
    person = codes(truth.column("person_id"))[0]
    n = pairs.num_rows
    ends = pa.concat_tables(
        [
            pairs.select([f"source_{end}", f"record_id_{end}"]).rename_columns(
                ["source", "record_id"]
            )
            for end in "ab"
        ]
    )
    if "source" not in truth.column_names:
        ends = _without_sources(ends)
    key = ends.column_names
    # A record is in many pairs, and is looked up once.
    number = np.zeros(2 * n, np.int64)
    for name in key:
        texts, words = codes(ends.column(name))
        number = np.unique(number * (len(words) + 1) + texts, return_inverse=True)[1]
    _, first, back = np.unique(number, return_index=True, return_inverse=True)
    at = join(truth, ends.take(pa.array(first)), ("truth", "pairs"))
    of_record = np.where(at >= 0, person[np.maximum(at, 0)], -1) if len(person) else at
    found = of_record[back]
    return found[:n], found[n:]


def _without_sources(ends: pa.Table) -> pa.Table:
    """The record ids alone, for a truth without sources: each must be of one source."""
    unique = ends.group_by(["source", "record_id"]).aggregate([])
    if unique.num_rows > len(unique.column("record_id").unique()):
        raise UsageError(
            "record ids of the pairs repeat across sources, and the truth has no column 'source'; "
            "add it, so that records can be told apart"
        )
    return ends.select(["record_id"])


def _bins(chance: Floats, same: npt.NDArray[np.bool_], person: Codes) -> tuple[Bin, ...]:
    """person : int64[n_pairs], of one end; pairs of one person are right or wrong together."""
    edges = np.array(EDGES)
    place = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, len(edges) - 2)
    found = []
    for b in np.unique(place).tolist():
        here = place == b
        group = np.unique(person[here], return_inverse=True)[1]
        right = np.bincount(group, weights=same[here]).astype(np.float64, copy=False)
        n = int(here.sum())
        found.append(
            Bin(
                EDGES[b],
                EDGES[b + 1],
                n,
                _mean(chance[here]),
                int(same[here].sum()) / n,
                ratio_interval(right, np.bincount(group).astype(np.float64)),
            )
        )
    return tuple(found)


def _mean(values: Floats) -> float:
    """The mean, the same in any order."""
    return float(np.sort(values).mean())
