"""Folders that are classes, of pictures or of texts: which there are, the part of each file, and its class."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from rnacli.data.part_words import USUAL
from rnacli.data.section import PARTS, Split
from rnacli.data.sources import locate_file
from rnacli.data.where import Where
from rnacli.errors import CONFIG, RnaError
from rnacli.pictures.find import list_files, list_folders
from rnacli.tables.find import missing_folder_error
from rnacli.words import clean, did_you_mean, first_of, plain_word

log = logging.getLogger("rnacli")


@dataclass(frozen=True)
class Contents:
    """What folders of classes hold, and what is said of it. ``key``: of the data set, which names the folder.

    ``endings``: of the files. ``wanted``: what a folder must be; ``instead``: a hint for a file; ``inside``: what must
    be in a folder. The others are messages, each of what is wrong, and hints.
    """

    key: str
    endings: Collection[str]
    wanted: str
    instead: str
    inside: str
    no_class: str
    nothing: str
    nothing_hint: str
    class_empty: str
    class_hint: str
    part_lacks: str
    beside: str


class Listed(NamedTuple):
    """Files of one part, or of all, and the class (n,) of each by its place among all; none where there are none."""

    files: list[Path]
    labels: list[int]


class Divided(NamedTuple):
    """All files below a folder, their ``labels`` (n,), and the rows of each part that is a folder."""

    folder: Path
    classes: tuple[str, ...]
    files: list[Path]
    labels: np.ndarray
    part_of: np.ndarray
    parts: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The files' paths from the folder, with ``/``."""
        return [path.relative_to(self.folder).as_posix() for path in self.files]

    def rows_of_parts(self, kept: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """The rows of each part that is a folder, among those that are ``kept`` (n,)."""
        part_of = self.part_of if kept is None else self.part_of[kept]
        return {part: np.flatnonzero(part_of == i) for i, part in enumerate(self.parts) if part}


def divide_folder(
    name: str, class_names: Sequence[str] | None, contents: Contents, where: Where, has_classes: bool = True
) -> Divided:
    """The files of a folder that a config names, by parts and classes. Raises ``RnaError``."""
    folder = locate_folder(name, contents, where)
    parts = find_parts(folder, name)
    top = parts.get("train", folder)
    classes = choose_classes(class_names, top, where, contents.inside) if has_classes else ()
    only = bool(class_names)
    listed = {
        part: list_classes(path, folder, classes, only, contents) for part, path in (parts or {"": folder}).items()
    }
    if has_classes:
        if not parts and not class_names:
            require_no_parts(folder, classes, contents.endings)
        require_each_class(listed, classes, contents, name)
        warn_of_folders(top, classes, contents)
    sizes = [len(each.files) for each in listed.values()]
    return Divided(
        folder,
        classes,
        [path for each in listed.values() for path in each.files],
        np.array([label for each in listed.values() for label in each.labels]),
        np.repeat(np.arange(len(sizes)), sizes),
        tuple(listed),
    )


def require_class_loss(where: Where, hint: str) -> None:
    """Classes are no numbers to predict; ``hint``: a loss that would do. Raises ``RnaError``."""
    if any(head.predicts_numbers for head in where.heads.values()):
        message = "the folders are classes, and this is a loss for numbers"
        raise RnaError(message, place=str(where.place("loss")), hint=hint, exit_code=CONFIG)


def require_one_test(split: Split, fixed: Collection[str], where: Where) -> None:
    """A part for testing that is ``fixed`` by a folder cannot be drawn as well. Raises ``RnaError``."""
    if "test" in fixed and split.test is not None:
        place = str(where.place("dataset", "split", "test"))
        message, hint = "the folder test is the test part", "remove test from split"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG)


def list_other_folder(path: Path, classes: Sequence[str], only: bool, contents: Contents, hint: str) -> Listed:
    """The files of another folder with a folder for each class, by the classes' names. Raises ``RnaError``."""
    if not path.is_dir():
        raise RnaError(contents.wanted, place=str(path), hint=hint)
    if parts := find_parts(path, str(path)):
        message, hint = "it holds parts, {parts:and}, and one can be measured at a time", "--data {folder:.300}"
        last = list(parts.values())[-1]
        raise RnaError(message, place=str(path), hint=hint, parts=[part.name for part in parts.values()], folder=last)
    return list_classes(path, path, classes, only, contents)


def locate_folder(name: str, contents: Contents, where: Where) -> Path:
    """The folder that a config names. Raises ``RnaError``."""
    folder = locate_file(name, where, ("dataset", contents.key))
    if folder.is_dir():
        return folder
    place = str(where.place("dataset", contents.key))
    if folder.exists():
        message = "{name:.300} is a file, not a folder"
        raise RnaError(message, place=place, hint=contents.instead, exit_code=CONFIG, name=name)
    raise missing_folder_error(folder, name)


def find_parts(folder: Path, shown: str) -> dict[str, Path]:
    """The folders of the parts, where there is one for training; empty where the folders are classes."""
    meant = {plain_word(word): part for part, words in USUAL.items() for word in words}
    inside = list_folders(folder)
    parts: dict[str, Path] = {}
    for name in inside:
        if (part := meant.get(plain_word(name))) is None:
            continue
        if part in parts:
            message = "'{one:.40}' and '{other:.40}' both mean {part}"
            raise RnaError(message, place=shown, hint="keep one", one=parts[part].name, other=name, part=part)
        parts[part] = folder / name
    if "train" not in parts:
        return {}
    if others := [name for name in inside if folder / name not in parts.values()]:
        log.warning(
            "%s: not read, since they are no parts: %s",
            clean(shown, 100),
            first_of([clean(name, 40) for name in others]),
        )
    return {part: parts[part] for part in PARTS if part in parts}


