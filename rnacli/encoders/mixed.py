"""Tables of which some columns are arrays, such as pictures: inputs of their own, apart from the other columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from rnacli.encoders.columns.image import Image
from rnacli.encoders.encoder import Encoder, InputSpec, Linear
from rnacli.encoders.section import TOGETHER
from rnacli.encoders.table import Columns, load_table
from rnacli.strict_json import read_dataclass

APART_KINDS: dict[str, type[Image]] = {kind.kind: kind for kind in (Image,)}
"""The kinds of columns whose cells are arrays: the one place for them all."""


class MixedColumns:
    """The learnt columns of a table, and those that are ``apart`` from them; ``table``: ``None`` where these are all.

    Raw examples are records: a field for each column that is apart, by its name, and ``columns`` for the others; of one
    column apart and no others, its arrays alone.
    """

    kind: ClassVar[str] = "mixed"

    def __init__(self, table: Columns | None, apart: Iterable[Image]):
        self.table, self.apart = table, tuple(apart)
        others = () if table is None else table.features
        self.features = (*others, *(column.name for column in self.apart))

    @property
    def raw_shape(self) -> tuple[int, ...]:
        return self.apart[0].form.shape if self.is_single else ()

    @property
    def is_single(self) -> bool:
        """Whether raw examples are arrays of one column."""
        return self.table is None and len(self.apart) == 1

    @property
    def inputs(self) -> dict[str, InputSpec]:
        together = {} if self.table is None else self.table.inputs
        return together | {column.name: column.spec for column in self.apart}

    @property
    def number_names(self) -> Mapping[str, Sequence[str]]:
        return {} if self.table is None else self.table.number_names

    @property
    def linear(self) -> dict[str, Linear] | None:
        together = {} if self.table is None else self.table.linear
        return None if together is None else together | {c.name: c.scale.linear["x"] for c in self.apart}

    def raw_of(self, raw: np.ndarray, name: str) -> np.ndarray:
        """The raw values (n, ...) of a column that is apart, or of the other ``columns``."""
        return np.asarray(raw[name] if raw.dtype.names else raw)

    def encode(self, raw: np.ndarray) -> dict[str, np.ndarray]:
        together = {} if self.table is None else self.table.encode(self.raw_of(raw, TOGETHER))
        return together | {c.name: c.scale.encode(self.raw_of(raw, c.name))["x"] for c in self.apart}

    def store(self, raw: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        stored = {column.name: column.scale.store(self.raw_of(raw, column.name)) for column in self.apart}
        divisors = {divisor for values, divisor in stored.values() if values["x"].dtype == np.uint8} or {1.0}
        if len(divisors) > 1:
            return self.encode(raw), 1.0
        together = {} if self.table is None else self.table.encode(self.raw_of(raw, TOGETHER))
        pixels = {name: np.ascontiguousarray(values["x"]) for name, (values, _) in stored.items()}
        return together | pixels, divisors.pop()

    def unscaled(self, names: Iterable[str]) -> "tuple[MixedColumns, dict[str, tuple[Any, Any]]]":
        """The same encoder but for some columns, whose pixels stay; and the divisor and the offset of each of these."""
        chosen = {column.name: column.scale.arithmetic for column in self.apart if column.name in names}
        apart = [replace(c, offset=(0.0,), divisor=(1.0,)) if c.name in chosen else c for c in self.apart]
        return MixedColumns(self.table, apart), chosen

    def dump(self) -> dict[str, Any]:
        table = {} if self.table is None else {"table": self.table.dump()}
        return table | {"apart": [column.dump() for column in self.apart]}


def load_mixed(plain: Mapping[str, Any]) -> MixedColumns:
    """An encoder from JSON data. Raises ``ValueError``, ``LookupError`` or ``TypeError``."""
    table = load_table(plain["table"]) if "table" in plain else None
    apart = []
    for entry in plain["apart"]:
        column = read_dataclass(APART_KINDS[entry["kind"]], entry)
        column.check()
        apart.append(column)
    encoder = MixedColumns(table, apart)
    if (
        not apart
        or len(set(encoder.features)) < len(encoder.features)
        or (table and any(column.name == TOGETHER for column in apart))
    ):
        raise ValueError("a column is there twice, or there is none")
    return encoder


def table_of(encoder: Encoder) -> Columns | None:
    """What the columns of a table teach, but those that are arrays; ``None`` where there are none."""
    if isinstance(encoder, MixedColumns):
        return encoder.table
    return encoder if isinstance(encoder, Columns) else None


def apart_of(encoder: Encoder) -> tuple[Image, ...]:
    """The columns of a table that are arrays."""
    return encoder.apart if isinstance(encoder, MixedColumns) else ()
