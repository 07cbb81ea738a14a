"""Ask the index: persons like somebody."""

from mpi.serve.search import Hit, Searcher

__all__ = ["Hit", "Searcher"]
