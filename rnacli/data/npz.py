"""NumPy arrays in one file."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from rnacli.data.kind import DataSet
from rnacli.data.section import INPUT, PARTS, SPLIT_DOC, Split, SplitKind, class_names_key, positive_key, target_key
from rnacli.data.where import Where
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.errors import CONFIG, RnaError
from rnacli.files import file_sha256
from rnacli.pictures.augment import augment_key
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.section import key
from rnacli.schema.values import ONE_LINE, Text
from rnacli.words import fill_template

if TYPE_CHECKING:
    import numpy as np

    from rnacli.data.examples import Examples


@dataclass(frozen=True)
class Npz(DataSet):
    """NumPy arrays in one file."""

    npz: str = key(
        Text("a file", ONE_LINE),
        "a file with the arrays `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`; several inputs are `x_NAME`, "
        "or `x_NAME_train` and `x_NAME_test`",
    )
    augment: tuple[KerasSpec, ...] = augment_key()
    target: str | None = target_key()
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split())

    FILES = ("npz",)
    MAY_BRING_TEST = True

    @property
    def input_names(self) -> None:
        return None

    def read(self, where: Where) -> "Examples":
        return read_npz(self, where).for_target(self.target)


# Arrays


def read_npz(data: Npz, where: Where) -> "Examples":
    """``x`` and ``y``, or a training and a test pair, from an ``.npz``."""
    from rnacli.data.arrays import Resident
    from rnacli.data.examples import Examples
    from rnacli.data.sources import locate_file
    from rnacli.tables.arrays import input_arrays, pair_arrays, read_named_arrays

    path = locate_file(data.npz, where, ("dataset", "npz"))
    arrays = read_named_arrays(path, data.npz)
    digest = {data.npz: file_sha256(path)}
    has_targets = data.target != INPUT or any(name.startswith("y") for name in arrays)
    if input_arrays(arrays) or not input_arrays(arrays, "_train"):
        x, y = pair_arrays(arrays, "", data.npz, has_targets)
        rows = Examples(Resident(x), y, files=digest)
    else:
        x, y = pair_arrays(arrays, "_train", data.npz, has_targets)
        rows = Examples(Resident(x), y, files=digest)
        if input_arrays(arrays, "_test"):
            x_test, y_test = pair_arrays(arrays, "_test", data.npz, has_targets)
            for name, test, train in (("x", x_test, x), ("y", y_test, y)):
                if test.shape[1:] != train.shape[1:]:
                    raise RnaError(
                        "{name}_test is {tested}, and {name}_train is {trained}",
                        place=data.npz,
                        name=name,
                        tested=test.shape,
                        trained=train.shape,
                    )
            append_rows(rows, Examples(Resident(x_test), y_test), "test")
    for part in PARTS:
        name = getattr(data.split, part)
        if isinstance(name, str):
            path = locate_file(name, where, ("dataset", "split", part))
            x, y = pair_arrays(read_named_arrays(path, name), "", name, has_targets)
            append_rows(rows, Examples(Resident(x), y, files={name: file_sha256(path)}), part)
    if data.split.test is not None and "test" in rows.fixed and not isinstance(data.split.test, str):
        raise RnaError(
            "{npz} has its own test set",
            place=str(where.place("dataset", "split", "test")),
            exit_code=CONFIG,
            hint="remove test from split",
            npz=data.npz,
        )
    return rows


def tell_shapes(x: "np.ndarray") -> object:
    """The shape of one example, or those of its inputs by name."""
    from rnacli.tables.arrays import row_shapes

    shapes = row_shapes(x)
    return shapes["x"] if list(shapes) == ["x"] else ", ".join(f"{name} {shape}" for name, shape in shapes.items())


def append_rows(rows: "Examples", other: "Examples", part: str) -> None:
    """Add the rows of a second file as a part of their own."""
    import numpy as np

    from rnacli.data.arrays import Resident

    start, every = len(rows.x), [cast("Resident", each.x).values for each in (rows, other)]
    for what, one, another in (
        ("inputs", *(tell_shapes(values) for values in every)),
        ("targets", rows.y.shape[1:], other.y.shape[1:]),
    ):
        if one != another:
            raise RnaError(
                "its {what} have rows of shape {another}, and those of the first file {one}",
                place=next(iter(other.files), ""),
                what=fill_template(str(what)),
                another=another,
                one=one,
            )
    rows.x, rows.y = Resident(np.concatenate(every)), np.concatenate([rows.y, other.y])
    rows.fixed[part] = np.arange(start, len(rows.x))
    rows.files |= other.files
