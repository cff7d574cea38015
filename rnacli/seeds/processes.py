"""Processes that train some of a run's seeds beside the one that trains the run: small networks have one thread."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rnacli.runs.folder import Run

MODULE = "rnacli.terminal.seed_process"
"""What each of them runs; it stands above this folder, since it opens the run as one that is resumed."""


@contextlib.contextmanager
def trained_beside(run: Run, cache: Path, shares: Sequence[Sequence[int]]) -> Iterator[Callable[[], None]]:
    """Let a process of its own train each share of the seeds in the block; gives a function that waits for them.

    What they have trained lies in the run's folder: nothing depends on whether they come to their ends. They end with
    the block, and with this process, however it ends: nobody holds the other end of their input then.
    """
    processes: list[subprocess.Popen[bytes]] = []

    def wait() -> None:
        for process in processes:
            process.wait()

    try:
        for seeds in shares:
            # -P: no module comes from the folder in which the command was called.
            command = [sys.executable, "-P", "-m", MODULE, str(run.path), str(cache), *map(str, seeds)]
            quiet = subprocess.DEVNULL
            processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet))
        yield wait
    finally:
        for process in processes:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
