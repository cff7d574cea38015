"""What a run makes of nothing: texts, or pictures. What can be made is listed here alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from rnacli.errors import CONFIG, RnaError
from rnacli.files import require_folder_of
from rnacli.results.generate_options import OF_ONE_KIND, GenerateOptions
from rnacli.results.generate_pictures import write_pictures
from rnacli.results.texts import write_texts
from rnacli.runs.folder import Run
from rnacli.runs.open import TrainedRun, load_run
from rnacli.words import fill_template


@dataclass(frozen=True)
class Generator:
    """What makes something of a run: ``make`` writes to an open stream, or to the file that is asked for.

    ``what``: what it makes, for messages. ``options``: those of ``GenerateOptions`` that it alone takes.
    """

    what: str
    options: tuple[str, ...]
    make: Callable[[TrainedRun, GenerateOptions, IO[str]], None]


GENERATORS: Mapping[str, Generator] = {
    "tokens": Generator("text", ("prompt", "temperature", "length", "top_k"), write_texts),
    "generation": Generator("pictures or numbers", ("label",), write_pictures),
}
"""The kind of a run's task, ``generation`` where it has none -> what makes something of it: all are listed here."""


def generate_from(run: Run, options: GenerateOptions, stream: IO[str]) -> None:
    """Make what a run can make; text goes to ``stream`` where no file is asked for. Raises ``RnaError``."""
    if options.output is not None:
        require_folder_of(options.output)
    opened = load_run(run)
    kinds = [task.form.kind for task in opened.preprocessing.tasks.values()] or ["generation"]
    generator = GENERATORS.get(kinds[0]) if len(kinds) == 1 else None
    if generator is None:
        message = "this run generates nothing: its task is {kinds:and}"
        hint = "rna predict predicts new rows; runs that generate make {what:or}"
        makes = [fill_template(each.what) for each in GENERATORS.values()]
        raise RnaError(message, place=str(run.path), hint=hint, exit_code=CONFIG, kinds=kinds, what=makes)
    for name in options.given:
        owners = [fill_template(each.what) for each in GENERATORS.values() if name in each.options]
        if owners and name not in generator.options:
            message, option = "this is for {owners:and}, and the run makes {what}", OF_ONE_KIND[name]
            raise RnaError(message, place=option, exit_code=CONFIG, owners=owners, what=fill_template(generator.what))
    generator.make(opened, options, stream)
