"""`mpi explain`: why two records are, or are not, one person."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from mpi.commands.outputs import reserve
from mpi.commands.session import Session
from mpi.errors import UsageError
from mpi.report.page import visible

_MOST = 2000
_SHOWN = 3


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


def run_explain(
    session: Session,
    folder: Path,
    a: str,
    b: str,
    svg: Path | None = None,
    as_of: int | None = None,
) -> None:
    """Print the evidence for and against one person, and draw it where `svg` says."""
    from mpi.report.explanation import explanation_dict, render_explanation

    keys = parse_key(a), parse_key(b)
    with reserve([svg], text=True) as outputs:
        index = session.open(folder)
        if as_of is not None:
            index = index.as_of(as_of)
        try:
            found = index.explain(*keys)
        except UsageError as error:
            crosswalk = index.table("crosswalk", columns=["source", "record_id"])
            raise unknown_record(crosswalk, keys, index.path) or error from None
        if svg is not None:
            from mpi.report.waterfall import draw_waterfall

            outputs.write_text(svg, draw_waterfall(found))
            outputs.publish()
    if session.json:
        session.print_json(explanation_dict(found))
    else:
        render_explanation(session.page(), found)


def unknown_record(
    crosswalk: pa.Table, keys: Sequence[tuple[str, str]], folder: Path
) -> UsageError | None:
    """The error for the first key that the index does not have, with the nearest that it has."""
    for source, record_id in keys:
        here = pc.and_(
            pc.equal(crosswalk["source"], source), pc.equal(crosswalk["record_id"], record_id)
        )
        if not pc.any(here).as_py():
            near = nearest_keys(crosswalk, source, record_id)
            hint = f"; did you mean {' or '.join(visible(key) for key in near)}?" if near else ""
            name = visible(f"{source}:{record_id}")
            return UsageError(f"the index {folder} has no record {name}{hint}")
    return None


def nearest_keys(crosswalk: pa.Table, source: str, record_id: str) -> list[str]:
    """Up to three record keys that look like this one, the nearest first.

    Parameters
    ----------
    crosswalk : columns source and record_id

    Examples
    --------
    >>> known = pa.table({"source": ["hue", "hue", "hanoi"], "record_id": ["17", "170", "99"]})
    >>> nearest_keys(known, "hanoi", "17"), nearest_keys(known, "hue", "171")
    (['hue:17'], ['hue:17', 'hue:170'])
    """
    same = crosswalk.filter(pc.equal(crosswalk["record_id"], record_id))
    if same.num_rows:
        sources = same["source"].to_pylist()
        best = get_close_matches(source, sources, n=_SHOWN, cutoff=0.0)
        return [f"{name}:{record_id}" for name in best]
    sources = sorted(pc.unique(crosswalk["source"]).to_pylist())
    best = get_close_matches(source, sources, n=1)
    if not best:
        return [f"{name}:..." for name in sources[:_SHOWN]]
    ids = crosswalk.filter(pc.equal(crosswalk["source"], best[0]))["record_id"]
    for length in range(len(record_id), -1, -1):
        like = ids.filter(pc.starts_with(ids, record_id[:length]))
        close = get_close_matches(record_id, like.slice(0, _MOST).to_pylist(), n=_SHOWN)
        if close:
            return [f"{best[0]}:{name}" for name in close]
    return [f"{best[0]}:{name}" for name in ids.slice(0, 1).to_pylist()]
