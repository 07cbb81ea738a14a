"""How good a crosswalk is: measured against truth, pair by pair and person by person."""

from mpi.evaluate.evaluation import Evaluation, LargeCluster, evaluate
from mpi.evaluate.measures import BCubed, MergeRow, PairMeasures, SplitRow
from mpi.evaluate.read import read_crosswalk, read_truth

__all__ = [
    "BCubed",
    "Evaluation",
    "LargeCluster",
    "MergeRow",
    "PairMeasures",
    "SplitRow",
    "evaluate",
    "read_crosswalk",
    "read_truth",
]
