"""From the file's layers to a compiled Keras model, with Keras' own words and defaults."""

import dataclasses
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnacli import checkpoint, refusal, weights_file
from rnacli.engine import check_memory, keras, start
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.keras_object import KerasSpec
from rnacli.language import Config
from rnacli.light import Shapes
from rnacli.refusal import Shape
from rnacli.task import Task, from_logits, head_activation
from rnacli.trained import CHECKPOINTS, Trained

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger("rnacli")

MODULES = {
    "layer": keras.layers,
    "optimizer": keras.optimizers,
    "schedule": keras.optimizers.schedules,
    "loss": keras.losses,
    "metric": keras.metrics,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "callback": keras.callbacks,
}


MOST_LAYERS = 300
"""Layers that a network may have: Keras comes to the end of its stack beyond some 900."""
MOST_OUTPUTS = 1 << 28
"""Numbers that a layer may give for one row: 1 GiB."""
Embeddings = Sequence[tuple[str, int, int]]
"""Name, number of categories and dimensions of each embedded column."""


@dataclass(frozen=True)
class LayerPlan:
    """What a layer will be: shapes without the batch, its parameters, and the products that a row takes."""

    name: str
    kind: str
    inputs: tuple[int | None, ...]
    shape: tuple[int | None, ...]
    parameters: int

    @property
    def products(self) -> int:
        """About how many multiplications a row takes: each weight once for each place or step it is used at."""
        if self.kind == "Embedding":
            return 0
        places = self.shape[:-1] if len(self.shape) > 1 else self.inputs[:-1] if len(self.inputs) == 2 else ()
        return self.parameters * math.prod(place or 1 for place in places)


def instantiate(spec: KerasSpec, **more: Any) -> Any:
    """The Keras object that a spec describes, defaults left to Keras; ``RnaError`` with its place if Keras refuses."""
    arguments = {name: nested(spec.arguments[name]) for name in spec.arguments if name in spec.given} | more
    if "ngrams" in arguments and isinstance(arguments["ngrams"], list):
        arguments["ngrams"] = tuple(arguments["ngrams"])  # the one list that Keras takes only as a tuple
    try:
        return getattr(MODULES[spec.entry.category], spec.entry.target)(**arguments)
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        raise refused(spec, error) from None


def nested(value: Any) -> Any:
    if isinstance(value, KerasSpec):
        return instantiate(value)
    return list(map(nested, value)) if isinstance(value, tuple) else value


def refused(spec: KerasSpec, error: Exception, shape: Shape | None = None, before: str = "") -> RnaError:
    """Keras' own refusal of an object, in one line, at the object's place."""
    message, hint = refusal.explain(spec.name, error, shape, before)
    return RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG)


def embedded(inputs: Any, embeddings: Embeddings) -> tuple[list[Any], Any]:
    """The layers of embedded columns, whose indices are the last ``inputs``, and all columns as one row of numbers."""
    plain = inputs.shape[1] - len(embeddings)
    built: list[Any] = []
    parts = [inputs[:, :plain]] if plain else []
    for i, (name, size, dimensions) in enumerate(embeddings):
        called = f"embedding_{identifier(name)}"
        taken = {layer.name for layer in built}
        layer = keras.layers.Embedding(size, dimensions, name=f"{called}_{i}" if called in taken else called)
        parts.append(layer(keras.ops.cast(inputs[:, plain + i], "int32")))
        built.append(layer)
    return built, keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]


def layers(config: Config, inputs: Any, embeddings: Embeddings) -> tuple[list[Any], Any]:
    """The network's layers, each built on the one before, and the outputs that they give for ``inputs``.

    With mixed precision the last layer computes in float32, as Keras' guide asks for.
    """
    built, flow = embedded(inputs, embeddings) if embeddings else ([], inputs)
    for i, (spec, name) in enumerate(zip(config.layers, config.layer_names, strict=True)):
        more = {"name": name}
        if config.precision != "float32" and "dtype" not in spec.given and "dtype" in spec.entry.arguments:
            is_last = i == len(config.layers) - 1
            more["dtype"] = "float32" if is_last and config.precision.startswith("mixed") else config.precision
        layer = instantiate(spec, **more)
        if layer.name in (other.name for other in built):
            message = f"there are two layers called '{clean(layer.name)}'"
            raise RnaError(message, place=str(spec.place), hint="name them differently", exit_code=CONFIG)
        shape = tuple(flow.shape[1:])
        try:
            flow = layer(flow)
        except Exception as error:
            raise refused(spec, error, shape, config.layers[i - 1].name if i else "") from None
        built.append(layer)
    return built, flow


