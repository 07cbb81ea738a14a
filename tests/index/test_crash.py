"""Law 6: a published snapshot is whole or absent, whatever is killed, and whenever."""

import errno
import random

import pytest
from index import actions, linked_actions, unfinished_actions
from index.crashes import crashes

FAULTS = pytest.mark.parametrize(
    ("code", "lasting"),
    [(errno.ENOSPC, True), (errno.EIO, False)],
    ids=["full disk", "one failure"],
)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Small nights that a textbook linker resolves."""
    with crashes(actions, tmp_path_factory.mktemp("plain")) as made:
        yield made


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """Nights of people, linked as they always are."""
    with crashes(linked_actions, tmp_path_factory.mktemp("linked")) as made:
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The same, where every night keeps what it has finished."""
    with crashes(unfinished_actions, tmp_path_factory.mktemp("kept")) as made:
        yield made


def test_nights_of_people_look_at_what_they_touch(linked):
    """What follows kills the nights that it says it kills."""
    last = {action: told["snapshots"] for action, told in linked.expected.items()}
    segments = {action: len(snapshots[-1].state) - 1 for action, snapshots in last.items()}
    assert (segments["first night"], segments["night"], segments["later night"]) == (1, 2, 4)
    assert segments["night that packs"] == segments["night for all"] == 1
    assert last["rollback"][-1].state == last["rollback"][1].state
    assert (len(last["plan"]), linked.expected["plan"]["plan"][0].sequence) == (4, 5)
    assert last["apply refit"][-1].model != last["apply refit"][0].model
    assert len(last["vacuum"]) == 1 and len(last["erase"]) == 5


# ------------------------------------------------------------------ failing disks


def fail(made, action, code, lasting, moments):
    """So many operations, others for each action."""
    every = range(1, made.took[action].operations + 1)
    assert len(every) > 20
    draw = random.Random(len(action) + lasting)
    for at in sorted(draw.sample(every, min(moments, len(every)))):
        made.fail(action, at, code, lasting)


@pytest.mark.parametrize("action", actions.ACTIONS)
@FAULTS
def test_a_file_operation_fails(plain, action, code, lasting):
    fail(plain, action, code, lasting, 3)


@FAULTS
def test_a_file_operation_fails_in_a_night_of_people(linked, code, lasting):
    """One operation of each action; the full disk and the failure take turns."""
    draw = random.Random(code)
    for action in list(linked_actions.ACTIONS)[lasting::2]:
        linked.fail(action, draw.randint(1, linked.took[action].operations), code, lasting)


@pytest.mark.long
@pytest.mark.parametrize("action", linked_actions.ACTIONS)
@FAULTS
def test_many_file_operations_fail_in_nights_of_people(linked, action, code, lasting):
    fail(linked, action, code, lasting, 20)


@pytest.mark.long
@pytest.mark.parametrize("action", actions.ACTIONS)
@FAULTS
def test_many_file_operations_fail(plain, action, code, lasting):
    fail(plain, action, code, lasting, 40)


# ------------------------------------------------------------------ killed processes


def test_killed_at_random_moments(plain):
    assert plain.kill_at_random_moments(21) > 7


@pytest.mark.long
def test_killed_at_many_random_moments(plain):
    assert plain.kill_at_random_moments(200) > 66


@pytest.mark.parametrize("action", actions.ACTIONS)
def test_killed_at_some_file_operations(plain, action):
    plain.kill_at_operations(action, 1 + len(action) % 31, 41)


@pytest.mark.long
@pytest.mark.parametrize("action", actions.ACTIONS)
def test_killed_at_every_file_operation(plain, action):
    plain.kill_at_operations(action, 1, 1)


def test_nights_of_people_are_killed(linked):
    """Every action at a moment of its life, and at an operation that changes the disk."""
    draw = random.Random(3)
    for number, action in enumerate(linked_actions.ACTIONS):
        took = linked.took[action]
        if number % 2:
            linked.kill(action, delay=draw.uniform(0.2, 1) * took.took)
        else:
            assert linked.kill(action, operation=draw.randint(1, took.changes))


