"""The layers of a file as layers of Keras, each called on what it takes."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnacli.encoders.encoder import InputSpec
from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.config import Config
from rnacli.experiment.graph import is_chain, keras_names, layer_names, trace_sources
from rnacli.networks.applications import build_application
from rnacli.networks.inputs import Inputs
from rnacli.networks.instantiate import instantiate, is_of_call, refused_by_keras, refused_merge
from rnacli.networks.learners import adapts, refuse_within, require_learnable
from rnacli.networks.masks import require_mask_fits
from rnacli.networks.ranks import require_rows
from rnacli.networks.step_activations import without_step
from rnacli.networks.weight_rules import require_weight_rules
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.layer import APPLICATION, INPUTS, NETWORK
from rnacli.words import ascii_name, fill_template

BY_POSITION = ("group_query_attention", "multi_head_attention")
"""Layers that take query, value and key one by one, where others take a list."""


@dataclass(frozen=True)
class Node:
    """A layer in its place.

    ``sources``: the names of what it takes. ``inputs`` and ``output``: tensors of Keras. ``changing``: the first layer
    on the way to its output that training changes; empty where there is none. ``inner``: the nodes of one of the
    file's networks, where it is used first.
    """

    name: str
    spec: KerasSpec
    layer: Any
    sources: tuple[str, ...]
    inputs: tuple[Any, ...]
    output: Any
    changing: str
    inner: tuple["Node", ...] = ()


@dataclass
class Builder:
    """Builds the layers of a config. ``shared``: the file's networks that were used, by name."""

    config: Config
    shared: dict[str, Any] = field(default_factory=dict)

    def build(self, layers: Sequence[KerasSpec], inputs: Inputs, outputs: Sequence[int] = ()) -> list[Node]:
        """The nodes of some layers; those at ``outputs`` give what the network gives. Raises ``RnaError``."""
        nodes: list[Node] = []
        names, plain, sources = layer_names(layers), keras_names(layers), trace_sources(layers)
        for i, spec in enumerate(layers):
            taken = [
                (nodes[source].output, nodes[source].changing) if isinstance(source, int) else inputs.take(source)
                for source in sources[i]
            ] or [inputs.take_all(str(spec.place))]
            named = tuple(names[source] if isinstance(source, int) else source for source in sources[i])
            tensors = tuple(tensor for tensor, _ in taken)
            changing = next((name for _, name in taken if name), "")
            before = [nodes[source].spec.name if isinstance(source, int) else source for source in sources[i]]
            after = [other.name for other in layers[i + 1 :]]
            inner: tuple[Node, ...] = ()
            if spec.entry.category == NETWORK:
                layer, inner = self.use_network(spec, plain[i], tensors[0], before, changing)
                output = layer(tensors[0])
            elif spec.entry.category == APPLICATION:
                layer = build_application(spec, plain[i], tensors[0], self.config.precision)
                output = layer(tensors[0])
            else:
                layer = instantiate(spec, name=plain[i], **self.precision(spec, i in outputs), **without_step(spec))
                require_learnable(spec, [changing] if changing else [])
                require_rows(spec, tuple(tensors[0].shape[1:]), "".join(before[:1]), after)
                require_mask_fits(spec, tensors)
                output = call_layer(spec, layer, tensors, before, named)
                require_weight_rules(spec, layer)
            if layer.trainable and layer.weights and not adapts(spec):
                changing = changing or names[i]
            nodes.append(Node(names[i], spec, layer, named or tuple(inputs.names), tensors, output, changing, inner))
        return nodes

    def precision(self, spec: KerasSpec, is_output: bool) -> dict[str, str]:
        """The policy of a layer, where it has not Keras' default; mixed, what gives outputs computes in float32."""
        precision = self.config.precision
        if precision == "float32" or "dtype" in spec.given or "dtype" not in spec.entry.arguments:
            return {}
        return {"dtype": "float32" if is_output and precision.startswith("mixed") else precision}

    def use_network(
        self, spec: KerasSpec, plain: str, tensor: Any, before: Sequence[str], changing: str
    ) -> tuple[Any, tuple[Node, ...]]:
        """One of the file's networks as a layer, and its nodes where it is used for the first time."""
        if spec.arguments["anew"]:
            return self.build_network(spec, plain, tensor, changing)
        network = self.shared.get(spec.name)
        if network is None:
            network, inner = self.build_network(spec, ascii_name(spec.name), tensor, changing)
            self.shared[spec.name] = network
            return network, inner
        wanted, shape = tuple(network.input_shape[1:]), tuple(tensor.shape[1:])
        if shape != wanted:
            raise RnaError(
                "network {name} takes rows of shape {wanted}, got rows of shape {shape} from {before}",
                place=str(spec.place),
                hint="- {name}: {anew: true} has weights of its own",
                exit_code=CONFIG,
                name=spec.name,
                wanted=wanted,
                shape=shape,
                before="".join(before[:1]) or fill_template("the inputs"),
            )
        return network, ()

    def build_network(self, spec: KerasSpec, plain: str, tensor: Any, changing: str) -> tuple[Any, tuple[Node, ...]]:
        """A network of the file, for rows like those of a ``tensor``."""
        layers = (self.config.networks or {})[spec.name]
        for inner in layers:
            refuse_within(inner, spec.name)
        shape = tuple(tensor.shape[1:])
        start = keras.Input(shape, dtype=tensor.dtype)
        with keras.name_scope(plain):  # its weights are called after it
            nodes = self.build(layers, Inputs({"input": start}, {"input": InputSpec(shape)}))
        chain = [node.layer for node in nodes] if is_chain(layers) else []
        network = make_model({"input": start}, {"output": nodes[-1].output}, chain, plain)
        named = (dataclasses.replace(node, name=f"{spec.name}/{node.name}") for node in nodes)
        return network, tuple(named)


def make_model(tensors: Mapping[str, Any], outputs: Mapping[str, Any], chain: Sequence[Any], name: str) -> Any:
    """The Keras model from inputs to outputs: ``keras.Sequential`` of the layers of a ``chain`` from one input."""
    if chain and len(tensors) == 1:
        return keras.Sequential([*tensors.values(), *chain], name=name)
    return keras.Model(pack(tensors), pack(outputs), name=name)


def call_layer(
    spec: KerasSpec, layer: Any, tensors: tuple[Any, ...], before: Sequence[str], names: Sequence[str]
) -> Any:
    """What a layer gives for the tensors that it takes: from layers of the kinds ``before``, with these ``names``.

    Raises ``RnaError``.
    """
    several = spec.name in INPUTS
    if several and len(tensors) == 1:  # it attends to what it asks
        tensors = tensors * 2
    try:
        if not several:
            output = layer(tensors[0])
        else:
            more = {name: spec.arguments[name] for name in spec.given if is_of_call(spec, name)}
            output = layer(*tensors, **more) if spec.name in BY_POSITION else layer(list(tensors), **more)
    except Exception as error:
        shapes = [tuple(tensor.shape[1:]) for tensor in tensors]
        if len(names) > 1:
            raise refused_merge(spec, shapes, names) from None
        raise refused_by_keras(spec, error, shapes[0], "".join(before[:1])) from None
    if isinstance(output, list | tuple):
        raise RnaError(
            "{name} gives {count} outputs, and each layer gives one",
            place=str(spec.place),
            hint="leave out what makes it give more, such as return_state",
            exit_code=CONFIG,
            name=spec.name,
            count=len(output),
        )
    if any(output is tensor for tensor in tensors):  # and has lost where it came from
        message, hint = "{name} cannot be within a network in this version of Keras", "leave it out"
        raise RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=spec.name)
    return output
