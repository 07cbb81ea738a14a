"""How many of the true pairs blocking makes, and how many pairs it makes for that.

``python -m benchmarks.candidates DATA`` reads the registries of DATA and its truth, and tells as
JSON the share of true pairs that share a key under some rule, and candidate pairs a record.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

import mpi
from mpi.block.candidates import Candidates
from mpi.linkage import resolve
from mpi.linkage.prepare import prepare
from mpi.records.table import RecordTable
from mpi.settings import Settings
from mpi.stages import Stages
from mpi.standardise import standardise

Rows = npt.NDArray[np.int64]


def true_pairs(records: RecordTable, truth: Path) -> tuple[Rows, Rows]:
    """Pairs of records of one person, each once."""
    told = pq.read_table(truth)
    here, there = (
        pc.binary_join_element_wise(table["source"], table["record_id"], "\n").combine_chunks()
        for table in (records.data, told)
    )
    place = pc.index_in(here, value_set=there)
    person = told["person_id"].take(place).combine_chunks().dictionary_encode().indices
    codes = np.asarray(person).astype(np.int64)
    order = np.argsort(codes, kind="stable")
    left, right = [], []
    for apart in range(1, int(np.bincount(codes).max())):
        same = codes[order[apart:]] == codes[order[:-apart]]
        left.append(order[:-apart][same])
        right.append(order[apart:][same])
    return np.concatenate(left), np.concatenate(right)


def made(candidates: Candidates, left: Rows, right: Rows) -> npt.NDArray[np.bool_]:
    """bool[n_pairs], does some rule make the pair of rows, or are they one row?"""
    found: npt.NDArray[np.bool_] = left == right
    for rule in range(len(candidates.blocks)):
        column = candidates.keys[:, rule]
        found |= (column[left] == column[right]) & (column[left] >= 0)
    return found


def main(data: Path) -> None:
    """Measure them."""
    records = mpi.read_records([data / "registries"])
    settings, stages = Settings(), Stages()
    prepared = prepare(standardise(records, settings), records, settings, None, stages, False)
    left, right = true_pairs(records, data / "truth.parquet")
    row_of = prepared.encoded.row_of
    found = made(prepared.candidates, row_of[left], row_of[right])
    compared = resolve(records, settings).compared
    figures = {
        "blocking_recall": round(float(found.mean()), 5),
        "pairs_a_record": round(compared / len(records), 3),
        "rules": len(prepared.candidates.blocks),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
