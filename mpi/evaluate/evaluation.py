"""The evaluation of a crosswalk against truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.evaluate import measures
from mpi.evaluate.columns import pick
from mpi.evaluate.intervals import METHOD, Intervals, groups_of
from mpi.evaluate.joining import check_filled, codes, first_key, join
from mpi.evaluate.measures import BCubed, Codes, Contingency, MergeRow, PairMeasures, SplitRow
from mpi.evaluate.slices import (
    SliceMeasures,
    flags_of,
    measure_slice,
    measure_slices,
    slice_columns,
)

_LARGEST = 10


@dataclass(frozen=True)
class LargeCluster:
    """One of the largest clusters: its id, records and persons (1 when it is right)."""

    cluster: str
    records: int
    persons: int


@dataclass(frozen=True)
class Evaluation:
    """What a crosswalk gets right and wrong.

    records : records of known person that were measured
    missing : of them, not in the crosswalk; each counts as a cluster of its own
    extra : records of the crosswalk that truth does not know; left out
    unlabelled : records of truth without a person; left out
    persons, clusters : true and predicted number of persons among the measured records
    pairs : pairwise measures; `within_source` and `across_sources` split them, None when the
        sources are not known
    exact : clusters that are all of one person and nothing else
    false_merges : by cluster size, `splits` : by records of a person
    largest : the largest clusters, ties by id
    pair_intervals, b_cubed_intervals : 95 % intervals, see `intervals`
    slices : measures of the records of each slice, in the order of their columns
    not_named : measured records that the slices do not name; they are in none
    """

    records: int
    missing: int
    extra: int
    unlabelled: int
    persons: int
    clusters: int
    pairs: PairMeasures
    within_source: PairMeasures | None
    across_sources: PairMeasures | None
    b_cubed: BCubed
    exact: int
    false_merges: tuple[MergeRow, ...]
    splits: tuple[SplitRow, ...]
    largest: tuple[LargeCluster, ...]
    pair_intervals: Intervals
    b_cubed_intervals: Intervals
    slices: tuple[SliceMeasures, ...] = ()
    not_named: int = 0

    @property
    def precision(self) -> float:
        """Pairwise precision, 0 to 1."""
        return self.pairs.precision

    @property
    def recall(self) -> float:
        """Pairwise recall, 0 to 1."""
        return self.pairs.recall

    @property
    def f1(self) -> float:
        """Pairwise F1, 0 to 1."""
        return self.pairs.f1

    @property
    def exact_persons(self) -> float:
        """Share of true persons whose records are exactly one cluster; 1 without persons."""
        return self.exact / self.persons if self.persons else 1.0

    @property
    def exact_clusters(self) -> float:
        """Share of clusters that are exactly one person; 1 without clusters."""
        return self.exact / self.clusters if self.clusters else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text, lists and dicts, for JSON."""
        plain = asdict(self)
        for name in ("pairs", "within_source", "across_sources", "b_cubed"):
            part = getattr(self, name)
            if part is not None:
                plain[name] |= {k: getattr(part, k) for k in ("precision", "recall", "f1")}
        plain["exact_persons"] = self.exact_persons
        plain["exact_clusters"] = self.exact_clusters
        plain["intervals"] = {"method": METHOD} | {
            name: plain.pop(f"{of}_intervals")
            for name, of in (("pairs", "pair"), ("b_cubed", "b_cubed"))
        }
        for name in ("false_merges", "splits", "largest"):
            plain[name] = list(plain[name])
        plain["slices"] = [part.to_dict() for part in self.slices]
        return plain


