"""Persons held together by a chain: two records that have nothing in common but those between them.

Links join a to b, b to c and c to d; nobody ever asked whether a and d are one person. Mostly they
are, for each record fills in what another one lacks. Where the two ends speak against each other,
the chain may have run from one person into the next.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.errors import UsageError
from mpi.index.sentinels import NOWHERE, Sentinel
from mpi.index.walk import Walk
from mpi.linkage.resolution import DECISION, Resolution
from mpi.records.keys import KEY, key_text
from mpi.records.table import RecordTable
from mpi.scratch import Scratch

LONG = 3
"""Links between the two ends of a chain that is worth a look."""
FAR_BELOW = -10.0
"""Bits: so surely two persons, by themselves, that only others can have joined them."""
_WEIGHED = 10_000
_SHOWN = 10

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def find_chains(
    resolution: Resolution, fresh: Mask, scratch: Scratch = NOWHERE
) -> tuple[Sentinel, ...]:
    """Persons of tonight's records whose most distant records are surely two persons.

    Persons whom a decision holds together are passed over.

    Parameters
    ----------
    fresh : bool[n_records], records that are new or changed tonight
    scratch : where the records lie
    """
    links, cluster = resolution.links, resolution.cluster
    touched = np.zeros(len(cluster), np.bool_)
    touched[cluster[fresh]] = True
    made = np.zeros(len(links.left), np.bool_)
    if DECISION in resolution.rules:
        bit = np.uint64(1 << resolution.rules.index(DECISION))
        made = (links.rules & bit) != 0
    touched[cluster[links.left[made]]] = False
    mine = touched[cluster[links.left]]
    one, two, hops = far_ends(cluster, links.left[mine], links.right[mine])
    long = np.flatnonzero(hops >= LONG)[:_WEIGHED]
    if len(long) == 0:
        return ()
    weight = weigh(resolution, one[long], two[long], scratch)
    odd = long[weight < FAR_BELOW]
    if len(odd) == 0:
        return ()
    first = np.sort(cluster[one[odd]])[:_SHOWN]
    keys = key_text(resolution.records.data.select(KEY).take(pa.array(first))).to_pylist()
    return (Sentinel("records that only a chain of others joins", len(odd), tuple(keys)),)


def far_ends(
    cluster: Integers, left: Integers, right: Integers
) -> tuple[Integers, Integers, Integers]:
    """Two records of each person that are many links apart.

    The first is as far from the person's smallest record as any, the second as far from the first.
    That is the longest way where links make no circles, and seldom much less where they do.

    Parameters
    ----------
    cluster : int64[n_records], smallest row of each record's person
    left, right : int64[n_links], links inside persons

    Returns
    -------
    one, two, hops : int64[n_persons]
        Of persons in whom no record is linked to all others, in the order of their smallest row.

    Examples
    --------
    >>> chain = np.array([0, 1, 2])
    >>> [ends.tolist() for ends in far_ends(np.zeros(4, np.int64), chain, chain + 1)]
    [[3], [0], [3]]
    """
    n = len(cluster)
    sizes = np.bincount(cluster, minlength=n)
    degree = np.bincount(left, minlength=n) + np.bincount(right, minlength=n)
    most = np.zeros(n, np.int64)
    np.maximum.at(most, cluster, degree)
    spread = (most > 0) & (most < sizes - 1)
    kept = spread[cluster[left]]
    left, right = left[kept], right[kept]
    persons = np.flatnonzero(spread)
    one = _farthest(cluster, left, right, persons)[0]
    two, hops = _farthest(cluster, left, right, one)
    return one, two, hops


def _farthest(
    cluster: Integers, left: Integers, right: Integers, begin: Integers
) -> tuple[Integers, Integers]:
    """The record of each person that is most links away from where it begins, and how many."""
    distance = np.full(len(cluster), -1, np.int64)
    distance[begin] = 0
    far, steps = begin.copy(), 0
    place = np.full(len(cluster), -1, np.int64)
    place[cluster[begin]] = np.arange(len(begin))
    hops = np.zeros(len(begin), np.int64)
    while len(left):
        onward = (distance[left] == steps) & (distance[right] < 0)
        back = (distance[right] == steps) & (distance[left] < 0)
        reached = np.unique(np.concatenate([right[onward], left[back]]))
        if len(reached) == 0:
            break
        steps += 1
        distance[reached] = steps
        last = reached[::-1]  # of those as far the smallest row stays
        far[place[cluster[last]]] = last
        hops[place[cluster[last]]] = steps
    return far, hops


def weigh(
    resolution: Resolution, one: Integers, two: Integers, scratch: Scratch = NOWHERE
) -> npt.NDArray[np.float32]:
    """float32[n], what the model says of pairs of records by themselves, bits.

    Zero where the records were linked by other means than a model.
    """
    from mpi.encode.rows import encode
    from mpi.linkage.prepare import complete, standardised
    from mpi.score._kernels import score_pairs
    from mpi.score.learn import make_table
    from mpi.score.model import read_model

    weight = np.zeros(len(one), np.float32)
    try:
        model = read_model(resolution.model)
    except UsageError:
        return weight
    rows, place = np.unique(np.concatenate([one, two]), return_inverse=True)
    data = Walk(scratch).take(resolution.records.data, rows)
    records = RecordTable(data, resolution.records.fields, {}, data.slice(0, 0))
    standard = complete(standardised(records, model), model)
    # Each a source of its own, so that equal ones stay several rows.
    standard = replace(standard, source=np.arange(len(rows), dtype=np.int32))
    encoded = encode(standard, tuple(c.comparison for c in model.comparisons), across=True)
    table = make_table(model, encoded)._replace(least=-np.inf)
    left, right = encoded.row_of[place[: len(one)]], encoded.row_of[place[len(one) :]]
    score_pairs(encoded.values, table, left, right, weight, np.empty(len(one), np.uint64))
    return weight
