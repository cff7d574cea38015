"""From the file's layers to a compiled Keras model, with Keras' own words and defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnacli.engine import check_memory, keras
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.keras_object import KerasSpec
from rnacli.language import Config
from rnacli.task import Task, from_logits, head_activation

if TYPE_CHECKING:
    import numpy as np

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


@dataclass(frozen=True)
class LayerPlan:
    """What a layer will be: output ``shape`` without the batch, parameters in all and those that are trained."""

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    trainable: int


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


def refused(spec: KerasSpec, error: Exception, shape: str = "") -> RnaError:
    """Keras' own refusal of an object, in one line, at the object's place."""
    reason = clean(" ".join(str(error).split()).split(" Arguments received by")[0], 300)
    return RnaError(
        f"{spec.name}: {reason}",
        place=str(spec.place),
        exit_code=CONFIG,
        hint=f"the layer before gives {shape} for each row" if shape else "",
    )


def layers(config: Config, shape: tuple[int, ...]) -> list[Any]:
    """The network's layers, each built on the one before; inputs are rows of ``shape``.

    Names are Keras' own (``dense``, ``dense_1``), counted for this network alone. With mixed precision the last
    layer computes in float32, as Keras' guide asks for.
    """
    flow = keras.Input(shape)
    built = []
    counts: dict[str, int] = {}
    for i, spec in enumerate(config.layers):
        number = counts.get(spec.name, 0)
        counts[spec.name] = number + 1
        more = {} if "name" in spec.given else {"name": f"{spec.name}_{number}" if number else spec.name}
        if config.precision != "float32" and i == len(config.layers) - 1 and "dtype" not in spec.given:
            more["dtype"] = "float32"
        layer = instantiate(spec, **more)
        before = tuple(flow.shape[1:])
        try:
            flow = layer(flow)
        except Exception as error:
            raise refused(spec, error, f"{before}") from None
        built.append(layer)
    return built


def plan(config: Config, shape: tuple[int, ...]) -> list[LayerPlan]:
    """The layers with their output shapes and parameter counts, without allocating a single weight."""
    with keras.StatelessScope(initialize_variables=False):
        planned = [
            LayerPlan(
                layer.name,
                type(layer).__name__,
                tuple(layer.output.shape[1:]),
                parameters(layer.weights),
                parameters(layer.trainable_weights),
            )
            for layer in layers(config, shape)
        ]
    # Weights that were only planned must not be made later, by another scope.
    keras.utils.clear_session(free_memory=False)
    return planned


def parameters(weights: Any) -> int:
    total = 0
    for weight in weights:
        count = 1
        for n in weight.shape:
            count *= n
        total += count
    return total


def build(config: Config, shape: tuple[int, ...], seed: int | None = None) -> Any:
    """The network, not yet compiled: a plain ``keras.Sequential`` with initial weights drawn from the seed.

    ``keras.utils.set_random_seed`` is called right before, as a script would. Raises ``RnaError`` with exit code 2
    for layers that do not fit together or cannot fit into memory.
    """
    planned = plan(config, shape)
    largest = max(range(len(planned)), key=lambda i: planned[i].parameters)
    check_memory(sum(layer.parameters for layer in planned), str(config.layers[largest].place))
    keras.utils.set_random_seed(config.seed if seed is None else seed)
    return keras.Sequential([keras.Input(shape), *layers(config, shape)], name=identifier(config.name))


def identifier(name: str) -> str:
    """A run's name as Keras takes it for a model: no '/' or other signs."""
    return "".join(c if c.isalnum() or c in "_-." else "_" for c in name)


def compile(model: Any, config: Config, task: Task) -> None:
    """Compile with the file's optimizer, loss and metrics."""
    model.compile(**compilable(config, task))


def compilable(config: Config, task: Task) -> dict[str, Any]:
    """What ``compile`` takes. Raises ``RnaError`` for what Keras refuses."""
    return {
        "optimizer": instantiate(config.optimizer),
        "loss": instantiate(config.loss),
        "metrics": [metric(spec, config, task) for spec in config.metrics],
    }


def metric(spec: KerasSpec, config: Config, task: Task) -> Any:
    """A metric under its name in the file, so that history columns are the same in every run.

    ``accuracy`` of a two-class network that gives logits counts from 0, not from 0.5: Keras' own choice would be
    wrong there.
    """
    if spec.name == "accuracy" and task.kind == "binary" and head_activation(config) not in ("sigmoid", "softmax"):
        threshold = 0.0 if from_logits(config.loss) or task.activation == "margin" else 0.5
        return keras.metrics.BinaryAccuracy(name="accuracy", threshold=threshold)
    if spec.entry.target in ("accuracy", "crossentropy"):
        return spec.entry.target
    return instantiate(spec, **({} if "name" in spec.given else {"name": spec.name}))


def weights(model: Any) -> dict[str, "np.ndarray"]:
    """The weights by name, in the model's order: ``0/dense/kernel``. The number keeps names apart."""
    import numpy as np

    return {name: np.asarray(variable) for name, variable in variables(model).items()}


def variables(model: Any) -> Mapping[str, Any]:
    own = f"{model.name}/"
    return {f"{i}/{variable.path.removeprefix(own)}": variable for i, variable in enumerate(model.weights)}


def set_weights(model: Any, arrays: Mapping[str, "np.ndarray"]) -> None:
    """Assign weights read for exactly this model."""
    for name, variable in variables(model).items():
        variable.assign(arrays[name])
