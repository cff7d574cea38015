"""What each layer will be, before a single weight is allocated."""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.adversarial import LABEL, NOISE, REAL, takes_label
from rnacli.experiment.config import Config
from rnacli.networks.adversarial import side_inputs
from rnacli.networks.applications import KerasFile
from rnacli.networks.build import assemble_network, build_graph
from rnacli.networks.graph import Node
from rnacli.networks.learners import adapts
from rnacli.networks.masks import is_masked
from rnacli.networks.memory import check_memory
from rnacli.networks.phases import set_trainable
from rnacli.schema.layer import APPLICATION, NETWORK

MOST_LAYERS = 300
"""Layers that a network may have: Keras comes to the end of its stack beyond some 900."""
MOST_OUTPUTS = 1 << 28
"""Numbers that a layer may give for one row: 1 GiB."""


@dataclass(frozen=True)
class LayerPlan:
    """What a layer will be: shapes without the batch, its parameters, and the products that a row takes.

    ``is_masked``: a mask comes with its inputs. ``drops_mask``: and it takes padding for steps like the others.
    """

    name: str
    kind: str
    inputs: tuple[int | None, ...]
    shape: tuple[int | None, ...]
    parameters: int
    is_masked: bool = False
    drops_mask: bool = False
    """Whether it ends a mask that it does not know of."""
    sources: tuple[str, ...] = ()
    times: int = 1
    """How often it is used, where its weights are shared."""
    frozen: int = 0
    """How many of its parameters training does not change."""
    within: tuple["LayerPlan", ...] = ()
    """The layers of an application."""
    imagenet_file: KerasFile | None = None
    """The file of weights that it is to begin with, if those are of ImageNet."""

    @property
    def kinds(self) -> list[str]:
        """Its kind, or those of the layers within it."""
        return [layer.kind for layer in self.within] or [self.kind]

    @property
    def outputs(self) -> int:
        """The most numbers that it, or a layer within it, gives for a row."""
        return max(math.prod(size or 1 for size in layer.shape) for layer in (self, *self.within))

    @property
    def products(self) -> int:
        """About how many multiplications a row takes: each weight once for each place or step it is used at."""
        if self.within:
            return self.times * sum(layer.products for layer in self.within)
        if self.kind == "Embedding":
            return 0
        places = self.shape[:-1] if len(self.shape) > 1 else self.inputs[:-1] if len(self.inputs) == 2 else ()
        return self.times * self.parameters * math.prod(place or 1 for place in places)


def plan_network(config: Config, inputs: Mapping[str, InputSpec]) -> list[LayerPlan]:
    """The layers with their shapes and parameter counts, without allocating a single weight.

    Raises ``RnaError`` with exit code 2 for layers that do not fit together or cannot fit into memory.
    """
    if config.sides:
        return plan_sides(config, inputs)
    if len(config.layers) > MOST_LAYERS:
        raise RnaError(
            "{count:,} layers, and {most} are the most",
            place=str(config.layers[MOST_LAYERS].place),
            hint="fewer and larger layers",
            exit_code=CONFIG,
            count=len(config.layers),
            most=MOST_LAYERS,
        )
    with keras.StatelessScope(initialize_variables=False):
        graph = build_graph(config, inputs)
        embeddings = [plan_embedding(layer) for layer in graph.embedded]
        if config.phases:  # what they name within layers is there
            network = assemble_network(graph, config)
            set_trainable(network, config, len(config.phases))
            set_trainable(network, config, -1)
        planned = [(node, plan) for each in graph.nodes for node, plan in plan_node(each, graph.nodes)]
    # Weights that were only planned must not be made later, by another scope.
    keras.utils.clear_session(free_memory=False)
    largest = max(planned, key=lambda pair: pair[1].parameters)[0]
    check_memory(
        sum(layer.parameters for layer in (*embeddings, *(plan for _, plan in planned))), str(largest.spec.place)
    )
    widest, plan = max(planned, key=lambda pair: pair[1].outputs)
    if plan.outputs > MOST_OUTPUTS:
        raise RnaError(
            "{name} gives {outputs:,} numbers for each row: too many for the memory",
            place=str(widest.spec.place),
            hint="smaller inputs, or a smaller layer",
            exit_code=CONFIG,
            name=widest.name,
            outputs=plan.outputs,
        )
    return [*embeddings, *(plan for _, plan in planned)]


def plan_sides(config: Config, inputs: Mapping[str, InputSpec]) -> list[LayerPlan]:
    """As ``plan_network``: a generator's layers, and those of its discriminator, which sees real examples as well."""
    every: list[LayerPlan] = []
    made: tuple[int, ...] = ()
    for side, own in config.sides.items():
        planned = plan_network(own, side_inputs(config, made, inputs)[side])
        made = tuple(size or 1 for size in planned[-1].shape)
        before = every[-1].name if every else NOISE
        outside = {NOISE: before, REAL: before} | ({LABEL: LABEL} if takes_label(own.layers) else {})
        every += [
            dataclasses.replace(
                layer,
                name=f"{side}/{layer.name}",
                sources=tuple(outside.get(source, f"{side}/{source}") for source in layer.sources),
                times=layer.times * (2 if side == "discriminator" else 1),
            )
            for layer in planned
        ]
    return every


def plan_embedding(layer: Any) -> LayerPlan:
    """The plan of an input's embedding."""
    shapes = tuple(layer.input.shape[1:]), tuple(layer.output.shape[1:])
    return LayerPlan(layer.name, type(layer).__name__, *shapes, count_weights(layer), sources=(layer.input.name,))


def plan_node(node: Node, beside: Sequence[Node], times: int = 1) -> Iterator[tuple[Node, LayerPlan]]:
    """The plan of a layer; of a network of the file, those of its layers come first, where it is used first.

    ``beside``: the nodes that it is one of; ``times``: how often these are used.
    """
    is_network = node.spec.entry.category == NETWORK
    for inner in node.inner:
        used = sum(other.layer is node.layer for other in beside)
        yield from plan_node(inner, node.inner, times * used)
    # What a layer learns before training are no parameters of it any more, but arguments.
    parameters = 0 if is_network or adapts(node.spec) else count_weights(node.layer)
    shapes = tuple(node.inputs[0].shape[1:]), tuple(node.output.shape[1:])
    kind = "Network" if is_network else type(node.layer).__name__
    within: tuple[LayerPlan, ...] = ()
    file = None
    if node.spec.entry.category == APPLICATION:
        kind, within = node.spec.entry.target, tuple(map(plan_inner, node.layer.layers[1:]))
        file = node.layer.imagenet_file
    masked = any(map(is_masked, node.inputs))
    drops = masked and not node.layer.supports_masking
    frozen = parameters if not node.layer.trainable else 0
    yield (
        node,
        LayerPlan(node.name, kind, *shapes, parameters, masked, drops, node.sources, times, frozen, within, file),
    )


def plan_inner(layer: Any) -> LayerPlan:
    """The plan of a layer within an application."""
    taken = layer.input[0] if isinstance(layer.input, list | tuple) else layer.input
    shapes = tuple(taken.shape[1:]), tuple(layer.output.shape[1:])
    return LayerPlan(layer.name, type(layer).__name__, *shapes, count_weights(layer))


def count_weights(layer: Any) -> int:
    return sum(math.prod(weight.shape) for weight in layer.weights)
