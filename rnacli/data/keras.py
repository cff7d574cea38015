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
from rnacli.encoders.section import ARRAY_SCALE, ARRAY_SCALE_DOC, Rescale
from rnacli.errors import DATA, RnaError
from rnacli.pictures.augment import augment_key
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.section import key
from rnacli.schema.values import Anything
from rnacli.tables.download import Refused, no_downloads

if TYPE_CHECKING:
    from rnacli.data.examples import Examples


@dataclass(frozen=True)
class Keras(DataSet):
    """A data set of `keras.datasets`, with its own test set."""

    keras: KerasSpec = key(Anything(), "a data set of `keras.datasets`; its own test set is the test part")
    augment: tuple[KerasSpec, ...] = augment_key()
    target: str | None = target_key()
    scale: str | Rescale = key(ARRAY_SCALE, ARRAY_SCALE_DOC, default="none")
    class_names: tuple[str, ...] | None = class_names_key()
    positive: str | None = positive_key()
    split: Split = key(SplitKind(), SPLIT_DOC, default=Split())

    MAY_BRING_TEST = True

    @property
    def own_test(self) -> str:  # type: ignore[override]
        return self.keras.name

    def read(self, where: Where) -> "Examples":
        return keras_rows(self.keras, offline=where.offline).for_target(self.target)


FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CLASSES = {"mnist": tuple("0123456789"), "fashion_mnist": FASHION, "cifar10": CIFAR10}
DOWNLOADS = {
    "mnist": "mnist.npz",
    "fashion_mnist": "fashion-mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz",
    "cifar10": "cifar-10-batches-py-target_archive",
    "cifar100": "cifar-100-python-target_archive",
    "california_housing": "california_housing.npz",
    "boston_housing": "boston_housing.npz",
}
"""What each data set is called in the datasets folder of Keras' cache."""


def keras_rows(spec: KerasSpec, offline: bool = False) -> "Examples":
    """Rows from ``keras.datasets`` through its cache; a download shows its progress on stderr.

    ``offline``: none is made. Raises ``RnaError`` that names the file which Keras would want.
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
    y, y_test = (array[:, 0] if array.ndim == 2 else array for array in (y, y_test))
    fixed = {"train": np.arange(len(x)), "test": np.arange(len(x), len(x) + len(x_test))}
    features = CALIFORNIA if spec.name == "california_housing" else ()
    return Examples(
        Resident(np.concatenate([x, x_test])),
        np.concatenate([y, y_test]),
        features,
        ("label",),
        CLASSES.get(spec.name),
        fixed,
        files={spec.name: digest_arrays(x, y, x_test, y_test)},
    )


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
