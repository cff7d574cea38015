"""Pictures without classes, to be predicted: single files, and all in folders."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from rnacli.data.decoded import AT_ONCE, decode_all, unreadable_files
from rnacli.data.folder_files import Files
from rnacli.errors import Problem, RnaError
from rnacli.pictures.decode import PictureForm
from rnacli.pictures.find import list_pictures
from rnacli.tables.find import missing_file_error


def list_new_pictures(paths: Sequence[Path]) -> tuple[str, ...]:
    """The files that paths of pictures and of folders mean, as they are given. Raises ``RnaError``."""
    names = list[str]()
    for path in paths:
        if path.is_dir():
            inside = list_pictures(path, path)
            if not inside:
                raise RnaError("there are no pictures in it", place=str(path))
            names += map(str, inside)
        elif path.exists():
            names.append(str(path))
        else:
            raise missing_file_error(path, str(path))
    return tuple(names)


def read_new_pictures(
    names: Sequence[str], form: PictureForm, reject: Callable[[int, Problem], None] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Names (m,) and pixels (m, *shape) of pictures, some at a time.

    ``reject`` is called with the place and the problem of each unreadable one; without it they are an ``RnaError``.
    """
    for start in range(0, len(names), AT_ONCE):
        files = Files(Path(), tuple(names[start : start + AT_ONCE]))
        pixels = np.empty((len(files), *form.shape), "uint8")
        problems = decode_all(files, form, pixels)
        if problems and reject is None:
            raise unreadable_files(list(problems.values()), len(files), "--on-error skip leaves such pictures out")
        for i, problem in problems.items():
            if reject is not None:
                reject(start + i, problem)
        good = np.array([i not in problems for i in range(len(files))])
        yield files.ids[good], pixels[good]
