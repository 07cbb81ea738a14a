"""XML read event by event within limits, whoever wrote it.

Expat alone: it keeps no tree, so memory does not grow with the file. A document type declaration
is refused, and with it every entity that could be expanded or fetched; claim files have none.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from pyexpat import ErrorString, ExpatError, ParserCreate
from typing import Protocol

DEEPEST = 64
"""Elements inside one another."""
LONGEST_TAG = 1 << 20
"""Bytes of a tag or a comment: expat keeps one in memory until it ends."""
_BLANKS = b" \t\r\n\f\v"
_SAYS_UTF16 = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']utf-?16[\"']", re.IGNORECASE)


class Malformed(Exception):  # noqa: N818 -- a finding about the input, not an error of the run
    """What is wrong with a document, in words."""


class Events(Protocol):
    """Told what a document holds, in its order; names without prefix, in upper case."""

    def start(self, name: str) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """A piece of the text inside the innermost element."""

    def end(self, name: str) -> None:
        """An element ends."""


class Markup:
    """One XML document, fed in pieces.

    Parameters
    ----------
    inside : names of elements that are open already, where a document is taken up in its middle
    line : lines before that place

    Raises
    ------
    Malformed
        From `feed` and `close`: the document is not well-formed, not in the encoding that it
        declares, or beyond a limit.

    Examples
    --------
    >>> class Names:
    ...     def start(self, name): print(name, end=" ")
    ...     def text(self, text): print(text, end=" ")
    ...     def end(self, name): print(f"/{name}", end=" ")
    >>> document = Markup(Names())
    >>> document.feed(b"<x:a><b>Le"), document.feed(b"-An</b></x:a>"), document.close()
    A B Le -An /B /A (None, None, None)
    """

    def __init__(self, events: Events, inside: Sequence[str] = (), line: int = 0) -> None:
        self._events = events
        self._fed = 0
        self._line = line
        self._last = 0
        self.path: list[str] = []
        self._parser = self._new("utf-8" if inside else None)
        if inside:
            handler = self._parser.StartElementHandler
            path = self.path
            self._parser.StartElementHandler = lambda name, _: path.append(name)
            self.feed("".join(f"<{name}>" for name in inside).encode())
            self._parser.StartElementHandler = handler

    # The parser's type has no public name.
    def _new(self, encoding: str | None):  # type: ignore[no-untyped-def]
        # local names, no methods: four calls an element cost most of the time, and a parser that
        # holds its owner would wait for the garbage collector
        path, begin, finish = self.path, self._events.start, self._events.end

        def start(name: str, _: dict[str, str]) -> None:
            path.append(name)
            if len(path) > DEEPEST:
                raise Malformed(f"elements more than {DEEPEST} deep")
            begin(plain_name(name))

        def end(name: str) -> None:
            path.pop()
            finish(plain_name(name))

        parser = ParserCreate(encoding)
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = self._events.text
        parser.StartDoctypeDeclHandler = _refuse
        return parser

    def feed(self, data: bytes) -> None:
        """The next bytes of the document."""
        if not self._fed:
            # blanks before the declaration are no XML, but exports have them
            data = data.lstrip(_BLANKS)
            if _SAYS_UTF16.match(data):
                # these are single bytes: a text was written as UTF-16 and stored as UTF-8
                self._parser = self._new("utf-8")
        if data:
            self._last = len(data)
            self._fed += len(data)
            self._parse(data, False)
            if self._fed - max(self._parser.CurrentByteIndex, 0) > LONGEST_TAG:
                raise Malformed(f"a tag of more than {LONGEST_TAG >> 20} MB")

    def close(self) -> None:
        """No more bytes come."""
        self._last = 0
        self._parse(b"", True)

    @property
    def unread(self) -> int:
        """Bytes of the last piece behind the place of a fault."""
        place: int = max(self._parser.ErrorByteIndex, self._fed - self._last)
        return max(self._fed - place, 0)

    def _parse(self, data: bytes, final: bool) -> None:
        try:
            self._parser.Parse(data, final)
        except ExpatError as error:
            what = ErrorString(error.code)
            raise Malformed(
                f"no well-formed XML (line {self._line + error.lineno}, "
                f"column {error.offset + 1}: {what})"
            ) from None
        except (LookupError, UnicodeError, ValueError) as error:
            raise Malformed(f"an encoding that cannot be read ({error})") from None


def _refuse(*_: object) -> None:
    raise Malformed("a document type declaration, which could hide anything; take it out")


@lru_cache(4096)
def plain_name(name: str) -> str:
    """An element's name without its prefix, in upper case."""
    return name.rpartition(":")[2].upper()


def root_name(head: bytes) -> str | None:
    """The plain name of the root element, from the first bytes of a document; None without one.

    Examples
    --------
    >>> root_name(b'<?xml version="1.0"?><!-- x --><g:giamdinhhs a="1">'), root_name(b"a,b")
    ('GIAMDINHHS', None)
    """
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2], "utf-8")
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n\f\v")
    while text.startswith(("<?", "<!")):
        if text.startswith("<!--"):
            mark = "-->"
        elif text.startswith("<?"):
            mark = "?>"
        else:
            mark = "]>" if "[" in text.partition(">")[0] else ">"
        text = text.partition(mark)[2].lstrip()
    found = re.match(r"<([^\s<>/!?]+)[\s/>]", text)
    return plain_name(found.group(1)) if found else None


class Base64Text:
    """Bytes written as base64, decoded piece by piece; blanks and line ends are skipped.

    Examples
    --------
    >>> part = Base64Text()
    >>> part.feed("PGE"), part.feed("+\\n"), part.finish()
    (b'', b'<a>', b'')
    """

    def __init__(self) -> None:
        self._left = b""
        self._padded = False

    def feed(self, text: str) -> bytes:
        """The bytes that are whole by now."""
        try:
            data = self._left + text.encode("ascii").translate(None, _BLANKS)
        except UnicodeEncodeError:
            raise Malformed("no base64: a letter that it does not have") from None
        whole = len(data) & ~3
        self._left = data[whole:]
        return self._decode(data[:whole])

    def finish(self) -> bytes:
        """The last bytes; padding that was left out is put back."""
        left, self._left = self._left, b""
        return self._decode(left + b"=" * (-len(left) % 4))

    def _decode(self, data: bytes) -> bytes:
        if not data:
            return b""
        if self._padded:
            raise Malformed("no base64: it goes on behind its end")
        self._padded = data.endswith(b"=")
        try:
            return binascii.a2b_base64(data, strict_mode=True)
        except binascii.Error as error:
            raise Malformed(f"no base64 ({str(error).lower()})") from None
