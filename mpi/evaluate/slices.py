"""Measures of some of the records: twins, newborns, whatever was flagged."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.evaluate.columns import match_roles, pick
from mpi.evaluate.intervals import Floats, Intervals, linear_interval, ratio_interval
from mpi.evaluate.joining import KEY, check_filled, first_key, join
from mpi.evaluate.measures import BCubed, Codes, Contingency, PairMeasures

_TRUE, _FALSE = ("true", "t", "yes", "1"), ("false", "f", "no", "0")


@dataclass(frozen=True)
class SliceMeasures:
    """How well the records of a slice were resolved.

    records : records of the slice that were measured
    merged : of them, in one cluster with a record of another person
    split : of them, apart from another record of their person
    pairs : pairs of which at least one record is in the slice
    b_cubed : means over the records of the slice
    """

    name: str
    records: int
    merged: int
    split: int
    pairs: PairMeasures
    b_cubed: BCubed
    pair_intervals: Intervals
    b_cubed_intervals: Intervals

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text, lists and dicts, for JSON."""
        plain = asdict(self)
        for name in ("pairs", "b_cubed"):
            part = getattr(self, name)
            plain[name] |= {k: getattr(part, k) for k in ("precision", "recall", "f1")}
        plain["intervals"] = {
            name: plain.pop(f"{of}_intervals")
            for name, of in (("pairs", "pair"), ("b_cubed", "b_cubed"))
        }
        return plain


def measure_slice(
    name: str, table: Contingency, group: Codes, cells: Codes, chosen: Codes
) -> SliceMeasures:
    """Measure some of the records.

    Parameters
    ----------
    group : int64[n_cells], as `intervals.groups_of`
    cells : int64[k], the cells that hold records of the slice, each once
    chosen : int64[k], how many records of the slice each of them holds, 1 at least

    Examples
    --------
    One of two records of a person was linked to somebody else.

    >>> from mpi.evaluate.intervals import groups_of
    >>> from mpi.evaluate.measures import contingency
    >>> table = contingency(np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 2]))
    >>> found = measure_slice("moved", table, groups_of(table), np.array([2]), np.array([1]))
    >>> found.records, found.merged, found.split, found.pairs
    (1, 0, 1, PairMeasures(true=1, predicted=0, correct=0))
    """
    size = table.cells[cells]
    of_cluster, of_person = table.cell_cluster[cells], table.cell_person[cells]
    cluster_size, person_size = table.clusters[of_cluster], table.persons[of_person]
    first_of_group, place = _numbered(group[cells], len(group))
    n = len(first_of_group)

    def by_group(amounts: npt.NDArray[Any], at: Codes = place) -> Floats:
        return np.bincount(at, weights=amounts, minlength=n).astype(np.float64, copy=False)

    def touching(part: Codes, whole: Codes) -> Codes:
        # Pairs of a whole of which at least one end is in the part.
        return part * (part - 1) // 2 + part * (whole - part)

    def of_wholes(codes: Codes, sizes: Codes) -> tuple[Codes, Codes]:
        first, back = _numbered(codes, len(table.cells))
        part = np.bincount(back, weights=chosen, minlength=len(first)).astype(np.int64)
        return touching(part, sizes[first]), place[first]

    correct = touching(chosen, size)
    predicted, predicted_at = of_wholes(of_cluster, cluster_size)
    true, true_at = of_wholes(of_person, person_size)
    pairs = PairMeasures(int(true.sum()), int(predicted.sum()), int(correct.sum()))
    c, p, t = by_group(correct), by_group(predicted, predicted_at), by_group(true, true_at)

    records = int(chosen.sum())
    pure, found = chosen * size / cluster_size, chosen * size / person_size
    b_cubed = BCubed(1.0, 1.0)
    if records:
        # Equal fractions added exactly: the sum has no order.
        b_cubed = BCubed(_sum(pure) / records, _sum(found) / records)
    return SliceMeasures(
        name,
        records,
        int(chosen[size < cluster_size].sum()),
        int(chosen[size < person_size].sum()),
        pairs,
        b_cubed,
        Intervals(ratio_interval(c, p), ratio_interval(c, t), ratio_interval(c, (p + t) / 2.0)),
        _b_cubed_intervals(b_cubed, by_group(pure), by_group(found), by_group(chosen)),
    )