def evaluate(crosswalk: pa.Table, truth: pa.Table, *, slices: pa.Table | None = None) -> Evaluation:
    """Measure a crosswalk against truth.

    Records are joined on (source, record_id) when both tables have a source, else on record_id
    alone. A record of truth that the crosswalk lacks is a cluster of its own, so it costs recall;
    a record of the crosswalk that truth lacks is left out and counted.

    Parameters
    ----------
    crosswalk : record_id, a cluster column (enterprise_id) and perhaps source
    truth : record_id, person_id and, where record ids repeat across sources, source
    slices : record_id, perhaps source, and a column of true and false for each slice

    Raises
    ------
    UsageError
        A column is missing, a record is there twice, record ids repeat across sources and one
        table has no source, the two tables have no record in common, or `slices` names a record
        that is in neither or has a column that is not true or false.

    Examples
    --------
    >>> crosswalk = pa.table({"record_id": ["1", "2", "3"], "enterprise_id": ["a", "a", "b"]})
    >>> truth = pa.table({"record_id": ["1", "2", "3"], "person_id": ["p", "p", "p"]})
    >>> result = evaluate(crosswalk, truth)
    >>> result.precision, round(result.recall, 3), result.clusters, result.persons
    (1.0, 0.333, 2, 1)
    """
    crosswalk = pick(crosswalk, ["record_id", "enterprise_id"], ["source"], "crosswalk")
    truth = pick(truth, ["record_id", "person_id"], ["source"], "truth")
    check_filled(crosswalk, "crosswalk", ("record_id", "enterprise_id"))
    check_filled(truth, "truth", ("record_id",))
    unlabelled = truth.column("person_id").null_count
    at = join(crosswalk, truth, ("crosswalk", "truth"))
    if len(at) and crosswalk.num_rows and not (at >= 0).any():
        raise UsageError(_nothing_common(crosswalk, truth))
    known = np.zeros(crosswalk.num_rows, bool)
    known[at[at >= 0]] = True
    labelled = truth.column("person_id").is_valid().to_numpy()
    everyone, rows = truth, np.flatnonzero(labelled)
    truth, at = truth.filter(pa.array(labelled)), at[labelled]
    missing = at < 0

    person = codes(truth.column("person_id"))[0]
    cluster_of, ids = codes(crosswalk.column("enterprise_id"))
    raw = np.full(len(at), -1, np.int64)
    raw[~missing] = cluster_of[at[~missing]]
    raw[missing] = len(ids) + np.arange(int(missing.sum()))
    cluster, unique = _compact(raw, len(ids) + len(at))

    table = measures.contingency(cluster, person)
    group = groups_of(table)
    everything = measure_slice("", table, group, np.arange(len(table.cells)), table.cells)
    flags: dict[str, npt.NDArray[np.bool_]] = {}
    unnamed = 0
    if slices is not None:
        flags, unnamed = flags_of(slice_columns(slices), crosswalk, everyone, rows)
    pairs = measures.pair_measures(table)
    within = across = None
    source = _sources(crosswalk, truth, at)
    if source is not None:
        within = measures.within_measures(source, cluster, person)
        across = pairs - within
    return Evaluation(
        records=len(at),
        missing=int(missing.sum()),
        extra=int((~known).sum()),
        unlabelled=unlabelled,
        persons=len(table.persons),
        clusters=len(table.clusters),
        pairs=pairs,
        within_source=within,
        across_sources=across,
        b_cubed=measures.b_cubed(table),
        exact=measures.exact_matches(table),
        false_merges=measures.false_merges(table),
        splits=measures.splits(table),
        largest=_largest(table, unique, ids),
        pair_intervals=everything.pair_intervals,
        b_cubed_intervals=everything.b_cubed_intervals,
        slices=measure_slices(flags, table, group, cluster, person),
        not_named=unnamed,
    )


def _compact(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Codes below `size` without their gaps, in the same order, and the codes they stand for."""
    present = np.zeros(size, bool)
    present[codes] = True
    return (np.cumsum(present, dtype=np.int64) - 1)[codes], np.flatnonzero(present)


def _nothing_common(crosswalk: pa.Table, truth: pa.Table) -> str:
    return (
        "crosswalk and truth have no record in common; the crosswalk begins with "
        f"'{first_key(crosswalk)}', the truth with '{first_key(truth)}'"
    )


def _sources(crosswalk: pa.Table, truth: pa.Table, at: Codes) -> Codes | None:
    """int64[n_records], the source of each measured record; None when not known of every one."""
    if "source" in truth.column_names:
        return measures.dense(codes(truth.column("source"))[0])[0]
    if "source" in crosswalk.column_names and (at >= 0).all():
        return measures.dense(codes(crosswalk.column("source"))[0][at])[0]
    return None


def _largest(table: Contingency, unique: Codes, ids: pa.Array) -> tuple[LargeCluster, ...]:
    """The largest clusters of two records or more; `unique` are their codes in `ids`."""
    sizes = table.clusters
    rank = max(len(sizes) - _LARGEST, 0)
    least = int(np.partition(sizes, rank)[rank]) if len(sizes) else 0
    rows = np.flatnonzero(sizes >= max(least, 2))
    persons = np.bincount(table.cell_cluster, minlength=len(sizes))
    found = pa.table(
        {
            "cluster": ids.take(pa.array(unique[rows])),
            "records": sizes[rows],
            "persons": persons[rows],
        }
    )
    order = pc.select_k_unstable(
        found, k=_LARGEST, sort_keys=[("records", "descending"), ("cluster", "ascending")]
    )
    return tuple(LargeCluster(**row) for row in found.take(order).to_pylist())
