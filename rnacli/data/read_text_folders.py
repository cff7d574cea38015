"""Texts from folders: which classes there are, which part each text is of, and the texts themselves."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rnacli.data.arrays import as_array
from rnacli.data.class_folders import Contents, divide_folder, list_other_folder, require_class_loss, require_one_test
from rnacli.data.examples import Examples
from rnacli.data.folder_files import digest_folder
from rnacli.data.read_text import read_text
from rnacli.data.where import Where
from rnacli.encoders.column import Content, TrainingColumn
from rnacli.encoders.columns.text import Text
from rnacli.encoders.encoder import Encoder
from rnacli.encoders.mixed import table_of
from rnacli.encoders.section import Defaults
from rnacli.encoders.table import learn_columns
from rnacli.errors import RnaError
from rnacli.pictures.find import TEXT_ENDINGS, list_files
from rnacli.tables.find import missing_file_error
from rnacli.tasks.task import Task
from rnacli.words import first_of

if TYPE_CHECKING:
    from rnacli.data.text_folders import TextFolders

log = logging.getLogger("rnacli")
TEXT = "text"
"""The input, as the column of a table that it might be."""

TEXTS = Contents(
    key="text_folders",
    endings=TEXT_ENDINGS,
    wanted="expected a folder with a folder of .txt files for each class",
    instead="expected a folder with a folder of .txt files for each class; for one text: text: file.txt",
    inside="expected a folder of .txt files for each class, such as ham/ and spam/",
    no_class="'{name:.40}' is no class of the training texts",
    nothing="there are no texts in it",
    nothing_hint="files of texts end in .txt",
    class_empty="class '{name:.40}' has no texts",
    class_hint="add .txt files, or remove its folder",
    part_lacks="the %s part has no texts of %s",
    beside="%s: texts beside the folders of the classes are not read: %s",
)


def read_text_folders(data: "TextFolders", where: Where) -> Examples:
    """The texts of a data set, as the words of a column; their classes are the folders'. Raises ``RnaError``."""
    require_class_loss(where, "loss: binary_crossentropy")
    divided = divide_folder(data.text_folders, data.class_names, TEXTS, where)
    fixed = divided.rows_of_parts()
    require_one_test(data.division(fixed), fixed, where)
    rows = make_rows(divided.files, divided.folder, divided.labels, data, data.text_folders)
    rows.classes, rows.fixed = divided.classes, fixed
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
        files={shown: digest_folder(folder, list_files(folder, folder, TEXTS.endings))},
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
    if table is None:
        raise RnaError(TEXTS.wanted, place=str(path))
    hint = "rna predict takes texts without classes"
    listed = list_other_folder(path, task.classes, bool(data.class_names), TEXTS, hint)
    labels = np.array([int(task.labels[i]) for i in listed.labels])
    rows = make_rows(listed.files, path, labels, data, str(path))
    return rows.recoded(table.lookups(rows.words))


def list_new_texts(paths: Sequence[Path]) -> list[Path] | None:
    """The files that new paths mean, as they are given; ``None`` for a table. Raises ``RnaError``."""
    if len(paths) == 1 and paths[0].suffix.lower() in (".csv", ".tsv", ".parquet", ".gz", ".zip"):
        return None
    files = list[Path]()
    for path in paths:
        if path.is_dir():
            inside = list_files(path, path, TEXTS.endings)
            if not inside:
                raise RnaError(TEXTS.nothing, place=str(path), hint=TEXTS.nothing_hint)
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
