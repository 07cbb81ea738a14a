"""From records to persons, without an index: the rooms in the order the data flows."""

from mpi.linkage.against import evidence_against
from mpi.linkage.explain import explain, why_apart
from mpi.linkage.resolution import REASONS, Pairs, Resolution, pair_table
from mpi.linkage.resolve import resolve
from mpi.linkage.results import Result, dedupe, link

__all__ = [
    "REASONS",
    "Pairs",
    "Resolution",
    "Result",
    "dedupe",
    "evidence_against",
    "explain",
    "link",
    "pair_table",
    "resolve",
    "why_apart",
]
