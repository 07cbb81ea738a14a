"""Textbook measures of two partitions: every pair, every record, one after the other."""

from itertools import combinations


def pair_measures(cluster, person):
    """True, predicted and correct pairs, by looking at each pair."""
    true = predicted = correct = 0
    for a, b in combinations(range(len(cluster)), 2):
        same_person = person[a] == person[b]
        same_cluster = cluster[a] == cluster[b]
        true += same_person
        predicted += same_cluster
        correct += same_person and same_cluster
    return true, predicted, correct


def within_measures(source, cluster, person):
    """The same for pairs of one source."""
    true = predicted = correct = 0
    for s in set(source):
        rows = [i for i in range(len(source)) if source[i] == s]
        t, p, c = pair_measures([cluster[i] for i in rows], [person[i] for i in rows])
        true, predicted, correct = true + t, predicted + p, correct + c
    return true, predicted, correct


def groups(labels):
    """Label -> set of the rows that carry it."""
    found = {}
    for row, label in enumerate(labels):
        found.setdefault(label, set()).add(row)
    return found


def b_cubed(cluster, person):
    """Mean over records of |C and P| / |C| and of |C and P| / |P|."""
    if not len(cluster):
        return 1.0, 1.0
    clusters, persons = groups(cluster), groups(person)
    precision = recall = 0.0
    for c, p in zip(cluster, person, strict=True):
        both = len(clusters[c] & persons[p])
        precision += both / len(clusters[c])
        recall += both / len(persons[p])
    return precision / len(cluster), recall / len(cluster)


def exact_matches(cluster, person):
    """Clusters whose set of records is the set of records of a person."""
    persons = list(groups(person).values())
    return sum(c in persons for c in groups(cluster).values())


def false_merges(cluster, person):
    """(size, clusters, mixed, persons in mixed ones, false pairs) by cluster size."""
    rows = {}
    for members in groups(cluster).values():
        persons = {person[i] for i in members}
        row = rows.setdefault(len(members), [len(members), 0, 0, 0, 0])
        row[1] += 1
        if len(persons) > 1:
            row[2] += 1
            row[3] += len(persons)
            row[4] += sum(person[a] != person[b] for a, b in combinations(members, 2))
    return [tuple(rows[size]) for size in sorted(rows)]


def splits(cluster, person):
    """(size, persons, split, clusters of split ones, missed pairs) by records of a person."""
    return false_merges(person, cluster)
