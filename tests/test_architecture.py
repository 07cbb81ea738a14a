"""The shape of the package: rooms, module sizes, names, twins, and what a clone may contain."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mpi"
MODULES = sorted(PACKAGE.rglob("*.py"))

GROUND = ("errors", "schema", "pieces", "scratch", "stages", "settings", "_jit")
FLOW = (
    *(
        "records",
        "standardise",
        "encode",
        "block",
        "compare",
        "score",
        "cluster",
        "linkage",
        "index",
    ),
    "serve",
)
"""A room may import the ground, itself and the rooms before it."""

DOORS = {"index/questions.py": {"serve"}}
"""The index hands questions on to the room that answers them."""

READERS = ("evaluate", "report", "synth", "integrations")
"""They may read the rooms; no room reads them."""

TOP = ("commands", "cli")
"""The command line stands on everything."""

LONGEST_MODULE = 400
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core"}


def room_of(path: Path) -> str:
    """The room a module belongs to: the first part of its path inside the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path, source: str | None = None) -> Iterator[tuple[str, int]]:
    """Rooms that a module imports, at its top or inside a function, with the line."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    source = path.read_text(encoding="utf-8") if source is None else source
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = parts[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"mpi.{alias.name}" for alias in node.names] if module == "mpi" else [module]
        for name in names:
            if name.startswith("mpi."):
                yield name.split(".")[1], node.lineno


def allowed(room: str) -> set[str]:
    """The rooms that a room may import."""
    if room in GROUND:
        return set(GROUND)
    if room in FLOW:
        return {*GROUND, *FLOW[: FLOW.index(room) + 1]}
    if room in READERS:
        return {*GROUND, *FLOW, *READERS}
    return {*GROUND, *FLOW, *READERS, *TOP}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    room = room_of(path)
    if path == PACKAGE / "__init__.py":
        return  # it hands out the rooms' names, lazily
    may = allowed(room) | DOORS.get(path.relative_to(PACKAGE).as_posix(), set())
    wrong = [f"line {line}: {r}" for r, line in imported_rooms(path) if r not in may]
    # A package attribute such as `from mpi import __version__` is no room.
    wrong = [w for w in wrong if not w.endswith(": __version__")]
    assert not wrong, f"{room} may not import {wrong}"


def test_every_room_has_its_place_in_the_order() -> None:
    known = {*GROUND, *FLOW, *READERS, *TOP, "__init__", "__main__"}
    assert {room_of(path) for path in MODULES} <= known


def test_the_order_is_checked_on_relative_and_nested_imports() -> None:
    source = "def f():\n    from ..index import MasterIndex\n    from mpi import report\n"
    found = [room for room, _ in imported_rooms(PACKAGE / "records" / "imagined.py", source)]
    assert found == ["index", "report"]
    assert not set(found) & allowed("records")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_modules_stay_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE, f"{lines} lines; split the module"


def test_every_file_has_a_name_of_its_own() -> None:
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    parts |= {part.lstrip("_") for part in parts}
    assert not parts & NO_NAMES


def compiled(source: str, decorators: set[str]) -> Iterator[ast.FunctionDef]:
    """Functions of a module that have one of these decorators."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            marks = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
            names = {
                m.attr if isinstance(m, ast.Attribute) else getattr(m, "id", "") for m in marks
            }
            if names & decorators:
                yield node


def kernels(path: Path) -> Iterator[str]:
    """Public functions of a module that are kernels and may be called from Python."""
    for node in compiled(path.read_text(encoding="utf-8"), {"njit", "allocating"}):
        if not node.name.startswith("_"):
            yield node.name


def twins() -> set[str]:
    """Names of the functions under tests/naive."""
    found: set[str] = set()
    for path in sorted((ROOT / "tests" / "naive").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name.startswith("_kernels")],
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_every_kernel_has_a_naive_twin(path: Path) -> None:
    missing = sorted(set(kernels(path)) - twins())
    assert not missing, f"write tests/naive twins of {missing}"


def test_kernels_live_in_kernel_modules() -> None:
    """Elsewhere numba's cache would not be keyed on their sources."""
    strays = {
        path.relative_to(ROOT).as_posix(): names
        for path in MODULES
        if not path.name.startswith("_kernels") and (names := list(kernels(path)))
    }
    assert not strays


def test_kernel_modules_are_loaded_lazily() -> None:
    """Importing a room's package must not import numba."""
    code = (
        "import sys, importlib, pkgutil, mpi\n"
        "for found in pkgutil.iter_modules(mpi.__path__):\n"
        "    if found.ispkg: importlib.import_module('mpi.' + found.name)\n"
        "sys.exit(int('numba' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def tracked() -> list[Path]:
    """Files of the repository; without git, those of the source tree."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout.split("\0")
        return [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        folders = ("mpi", "tests", "benchmarks", "data")
        return [p for f in folders for p in (ROOT / f).rglob("*") if p.is_file()]


MACHINE = re.compile(
    rb"/(?:home|root|work|Users|opt|mnt)/[A-Za-z0-9_]"
    rb"|/tmp/[A-Za-z0-9_]"
    rb"|[A-Z]:\\\\?Users"
    rb"|(?:index|extra-index|find-links)-?url\s*[=:]"
    rb"|pypi\.(?:org|python)|files\.pythonhosted|anaconda\.org|/simple/"
)


def test_nothing_of_this_machine_is_in_the_repository() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" in content[:8192] or path == Path(__file__):
            continue
        found += [f"{path.relative_to(ROOT)}: {m.group()!r}" for m in MACHINE.finditer(content)]
    assert not found


@pytest.mark.parametrize(
    "code",
    ["import mpi", "import mpi.cli; mpi.cli.main(['--help'])"],
    ids=["import mpi", "mpi --help"],
)
def test_starting_loads_nothing_heavy(code: str) -> None:
    heavy = ("numba", "pyarrow", "numpy", "rich", "msgspec", "pandas")
    check = f"{code}\nimport sys\nsys.exit(' '.join(m for m in {heavy!r} if m in sys.modules) or 0)"
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_flow_is_the_agreed_order() -> None:
    for before, after in pairwise(FLOW):
        assert before in allowed(after)
        assert after not in allowed(before)


_NUMBERS = {"int", "float", "bool", "None", "np", "uint64", "tuple", "Place"}


def giving_arrays(source: str) -> list[str]:
    """Kernels that count no references, and yet give back what may be an array."""
    return [
        node.name
        for node in compiled(source, {"njit", "inner"})
        for part in [{*re.findall(r"\w+", ast.unparse(node.returns) if node.returns else "Any")}]
        if part - _NUMBERS
    ]


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name.startswith("_kernels")],
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_no_kernel_gives_an_array_without_counting_references(path: Path) -> None:
    """It would be freed while it is in use."""
    assert not giving_arrays(path.read_text(encoding="utf-8"))


def test_a_kernel_that_gives_an_array_is_noticed() -> None:
    given = "def f(v) -> npt.NDArray[np.int64]:\n    return v\n"
    assert giving_arrays("@njit\n" + given) == ["f"]
    assert giving_arrays("@allocating\n" + given) == []
    assert giving_arrays("@inner\ndef f(v) -> tuple[int, np.uint64]:\n    ...\n") == []
