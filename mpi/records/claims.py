"""Health-insurance claim files (XML 130/4750/3176 and 4210) as identity records.

One visit is one record: source MA_CSKCB, record id MA_LK. MA_BN is the person's number at the
facility, but not the record's key: a newborn is often booked under the mother's, and then one
record would replace the other unseen. It is compared instead, with the facility's code in front,
for it says nothing elsewhere. A visit that is sent again keeps its MA_LK and replaces the old one.

A birth certificate (XML9) is a record of the child, with the intended name, the birth date and
the sex; the mother's name is its `mother_name`, her visit and her numbers stand in columns that
are kept and never compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from mpi.records.batch import (
    AS_IT_IS,
    Batch,
    BrokenRow,
    Intake,
    joined,
    piece_of,
    raw_values,
)
from mpi.records.claim_fields import (
    BIRTH,
    KINDS,
    MOMENTS,
    NEEDED,
    PAPER,
    PARTS,
    ROWS,
    VISIT,
)
from mpi.records.claim_parts import Part, RowReader, Values
from mpi.records.markup import Malformed, Markup
from mpi.records.opening import Opened

_CHUNK_ROWS = 20_000
_HEADERS = frozenset({"MACSKCB", "NGAYLAP", "SOLUONGHOSO", "LOAIHOSO"})
_LONGEST_HEADER = 100
_DUE = "NOIDUNGFILE"


def read_claims(opened: Opened, intake: Intake = AS_IT_IS) -> Batch:
    """Rows of one claim file, read in pieces: memory grows with the rows, not with the file.

    A row is an XML1, a check-in (XML0) or a birth of an XML9. A part that cannot be read and a
    HOSO without a person are set aside with the reason; parts that hold no identity, such as
    drugs, are not even decoded. Where the file itself is damaged, what was whole is kept, and
    reading goes on at the next HOSO.

    Parameters
    ----------
    intake : what becomes of the rows of a piece
    """
    origin = opened.origin
    gathered = Gathered(intake)
    claims = Claims(gathered)
    follow(claims, opened.pieces())
    opened.drain()
    return replace(
        gathered.batch(),
        name=origin.name,
        source=origin.source,
        fingerprint=opened.fingerprint,
        notes=(*opened.notes, "claims in XML"),
        messages=tuple(f"{origin.name}: {said}" for said in claims.said()),
        kinds=KINDS,
    )


def follow(claims: Claims, pieces: Iterable[bytes]) -> None:
    """Lead a file past the claims, and behind a fault take it up at the next HOSO."""
    document: Markup | None = claims.begin()
    left, lines = b"", 0
    for piece in pieces:
        data = left + piece
        left = b""
        while data:
            if document is None:
                at = data.find(claims.next_file)
                skipped = data[:at] if at >= 0 else data[: 1 - len(claims.next_file)]
                lines += skipped.count(b"\n")
                left = data[len(skipped) :] if at < 0 else b""
                if at < 0:
                    break
                data = data[at:]
                document = claims.begin(lines)
            try:
                document.feed(data)
                lines += data.count(b"\n")
                data = b""
            except Malformed as fault:
                # at least one byte further, so that a fault is met once
                behind = data[min(len(data), len(data) - document.unread + 1) :]
                lines += data.count(b"\n") - behind.count(b"\n")
                data = behind
                document = None
                if not claims.break_off(str(fault)):
                    return
    if document is not None:
        try:
            document.close()
        except Malformed as fault:
            claims.break_off(str(fault))


class Gathered:
    """Rows and broken rows in the order of the file."""

    def __init__(self, intake: Intake = AS_IT_IS) -> None:
        self.number = 0
        self._intake = intake
        self._rows: list[int] = []
        self._broken: list[BrokenRow] = []
        self._pending: list[Values] = []
        self._pieces: list[Batch] = []
        self._filled = {"MA_LK"}

    def add(self, values: Values) -> None:
        """A row of these values, column -> value."""
        self.number += 1
        self._rows.append(self.number)
        self._pending.append(values)
        if len(self._pending) >= _CHUNK_ROWS:
            self._pack()

    def set_aside(self, values: Values, reason: str, source: str | None) -> None:
        """A row for the quarantine; `values` is what was read of it."""
        self.number += 1
        self._broken.append(BrokenRow(self.number, raw_values(values), reason, source))

    def _pack(self) -> None:
        if not self._pending:
            return
        self._filled |= {name for values in self._pending for name in values}
        columns = [pa.array([v.get(name) for v in self._pending], pa.string()) for name in KINDS]
        table = pa.table(columns, list(KINDS))
        self._pieces.append(self._intake.keep(piece_of(table, np.array(self._rows, np.int64))))
        self._pending, self._rows = [], []

    def batch(self) -> Batch:
        """All rows; columns that no row fills are left out."""
        self._pack()
        pieces = [
            replace(p, table=p.table.select([n for n in KINDS if n in self._filled]))
            for p in self._pieces
        ]
        return joined([*pieces, replace(joined([]), broken=tuple(self._broken))])


class Claims:
    """Follows a claim file through its envelope, or without one."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._inline = RowReader(self._found)
        self._headers: dict[str, str] = {}
        self._header: str | None = None
        self._part: Part | None = None
        self._read_part = False
        self._nested = False
        self._parts_rows = 0
        self._in_file = False
        self._root: str | None = None
        self._rows: list[tuple[dict[str, str], Values]] = []
        self._faults: list[tuple[Values, str]] = []
        self._files = 0
        self._above: tuple[str, ...] = ()
        self.next_file = b""
        self._document: Markup | None = None
        self._births = 0
        self._children: Counter[str] = Counter()

    def begin(self, lines: int = 0) -> Markup:
        """A document that tells these claims what it holds, from its start or from a HOSO."""
        self._document = Markup(self, self._above, lines)
        return self._document

    def start(self, name: str) -> None:
        """An element begins."""
        self._root = self._root or name
        if self._part is not None:
            self._nested = True  # older exports: elements, and no base64
        if self._read_part or self._part is None:
            self._inline.start(name)
        if name == "HOSO":
            self._in_file = True
            self._files += 1
            self._children.clear()
            if not self.next_file and self._document is not None:
                *above, raw = self._document.path
                self._above = tuple(above)
                self.next_file = f"<{raw}".encode()
        elif name == "FILEHOSO":
            self._headers.pop("LOAIHOSO", None)
        elif name == _DUE:
            self._part = Part(self._found)
            self._read_part = self._label() in (*PARTS, "")
            self._nested = False
            self._parts_rows = 0
        elif name in _HEADERS and self._part is None:
            self._header = name
            self._headers[name] = ""

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._part is not None:
            if self._read_part and self._nested:
                self._inline.text(text)
            elif self._read_part:
                self._part.feed(text)
        elif self._header is not None:
            room = _LONGEST_HEADER - len(self._headers[self._header])
            self._headers[self._header] += text[:room]
        else:
            self._inline.text(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._read_part or self._part is None:
            self._inline.end(name)
        if name == _DUE and self._part is not None:
            self._close_part(self._part)
        elif name == "HOSO":
            self._in_file = False
            self._flush(whole=True)
        elif name == self._header:
            self._headers[name] = self._headers[name].strip()
            self._header = None

    def break_off(self, reason: str) -> bool:
        """The file cannot be read at this place.

        Returns
        -------
        whether it may be taken up again at a HOSO
        """
        cut = self._part.open_values if self._part is not None else self._inline.open_values
        self._flush(whole=False)
        where = f"HOSO {self._files:,}" if self._in_file else "the file"
        self._gathered.set_aside(
            dict(cut), f"{where} cannot be read to its end: {reason}", self._facility()
        )
        self._part, self._read_part, self._in_file, self._header = None, False, False, None
        self._inline = RowReader(self._found)
        return bool(self.next_file)

    def said(self) -> Iterable[str]:
        """What the user should know."""
        count = self._headers.get("SOLUONGHOSO", "")
        if count.isdecimal() and int(count) != self._files:
            yield f"SOLUONGHOSO says {int(count):,}, the file holds {self._files:,} HOSO"
        if self._births:
            yield (
                f"{self._births:,} births (XML9) are records of their own; "
                "MA_LK_ME names the mother's visit"
            )
        if not self._gathered.number:
            yield f"no part of it ({self._root}) says who somebody is"

    def _label(self) -> str:
        label = "".join(self._headers.get("LOAIHOSO", "").upper().split())
        return f"XML{label}" if label.isdecimal() else label

    def _facility(self) -> str | None:
        return self._headers.get("MACSKCB") or None

    def _found(self, element: str, values: Values) -> None:
        fields = ROWS[element]
        if fields is BIRTH and not values.keys() - {"MA_LK", "MA_CSKCB"}:
            return  # a certificate without an entry: exports write one for every visit
        self._parts_rows += 1
        if self._in_file:
            self._rows.append((fields, values))
        elif fields is not PAPER:
            self._rows.append((fields, values))
            self._flush(whole=False)

    def _close_part(self, part: Part) -> None:
        label = self._label()
        if self._read_part:
            part.close()
            fault = part.fault
            if fault is None and label in NEEDED and not self._parts_rows:
                empty = part.is_empty and not self._nested
                fault = f"{_DUE} is empty" if empty else "it holds no person"
            if fault is not None:
                values = {"LOAIHOSO": label, **part.open_values, _DUE: part.begins}
                self._faults.append((values, f"{label or 'a part without LOAIHOSO'}: {fault}"))
        self._part, self._read_part = None, False

    def _flush(self, *, whole: bool) -> None:
        """Hand on what one HOSO held, or one person without a HOSO.

        whole : the HOSO is complete, so that it must have held a person
        """
        visits = [values for fields, values in self._rows if fields is VISIT]
        births = [values for fields, values in self._rows if fields is BIRTH]
        papers = [values for fields, values in self._rows if fields is PAPER]
        self._rows = []
        source = next((v["MA_CSKCB"] for v in visits if "MA_CSKCB" in v), self._facility())
        for values in visits:
            for paper in papers:
                if paper.get("MA_LK") == values.get("MA_LK"):
                    values = {**paper, **values}
            self._gathered.add(self._visit(values, source))
        for values in births:
            self._gathered.add(self._child(values, source))
        for values, reason in self._faults:
            self._gathered.set_aside(values, reason, source)
        if whole and not (visits or births or self._faults):
            self._gathered.set_aside({}, "a HOSO without XML1", source)
        self._faults = []

    def _visit(self, values: Values, source: str | None) -> Values:
        row = self._common(values, source)
        if "MA_BN" in row and "MA_CSKCB" in row:
            row["MA_BN"] = f"{row['MA_CSKCB']}/{row['MA_BN']}"
        return row

    def _child(self, values: Values, source: str | None) -> Values:
        self._births += 1
        row = self._common(values, source)
        visit = row.get("MA_LK")
        if visit is not None:
            self._children[visit] += 1
            row["MA_LK_ME"] = visit
            row["MA_LK"] = f"{visit}/con{self._children[visit]}"
        number = [values[n] for n in ("QUYEN_SO", "SO") if n in values]
        if "SO" in values:
            row["CHUNG_SINH"] = "/".join([row.get("MA_CSKCB", ""), *number]).lstrip("/")
        return row

    def _common(self, values: Values, source: str | None) -> Values:
        row = {name: value for name, value in values.items() if name in KINDS}
        if source is not None:
            row.setdefault("MA_CSKCB", source)
        told = [self._headers.get("NGAYLAP"), *(values.get(name) for name in MOMENTS)]
        moment = next((m for m in told if m), None)
        if moment is not None:
            row["NGAY_LAP"] = moment
        return row