def _numbered(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Where each code below `size` comes first, by code, and the number of each one's code.

    A sort, unless there are so many that a table of all codes takes less.
    """
    if len(codes) < size // 8:
        _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
        return first, numbers
    place = np.full(size, -1, np.int64)
    place[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    present = place >= 0
    return place[present], (np.cumsum(present, dtype=np.int64) - 1)[codes]


def _sum(values: Floats) -> float:
    kinds, counts = np.unique(values, return_counts=True)
    return math.fsum((kinds * counts).tolist())


def _b_cubed_intervals(measured: BCubed, pure: Floats, found: Floats, whole: Floats) -> Intervals:
    """Means are ratios; the harmonic mean of two moves with both."""
    p, r, total = measured.precision, measured.recall, float(whole.sum())
    both = Intervals(ratio_interval(pure, whole), ratio_interval(found, whole), (0.0, 1.0))
    if total <= 0.0 or p + r <= 0.0:
        return both
    by_p, by_r = 2.0 * (r / (p + r)) ** 2, 2.0 * (p / (p + r)) ** 2
    influence = (by_p * (pure - p * whole) + by_r * (found - r * whole)) / total
    return Intervals(both.precision, both.recall, linear_interval(measured.f1, influence, whole))


def measure_slices(
    flags: dict[str, npt.NDArray[np.bool_]],
    table: Contingency,
    group: Codes,
    cluster: Codes,
    person: Codes,
) -> tuple[SliceMeasures, ...]:
    """Measure each slice.

    Parameters
    ----------
    flags : name -> bool[n_records]
    cluster, person : int64[n_records], the codes that `table` counts
    """
    width = max(len(table.persons), 1)
    cell_codes = table.cell_cluster * width + table.cell_person  # ascending
    measured = []
    for name, flag in flags.items():
        codes = cluster[flag] * width + person[flag]
        present, counts = np.unique(codes, return_counts=True)
        cells = np.asarray(np.searchsorted(cell_codes, present), dtype=np.int64)
        chosen = counts.astype(np.int64, copy=False)
        measured.append(measure_slice(name, table, group, cells, chosen))
    return tuple(measured)


def slice_columns(table: pa.Table, what: str = "slices") -> pa.Table:
    """The record key as text and every other column as true or false.

    Raises
    ------
    UsageError
        There is no record id, no other column, or a column that is not true or false throughout.

    Examples
    --------
    >>> table = pa.table({"record_id": [7, 8], "twin": ["true", "0"]})
    >>> slice_columns(table).to_pylist()
    [{'record_id': '7', 'twin': True}, {'record_id': '8', 'twin': False}]
    """
    names = list(table.column_names)
    taken = match_roles(names, ["source", "record_id"])
    if "record_id" not in taken:
        raise UsageError(
            f"{what} has no column 'record_id'; its columns are {', '.join(names) or 'none'}; "
            "wanted source, record_id and a true-or-false column for each slice"
        )
    key = pick(table, ["record_id"], ["source"], what)
    flags = {
        name: _boolean(table.column(name), what, name)
        for name in names
        if name not in taken.values()
    }
    if not flags:
        raise UsageError(
            f"{what} has only the columns {', '.join(names)}; wanted a true-or-false column for "
            "each slice, as mpi synth writes in slices.parquet"
        )
    return pa.table({**{n: key.column(n) for n in key.column_names}, **flags})


def _boolean(column: pa.ChunkedArray, what: str, name: str) -> pa.ChunkedArray:
    if column.null_count:
        raise UsageError(
            f"{what}: column '{name}' is empty in {column.null_count:,} rows; wanted true or false "
            "in every row"
        )
    if pa.types.is_boolean(column.type):
        return column
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        text = pc.utf8_lower(pc.utf8_trim_whitespace(column))
        yes = pc.is_in(text, pa.array(_TRUE, text.type))
        known = pc.or_(yes, pc.is_in(text, pa.array(_FALSE, text.type)))
        if pc.all(known).as_py():
            return yes
        value = f"'{column[pc.index(known, False).as_py()].as_py()}'"
    else:
        value = f"of type {column.type}"
    raise UsageError(
        f"{what}: column '{name}' is {value}, which is neither true nor false; make it a column of "
        "true and false, or leave it out"
    )


def flags_of(
    slices: pa.Table, crosswalk: pa.Table, truth: pa.Table, measured: Codes
) -> tuple[dict[str, npt.NDArray[np.bool_]], int]:
    """The flags of each measured record, and how many of these `slices` does not name.

    A record that is not named is in no slice.

    Parameters
    ----------
    slices : as `slice_columns` gives it
    crosswalk, truth : with their key columns
    measured : int64[n_records], rows of `truth`

    Raises
    ------
    UsageError
        A record is neither in the crosswalk nor in the truth, or there twice.
    """
    key = [n for n in KEY if n in slices.column_names]
    check_filled(slices, "slices", tuple(key))
    at = join(slices, truth, ("slices", "truth"))
    known = np.zeros(slices.num_rows, bool)
    known[at[at >= 0]] = True
    strange = np.flatnonzero(~known)
    if len(strange):
        # Records that nobody has judged are left out, as everywhere.
        found = join(crosswalk, slices.take(pa.array(strange)), ("crosswalk", "slices"))
        strange = strange[found < 0]
    if len(strange):
        raise UsageError(
            f"{len(strange):,} records of the slices are neither in the crosswalk nor in the "
            f"truth, the first is '{first_key(slices, int(strange[0]))}'; give the slices of these "
            "records, or leave them out"
        )
    at = at[measured]
    flags = {}
    for name in slices.column_names:
        if name not in key:
            flag = slices.column(name).to_numpy()[np.maximum(at, 0)] if slices.num_rows else at >= 0
            flags[name] = np.asarray(flag & (at >= 0), np.bool_)
    return flags, int((at < 0).sum())
