"""Rows that the file itself holds: a truth table, or a few points."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnacli.data.kind import DataSet
from rnacli.data.section import SPLIT_DOC, Split, SplitKind, class_names_key, positive_key
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import Either, ListOf, Number, Text

if TYPE_CHECKING:
    from rnacli.data.examples import Examples

EXAMPLE = "rows: [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 1]]"


@dataclass(frozen=True)
class Rows(DataSet):
    """Rows of numbers; the last value of each is the target, a number or a word."""

    IS_WHOLE = True

    rows: tuple[tuple[Any, ...], ...] = key(
        ListOf(ListOf(Either((Number(), Text())), 2, EXAMPLE), 2, EXAMPLE),
        "the rows themselves, such as a truth table: `[[0, 0, 0], [0, 1, 1]]`; the last value of each is the target",
    )
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split())

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        width = len(self.rows[0])
        for i, row in enumerate(self.rows):
            if len(row) != width:
                message = "expected {width} values as in the first row, got {count}"
                reader.wrong((*path, "rows", i), message, "the last value is the target", width=width, count=len(row))
            for j, value in enumerate(row[:-1]):
                if isinstance(value, str):
                    message = "expected a number, got {value!r}"
                    hint = "only the last value, the target, may be a word"
                    reader.wrong((*path, "rows", i, j), message, hint, value=value)

    def read(self, where: Where) -> "Examples":
        import numpy as np

        from rnacli.data.arrays import Resident
        from rnacli.data.examples import Examples, digest_arrays

        x, last = np.array([row[:-1] for row in self.rows], "float64"), [row[-1] for row in self.rows]
        are_numbers = not any(isinstance(value, str) for value in last)
        y = np.array(last, "float64") if are_numbers else np.array([spell(value) for value in last], object)
        features = tuple(f"x{i + 1}" for i in range(x.shape[1]))
        return Examples(Resident(x), y, features, ("y",), files={"rows": digest_arrays(x, y.astype("U"))})


def spell(value: Any) -> str:
    """A target among words: a whole number without its point."""
    return value if isinstance(value, str) else f"{value:.15g}"
