"""What each layer will be, before a single weight is allocated."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.networks.build import build_layers, make_inputs
from rnacli.networks.learners import adapts
from rnacli.networks.masks import is_masked
from rnacli.networks.memory import check_memory

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

    @property
    def products(self) -> int:
        """About how many multiplications a row takes: each weight once for each place or step it is used at."""
        if self.kind == "Embedding":
            return 0
        places = self.shape[:-1] if len(self.shape) > 1 else self.inputs[:-1] if len(self.inputs) == 2 else ()
        return self.parameters * math.prod(place or 1 for place in places)


def plan_network(config: Config, inputs: Mapping[str, InputSpec]) -> list[LayerPlan]:
    """The layers with their shapes and parameter counts, without allocating a single weight.

    Raises ``RnaError`` with exit code 2 for layers that do not fit together or cannot fit into memory.
    """
    if len(config.layers) > MOST_LAYERS:
        raise RnaError(
            "{count:,} layers, and {most} are the most",
            place=str(config.layers[MOST_LAYERS].place),
            hint="fewer and larger layers",
            exit_code=CONFIG,
            count=len(config.layers),
            most=MOST_LAYERS,
        )
    # What a layer learns before training are no parameters of it any more, but arguments.
    learners = {name for name, spec in zip(config.layer_names, config.layers, strict=True) if adapts(spec)}
    with keras.StatelessScope(initialize_variables=False):
        layers = build_layers(config, inputs, make_inputs(inputs))[0]
        embeddings = [layer.name for layer in layers[: len(layers) - len(config.layers)]]
        planned = [
            LayerPlan(
                name,
                type(layer).__name__,
                tuple(given.shape[1:]),
                tuple(layer.output.shape[1:]),
                0 if layer.name in learners else sum(math.prod(weight.shape) for weight in layer.weights),
                is_masked(given),
                is_masked(given) and not layer.supports_masking,
            )
            for name, layer in zip([*embeddings, *config.layer_names], layers, strict=True)
            for given in keras.tree.flatten(layer.input)[:1]  # a mask would be the second
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
            "{name} gives {outputs:,} numbers for each row: too many for the memory",
            place=str(config.layers[widest].place),
            hint="smaller inputs, or a smaller layer",
            exit_code=CONFIG,
            name=own[widest].name,
            outputs=outputs,
        )
    return planned
