"""`mpi explain`: why two records are, or are not, one person."""

from __future__ import annotations

from pathlib import Path

from mpi.commands.session import Session
from mpi.errors import UsageError


def parse_key(text: str) -> tuple[str, str]:
    """A record key as the command line writes it.

    Raises
    ------
    UsageError
        There is no colon.

    Examples
    --------
    >>> parse_key("hanoi:17"), parse_key("hue:a:9")
    (('hanoi', '17'), ('hue', 'a:9'))
    """
    source, colon, record_id = text.partition(":")
    if not colon or not source or not record_id:
        raise UsageError(f"{text!r} is no record key; write it as source:record_id")
    return source, record_id


def run_explain(session: Session, index: Path, a: str, b: str) -> None:
    """Print the evidence for and against one person."""
    from mpi.index import MasterIndex
    from mpi.report.explanation import explanation_dict, render_explanation

    found = MasterIndex.open(index).explain(parse_key(a), parse_key(b))
    if session.json:
        session.print_json(explanation_dict(found))
    else:
        render_explanation(session.page(), found)
