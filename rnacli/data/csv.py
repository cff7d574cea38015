"""Tables: CSV, packed or not, and Parquet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnacli.data.kind import DataSet
from rnacli.data.series_keys import check_windows
from rnacli.data.table_keys import TableKeys
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import TOGETHER, Rescale, says_text
from rnacli.schema.reader import Reader

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder
    from rnacli.schema.keras_object import KerasSpec
    from rnacli.tasks.task import Task


@dataclass(frozen=True)
class Csv(TableKeys, DataSet):
    """A table with one row per example: CSV, packed or not, or Parquet."""

    FILES = ("csv",)
    HAS_COLUMNS = True

    @property
    def separator(self) -> str:
        return self.label_separator or ""

    @property
    def carried(self) -> tuple[str, ...]:
        return (self.id,) if self.id else ()

    @property
    def set_aside(self) -> Collection[str]:
        ignored = {name for name, column in self.columns.items() if column.kind == "ignore"}
        return {*super().set_aside, *ignored, self.sample_weight or ""}

    @property
    def stays_on_disk(self) -> bool:
        return self.stream is True

    @property
    def target_names(self) -> tuple[str, ...]:
        return (self.target,) if isinstance(self.target, str) else self.target

    @property
    def input_names(self) -> Sequence[str]:
        apart = [name for name, column in self.columns.items() if column.apart]
        return (*self.inputs, *apart) if self.inputs else (TOGETHER, *self.columns)

    @property
    def augmentation(self) -> "Mapping[str, Sequence[KerasSpec]]":
        return {name: column.augment for name, column in self.columns.items() if column.augment}

    @property
    def scales_pixels(self) -> bool:
        return any(column.apart and column.scale not in (None, "none") for column in self.columns.values())

    @property
    def has_tokens(self) -> bool:
        return any(column.kind == "text" or says_text(column) for column in self.columns.values())

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        check_windows(self, path, reader)
        texts = [name for name, column in self.columns.items() if column.kind == "text" or says_text(column)]
        if texts and self.window is not None:
            message = "{name} holds texts, and a window is of numbers and words"
            reader.wrong((*path, "columns", texts[0]), message, "remove window", key=True, name=texts[0])
        for name in self.target_names or ():
            if name in self.columns and (self.columns[name].kind == "text" or says_text(self.columns[name])):
                message = "{name} is the target, and texts are for inputs"
                reader.wrong((*path, "columns", name), message, "remove it", key=True, name=name)

    def target_scales(self, names: Sequence[str]) -> list[str | Rescale]:
        return [self.column(name).scale or "none" for name in names]

    def read(self, where: Where) -> "Examples":
        from rnacli.data.table import read_table

        return read_table(self, where)

    def learn(self, rows: "Examples", train: "np.ndarray", where: Where) -> "Encoder":
        from rnacli.data.table import learn_table

        return learn_table(self, rows, train, where)

    def read_other(self, path: Path, encoder: "Encoder", tasks: "Mapping[str, Task]", where: Where) -> "Examples":
        from rnacli.data.table import read_other_table

        return read_other_table(self, path, encoder, tasks, where)