def test_the_power_fails(plain, linked):
    """At an operation of an action, and right after it."""
    draw = random.Random(4)
    for made, some in ((plain, [*actions.ACTIONS]), (linked, [*linked_actions.ACTIONS][1::5])):
        for action in some:
            assert not made.lose_power(action, draw.randint(1, made.took[action].changes))
    for action in ("first night", "rollback", "vacuum", "erase"):
        assert plain.lose_power(action, 10_000)


@pytest.mark.long
@pytest.mark.parametrize("action", actions.ACTIONS)
def test_the_power_fails_at_every_operation(plain, action):
    at = 1
    while not plain.lose_power(action, at):
        at += 1
    assert at > plain.took[action].changes


@pytest.mark.long
@pytest.mark.parametrize("action", linked_actions.ACTIONS)
def test_the_power_fails_in_nights_of_people(linked, action):
    at = 1 + len(action) % 3
    while not linked.lose_power(action, at):
        at += 3


@pytest.mark.long
def test_nights_of_people_are_killed_at_many_random_moments(linked):
    assert linked.kill_at_random_moments(204) > 100


@pytest.mark.long
@pytest.mark.parametrize("action", linked_actions.ACTIONS)
def test_nights_of_people_are_killed_at_many_file_operations(linked, action):
    linked.kill_at_operations(action, 1 + len(action) % 3, 3)


# ------------------------------------------------------------------ nights that go on


def test_what_is_kept_is_used(kept):
    """A night that is killed at half of what it writes goes on from there, or nearly."""
    unfinished_actions.went_on(kept.path).unlink(missing_ok=True)
    for action in ("first night", "night for all"):
        assert kept.kill(action, operation=kept.took[action].changes // 2)
    told = unfinished_actions.went_on(kept.path).read_text().splitlines()
    assert len(told) == 2


def test_nights_that_keep_what_is_finished_are_killed(kept):
    """At an operation, at a moment, or by a failing power."""
    draw = random.Random(5)
    for number, (action, took) in enumerate(kept.took.items()):
        if number % 3 == 0:
            assert kept.kill(action, operation=draw.randint(1, took.changes))
        elif number % 3 == 1:
            kept.kill(action, delay=draw.uniform(0.2, 1) * took.took)
        else:
            kept.lose_power(action, draw.randint(1, took.changes))


@FAULTS
def test_the_disk_fails_where_nights_keep_what_is_finished(kept, code, lasting):
    """A piece that cannot be kept is no error; whatever is, the night comes to the same."""
    draw, errors = random.Random(code), 0
    for action in ("first night", "night for all", "night that goes on"):
        at = draw.randint(1, kept.took[action].operations)
        errors += bool(kept.fails(action, at, code, lasting).error)
    assert errors or not lasting


@pytest.mark.long
@pytest.mark.parametrize("action", unfinished_actions.ACTIONS)
@FAULTS
def test_the_disk_fails_at_many_operations_where_nights_keep_what_is_finished(
    kept, action, code, lasting
):
    draw = random.Random(len(action))
    for at in sorted(draw.sample(range(1, kept.took[action].operations + 1), 20)):
        kept.fails(action, at, code, lasting)


@pytest.mark.long
def test_nights_that_keep_what_is_finished_are_killed_at_many_moments(kept):
    assert kept.kill_at_random_moments(200) > 66


@pytest.mark.long
@pytest.mark.parametrize("action", unfinished_actions.ACTIONS)
def test_nights_that_keep_what_is_finished_are_killed_at_every_operation(kept, action):
    kept.kill_at_operations(action, 1 + len(action) % 3, 3)


@pytest.mark.long
@pytest.mark.parametrize("action", unfinished_actions.ACTIONS)
def test_the_power_fails_where_nights_keep_what_is_finished(kept, action):
    at = 1 + len(action) % 5
    while not kept.lose_power(action, at):
        at += 5
