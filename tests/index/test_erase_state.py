"""A record is forgotten in what linking keeps, and nights still look at what they touch."""

from functools import partial

import pytest
from index.test_erase import everything
from index.test_incremental import EVERY, Two, table
from people import KINDS

from mpi.linkage import resolve

SECRET = {
    "full_name": "Zyxwvut Qwopqwop",
    "birth_date": "1917-11-17",
    "sex": "Nữ",
    "national_id": "079117987654",
    "phone": "0987987987",
    "address": "999 Xyzzy",
}
WORDS = (
    "zyxwvut",
    "qwopqwop",
    "1917-11",
    "079117987654",
    "987987987",
    "xyzzy",
    "plugh",
    "sekret-17",
)
KEY = ("hn", "sekret-17")


def places(folder):
    """Where the record still is, letters of any case."""
    return sorted(
        {
            (path.relative_to(folder).as_posix().partition("/")[0], word)
            for path, text in everything(folder)
            for word in WORDS
            if word in text.lower()
        }
    )


def night(both, fresh, gone=()):
    records = table(fresh, gone)
    done = both.part.update(records, EVERY)
    both.whole.update(records, EVERY, resolver=partial(resolve))
    both.rows |= fresh
    for key in gone:
        del both.rows[key]
    return done


def erase(both, key=KEY):
    both.part.erase(key)
    both.whole.erase(key, resolver=partial(resolve))
    both.rows.pop(key, None)


def kept(both, sequence=None):
    index = both.part if sequence is None else both.part.as_of(sequence)
    return index._base.manifest.state


@pytest.fixture
def both(tmp_path):
    """The record comes in the second night with others, and its address changes in the third."""
    both = Two(tmp_path, 7)
    like = both.rows[sorted(both.rows)[3]]
    night(both, {KEY: SECRET, ("hue", "r9"): {**SECRET, **like}})
    night(both, {KEY: SECRET | {"address": "12 Plugh"}, ("hue", "r8"): like})
    return both


def test_the_next_night_looks_at_what_it_touches(both, tmp_path):
    assert {"state", "tables"} <= {where for where, _ in places(tmp_path / "part")}
    assert {word for where, word in places(tmp_path / "part") if where == "state"} == {*WORDS}
    erase(both)
    assert not places(tmp_path / "part")
    assert len(kept(both)) == 4
    both.check()
    both.night()
    both.check()
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_a_person_whom_it_held_together_is_decided_again(both):
    a, b = ("hue", "x1"), ("hue", "x2")
    one = {**SECRET, "national_id": None, "phone": None, "address": "1 Lê Lợi"}
    night(both, {a: one | {"full_name": "Zyxwvut"}, b: one | {"birth_date": None}})
    both.check()
    erase(both)
    both.check()
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_snapshots_that_never_showed_it_keep_their_state(both):
    night(both, {}, [KEY])
    night(both, {("hue", "r7"): both.rows[sorted(both.rows)[9]]})
    erase(both)
    both.check()
    assert [len(kept(both, s)) for s in both.part.snapshots()] == [2, 0, 0, 4, 5, 5]
    for index in (both.part, both.whole):
        index.rollback(4)
    del both.rows["hue", "r7"]
    both.check()
    both.night()
    both.check()


def test_going_back_to_where_it_was_links_all_once(both):
    night(both, {}, [KEY])
    erase(both)
    for index in (both.part, both.whole):
        index.rollback(3)
    assert kept(both) == ()
    records = table({("hue", "r6"): both.rows[sorted(both.rows)[9]]})
    for index in (both.part, both.whole):
        index.update(records, EVERY, resolver=None if index is both.part else partial(resolve))
    both.rows |= {("hue", "r6"): both.rows[sorted(both.rows)[9]]}
    both.check()
    assert len(kept(both)) == 2
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_a_night_of_nobody_else(both, tmp_path):
    key = ("hn", "sekret-170")
    night(both, {key: SECRET | {"phone": None}})
    erase(both, key)
    erase(both)
    assert not places(tmp_path / "part")
    both.check()
    for _ in range(8):  # until segments are put together
        both.night()
    both.check()
    assert len(kept(both)) < 10
    assert both.part.rebuild().differ == 0


def test_decisions_about_it_go_first(both):
    others = sorted(both.rows)[4:6]
    both.decide("same", KEY, others[0])
    both.decide("different", KEY, others[1])
    erase(both)
    both.check()
    assert len(kept(both)) == 2  # all were linked again
    both.night()
    both.check()
    assert both.part.rebuild().differ == 0


def test_the_columns_are_those_of_people():
    assert {*SECRET} == {*KINDS}
