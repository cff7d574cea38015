"""What a Keras object that cannot be read may have been meant as."""

import re

from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.keras_code import LISTED, translate_code
from rnacli.schema.number_hints import number_hint
from rnacli.schema.values import Json
from rnacli.words import (
    clean,
    did_you_mean,
    fill_template,
    likest_words,
    nearest_words,
    plain_name,
    plain_word,
    show_value,
)

PRETRAINED = re.compile("mobilenet|resnet|vgg|inception|xception|densenet|nasnet|convnext|efficientnet")
"""The networks of ``keras.applications``."""

SAID_ANYWAY = {"balancedaccuracy", "mcc", "matthewscorrcoef", "matthewscorrelation", "averageprecision"}
"""Scores of scikit-learn that each evaluation has, by their plain words."""

INPUT = re.compile(r"(?:\w+\.)*Input(?:Layer)?\(")
"""The layer that a model of Keras begins with."""

PAIR = re.compile(r"(\w+)(?: ?: ?| )([0-9]{1,9}(?:\.[0-9]{1,9})?)")
"""``dense 8``, or ``dense: 8`` in quotes."""
OTHERS = ("activation", "layer", "optimizer", "loss", "metric", "callback", "initializer", "regularizer", "schedule")
"""What a name of another category may be, the likeliest first."""


def known_names(category: str, name: str) -> str:
    """What an unknown name may have been meant as."""
    names = entry_names(category) + (entry_names("application") if category == "layer" else [])
    if code := translate_code(category, name):
        return fill_template("write {code:.300}", code=code)
    if category == "metric" and plain_word(name) in SAID_ANYWAY:
        return "leave it out: rna evaluate says it of every run"
    if category == "layer" and plain_name(name) in ("repeat", "loop", "for"):
        return "write the layer several times, or name some in networks and use that name several times"
    if category == "layer" and INPUT.match(name):
        return "leave it out: the shape follows from the data"
    if category == "layer" and "." in name and not name.startswith(("keras.", "tf.", "layers.")):
        return "a file takes the layers of Keras, and none that are written in Python"
    if category == "layer" and PRETRAINED.search(plain_name(name)):
        return did_you_mean(name, entry_names("application"), "known networks: {names:and}")
    if category == "schedule":  # where a number is what most files have
        number = "write a number such as 0.01, or one of {names:or}"
        return number_hint(name) or did_you_mean(name, names, number)
    if category == "metric" and plain_name(name) in ("loss", "valloss"):
        return "leave it out: the loss is measured anyway"
    if category == "layer" and plain_name(name) in ("sequential", "model", "functional"):
        return "leave it out: the layers of a file follow one another"
    if category == "layer" and (pair := PAIR.fullmatch(name)) and (entry := find_entry(category, pair[1])):
        return fill_template("write - {name}: {value}", name=entry.name, value=pair[2])
    other = next((each for each in OTHERS if each != category and find_entry(each, name)), "")
    if other and not nearest_words(name, names):
        said = "{name} is {what}; known: {names:and}"
        return fill_template(said, name=name, what=article(other), names=likest_words(name, names))
    return did_you_mean(name, names, "known: {names:and}")


def one_name(category: str, value: Json) -> str:
    """How a name and what belongs to it are written, where a file has them beside one another."""
    first, *others = value
    word = next((word for word in ("name", "type", "class_name") if isinstance(value.get(word), str)), "")
    if word and find_entry(category, value[word]):  # {name: sgd, learning_rate: 0.1}
        name = value[word]
        inner = {key: item for key, item in value.items() if key != word}
        if word == "class_name" and isinstance(value.get("config"), dict):  # as Keras writes a model
            name, inner = plain_name(name), value["config"]
    elif (
        isinstance(value[first], dict)
        and (entry := find_entry(category, first))
        and entry.arguments.keys() >= {*others}
    ):
        name, inner = first, {**value[first], **{key: value[key] for key in others}}  # {units: 8}, and below activation
    elif isinstance(value[first], str | int | float) and (entry := find_entry(category, first)) and entry.first:
        name, inner = first, {entry.first.name: value[first], **{key: value[key] for key in others}}
    elif all(find_entry(category, each) for each in value):
        in_list = "put '- ' before each of them: - {first}: ..."
        return fill_template(in_list if category in LISTED else "keep one of them", first=first)
    else:
        given = ", ".join(f"{other}: ..." for other in others)
        hint = "indent what belongs to {first} further, or write {first}: {{given}}"
        return fill_template(hint, first=first, given=given)
    pairs = ", ".join(
        f"{key}: {clean(item) if isinstance(item, str) else show_value(item)}" for key, item in inner.items()
    )
    hint = "write optimizer: {{name}: {{pairs:.300}}}" if category == "optimizer" else "write {name}: {{pairs:.300}}"
    return fill_template(hint, name=name, pairs=pairs)


def article(category: str) -> str:
    return fill_template(ARTICLES.get(category, category))


ARTICLES = {
    "layer": "a layer",
    "application": "an application",
    "optimizer": "an optimizer",
    "schedule": "a schedule",
    "loss": "a loss",
    "metric": "a metric",
    "initializer": "an initializer",
    "regularizer": "a regularizer",
    "constraint": "a constraint",
    "activation": "an activation",
    "callback": "a callback",
}
