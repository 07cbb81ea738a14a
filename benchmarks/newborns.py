"""Newborns' records that ended in one person with an adult: their mothers, nearly always.

``python -m benchmarks.newborns DATA CROSSWALK`` tells as JSON how many records of newborns there
are, and how many share their enterprise id with a record of somebody twelve years older.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_YEARS = 12
_KEY = ["source", "record_id"]


def births(data: Path) -> pa.Table:
    """Each record with the year of birth that it states, null where it states none."""
    tables = []
    for path in sorted((data / "registries").glob("*.parquet")):
        table = pq.read_table(path, columns=[*_KEY, "birth_date"])
        text = pc.cast(table["birth_date"], pa.string())
        found = pc.extract_regex(text, r"(?P<year>(?:19|20)[0-9]{2})")
        year = pc.cast(pc.struct_field(found, "year"), pa.int64())
        tables.append(table.select(_KEY).append_column("year", year))
    return pa.concat_tables(tables)


def main(data: Path, crosswalk: Path) -> None:
    """Count them."""
    told = pq.read_table(data / "slices.parquet", columns=[*_KEY, "newborn"])
    truth = pq.read_table(data / "truth.parquet").select([*_KEY, "person_id"])
    given = pq.read_table(crosswalk, columns=[*_KEY, "enterprise_id"])
    records = births(data).join(told, _KEY).join(truth, _KEY).join(given, _KEY)
    # A person's year is what most of the records state.
    stated = records.filter(pc.is_valid(records["year"]))
    usual = stated.group_by("person_id").aggregate([("year", "approximate_median")])
    usual = usual.rename_columns(["person_id", "born"])
    records = records.join(usual, "person_id")
    cluster = pc.index_in(records["enterprise_id"], pc.unique(records["enterprise_id"]))
    cluster, born = np.asarray(cluster), np.asarray(records["born"].fill_null(np.nan))
    oldest = np.full(int(cluster.max()) + 1, np.inf)
    np.fmin.at(oldest, cluster, born)
    newborn = np.asarray(records["newborn"].fill_null(False))
    merged = newborn & (born - oldest[cluster] >= _YEARS)
    print(json.dumps({"newborns": int(newborn.sum()), "with_adult": int(merged.sum())}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
