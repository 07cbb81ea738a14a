"""`mpi plan` and `mpi apply`: tonight's changes without publishing them, and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from mpi.commands.session import Session, command_name
from mpi.errors import UsageError
from mpi.report.quantities import count

if TYPE_CHECKING:
    from mpi.index.plan import Plan, Source


def sources(inputs: Sequence[str]) -> tuple[Source, ...]:
    """The files behind the inputs as they are now; standard input cannot be read again."""
    from mpi.index.plan import sources_of
    from mpi.records.inputs import find_inputs

    paths = [origin.path for origin in find_inputs(inputs) if origin.path is not None]
    try:
        return sources_of(paths)
    except OSError as error:
        name = error.filename
        raise UsageError(f"input {name} cannot be read: {error.strerror}; see to it") from None


def run_plan(
    session: Session,
    inputs: Sequence[str],
    folder: Path,
    output: Path,
    *,
    full: bool,
    refit: bool,
) -> None:
    """Compute tonight's snapshot into a folder, and show what it would change."""
    from mpi.index import MasterIndex
    from mpi.records import read_records

    settings, resolver = session.settings(), session.resolver()
    if output.resolve() == folder.resolve():
        raise UsageError(f"{output} is the index itself; name another folder for the plan")
    index = MasterIndex.create_or_open(folder, key=settings.encryption_key or None)
    with session.stages(index.scratch) as stages, index.locked():
        rows = session.check_memory(inputs, stages.scratch)
        session.forecast(stages, rows, index.counts()["records"])
        read = sources(inputs)
        records = read_records(inputs, settings=settings, known=index.kinds(), stages=stages)
        plan = index.plan(
            records,
            output,
            settings,
            stages=stages,
            resolver=resolver,
            full=full,
            refit=refit,
            inputs=read,
        )
    if plan is None:
        if session.json:
            session.print_json({"changed": False, "index": str(folder), "snapshot": index.sequence})
        else:
            session.page().line(f"Nothing would change; {folder} is up to date.", style="bold")
        return
    show_plan(session, plan, output)


def show_plan(session: Session, plan: Plan, output: Path) -> None:
    """Tell a plan, for machines or for people, and how to apply it."""
    from mpi.report.plan import render_plan

    told = plan_dict(plan, output)
    if session.json:
        session.print_json(told)
        return
    page = session.page()
    render_plan(page, told)
    page.line()
    page.line(
        f"Nothing is published. To publish it: {command_name()} apply {quote(str(output))}",
        style="bold",
    )


def plan_dict(plan: Plan, output: Path) -> dict[str, Any]:
    """A plan as plain values for JSON."""
    import msgspec

    return {
        "changed": True,
        "plan": str(output),
        "index": plan.index,
        "base": plan.base,
        "snapshot": plan.manifest.sequence,
        "made_at": plan.made_at,
        "refit": plan.refit,
        "broken": list(plan.broken),
        "inputs": msgspec.to_builtins(plan.inputs),
        "files": len(plan.files),
        "bytes": sum(file.bytes for file in plan.files),
        "effects": msgspec.to_builtins(plan.effects),
    }


def run_apply(session: Session, output: Path) -> None:
    """Publish a plan, or refuse a stale one."""
    from mpi.index.plan import read_plan

    folder = read_plan(output).index
    done = session.open(folder).apply(output)
    if session.json:
        session.print_json({"index": folder, **asdict(done)})
        return
    page = session.page()
    if not done.changed:
        page.line(f"The plan was applied before; {folder} is at snapshot {done.sequence}.")
        return
    told = ", ".join(f"{count(n)} {kind}" for kind, n in done.events.items())
    page.line(f"Events: {told or 'none'}.")
    page.line(f"Snapshot {done.sequence} is published in {folder}.", style="bold")
