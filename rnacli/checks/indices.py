"""Layers that look numbers up, against the numbers that they get."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rnacli.document.write import name_hint
from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import trace_numbers
from rnacli.networks.vocabulary import LOOK_UP, OF_ANY, taken_inputs
from rnacli.schema.keras_object import KerasSpec
from rnacli.words import fill_template, first_of

COUNTED = {"discretization": "num_bins", "hashing": "num_bins"}
"""Layers that give whole numbers from 0 on, and the argument that says how many."""
WHOLE = ("integer_lookup", "hashed_crossing", *COUNTED)
"""Layers that give whole numbers, unless ``output_mode`` says otherwise."""
UNKNOWN = ("rescaling",)
"""Layers that may give whole numbers."""
ROWS = 65_536
"""Rows that are looked at at once."""


def index_problems(config: Config, data: Data) -> list[Problem]:
    """Layers that look numbers up, and get others than they know."""
    for i, spec in enumerate(config.layers):
        if spec.name in LOOK_UP or spec.name in OF_ANY:
            size = spec.arguments[LOOK_UP[spec.name]] if spec.name in LOOK_UP else None
            before = trace_numbers(config.layers, i)[0]
            if isinstance(before, KerasSpec):
                problems = layer_problems(spec, size, before)
            else:
                inputs = taken_inputs(data.preprocessing.encoder.inputs, before)
                texts = text_problems(spec, size, data, inputs)
                problems = input_problems(spec, size, data, inputs) if texts is None else texts
            if problems:
                return problems
    return []


def layer_problems(spec: KerasSpec, size: int | None, before: KerasSpec) -> list[Problem]:
    """What another layer gives to a layer that looks it up."""
    place = str(spec.place)
    if before.name in UNKNOWN:
        return []
    if before.name not in WHOLE or before.arguments["output_mode"] != "int":
        message = "{name} looks up whole numbers, and {before} before it gives others"
        hint = "write {name} before {before}, or leave it out"
        return [Problem(message, place, hint, name=spec.name, before=before.name)]
    count = before.arguments.get(COUNTED.get(before.name, ""))
    if before.name == "discretization" and before.arguments["bin_boundaries"] is not None:
        count = len(before.arguments["bin_boundaries"]) + 1
    if before.name == "integer_lookup" and before.arguments["vocabulary"] is not None:
        masked = before.arguments["mask_token"] is not None
        count = len(before.arguments["vocabulary"]) + before.arguments["num_oov_indices"] + masked
    if size is None or count is None or count <= size:
        return []
    message = "{name} knows the numbers 0 to {most}, and {before} gives 0 to {largest}"
    hint = "{argument}: {count}"
    values: dict[str, Any] = {"before": before.name, "largest": count - 1, "count": count}
    return [Problem(message, place, hint, name=spec.name, most=size - 1, argument=LOOK_UP[spec.name], **values)]


def text_problems(spec: KerasSpec, size: int | None, data: Data, inputs: Sequence[str]) -> list[Problem] | None:
    """What texts among some inputs give to a layer that looks it up; ``None``: there are none among them."""
    specs, place = data.preprocessing.encoder.inputs, str(spec.place)
    for column in data.preprocessing.columns or ():
        if column.name in inputs and column.width and not specs[column.name].tokens:
            message = "{name} looks up the numbers of words, and '{column:.40}' says of each word how often it is there"
            mend = "columns: {{column}: {kind: text, output_mode: int}}, or leave {layer} out"
            hint = name_hint(column.name, mend, layer=spec.name)
            return [Problem(message, place, hint, name=spec.name, column=column.name)]
    if not any(specs[name].tokens for name in inputs):
        return None
    most = max(specs[name].tokens for name in inputs)
    if size is None or most <= size:
        return []
    message = "{name} knows the numbers 0 to {most}, and those of words go up to {largest}"
    hint = "{argument}: {count}" if spec.name == "category_encoding" else "leave {argument} out, or {argument}: {count}"
    values: dict[str, Any] = {"largest": most - 1, "count": most, "argument": LOOK_UP[spec.name]}
    return [Problem(message, place, hint, name=spec.name, most=size - 1, **values)]


def input_problems(spec: KerasSpec, size: int | None, data: Data, inputs: Sequence[str]) -> list[Problem]:
    """What the data give to a layer that looks it up, as it gets them from some inputs."""
    low, high, whole = 0.0, -1.0, True
    odd: dict[str, float] = {}
    names = name_numbers(data, inputs)
    for encoded in rows_of(data, inputs):
        low, high = min(low, encoded.min()), max(high, encoded.max())
        wrong = (encoded != np.floor(encoded)) | (False if size is None else (encoded < 0) | (encoded >= size))
        whole = whole and bool((encoded == np.floor(encoded)).all())
        for column in np.flatnonzero(wrong.any(axis=0)).tolist():
            odd.setdefault(names[column], float(encoded[wrong[:, column], column][0]))
    if not odd:
        return []
    values: dict[str, Any] = {"name": spec.name, "columns": first_of(list(odd)), "value": next(iter(odd.values()))}
    place = str(spec.place)
    if not whole:
        message = "{name} looks up whole numbers, and gets others, such as {value:.4g} ({columns:.300})"
        hint = "if the data hold numbers of words or categories: dataset: {scale: none}; if not, leave {name} out"
        return [Problem(message, place, hint, **values)]
    message = "{name} knows the numbers 0 to {most}, and gets {value:g} ({columns:.300})"
    hint = "{argument}: {enough}"
    if low < 0:
        hint = "count from 0 in the data, or write integer_lookup before {name}"
    return [
        Problem(message, place, hint, most=(size or 1) - 1, argument=LOOK_UP[spec.name], enough=int(high) + 1, **values)
    ]


def rows_of(data: Data, inputs: Sequence[str]) -> Iterator[np.ndarray]:
    """Every part's rows as the network gets them, (m, numbers of the inputs) beside one another, some at a time."""
    for rows in data.parts.values():
        for start in range(0, len(rows), ROWS):
            encoded = data.preprocessing.encoder.encode(data.rows.x.take(rows[start : start + ROWS]))
            yield np.concatenate([encoded[name].reshape(len(encoded[name]), -1) for name in inputs], axis=1)


def name_numbers(data: Data, inputs: Sequence[str]) -> list[str]:
    """What each number of some inputs is called."""
    encoder = data.preprocessing.encoder
    names: list[str] = []
    for name in inputs:
        size = math.prod(encoder.inputs[name].shape)
        called = list(encoder.number_names.get(name, ()))
        names += (
            called
            if len(called) == size
            else [fill_template("input {count}", count=len(names) + i + 1) for i in range(size)]
        )
    return names
