"""What a source sends tonight against what it sent before, field by field.

Compared are the records that are new or changed tonight with the stored ones of their source: a
clinic that starts to send 1900-01-01, a column that comes empty, codes that were M and F and are
now 1 and 2. And the links of tonight's records with those of before: the levels of each comparison,
and the weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import Base
from mpi.index.upsert import Upsert
from mpi.linkage.resolution import Resolution
from mpi.records.keys import as_array
from mpi.schema import FORM_OF

_TONIGHT, _BEFORE = 30, 100
"""Fewer rows say nothing."""
_SURE = 4.0
"""Standard errors beyond which a difference is no chance."""
_MISSING, _FREQUENT, _TIMES = 0.05, 0.02, 10.0
_LEAST_ROWS = 20
_LINKS, _APART, _UNSTABLE = 100, 0.15, 0.25

Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """A source that changed.

    what : missing, value, levels or weights
    field : the field, or the comparison; empty for weights
    before, now : shares, 0 to 1; of levels the total variation, of weights the stability index
    value : of a value that comes often now and hardly came before
    """

    source: str
    field: str
    what: str
    before: float
    now: float
    value: str = ""

    def __str__(self) -> str:
        if self.what == "missing":
            return (
                f"source {self.source}: {self.field} is missing in {self.now:.0%} of tonight's "
                f"records, before in {self.before:.0%}"
            )
        if self.what == "value":
            return (
                f"source {self.source}: {self.field} is '{self.value}' in {self.now:.0%} of "
                f"tonight's records, before in {self.before:.1%}; it may be a placeholder or a "
                "new code"
            )
        if self.what == "levels":
            return (
                f"source {self.source}: {self.field} agrees otherwise in tonight's links than "
                f"before (levels differ by {self.now:.0%})"
            )
        return (
            f"source {self.source}: the weights of tonight's links are others than before "
            f"(population stability index {self.now:.2f})"
        )


def find_drift(base: Base, changes: Upsert, resolution: Resolution | None) -> tuple[Drift, ...]:
    """What differs from earlier nights, by source and field; nothing after the first night."""
    if base.manifest is None:
        return ()
    old, new = base.stored.data, changes.stored.data
    fresh = changes.change != 0
    if not fresh.any():
        return ()
    new = new.filter(pa.array(fresh))
    fields = [f.name for f in changes.stored.fields if f.kind in FORM_OF]
    found: list[Drift] = []
    for source in sorted(pc.unique(new["source"]).to_pylist()):
        now = new.filter(pc.equal(new["source"], source))
        before = old.filter(pc.equal(old["source"], source))
        if len(now) < _TONIGHT or len(before) < _BEFORE:
            continue
        for name in fields:
            if name in old.column_names:
                found += _of_field(source, name, before[name], now[name])
    if resolution is not None:
        found += _of_links(base, resolution, fresh)
    return tuple(found)


def _of_field(
    source: str, name: str, before: pa.ChunkedArray, now: pa.ChunkedArray
) -> Iterator[Drift]:
    n0, n1 = len(before), len(now)
    p0, p1 = before.null_count / n0, now.null_count / n1
    if abs(p1 - p0) >= _MISSING and _surely(p0, n0, p1, n1):
        yield Drift(source, name, "missing", p0, p1)
    if p1 == 1.0:
        return
    counts = pc.value_counts(as_array(now.drop_null()))
    often = counts.filter(pc.greater_equal(counts.field("counts"), _LEAST_ROWS))
    for value, count in sorted(
        zip(often.field("values").to_pylist(), often.field("counts").to_pylist(), strict=True),
        key=lambda pair: (-pair[1], pair[0]),
    ):
        p1 = count / n1
        if p1 < _FREQUENT:
            return
        p0 = float(pc.sum(pc.equal(before, value)).as_py() or 0) / n0
        if p1 > _TIMES * p0 and _surely(p0, n0, p1, n1):
            yield Drift(source, name, "value", p0, p1, value)


def _surely(p0: float, n0: int, p1: float, n1: int) -> bool:
    """Whether two shares differ by more than chance would make them."""
    p = (p0 * n0 + p1 * n1) / (n0 + n1)
    error = float(np.sqrt(p * (1 - p) * (1 / n0 + 1 / n1)))
    return error == 0.0 or abs(p1 - p0) > _SURE * error


def _of_links(base: Base, resolution: Resolution, fresh: Mask) -> Iterator[Drift]:
    """Levels and weights of the links of each source's records."""
    links = resolution.links
    mine = fresh[links.left] | fresh[links.right]
    if np.count_nonzero(mine) < _LINKS:
        return
    old = base.table("links", ["source_a", "source_b", "match_weight", "levels"])
    if len(old) < _LINKS:
        return
    names = resolution.records.data["source"]
    ends = [names.take(pa.array(rows[mine])) for rows in (links.left, links.right)]
    levels, weight = links.levels[mine], links.weight[mine]
    known = {
        f.name: as_array(pc.struct_field(old["levels"], [i])).to_numpy()
        for i, f in enumerate(old["levels"].type)
    }
    weights = old["match_weight"].to_numpy()
    for source in sorted(pc.unique(names.filter(pa.array(fresh))).to_pylist()):
        now = _either(ends[0], ends[1], source)
        then = _either(old["source_a"], old["source_b"], source)
        if np.count_nonzero(now) < _LINKS or np.count_nonzero(then) < _LINKS:
            continue
        for i, name in enumerate(resolution.comparisons):
            if name in known:
                before = _shares(known[name][then])
                apart = 0.5 * float(np.abs(before - _shares(levels[now, i])).sum())
                if apart > _APART:
                    yield Drift(source, name, "levels", 0.0, apart)
        index = stability(weights[then], weight[now])
        if index > _UNSTABLE:
            yield Drift(source, "", "weights", 0.0, index)


def _either(one: pa.ChunkedArray, other: pa.ChunkedArray, source: str) -> Mask:
    here = pc.or_(pc.equal(one, source), pc.equal(other, source))
    return np.asarray(here.to_numpy(zero_copy_only=False), np.bool_)


def _shares(levels: npt.NDArray[np.int8]) -> Shares:
    """float64[129], share of each level from -1 upwards."""
    return np.bincount(levels.astype(np.int64) + 1, minlength=129) / len(levels)


def stability(before: npt.NDArray[np.float32], now: npt.NDArray[np.float32]) -> float:
    """Population stability index of two samples over the deciles of the first; 0 is the same.

    What lies below or above the whole first sample has bins of its own.

    Examples
    --------
    >>> sample = np.arange(1000, dtype=np.float32)
    >>> stability(sample, sample), stability(sample, sample + 500) > 1
    (0.0, True)
    """
    least = np.nextafter(before.min(), np.float32(-np.inf))
    edges = np.unique(np.append(np.quantile(before, np.arange(1, 11) / 10), least))
    shares = []
    for sample in (before, now):
        counts = np.bincount(np.searchsorted(edges, sample), minlength=len(edges) + 1)
        shares.append(np.maximum(counts / len(sample), 1e-3))
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))
