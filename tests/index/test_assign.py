import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpi.index.assign import assign


def textbook(cluster, before, born, next_serial):
    """The survivor rule, word for word."""
    n = len(cluster)
    rows_of = {}
    for row in range(n):
        if before[row]:
            rows_of.setdefault(before[row], []).append(row)
    suitors = {}
    heir_cluster = {}
    for serial, rows in rows_of.items():
        shares = {}
        for row in rows:
            shares.setdefault(cluster[row], []).append(row)
        best = min(shares, key=lambda c: (-len(shares[c]), shares[c][0]))
        heir_cluster[serial] = best
        claim = (-len(shares[best]), born[rows[0]], shares[best][0], serial)
        suitors.setdefault(best, []).append(claim)
    kept = {c: min(claims)[-1] for c, claims in suitors.items()}
    for row in range(n):
        if cluster[row] == row and row not in kept:
            kept[row] = next_serial
            next_serial += 1
    gone = sorted(s for s, c in heir_cluster.items() if kept[c] != s)
    heirs = [kept[heir_cluster[s]] for s in gone]
    return [kept[c] for c in cluster], next_serial, gone, heirs


@st.composite
def nights(draw):
    n = draw(st.integers(0, 14))
    labels = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    cluster = [labels.index(label) for label in labels]
    before = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    created = draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
    born = [created[serial] if serial else 0 for serial in before]
    return cluster, before, born


@given(nights())
def test_assign_is_the_written_rule(night):
    cluster, before, born = night
    result = assign(*(np.array(column, dtype=np.int64) for column in night), 6)
    assert (
        result.after.tolist(),
        result.next_serial,
        result.gone.tolist(),
        result.heirs.tolist(),
    ) == textbook(cluster, before, born, 6)


@given(nights())
def test_each_cluster_has_one_id_and_each_id_one_cluster(night):
    cluster, before, born = (np.array(column, dtype=np.int64) for column in night)
    after = assign(cluster, before, born, 6).after
    assert len(set(zip(cluster.tolist(), after.tolist(), strict=True))) == len(set(after.tolist()))
    assert len(set(cluster.tolist())) == len(set(after.tolist()))


@given(nights())
def test_a_cluster_that_did_not_change_keeps_its_id(night):
    cluster, before, born = (np.array(column, dtype=np.int64) for column in night)
    after = assign(cluster, before, born, 6).after
    for serial in set(before.tolist()) - {0}:
        rows = before == serial
        if (rows == (cluster == cluster[rows][0])).all():
            assert (after[rows] == serial).all()


def test_the_rule_step_by_step():
    def after(cluster, before, born):
        return assign(*map(np.array, (cluster, before, born)), 9).after.tolist()

    assert after([0, 0, 0], [2, 2, 1], [5, 5, 1]) == [2, 2, 2]  # most records
    assert after([0, 0], [2, 1], [3, 5]) == [2, 2]  # then the oldest
    assert after([0, 0], [2, 1], [3, 3]) == [2, 2]  # then the smallest key
    assert after([0, 1, 1], [1, 1, 1], [1, 1, 1]) == [9, 1, 1]  # the larger part keeps the id
    assert after([0, 1], [1, 1], [1, 1]) == [1, 9]  # of equal parts the one with the smallest key
