"""Take one record out of the tables of a snapshot, as if it never was; one function a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mpi.index.base import PAIRS, RECORDS, TOMBS
from mpi.records.keys import KEY

ERASED = "erased"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Target:
    """The record to take out.

    columns : names of columns that hold record ids in quarantined rows
    told : cause of the event that is left
    ids : persons who had no other record
    """

    source: str
    record_id: str
    columns: frozenset[str]
    told: str
    ids: frozenset[str] = frozenset()


Strip = Callable[[pa.Table, Target], pa.Table | None]


def _is(table: pa.Table, target: Target, end: str = "") -> Mask:
    same = pc.and_(
        pc.equal(table[f"source{end}"], target.source),
        pc.equal(table[f"record_id{end}"], target.record_id),
    )
    return np.asarray(same.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def _put(table: pa.Table, name: str, here: Mask, value: Any) -> pa.Table:
    """The table with this value in these rows of a column, if it has that column."""
    if name not in table.column_names:
        return table
    place = table.column_names.index(name)
    field = table.schema.field(name)
    kept = pc.if_else(pa.array(here), pa.scalar(value, field.type), table[name])
    return table.set_column(place, field, kept)


def of_record(table: pa.Table, target: Target) -> Mask:
    """bool[n]: rows of records, the crosswalk, or keys deleted at a known time."""
    return _is(table, target)


def of_pair(table: pa.Table, target: Target) -> Mask:
    """bool[n]: rows of links or pairs for review."""
    return _is(table, target, "_a") | _is(table, target, "_b")


def strip_events(table: pa.Table, target: Target) -> pa.Table | None:
    """Events keep their numbers, kinds and ids, and lose the key; its end becomes `erased`."""
    here = _is(table, target)
    if not here.any():
        return None
    # The last event of a record that was there is that it left: the one of this erasure.
    last = here & np.asarray(pc.equal(table["cause"], target.told).to_numpy(), np.bool_)
    table = _put(table, "kind", last, ERASED)
    for name in KEY:
        table = _put(table, name, here, None)
    return table


def strip_quarantine(table: pa.Table, target: Target) -> pa.Table | None:
    """Rows of the record that were set aside keep their place, and lose what they held."""
    mine = pc.equal(table["source"], target.source).fill_null(False).to_pylist()
    texts = table["values"].to_pylist()
    here = np.array(
        [own and _holds(text, target) for own, text in zip(mine, texts, strict=True)], np.bool_
    )
    if not here.any():
        return None
    return _put(_put(table, "values", here, "{}"), "reason", here, "erased on request")


def _holds(text: str, target: Target) -> bool:
    """Whether a quarantined row has the record's id where its source keeps ids."""
    try:
        values = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return target.record_id in text
    if isinstance(values, dict):
        named = [values[name] for name in values.keys() & target.columns]
        if named:
            return any(str(value).strip() == target.record_id for value in named)
        values = list(values.values())
    if not isinstance(values, list):
        return False
    return any(str(value).strip() == target.record_id for value in values)


def strip_decisions(table: pa.Table, target: Target) -> pa.Table | None:
    """Decisions about the record keep their number, are withdrawn, and lose what they say of it."""
    about = _is(table, target, "_a") | _is(table, target, "_b")
    ids = pa.array(sorted(target.ids), pa.string())
    person = pc.is_in(table["enterprise_id"], value_set=ids).to_numpy(zero_copy_only=False)
    about |= np.asarray(person, np.bool_)
    key = {"source": target.source, "record_id": target.record_id}
    grouped = np.zeros(len(table), np.bool_)
    if "records" in table.column_names:
        lists = table["records"].to_pylist()
        grouped = np.array([bool(keys) and key in keys for keys in lists], np.bool_)
        kept = [None if keys is None else [k for k in keys if k != key] for keys in lists]
        if grouped.any():
            place = table.column_names.index("records")
            field = table.schema.field("records")
            table = table.set_column(place, field, pa.array(kept, field.type))
    if not (about | grouped).any():
        return None
    for name in ("source_a", "record_id_a", "source_b", "record_id_b", "reason", "value"):
        table = _put(table, name, about, None)
    table = _put(table, "reason", grouped, None)
    open_ = about.copy()
    if "withdrawn" in table.column_names:
        open_ &= ~np.asarray(table["withdrawn"].to_numpy(), np.bool_)
        table = _put(table, "withdrawn", open_, True)
        table = _put(table, "withdrawn_by", open_, "mpi erase")
    return _put(table, "withdrawn_reason", about, ERASED)


HELD: dict[str, Callable[[pa.Table, Target], Mask]] = {
    **dict.fromkeys((RECORDS, "crosswalk", TOMBS), of_record),
    **dict.fromkeys(PAIRS, of_pair),
}
"""Rows that the record takes with it, of tables in hash buckets and of keys that left them."""


def strip_rows(held: Callable[[pa.Table, Target], Mask]) -> Strip:
    """The table without some rows."""

    def strip(table: pa.Table, target: Target) -> pa.Table | None:
        here = held(table, target)
        return table.filter(pa.array(~here)) if here.any() else None

    return strip


STRIP: dict[str, Strip] = {
    "quarantine": strip_quarantine,
    "decisions": strip_decisions,
    **{name: strip_rows(held) for name, held in HELD.items()},
}
"""What takes the record out of a file of each table, None where nothing changes; events and persons
need more than the file."""
