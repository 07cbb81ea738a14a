"""The master index: enterprise ids, crosswalk, golden records, journal, snapshots."""

from mpi.index.master import MasterIndex

__all__ = ["MasterIndex"]
