"""How far a measure can be trusted: 95 % intervals in closed form.

Records are not drawn one by one: those of one person are right or wrong together, and a false
merge binds two persons. What is independent are the groups of clusters and persons that share
records. So every measure is a sum over groups, its variance is that of its linearisation (a Taylor
series, as for ratios in cluster samples), and the interval is Wilson's (1927) at the effective
number of observations (Korn and Graubard 1998; Dean and Pagano 2015), which stays honest near 1,
where a symmetric interval does not, and where no error was seen at all. It agrees with a bootstrap
over groups, which takes a thousand times as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mpi.evaluate.measures import Codes, Contingency, dense

Interval = tuple[float, float]
Floats = npt.NDArray[np.float64]

METHOD = (
    "95 %, Wilson's interval at the effective number of observations; what varies together are "
    "persons and clusters that share records"
)
_Z = 1.959963984540054
_DIGITS = 6


@dataclass(frozen=True)
class Intervals:
    """95 % intervals of three measures, each 0 to 1."""

    precision: Interval
    recall: Interval
    f1: Interval


def wilson(share: float, n: float) -> Interval:
    """Wilson's 95 % interval of a share of `n` observations, rounded to six digits.

    Examples
    --------
    >>> wilson(0.5, 100), wilson(1.0, 50), wilson(1.0, 0)
    ((0.403832, 0.596168), (0.928652, 1.0), (0.0, 1.0))
    """
    if n <= 0.0:
        return 0.0, 1.0
    z = _Z * _Z / n
    middle = (share + z / 2.0) / (1.0 + z)
    half = _Z / (1.0 + z) * math.sqrt(share * (1.0 - share) / n + z / (4.0 * n))
    # Sums of floats depend on their order in the last digits, a result must not.
    low, high = round(max(0.0, middle - half), _DIGITS), round(min(1.0, middle + half), _DIGITS)
    return min(low, share), max(high, share)


def linear_interval(share: float, influence: Floats, whole: Floats) -> Interval:
    """95 % interval of a share of which each group's influence is known.

    Parameters
    ----------
    share : 0 to 1
    influence : float64[n_groups], by how much a group moves the share; they sum to 0
    whole : float64[n_groups], observations of each group
    """
    total = float(whole.sum())
    if total <= 0.0:
        return 0.0, 1.0
    groups = int(np.count_nonzero(whole))
    variance = float((influence**2).sum()) * groups / max(groups - 1, 1)
    if 0.0 < share < 1.0 and variance > 0.0:
        effective = min(share * (1.0 - share) / variance, total)
    else:
        # Nothing varied: as many observations as groups, large ones counting for their share.
        effective = total * total / float((whole**2).sum())
    return wilson(share, effective)


def ratio_interval(part: Floats, whole: Floats) -> Interval:
    """95 % interval of the sum of parts over the sum of wholes.

    Parameters
    ----------
    part, whole : float64[n_groups], part at most whole

    Examples
    --------
    Ten groups of one, and the same pairs in one group of ten.

    >>> right = np.array([1.0, 1, 1, 1, 1, 1, 1, 1, 1, 0])
    >>> [round(end, 3) for end in ratio_interval(right, np.ones(10))]
    [0.577, 0.983]
    >>> [round(end, 3) for end in ratio_interval(np.array([9.0]), np.array([10.0]))]
    [0.168, 0.998]
    """
    total = float(whole.sum())
    if total <= 0.0:
        return 0.0, 1.0
    share = float(part.sum()) / total
    return linear_interval(share, (part - share * whole) / total, whole)


def groups_of(table: Contingency) -> Codes:
    """The group of each cell.

    Two cells are of one group where a chain of persons and clusters with records in common leads
    from one to the other. NumPy does it in the time that loading a compiler would take, since few
    cells are not a group of their own.

    Returns
    -------
    int64[n_cells], codes 0, 1, 2 ... without a gap

    Examples
    --------
    >>> from mpi.evaluate.measures import contingency
    >>> groups_of(contingency(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 2])))
    array([0, 0, 0, 1, 1])
    """
    alone = table.cells == table.clusters[table.cell_cluster]
    alone &= table.cells == table.persons[table.cell_person]
    mixed = np.flatnonzero(~alone)
    person, persons = dense(table.cell_person[mixed])
    cluster, clusters = dense(table.cell_cluster[mixed])
    label = np.arange(len(persons) + len(clusters))
    one, two = person, cluster + len(persons)
    while len(one):
        low = np.minimum(label[one], label[two])
        np.minimum.at(label, label[one], low)
        np.minimum.at(label, label[two], low)
        jumped = label[label]
        while not np.array_equal(jumped, label):
            label, jumped = jumped, jumped[jumped]
        apart = label[one] != label[two]
        one, two = one[apart], two[apart]
    group = np.empty(len(table.cells), np.int64)
    group[mixed], roots = dense(label[person])
    group[alone] = len(roots) + np.arange(int(alone.sum()))
    return group
