"""All workers of a search have the same file; what is settled for all is put into it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnacli.document.place import KeyPath, dotted_path
from rnacli.document.read import Document, parse_document
from rnacli.document.write import dump_yaml
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.load import read_config
from rnacli.tuning.folder import CONFIG_NAME, written_config


def dump_file(config: Config) -> str:
    """The file as it was written, with what ``--set`` changes, and without comments."""
    return dump_yaml(file_of(config).value)


def file_of(config: Config) -> Document:
    if config.tune is None or config.tune.document is None:
        raise TypeError("this experiment has no search")
    return config.tune.document


def require_same_file(config: Config, text: str) -> None:
    """Refuse a file that is not the one of the search. Raises ``RnaError`` that names the first key that differs."""
    document = file_of(config)
    theirs, ours = (parse_document(each, CONFIG_NAME).value for each in (text, dump_file(config)))
    for path, there, here in find_differences(theirs, ours):
        message = "{key:.200} is {here!r} here, and {there!r} in the search of this name in the storage"
        hint = "the same file and the same --set for all workers; --set name=NAME begins another search"
        place = next(
            document.place(path[:i]) for i in range(len(path), -1, -1) if i == 0 or path[:i] in document.places
        )
        raise RnaError(message, place=str(place), hint=hint, exit_code=CONFIG, key=dotted_path(path), here=here,
                       there=there)  # fmt: skip


def find_differences(there: Any, here: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Where two files differ, as deep as can be, and what each has there; ``None`` for nothing."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in [*here, *(key for key in there if key not in here)]:
            yield from find_differences(there.get(key), here.get(key), (*path, key))
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for i, (one, other) in enumerate(zip(there, here, strict=True)):
            yield from find_differences(one, other, (*path, i))
    elif there != here or type(there) is not type(here):
        yield path, there, here


def with_engine(config: Config, threads: Any, jit: Any, folder: Path) -> Config:
    """The experiment with what decides the last digits of all its trials; messages name the file in ``folder``."""
    engine = dataclasses.replace(config.engine, threads=threads, jit=jit)
    text = written_config(dataclasses.replace(config, engine=engine), config.folder)
    document = parse_document(text, str(folder / CONFIG_NAME))
    return read_config(document, config.folder, config.name)
