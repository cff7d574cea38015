"""Two networks in one file: a generator, and a discriminator that tells what it makes from what is real."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.experiment.by_name import ByName
from rnacli.experiment.graph import INPUT, graph_faults, network_faults, trace_sources
from rnacli.language import translate
from rnacli.schema.keras_object import KerasSpec
from rnacli.schema.proposals import mapping_schema
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.schema.values import Json
from rnacli.tasks.heads import BINARY_LOSSES, MARGIN_LOSSES, Head
from rnacli.words import did_you_mean, nearest_words

SIDES = ("generator", "discriminator")
"""The keys of the two lists of layers."""
NOISE = "noise"
"""The input of the generator."""
REAL = "x"
"""The input of the discriminator."""
LABEL = "label"
"""A second input of both, where they are to know the class of an example: 1 in the place of the class, else 0."""
MEASURES = ("generator_loss", "discriminator_loss", "real", "fake")
"""What is in the history beside the loss, which is the sum of the two."""
DEFAULTS = {"noise": 100, "discriminator_steps": 1}
COMPARING = {"metrics": None, "loss_weights": None, "class_weight": None, "threshold": 0.5}
"""Keys about outputs that are compared with targets, and what they are where nothing is said."""


class BySide(ByName):
    """A value for both networks, or ``{generator: ..., discriminator: ...}``."""

    def hint(self, value: Any) -> str:
        return self.kind.hint(value)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not isinstance(value, dict) or not set(SIDES) & set(value):
            return self.kind.read(value, path, reader)
        read: Json = {}
        for name in value:
            if name not in SIDES:
                hint = did_you_mean(str(name), SIDES, "generator and discriminator")
                read[name] = reader.wrong((*path, name), "unknown key", hint, key=True)
        for side in SIDES:
            if side not in value:
                hint = "{generator: ..., discriminator: ...}, or one for both"
                read[side] = reader.wrong(path, "{side} is missing", hint, key=True, side=side)
            else:
                read[side] = self.kind.read(value[side], (*path, side), reader)
        return INVALID if INVALID in read.values() else read

    def schema(self) -> Json:
        one = self.kind.schema()
        docs = {"generator": "that of the generator", "discriminator": "that of the discriminator"}
        sides = {side: {**one, "description": translate(docs[side])} for side in SIDES}
        snippets = [
            {"label": side, "description": each["description"], "body": {side: "${1:adam}"}}
            for side, each in sides.items()
        ]
        return {"anyOf": [one, mapping_schema(sides, snippets, SIDES)]}


def layer_lists(values: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Sequence[KerasSpec]]]:
    """Each list of layers that a file has, and where it stands; those that could not be read are left out."""
    for name in ("layers", *SIDES):
        if values.get(name) not in (None, INVALID):
            yield (name,), values[name]
    networks = values.get("networks")
    for name, layers in networks.items() if networks not in (None, INVALID) else ():
        yield ("networks", name), layers


def complete_sides(values: dict[str, Any], reader: Reader, docs: Mapping[str, str]) -> None:
    """Either ``layers`` or both sides must be there, with the keys of that kind of network alone.

    ``docs``: the descriptions of all keys.
    """
    given = [side for side in SIDES if values.get(side) is not None]
    if not given:
        report_chain(values, reader, docs)
        return
    for side in SIDES:
        if side not in given:
            (other,) = given
            hint = "{side}: a list of layers; one makes examples, the other tells them from real ones"
            reader.wrong((other,), "{other} is given, and {side} is missing", hint, key=True, other=other, side=side)
    if values.get("layers"):
        message, hint = "layers is given beside {given:and}, which are the networks", "remove layers"
        reader.wrong(("layers",), message, hint, key=True, given=given)
    values["layers"] = INVALID if values.get("layers") is INVALID else ()
    for name, default in DEFAULTS.items():
        if values.get(name) is None:
            values[name] = default
    if len(given) == len(SIDES):
        reader.report_faults(foreign_faults(values))
        reader.report_faults(side_faults(values))


def report_chain(values: dict[str, Any], reader: Reader, docs: Mapping[str, str]) -> None:
    """A network of ``layers`` has these, and nothing that only two networks have."""
    if "layers" not in values:
        values["layers"] = INVALID
        meant = {word for name in values if name not in docs for word in nearest_words(name, docs)}
        if not meant & {"layers", *SIDES}:
            hint, doc = "add the key layers ({doc:.200})", translate(docs["layers"]).replace("`", "")
            reader.wrong((), "layers is missing", hint, key=True, doc=doc)
    for name in DEFAULTS:
        if values.get(name) not in (None, INVALID):
            message, hint = "{name} is for a generator and a discriminator", "remove it"
            reader.wrong((name,), message, hint, key=True, name=name)
    optimizer = values.get("optimizer")
    if isinstance(optimizer, dict):
        message, hint = (
            "expected one optimizer, got one for each of two networks: there is one network",
            "optimizer: adam",
        )
        values["optimizer"] = reader.wrong(("optimizer",), message, hint, key=True)


def foreign_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Keys that mean nothing where no output is compared with a target."""
    for name, default in COMPARING.items():
        if values.get(name) not in (None, INVALID, default):
            message = "{name} is for outputs that are compared with targets, and a generator has none"
            hint = "remove it; measured are {measures:and}" if name == "metrics" else "remove it"
            yield fault((name,), message, hint, name=name, measures=MEASURES)
    if values.get("phases") not in (None, INVALID):
        yield fault(("phases",), "a generator and a discriminator are trained in one phase", "epochs: 10")
    dataset = values.get("dataset")
    if dataset in (None, INVALID):
        return
    if dataset.IS_TEXT:
        message = "a generator makes pictures and numbers, and a text is written by one network"
        yield fault(("dataset",), message, "layers in the place of generator and discriminator")
    if dataset.split.folds:
        message = "folds compare predictions, and a generator makes none"
        yield fault(("dataset", "split", "folds"), message, "test: 0.2")


