"""The language on one page: every key of an experiment file, what it may hold, its default and its description."""

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.data.kind import DataSet
from rnacli.data.kinds import KINDS, DatasetKind
from rnacli.data.where import Where
from rnacli.document.place import Place
from rnacli.document.read import Document
from rnacli.experiment.adversarial import SIDES, BySide, takes_label
from rnacli.experiment.graph import keras_names, layer_names
from rnacli.experiment.outputs import ByOutput, name_outputs
from rnacli.experiment.phase import Phase
from rnacli.experiment.samples import Samples
from rnacli.experiment.tune import Tune
from rnacli.schema.keras_object import KerasObject, KerasSpec, make_spec
from rnacli.schema.layer import APPLICATION, LayerKind
from rnacli.schema.section import Section, key, keys
from rnacli.schema.values import Boolean, Choice, Either, ListOf, MapOf, Nullable, Number, Text, whole_number
from rnacli.tasks.heads import Head
from rnacli.tasks.threshold import THRESHOLDS
from rnacli.words import fill_template

WINDOWS_DEVICES = "|".join("".join(f"[{c.upper()}{c}]" for c in name) for name in ("con", "prn", "aux", "nul"))
WINDOWS_DEVICES += "|([Cc][Oo][Mm]|[Ll][Pp][Tt])[0-9]"


@dataclass(frozen=True)
class Name(Text):
    """A name that can be the name of a folder, too."""

    def hint(self, value: Any) -> str:
        if not isinstance(value, str):
            return super().hint(value)
        fitting = fit_name(value)
        return fill_template("such as {fitting}", fitting=fitting) if fitting else ""


def fit_name(text: str) -> str:
    """A text as a name: what a name may not hold becomes '-'; empty where nothing is left."""
    name = re.sub(r"[^\w.\-]+", "-", text).strip("-._")[:64]
    return name if re.fullmatch(NAME.pattern, name) else ""


NAME = Name(
    "a name of up to 64 letters, digits, '.', '_' or '-', the first a letter or a digit,",
    rf"(?!({WINDOWS_DEVICES})(\.|$))[^\W_][\w.\-]{{0,63}}",
)


@dataclass(frozen=True)
class Engine:
    """How the machine is used; ``auto`` decides from the network, the device and the number of steps."""

    fuse: str | bool = key(
        Either((Choice(("auto",)), Boolean())), "many steps in one execution; the results are the same", default="auto"
    )
    jit: str | bool = key(
        Either((Choice(("auto",)), Boolean())), "compile with XLA; results differ in the last digits", default="auto"
    )

    features: bool = key(
        Boolean(),
        "what frozen layers at the front give is computed once, where nothing random comes before; to 1e-5 the same",
        default=True,
    )
    threads: str | int = key(
        Either((Choice(("auto",)), whole_number(1, 1024))),
        "number of processor threads; it changes the last digits, so a run keeps its own",
        default="auto",
    )


@dataclass(frozen=True)
class Checkpoint:
    """How often what a resume needs is written: at the end of an epoch, by number or by time."""

    every: int | None = key(Nullable(whole_number(1)), "epochs from one to the next", default=None)
    seconds: float | None = key(Nullable(Number(above=0)), "seconds from one to the next, at least", default=None)


def key_of_the_top_level(name: str) -> str:
    return "the top level: the start of a line" if name in keys(Config) else ""


def key_of_the_dataset(name: str) -> str:
    return "dataset: indented below it" if any(name in keys(kind) for kind in KINDS.values()) else ""


LAYERS = ListOf(LayerKind(), 1, "each layer starts with '- ': - dense: {units: 10}")


