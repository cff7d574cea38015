"""Trains some seeds of a run that another process trains: ``python -m rnacli.terminal.seed_process RUN CACHE SEED``."""

import os
import sys
import threading
from pathlib import Path

from rnacli.terminal.startup import import_engine

ORPHANED = 75
"""The exit code of one whose first process has ended."""


def train_some(path: Path, cache: Path, seeds: list[int]) -> None:
    """Train the networks of ``seeds`` of the run in a folder, into its folder ``seeds``. Raises ``RnaError``."""
    import_engine(quiet=True)
    from rnacli.runs.find import open_run
    from rnacli.seeds.alone import train_alone
    from rnacli.training.resume import prepare_resumed

    run = open_run(path)
    job, _ = prepare_resumed(run, cache, None, offline=True, force=True)
    for seed in seeds:
        train_alone(run, job, seed)


def end_with_parent() -> None:
    """Wait until the process that has started this one is no more, and end."""
    os.read(0, 1)
    os._exit(ORPHANED)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    train_some(Path(sys.argv[1]), Path(sys.argv[2]), [*map(int, sys.argv[3:])])
    os._exit(0)  # taking TensorFlow down takes a second
