"""Layers that look numbers up, against the numbers that they get."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rnacli.errors import Problem
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.graph import INPUT, trace_sources
from rnacli.schema.keras_object import KerasSpec
from rnacli.words import first_of

LOOK_UP = {"embedding": "input_dim", "reversible_embedding": "input_dim", "category_encoding": "num_tokens"}
"""The layers, and the argument that says how many different numbers they know."""
OF_ANY = ("integer_lookup", "hashing")
"""Layers that look up any whole number."""
MOVING = ("flatten", "reshape", "permute", "repeat_vector", "identity")
"""Layers that hand on the numbers that they get."""
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
            before = trace_numbers(config.layers, i)
            if isinstance(before, KerasSpec):
                problems = layer_problems(spec, size, before)
            else:
                problems = input_problems(spec, size, data, before)
            if problems:
                return problems
    return []


def trace_numbers(layers: Sequence[KerasSpec], i: int) -> KerasSpec | str:
    """Where the numbers come from that a layer gets: from another layer, or an input; an empty text: from all."""
    sources = trace_sources(layers)
    while sources[i]:
        place = sources[i][0]
        if isinstance(place, str):
            return place
        if layers[place].name not in MOVING:
            return layers[place]
        i = place
    return ""


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


def input_problems(spec: KerasSpec, size: int | None, data: Data, source: str) -> list[Problem]:
    """What the data give to a layer that looks it up, as it gets them: the input ``source``, or all."""
    specs = data.preprocessing.encoder.inputs
    if size is not None and all(specs[name].tokens and specs[name].tokens <= size for name in specs):
        return []
    low, high, whole = 0.0, -1.0, True
    odd: dict[str, float] = {}
    inputs = [
        name for name, each in data.preprocessing.encoder.inputs.items() if source in (each.group or name, "", INPUT)
    ]
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
        names += called if len(called) == size else [f"input {len(names) + i + 1}" for i in range(size)]
    return names
