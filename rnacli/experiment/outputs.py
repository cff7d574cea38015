"""The outputs of a network, as the file says which layers they are: one, or one for each target."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.experiment.by_name import ByName
from rnacli.experiment.graph import INPUT, graph_faults, layer_names, network_faults
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.schema.values import Json, Kind
from rnacli.words import did_you_mean


class ByOutput(ByName):
    """A value for the only output, or for all; or a mapping with one for each output, by the names of their layers."""

    def __init__(self, kind: Kind, objects: str = ""):
        """``objects``: the category of Keras objects, which are mappings themselves, that ``kind`` is of."""
        super().__init__(kind)
        self.objects = objects

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not isinstance(value, dict) or not self.is_by_output(value, reader.layers):
            return self.kind.read(value, path, reader)
        items = {str(name): self.kind.read(item, (*path, name), reader) for name, item in value.items()}
        return INVALID if INVALID in items.values() else items

    def is_by_output(self, value: Json, layers: Sequence[str]) -> bool:
        return not self.objects or any(str(name) in layers for name in value)

    def schema(self) -> Json:
        one = self.kind.schema()
        fewest = 2 if self.objects else 1  # an object of Keras is a mapping of one key
        return {"anyOf": [one, {"type": "object", "minProperties": fewest, "additionalProperties": one}]}


def named_layers(plain: Any) -> list[str]:
    """The names that a file's plain data give to layers."""
    layers = plain.get("layers") if isinstance(plain, dict) else None
    inner = (
        [value for layer in layers if isinstance(layer, dict) for value in layer.values()]
        if isinstance(layers, list)
        else []
    )
    return [str(value["name"]) for value in inner if isinstance(value, dict) and "name" in value]


def name_outputs(layers: Sequence[KerasSpec], loss: Any, targets: Sequence[str] | None) -> tuple[str, ...]:
    """The layers that are outputs: those that have a loss by name, or all targets' names; if not, the last one."""
    names = layer_names(layers)
    if not names:  # a generator has no outputs that are compared with a target
        return ()
    if isinstance(loss, dict):
        return tuple(loss)
    if targets and len(targets) > 1 and set(targets) <= set(names):
        return tuple(targets)
    return (names[-1],)


def output_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """What is said by output must be said of each output, and each output must be a layer, and a target."""
    layers, loss, targets = values["layers"], values["loss"], values["dataset"].target_names
    names, outputs = layer_names(layers), name_outputs(layers, loss, targets)
    for name in outputs:
        if name not in names:
            hint = did_you_mean(name, names, "layers: {names:and}")
            yield fault(("loss", name), "there is no layer called '{name}'", hint, name=name)
    if isinstance(loss, dict) and targets is not None and not any("*" in name for name in targets):
        for name in targets:
            if name not in loss:
                message, hint = "target {name} has no loss", "{name}: mse, and a layer of that name"
                yield fault(("loss",), message, hint, name=name)
        for name in loss:
            if name not in targets:
                message, hint = "output {name} has no target", "dataset: {target: [...]} with {name} among them"
                yield fault(("loss", name), message, hint, name=name)
    elif targets and len(targets) > 1 == len(outputs) and (given := [name for name in targets if name in names]):
        missing = [name for name in targets if name not in names]
        if missing:
            message = "target {missing} has no layer of its name, as {given:and} have"
            yield fault(("layers",), message, "- dense: {units: 1, name: {missing}}", missing=missing[0], given=given)
    for key in ("metrics", "loss_weights"):
        for name in values.get(key) or () if isinstance(values.get(key), dict) else ():
            if name not in outputs:
                hint = did_you_mean(name, outputs, "outputs: {names:and}")
                yield fault((key, name), "there is no output called '{name}'", hint, name=name)
    if len(outputs) > 1:
        yield from single_faults(values)
        weights = values.get("loss_weights")
        if isinstance(weights, dict) and weights and not any(weights.get(name, 1) for name in outputs):
            yield fault(("loss_weights",), "every loss has the weight 0: nothing would be learnt", "a weight above 0")
    elif values.get("loss_weights"):
        yield fault(("loss_weights",), "one loss has no weight beside others", "remove loss_weights")


def single_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """What can be said of one output alone."""
    if values.get("class_weight") is not None:
        message = "class_weight is for a network of one output"
        yield fault(("class_weight",), message, "remove it; loss_weights says how much each output counts")
    dataset = values["dataset"]
    for key in dataset.for_one_output:
        yield fault(("dataset", key), "{key} is for a network of one output", "remove it", key=key)
    if dataset.split.stratify:
        path = ("dataset", "split", "stratify")
        yield fault(path, "stratify wants the classes of one target, and there are several", "stratify: false")


def check_network(values: dict[str, Any], reader: Reader) -> None:
    """Layers must hang together, and outputs be targets, as far as the file says it."""
    layers, networks = values.get("layers", INVALID), values.get("networks") or {}
    loss, dataset = values.get("loss", INVALID), values.get("dataset", INVALID)
    if INVALID in (layers, networks) or not layers:
        return
    reader.report_faults(network_faults(networks, layers))
    if INVALID in (loss, dataset, values.get("metrics"), values.get("loss_weights")):
        return
    if faults := [*output_faults(values)]:
        reader.report_faults(faults)
        return
    names = layer_names(layers)
    ends = {names.index(name) for name in name_outputs(layers, loss, dataset.target_names)}
    inputs = None if dataset.input_names is None else (*dataset.input_names, INPUT)
    reader.report_faults(graph_faults(layers, ("layers",), ends, inputs))
