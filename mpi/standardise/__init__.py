"""Records in one standard form."""

from mpi.standardise.standard import standardise
from mpi.standardise.table import Placeholder, StandardColumn, StandardTable

__all__ = ["Placeholder", "StandardColumn", "StandardTable", "standardise"]
