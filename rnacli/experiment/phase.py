"""One of several trainings of the same network, one after the other: what it unfreezes, and by which optimizer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.experiment.graph import layer_names
from rnacli.schema.keras_object import KerasObject, KerasSpec
from rnacli.schema.layer import APPLICATION, NAMES
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.schema.section import key
from rnacli.schema.values import Boolean, Choice, Either, ListOf, MapOf, Nullable, Text, whole_number
from rnacli.words import did_you_mean, likest_words

UNFREEZE = Either(
    (
        NAMES,
        MapOf(
            Either((whole_number(1), Text("the name of a layer within it", ".+"))), "unfreeze: {vgg16: block5_conv1}"
        ),
    )
)


@dataclass(frozen=True)
class Phase:
    """A phase of the training; what it does not say is as at the top level of the file."""

    epochs: int = key(whole_number(1), "times through the training rows")
    optimizer: KerasSpec | None = key(
        Nullable(KerasObject("optimizer")),
        "its optimizer, begun anew; default: the file's",
        default=None,
    )
    batch_size: int | str | None = key(
        Nullable(Either((Choice(("full",)), whole_number(1)))), "rows per step; default: the file's", default=None
    )
    callbacks: tuple[KerasSpec, ...] | None = key(
        Nullable(ListOf(KerasObject("callback"), 0, "- early_stopping: {patience: 5}")),
        "what happens between its epochs, begun anew; default: the file's",
        default=None,
    )
    unfreeze: str | tuple[str, ...] | dict[str, int | str] | None = key(
        Nullable(UNFREEZE),
        "layers that are trained from here on: a name, a list of names, `{vgg16: block5_conv1}` for a layer within one "
        "and all behind it, or `{vgg16: 4}` for the last four",
        default=None,
    )
    freeze: str | tuple[str, ...] | None = key(
        Nullable(NAMES), "layers that are trained no more from here on: a name, or a list of names", default=None
    )
    batch_normalization: bool = key(
        Boolean(), "whether `unfreeze` is for batch normalization within a layer, too", default=False
    )

    @property
    def frozen(self) -> tuple[str, ...]:
        """The names of the layers that it freezes."""
        return (self.freeze,) if isinstance(self.freeze, str) else self.freeze or ()

    @property
    def unfrozen(self) -> Mapping[str, int | str | None]:
        """The layers that it unfreezes, and from which layer within it, or how many at the end; ``None``: all."""
        if isinstance(self.unfreeze, dict):
            return self.unfreeze
        names = (self.unfreeze,) if isinstance(self.unfreeze, str) else self.unfreeze or ()
        return dict.fromkeys(names)


def complete_phases(values: dict[str, Any], reader: Reader) -> None:
    """Let ``epochs`` be those of all phases together, which it may say as well; and look at what phases name."""
    phases = values.get("phases")
    if phases is None or phases is INVALID:
        return
    total, epochs = sum(phase.epochs for phase in phases), values.get("epochs")
    if epochs not in (None, INVALID, total):
        message = "the phases have {total} epochs together, got {epochs}"
        reader.wrong(("epochs",), message, "remove it: each phase says its own", total=total, epochs=epochs)
    values["epochs"] = total
    if INVALID not in (values.get("layers", INVALID), values.get("networks")):
        for i, phase in enumerate(phases):
            reader.report_faults(name_faults(phase, ("phases", i), values))


def name_faults(phase: Phase, at: KeyPath, values: Mapping[str, Any]) -> Iterator[Fault]:
    """Layers that a phase freezes or unfreezes, and that are not there."""
    names = layer_names(values["layers"])
    bases = [name for spec, name in zip(values["layers"], names, strict=True) if spec.entry.category == APPLICATION]
    for network, layers in (values.get("networks") or {}).items():
        names += [f"{network}/{name}" for name in layer_names(layers)]
    for word, given in (("freeze", phase.frozen), ("unfreeze", phase.unfrozen)):
        for name in given:
            if name not in names:
                others = "there are {names:and}"
                if word == "unfreeze" and bases:
                    others = "there are {names:and}; a layer within {base}: unfreeze: {{base}: {name}}"
                values = {"name": name, "names": likest_words(name, names), "base": (bases or [""])[0]}
                yield fault(
                    (*at, word), "there is no layer called '{name}'", did_you_mean(name, names) or others, **values
                )
