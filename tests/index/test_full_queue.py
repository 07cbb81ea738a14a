"""A review queue that is full, night after night: what is told of pairs that it had no room for."""

from collections import Counter
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index.nights import extract
from people import people

from mpi.index import MasterIndex
from mpi.linkage import resolve
from mpi.linkage.queue import LeftOut, left_out, most_useful, places_for
from mpi.settings import Settings

FEW = Settings(review_pairs=4, overlays="take", link_at=0.9999, review_at=0.01)
PAIR = ("source_a", "record_id_a", "source_b", "record_id_b")


@pytest.fixture(scope="module")
def rows():
    drawn = people(200, seed=14, copies=0.6)
    return dict(zip(zip(drawn.source, drawn.record_id, strict=True), drawn.rows, strict=True))


@pytest.fixture
def index(tmp_path, rows):
    index = MasterIndex.create_or_open(tmp_path / "index")
    done = index.update(extract(rows), FEW)
    assert done.resolution.left_out > 4
    return index


def queue(index):
    return [tuple(row[c] for c in PAIR) for row in index.table("review").to_pylist()]


def lacking(update):
    return [m for m in update.messages if m.startswith("the review queue has room")]


def test_nothing_is_told_while_the_queue_is_what_it_should_be(index, rows):
    asked, far = queue(index), next(iter(rows))
    done = index.update(extract({far: {**rows[far], "phone": "0911222333"}}), FEW)
    assert done.changed and queue(index) == asked
    assert not lacking(done)


def test_places_that_become_free_are_told(index, rows, tmp_path):
    whole = MasterIndex.create_or_open(tmp_path / "whole")
    whole.update(extract(rows), FEW)
    gone = sorted({key for a, b, c, d in queue(index)[:3] for key in ((a, b), (c, d))})
    done = index.update(extract({}, gone), FEW)
    whole.update(extract({}, gone), FEW, resolver=partial(resolve))
    missing = {*queue(whole)} - {*queue(index)}
    assert missing and len(queue(whole)) == 4
    (told,) = lacking(done)
    assert f"room for up to {4 - len(queue(index))} probable pair" in told
    assert done.resolution.left_out == 0
    # So it stays until all records are linked again.
    far = next(iter({*rows} - {*gone}))
    assert lacking(index.update(extract({far: {**rows[far], "phone": "0911222333"}}), FEW))
    index.plan(extract({}, [far]), tmp_path / "plan", FEW, refit=True)
    index.apply(tmp_path / "plan")
    assert len(queue(index)) == 4
    other = sorted({*rows} - {*gone, far})[7]
    assert not lacking(index.update(extract({other: {**rows[other], "phone": None}}), FEW))


PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.booleans()), max_size=30)


@given(PAIRS, st.lists(PAIRS, max_size=3), st.integers(0, 12))
def test_no_more_pairs_are_missing_than_places_are_told(first, later, room):
    """Pairs come, some leave, night after night; against a queue of all pairs that are there."""
    every, asked, waiting = [], [], LeftOut()
    for pairs in (first, *later):
        every = [pair for pair in every if not pair[3]] + [(*p, p[2]) for p in pairs]
        asked = [pair for pair in asked if not pair[3]] + [(*p, p[2]) for p in pairs]
        best = cut(every, room)
        weight, reason, useful = cut(asked, room, arrays=True)
        places = places_for(waiting, weight[useful], reason[useful], room)
        waiting |= left_out(weight, reason, useful)
        asked = [pair for pair, here in zip(asked, useful, strict=True) if here]
        missing = Counter(p[:2] for p in best) - Counter(p[:2] for p in asked)
        assert sum(missing.values()) <= places


def cut(pairs, room, *, arrays=False):
    """The pairs that a queue has room for."""
    weight = np.array([p[0] for p in pairs], np.float32)
    reason = np.array([p[1] for p in pairs], np.int8)
    useful = most_useful(weight, reason, room)
    if arrays:
        return weight, reason, useful
    return [pair for pair, here in zip(pairs, useful, strict=True) if here]