def require_no_parts(folder: Path, classes: Sequence[str], endings: Collection[str]) -> None:
    """Folders of folders may be parts, and not classes: that is doubted where they hold the same ones.

    Raises ``RnaError`` for what is called as a part is.
    """
    within = {name: folders_within(folder / name, endings) for name in classes}
    words = {plain_word(word) for words in USUAL.values() for word in words}
    for name, inside in within.items():
        if inside and plain_word(name) in words:
            message, hint = (
                "'{name:.40}' holds folders of classes, and none beside it is for training",
                "call one train",
            )
            raise RnaError(message, place=str(folder / name), hint=hint, name=name)
    alike = [name for name, inside in within.items() if inside and list(within.values()).count(inside) > 1]
    if alike:
        said = first_of([clean(name, 40) for name in alike])
        log.warning("%s are taken as classes, and hold the same folders: parts are called train and test", said)


def folders_within(folder: Path, endings: Collection[str]) -> tuple[str, ...]:
    """The folders in a folder, or in the only one within it; none where it holds files with one of the ``endings``."""
    inside = list_folders(folder)
    if any(path.suffix.lower() in endings for path in folder.iterdir()):
        return ()
    return folders_within(folder / inside[0], endings) if len(inside) == 1 else tuple(inside)


def class_folders(folder: Path) -> dict[str, Path]:
    """The folders in a folder by their names, with accents in one spelling. Raises ``RnaError``."""
    folders: dict[str, Path] = {}
    for name in list_folders(folder):
        plain = normalize("NFC", name)
        if folders.setdefault(plain, folder / name).name != name:
            message, hint = "two folders are called '{name:.40}', with accents in two spellings", "make them one"
            raise RnaError(message, place=str(folder), hint=hint, name=plain)
    return folders


def choose_classes(class_names: Sequence[str] | None, folder: Path, where: Where, hint: str) -> tuple[str, ...]:
    """The names of the classes, in the order of the outputs. Raises ``RnaError``.

    ``class_names``: those that the config names. ``hint``: of a folder that has no folders.
    """
    inside = list(class_folders(folder))
    if not inside:
        raise RnaError("there are no folders in it", place=str(folder), hint=hint)
    for name in class_names or ():
        if name not in inside:
            place, near = str(where.place("dataset", "class_names")), did_you_mean(name, inside, "folders: {names:and}")
            message = "there is no folder called '{name:.40}'"
            raise RnaError(message, place=place, hint=near, exit_code=CONFIG, name=name)
    if len(classes := tuple(class_names or inside)) < 2:
        hint, inner = "expected a folder for each class", folder / classes[0]
        if len(list_folders(inner)) > 1:
            hint = "expected a folder for each class; name the one that holds them: {inner:.300}"
        raise RnaError("there is one class, '{name:.40}'", place=str(folder), hint=hint, name=classes[0], inner=inner)
    return classes


def list_classes(folder: Path, root: Path, classes: Sequence[str], only: bool, contents: Contents) -> Listed:
    """The files of each class below ``folder``; all of them, where there are no ``classes``.

    ``only``: other folders are passed over, since the config names the classes. Raises ``RnaError`` for a folder that
    is no class, and where there are no files.
    """
    folders = class_folders(folder) if classes else {}
    for name in folders:
        if name not in classes and not only:
            near = did_you_mean(name, classes, "classes: {names:and}")
            raise RnaError(contents.no_class, place=str(folders[name]), hint=near, name=name)
    files, labels = list[Path](), list[int]()
    for i, name in enumerate(classes):
        found = list_files(folders[name], root, contents.endings) if name in folders else []
        files += found
        labels += [i] * len(found)
    if not classes:
        files = list_files(folder, root, contents.endings)
    if not files:
        raise RnaError(contents.nothing, place=str(folder), hint=contents.nothing_hint)
    return Listed(files, labels)


def require_each_class(listed: Mapping[str, Listed], classes: Sequence[str], contents: Contents, shown: str) -> None:
    """Each class must have files to learn from; which ones the other parts lack is said. Raises ``RnaError``."""
    for part, each in listed.items():
        present = set(each.labels)
        absent = [name for i, name in enumerate(classes) if i not in present]
        if not absent:
            continue
        if part in ("", "train"):
            raise RnaError(contents.class_empty, place=shown, hint=contents.class_hint, name=absent[0])
        log.warning(contents.part_lacks, part, first_of([clean(name, 40) for name in absent]))


def warn_of_folders(folder: Path, classes: Sequence[str], contents: Contents) -> None:
    """Say which classes differ in their case alone, and that files beside the folders of classes are not read."""
    spellings: dict[str, str] = {}
    for name in classes:
        if (other := spellings.setdefault(name.casefold(), name)) != name:
            log.warning("'%s' and '%s' are two classes: only case tells them apart", clean(other, 40), clean(name, 40))
    loose = sum(path.is_file() and path.suffix.lower() in contents.endings for path in folder.iterdir())
    if loose:
        log.warning(contents.beside, clean(str(folder), 100), f"{loose:,}")
