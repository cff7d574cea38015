"""Rows that Python has - frames, dicts, arrays, pictures, texts - as the files that a command would be given."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rnacli.errors import CONFIG, RnaError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Rows: TypeAlias = "pd.DataFrame | pd.Series | np.ndarray | Mapping[str, Any] | Sequence[Any] | str | Path"
"""What can be predicted: see ``Run.predict``; a picture of Pillow is any other object that has ``getexif``."""
SHOWN = "the rows"
"""What rows without a file are called in messages."""
IN_PNG = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16")
"""The modes of Pillow that a PNG can have."""
NUMBER = "number of the row"
"""The column that says which rows are left when bad ones are skipped."""


class Given(NamedTuple):
    """The files of some rows, and what these are called; ``columns`` that predictions carry; a frame's ``index``."""

    paths: list[Path]
    shown: str
    columns: tuple[str, ...] = ()
    index: Any = None

    def restore(self, predicted: "pd.DataFrame") -> "pd.DataFrame":
        """Predictions with the index of the rows, and without the columns that only told which these are."""
        if self.columns:
            return predicted.set_index(self.index[predicted.pop(NUMBER).astype(int)])
        if self.shown == SHOWN:
            predicted = predicted.drop(columns="picture", errors="ignore")
        return predicted if self.index is None or len(self.index) != len(predicted) else predicted.set_index(self.index)


def give_rows(data: Any, folder: Path, features: Callable[[], Sequence[str]], numbered: bool = False) -> Given:
    """The file that is named, or files in ``folder`` that hold the rows.

    ``features``: the run's inputs; ``numbered``: rows may be left out, and are numbered. Raises ``RnaError``.
    """
    if isinstance(data, str | Path):
        return Given([Path(data)], str(data))
    if is_list_of(data, str | Path) and not features():
        return Given([Path(each) for each in data], str(data[0]))
    if pictures := list_pictures(data):
        return Given([write_picture(each, folder / f"{i:06}.png") for i, each in enumerate(pictures)], SHOWN)
    frame = as_frame(data, features)
    if frame is None:
        return Given([write_array(data, folder / "rows.npy")], SHOWN)
    path, columns = folder / "rows.csv", (NUMBER,) if numbered else ()
    numbers = {name: range(len(frame)) for name in columns}
    frame.assign(**numbers).to_csv(path, index=False)
    return Given([path], SHOWN, columns, frame.index)


def is_list_of(data: Any, kind: Any) -> bool:
    return isinstance(data, list | tuple) and len(data) > 0 and all(isinstance(each, kind) for each in data)


def list_pictures(data: Any) -> list[Any]:
    """The pictures of Pillow that something is; none where it is something else."""
    some = list(data) if isinstance(data, list | tuple) else [data]
    return some if some and all(hasattr(each, "getexif") for each in some) else []


def as_frame(data: Any, features: Callable[[], Sequence[str]]) -> "pd.DataFrame | None":
    """Rows by the names of their columns; ``None`` for arrays. Raises ``RnaError``."""
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, pd.Series):
        return data.to_frame().T
    if isinstance(data, Mapping):
        is_row = not any(isinstance(value, list | tuple | dict) or getattr(value, "ndim", 0) for value in data.values())
        return pd.DataFrame([data] if is_row else data)
    if is_list_of(data, Mapping):
        return pd.DataFrame(list(data))
    if is_list_of(data, str):
        (name, *others) = features()
        if others:
            message, hint = "these are texts, and the network takes {names:and}", "a frame with these columns"
            raise RnaError(message, place=SHOWN, hint=hint, exit_code=CONFIG, names=[name, *others][:5])
        return pd.DataFrame({name: data})
    return None


def write_picture(picture: Any, path: Path) -> Path:
    """A picture as a file with the same pixels, turned as the one that it comes from."""
    path = path if picture.mode in IN_PNG else path.with_suffix(".tiff")
    picture.save(path, exif=picture.getexif())
    return path


def write_array(data: Any, path: Path) -> Path:
    """An array of inputs (n, *shape). Raises ``RnaError`` for what is none."""
    import numpy as np

    try:
        array = np.asarray(data)
    except ValueError:  # lists of different lengths
        array = np.array(None)
    if array.ndim == 0 or array.dtype == object:
        message = "these are no rows: expected a frame, a dict, an array, pictures, texts or a file"
        raise RnaError(message, place=SHOWN, exit_code=CONFIG)
    np.save(path, array)
    return path
