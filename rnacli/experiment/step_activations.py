"""Where a file may have a step, and what goes with it: it has no gradient, and only one loss learns with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rnacli.experiment.adversarial import layer_lists
from rnacli.experiment.graph import layer_names
from rnacli.experiment.outputs import name_outputs
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.tasks.heads import PERCEPTRON, STEPS, Head

LAST = ("activation", "dense")
"""The layers that may end in a step."""


def check_steps(values: Mapping[str, Any], reader: Reader) -> None:
    """Steps stand in last layers alone, and each is there for the loss that learns with it."""
    layers, loss, dataset = (values.get(key, INVALID) for key in ("layers", "loss", "dataset"))
    if INVALID not in (layers, loss, dataset, values.get("networks")):
        reader.report_faults(step_faults(values))


def step_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Steps that stand elsewhere, or beside another loss; and the loss without a step."""
    layers, loss = values["layers"], values["loss"]
    names = layer_names(layers)
    outputs = name_outputs(layers, loss, values["dataset"].target_names)
    ends = {names.index(name): name for name in outputs if name in names}
    for path, others in layer_lists(values):
        for i, spec in enumerate(others if path != ("layers",) else ()):
            if step := step_within(spec):
                yield misplaced((*path, i), step)
    for i, spec in enumerate(layers):
        step = step_within(spec)
        if i not in ends:
            if step:
                yield misplaced(("layers", i), step)
            continue
        own = loss[ends[i]] if isinstance(loss, dict) else loss
        if step and (spec.name not in LAST or spec.arguments.get("activation") != step):
            yield misplaced(("layers", i), step)
        elif step and own.name != PERCEPTRON:
            at = ("loss", ends[i]) if isinstance(loss, dict) else ("loss",)
            message = "{loss} learns by a gradient, and {step} has none"
            yield fault(at, message, "loss: perceptron; or activation: sigmoid", loss=own.name, step=step)
        elif own.name == PERCEPTRON and not step:
            message = "the loss perceptron compares labels, and the last layer's activation is {activation}"
            activation = Head(spec, own).activation
            hint = "activation: heaviside; or loss: binary_crossentropy with activation: sigmoid"
            yield fault(("layers", i), message, hint, activation=activation)


def misplaced(path: tuple[str | int, ...], step: str) -> Fault:
    message = "{step} has no gradient, so that no layer before it would learn: it is for the last layer, a dense one"
    return fault(path, message, "activation: sigmoid or tanh here", step=step)


def step_within(spec: KerasSpec) -> str:
    """The step among the arguments of a layer, or of a layer within it; empty where there is none."""
    for layer in spec.every_layer:
        for name, value in layer.arguments.items():
            if value in STEPS and layer.entry.arguments[name].type == "activation":
                return str(value)
    return ""
