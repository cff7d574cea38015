"""What a run makes of nothing: what can be made is listed here alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rnacli.errors import CONFIG, RnaError
from rnacli.results.generate_pictures import write_pictures
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run


@dataclass(frozen=True)
class GenerateOptions:
    """What is to be generated. ``count``: how many, as is usual where nothing is said; ``output``: the file."""

    count: int | None = None
    seed: int = 0
    output: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a seed that is none. Raises ``RnaError``."""
        if not 0 <= self.seed < 1 << 32:
            raise RnaError("expected a number from 0 to 4294967295", place="--seed", exit_code=CONFIG)


GENERATORS: Mapping[str, Callable[[TrainedRun, GenerateOptions, IO[str]], None]] = {"generation": write_pictures}
"""The kind of a run's task -> what makes something of it."""


def generate_from(run: Run, options: GenerateOptions, stream: IO[str]) -> None:
    """Make what a run can make; numbers go to ``stream`` where no file is asked for. Raises ``RnaError``."""
    if options.output is not None and not options.output.parent.is_dir():
        message, hint = "the folder for this file is not there", "make it first: mkdir {folder:.200}"
        place = str(options.output)
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, folder=options.output.parent)
    opened = load_run(run)
    kinds = [task.form.kind for task in opened.preprocessing.tasks.values()] or ["generation"]
    if len(kinds) > 1 or kinds[0] not in GENERATORS:
        message, hint = "this run generates nothing: its task is {kinds:and}", "rna predict {run:.300} FILE"
        raise RnaError(message, place=str(run.path), hint=hint, exit_code=CONFIG, kinds=kinds, run=run.path)
    GENERATORS[kinds[0]](opened, options, stream)
