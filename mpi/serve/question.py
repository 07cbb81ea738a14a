"""A question as a record: what was asked for, in standard form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mpi.errors import UsageError
from mpi.records.table import Field
from mpi.schema import FORM_OF, Form
from mpi.score.model import Model
from mpi.standardise.single import Single


@dataclass(frozen=True)
class Question:
    """What was asked for.

    raw : field -> value, as it was written
    values : field -> value in standard form; None for a field that says nothing itself and may hold
        another's value by mistake
    limit : persons at most that are asked for
    """

    raw: dict[str, str]
    values: dict[str, str | None]
    limit: int

    @property
    def told(self) -> dict[str, str]:
        """Field -> value in standard form, of the fields that hold one."""
        return {name: value for name, value in self.values.items() if value is not None}


_Read = tuple[dict[str, str], dict[str, str]]
"""What was asked for by field: as it was written, and in standard form where it says anything."""


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
        for c in model.comparisons:
            self._known.setdefault(c.name, Field(c.name, c.kind, c.name, "model"))
        self._compared = {c.name: c.partner for c in model.comparisons}
        self._identifiers = {c.name for c in model.comparisons if c.form == Form.IDENTIFIER}
        self._by_column = {f.column: f for f in self._known.values()}
        self._single = Single(model.locale, model.placeholders, model.layouts)
        self._held = held

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
        return {name: str(value)}, {name: str(value)}

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
            field.name: value
            for field, value in asked.items()
            if FORM_OF[field.kind] == Form.DATE
            and Form.IDENTIFIER not in forms
            and self._held(field.name, value)
        }
        rest = {field: value for field, value in asked.items() if field.name not in read}
        return raw, read | (self._single.read(rest) if rest else {})

    @property
    def _names(self) -> str:
        return ", ".join(sorted(self._known))

    def _beside(self, told: dict[str, str]) -> dict[str, str | None]:
        """The compared fields of a question in the model's order: those that hold a value, and
        those whose value may have been swapped with it. A field that nobody asked for says
        nothing."""
        if told.keys().isdisjoint(self._compared):
            return {}
        return {
            name: told.get(name)
            for name, partner in self._compared.items()
            if name in told or partner in told
        }
