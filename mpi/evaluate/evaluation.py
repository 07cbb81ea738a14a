"""The evaluation of a crosswalk against truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mpi.errors import UsageError
from mpi.evaluate import measures
from mpi.evaluate.columns import pick
from mpi.evaluate.measures import BCubed, Codes, Contingency, MergeRow, PairMeasures, SplitRow

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
        for name in ("false_merges", "splits", "largest"):
            plain[name] = list(plain[name])
        return plain


def evaluate(crosswalk: pa.Table, truth: pa.Table) -> Evaluation:
    """Measure a crosswalk against truth.

    Records are joined on (source, record_id) when both tables have a source, else on record_id
    alone. A record of truth that the crosswalk lacks is a cluster of its own, so it costs recall;
    a record of the crosswalk that truth lacks is left out and counted.

    Parameters
    ----------
    crosswalk : record_id, a cluster column (enterprise_id) and perhaps source
    truth : record_id, person_id and, where record ids repeat across sources, source

    Raises
    ------
    UsageError
        A column is missing, a record is there twice, record ids repeat across sources and one
        table has no source, or the two tables have no record in common.

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
    _check(crosswalk, "crosswalk", ("record_id", "enterprise_id"))
    _check(truth, "truth", ("record_id",))
    unlabelled = truth.column("person_id").null_count
    at = _join(crosswalk, truth)
    if len(at) and crosswalk.num_rows and not (at >= 0).any():
        raise UsageError(_nothing_common(crosswalk, truth))
    known = np.zeros(crosswalk.num_rows, bool)
    known[at[at >= 0]] = True
    labelled = truth.column("person_id").is_valid().to_numpy()
    truth, at = truth.filter(pa.array(labelled)), at[labelled]
    missing = at < 0

    person = _codes(truth.column("person_id"))[0]
    cluster_of, ids = _codes(crosswalk.column("enterprise_id"))
    raw = np.full(len(at), -1, np.int64)
    raw[~missing] = cluster_of[at[~missing]]
    raw[missing] = len(ids) + np.arange(int(missing.sum()))
    cluster, unique = _compact(raw, len(ids) + len(at))

    table = measures.contingency(cluster, person)
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
    )


def _codes(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """int64 codes of a text column in order of appearance, -1 for null, and the texts."""
    encoded = column.dictionary_encode().combine_chunks()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, encoded.dictionary


def _compact(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Codes below `size` without their gaps, in the same order, and the codes they stand for."""
    present = np.zeros(size, bool)
    present[codes] = True
    return (np.cumsum(present, dtype=np.int64) - 1)[codes], np.flatnonzero(present)


def _check(table: pa.Table, what: str, columns: tuple[str, ...]) -> None:
    for name in columns:
        nulls = table.column(name).null_count
        if nulls:
            raise UsageError(f"{what}: {nulls:,} rows have no {name}; fill it or leave them out")


def _join(crosswalk: pa.Table, truth: pa.Table) -> Codes:
    """int64[n_truth], the row of the crosswalk with the same record key, -1 where there is none."""
    if _same_order(crosswalk, truth):
        return np.arange(truth.num_rows)
    return _positions(*_keys(crosswalk, truth))


def _same_order(crosswalk: pa.Table, truth: pa.Table) -> bool:
    """Whether both tables hold the same keys, ascending: then no key needs to be hashed."""
    names = ["source", "record_id"]
    if crosswalk.num_rows != truth.num_rows or not crosswalk.num_rows:
        return False
    if not all(name in table.column_names for name in names for table in (crosswalk, truth)):
        return False
    for name in names:
        equal = pc.equal(crosswalk.column(name), truth.column(name))
        if not pc.all(equal, skip_nulls=False).as_py():
            return False
    (source, later), (record, later_record) = (
        (truth.column(n).slice(0, truth.num_rows - 1), truth.column(n).slice(1)) for n in names
    )
    ascending = pc.or_kleene(
        pc.less(source, later), pc.and_(pc.equal(source, later), pc.less(record, later_record))
    )
    return bool(pc.all(ascending, skip_nulls=False).as_py())


def _keys(crosswalk: pa.Table, truth: pa.Table) -> tuple[Codes, Codes]:
    """One dense code space for the record keys of both tables."""
    both = pa.chunked_array(
        [*crosswalk.column("record_id").chunks, *truth.column("record_id").chunks], pa.string()
    )
    ids, _ = _codes(both)
    n = crosswalk.num_rows
    with_source = ["source" in t.column_names for t in (crosswalk, truth)]
    if all(with_source):
        sources, names = _codes(
            pa.chunked_array(
                [*crosswalk.column("source").chunks, *truth.column("source").chunks], pa.string()
            )
        )
        ids, _ = measures.dense(ids * (len(names) + 1) + sources + 1)
    for what, table, keys in (("crosswalk", crosswalk, ids[:n]), ("truth", truth, ids[n:])):
        counts = np.bincount(keys) if len(keys) else np.zeros(1, np.int64)
        if counts.max() > 1:
            row = int(np.argmax(counts[keys] > 1))
            raise UsageError(_repeated(what, table, row, int((counts > 1).sum()), all(with_source)))
    return ids[:n], ids[n:]


def _repeated(what: str, table: pa.Table, row: int, many: int, joined: bool) -> str:
    name = table.column("record_id")[row].as_py()
    if "source" in table.column_names and not joined:
        other = "truth" if what == "crosswalk" else "crosswalk"
        return (
            f"{many:,} record ids of the {what} repeat across sources, the first is '{name}', and "
            f"the {other} has no column 'source'; add it, so that records can be told apart"
        )
    if joined:
        name = f"{table.column('source')[row].as_py()}:{name}"
    return (
        f"{many:,} records of the {what} are there more than once, the first is '{name}'; "
        "each record has one row"
        + ("" if joined else ", and a column 'source' where record ids repeat across sources")
    )


def _nothing_common(crosswalk: pa.Table, truth: pa.Table) -> str:
    def first(table: pa.Table) -> str:
        names = [c for c in ("source", "record_id") if c in table.column_names]
        return ":".join(str(v) for v in table.select(names).slice(0, 1).to_pylist()[0].values())

    return (
        "crosswalk and truth have no record in common; the crosswalk begins with "
        f"'{first(crosswalk)}', the truth with '{first(truth)}'"
    )


def _positions(have: Codes, want: Codes) -> Codes:
    """Where each wanted key lies among the keys there are, -1 where it does not."""
    size = 1 + max(int(have.max(initial=-1)), int(want.max(initial=-1)))
    table = np.full(size, -1, np.int64)
    table[have] = np.arange(len(have))
    return table[want]


def _sources(crosswalk: pa.Table, truth: pa.Table, at: Codes) -> Codes | None:
    """int64[n_records], the source of each measured record; None when not known of every one."""
    if "source" in truth.column_names:
        return measures.dense(_codes(truth.column("source"))[0])[0]
    if "source" in crosswalk.column_names and (at >= 0).all():
        return measures.dense(_codes(crosswalk.column("source"))[0][at])[0]
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
