"""What is put on the shelf is what comes back, and is freed with the last who holds it."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mpi.scratch
from mpi.records import shelf as room
from mpi.records.shelf import Shelf
from mpi.scratch import Scratch

TEXT = st.none() | st.text(max_size=5)


@given(st.lists(TEXT, max_size=20), st.integers(0, 5), st.integers(0, 5))
def test_an_array_is_the_same(values: list[str | None], left: int, right: int) -> None:
    part = pa.array(values, pa.string())[left : max(left, len(values) - right)]
    # a folder that is not looked at, for what is so small stays in memory
    for shelf in (Shelf(), Shelf(Scratch(Path("none")))):
        for _ in range(2):
            kept = shelf.put("name", part)
            kept.validate(full=True)
            assert kept.equals(part) and kept.null_count == part.null_count


def test_columns_of_a_name_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_FIRST", 1 << 12)
    monkeypatch.setattr(room, "_ROOM", 1 << 16)
    monkeypatch.setattr(mpi.scratch, "_SMALL", 1)
    shelf = Shelf(Scratch(tmp_path))
    made: list[int] = []
    own = Scratch._map
    monkeypatch.setattr(Scratch, "_map", lambda s, size: made.append(size) or own(s, size))
    tables = [
        pa.table({"a": [f"{i}:{k}" for i in range(500)], "b": [None] * 499 + ["x"]})
        for k in range(40)
    ]
    kept = [shelf.table(table) for table in tables]
    rows = shelf.numbers("", np.arange(9))
    assert 3 < len(made) < 12
    shelf.scratch.let_go()
    assert all(a.equals(b) for a, b in zip(kept, tables, strict=True))
    assert rows.tolist() == list(range(9))
    shelf.close()
    last = kept[-1].column("a")
    del kept, rows
    gc.collect()
    alive = [one for one, *_ in shelf.scratch._mapped if one() is not None]
    assert len(alive) == 1
    assert last.equals(tables[-1].column("a"))
