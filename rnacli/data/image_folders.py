"""Pictures from folders: which classes there are, which part each picture is of, and the pictures themselves."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

import numpy as np

from rnacli.data.decoded import Files, digest_folder, load_pictures
from rnacli.data.examples import Examples
from rnacli.data.part_words import USUAL
from rnacli.data.section import PARTS
from rnacli.data.sources import locate_file
from rnacli.data.where import Where
from rnacli.errors import CONFIG, RnaError
from rnacli.pictures.find import list_folders, list_pictures
from rnacli.tables.find import missing_file_error
from rnacli.tasks.task import Task
from rnacli.words import clean, did_you_mean, first_of, plain_word

if TYPE_CHECKING:
    from rnacli.data.images import Images

log = logging.getLogger("rnacli")


class Listed(NamedTuple):
    """Pictures of one part, or of all: their files, the class (n,) of each by its place in ``classes``."""

    files: list[Path]
    labels: list[int]


def read_folders(data: "Images", where: Where) -> Examples:
    """The pictures of a data set, as pixels; their classes are the folders'. Raises ``RnaError``."""
    if data.target is None and any(head.predicts_numbers for head in where.heads.values()):
        message, hint = (
            "the folders are classes, and this is a loss for numbers",
            "loss: sparse_categorical_crossentropy",
        )
        raise RnaError(message, place=str(where.place("loss")), hint=hint, exit_code=CONFIG)
    folder = locate_folder(data.images, where)
    parts = find_parts(folder, data.images)
    has_classes = data.label == "folders"
    hint = "expected a folder of pictures for each class, such as cats/ and dogs/"
    classes = choose_classes(data.class_names, parts.get("train", folder), where, hint) if has_classes else ()
    listed = {part: list_classes(path, folder, classes, data) for part, path in (parts or {"": folder}).items()}
    if has_classes:
        require_each_class(listed, classes, data.images)
    sizes = [len(each.files) for each in listed.values()]
    names = [path.relative_to(folder).as_posix() for each in listed.values() for path in each.files]
    files = Files(folder, tuple(names), data.images)
    labels = np.array([label for each in listed.values() for label in each.labels])
    if not has_classes:
        labels = np.empty((len(names), 0))
    part_of = np.repeat(np.arange(len(sizes)), sizes)
    digest = digest_folder(folder)
    loaded = load_pictures(files, data.picture_form, data.cache, where.cache, digest, data.unreadable == "skip")
    if loaded.kept is not None:
        labels, part_of = labels[loaded.kept], part_of[loaded.kept]
    fixed = {part: np.flatnonzero(part_of == i) for i, part in enumerate(listed) if part}
    if "test" in fixed and data.division(fixed).test is not None:
        place = str(where.place("dataset", "split", "test"))
        message, hint = "the folder test is the test part", "remove test from split"
        raise RnaError(message, place=place, hint=hint, exit_code=CONFIG)
    return Examples(
        loaded.x,
        labels,
        targets=("class",),
        classes=classes or None,
        fixed=fixed,
        ids=loaded.files.ids,
        files={data.images: digest},
        line_of=loaded.files.place,
        rejected=tuple(loaded.problems),
    )


def locate_folder(name: str, where: Where) -> Path:
    """The folder that a config names. Raises ``RnaError``."""
    folder = locate_file(name, where, ("dataset", "images"))
    if folder.is_dir():
        return folder
    place = str(where.place("dataset", "images"))
    if folder.exists():
        hint = "expected a folder with a folder of pictures for each class"
        raise RnaError("{name:.300} is a file, not a folder", place=place, hint=hint, exit_code=CONFIG, name=name)
    raise missing_file_error(folder, name)


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
            place, hint = str(where.place("dataset", "class_names")), did_you_mean(name, inside, "folders: {names:and}")
            message = "there is no folder called '{name:.40}'"
            raise RnaError(message, place=place, hint=hint, exit_code=CONFIG, name=name)
    if len(classes := tuple(class_names or inside)) < 2:
        hint = "expected a folder for each class"
        raise RnaError("there is one class, '{name:.40}'", place=str(folder), hint=hint, name=classes[0])
    return classes


def list_classes(folder: Path, root: Path, classes: Sequence[str], data: "Images") -> Listed:
    """The pictures of each class below ``folder``; all of them, where there are no ``classes``.

    Raises ``RnaError`` for a folder that is no class.
    """
    if not classes:
        return Listed(require_pictures(list_pictures(folder, root), folder), [])
    folders = class_folders(folder)
    for name in folders:
        if name not in classes and not data.class_names:
            near = did_you_mean(name, classes, "classes: {names:and}")
            message = "'{name:.40}' is no class of the training pictures"
            raise RnaError(message, place=str(folders[name]), hint=near, name=name)
    files, labels = list[Path](), list[int]()
    for i, name in enumerate(classes):
        pictures = list_pictures(folders[name], root) if name in folders else []
        files += pictures
        labels += [i] * len(pictures)
    return Listed(require_pictures(files, folder), labels)


def require_pictures(files: list[Path], folder: Path) -> list[Path]:
    if not files:
        raise RnaError("there are no pictures in it", place=str(folder))
    return files


def require_each_class(listed: Mapping[str, Listed], classes: Sequence[str], shown: str) -> None:
    """Each class must have pictures to learn from; which ones the other parts lack is said. Raises ``RnaError``."""
    for part, pictures in listed.items():
        absent = [name for i, name in enumerate(classes) if i not in set(pictures.labels)]
        if not absent:
            continue
        if part in ("", "train"):
            hint = "add pictures, or remove its folder"
            raise RnaError("class '{name:.40}' has no pictures", place=shown, hint=hint, name=absent[0])
        log.warning("the %s part has no pictures of %s", part, first_of([clean(name, 40) for name in absent]))


def read_other_folder(data: "Images", path: Path, task: Task, where: Where) -> Examples:
    """The pictures of another folder with a folder for each class, by the classes' names. Raises ``RnaError``."""
    if not path.is_dir():
        hint = "rna predict takes pictures without classes"
        raise RnaError("expected a folder with a folder of pictures for each class", place=str(path), hint=hint)
    has_classes = bool(task.target_columns)
    if parts := find_parts(path, str(path)):
        message, hint = "it holds parts, {parts:and}, and one can be measured at a time", "--data {folder:.300}"
        last = list(parts.values())[-1]
        raise RnaError(message, place=str(path), hint=hint, parts=[part.name for part in parts.values()], folder=last)
    listed = list_classes(path, path, task.classes, data)
    names = [file.relative_to(path).as_posix() for file in listed.files]
    files = Files(path, tuple(names), str(path))
    digest = digest_folder(path)
    loaded = load_pictures(files, data.picture_form, data.cache, where.cache, digest, data.unreadable == "skip")
    labels = np.array([int(task.labels[i]) for i in listed.labels]) if has_classes else np.empty((len(names), 0))
    return Examples(
        loaded.x,
        labels if loaded.kept is None else labels[loaded.kept],
        targets=task.targets,
        ids=loaded.files.ids,
        files={str(path): digest},
        line_of=loaded.files.place,
    )
