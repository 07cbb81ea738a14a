"""A question as a record: what was asked for, in standard form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mpi.errors import UsageError
from mpi.linkage.prepare import standardised
from mpi.records.table import Field, RecordTable
from mpi.schema import FORM_OF, Form
from mpi.score.model import Model
from mpi.standardise.table import StandardColumn


@dataclass(frozen=True)
class Question:
    """What was asked for.

    raw : field -> value, as it was written
    columns : field -> a column of one value, or of none: fields that hold one, and those that may
        hold it by mistake
    limit : persons at most that are asked for
    """

    raw: dict[str, str]
    columns: dict[str, StandardColumn]
    limit: int

    @property
    def told(self) -> dict[str, str]:
        """Field -> value in standard form, of the fields that hold one."""
        return {
            name: column.values[int(column.codes[0])].as_py()
            for name, column in self.columns.items()
            if column.codes[0] >= 0
        }


_Read = tuple[dict[str, str], dict[str, StandardColumn]]
"""What was asked for by field: as it was written, and as a column of one value or of none."""


def _nobody_holds(_name: str, _value: str) -> bool:
    return False


class Reader:
    """Reads questions to some records.

    Parameters
    ----------
    fields : of the records
    model : that links them
    held : whether some record holds this value of a field, in standard form. Such a value is in
        standard form, so it need not be brought there, which takes longer than all the rest
    """

    def __init__(
        self,
        fields: tuple[Field, ...],
        model: Model,
        held: Callable[[str, str], bool] = _nobody_holds,
    ) -> None:
        self._known = {f.name: f for f in fields if f.kind in FORM_OF}
        self._compared = {c.name: Field(c.name, c.kind, c.name, "model") for c in model.comparisons}
        for name, field in self._compared.items():
            self._known.setdefault(name, field)
        self._identifiers = {c.name for c in model.comparisons if c.form == Form.IDENTIFIER}
        self._by_column = {f.column: f for f in self._known.values()}
        self._model, self._held = model, held

    def read(self, query: Mapping[str, str], limit: int) -> Question:
        """Read what was asked for.

        Parameters
        ----------
        query : field, or column as it came -> value
        limit : persons at most

        Raises
        ------
        UsageError
            A field is unknown, nothing was asked for, or the limit is below 1.
        """
        if limit < 1:
            raise UsageError(f"the limit is {limit}; ask for one person at the least")
        raw, read = self._identifier(query) or self._record(query)
        return Question(raw, self._beside(read), limit)

    def _identifier(self, query: Mapping[str, str]) -> _Read | None:
        """A question for one identifier that some record holds as it stands; else None."""
        if len(query) != 1:
            return None
        ((name, value),) = query.items()
        if name not in self._identifiers or not self._held(name, str(value)):
            return None
        return {name: str(value)}, {name: _as_it_stands(self._compared[name], str(value))}

    def _record(self, query: Mapping[str, str]) -> _Read:
        """A question as a record that is brought to standard form."""
        asked: dict[Field, str] = {}
        for name, value in query.items():
            field = self._known.get(name) or self._by_column.get(name)
            if field is None:
                raise UsageError(f"records have no field '{name}'; the fields are {self._names}")
            if str(value).strip():
                asked[field] = str(value)
        if not asked:
            raise UsageError(f"nothing was asked for; give a value for one of {self._names}")
        raw = {field.name: value for field, value in asked.items()}
        forms = {FORM_OF[field.kind] for field in asked}
        # Dates of a question with an identifier are held to it.
        read = {
            field.name: _as_it_stands(field, value)
            for field, value in asked.items()
            if FORM_OF[field.kind] == Form.DATE
            and Form.IDENTIFIER not in forms
            and self._held(field.name, value)
        }
        rest = {field: value for field, value in asked.items() if field.name not in read}
        if rest:
            names = ["source", "record_id", *(field.name for field in rest)]
            values = [pa.array([v], pa.string()) for v in ("", "", *rest.values())]
            data = pa.table(values, names=names)
            nothing = data.slice(0, 0)
            records = RecordTable(data, tuple(rest), {}, nothing, nothing)
            standard = standardised(records, self._model, threads=1)
            read |= {c.field.name: c for c in standard.columns}
        return raw, read

    @property
    def _names(self) -> str:
        return ", ".join(sorted(self._known))

    def _beside(self, read: dict[str, StandardColumn]) -> dict[str, StandardColumn]:
        """The compared fields of a question in the model's order: those that hold a value, and
        those whose value may have been swapped with it. A field that nobody asked for says
        nothing."""
        told = {name for name, column in read.items() if column.codes[0] >= 0}
        columns = {}
        for c in self._model.comparisons:
            if c.name in told:
                columns[c.name] = read[c.name]
            elif c.partner in told:
                none = np.full(1, -1, np.int32), pa.array([], pa.string()), np.zeros(0, np.int64)
                columns[c.name] = StandardColumn(self._compared[c.name], c.form, *none, {})
        return columns if not told.isdisjoint(self._compared) else {}


def _as_it_stands(field: Field, value: str) -> StandardColumn:
    """A column of one value that is in standard form."""
    one = pa.array([value], pa.string())
    codes, counts = np.zeros(1, np.int32), np.ones(1, np.int64)
    return StandardColumn(field, FORM_OF[field.kind], codes, one, counts, {})
