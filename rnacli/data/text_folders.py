"""Texts in folders: a folder of ``.txt`` files for each class, or such folders for training, validation and test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rnacli.data.class_keys import DRAWN, check_class_names, class_names_key
from rnacli.data.kind import DataSet
from rnacli.data.section import PARTS, SPLIT_DOC, Split, SplitKind, positive_key
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import Column, ColumnKind
from rnacli.pictures.find import TEXT_ENDINGS
from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import key
from rnacli.schema.values import ONE_LINE, Text

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder
    from rnacli.tables.csv.text import Format
    from rnacli.tasks.task import Task


class TextColumn(ColumnKind):
    """What is to be said of texts: the keys of a column of texts."""

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        column = super().read({**value, "kind": "text"} if isinstance(value, dict) else value, path, reader)
        if column is not INVALID and column.kind != "text":
            hint = "texts: {max_tokens: 5000, output_sequence_length: 200}"
            return reader.wrong(path, "expected what is to be said of texts, got {kind}", hint, kind=column.kind)
        return column


@dataclass(frozen=True)
class TextFolders(DataSet):
    """Folders of texts, one for each class."""

    text_folders: str = key(
        Text("a folder", ONE_LINE),
        "a folder with a folder of `.txt` files for each class, or with `train`, `validation` and `test` folders of "
        "such; relative to this file",
    )
    texts: Column = key(
        TextColumn(),
        "how texts are read, by the keys of a column of texts: `{max_tokens: 5000, output_sequence_length: 200}`",
        default_factory=lambda: Column(kind="text"),
    )
    encoding: str = key(Text("the name of an encoding"), "the files' encoding", default="utf-8")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(
        SplitKind(),
        f"{SPLIT_DOC}; default: as the folders say, else a fifth of each class is the test part",
        default=DRAWN,
    )

    FOLDERS = ("text_folders",)
    ENDINGS: ClassVar[frozenset[str]] = TEXT_ENDINGS
    MAY_BRING_TEST = True
    MAY_BRING_VALIDATION = True
    scale = "none"

    @property
    def input_names(self) -> Sequence[str]:
        return ("text",)

    @property
    def has_tokens(self) -> bool:
        return self.texts.output_mode == "int"

    @property
    def form(self) -> "Format":
        from rnacli.tables.csv.text import Format

        return Format("auto", "auto", "auto", encoding=self.encoding, missing=("",))

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        check_class_names(self.class_names or (), path, reader)
        for part in PARTS:
            if isinstance(getattr(self.split, part), str):
                message = "a part of texts is a folder called {part} beside train, in the folder text_folders"
                reader.wrong((*path, "split", part), message, "move the texts there, and remove {part}", part=part)

    def division(self, fixed: "Mapping[str, np.ndarray]") -> Split:
        if self.split != DRAWN:
            return self.split
        return Split() if fixed else DRAWN

    def read(self, where: Where) -> "Examples":
        from rnacli.data.read_text_folders import read_text_folders

        return read_text_folders(self, where)

    def learn(self, rows: "Examples", train: "np.ndarray", where: Where) -> "Encoder":
        from rnacli.data.read_text_folders import learn_texts

        return learn_texts(self, rows, train, where)

    def list_new(self, paths: Sequence[Path]) -> list[Path] | None:
        """The files that new paths mean; ``None`` where they mean a table with a column of texts."""
        from rnacli.data.read_text_folders import list_new_texts

        return list_new_texts(paths)

    def read_other(self, path: Path, encoder: "Encoder", tasks: "Mapping[str, Task]", where: Where) -> "Examples":
        from rnacli.data.read_text_folders import read_other_texts

        (task,) = tasks.values()
        return read_other_texts(self, path, encoder, task)
