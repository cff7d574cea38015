"""Many files in, a file out for each: which are meant, and what the predictions of each are called."""

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from rnacli.errors import CONFIG, RnaError
from rnacli.results.prediction_csv import PACKED, rejected_path
from rnacli.tables.find import matching_files, missing_file_error, natural_order

TABLES = re.compile(r"\.(csv|tsv|txt|data|parquet|npz|npy)(\.(gz|bz2|xz|zst|zip))?$", re.I)
"""Endings of what is predicted in a folder."""


class Job(NamedTuple):
    """A file to predict, and where its predictions go."""

    source: Path
    output: Path


def list_files(arguments: Sequence[str]) -> list[tuple[Path, PurePath]]:
    """The files that names, patterns and folders mean, each once, and what each is called in the folder of the output.

    The folders of a pattern are kept, from the first that is a pattern: ``day=1/part.csv`` of ``data/*/part.csv``.
    Raises ``RnaError``.
    """
    files = {path: name for argument in arguments for path, name in files_of(argument)}
    return sorted(files.items(), key=lambda item: natural_order(item[0]))


def files_of(argument: str) -> Iterator[tuple[Path, PurePath]]:
    path = Path(argument)
    if path.is_dir():
        entries = [entry for entry in path.iterdir() if TABLES.search(entry.name) and not entry.name.startswith(".")]
        if not entries:
            hint = "name the files, or a pattern in quotation marks: '{folder:.200}/*'"
            raise RnaError("no file in this folder is a table", place=argument, hint=hint, folder=path)
        yield from ((entry, PurePath(entry.name)) for entry in entries if entry.is_file())
        return
    if not path.exists() and not glob.has_magic(argument):
        raise missing_file_error(path, argument)
    base = fixed_folder(path)
    for file in matching_files(path, argument):
        yield file, PurePath(file.name) if file == path else file.relative_to(base)


def fixed_folder(pattern: Path) -> Path:
    """The folder in which a pattern begins to be one."""
    return next(folder for folder in pattern.parents if not glob.has_magic(str(folder)))


def list_jobs(arguments: Sequence[str], folder: Path, skips: bool) -> list[Job]:
    """The files, in the order of their names' numbers, and where in ``folder`` the predictions of each go.

    ``skips``: rows may be left out, which are then written beside. Raises ``RnaError`` where two files would go to one.
    """
    jobs = [Job(path, folder / output_name(name)) for path, name in list_files(arguments)]
    writers: dict[str, Path] = {}
    for source, output in jobs:
        for each in (output, rejected_path(source, output)) if skips else (output,):
            other = writers.setdefault(str(each).casefold(), source)  # some systems know no capital letters
            if other != source:
                hint = "a pattern in quotation marks keeps the folders: 'data/*/part.csv'; or rename one of them"
                message = "the predictions of {first:.200} and {second:.200} would have one name"
                raise RnaError(message, place=str(each), hint=hint, exit_code=CONFIG, first=other, second=source)
    if folder.is_dir() and any(source.parent.samefile(folder) for source, _ in jobs):
        message = "this is the folder of the input: its files and the predictions would be mixed up"
        raise RnaError(message, place=str(folder), hint="-o predictions/", exit_code=CONFIG)
    return jobs


def output_name(name: PurePath) -> PurePath:
    """What the predictions of a file are called: ``part-1.csv`` for ``part-1.parquet`` and ``part-1.csv.gz``."""
    return name.with_name(f"{PurePath(PACKED.sub('', name.name)).stem}.csv")


def take_shard(jobs: Sequence[Job], shard: str) -> list[Job]:
    """Of ``2/8``: the second of every eight files; of an empty text, all. Raises ``RnaError``."""
    if not shard:
        return list(jobs)
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", shard)
    number, count = map(int, match.groups()) if match else (0, 0)
    if not 1 <= number <= count:
        message, hint = "expected I/N with I from 1 to N, got '{shard:.40}'", "--shard 1/8 is the first of eight"
        raise RnaError(message, place="--shard", hint=hint, exit_code=CONFIG, shard=shard)
    return list(jobs[number - 1 :: count])
