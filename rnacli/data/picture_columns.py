"""The pictures that cells of a table name, by their paths from the folder of the table."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np

from rnacli.data.arrays import Array
from rnacli.data.columns import cell_want, read_again
from rnacli.data.decoded import decode_all, decode_once
from rnacli.data.folder_files import Files, digest_files
from rnacli.data.table_keys import TableKeys
from rnacli.data.views import Chosen
from rnacli.data.where import Where
from rnacli.errors import Problem, RnaError
from rnacli.pictures.decode import PictureForm
from rnacli.tables.source import Source
from rnacli.tables.table import Table
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")

MEND = "repair the file, or leave such rows out: columns: {picture: {unreadable: skip}}"
Wrong = Mapping[str, tuple[str, str]]
"""Word -> what is wrong with the file that it names, and a hint."""


@dataclass(frozen=True)
class PictureColumn:
    """The pictures ``x`` (n, *shape) of a column of a table.

    ``digest``: of all their files. ``bad`` (n,): the rows without a picture, for which ``x`` holds any. ``problems``:
    what is wrong with files, each at the word that names it; ``wrong``: the same for each file of the table.
    """

    x: Array
    digest: str
    bad: np.ndarray
    problems: Sequence[Problem]
    wrong: Sequence[Wrong]


def read_picture_columns(
    table: Table,
    sources: Sequence[Source],
    ends: Sequence[int],
    data: TableKeys,
    forms: Mapping[str, PictureForm],
    where: Where,
) -> dict[str, PictureColumn]:
    """The pictures of each column that holds paths; ``forms``: what those of each become.

    ``ends``: how many rows there are up to the end of each of the ``sources``. Raises ``RnaError`` that names the lines
    of all that cannot be read, unless they are to be left out.
    """
    read = {
        name: read_picture_column(table.texts[name], sources, ends, form, data, name, where)
        for name, form in forms.items()
    }
    for i, source in enumerate(sources):
        refused = {
            name: cell_want(name, data, lookup_in(column.wrong[i]))
            for name, column in read.items()
            if column.wrong[i] and (data.column(name).unreadable == "error" or column.bad.all())
        }
        if refused:
            read_again([source], refused)
    for name, column in read.items():
        if column.bad.all():
            raise RnaError("column '{name:.40}' names no picture", place=sources[0].shown, name=name)
        if column.bad.any():
            count = fill_template("{count:,} of {total:,} rows", count=int(column.bad.sum()), total=len(column.bad))
            log.warning("%s: %s have no picture that can be read, and are left out", clean(name, 40), count)
    return read


def read_picture_column(
    words: np.ndarray,
    sources: Sequence[Source],
    ends: Sequence[int],
    form: PictureForm,
    data: TableKeys,
    name: str,
    where: Where,
) -> PictureColumn:
    """The pictures that words (n,) name, each file read once; a missing word is ``None``."""
    files_of: dict[tuple[Path, str], int] = {}
    index = np.full(len(words), -1)
    for source, start, end in zip(sources, [0, *ends[:-1]], ends, strict=True):
        for row, word in enumerate(words[start:end].tolist(), start):
            if word is not None:
                index[row] = files_of.setdefault((source.path.parent, word), len(files_of))
    folder, named = sources[0].path.parent, [word for _, word in files_of]
    paths = [
        locate_picture(at, word) if at == folder else str((at / locate_picture(at, word)).absolute())
        for at, word in files_of
    ]
    files = Files(folder, tuple(paths))
    digest, options = digest_files(files, named), data.column(name)
    array, problems = decode_once(files, form, options.cache, where.cache, digest)
    good = np.array([i not in problems for i in range(len(files))], bool)
    bad = (index < 0) | ~good[index] if len(good) else index < 0
    if problems and good.any() and options.unreadable == "skip":
        array, _ = decode_once(files.keep(good), form, options.cache, where.cache, digest)
        index = (np.cumsum(good) - 1)[index]
    index = np.where(bad, 0, index)
    is_plain = len(index) == len(array) and bool((index == np.arange(len(index))).all())
    wrong = [
        {
            word: what_is_wrong(problems[i], word, at, MEND.replace("picture", name, 1))
            for (at, word), i in files_of.items()
            if i in problems and at == source.path.parent
        }
        for source in sources
    ]
    told = [Problem("{why:.300}", named[i], why=problem.message) for i, problem in problems.items()]
    return PictureColumn(array if is_plain else Chosen(array, index), digest, bad, told, wrong)


def locate_picture(folder: Path, word: str) -> str:
    """The path from a folder that a word means: in either spelling of accents, and with either slash."""
    for name in (word, normalize("NFD", word), word.replace("\\", "/")):
        try:
            if (folder / name).exists():
                return name
        except (OSError, ValueError):
            break
    return word


def what_is_wrong(
    problem: Problem, word: str, folder: Path, hint: str = "repair or replace the file"
) -> tuple[str, str]:
    """What is wrong with the file that the ``word`` in a cell names, and a hint."""
    if "://" in word:
        return "pictures are files here, not URLs", "download them, and write the paths of the files"
    if "No such file" in problem.message:
        start = fill_template("paths start from the folder {folder:.300}", folder=folder.absolute())
        return "there is no such file", start
    return problem.message, problem.hint or hint


def lookup_in(wrong: Wrong) -> Callable[[Sequence[str]], Wrong]:
    """A check of cells by what is wrong with some words."""
    return lambda words: {word: wrong[word] for word in words if word in wrong}


class CheckedPictures:
    """The pictures that cells name, decoded when the cells are checked, and kept until they are taken."""

    def __init__(self, folder: Path, form: PictureForm):
        self.folder, self.form = folder, form
        self.pixels: dict[str, np.ndarray] = {}
        self.wrong: dict[str, tuple[str, str]] = {}

    def check(self, words: Sequence[str]) -> Wrong:
        """What is wrong with the pictures that some words name."""
        new = [word for word in dict.fromkeys(words) if word not in self.pixels and word not in self.wrong]
        files = Files(self.folder, tuple(locate_picture(self.folder, word) for word in new))
        pixels = np.empty((len(new), *self.form.shape), "uint8")
        problems = decode_all(files, self.form, pixels) if new else {}
        for i, word in enumerate(new):
            if i in problems:
                self.wrong[word] = what_is_wrong(problems[i], word, self.folder)
            else:
                self.pixels[word] = pixels[i]
        return {word: self.wrong[word] for word in words if word in self.wrong}

    def take(self, words: np.ndarray) -> np.ndarray:
        """The pictures (n, *shape) that words (n,) name, all of them checked; then they are forgotten."""
        taken = np.empty((len(words), *self.form.shape), "uint8")
        for i, word in enumerate(words.tolist()):
            taken[i] = self.pixels[normalize("NFC", word.strip())]
        self.pixels = {}
        return taken
