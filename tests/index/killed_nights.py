"""A process that runs actions in children and kills them; `test_crash` talks to it.

It only imports, so it has one thread and may fork; each child begins as warm as it is. One JSON
line in, ``{"path": ..., "action": ..., "operation": number or null, "delay": seconds or null}``,
one JSON line out: how the child ended and how the same action went again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

import numpy as np
from index.actions import act
from index.faults import FaultyFiles

from mpi.encode._kernels_group import hash_texts
from mpi.index import _kernels_golden as golden
from mpi.index.files import Files


def child(path: str, action: str, files: Files) -> int:
    """Run an action in a child; its process id."""
    pid = os.fork()
    if pid == 0:
        try:
            act(action, Path(path), files)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return pid


def ended(pid: int) -> int:
    """The child's exit code, negative where a signal killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def load_golden() -> None:
    """The kernels of golden values, for the arrays that they are called with."""
    none, starts, hashes = np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0, np.uint64)
    rows, text = np.empty(0, np.int32), np.frombuffer(b"x", np.uint8)
    offsets = np.frombuffer(bytes(4), np.int32)
    golden.group_rows(none, none, starts, rows)
    for valid in (text, np.empty(0, np.uint8)):
        golden.agree(starts, rows, offsets, text, valid, 0, none)
    golden.hash_plain(offsets, text, hashes, np.empty(0, np.uint8))
    flags = np.empty(0, np.bool_)
    golden.survive(starts, rows, hashes, none.reshape(0, 0), flags, none, none)


def main() -> None:
    # Loads the kernels once for all children; compute functions of Arrow would start threads.
    for readonly in (np.frombuffer(bytes(4), np.int32), np.zeros(1, np.int32)):
        hash_texts(readonly, np.frombuffer(b"x", np.uint8), np.empty(0, np.uint64))
    load_golden()
    for line in sys.stdin:
        trial = json.loads(line)
        at = trial["operation"]
        files = Files() if at is None else FaultyFiles(at, code=None)
        start = time.perf_counter()
        pid = child(trial["path"], trial["action"], files)
        if trial["delay"] is not None:
            time.sleep(trial["delay"])
            os.kill(pid, signal.SIGKILL)
        first = ended(pid)
        took = time.perf_counter() - start
        again = ended(child(trial["path"], trial["action"], Files()))
        print(json.dumps({"first": first, "took": took, "again": again}), flush=True)


if __name__ == "__main__":
    main()
