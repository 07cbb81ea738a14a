"""Who kept the id: two crosswalks side by side, with nothing of `mpi`.

``python -m benchmarks.nights_kept BEFORE AFTER`` counts, as JSON, the persons whose records are the
very same in both, and those of them that have the same enterprise id.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_KEY = ["source", "record_id"]


def kept(before: pa.Table, after: pa.Table) -> dict[str, int]:
    """Persons whose records did not change, and how many of them kept the id.

    before, after : source, record_id, enterprise_id; a row a record
    """
    old = before.select(_KEY).append_column("old", before["enterprise_id"])
    new = after.select(_KEY).append_column("new", after["enterprise_id"])
    both = old.join(new, keys=_KEY, join_type="full outer")
    one, other = (_numbers(both[name]) for name in ("old", "new"))
    n = max(one[0].max(initial=-1), other[0].max(initial=-1)) + 1
    p, q = one[0], other[0]
    had, has = (np.bincount(codes[codes >= 0], minlength=n) for codes in (p, q))
    here = p >= 0
    low, high = np.full(n, np.iinfo(np.int64).max), np.full(n, -1)
    np.minimum.at(low, p[here], q[here])
    np.maximum.at(high, p[here], q[here])
    same = np.flatnonzero((had > 0) & (low == high) & (low >= 0))
    same = same[has[low[same]] == had[same]]
    ids, now = one[1].take(pa.array(same)), other[1].take(pa.array(low[same]))
    still = pc.sum(pc.equal(ids, now)).as_py() or 0
    return {"unchanged": len(same), "kept": still}


def _numbers(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """The number of each id, -1 for none, and the ids."""
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, coded.dictionary


if __name__ == "__main__":
    tables = [pq.read_table(Path(path)) for path in sys.argv[1:3]]
    print(json.dumps(kept(*tables)))
