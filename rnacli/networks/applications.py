"""The networks of ``keras.applications`` as layers, which take pixels of 0 to 255."""

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.networks.instantiate import instantiate_nested, refused_by_keras
from rnacli.schema.keras_object import KerasSpec

OURS = ("name", "trainable", "weights")
"""Arguments that are not handed on to Keras' function as they are."""
IMAGENET = "imagenet"
MEAN = (0.485, 0.456, 0.406)
"""That of the pixels of ImageNet, red, green and blue, as a share of 255; of others, Keras' own in pixels."""
DEVIATION = (0.229, 0.224, 0.225)
CAFFE_MEAN = (103.939, 116.779, 123.68)
"""That of blue, green and red, in pixels."""


@dataclass(frozen=True)
class KerasFile:
    """A file of weights as Keras asks for it: its ``name`` in Keras' cache, and its MD5 or SHA-256, if Keras has it."""

    name: str
    url: str
    digest: str


def build_application(spec: KerasSpec, name: str, tensor: Any, precision: str = "float32") -> Any:
    """An application as one layer called ``name``, for rows like those of a ``tensor``, its weights drawn at random.

    Its first layers do what Keras' ``preprocess_input`` of this application does. No weights are loaded: the attribute
    ``imagenet_file`` says which Keras would load. Raises ``RnaError``.
    """
    shape = tuple(tensor.shape[1:])
    require_pictures(spec, shape)
    with use_precision(precision), keras.name_scope(name), without_loading() as files:
        start = keras.Input(shape, dtype=tensor.dtype)
        base = call_application(spec, preprocess_pixels(spec, start))
    base.name = name  # as an argument, some applications take it for the name of a variant
    base.trainable = bool(spec.arguments["trainable"])
    base.__dict__["imagenet_file"] = files[0] if files else None
    return base


@contextlib.contextmanager
def swapped(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Let an attribute that ``owner`` has or inherits be another one meanwhile."""
    is_own, former = name in vars(owner), getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, former) if is_own else delattr(owner, name)


@contextlib.contextmanager
def without_loading() -> Iterator[list[KerasFile]]:
    """Let Keras' functions build what they would build, and note in a list which files they would load.

    A network for the weights of ImageNet has layers that one without has not.
    """
    files: list[KerasFile] = []

    def note_file(name: str, url: str, file_hash: str | None = None, **more: Any) -> str:
        files.append(KerasFile(name, url, file_hash or ""))
        return name

    with (
        swapped(keras.src.utils.file_utils, "get_file", note_file),
        swapped(keras.Model, "load_weights", lambda *arguments, **more: None),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # that weights are of pictures of another size
        yield files


def require_pictures(spec: KerasSpec, shape: tuple[int | None, ...]) -> None:
    """Refuse rows of a ``shape`` that an application does not take. Raises ``RnaError``."""
    if len(shape) != 3:
        raise RnaError(
            "{name} expects pictures of (height, width, channels), got rows of shape {shape}",
            place=str(spec.place),
            hint="- reshape: [height, width, channels] before it",
            exit_code=CONFIG,
            name=spec.name,
            shape=shape,
        )
    if shape[-1] != 3 and (spec.arguments["weights"] == IMAGENET or spec.entry.preprocessing in ("caffe", "torch")):
        raise RnaError(
            "{name} expects pictures of red, green and blue, got rows of shape {shape}",
            place=str(spec.place),
            hint="color_mode: rgb; or above it - concatenate: [grey, grey, grey], of a layer called grey",
            exit_code=CONFIG,
            name=spec.name,
            shape=shape,
        )


def call_application(spec: KerasSpec, tensor: Any) -> Any:
    """What Keras' function makes of the ``tensor``. Raises ``RnaError`` for what it refuses."""
    shape = tuple(tensor.shape[1:])
    names = spec.given - {*OURS}
    arguments = {name: instantiate_nested(spec.arguments[name]) for name in names}
    arguments["include_top"] = spec.arguments["include_top"]
    weights = IMAGENET if spec.arguments["weights"] == IMAGENET else None
    function = getattr(keras.applications, spec.entry.target)
    try:
        return function(input_tensor=tensor, input_shape=shape, weights=weights, **arguments)
    except (ValueError, TypeError) as error:
        raise refused_by_keras(spec, error, shape) from None


def preprocess_pixels(spec: KerasSpec, tensor: Any) -> Any:
    """Pixels of 0 to 255 as an application wants them, by plain layers."""
    mode = spec.entry.preprocessing
    rescaling = keras.layers.Rescaling
    if mode == "tf":
        return rescaling(1 / 127.5, -1.0, name="preprocess")(tensor)
    if mode == "torch":
        scale = [1 / (255 * each) for each in DEVIATION]
        offset = [-mean / each for mean, each in zip(MEAN, DEVIATION, strict=True)]
        return rescaling(scale, offset, name="preprocess")(tensor)
    if mode == "caffe":
        return rescaling(1.0, [-mean for mean in CAFFE_MEAN], name="preprocess")(keras.ops.flip(tensor, axis=-1))
    return tensor


@contextlib.contextmanager
def use_precision(precision: str) -> Iterator[None]:
    """Let layers that are made meanwhile have a policy which they cannot be given."""
    former = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(former)
