import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mpi.index.assign import Former, assign


def textbook(cluster, before, born, next_serial, pinned=(), former=()):
    """The survivor rule, word for word."""
    n = len(cluster)
    rows_of = {}
    for row in range(n):
        if before[row]:
            rows_of.setdefault((before[row], cluster[row]), []).append(row)
    of_cluster, holder, back = {}, {}, []

    def match(meetings, age):
        def strength(meeting):
            (serial, _), rows = meeting
            return (serial not in pinned, -len(rows), age(serial, rows), rows[0], serial)

        for (serial, c), _ in sorted(meetings.items(), key=strength):
            if serial not in holder and c not in of_cluster:
                holder[serial], of_cluster[c] = c, serial
                yield serial

    list(match(rows_of, lambda serial, rows: born[rows[0]]))
    again = {}
    for row, serial in former:
        if cluster[row] not in of_cluster:
            again.setdefault((serial, cluster[row]), []).append(row)
    back = sorted(match(again, lambda serial, rows: serial % 3))
    for row in range(n):
        if cluster[row] == row and row not in of_cluster:
            of_cluster[row] = next_serial
            next_serial += 1
    gone = sorted({s for s, _ in rows_of} - set(holder))
    heirs = []
    for serial in gone:
        parts = [(-len(rows), rows[0], c) for (s, c), rows in rows_of.items() if s == serial]
        heirs.append(of_cluster[min(parts)[2]])
    return [of_cluster[c] for c in cluster], next_serial, gone, heirs, back


PAST = st.integers(6, 9)
"""Ids that are retired."""


@st.composite
def nights(draw):
    n = draw(st.integers(0, 14))
    labels = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    cluster = [labels.index(label) for label in labels]
    before = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    created = draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
    born = [created[serial] if serial else 0 for serial in before]
    return cluster, before, born


@given(nights(), st.sets(st.integers(1, 9)), st.sets(st.tuples(st.integers(0, 13), PAST)))
def test_assign_is_the_written_rule(night, pinned, former):
    cluster, before, born = night
    former = sorted((row, serial) for row, serial in former if row < len(cluster))

    def recall(rows):
        here = [(row, serial) for row, serial in former if row in rows.tolist()]
        columns = [[pair[0] for pair in here], [pair[1] for pair in here]]
        columns.append([serial % 3 for _, serial in here])
        return Former(*(np.array(column, dtype=np.int64) for column in columns))

    result = assign(
        *(np.array(column, dtype=np.int64) for column in night),
        10,
        pinned=np.array(sorted(pinned), dtype=np.int64),
        recall=recall,
    )
    assert (
        result.after.tolist(),
        result.next_serial,
        result.gone.tolist(),
        result.heirs.tolist(),
        result.back.tolist(),
    ) == textbook(cluster, before, born, 10, pinned, former)


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
    # Where the largest part of an id goes to another one, its second part keeps it.
    assert after([0, 0, 0, 3], [2, 2, 1, 1], [1, 1, 1, 1]) == [2, 2, 2, 1]
