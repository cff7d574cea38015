"""The files that a table's data set names."""

import os
from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize
from urllib.parse import urlsplit

from rnacli.data.table_keys import TableKeys
from rnacli.data.where import Where
from rnacli.errors import CONFIG, RnaError
from rnacli.machine import available_memory
from rnacli.tables.csv.columns import require_columns
from rnacli.tables.download import fetch_file
from rnacli.tables.find import matching_files
from rnacli.tables.source import Source, open_source

IN_MEMORY = 5
"""Bytes of memory that reading takes for each byte of a CSV file, measured with 5 million rows of 8 numbers."""


def find_sources(data: TableKeys, where: Where, part: str = "") -> list[Source]:
    """The files that a name, a pattern or a URL means."""
    key = ("dataset", "split", part) if part else ("dataset", "csv")
    if is_https(data.csv, where, key):
        path = fetch_file(data.csv, where.cache, data.sha256, str(where.place(*key)), where.offline)
        return [open_source(path, Path(urlsplit(data.csv).path).name or "data", data.form)]
    path = locate_file(data.csv, where, key)
    first, *others = matching_files(path, data.csv)
    source = open_source(first, first.name if others else data.csv, data.form)
    # All files of a pattern are written as the first one is.
    sources = [source, *(open_source(other, other.name, source.form) for other in others)]
    if data.sha256 and (others or source.digest != data.sha256):
        raise RnaError("its SHA-256 is not the one that the config wants", place=data.csv)
    return sources


def is_https(name: str, where: Where, key: tuple[str, ...]) -> bool:
    try:
        return urlsplit(name).scheme == "https"
    except ValueError as error:
        place = str(where.place(*key))
        raise RnaError("{name} is no URL: {error}", place=place, exit_code=CONFIG, name=name, error=error) from None


def locate_file(name: str, where: Where, key: tuple[str, ...]) -> Path:
    """The file that a config names: relative to the config, ``~`` for the home folder."""
    place = str(where.place(*key))
    if "://" in name:
        hint = "https://..., or the path of a file"
        raise RnaError("only https URLs are read, got {name}", place=place, hint=hint, exit_code=CONFIG, name=name)
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise RnaError("{name}: there is no such user", place=place, hint="write the path out", name=name) from None
    path = path if path.is_absolute() else Path(os.path.normpath(where.folder / path))
    apart = Path(normalize("NFD", str(path)))  # as macOS may have called a file
    return apart if not path.exists() and apart.exists() else path


def require_same_columns(sources: Sequence[Source], needed: Sequence[str] = ()) -> list[str]:
    """The names of the first file's columns; all others must have them too, or those that are ``needed``."""
    first, *others = sources
    names = first.names()
    for other in others:
        require_columns(dict.fromkeys(needed or names, ""), other.names(), other.form, other.shown)
    return names


def is_streamed(data: TableKeys, sources: Sequence[Source]) -> bool:
    """Whether the table is put into a file, because the config says so or half of the memory would not hold it."""
    if data.stream != "auto":
        return bool(data.stream)
    room = int(available_memory() / 2 / IN_MEMORY)
    for source in sources:
        room -= source.size(room)
    return room < 0
