"""A recordlinkage model written by hand for Vietnamese registries, in a process of its own.

``python -m benchmarks.recordlinkage_model DATA OUT`` takes the records in the form that the Splink
model works with (its preparing is not counted), makes the pairs of the same eleven blocking rules,
compares ten fields, fits the expectation/conditional maximisation classifier without labels, and
writes a crosswalk a threshold into OUT. Seconds and memory up to the first crosswalk are told as
JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

THRESHOLDS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)

_RULES: tuple[tuple[str, ...], ...] = (
    ("national",),
    ("insurance",),
    ("phone", "given"),
    ("full_name", "birth"),
    ("full_name", "year", "province"),
    ("full_name", "phone"),
    ("full_name", "address"),
    ("birth", "given", "sex"),
    ("birth", "phone"),
    ("birth", "family", "province"),
    ("mother_name", "year", "given"),
)


def _records(data: Path) -> Any:
    """The records as a frame."""
    import duckdb

    from benchmarks.splink_model import prepare

    connection = duckdb.connect()
    prepare(connection, data / "registries")
    return connection.execute("select * from records").df().set_index("unique_id")


def _compared(records: Any) -> Any:
    """What ten comparisons say of each candidate pair, 0 or 1."""
    import recordlinkage  # type: ignore[import-untyped]

    indexer = recordlinkage.Index()
    for rule in _RULES:
        indexer.block(list(rule))
    pairs = indexer.index(records)
    compare = recordlinkage.Compare()
    compare.exact("full_name", "full_name", label="same_name")
    compare.string("full_name", "full_name", "jarowinkler", 0.92, label="name")
    compare.exact("given", "given", label="given")
    compare.exact("birth", "birth", label="same_birth")
    compare.string("birth", "birth", "damerau_levenshtein", 0.89, label="birth")
    compare.exact("sex", "sex", label="sex")
    for name in ("national", "insurance", "phone"):
        compare.string(name, name, "damerau_levenshtein", 0.88, label=name)
    compare.string("address", "address", "jarowinkler", 0.92, label="address")
    return compare.compute(pairs, records).astype(int)


def _persons(records: Any, pairs: Any) -> Any:
    """An id for every record: the smallest of those that pairs join."""
    import networkx  # type: ignore[import-untyped]

    graph = networkx.Graph()
    graph.add_nodes_from(records.index)
    graph.add_edges_from(pairs)
    owner: dict[int, str] = {}
    for part in networkx.connected_components(graph):
        least = str(min(part))
        owner |= dict.fromkeys(part, least)
    told = records[["source", "record_id"]].copy()
    told["enterprise_id"] = [owner[row] for row in records.index]
    return told


def main(data: Path, out: Path) -> None:
    """Compare, fit, and write the persons of each threshold."""
    import resource
    import warnings

    import recordlinkage

    warnings.simplefilter("ignore")
    records = _records(data)
    begin, begin_wall = time.process_time(), time.perf_counter()
    features = _compared(records)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    chance = classifier.prob(features)
    told: dict[str, float] = {}
    for threshold in THRESHOLDS:
        found = _persons(records, chance.index[chance >= threshold])
        found.to_parquet(out / f"{threshold}.parquet", index=False)
        told = told or {
            "cpu_seconds": round(time.process_time() - begin, 2),
            "seconds": round(time.perf_counter() - begin_wall, 2),
            "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 3),
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
