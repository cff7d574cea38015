"""What an editor writes where a name is chosen: values that a file can have, to be changed in their places."""

import re
from typing import Any

from rnacli.schema.catalog import Argument, Entry

USUAL: dict[str, Any] = {
    "units": 32,
    "filters": 32,
    "kernel_size": 3,
    "rate": 0.2,
    "activation": "relu",
    "learning_rate": 0.001,
    "patience": 5,
    "restore_best_weights": True,
    "stddev": 0.1,
    "height": 64,
    "width": 64,
    "num_classes": 10,
    "output_dim": 16,
    "num_heads": 4,
    "key_dim": 16,
    "target_shape": "[28, 28, 1]",
    "dims": "[2, 1]",
    "equation": "'ab,bc->ac'",
    "output_shape": "[10]",
    "layer": "{lstm: 32}",
    "backward_layer": "{lstm: 32}",
    "cell": "{lstm_cell: 32}",
    "cells": "[{lstm_cell: 32}]",
    "layers": "[{random_flip: horizontal}]",
    "input_dim": 1000,
    "boundaries": "[1000, 2000]",
    "values": "[0.1, 0.01, 0.001]",
    "target_class_ids": "[0, 1]",
    "filepath": "best.keras",
    "factor": 0.1,
    "height_factor": 0.1,
    "width_factor": 0.1,
    "initial_learning_rate": 0.1,
    "decay_steps": 1000,
    "first_decay_steps": 1000,
    "decay_rate": 0.9,
    "head_dim": 16,
    "num_query_heads": 4,
    "num_key_value_heads": 2,
    "num_bins": 10,
    "num_tokens": 10,
    "max_tokens": 10000,
    "dtype": "float32",
    "weights": "imagenet",
}  # fmt: skip
"""Argument -> what people usually give, where the default says nothing."""
BY_TYPE: dict[str, Any] = {
    "boolean": True,
    "integer": 1,
    "integers": 1,
    "number": 0.5,
    "numbers": 0.5,
    "array": "[1, 2]",
    "list": "[1, 2]",
    "integer_list": "[1, 2]",
    "number_list": "[1, 2]",
    "activation": "relu",
    "initializer": "he_normal",
    "regularizer": "{l2: 0.01}",
    "constraint": "{max_norm: 3}",
    "learning_rate": 0.001,
    "layer": "{lstm: 32}",
    "any": 1,
}
SHOWN: dict[str, tuple[str, ...]] = {
    "embedding": ("input_dim", "output_dim"),
    "reversible_embedding": ("input_dim", "output_dim"),
    "dense": ("units", "activation"),
    "conv1d": ("filters", "kernel_size", "activation"),
    "conv2d": ("filters", "kernel_size", "activation"),
    "reduce_lr_on_plateau": ("factor", "patience"),
    "early_stopping": ("patience", "restore_best_weights"),
    "sgd": ("learning_rate", "momentum"),
    "max_pooling2d": ("pool_size",),
}
"""Objects -> the arguments that they are proposed with, beside those that they need."""
COMMON = ("name", "dtype", "trainable", "activity_regularizer", "data_format", "seed")
"""Arguments with which nobody begins."""


def sample_value(argument: Argument) -> str:
    """A value that the file may give to an argument, as YAML: its default, else what is usual."""
    if argument.required or argument.default is None or (argument.name in USUAL and not argument.default):
        value = USUAL.get(argument.name, argument.choices[0] if argument.choices else None)
        if value is None or (argument.type.endswith("list") and not str(value).startswith("[")):
            value = BY_TYPE.get(argument.type, argument.name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = within(value, argument)
    else:
        value = quoted(argument.default)
    return yaml_value(value)


def within(value: float, argument: Argument) -> float:
    """The value, or the nearest bound that it is beyond."""
    if argument.minimum is not None:
        value = max(value, argument.minimum)
    if argument.maximum is not None:
        value = min(value, argument.maximum)
    return value if argument.above is None or value > argument.above else argument.above + 1


def yaml_value(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml_value, value))}]"
    return str(value)


def quoted(value: Any) -> Any:
    """A text in quotes, where YAML would take it for something else."""
    return value if not isinstance(value, str) or re.fullmatch(r"\w[\w.-]*", value) else f"'{value}'"


def argument_snippets(arguments: dict[str, Argument], docs: dict[str, str]) -> list[dict[str, Any]]:
    """``defaultSnippets`` of an object: one for each argument."""
    return [
        {"label": name, "description": docs[name], "body": {name: place_holder(1, sample_value(argument))}}
        for name, argument in arguments.items()
    ]


def object_snippet(entry: Entry, doc: str) -> dict[str, Any] | None:
    """A snippet that gives an object with arguments, in flow style; nothing where it has none to begin with."""
    names = [name for name, argument in entry.arguments.items() if argument.required]
    names += [name for name in SHOWN.get(entry.name, ()) if name not in names and name in entry.arguments]
    names = names or [name for name in entry.arguments if name not in COMMON][:1]
    if not names:
        return None
    pairs = (f"{name}: {place_holder(i, sample_value(entry.arguments[name]))}" for i, name in enumerate(names, 1))
    label = f"{entry.name}: {{{', '.join(names)}}}"
    return {"label": label, "description": doc, "body": {entry.name: f"{{{', '.join(pairs)}}}"}}


def place_holder(number: int, text: str) -> str:
    """A place of a snippet, which the editor selects; braces in it are escaped."""
    return f"${{{number}:{text.replace('}', chr(92) + '}')}}}"