def plan(config: Config, shape: tuple[int, ...], embeddings: Embeddings = ()) -> list[LayerPlan]:
    """The layers with their shapes and parameter counts, without allocating a single weight.

    Raises ``RnaError`` with exit code 2 for layers that do not fit together or cannot fit into memory.
    """
    if len(config.layers) > MOST_LAYERS:
        raise RnaError(
            f"{len(config.layers):,} layers, and {MOST_LAYERS} are the most",
            place=str(config.layers[MOST_LAYERS].place),
            hint="fewer and larger layers",
            exit_code=CONFIG,
        )
    with keras.StatelessScope(initialize_variables=False):
        planned = [
            LayerPlan(
                layer.name,
                type(layer).__name__,
                tuple(layer.input.shape[1:]),
                tuple(layer.output.shape[1:]),
                sum(math.prod(weight.shape) for weight in layer.weights),
            )
            for layer in layers(config, keras.Input(shape), embeddings)[0]
        ]
    # Weights that were only planned must not be made later, by another scope.
    keras.utils.clear_session(free_memory=False)
    own = planned[len(embeddings) :]
    largest = max(range(len(own)), key=lambda i: own[i].parameters)
    check_memory(sum(layer.parameters for layer in planned), str(config.layers[largest].place))
    widest = max(range(len(own)), key=lambda i: math.prod(size or 1 for size in own[i].shape))
    outputs = math.prod(size or 1 for size in own[widest].shape)
    if outputs > MOST_OUTPUTS:
        raise RnaError(
            f"{own[widest].name} gives {outputs:,} numbers for each row: too many for the memory",
            place=str(config.layers[widest].place),
            hint="smaller inputs, or a smaller layer",
            exit_code=CONFIG,
        )
    return planned


def build(config: Config, shape: tuple[int, ...], embeddings: Embeddings = ()) -> Any:
    """The network that was planned, not yet compiled: a plain Keras model, its weights drawn from the seed.

    It is a ``keras.Sequential`` but where columns are embedded. ``keras.utils.set_random_seed`` is called right before,
    as a script would.
    """
    keras.utils.set_random_seed(config.seed)
    inputs, name = keras.Input(shape), identifier(config.name)
    built, outputs = layers(config, inputs, embeddings)
    return keras.Model(inputs, outputs, name=name) if embeddings else keras.Sequential([inputs, *built], name=name)


def identifier(name: str) -> str:
    """A run's name as Keras takes it for a model: no '/' or other signs."""
    return "".join(c if c.isalnum() or c in "_-." else "_" for c in name)


def compile(model: Any, config: Config, task: Task) -> None:
    """Compile with the file's optimizer, loss and metrics.

    Evaluation and prediction run without XLA: it would compile anew for each size of the last batch.
    """
    model.compile(**compilable(config, task), jit_compile=False)


def compilable(config: Config, task: Task) -> dict[str, Any]:
    """What ``compile`` takes. Raises ``RnaError`` for what Keras refuses."""
    optimizer = instantiate(config.optimizer)
    if config.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    return {
        "optimizer": optimizer,
        "loss": instantiate(config.loss),
        "metrics": [metric(spec, config, task) for spec in config.metrics or ()],
    }


def metric(spec: KerasSpec, config: Config, task: Task) -> Any:
    """A metric under its name in the file, so that history columns are the same in every run.

    ``accuracy`` of a two-class network that gives logits counts from 0, not from 0.5: Keras' own choice would be
    wrong there.
    """
    if spec.name == "accuracy" and task.kind == "binary" and head_activation(config) not in ("sigmoid", "softmax"):
        threshold = 0.0 if from_logits(config.loss) or task.activation == "margin" else 0.5
        return keras.metrics.BinaryAccuracy(name=spec.logged, threshold=threshold)
    if spec.entry.target in ("accuracy", "crossentropy"):
        return spec.logged
    return instantiate(spec, **({} if "name" in spec.given else {"name": spec.logged}))


def build_in_float64(config: Config, shape: tuple[int, ...], embeddings: Embeddings, network: Any) -> Any:
    """A copy of a network, with its weights, that computes in float64."""
    keras.config.set_dtype_policy("float64")  # of layers within layers
    try:
        copy = build(dataclasses.replace(config, precision="float64"), shape, embeddings)
    finally:
        keras.config.set_dtype_policy("float32")
    copy.set_weights(network.get_weights())
    return copy


def weights(model: Any) -> dict[str, "np.ndarray"]:
    """The weights by name, in the model's order: ``0/dense/kernel``. The number keeps names apart."""
    import numpy as np

    return {name: np.asarray(variable) for name, variable in variables(model).items()}


def variables(model: Any) -> Mapping[str, Any]:
    own = f"{model.name}/"
    return {f"{i}/{variable.path.removeprefix(own)}": variable for i, variable in enumerate(model.weights)}


def expected(model: Any) -> Shapes:
    """Shape and type of each weight, to read them by."""
    return {name: (tuple(weight.shape), str(weight.dtype)) for name, weight in variables(model).items()}


def set_weights(model: Any, arrays: Mapping[str, "np.ndarray"]) -> None:
    """Assign weights read for exactly this model."""
    for name, variable in variables(model).items():
        variable.assign(arrays[name])


def restore(opened: Trained) -> Any:
    """The compiled Keras network of a run, with its weights; of a run that was not finished, with the latest.

    Raises ``RnaError``.
    """
    config, known = opened.config, opened.preprocessing
    start(config.device, opened.threads, config.precision)
    planned = plan(config, known.shape, known.embeddings)
    if opened.is_finished:  # before the network of a forged config takes its memory
        weights_file.require(opened.run.path / "weights.npz", sum(layer.parameters for layer in planned))
    network = build(config, known.shape, known.embeddings)
    compile(network, config, known.task)
    if opened.is_finished:
        set_weights(network, opened.weights(expected(network)))
    else:
        which = checkpoint.restore(opened.run.path / CHECKPOINTS, network, config)
        run = opened.run.path
        log.info("this run is not finished: its weights are those of %s; rna train --resume %s goes on", which, run)
    return network
