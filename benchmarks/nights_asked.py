"""An index asked in process: ``python -m benchmarks.nights_asked INDEX QUESTIONS CROSSWALK``.

Tells as JSON how long the first question took, the median and the 95th percentile of the others,
the memory that the answering process holds, and the share of questions whose person was among the
first five.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

_WARM = 20
"""Questions of each kind that are not counted."""


def ask(folder: Path, questions: list[dict[str, Any]]) -> tuple[dict[str, float], list[Any]]:
    """Ask them all, one after the other; figures, and who was found."""
    from mpi.index import MasterIndex

    index = MasterIndex.open(folder)
    begin = time.perf_counter()
    index.search(questions[0]["query"])
    figures = {"search_first_seconds": round(time.perf_counter() - begin, 3)}
    found = []
    for kind in ("identifier", "name"):
        taken = []
        for question in [q for q in questions if q["kind"] == kind]:
            begin = time.perf_counter()
            hits = index.search(question["query"])
            taken.append(1000.0 * (time.perf_counter() - begin))
            found.append((kind, tuple(question["key"]), [hit.enterprise_id for hit in hits]))
        warm = taken[_WARM:] or taken
        figures[f"search_{kind}_ms"] = round(statistics.median(warm), 3)
        figures[f"search_{kind}_p95_ms"] = round(sorted(warm)[int(0.95 * len(warm))], 3)
    figures |= {f"searcher_{name}gb": round(_held(line) / 1e9, 3) for name, line in _MEMORY.items()}
    return figures, found


_MEMORY = {"": "VmRSS", "own_": "RssAnon"}
"""All that is in memory, and that which is no file that the system may drop and read again."""


def _held(name: str) -> int:
    """Bytes of this process that are in memory now, of one kind."""
    try:
        text = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    line = next(line for line in text.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def _found(found: list[Any], crosswalk: Path) -> dict[str, float]:
    """Share of the questions whose person was found, by kind."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = sorted({key for _, key, _ in found})
    names = ("source", "record_id")
    keys = pa.table({name: [key[i] for key in wanted] for i, name in enumerate(names)})
    rows = keys.join(pq.read_table(crosswalk), keys=list(names)).to_pylist()
    owner = {tuple(row[name] for name in names): row["enterprise_id"] for row in rows}
    figures = {}
    for kind in ("identifier", "name"):
        right = [owner[key] in hits for one, key, hits in found if one == kind]
        figures[f"search_{kind}_found"] = round(sum(right) / len(right), 4)
    return figures


if __name__ == "__main__":
    folder, questions, crosswalk = map(Path, sys.argv[1:4])
    figures, answers = ask(folder, json.loads(questions.read_text()))
    print(json.dumps(figures | _found(answers, crosswalk)))
