"""The data sets of ``keras.datasets``."""

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rnacli.data.kind import DataSet
from rnacli.data.section import SPLIT_DOC, Split, SplitKind, class_names_key, positive_key, target_key
from rnacli.data.where import Where
from rnacli.document.place import KeyPath
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.errors import DATA, RnaError
from rnacli.pictures.augment import augment_key
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import Reader
from rnacli.schema.section import key
from rnacli.schema.values import Anything, Nullable, whole_number
from rnacli.tables.download import Refused, no_downloads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from rnacli.data.examples import Examples
    from rnacli.encoders.encoder import Encoder


@dataclass(frozen=True)
class Keras(DataSet):
    """A data set of `keras.datasets`, with its own test set."""

    keras: KerasSpec = key(Anything(), "a data set of `keras.datasets`; its own test set is the test part")
    augment: tuple[KerasSpec, ...] = augment_key()
    target: str | None = target_key()
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    output_sequence_length: int | None = key(
        Nullable(whole_number(1, 100_000)),
        "of `imdb` and `reuters`: at how many words texts are cut, or padded with 0 at the end; default: 200",
        default=None,
    )
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split())

    MAY_BRING_TEST = True

    @property
    def own_test(self) -> str:  # type: ignore[override]
        return self.keras.name

    @property
    def has_tokens(self) -> bool:
        return self.keras.name in TEXTS

    def check_keys(self, path: KeyPath, reader: Reader) -> None:
        if self.has_tokens and self.scale != "none":
            message = "the numbers of words have no scale"
            reader.wrong((*path, "scale"), message, "leave it out, and write an embedding first")
        if not self.has_tokens and self.output_sequence_length:
            message, hint = "output_sequence_length is for texts: {texts:and}", "leave it out"
            reader.wrong((*path, "output_sequence_length"), message, hint, texts=TEXTS)

    def read(self, where: Where) -> "Examples":
        length = (self.output_sequence_length or USUAL_LENGTH) if self.has_tokens else None
        return keras_rows(self.keras, offline=where.offline, length=length).for_target(self.target)

    def learn(self, rows: "Examples", train: "np.ndarray", where: Where) -> "Encoder":
        if not self.has_tokens:
            return super().learn(rows, train, where)
        from rnacli.encoders.numbered import Numbered

        # The numbers are Keras' own, and not learnt: the source says how many there are.
        return Numbered(rows.x.shape[0], rows.tokens)


FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CLASSES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": FASHION,
    "cifar10": CIFAR10,
    "imdb": ("negative", "positive"),
}
TEXTS = ("imdb", "reuters")
"""The data sets whose rows are lists of the numbers of words."""
USUAL_LENGTH = 200
DOWNLOADS = {
    "mnist": "mnist.npz",
    "fashion_mnist": "fashion-mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz",
    "cifar10": "cifar-10-batches-py-target_archive",
    "cifar100": "cifar-100-python-target_archive",
    "california_housing": "california_housing.npz",
    "boston_housing": "boston_housing.npz",
    "imdb": "imdb.npz",
    "reuters": "reuters.npz",
}
"""What each data set is called in the datasets folder of Keras' cache."""


def keras_rows(spec: KerasSpec, offline: bool = False, length: int | None = None) -> "Examples":
    """Rows from ``keras.datasets`` through its cache; a download shows its progress on stderr.

    ``offline``: none is made. ``length``: what lists of numbers are padded to. Raises ``RnaError`` that names the file
    which Keras would want.
    """
    import keras
    import numpy as np

    from rnacli.data.arrays import Resident
    from rnacli.data.examples import Examples, digest_arrays

    module = getattr(keras.datasets, spec.entry.target)
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    file = folder / DOWNLOADS[spec.entry.target]
    # Keras prints its progress; standard output is for data.
    talk, guard = (io.StringIO(), no_downloads()) if offline else (sys.stderr, contextlib.nullcontext())
    try:
        with contextlib.redirect_stdout(talk), guard:
            (x, y), (x_test, y_test) = module.load_data(**dict(spec.arguments))
    except Refused as refused:
        message = "{name} is not in Keras' cache as Keras expects it, and rna is to stay offline"
        hint = "put {url:.200} there yourself: {file:.300}"
        raise RnaError(message, place=str(spec.place), hint=hint, name=spec.name, url=refused, file=file) from None
    except (OSError, ValueError, EOFError, Exception) as error:
        if not is_download_error(error):
            raise
        raise RnaError(
            "{name} cannot be downloaded: {error:.200}",
            place=str(spec.place),
            exit_code=DATA,
            hint="without network, put it there yourself: {file:.300}",
            name=spec.name,
            error=error,
            file=file,
        ) from None
    classes, tokens = CLASSES.get(spec.name), 0
    if length is not None:
        tokens = max(int(spec.arguments["num_words"] or 0), *(max(row, default=0) + 1 for row in (*x, *x_test)))
        x, x_test = pad_rows(x, length), pad_rows(x_test, length)
        classes = classes or tuple(module.get_label_names())
    y, y_test = (array[:, 0] if array.ndim == 2 else array for array in (y, y_test))
    fixed = {"train": np.arange(len(x)), "test": np.arange(len(x), len(x) + len(x_test))}
    features = CALIFORNIA if spec.name == "california_housing" else ()
    return Examples(
        Resident(np.concatenate([x, x_test])),
        np.concatenate([y, y_test]),
        features,
        ("label",),
        classes,
        fixed,
        files={spec.name: digest_arrays(x, y, x_test, y_test)},
        tokens=tokens,
    )


def pad_rows(rows: "Iterable[Sequence[int]]", length: int) -> "np.ndarray":
    """Lists of numbers as an array (n, length) int32: cut, or padded with 0, at the end, as texts in a table are."""
    import numpy as np

    lists = [list(row[:length]) for row in rows]
    return np.array([row + [0] * (length - len(row)) for row in lists], "int32").reshape(-1, length)


CALIFORNIA = (
    "longitude",
    "latitude",
    "housing_median_age",
    "total_rooms",
    "total_bedrooms",
    "population",
    "households",
    "median_income",
)


def is_download_error(error: BaseException) -> bool:
    """Whether Keras failed to get a file: it raises a bare ``Exception`` that says ``URL fetch failure``."""
    return isinstance(error, OSError) or "URL fetch failure" in str(error) or "file may be corrupted" in str(error)
