"""What Keras and scikit-learn offer to a file, as data: no import of either, so that a file is checked at once.

``catalog.json`` is made from the installed versions' signatures: ``python -m rnacli.schema.generate``.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.words import fill_template, plain_name

CATEGORIES = (
    "layer",
    "application",
    "optimizer",
    "schedule",
    "loss",
    "metric",
    "initializer",
    "regularizer",
    "constraint",
    "activation",
    "callback",
    "sklearn_dataset",
    "keras_dataset",
)
REQUIRED: Any = object()
"""The default of an argument that has none."""

BASE_ARGUMENTS = ("name", "dtype", "trainable", "activity_regularizer")
"""What Keras' ``Layer`` adds to a layer's own arguments; by name only, so none of them is a layer's first."""


@dataclass(frozen=True)
class Argument:
    """One argument; the bounds of ``integers`` and ``numbers`` hold for each element.

    ``type`` is integer, number (an integer will do; Keras itself often wants the float), boolean, text, integers or
    numbers (one or a list), array (a number, or lists within lists of them), list, any, activation, initializer,
    regularizer, constraint, learning_rate (a number or a schedule), layer, layers, optimizer or metric. ``minimum``
    and ``maximum`` are allowed themselves, ``above`` and ``below`` are not. ``call``: it is given where a layer is
    called, not where it is made.
    """

    name: str
    type: str
    default: Any = REQUIRED
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    call: bool = False

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True)
class Entry:
    """A layer, an optimizer, a data set...: ``target`` is its name in Keras, ``name`` the one that a file has."""

    category: str
    name: str
    target: str
    arguments: dict[str, Argument]
    preprocessing: str = ""
    """How an application wants pixels, by Keras' name for it: tf, caffe, torch, none."""

    @property
    def first(self) -> Argument | None:
        """The argument that ``name: value`` gives."""
        first = next(iter(self.arguments.values()), None)
        return None if first and self.category == "layer" and first.name in BASE_ARGUMENTS else first


def find_entry(category: str, name: str) -> Entry | None:
    """The entry of that name or alias; case, underscores, hyphens and spaces do not matter."""
    canonical = names_by_spelling(category).get(plain_name(name))
    return read_entry(category, canonical) if canonical else None


def entry_names(category: str) -> list[str]:
    """The names that a file would have, sorted; without the aliases."""
    return list(read_catalog()["entries"][category])


def entry_spellings(category: str) -> dict[str, str]:
    """Every way to write a name that editors should know - the name, its aliases, Keras' own - and the name itself."""
    entries = read_catalog()["entries"][category]
    return {
        spelling: name
        for name, entry in entries.items()
        for spelling in (name, *entry.get("aliases", ()), entry["target"])
    }


def find_refusal(category: str, name: str) -> str | None:
    """Why a name that Keras or scikit-learn does offer is not offered here; nothing for all other names."""
    reason = refusal_reasons(category).get(plain_name(name))
    return (
        fill_template("{name} is not offered: {reason:.300}", name=name, reason=fill_template(reason))
        if reason
        else None
    )


@functools.cache
def read_catalog() -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(Path(__file__).with_name("catalog.json").read_bytes())
    return data


@functools.cache
def names_by_spelling(category: str) -> Mapping[str, str]:
    entries = read_catalog()["entries"][category]
    return {
        plain_name(spelling): name for name, entry in entries.items() for spelling in (name, *entry.get("aliases", ()))
    }


@functools.cache
def refusal_reasons(category: str) -> Mapping[str, str]:
    return {plain_name(name): reason for name, reason in read_catalog()["refused"][category].items()}


@functools.cache
def read_entry(category: str, name: str) -> Entry:
    raw = read_catalog()["entries"][category][name]
    arguments = {key: read_argument(key, raw["arguments"][key]) for key in raw["arguments"]}
    return Entry(category, name, raw["target"], arguments, raw.get("preprocessing", ""))


def read_argument(name: str, raw: Mapping[str, Any]) -> Argument:
    # Left out of the JSON: that an argument is nullable when its default is null.
    nullable = raw.get("nullable", raw.get("default", REQUIRED) is None)
    return Argument(name, **{**raw, "nullable": nullable, "choices": tuple(raw.get("choices", ()))})
