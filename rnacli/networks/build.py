"""From the file's layers to a compiled Keras model, with Keras' own words and defaults."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, Problem, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.graph import INPUT, graph_faults, is_chain, used_inputs
from rnacli.networks.adversarial import Adversarial, side_inputs
from rnacli.networks.augment import attach_augmentation
from rnacli.networks.graph import Builder, Node, make_model
from rnacli.networks.inputs import Inputs, make_inputs
from rnacli.networks.instantiate import instantiate, root_name
from rnacli.networks.losses import weigh_losses
from rnacli.networks.phases import set_trainable
from rnacli.networks.step_activations import Perceptron, attach_steps
from rnacli.runs.checkpoint import Enter, callback_kinds
from rnacli.runs.optimizers import build_optimizers
from rnacli.schema.keras_object import FIND, KerasSpec
from rnacli.schema.layer import APPLICATION
from rnacli.schema.reader import Fault, fault
from rnacli.tasks.heads import PERCEPTRON, Head
from rnacli.tasks.task import Task
from rnacli.words import ascii_name


@dataclass(frozen=True)
class Graph:
    """A network's layers in their places. ``tensors``: its inputs, by name; ``embedded``: the layers of those that
    are indices."""

    tensors: dict[str, Any]
    embedded: list[Any]
    nodes: list[Node]


def build_graph(config: Config, inputs: Mapping[str, InputSpec], count: int | None = None) -> Graph:
    """The network's layers, or the first ``count`` of them, each called on what it takes. Raises ``RnaError``."""
    require_graph(config, inputs)
    tensors = make_inputs(inputs)
    joined = Inputs(tensors, inputs, config.keras_names)
    return Graph(
        tensors, joined.layers, Builder(config).build(config.layers[:count], joined, [*config.outputs.values()])
    )


Load = Callable[[KerasSpec, Any], None]
"""Gives an application, built as a layer, the weights that the file names."""


def load_applications(nodes: Sequence[Node], load: Load | None) -> None:
    """Let ``load`` give all applications among nodes, and within them, their weights. Raises ``RnaError``."""
    for node in nodes:
        load_applications(node.inner, load)
        if load is not None and node.spec.entry.category == APPLICATION:
            load(node.spec, node.layer)


def require_graph(config: Config, inputs: Mapping[str, InputSpec]) -> None:
    """Refuse layers that do not hang together with these ``inputs``. Raises ``RnaError`` that names all mistakes."""
    names = list(dict.fromkeys(spec.group or name for name, spec in inputs.items()))
    only = [INPUT] if len(names) == 1 else []
    faults = [*graph_faults(config.layers, ("layers",), [*config.outputs.values()], [*names, *only])]
    taken = used_inputs(config.layers)
    if not faults and taken is not None and not (only and taken):
        faults += [unused_input(name) for name in names if name not in taken]
    faults += name_clashes(config, inputs)
    if faults:
        problems = [Problem(message, str(config.place(*path)), hint) for path, message, hint in faults]
        raise RnaError.of(problems, CONFIG)


def unused_input(name: str) -> Fault:
    hint = "name it in the from of a layer, or leave its columns out: columns: {column: ignore}"
    return fault(("dataset",), "no layer takes the input {name}", hint, name=name)


def name_clashes(config: Config, inputs: Mapping[str, InputSpec]) -> Iterator[Fault]:
    """Layers that are called in Keras as an input, or as its embedding."""
    if len(inputs) == 1 and not any(spec.categories for spec in inputs.values()):
        return  # which has Keras' own name
    names = {word + ascii_name(name) for name in inputs for word in ("", "embedding_")}
    for i, (name, plain) in enumerate(zip(config.layer_names, config.keras_names, strict=True)):
        if plain in names:
            yield fault(("layers", i), "there is an input called '{name}'", "name the layer differently", name=name)


def build_network(config: Config, inputs: Mapping[str, InputSpec], load: Load | None = None) -> Any:
    """The network that was planned, not yet compiled: a plain Keras model, its weights drawn from the seed.

    ``load``: gives an application the weights that the file names; without it they stay as they were drawn.

    It is a ``keras.Sequential`` where it is a chain from one input. ``keras.utils.set_random_seed`` is called right
    before, as a script would.
    """
    keras.utils.set_random_seed(config.seed)
    return build_sides(config, inputs, load) if config.sides else build_plain(config, inputs, load)


def build_plain(config: Config, inputs: Mapping[str, InputSpec], load: Load | None) -> Any:
    """As ``build_network``, of one network, with the random numbers that are there."""
    graph = build_graph(config, inputs)
    load_applications(graph.nodes, load)
    return assemble_network(graph, config)


