"""One shot, no index: deduplicate records, or link the records of several sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import pyarrow as pa

from mpi.cluster.ids import enterprise_ids
from mpi.errors import UsageError
from mpi.linkage.resolution import Resolution, pair_table
from mpi.linkage.resolve import resolve
from mpi.records.account import said_of_columns
from mpi.records.table import RecordTable
from mpi.schema import TABLES
from mpi.scratch import Scratch
from mpi.settings import Settings
from mpi.stages import Stages


@dataclass(frozen=True)
class Result:
    """Persons found in records.

    crosswalk : schema.TABLES["crosswalk"], sorted by key, a row a record
    links, review : schema.pair_schema(...), pairs that were linked, or wait for a person
    model : JSON
    summary : counts, expected quality with intervals, whether it can be trusted, and messages
    """

    crosswalk: pa.Table
    links: pa.Table
    review: pa.Table
    model: bytes
    summary: dict[str, Any]
    resolution: Resolution
    stages: Stages = field(default_factory=Stages)


def dedupe(
    records: RecordTable,
    settings: Settings | None = None,
    *,
    labels: pa.Table | None = None,
    stages: Stages | None = None,
) -> Result:
    """Find the records that are one person, within and across sources.

    Parameters
    ----------
    labels : what people decided before, never needed: pairs (source_a, record_id_a, source_b,
        record_id_b, match) or persons (source, record_id, person_id)

    Examples
    --------
    >>> import mpi
    >>> records = mpi.read_records("data/vietnam/registries/*")
    >>> result = mpi.dedupe(records)
    >>> result.crosswalk.column_names
    ['source', 'record_id', 'enterprise_id', 'since']
    """
    return _result(records, settings, stages, labels, across=False)


def link(
    records: RecordTable | Sequence[RecordTable],
    settings: Settings | None = None,
    *,
    labels: pa.Table | None = None,
    stages: Stages | None = None,
) -> Result:
    """Link the records of several sources, at most one record of a source to a person.

    Parameters
    ----------
    labels : as for `dedupe`

    Raises
    ------
    UsageError
        There is only one source.
    """
    if not isinstance(records, RecordTable):
        raise UsageError("link takes one RecordTable; read all files with one read_records call")
    sources = len(records.data["source"].unique())
    if sources < 2:
        raise UsageError(
            "link compares records of different sources, and there is only one; "
            "give two files or a 'source' column, or use dedupe"
        )
    return _result(records, settings, stages, labels, across=True)


def _result(
    records: RecordTable,
    settings: Settings | None,
    stages: Stages | None,
    labels: pa.Table | None,
    *,
    across: bool,
) -> Result:
    stages = stages or Stages(scratch=_scratch(settings))
    resolution = resolve(records, settings, stages=stages, across=across, labels=labels)
    with stages.stage("numbering", total=len(records)) as advance:
        # Persons are numbered in the order of their smallest record key.
        persons, number = np.unique(resolution.cluster, return_inverse=True)
        ids = enterprise_ids(np.arange(1, len(persons) + 1)).take(pa.array(number))
        columns = [
            records.data["source"].combine_chunks(),
            records.data["record_id"].combine_chunks(),
            ids,
            pa.array(np.ones(len(records), np.int64)),
        ]
        crosswalk = pa.table(columns, schema=TABLES["crosswalk"].schema)
        links, review = pair_table(resolution, "links"), pair_table(resolution, "review")
        advance(len(records))
    summary = {
        "records": len(records),
        "persons": len(persons),
        "links": links.num_rows,
        "review": review.num_rows,
        "review_left_out": resolution.left_out,
        "compared": resolution.compared,
        "rules": list(resolution.rules),
        "quality": resolution.quality,
        "trust": resolution.trust.to_dict(),
        "labels": resolution.labels,
        "messages": [
            *said_of_columns(resolution.columns),
            *records.messages,
            *resolution.messages,
        ],
    }
    return Result(crosswalk, links, review, resolution.model, summary, resolution, stages)


def _scratch(settings: Settings | None) -> Scratch:
    """In memory, unless that is to be kept small."""
    if settings is None or settings.memory is None:
        return Scratch()
    return Scratch(Path(gettempdir()), settings.memory)
