"""How the layers of a file hang together: what each is called, what it takes, and what is wrong with that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.encoders.section import TOGETHER
from rnacli.schema.keras_object import KerasSpec, Source
from rnacli.schema.layer import INPUTS, NETWORK, find_layer
from rnacli.schema.reader import Fault, fault
from rnacli.words import ascii_name, did_you_mean, distinct_names

INPUT = "input"
"""What the only input of a network is called, beside its own name."""
Layers = Sequence[KerasSpec]
Networks = Mapping[str, tuple[KerasSpec, ...]]


def layer_names(layers: Layers) -> list[str]:
    """What each layer is called: the file's name for it, or Keras' own (``dense``, ``dense_1``) counted here."""
    counts: dict[str, int] = {}
    names = []
    for spec in layers:
        number = counts[spec.name] = counts.get(spec.name, -1) + 1
        counted = f"{spec.name}_{number}" if number else spec.name
        names.append(str(spec.arguments["name"]) if "name" in spec.given else counted)
    return names


def keras_names(layers: Layers) -> list[str]:
    """What each layer is called in Keras, which takes plain names alone: no two alike."""
    return distinct_names(map(ascii_name, layer_names(layers)))


def trace_sources(layers: Layers) -> list[tuple[int | str, ...]]:
    """What each layer takes: the places of layers, and the names of inputs; nothing: all inputs."""
    names = layer_names(layers)
    places: list[tuple[int | str, ...]] = []
    for i, spec in enumerate(layers):
        above = {name: place for place, name in enumerate(names[:i])}
        named = tuple(above.get(source.name, source.name) for source in spec.sources)
        places.append(named or ((i - 1,) if i else ()))
    return places


MOVING = ("flatten", "reshape", "permute", "repeat_vector", "identity")
"""Layers that hand on the numbers that they get."""


def trace_numbers(layers: Layers, i: int) -> list[KerasSpec | str]:
    """Where the numbers come from that a layer gets: from other layers, or inputs; an empty text: from all inputs."""
    sources = trace_sources(layers)

    def trace(place: int | str) -> KerasSpec | str:
        while isinstance(place, int) and layers[place].name in MOVING:
            place = next(iter(sources[place]), "")
        return layers[place] if isinstance(place, int) else place

    return [trace(place) for place in sources[i] or ("",)]


def is_chain(layers: Layers) -> bool:
    """Whether each layer takes the one above it, and that alone, and none is a network of its own."""
    return not any(spec.sources or spec.entry.category == NETWORK or spec.name in INPUTS for spec in layers)


def used_layers(layers: Layers, ends: Collection[int]) -> set[int]:
    """The places of the layers that those at ``ends`` are made of, and of these themselves."""
    sources, used = trace_sources(layers), set(ends)
    for i in reversed(range(len(layers))):
        if i in used:
            used |= {place for place in sources[i] if isinstance(place, int)}
    return used


def used_inputs(layers: Layers) -> set[str] | None:
    """The names of the inputs that layers take; ``None``: one of them takes all."""
    sources = trace_sources(layers)
    named = {name for each in sources for name in each if isinstance(name, str)}
    return named if all(sources) else None


def graph_faults(layers: Layers, at: KeyPath, ends: Collection[int], inputs: Collection[str] | None) -> Iterator[Fault]:
    """What is wrong with how layers hang together. ``at``: where the file has them; ``ends``: those that are outputs.

    ``inputs``: what their inputs are called; ``None``: that is known when the data are.
    """
    names = layer_names(layers)
    faults = [*name_faults(layers, names, at)]
    for i, spec in enumerate(layers):
        for source in spec.sources:
            faults += source_faults(source, i, names, inputs)
    yield from faults
    is_open = inputs is None and any(source.name not in names for spec in layers for source in spec.sources)
    if faults or is_open:  # a name that is not there may be the one that a layer waits for
        return
    used = used_layers(layers, ends)
    for i in sorted(set(range(len(layers))) - used):
        message = "layer {name} leads nowhere: no output is made of it"
        yield fault((*at, i), message, "name it in the from of a layer below it, or remove it", name=names[i])


def name_faults(layers: Layers, names: Sequence[str], at: KeyPath) -> Iterator[Fault]:
    """Names that two layers have, or a layer and one of the file's networks."""
    networks = {spec.name for spec in layers if spec.entry.category == NETWORK}
    for i, (spec, name) in enumerate(zip(layers, names, strict=True)):
        if name in names[:i]:
            yield fault((*at, i), "there are two layers called '{name}'", "name them differently", name=name)
        elif name in networks and spec.name != name:
            yield fault((*at, i), "there is a network called '{name}'", "name the layer differently", name=name)


def source_faults(source: Source, i: int, names: Sequence[str], inputs: Collection[str] | None) -> list[Fault]:
    """What is wrong with a name that the layer at ``i`` takes."""
    values = {"name": source.name, "layer": names[i]}
    if source.name in names[:i]:
        return []
    if source.name == names[i]:
        return [fault(source.path, "{name} cannot take what it gives itself", "name a layer above it", **values)]
    if source.name in names:
        message = "{name} stands below {layer}, and a layer takes what stands above it"
        return [fault(source.path, message, "write {name} above {layer}; in a circle no layer is first", **values)]
    if inputs is None or source.name in inputs:
        return []
    others = "there are {names:and}"
    if TOGETHER in inputs:
        others = "there are {names:and}; a column that is no input of its own is within columns"
    hint = did_you_mean(source.name, [*names[:i], *inputs], others)
    return [fault(source.path, "there is no layer or input called '{name}'", hint, **values)]


def network_faults(networks: Networks, layers: Layers) -> Iterator[Fault]:
    """What is wrong with the file's networks, and whether each is used."""
    above: list[str] = []
    for name, inner in networks.items():
        at: KeyPath = ("networks", name)
        for i, spec in enumerate(inner):
            if spec.entry.category == NETWORK and spec.name not in above:
                message = "network {name} contains {inner}, which does not stand above it"
                hint = "write {inner} above {name}; no network contains itself"
                yield fault((*at, i), message, hint, name=name, inner=spec.name)
        yield from graph_faults(inner, at, {len(inner) - 1}, (INPUT,))
        above.append(name)
    used = {spec.name for each in (layers, *networks.values()) for spec in each if spec.entry.category == NETWORK}
    for name in networks:
        if name not in used:
            yield fault(("networks", name), "network {name} is not used", "- {name} in layers, or remove it", name=name)


def network_names(plain: Any) -> list[str]:
    """What the networks in a file's plain data are called."""
    networks = plain.get("networks") if isinstance(plain, dict) else None
    return list(map(str, networks)) if isinstance(networks, dict) else []


def is_taken(name: str) -> bool:
    """Whether a network cannot be called so, since a layer or the input is."""
    return name == INPUT or find_layer(name) is not None


def taken_names(names: Sequence[str]) -> Iterator[Fault]:
    """Networks that are called as something else is; said whatever else is wrong, since that may come of it."""
    for name in filter(is_taken, names):
        yield fault(("networks", name), "{name} has a meaning already", "give the network another name", name=name)