def side_faults(values: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the two networks, their loss and their optimizers, as far as the file says it."""
    sides = {side: values.get(side) for side in SIDES}
    networks, loss = values.get("networks") or {}, values.get("loss", INVALID)
    if sides["discriminator"] is not INVALID and loss is not INVALID:
        last: Any = sides["discriminator"] or ()
        yield from loss_faults(last[-1], loss, len(last) - 1)
    if INVALID in (*sides.values(), networks):
        return
    layers: dict[str, Any] = {side: each or () for side, each in sides.items()}
    yield from network_faults(networks, [spec for each in layers.values() for spec in each])
    told = {side: takes_label(each) for side, each in layers.items()}
    for side, taken in zip(SIDES, (NOISE, REAL), strict=True):
        names = (taken, LABEL) if told[side] else (taken, INPUT)
        yield from graph_faults(layers[side], (side,), {len(layers[side]) - 1}, names)
    for side, other in (SIDES, SIDES[::-1]):
        if told[side] and not told[other]:
            message = "the {side} takes the label, and the {other} does not: it cannot tell whether they go together"
            hint = "name it in the {other} too: - concatenate: [..., label], or from: label"
            yield fault((other,), message, hint, key=True, side=side, other=other)
    optimizers = values.get("optimizer")
    by_side: Mapping[str, Any] = optimizers if isinstance(optimizers, dict) else {"": optimizers}
    for side, optimizer in by_side.items():
        if isinstance(optimizer, KerasSpec) and optimizer.arguments.get("use_ema"):
            path: KeyPath = ("optimizer", side) if side else ("optimizer",)
            yield fault(path, "use_ema is not for two networks that are trained together", "remove it")


def takes_label(layers: Sequence[KerasSpec]) -> bool:
    """Whether a layer takes the label of an example."""
    return any(LABEL in sources for sources in trace_sources(layers))


def loss_faults(last: KerasSpec, loss: Any, place: int) -> Iterator[Fault]:
    """What is wrong with the loss, and with the ``last`` layer of the discriminator, at a ``place`` of its list."""
    at: KeyPath = ("discriminator", place)
    logits = "loss: {binary_crossentropy: {from_logits: true}}"
    if not isinstance(loss, KerasSpec) or loss.name not in BINARY_LOSSES:
        name = loss.name if isinstance(loss, KerasSpec) else "several"
        message = "expected a loss of two classes, real and fake, got {name}"
        yield fault(("loss",), message, "{logits}", name=name, logits=logits)
        return
    head = Head(last, loss)
    if head.units not in (None, 1):
        message = "the discriminator gives one number, real or fake, and its last layer ({name}) has {units} units"
        yield fault(at, message, "- dense: 1", name=last.name, units=head.units)
    elif head.from_logits and head.activation == "sigmoid":
        message = "{loss} with from_logits expects raw outputs, and the discriminator ends in a sigmoid"
        hint = "- dense: 1, without its activation; the probability would go through a sigmoid a second time"
        yield fault(at, message, hint, loss=loss.name)
    elif loss.name not in MARGIN_LOSSES and not head.from_logits and head.activation != "sigmoid":
        message = "{loss} expects probabilities, and the discriminator's last activation is {activation}"
        hint = "{logits}, or - dense: {units: 1, activation: sigmoid}"
        yield fault(("loss",), message, hint, loss=loss.name, activation=head.activation, logits=logits)
