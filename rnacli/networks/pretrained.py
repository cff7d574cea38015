"""The weights that applications begin with: those of ImageNet, of a file, or of a run."""

import hashlib
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.tensorflow import tf
from rnacli.errors import CONFIG, DATA, RnaError, describe_failure
from rnacli.experiment.config import Config
from rnacli.files import file_sha256
from rnacli.networks.applications import IMAGENET, KerasFile
from rnacli.networks.build import Load
from rnacli.runs.find import open_run
from rnacli.runs.weights import read_layer
from rnacli.schema.keras_object import KerasSpec
from rnacli.tables.download import download_file
from rnacli.tables.find import missing_file_error
from rnacli.words import did_you_mean, fill_template

log = logging.getLogger("rnacli")

ENDINGS = (".h5", ".keras")
"""Of the files that Keras reads weights from; ``.weights.h5`` is one of them."""
HDF5 = b"\x89HDF\r\n\x1a\n"
"""How a file of HDF5 begins."""


def make_loader(config: Config, offline: bool, files: dict[str, dict[str, str]]) -> Load:
    """What gives the applications of a config their weights; ``files`` then says of each where they came from."""

    def load(spec: KerasSpec, base: Any) -> None:
        if spec.arguments["weights"] is None:
            return
        path = locate_weights(spec, base.imagenet_file, config.folder, offline)
        if path.is_dir():
            path, digest = load_from_run(spec, base, path)
        else:
            digest = file_sha256(path)
            load_from_file(spec, base, path)
        files[base.name] = {"file": path.name, "sha256": digest}

    return load


def locate_weights(spec: KerasSpec, keras_file: KerasFile | None, folder: Path, offline: bool) -> Path:
    """The file, or the folder of a run, that an application's weights are read from; those of ImageNet downloaded.

    ``folder``: relative paths start from it. Raises ``RnaError``.
    """
    name = str(spec.arguments["weights"])
    if name == IMAGENET:
        return fetch_imagenet(spec, keras_file, offline)
    path = folder / Path(name).expanduser()
    if not path.exists():
        if path.suffix:
            raise missing_file_error(path, name)
        hint = did_you_mean(name, [IMAGENET], "weights: imagenet, null, a file of Keras, or the folder of a run")
        message = "there are no weights called '{name}'"
        raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=name)
    if not path.is_dir() and path.suffix not in ENDINGS:
        message, hint = "{name} is no file of Keras' weights", "a file that ends in .weights.h5, .h5 or .keras"
        raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=name)
    if path.is_file() and not begins_as_weights(path):
        message, hint = "{name} is damaged, or no file of Keras' weights", "copy it anew; or weights: null"
        raise RnaError(message, place=str(spec.place), hint=hint, exit_code=DATA, name=name)
    return path


def begins_as_weights(path: Path) -> bool:
    """Whether a file begins as its ending says: as HDF5, or as the zip that a ``.keras`` is."""
    with path.open("rb") as file:
        return file.read(len(HDF5)).startswith(b"PK" if path.suffix == ".keras" else HDF5)


def imagenet_path(keras_file: KerasFile) -> Path:
    """Where Keras keeps a file of weights."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / keras_file.name


def fetch_imagenet(spec: KerasSpec, keras_file: KerasFile | None, offline: bool) -> Path:
    """The file with an application's weights of ImageNet, from Keras' cache or downloaded into it.

    Its digest is held against Keras' here: Keras itself deletes a file of another one. Raises ``RnaError``.
    """
    if keras_file is None:
        message = "{name} has no weights of ImageNet"
        raise RnaError(message, place=str(spec.place), hint="weights: null", exit_code=CONFIG, name=spec.name)
    path = imagenet_path(keras_file)
    if not path.is_file():
        if offline:
            raise RnaError(
                "the ImageNet weights of {name} are not here, and rna is to stay offline",
                place=str(spec.place),
                hint="put {url:.200} there yourself: {path:.300}{digest}",
                exit_code=DATA,
                name=spec.name,
                url=keras_file.url,
                path=path,
                digest=described_digest(keras_file),
            )
        log.info("downloading %s", keras_file.url)
        download_file(keras_file.url, path, str(spec.place))
    if keras_file.digest and hash_file(path, keras_file.digest) != keras_file.digest:
        raise RnaError(
            "this file is not the one with the ImageNet weights of {name}{digest}: damaged, or of another version",
            place=str(path),
            hint="delete it to download it again, or put the right one there: {url:.200}",
            exit_code=DATA,
            name=spec.name,
            digest=described_digest(keras_file),
            url=keras_file.url,
        )
    return path


def described_digest(keras_file: KerasFile) -> str:
    """The digest as a message has it; empty where Keras has none."""
    kind = "MD5" if len(keras_file.digest) == 32 else "SHA-256"
    return f" ({kind} {keras_file.digest})" if keras_file.digest else ""


def hash_file(path: Path, like: str) -> str:
    """The MD5 of a file, or its SHA-256, as long as ``like``."""
    if len(like) != 32:
        return file_sha256(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def load_from_file(spec: KerasSpec, base: Any, path: Path) -> None:
    """Give an application the weights in a file of Keras, each of them. Raises ``RnaError``."""
    numbers = [weight for weight in base.weights if weight.dtype.startswith(("float", "bfloat"))]
    for weight in numbers:
        weight.assign(tf.fill(weight.shape, tf.constant(np.nan, weight.dtype)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras tells of each layer that the file does not have
            base.load_weights(path)
    except Exception as error:  # of a damaged file, h5py and Keras raise many kinds
        raise unfit_weights(spec, path, describe_failure(error)) from None
    missing = [weight.path for weight in numbers if bool(tf.reduce_any(tf.math.is_nan(weight)))]
    if missing:
        raise unfit_weights(
            spec, path, fill_template("it lacks {count} of {total} weights", count=len(missing), total=len(numbers))
        )


def load_from_run(spec: KerasSpec, base: Any, folder: Path) -> tuple[Path, str]:
    """Give an application the weights that it, or one like it, has in a finished run; the file and its SHA-256.

    Raises ``RnaError``.
    """
    run = open_run(folder)
    run.check("weights.npz")
    path = folder / "weights.npz"
    wanted = {weight.path.partition("/")[2]: (tuple(weight.shape), str(weight.dtype)) for weight in base.weights}
    try:
        arrays = read_layer(path, base.name, wanted)
    except RnaError as error:
        raise unfit_weights(spec, path, error.problems[0].message) from None
    if arrays is None:
        raise unfit_weights(spec, path, "no layer of that run has such weights")
    for weight in base.weights:
        weight.assign(arrays[weight.path.partition("/")[2]])
    return path, str(run.record["files"]["weights.npz"])


def unfit_weights(spec: KerasSpec, path: Path, why: str) -> RnaError:
    hint = "the arguments that it was made with, such as alpha and include_top; or weights: null"
    if path.suffix in ENDINGS and (path.parent / "run.json").is_file():
        hint = "name the folder of the run: weights: {folder:.300}"
    return RnaError(
        "the weights in {path:.300} are not those of this {name}: {why:.200}",
        place=str(spec.place),
        hint=hint,
        folder=path.parent,
        exit_code=DATA,
        name=spec.name,
        path=path,
        why=fill_template(why),
    )
