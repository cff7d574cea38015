"""Which layers learn from data before training, and where they cannot."""

from collections.abc import Iterator, Sequence

from rnacli.errors import CONFIG, RnaError
from rnacli.schema.keras_object import KerasSpec

LEARNT = {
    "normalization": "mean",
    "discretization": "bin_boundaries",
    "integer_lookup": "vocabulary",
}
"""The layers that learn by Keras' ``adapt``, and an argument that says what they would have learnt."""
OF_WORDS = ("string_lookup", "text_vectorization")
"""Layers that take words, where every input of a network is a number."""


def adapts(spec: KerasSpec) -> bool:
    """Whether a layer is to learn from the training rows, since the file does not say what it knows."""
    return spec.name in LEARNT and spec.arguments[LEARNT[spec.name]] is None


def learners_within(spec: KerasSpec) -> Iterator[KerasSpec]:
    """The layers inside another one that would have to learn."""
    for value in spec.arguments.values():
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, KerasSpec) and inner.entry.category == "layer":
                yield from (each for each in (inner, *learners_within(inner)) if adapts(each) or each.name in OF_WORDS)


def require_learnable(spec: KerasSpec, changing: Sequence[str]) -> None:
    """Refuse a layer that could not learn so. ``changing``: the layers before it that training changes.

    Raises ``RnaError``.
    """
    inner = next((each for each in (spec, *learners_within(spec)) if each.name in OF_WORDS), None)
    if inner:
        raise RnaError(
            "{name} takes words, and every input of the network is a number",
            place=str(inner.place),
            hint="leave it out: words in a column become categories; columns: {town: {encode: embedding}} for vectors",
            exit_code=CONFIG,
            name=inner.name,
        )
    for inner in learners_within(spec):
        refuse_within(inner, spec.name)
    if adapts(spec) and changing:
        hint = "write it before {other}"
        if spec.name == "normalization":
            hint = "write it before {other}, or batch_normalization here"
        raise RnaError(
            "{name} learns from the training rows before the first step, and {other} before it is not trained then",
            place=str(spec.place),
            hint=hint,
            exit_code=CONFIG,
            name=spec.name,
            other=changing[0],
        )
    if adapts(spec) and spec.arguments.get("output_mode", "int") != "int" and spec.name == "integer_lookup":
        require_known_size(spec)


def refuse_within(spec: KerasSpec, outer: str) -> None:
    """Refuse a layer that learns inside another one, or inside a network of the file. Raises ``RnaError``."""
    if adapts(spec):
        raise RnaError(
            "{name} learns from the training rows, and inside {outer} it cannot",
            place=str(spec.place),
            hint="write it as a layer of its own, before {outer}",
            exit_code=CONFIG,
            name=spec.name,
            outer=outer,
        )


def require_known_size(spec: KerasSpec) -> None:
    """Refuse a lookup whose outputs are as many as the training rows have numbers. Raises ``RnaError``."""
    if not spec.arguments["pad_to_max_tokens"] or spec.arguments["max_tokens"] is None:
        raise RnaError(
            "with output_mode {mode}, {name} expects to be told how many outputs it has",
            place=str(spec.place),
            hint="{name}: {output_mode: {mode}, max_tokens: 100, pad_to_max_tokens: true}",
            exit_code=CONFIG,
            name=spec.name,
            mode=spec.arguments["output_mode"],
        )
