"""Law 6: a published snapshot is whole or absent, whatever is killed, and whenever."""

import errno

import pytest
from index import actions, linked_actions
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


# ------------------------------------------------------------------ failing disks


def fail(made, action, code, lasting, step):
    """Every so many operations, others for each."""
    total = made.took[action].operations
    assert total > 20
    for at in range(1 + len(action) % step + 2 * lasting, total + 1, step):
        made.fail(action, at, code, lasting)


@pytest.mark.parametrize("action", actions.ACTIONS)
@FAULTS
def test_a_file_operation_fails(plain, action, code, lasting):
    fail(plain, action, code, lasting, 31)


@pytest.mark.long
@pytest.mark.parametrize("action", actions.ACTIONS)
@FAULTS
def test_every_file_operation_fails(plain, action, code, lasting):
    fail(plain, action, code, lasting, 1)


# ------------------------------------------------------------------ killed processes


def test_killed_at_random_moments(plain):
    assert plain.kill_at_random_moments(21) > 7


@pytest.mark.long
def test_killed_at_many_random_moments(plain):
    assert plain.kill_at_random_moments(200) > 66


@pytest.mark.parametrize("action", actions.ACTIONS)
def test_killed_at_some_file_operations(plain, action):
    plain.kill_at_operations(action, 1 + len(action) % 31, 31)


@pytest.mark.long
@pytest.mark.parametrize("action", actions.ACTIONS)
def test_killed_at_every_file_operation(plain, action):
    plain.kill_at_operations(action, 1, 1)
