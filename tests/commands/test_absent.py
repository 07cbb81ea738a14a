"""What a command does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from mpi import cli
sys.argv = ["mpi", "profile", sys.argv[1], "--json"]
code = cli.main()
print("loaded:", [name for name in ("pandas", "pyarrow") if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


def test_a_command_does_not_load_what_it_has_no_use_for(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("full_name,birth_date\nLê An,1990-05-12\nTrần Bình,1991-06-13\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "loaded: ['pyarrow']" in done.stderr


def test_python_finds_what_a_command_does_not() -> None:
    """Only the process of a command is told that there is none."""
    code = "import mpi.cli; mpi.cli.main(['--help']); import pandas"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )
