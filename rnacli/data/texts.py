"""Texts from folders: which classes there are, which part each text is of, and the texts themselves."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from rnacli.data.arrays import as_array
from rnacli.data.decoded import digest_folder
from rnacli.data.examples import Examples
from rnacli.data.image_folders import choose_classes, class_folders, find_parts
from rnacli.data.sources import locate_file
from rnacli.data.stretches import read_text
from rnacli.data.where import Where
from rnacli.encoders.column import Content, TrainingColumn
from rnacli.encoders.columns.text import Text
from rnacli.encoders.encoder import Encoder
from rnacli.encoders.mixed import table_of
from rnacli.encoders.section import Defaults
from rnacli.encoders.table import learn_columns
from rnacli.errors import CONFIG, RnaError
from rnacli.pictures.find import list_files
from rnacli.tables.find import missing_file_error
from rnacli.tasks.task import Task
from rnacli.words import clean, did_you_mean, first_of

if TYPE_CHECKING:
    from rnacli.data.text_folders import TextFolders

log = logging.getLogger("rnacli")
TEXT = "text"
"""The input, as the column of a table that it might be."""


class Listed(NamedTuple):
    """Texts of one part, or of all: their files, and the class (n,) of each by its place among all."""

    files: list[Path]
    labels: list[int]


def read_text_folders(data: "TextFolders", where: Where) -> Examples:
    """The texts of a data set, as the words of a column; their classes are the folders'. Raises ``RnaError``."""
    if any(head.predicts_numbers for head in where.heads.values()):
        message, hint = "the folders are classes, and this is a loss for numbers", "loss: binary_crossentropy"
        raise RnaError(message, place=str(where.place("loss")), hint=hint, exit_code=CONFIG)
    folder = locate_folder(data, where)
    parts = find_parts(folder, data.text_folders)
    hint = "expected a folder of .txt files for each class, such as ham/ and spam/"
    classes = choose_classes(data.class_names, parts.get("train", folder), where, hint)
    listed = {part: list_classes(path, folder, classes, data) for part, path in (parts or {"": folder}).items()}
    for part, each in listed.items():
        absent = [name for i, name in enumerate(classes) if i not in set(each.labels)]
        if absent and part in ("", "train"):
            hint = "add .txt files, or remove its folder"
            raise RnaError("class '{name:.40}' has no texts", place=data.text_folders, hint=hint, name=absent[0])
        if absent:
            log.warning("the %s part has no texts of %s", part, first_of([clean(name, 40) for name in absent]))
    sizes = [len(each.files) for each in listed.values()]
    part_of = np.repeat(np.arange(len(sizes)), sizes)
    fixed = {part: np.flatnonzero(part_of == i) for i, part in enumerate(listed) if part}
    if "test" in fixed and data.division(fixed).test is not None:
        place = str(where.place("dataset", "split", "test"))
        message, hint = "the folder test is the test part", "remove test from split"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG)
    files = [path for each in listed.values() for path in each.files]
    labels = np.array([label for each in listed.values() for label in each.labels])
    rows = make_rows(files, folder, labels, data, data.text_folders)
    rows.classes, rows.fixed = classes, fixed
    return rows


def make_rows(files: Sequence[Path], folder: Path, labels: np.ndarray, data: "TextFolders", shown: str) -> Examples:
    """Texts as the only column of a table. Raises ``RnaError``."""
    texts = [read_text(path, str(path), data.encoding) for path in files]
    empty = [path.relative_to(folder).as_posix() for path, text in zip(files, texts, strict=True) if not text.strip()]
    if len(empty) == len(files):
        raise RnaError("there is no text in any of the {count:,} files", place=str(folder), count=len(files))
    if empty:
        log.warning("%s of %s files hold no text: %s", f"{len(empty):,}", f"{len(files):,}", first_of(empty))
    codes, words = pd.factorize(pd.Series(texts, dtype=object))
    names = [path.relative_to(folder).as_posix() for path in files]
    return Examples(
        as_array(codes.astype("float64")[:, None]),
        labels,
        (TEXT,),
        ("class",),
        ids=np.array(names, object),
        files={shown: digest_folder(folder, list_files(folder, folder, data.ENDINGS))},
        words={TEXT: list(words)},
        kinds={TEXT: Content(Text.kind, "texts in files", Text.read_as(data.texts))},
        line_of=lambda row: str(files[row]),
    )