def build_sides(config: Config, inputs: Mapping[str, InputSpec], load: Load | None) -> Adversarial:
    """A generator and a discriminator of what it makes, as one Keras model."""
    networks: dict[str, Any] = {}
    made: tuple[int, ...] = ()
    for side, own in config.sides.items():
        networks[side] = build_plain(own, side_inputs(config, made, inputs)[side], load)
        made = tuple(networks[side].output_shape[1:])
    noise, steps = int(config.noise or 1), int(config.discriminator_steps or 1)
    return Adversarial(**networks, noise=noise, seed=config.seed, steps=steps, name=root_name(config.name))


def assemble_network(graph: Graph, config: Config) -> Any:
    """The Keras model of a graph."""
    outputs = {name: graph.nodes[i].output for name, i in config.outputs.items()}
    is_plain = is_chain(config.layers) and not graph.embedded
    chain = [node.layer for node in graph.nodes] if is_plain else []
    return make_model(graph.tensors, outputs, chain, root_name(config.name))


def build_in_float64(config: Config, inputs: Mapping[str, InputSpec], network: Any) -> Any:
    """A copy of a network, with its weights, that computes in float64."""
    keras.config.set_dtype_policy("float64")  # of layers within layers
    try:
        copy = build_network(dataclasses.replace(config, precision="float64"), inputs)
    finally:
        keras.config.set_dtype_policy("float32")
    copy.set_weights(network.get_weights())
    return copy


def compile_network(model: Any, config: Config, tasks: Mapping[str, Task], phase: int = 0) -> None:
    """Compile with the optimizer, the loss and the metrics of a phase, counted from 0, frozen as it says.

    Evaluation and prediction run without XLA: it would compile anew for each size of the last batch.
    """
    if config.phases:
        set_trainable(model, config, phase)
    model.compile(**compile_arguments(config.phase_configs[phase], tasks))
    if len(tasks) > 1:
        weigh_losses(model)
    attach_steps(model, config.heads)
    if "augmentation" not in model.__dict__:  # whose random state goes on from phase to phase
        attach_augmentation(model, config.dataset.augmentation, config.seed)


def enter_phase(model: Any, config: Config, tasks: Mapping[str, Task], number: int) -> list[str]:
    """Make a network what it is in a phase, its optimizer built and new; gives the kinds of the phase's callbacks.

    Raises ``ValueError`` where there is no such phase.
    """
    if not 0 <= number < len(config.phase_configs):
        raise ValueError("it is of another phase")
    compile_network(model, config, tasks, number)
    build_optimizers(model)
    return callback_kinds(config.phase_configs[number].callbacks)


def phase_entry(model: Any, config: Config, tasks: Mapping[str, Task]) -> Enter | None:
    """How a network enters the phase of a checkpoint; ``None`` where there are no phases."""
    return functools.partial(enter_phase, model, config, tasks) if config.phases else None


def build_optimizer(spec: KerasSpec, precision: str) -> Any:
    """An optimizer for a network of some precision. Raises ``RnaError`` for what Keras refuses."""
    if spec.arguments.get("learning_rate") == FIND:  # Keras' own, until it is found
        spec = dataclasses.replace(spec, given=spec.given - {"learning_rate"})
    optimizer = instantiate(spec)
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == "mixed_float16" else optimizer


def compile_sides(config: Config) -> dict[str, Any]:
    """What ``Adversarial.compile`` takes. Raises ``RnaError`` for what Keras refuses."""
    optimizers = {side: build_optimizer(spec, config.precision) for side, spec in config.optimizers.items()}
    return {"optimizers": optimizers, "loss": config.only_loss}


def compile_arguments(config: Config, tasks: Mapping[str, Task]) -> dict[str, Any]:
    """What ``compile`` takes. Raises ``RnaError`` for what Keras refuses."""
    if config.sides:
        return compile_sides(config)
    (optimizer,) = (build_optimizer(spec, config.precision) for spec in config.optimizers.values())
    heads, measured = config.heads, config.measured
    metrics = {name: [build_metric(spec, heads[name], task) for spec in measured[name]] for name, task in tasks.items()}
    weights = {"loss_weights": dict.fromkeys(heads, 1.0) | config.loss_weights} if config.loss_weights else {}
    losses = {name: build_loss(head) for name, head in heads.items()}
    return {"optimizer": optimizer, "loss": pack(losses), "metrics": pack(metrics), "jit_compile": False, **weights}


def build_loss(head: Head) -> Any:
    """The loss of an output."""
    return Perceptron(head.activation) if head.loss.name == PERCEPTRON else instantiate(head.loss)


def build_metric(spec: KerasSpec, head: Head, task: Task) -> Any:
    """A metric under its name in the file, so that history columns are the same in every run.

    ``accuracy`` of a two-class network that gives logits counts from 0, not from 0.5: Keras' own choice would be
    wrong there.
    """
    if spec.name == "accuracy" and (threshold := task.accuracy_threshold(head)) is not None:
        return keras.metrics.BinaryAccuracy(name=spec.logged, threshold=threshold)
    if spec.entry.target in ("accuracy", "crossentropy"):
        return spec.logged
    return instantiate(spec, **({} if "name" in spec.given else {"name": spec.logged}))
