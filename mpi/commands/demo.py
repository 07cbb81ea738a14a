"""`mpi demo`: the whole job on invented citizens, and where to look next."""

from __future__ import annotations

import shutil
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from mpi.commands.nightly import update_index
from mpi.commands.session import Session, command_name
from mpi.errors import UsageError
from mpi.report.quantities import count

if TYPE_CHECKING:
    import pyarrow as pa

_MARKER = ".mpi-demo"


def run_demo(session: Session, folder: Path, persons: int) -> None:
    """Invent registries, run the nightly job on them, and show what it found."""
    from mpi.evaluate import evaluate
    from mpi.report.evaluation import render_evaluation
    from mpi.report.explanation import render_explanation
    from mpi.report.summary import render_summary
    from mpi.synth import synthesise, write

    _prepare(folder)
    page = session.page()
    with session.stages() as stages:
        with stages.stage("inventing", total=persons) as advance:
            citizens = synthesise(persons, seed=session.seed or 0)
            write(citizens, folder / "citizens", format="csv")
            advance(persons)
        page.line(
            f"{count(citizens.persons)} invented persons with {count(citizens.records)} records in "
            f"{count(len(citizens.sources))} registries: {folder / 'citizens'}"
        )
        inputs = [str(folder / "citizens" / "registries")]
        index, summary = update_index(session, inputs, folder / "index", stages)
    render_summary(page, summary)
    render_evaluation(page, evaluate(index.table("crosswalk"), citizens.truth))
    page.heading("A pair that was linked")
    linked, doubtful = _telling(index.table("links")), _doubtful(index.table("review"))
    for keys in (linked, doubtful):
        if keys is not None:
            if keys is doubtful:
                page.heading("A pair that a person should look at")
            render_explanation(page, index.explain(*keys))
    page.heading("Where to look next")
    for line in _next(folder, linked, doubtful):
        page.line(f"  {line}")


def _prepare(folder: Path) -> None:
    """Make the folder, or empty the one of an earlier demo; never anything else."""
    try:
        if folder.is_dir() and any(folder.iterdir()):
            if not (folder / _MARKER).is_file():
                raise UsageError(
                    f"{folder} is not empty and was not made by mpi demo; "
                    "name another folder with -o"
                )
            for name in ("citizens", "index"):
                if (folder / name).is_dir():
                    shutil.rmtree(folder / name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARKER).touch()
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}; name another folder with -o"
        ) from None


Keys = tuple[tuple[str, str], tuple[str, str]]


def _keys(pairs: pa.Table, row: int) -> Keys:
    names = ("source_a", "record_id_a", "source_b", "record_id_b")
    a, x, b, y = (pairs.column(name)[row].as_py() for name in names)
    return (a, x), (b, y)


def _telling(links: pa.Table) -> Keys | None:
    """The link across sources with the most fields that are alike but not identical."""
    import numpy as np
    import pyarrow.compute as pc

    if links.num_rows == 0:
        return None
    levels = np.stack([c.to_numpy() for c in links.column("levels").combine_chunks().flatten()])
    close = ((levels > 0) & (levels < levels.max(axis=1, keepdims=True))).sum(axis=0)
    across = pc.not_equal(links.column("source_a"), links.column("source_b")).to_numpy()
    return _keys(links, int(np.argmax(close + 100 * across)))


def _doubtful(review: pa.Table) -> Keys | None:
    """The pair whose probability lies nearest to a half."""
    import numpy as np

    if review.num_rows == 0:
        return None
    probability = review.column("match_probability").to_numpy()
    return _keys(review, int(np.argmin(np.abs(probability - 0.5))))


def _next(folder: Path, linked: Keys | None, doubtful: Keys | None) -> list[str]:
    mpi = command_name()
    index = quote(str(folder / "index"))
    registries = quote(str(folder / "citizens" / "registries"))
    lines = [
        f"{mpi} run {registries} --index {index}   (the same night again: nothing changes)",
        f"{mpi} profile {registries}",
        f"{mpi} export {index} persons -o {quote(str(folder / 'persons.csv'))}",
        f"{mpi} export {index} review -o {quote(str(folder / 'review.csv'))}",
        f"{mpi} evaluate {index} --truth {quote(str(folder / 'citizens' / 'truth.csv'))}",
    ]
    if linked is not None:
        a, b = (quote(":".join(key)) for key in linked)
        lines.append(f"{mpi} explain {index} {a} {b}")
    if doubtful is not None:
        a, b = (quote(":".join(key)) for key in doubtful)
        lines.append(f"{mpi} decide {index} same {a} {b}   (or different: a person's word)")
    lines += [f'{mpi} search {index} --full_name "Nguyen Thi Anh"', f"{mpi} history {index}"]
    return lines