def learn_texts(data: "TextFolders", rows: Examples, train: np.ndarray, where: Where) -> Encoder:
    """What the training texts (indices ``train``) teach: their vocabulary. Raises ``RnaError``."""
    place = str(where.place("dataset", "texts"))
    want, words = rows.kinds[TEXT].want, rows.words[TEXT]
    column = TrainingColumn(TEXT, Text.kind, rows.column(0, train), words, data.texts, place, want)
    return learn_columns([column], Defaults("auto", "none"))


def read_other_texts(data: "TextFolders", path: Path, encoder: Encoder, task: Task) -> Examples:
    """The texts of another folder with a folder for each class, by the classes' names. Raises ``RnaError``."""
    table = table_of(encoder)
    if not path.is_dir() or table is None:
        hint = "rna predict takes texts without classes"
        raise RnaError("expected a folder with a folder of .txt files for each class", place=str(path), hint=hint)
    if parts := find_parts(path, str(path)):
        message, hint = "it holds parts, {parts:and}, and one can be measured at a time", "--data {folder:.300}"
        last = list(parts.values())[-1]
        raise RnaError(message, place=str(path), hint=hint, parts=[part.name for part in parts.values()], folder=last)
    listed = list_classes(path, path, task.classes, data)
    labels = np.array([int(task.labels[i]) for i in listed.labels])
    rows = make_rows(listed.files, path, labels, data, str(path))
    return rows.recoded(table.lookups(rows.words))


# Files and folders


def locate_folder(data: "TextFolders", where: Where) -> Path:
    """The folder that a config names. Raises ``RnaError``."""
    folder = locate_file(data.text_folders, where, ("dataset", "text_folders"))
    if folder.is_dir():
        return folder
    place = str(where.place("dataset", "text_folders"))
    if folder.exists():
        hint = "expected a folder with a folder of .txt files for each class; for one text: text: file.txt"
        message = "{name:.300} is a file, not a folder"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=data.text_folders)
    raise missing_file_error(folder, data.text_folders)


def list_classes(folder: Path, root: Path, classes: Sequence[str], data: "TextFolders") -> Listed:
    """The texts of each class below ``folder``. Raises ``RnaError`` for a folder that is no class."""
    folders: Mapping[str, Path] = class_folders(folder)
    for name in folders:
        if name not in classes and not data.class_names:
            near = did_you_mean(name, classes, "classes: {names:and}")
            message = "'{name:.40}' is no class of the training texts"
            raise RnaError(message, place=str(folders[name]), hint=near, name=name)
    files, labels = list[Path](), list[int]()
    for i, name in enumerate(classes):
        texts = list_files(folders[name], root, data.ENDINGS) if name in folders else []
        files += texts
        labels += [i] * len(texts)
    if not files:
        hint = "files of texts end in .txt"
        raise RnaError("there are no texts in it", place=str(folder), hint=hint)
    return Listed(files, labels)


def list_new_texts(paths: Sequence[Path], endings: Collection[str]) -> list[Path] | None:
    """The files that new paths mean, as they are given; ``None`` for a table. Raises ``RnaError``."""
    if len(paths) == 1 and paths[0].suffix.lower() in (".csv", ".tsv", ".parquet", ".gz", ".zip"):
        return None
    files = list[Path]()
    for path in paths:
        if path.is_dir():
            inside = list_files(path, path, endings)
            if not inside:
                raise RnaError("there are no texts in it", place=str(path), hint="files of texts end in .txt")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise missing_file_error(path, str(path))
    return files


AT_ONCE = 256
"""Files that are read, and predicted, at a time."""


def read_new_texts(files: Sequence[Path], encoding: str) -> Iterator[tuple[np.ndarray, np.ndarray, list[str]]]:
    """Names (m,), raw inputs (m, columns) before words are looked up, and the texts, some at a time."""
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        texts = [read_text(path, str(path), encoding) for path in some]
        codes, words = pd.factorize(pd.Series(texts, dtype=object))
        yield np.array([str(path) for path in some], object), codes.astype("float64")[:, None], list(words)
