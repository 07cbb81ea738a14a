"""Ask the index: persons like somebody."""

from mpi.serve.hits import Hit
from mpi.serve.scanning import scan
from mpi.serve.search import Searcher

__all__ = ["Hit", "Searcher", "scan"]
