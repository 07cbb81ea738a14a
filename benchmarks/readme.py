"""The README's table of goals, rewritten from the results."""

from __future__ import annotations

from pathlib import Path

from benchmarks.goals import GOALS, table
from benchmarks.plot import NAME, draw, write
from benchmarks.results import FOLDER, load

README = Path(__file__).parent.parent / "README.md"
_SHOWN = "Time and memory against the number of records, on scales of powers of ten"
BEGIN, END = "<!-- goals: python -m benchmarks readme -->", "<!-- /goals -->"


def rewrite(path: Path = README) -> None:
    """Put the table between its markers.

    Raises
    ------
    SystemExit
        The markers are not there.
    """
    write()
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise SystemExit(f"{path.name} needs the lines {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{body()}\n{END}{after}", encoding="utf-8")


def body() -> str:
    """The table, the machines it was measured on, and the plot where there is one."""
    machines = set()
    for name in sorted({goal.benchmark for goal in GOALS}):
        result = load(name)
        if result is not None:
            facts = result["machine"]
            machines.add(
                f"{facts['cores']} cores, {facts['memory_gb']:.0f} GB, {facts['processor']}, "
                f"Python {facts['python']}"
            )
    measured = "\n".join(f"Measured on {m}." for m in sorted(machines))
    plot = f"![{_SHOWN}]({FOLDER.parent.name}/{FOLDER.name}/{NAME})" if draw() else ""
    return f"{table()}\n\n{measured}\n\n{plot}".rstrip()
