"""What a network makes on the way, to see how it comes on: texts."""

from dataclasses import dataclass
from typing import Any

from rnacli.schema.reader import INVALID, Reader
from rnacli.schema.section import key
from rnacli.schema.values import Either, ListOf, Number, Text, whole_number


@dataclass(frozen=True)
class Samples:
    """Texts that a network writes after some epochs."""

    every: int = key(whole_number(1), "epochs from one to the next", default=1)
    prompt: str = key(Text(), "how a text begins", default="")
    temperature: float | tuple[float, ...] = key(
        Either((Number(minimum=0), ListOf(Number(minimum=0), 1, "temperature: [0.2, 0.5, 1.0]"))),
        "how freely it is drawn: 0 is the likeliest each time; a list: a text for each",
        default=(0.2, 0.5, 1.0),
    )
    length: int = key(whole_number(1, 100_000), "characters or words of a text, behind its prompt", default=300)

    @property
    def temperatures(self) -> tuple[float, ...]:
        return self.temperature if isinstance(self.temperature, tuple) else (self.temperature,)


def check_samples(values: dict[str, Any], reader: Reader) -> None:
    """Samples are of a network that has learnt a text."""
    dataset, samples = values.get("dataset"), values.get("samples")
    if samples in (None, INVALID) or dataset in (None, INVALID) or dataset.HAS_TOKENS:
        return
    reader.wrong(("samples",), "samples are texts that the network writes, and it learns no text", "remove samples")