@dataclass(frozen=True)
class Config:
    """An experiment: everything that decides what is trained, on what, and how."""

    name: str = key(NAME, "what the run folder is called after; default: the file's name", default="experiment")
    seed: int = key(
        whole_number(0, 2**32 - 1), "decides the split, the initial weights, the shuffling and the dropout", default=0
    )
    dataset: DataSet = key(
        DatasetKind(key_of_the_top_level),
        "the data: one of `csv`, `sklearn`, `keras`, `npz`, `images`, `rows`, `text`, `text_folders`",
    )
    networks: dict[str, tuple[KerasSpec, ...]] | None = key(
        Nullable(MapOf(LAYERS, "networks: {encoder: [flatten, {dense: 32}]}")),
        "lists of layers by name, each a layer of its own in `layers`; used twice, it shares its weights, but with "
        "`anew: true`",
        default=None,
    )
    layers: tuple[KerasSpec, ...] = key(
        LAYERS,
        "the network, from the inputs to the outputs; a layer takes the one above it, or those that its `from` names",
        default=(),
    )
    generator: tuple[KerasSpec, ...] | None = key(
        Nullable(LAYERS),
        "instead of `layers`: a network that makes examples of `noise`, as in a GAN; where a layer takes the input "
        "`label` (one number a class), of a class",
        default=None,
    )
    discriminator: tuple[KerasSpec, ...] | None = key(
        Nullable(LAYERS), "beside `generator`: the network that tells what it makes from the data", default=None
    )
    noise: int | None = key(
        Nullable(whole_number(1, 1 << 16)), "how many normal numbers the generator takes; default: 100", default=None
    )
    discriminator_steps: int | None = key(
        Nullable(whole_number(1, 1000)),
        "steps of the discriminator, on new noise, for each of the generator; default: 1",
        default=None,
    )
    loss: KerasSpec | dict[str, KerasSpec] = key(
        ByOutput(KerasObject("loss"), "loss"),
        "the loss function, which training minimises; of several outputs, a mapping from the names of their layers",
    )
    loss_weights: dict[str, float] | None = key(
        Nullable(MapOf(Number(minimum=0), "loss_weights: {price: 1, coast: 0.2}")),
        "how much the loss of each output counts in their sum; default: 1",
        default=None,
    )
    optimizer: KerasSpec | dict[str, KerasSpec] = key(
        BySide(KerasObject("optimizer")),
        "the optimizer, which minimises the loss; `{generator: ..., discriminator: ...}` for each of these",
        default_factory=lambda: make_spec("optimizer", "rmsprop"),
    )
    metrics: tuple[KerasSpec, ...] | dict[str, tuple[KerasSpec, ...]] | None = key(
        Nullable(ByOutput(ListOf(KerasObject("metric"), 0, "metrics: [accuracy]"))),
        "what else is measured; default: `accuracy` of classes, `binary_accuracy` of labels, `mae` of numbers; of "
        "several outputs, a mapping",
        default=None,
    )
    class_weight: str | dict[str, float] | None = key(
        Nullable(Either((Choice(("balanced",)), MapOf(Number(above=0), "class_weight: {yes: 2, no: 1}")))),
        "how much a training row of each class counts: a mapping by label, or `balanced`: the rarer, the more",
        default=None,
    )
    threshold: float | str = key(
        Either((Choice(THRESHOLDS), Number(above=0, below=1))),
        "the probability above which a row is of the second of two classes, or has a label; a score's name: the one "
        "that is best by it on the validation part",
        default=0.5,
    )
    epochs: int = key(
        whole_number(0),
        "times through the training rows; 0 evaluates the untrained network; of `phases`, all together",
        default=1,
    )
    batch_size: int | str = key(
        Either((Choice(("full",)), whole_number(1))), "rows per step; `full`: all the training rows", default=32
    )
    validation_data: str = key(
        Choice(("auto", "validation", "test", "none")),
        "the part that each epoch is measured on; `auto`: the validation part if there is one",
        default="auto",
    )
    callbacks: tuple[KerasSpec, ...] = key(
        ListOf(KerasObject("callback"), 0, "- early_stopping: {patience: 5}"), "what happens between epochs", default=()
    )
    phases: tuple[Phase, ...] | None = key(
        Nullable(ListOf(Section(Phase, key_of_the_top_level), 1, "phases: [{epochs: 10}]")),
        "several trainings, one after the other, such as with a pretrained base frozen and then unfrozen",
        default=None,
    )
    seeds: int | tuple[int, ...] | None = key(
        Nullable(Either((whole_number(2, 1000), ListOf(whole_number(0, 2**32 - 1), 1, "seeds: [1, 2, 3]")))),
        "how many seeds the network is trained with, from `seed` on, or a list of others: how much of a figure is luck",
        default=None,
    )
    ensemble: bool | None = key(
        Nullable(Boolean()),
        "keep the mean of the outputs of all `seeds` as one network: `ensemble.keras`",
        default=None,
    )
    samples: Samples | None = key(
        Nullable(Section(Samples)),
        "what is made on the way, into the folder `samples`: pictures by a generator, texts by a network of a text",
        default=None,
    )
    checkpoint: str | Checkpoint = key(
        Either((Choice(("auto",)), Section(Checkpoint))),
        "how often what `rna train --resume` needs is written; `auto`: as often as takes 3 % of the time",
        default="auto",
    )
    device: str = key(
        Choice(("auto", "cpu", "gpu")),
        "`gpu`: an error if no GPU is found; `auto`: a GPU if there is one",
        default="auto",
    )
    precision: str = key(
        Choice(("float32", "mixed_float16", "mixed_bfloat16")), "Keras' dtype policy", default="float32"
    )
    engine: Engine = key(Section(Engine), "how the machine is used", default=Engine())
    tune: Tune | None = key(
        Nullable(Section(Tune, key_of_the_top_level)),
        "what `rna tune` searches, and how; `rna train` takes the file as it is",
        default=None,
    )

    document: Document = dataclasses.field(compare=False, repr=False, kw_only=True)
    """The file as it was read: it knows the place of every value."""
    folder: Path = dataclasses.field(compare=False, kw_only=True)
    """The folder that paths in the file start from."""

    @property
    def sides(self) -> dict[str, "Config"]:
        """The experiment of a generator and of its discriminator, each as if it were the only network; or nothing."""
        lists = zip(SIDES, (self.generator, self.discriminator), strict=True)
        return {
            side: dataclasses.replace(self, name=side, layers=layers, generator=None, discriminator=None)
            for side, layers in lists
            if layers
        }

    @property
    def is_conditional(self) -> bool:
        """Whether a generator and its discriminator know the class of an example."""
        return any(takes_label(side.layers) for side in self.sides.values())

    @property
    def optimizers(self) -> dict[str, KerasSpec]:
        """The optimizer of each side; of one network, by an empty name."""
        if isinstance(self.optimizer, dict):
            return self.optimizer
        return dict.fromkeys(self.sides or [""], self.optimizer)

    @property
    def only_loss(self) -> KerasSpec:
        """The loss of a generator and its discriminator. Raises ``TypeError`` where there are several losses."""
        if isinstance(self.loss, dict):
            raise TypeError("there are several losses")
        return self.loss

    @property
    def layer_names(self) -> list[str]:
        """What each layer is called."""
        return layer_names(self.layers)

    @property
    def keras_names(self) -> list[str]:
        """What each layer is called in Keras."""
        return keras_names(self.layers)

    @property
    def outputs(self) -> dict[str, int]:
        """The outputs of the network: the names of their layers, and the places of these."""
        names = self.layer_names
        outputs = name_outputs(self.layers, self.loss, self.dataset.target_names)
        return {name: names.index(name) for name in outputs}

    @property
    def heads(self) -> dict[str, Head]:
        """Each output of the network: its layer and its loss."""
        losses = self.loss if isinstance(self.loss, dict) else dict.fromkeys(self.outputs, self.loss)
        return {name: Head(self.layers[i], losses[name]) for name, i in self.outputs.items()}

    @property
    def measured(self) -> dict[str, tuple[KerasSpec, ...]]:
        """The metrics of each output; none where the file leaves them to the task."""
        if self.metrics is None or isinstance(self.metrics, tuple):
            return dict.fromkeys(self.outputs, self.metrics or ())
        return {name: self.metrics.get(name, ()) for name in self.outputs}

    @property
    def applications(self) -> list[KerasSpec]:
        """The layers that are whole networks of Keras, wherever they stand."""
        return [spec for spec in self.every_layer if spec.entry.category == APPLICATION]

    @property
    def is_pretrained(self) -> bool:
        """Whether a file has first weights of the network."""
        return any(spec.arguments["weights"] is not None for spec in self.applications)

    @property
    def takes_pixels(self) -> bool:
        """Whether the network has its own way with pixels from 0 to 255."""
        return bool(self.applications) or any(spec.name in ("normalization", "rescaling") for spec in self.every_layer)

    @property
    def every_layer(self) -> list[KerasSpec]:
        """The layers of the network, or of both, and those within the file's own networks."""
        sides = (side.layers for side in self.sides.values())
        return [spec for layers in (self.layers, *sides, *(self.networks or {}).values()) for spec in layers]

    @property
    def phase_configs(self) -> list["Config"]:
        """The experiment of each phase, as if it were the only one; it itself where there are none."""
        return [
            dataclasses.replace(
                self,
                epochs=phase.epochs,
                optimizer=phase.optimizer or self.optimizer,
                batch_size=phase.batch_size or self.batch_size,
                callbacks=self.callbacks if phase.callbacks is None else phase.callbacks,
            )
            for phase in self.phases or ()
        ] or [self]

    def rows_per_step(self, rows: int) -> int:
        """Rows in a training step over so many ``rows``."""
        return rows if self.batch_size == "full" else min(int(self.batch_size), rows)

    @property
    def split_seed(self) -> int:
        """The seed by which rows are drawn."""
        return self.seed if self.dataset.split.seed is None else self.dataset.split.seed

    def with_dataset(self, **changes: Any) -> "Config":
        """The same with other values of some keys of the data set."""
        dataset: Any = self.dataset
        return dataclasses.replace(self, dataset=dataclasses.replace(dataset, **changes))

    def where(self, cache: Path, offline: bool = False) -> Where:
        """What reading the data needs to know."""
        return Where(self.folder, self.place, cache, offline, self.seed, self.heads)

    def place(self, *path: str | int) -> Place:
        """Where a value stands in the file, for messages."""
        return self.document.place(path)


EXPERIMENT = Section(Config, key_of_the_dataset)
