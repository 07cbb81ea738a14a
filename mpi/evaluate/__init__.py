"""How good a crosswalk is: measured against truth, pair by pair and person by person."""

from mpi.evaluate.calibration import Bin, Calibration, calibrate
from mpi.evaluate.evaluation import Evaluation, LargeCluster, evaluate
from mpi.evaluate.intervals import Intervals
from mpi.evaluate.measures import BCubed, MergeRow, PairMeasures, SplitRow
from mpi.evaluate.read import read_crosswalk, read_labels, read_pairs, read_slices, read_truth
from mpi.evaluate.slices import SliceMeasures

__all__ = [
    "BCubed",
    "Bin",
    "Calibration",
    "Evaluation",
    "Intervals",
    "LargeCluster",
    "MergeRow",
    "PairMeasures",
    "SliceMeasures",
    "SplitRow",
    "calibrate",
    "evaluate",
    "read_crosswalk",
    "read_labels",
    "read_pairs",
    "read_slices",
    "read_truth",
]
