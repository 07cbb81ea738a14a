"""A large crosswalk with truth: ``python -m benchmarks.crosswalks RECORDS SEED FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SOURCES = 8


def write(records: int, seed: int, folder: Path) -> None:
    """Persons of some two records; a hundredth of the records at a wrong person."""
    rng = np.random.Generator(np.random.PCG64(seed))
    person = np.sort(rng.integers(0, records // 2, records))
    found = person.copy()
    wrong = rng.random(records) < 0.01
    found[wrong] = rng.integers(0, records // 2, int(wrong.sum()))
    ids = np.arange(records)
    key = {
        "source": pa.array([f"source_{i}" for i in range(SOURCES)]).take(pa.array(ids % SOURCES)),
        "record_id": pa.array(ids).cast(pa.string()),
    }
    order = [("source", "ascending"), ("record_id", "ascending")]  # as both are written
    for name, column, values in (
        ("crosswalk", "enterprise_id", found),
        ("truth", "person_id", person),
    ):
        table = pa.table({**key, column: pa.array(values).cast(pa.string())})
        pq.write_table(table.sort_by(order), folder / f"{name}.parquet")


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
