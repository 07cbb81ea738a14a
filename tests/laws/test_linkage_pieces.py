"""Law 2 for linkages that are stopped: they come to the same, wherever and however they go on."""

from __future__ import annotations

from unittest import mock

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from people import people
from pieces_in_memory import Kept, StoppedError

from mpi.linkage import Resolution, pair_table, resolve
from mpi.pieces import Pieces
from mpi.score import walk
from mpi.settings import Settings
from mpi.stages import Stages


def in_bytes(done: Resolution) -> list[bytes]:
    """What is published of it, byte for byte."""
    out = [done.model, done.model_summary, done.cluster.tobytes(), done.component.tobytes()]
    for name in ("links", "review"):
        sink = pa.BufferOutputStream()
        table = pair_table(done, name)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        out.append(sink.getvalue().to_pybytes())
    return [*out, repr((done.quality, done.messages, done.compared, done.trust)).encode()]


@given(
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 6), st.integers(100, 3000), st.integers(1, 3)), max_size=3),
)
@settings(max_examples=8, deadline=None)
def test_a_linkage_comes_to_the_same_wherever_it_was_stopped(
    seed: int, across: bool, runs: list[tuple[int, int, int]]
) -> None:
    """Each run keeps some more pieces, with tasks and threads of its own, and dies."""
    records, kept = people(80, seed=seed).records(), Kept()

    def run(pieces: Pieces, threads: int) -> Resolution:
        given = Settings(threads=threads)
        return resolve(records, given, stages=Stages(pieces=pieces), across=across, keep=True)

    for more, pairs, threads in runs:
        kept.stop = len(kept.pieces) + more
        with mock.patch.object(walk, "_PAIRS_PER_TASK", pairs):
            try:
                run(kept, threads)
            except StoppedError:
                continue
    kept.stop = None
    assert in_bytes(run(kept, 1)) == in_bytes(run(Pieces(), 2))
