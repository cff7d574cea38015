"""The pictures in a folder: by what their files are called, nested folders too."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from unicodedata import normalize

from rnacli.errors import RnaError

ENDINGS = frozenset({
    ".apng", ".avif", ".bmp", ".dib", ".gif", ".ico", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pcx",
    ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".tga", ".tif", ".tiff", ".webp",
    ".heic", ".heif", ".jxl", ".psd", ".svg",  # not read: each is named, and none is lost without a word
})  # fmt: skip
"""Endings that a picture's file may have; what is in it decides how it is read."""
LEFT_BEHIND = frozenset(("__MACOSX", "@eaDir"))
"""Folders that archives and storages leave beside files, of what is no picture."""
TEXT_ENDINGS = frozenset((".txt", ".text", ".md"))
"""Endings that a file of text may have, where texts are looked for."""
MOST_DEPTH = 32
"""Folders within one another."""
MOST_FILES = 10_000_000


def is_picture_name(name: str) -> bool:
    """Whether a file may be a picture by its name; hidden files are none."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in ENDINGS  # noqa: PTH122


def is_hidden(name: str) -> bool:
    return name.startswith(".") or name in LEFT_BEHIND


def list_folders(folder: Path) -> list[str]:
    """The names of the folders in a folder that are not hidden, those with numbers in the order of those."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if not is_hidden(entry.name) and entry.is_dir()]
    return sorted(names, key=name_order)


def name_order(name: str) -> tuple[bool, int, str]:
    """Whole numbers by their value, and before words: 2, 10, cat."""
    plain = normalize("NFC", name)
    is_number = plain.isascii() and plain.isdecimal()
    return (False, int(plain), plain) if is_number else (True, 0, plain)


def list_pictures(folder: Path, root: Path) -> list[Path]:
    """Every file below ``folder`` that may be a picture, by name in each folder, its folders after its files.

    Raises ``RnaError`` for a link that leads out of ``root``, and for what is no file.
    """
    return list_files(folder, root, ENDINGS)


def list_files(folder: Path, root: Path, endings: Collection[str]) -> list[Path]:
    """As ``list_pictures``, every file with one of some ``endings``, such as ``.txt``."""
    files = []
    for path in walk_folder(folder, root.resolve(), MOST_DEPTH, endings):
        files.append(path)
        if len(files) > MOST_FILES:
            raise RnaError("there are more than {most:,} files", place=str(folder), most=MOST_FILES)
    return files


def walk_folder(folder: Path, root: Path, depth: int, endings: Collection[str]) -> Iterator[Path]:
    if not depth:
        raise RnaError("there are more than {most} folders within one another", place=str(folder), most=MOST_DEPTH)
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: name_order(entry.name))
    inside = []
    for entry in listed:
        if is_hidden(entry.name):
            continue
        path = folder / entry.name
        is_folder = entry.is_dir()
        if not is_folder and os.path.splitext(entry.name)[1].lower() not in endings:  # noqa: PTH122
            continue
        if entry.is_symlink() and not path.resolve().is_relative_to(root):
            hint = "copy what it leads to, or name that folder itself"
            raise RnaError("this is a link out of the folder {root:.300}", place=str(path), hint=hint, root=root)
        if is_folder:
            inside.append(path)
        elif entry.is_file():
            yield path
        else:
            raise RnaError(
                "this is no file but a pipe, a device or a link to nothing", place=str(path), hint="remove it"
            )
    for path in inside:
        yield from walk_folder(path, root, depth - 1, endings)
