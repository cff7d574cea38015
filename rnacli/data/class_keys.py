"""The keys of data whose folders are classes: which of them are, and how their files are divided."""

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from rnacli.data.section import Part, Split
from rnacli.document.place import KeyPath
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import ListOf, Nullable, Text

DRAWN = Split(test=Part(0.2), stratify=True)
"""How files are divided where neither folders nor the file say so."""


class ClassFolder(Text):
    """The name of a class' folder, with accents in one spelling."""

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        name = super().read(value, path, reader)
        return normalize("NFC", name) if isinstance(name, str) else name


def class_names_key() -> Any:
    """Which folders are classes."""
    return key(
        Nullable(ListOf(ClassFolder(numbers=True), 2)),
        "the folders that are classes, in the order of the network's outputs; others are left out; default: all, by "
        "name",
        default=None,
    )


def check_class_names(names: Sequence[str], path: KeyPath, reader: Reader) -> None:
    """Each class is named once."""
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        message, hint = "the class '{name:.40}' is named twice", "name each class once"
        reader.wrong((*path, "class_names"), message, hint, name=twice[0])
