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


def slice_measures(cluster, person, chosen):
    """Records, merged, split, pairs with an end in the slice, and means over its records."""
    n = len(cluster)
    rows = [i for i in range(n) if chosen[i]]
    merged = sum(any(cluster[i] == cluster[j] and person[i] != person[j] for j in range(n))
                 for i in rows)  # fmt: skip
    split = sum(any(cluster[i] != cluster[j] and person[i] == person[j] for j in range(n))
                for i in rows)  # fmt: skip
    true = predicted = correct = 0
    for a, b in combinations(range(n), 2):
        if chosen[a] or chosen[b]:
            true += person[a] == person[b]
            predicted += cluster[a] == cluster[b]
            correct += person[a] == person[b] and cluster[a] == cluster[b]
    precision = recall = 0.0
    for i in rows:
        both = sum(cluster[i] == cluster[j] and person[i] == person[j] for j in range(n))
        precision += both / sum(c == cluster[i] for c in cluster)
        recall += both / sum(p == person[i] for p in person)
    means = (precision / len(rows), recall / len(rows)) if rows else (1.0, 1.0)
    return len(rows), merged, split, (true, predicted, correct), means


def groups_of(cluster, person):
    """Of each record, the smallest record that a chain of clusters and persons leads to."""
    found = list(range(len(cluster)))
    for _ in cluster:
        for i, j in combinations(range(len(cluster)), 2):
            if cluster[i] == cluster[j] or person[i] == person[j]:
                found[i] = found[j] = min(found[i], found[j])
    return found
