"""Readers, field kinds, the record table, quarantine."""

from __future__ import annotations

from mpi.records.reading import read_records
from mpi.records.recognise import recognise
from mpi.records.relations import relations
from mpi.records.table import Fates, Field, Input, RecordTable

__all__ = ["Fates", "Field", "Input", "RecordTable", "read_records", "recognise", "relations"]
