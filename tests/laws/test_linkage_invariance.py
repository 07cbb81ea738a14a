"""Law 2: neither the order of rows and files nor the number of threads is in the result."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from people import people

import mpi
from mpi.linkage import Result, dedupe, link
from mpi.settings import Settings


def in_bytes(result: Result) -> list[bytes]:
    """Everything that is published, byte for byte."""
    out = [result.model]
    for table in (result.crosswalk, result.links, result.review):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        out.append(sink.getvalue().to_pybytes())
    return out


@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False), st.integers(1, 3))
@settings(max_examples=6)
def test_the_order_of_rows_and_files_is_nothing(seed: int, random: Random, files: int) -> None:
    drawn = people(60, seed=seed)
    order = list(range(len(drawn.rows)))
    with tempfile.TemporaryDirectory() as folder:
        straight = Path(folder) / "straight.csv"
        straight.write_text(drawn.csv(order), encoding="utf-8")
        random.shuffle(order)
        shuffled = []
        for k in range(files):
            path = Path(folder) / f"part{random.random()}.csv"
            path.write_text(drawn.csv(order[k::files]), encoding="utf-8")
            shuffled.append(path)
        random.shuffle(shuffled)
        first = dedupe(mpi.read_records(straight))
        second = dedupe(mpi.read_records(shuffled))
    assert in_bytes(first) == in_bytes(second)
    assert len(first.links) > 0


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=6)
def test_the_number_of_threads_is_nothing(seed: int, across: bool) -> None:
    records = people(80, seed=seed).records()
    job = link if across else dedupe
    one, two = (job(records, Settings(threads=threads)) for threads in (1, 2))
    assert in_bytes(one) == in_bytes(two)


def test_many_threads_over_many_pieces() -> None:
    records = people(3000, seed=4).records()
    one, three = (dedupe(records, Settings(threads=threads)) for threads in (1, 3))
    assert in_bytes(one) == in_bytes(three)
    assert len(one.links) > 1000
