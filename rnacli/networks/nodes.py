"""A network as plain data: its layers, and which of them each gets its inputs from."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnacli.experiment.adversarial import LABEL
from rnacli.words import distinct_names


@dataclass(frozen=True)
class Node:
    """A layer, or an input.

    ``kind``: its class, that of the layer within it, its activation. ``shape``: of one row of its outputs.
    ``frozen``: how many of its ``parameters`` training does not change since it is not ``trainable``. ``inputs``: the
    names of the nodes whose outputs it takes.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int = 0
    frozen: int = 0
    inputs: tuple[str, ...] = ()


def describe_network(network: Any, names: Mapping[str, str]) -> list[Node]:
    """The nodes of a built Keras network, each behind those that it takes from; ``names``: Keras' -> the file's.

    The only input is called ``input``, since what Keras calls it depends on the networks that were built before.
    """
    only = distinct_names([*names.values(), "input"])[-1]
    if not hasattr(network, "operations"):  # a Sequential
        nodes = [Node(only, "Input", tuple(network.input_shape[1:]))]
        for layer in network.layers:
            nodes.append(describe_layer(layer, names, [nodes[-1].name]))
        return nodes
    layers = {layer.name: layer for layer in network.operations if is_layer(layer)}
    first = [name for name, layer in layers.items() if type(layer).__name__ == "InputLayer"]
    names = {**names, **(dict.fromkeys(first, only) if len(first) == 1 else {})}
    calls = {id(node) for depth in network._nodes_by_depth.values() for node in depth}
    order = {name: i for i, name in enumerate(layers)}
    return [
        describe_layer(
            layer,
            names,
            # Of a layer that is used twice, also what it is used on later would be above it.
            [names.get(above, above) for above in layers_before(layer, calls) if order[above] < order[name]],
        )
        for name, layer in layers.items()
    ]


def describe_sides(sides: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> list[Node]:
    """The nodes of a generator, and of its discriminator, which takes what it makes and the data.

    ``names``: Keras' -> the file's, for each side.
    """
    nodes: list[Node] = []
    for side, network in sides.items():
        own = describe_network(network, names[side])
        before = [nodes[-1].name, "data"] if nodes else []
        data = next(node for node in own if node.kind == "Input" and node.name != LABEL)
        nodes += [Node("data", "Input", data.shape)] if nodes else []
        for node in own:
            above = tuple(f"{side}/{name}" for name in node.inputs)
            kind = node.kind
            if node.name == LABEL and node.kind == "Input":
                kind = "Label"
            elif node.kind == "Input":
                above, kind = tuple(before), "Real or generated" if before else "Noise"
            nodes.append(replace(node, name=f"{side}/{node.name}", kind=kind, inputs=above))
    return nodes


def describe_layer(layer: Any, names: Mapping[str, str], above: Iterable[str]) -> Node:
    kind = type(layer).__name__.removesuffix("Layer")
    inner = getattr(layer, "cell", None) if kind == "RNN" else getattr(layer, "layer", None)
    inner = getattr(layer, "forward_layer", inner)
    if inner is not None:
        kind += f"({type(inner).__name__})"
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if activation != "linear" and not hasattr(layer, "cell"):
        kind += f", {activation}"
    output = layer.output[0] if isinstance(layer.output, list | tuple) else layer.output
    name, shape = names.get(layer.name, layer.name), tuple(output.shape[1:])
    return Node(name, kind, shape, layer.count_params(), count_frozen(layer), tuple(dict.fromkeys(above)))


def count_frozen(layer: Any) -> int:
    """The parameters of a layer, or of layers within it, that is not ``trainable``."""
    if not layer.trainable:
        return int(layer.count_params())
    return sum(count_frozen(inner) for inner in getattr(layer, "layers", ()))


def layers_before(operation: Any, calls: Set[int]) -> list[str]:
    """The names of the layers whose outputs an operation takes in the network's ``calls``.

    What stands between layers is looked through, but where it only makes a mask.
    """
    before = [
        parent.operation for node in operation._inbound_nodes if id(node) in calls for parent in node.parent_nodes
    ]
    layers = [each.name for each in before if is_layer(each)]
    return layers or [name for each in before for name in layers_before(each, calls)]


def is_layer(operation: Any) -> bool:
    return hasattr(operation, "count_params")


def first_dense(network: Any) -> np.ndarray | None:
    """The kernel (inputs, units) of the dense layer that is the first to learn in a chain."""
    if type(network).__name__ != "Sequential":
        return None
    for layer in network.layers:
        if type(layer).__name__ == "Dense":
            return np.asarray(layer.kernel)
        if layer.weights:
            return None
    return None


def first_kernel(network: Any) -> np.ndarray | None:
    """The kernel (h, w, 1 or 3, filters) of a convolution of pictures that is the first layer to learn."""
    for layer in network.layers:
        if type(layer).__name__ == "Conv2D":
            kernel = np.asarray(layer.kernel)
            return kernel if kernel.shape[2] in (1, 3) and min(kernel.shape[:2]) >= 3 else None
        if layer.trainable_weights:
            return None
    return None
