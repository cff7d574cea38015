"""What a network makes on the way, to see how it comes on: pictures, or texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnacli.document.place import KeyPath
from rnacli.experiment.adversarial import SIDES
from rnacli.schema.reader import INVALID, Fault, Reader, fault
from rnacli.schema.section import default_of, key, keys
from rnacli.schema.values import Either, Json, Kind, ListOf, Number, Text, whole_number
from rnacli.words import fill_template


@dataclass(frozen=True)
class GridKind(Kind):
    """Rows and columns of a grid of pictures."""

    wanted = "rows and columns, such as [10, 10],"

    def fits(self, value: Any) -> bool:
        return isinstance(value, list)

    def read(self, value: Any, path: KeyPath, reader: Reader) -> Any:
        if not self.fits(value) or len(value) != 2:
            return self.refuse(value, path, reader)
        sizes = [whole_number(1, 100).read(size, (*path, i), reader) for i, size in enumerate(value)]
        return INVALID if INVALID in sizes else tuple(sizes)

    def gives(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def plain(self, value: Any) -> Any:
        return list(value)

    def schema(self) -> Json:
        return {"type": "array", "items": whole_number(1, 100).schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class Samples:
    """What is made after some epochs: `samples/epoch-005.png`, and all of these in `plots/samples.gif`; or a `.txt`."""

    every: int = key(whole_number(1), "epochs from one to the next", default=1)
    grid: tuple[int, int] = key(
        GridKind(),
        "of a generator: rows and columns of pictures, always of the same noise; of labels, a row each",
        default=(8, 8),
    )
    prompt: str = key(Text(), "of a text: how it begins", default="")
    temperature: float | tuple[float, ...] = key(
        Either((Number(minimum=0), ListOf(Number(minimum=0), 1, "temperature: [0.2, 0.5, 1.0]"))),
        "of a text: how freely it is drawn: 0 is the likeliest each time; a list: a text for each",
        default=(0.2, 0.5, 1.0),
    )
    length: int = key(whole_number(1, 100_000), "of a text: its characters or words, behind its prompt", default=300)

    @property
    def temperatures(self) -> tuple[float, ...]:
        return self.temperature if isinstance(self.temperature, tuple) else (self.temperature,)


OF_PICTURES, OF_TEXTS = ("grid",), ("prompt", "temperature", "length")
"""The keys that say something of pictures alone, and those of texts."""


def check_samples(values: Mapping[str, Any], reader: Reader) -> None:
    """Samples are of a generator, or of a network that has learnt a text, and have the keys of that kind alone."""
    dataset, samples = values.get("dataset"), values.get("samples")
    if samples in (None, INVALID) or dataset in (None, INVALID):
        return
    if any(values.get(side) is not None for side in SIDES):
        reader.report_faults(foreign_keys(samples, OF_TEXTS, "texts, and a generator makes pictures", OF_PICTURES))
    elif dataset.IS_TEXT:
        reader.report_faults(foreign_keys(samples, OF_PICTURES, "pictures, and this network writes texts", OF_TEXTS))
    else:
        message = "samples are pictures by a generator, or texts by a network of a text, and this network makes none"
        reader.wrong(("samples",), message, "remove samples", key=True)


def foreign_keys(samples: Samples, names: tuple[str, ...], what: str, own: tuple[str, ...]) -> Iterator[Fault]:
    """The keys of another kind of samples that say something."""
    for name in names:
        if getattr(samples, name) != default_of(keys(Samples)[name]):
            message, hint = "{name} is for {what}", "remove it; the keys of these are {own:and}"
            yield fault(("samples", name), message, hint, name=name, what=fill_template(what), own=("every", *own))
