"""The parts of a claim: elements that hold a person's fields, in the open or in base64."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpi.records.claim_fields import ROWS
from mpi.records.markup import Base64Text, Malformed, Markup

LONGEST_VALUE = 65_536
"""Characters of the longest value of a field."""
SHOWN = 500
"""Characters of a broken part that the quarantine keeps."""

Values = dict[str, str]
Found = Callable[[str, Values], None]


class RowReader:
    """Finds the elements of `claim_fields.ROWS` and hands each on with its fields.

    Parameters
    ----------
    found : called with the element's name and column -> value; empty fields are left out
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._row: str | None = None
        self._values: Values = {}
        self._columns: Mapping[str, str] = {}
        self._level = 0
        self._column: str | None = None
        self._text: list[str] = []
        self._length = 0

    @property
    def open_values(self) -> Values:
        """The fields of the row that has begun and not ended."""
        return self._values if self._row is not None else {}

    def start(self, name: str) -> None:
        """An element begins."""
        if self._row in (None, "XML1"):
            # <XML1> holds the fields, or a TONG_HOP that does
            if name in ROWS:
                self._row, self._values, self._level, self._column = name, {}, 0, None
                self._columns = ROWS[name]
                return
            if self._row is None:
                return
        self._level += 1
        if self._level == 1:
            self._column = self._columns.get(name)
            self._text, self._length = [], 0

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._column is None:
            return
        self._length += len(text)
        if self._length > LONGEST_VALUE:
            raise Malformed(f"a value of more than {LONGEST_VALUE} characters in {self._column}")
        self._text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._row is None:
            return
        if self._level == 0:
            row, values = self._row, self._values
            self._row, self._values = None, {}
            self._found(row, values)
            return
        self._level -= 1
        if self._level == 0 and self._column is not None:
            value = "".join(self._text).strip()
            if value:
                self._values.setdefault(self._column, value)
            self._column = None


class Part:
    """The content of one NOIDUNGFILE: XML as base64, or as it is inside CDATA.

    fault : what is wrong with it, None so far
    begins : the first characters, for the quarantine
    """

    def __init__(self, found: Found) -> None:
        self._reader = RowReader(found)
        self._document: Markup | None = None
        self._base64: Base64Text | None = None
        self.fault: str | None = None
        self.begins = ""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing but blanks."""
        return not self.begins

    @property
    def open_values(self) -> Values:
        """The fields of a row that was cut off."""
        return self._reader.open_values

    def feed(self, text: str) -> None:
        """The next piece of text; none is looked at behind a fault."""
        if self.fault is not None:
            return
        if self._document is None:
            text = text.lstrip("\ufeff \t\r\n")
            if not text:
                return
            self._document = Markup(self._reader)
            if not text.startswith("<"):
                self._base64 = Base64Text()
        if len(self.begins) < SHOWN:
            self.begins += text[: SHOWN - len(self.begins)]
        try:
            self._document.feed(
                self._base64.feed(text) if self._base64 is not None else text.encode()
            )
        except Malformed as fault:
            self.fault = str(fault)

    def close(self) -> None:
        """The part is over."""
        if self._document is None or self.fault is not None:
            return
        try:
            if self._base64 is not None:
                self._document.feed(self._base64.finish())
            self._document.close()
        except Malformed as fault:
            self.fault = str(fault)
