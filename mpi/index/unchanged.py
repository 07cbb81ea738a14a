"""Whose golden values a night can leave as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mpi.cluster.ids import serial_numbers
from mpi.index.base import Base
from mpi.index.decisions import every_decision, in_force
from mpi.index.identities import Identities
from mpi.index.persons import Unchanged, persons_table, read_ids, set_persons
from mpi.index.rebuild import last_settings
from mpi.index.upsert import Change, Upsert
from mpi.index.validity import Reading, reading_of
from mpi.records.table import Field
from mpi.records.versions import moments
from mpi.schema import FORM_OF, Kind
from mpi.settings import Settings


def fresh_persons(
    base: Base,
    upsert: Upsert,
    found: Identities,
    settings: Settings,
    reading: Reading,
    decisions: pa.Table,
) -> npt.NDArray[np.int64] | None:
    """int64[n], serial numbers of the persons who need new golden values; None where all do.

    All do in the first night, under other rules than the last night's, with another field that
    golden records have, by a new model that reads values otherwise, and where tonight's records
    change what the dates of the others mean.

    decisions : the table from now on
    """
    if base.manifest is None or last_settings(base).golden != settings.golden:
        return None
    if reading_of(base.model()) != reading:
        return None
    if _telling(base.manifest.fields) != _telling(upsert.stored.fields):
        return None
    if _times_differ(base, upsert):
        return None
    night = found.night
    rows = (night.change != Change.NONE) | (night.before != night.assigned.after)
    touched = [night.before[rows], night.assigned.after[rows], night.left_before]
    touched.append(set_persons(every_decision(decisions), found.ids))
    return np.unique(np.concatenate(touched))


def _telling(fields: Sequence[Field]) -> list[Field]:
    """Fields that golden values are of, or chosen by."""
    return [f for f in fields if f.kind in FORM_OF or f.kind == Kind.UPDATED_AT]


def persons_as_set(base: Base, settings: Settings, decisions: pa.Table) -> pa.Table:
    """The persons table with other values set, and nothing else changed.

    decisions : the table from now on
    """
    persons = base.table("persons")
    ids = read_ids(persons)
    unchanged = None
    if last_settings(base).golden == settings.golden:
        unchanged = Unchanged(persons, set_persons(every_decision(decisions), ids))
    return persons_table(
        base.stored,
        serial_numbers(base.table("crosswalk", ["enterprise_id"])["enterprise_id"]),
        ids,
        golden=settings.golden,
        reading=reading_of(base.model()),
        decisions=in_force(decisions),
        unchanged=unchanged,
    )


def _times_differ(base: Base, upsert: Upsert) -> bool:
    """Whether the time of a record that stayed as it was is read in another way."""
    time = next((f.name for f in upsert.stored.fields if f.kind == Kind.UPDATED_AT), None)
    stayed = np.flatnonzero(upsert.change == Change.NONE)
    if time is None or len(stayed) == 0 or not upsert.change.any():
        return False
    before = moments(base.stored.data[time])[upsert.origin[stayed]]
    return not np.array_equal(before, moments(upsert.stored.data[time])[stayed], equal_nan=True)
