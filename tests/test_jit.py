"""How kernels are compiled: the cache knows every source, and plain Python gives the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mpi import _jit

ROOT = Path(__file__).parent.parent

CALLEE = """
from mpi._jit import njit

@njit
def callee(x):
    return x + 1
"""
CALLER = """
from mpi._jit import njit
from mpi.one._kernels import callee

@njit
def caller(x):
    return 10 * callee(x)
"""


def run(code: str, **variables: str) -> str:
    """Run Python code in a process of its own; its output."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_edited_callee_is_never_run_from_an_old_cache(tmp_path: Path) -> None:
    """numba alone keeps the compiled caller when a callee in another file changes."""
    package, cache = tmp_path / "code" / "mpi", tmp_path / "cache"
    for room, source in (("one", CALLEE), ("two", CALLER)):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
        (package / room / "_kernels.py").write_text(source)
    (package / "__init__.py").write_text("")
    shutil.copy(_jit.__file__, package / "_jit.py")

    def answer() -> str:
        code = "from mpi.two._kernels import caller; print(caller(2), caller.stats.cache_hits)"
        path = os.pathsep.join([str(tmp_path / "code"), *sys.path])
        return run(
            f"import sys; sys.path[:] = {path!r}.split({os.pathsep!r}); {code}",
            MPI_CACHE_DIR=str(cache),
            MPI_JIT="1",
        )

    assert answer() == "30 Counter()\n"
    assert "Counter({(int64,): 1})" in answer()
    (package / "one" / "_kernels.py").write_text(CALLEE.replace("x + 1", "x + 5"))
    assert answer() == "70 Counter()\n"
    assert len(list((cache / "mpi").iterdir())) == 2


def test_every_kernel_source_counts() -> None:
    """The hash is over all that the architecture lets be compiled."""
    package = Path(_jit.__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "mpi"
        shutil.copytree(package, copy, ignore=lambda _, names: {"__pycache__", "data"} & set(names))
        code = "import runpy; print(runpy.run_path('{}')['source_hash']())"

        def hashed() -> str:
            return run(code.format(copy / "_jit.py"), MPI_JIT="0")

        seen = {hashed()}
        assert seen == {hashed()}
        for source in [*sorted(copy.rglob("_kernels*.py"))[:2], copy / "_jit.py"]:
            source.write_text(source.read_text() + "\n# another line\n")
            seen.add(hashed())
        assert len(seen) == 4
        (copy / "schema.py").write_text("")
        assert hashed() in seen


def test_a_cache_that_cannot_be_written_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPI_CACHE_DIR", str(tmp_path))
    assert _jit.cache_dir().parent == tmp_path / "mpi"
    assert _jit.cache_dir().is_dir()
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("MPI_CACHE_DIR", str(blocked))
    assert tmp_path not in _jit.cache_dir().parents
    assert Path(tempfile.gettempdir()) in _jit.cache_dir().parents


SMALL_JOB = """
import json, sys
sys.path.insert(0, "tests")
import numpy as np
from tables import record_table
from mpi.linkage import dedupe
from mpi.schema import Kind
from mpi.settings import Settings
family = ["NGUYEN", "TRAN", "LE", "PHAM"]
given = ["AN", "BINH", "CHI", "DUNG", "GIANG"]
born = [f"19{50 + i % 20}-0{1 + i % 9}-1{i % 7}" for i in range(20)]
rows = [(family[i % 4], given[i % 5], born[i], f"{i * 7919 % 10**9:09d}") for i in range(20)]
rows += [(f, g[:-1] + "Y", b, n) for f, g, b, n in rows[:8]]
kinds = (Kind.FAMILY_NAME, Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.NATIONAL_ID)
records = record_table({(k.value, k): [r[c] for r in rows] for c, k in enumerate(kinds)})
result = dedupe(records, Settings(threads=1))
import mpi._jit
print(json.dumps([mpi._jit.ENABLED, result.crosswalk.to_pylist(), result.links.to_pylist()]))
"""


def test_plain_python_gives_the_same() -> None:
    compiled, plain = (json.loads(run(SMALL_JOB, MPI_JIT=switch)) for switch in ("1", "0"))
    assert (compiled[0], plain[0]) == (True, False)
    assert compiled[1:] == plain[1:]
    assert len(compiled[2]) >= 8


def test_bounds_are_checked_where_it_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import numpy as np\nfrom mpi.cluster._kernels import find_root\n"
        "try:\n    find_root(np.array([7]), 0)\nexcept IndexError:\n    print('noticed')"
    )
    assert run(code, MPI_BOUNDSCHECK="1", MPI_CACHE_DIR=str(tmp_path)) == "noticed\n"
    (folder,) = (tmp_path / "mpi").iterdir()
    assert folder.name.endswith("-checked")


CHECKED = {
    "loop": (
        "compare/test_level_kernels.py",
        "encode",
        "block",
        "score/test_walk.py",
    ),
    "others": (
        "cluster/test_components.py",
        "cluster/test_guard.py",
        "compare/test_public_input.py",
        "compare/test_text_kernels.py",
        "index/test_golden_kernels.py",
        "index/test_index_kernels.py",
        "records/test_keys.py",
        "standardise/test_kernels.py",
        "standardise/vietnam/test_kernels.py",
        "standardise/vietnam/test_vietnam_kernels.py",
    ),
}
"""Tests that are run again with bounds checked: every room's kernels against their twins, and the
comparators on what users give them. Compiling them for it takes some 80 CPU seconds once."""


@pytest.mark.parametrize("name", CHECKED)
def test_no_kernel_reads_past_an_array(name: str) -> None:
    """Beside the usual cache, so that only the first run after an edit compiles."""
    if _jit.BOUNDSCHECK:
        pytest.skip("bounds are checked already")
    tests = (f"tests/{test}" for test in CHECKED[name])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *tests, "-k", "not plain_python"],
        env={**os.environ, "MPI_JIT": "1", "MPI_BOUNDSCHECK": "1", "HYPOTHESIS_PROFILE": "few"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_with_kernels_is_run_with_bounds_checked() -> None:
    package = Path(_jit.__file__).parent
    rooms = {path.relative_to(package).parts[0] for path in package.rglob("_kernels*.py")}
    assert {test.split("/")[0] for tests in CHECKED.values() for test in tests} == rooms
