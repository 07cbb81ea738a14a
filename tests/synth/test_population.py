"""Families: who is whose mother, who lives where."""

import numpy as np
import pytest

from mpi.synth import names, population, reference

N = 20_000


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(3)
    return population.populate(rng, N, reference.provinces(4))


def test_age_pyramid(people):
    age = people.age()
    for row in reference.rows("age_pyramid"):
        low, high = int(row["from"]), int(row["to"])
        share = ((age >= low) & (age <= high)).mean() * 100
        assert share == pytest.approx(float(row["share"]), abs=0.9)
    assert age.min() >= 0
    assert 0.46 < (people.sex == 0).mean() < 0.53


def test_parents(people):
    child = np.flatnonzero(people.mother >= 0)
    mother = people.mother[child]
    assert (people.sex[mother] == 1).all()
    assert (people.birth[child] - people.birth[mother] > 15 * 365).all()
    child = np.flatnonzero(people.father >= 0)
    father = people.father[child]
    assert (people.sex[father] == 0).all()
    assert np.array_equal(people.spouse[people.mother[child]], father)
    assert len(child) > N * 0.2


def test_siblings_are_born_apart(people):
    child = np.flatnonzero((people.mother >= 0) & (people.twin < np.arange(N)))
    child = child[np.lexsort((people.birth[child], people.mother[child]))]
    siblings = people.mother[child[1:]] == people.mother[child[:-1]]
    apart = np.diff(people.birth[child])[siblings]
    assert (apart >= 270).mean() > 0.995
    assert siblings.sum() > 1000
    assert (people.mother[people.age() < 18] >= 0).mean() > 0.9


def test_marriage_is_mutual(people):
    married = np.flatnonzero(people.spouse >= 0)
    assert np.array_equal(people.spouse[people.spouse[married]], married)
    assert (people.sex[married] != people.sex[people.spouse[married]]).all()


def test_twins_share_mother_and_birth_date(people):
    twins = np.flatnonzero(people.twin >= 0)
    assert 0.004 < len(twins) / N < 0.02
    other = people.twin[twins]
    assert np.array_equal(people.twin[other], twins)
    assert np.array_equal(people.birth[twins], people.birth[other])
    assert np.array_equal(people.mother[twins], people.mother[other])


def test_households(people):
    head = people.household
    assert np.array_equal(head[head], head)
    assert 2.0 < N / len(np.unique(head)) < 4.0
    alone = people.moved_alone
    assert np.array_equal(people.home[~alone], people.home[head][~alone])


def test_movers(people):
    assert 0.02 < people.mover.mean() < 0.12
    assert (people.home[people.mover] != people.before[people.mover]).all()
    assert (people.moved[people.mover] > people.birth[people.mover]).all()
    assert np.array_equal(people.moved[~people.mover], people.birth[~people.mover])


def test_names_follow_the_family(people):
    rng = np.random.default_rng(4)
    named = names.name_people(rng, people, reference.provinces(4))
    kinh = ~named.minority
    child = np.flatnonzero((people.father >= 0) & kinh & kinh[people.father])
    father = people.father[child]
    assert (named.own[child, names.FAMILY] == named.own[father, names.FAMILY]).all()
    assert np.array_equal(named.mother[child], named.own[people.mother[child]])
    twins = np.flatnonzero((people.twin >= 0) & kinh & (people.sex == people.sex[people.twin]))
    other = people.twin[twins]
    assert (named.own[twins, names.MIDDLE] == named.own[other, names.MIDDLE]).all()
    assert (named.own[twins] != named.own[other]).any(axis=1).mean() > 0.9
    families = np.array(list(names.syllables()._codes))[named.own[kinh, names.FAMILY]]
    assert (families == "Nguyễn").mean() == pytest.approx(0.31, abs=0.05)
