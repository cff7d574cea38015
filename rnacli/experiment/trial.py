"""A trial: the file with some of its keys changed, as ``rna train CONFIG --set a=... --set b=...`` would."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from rnacli.document.place import Place
from rnacli.document.read import Document
from rnacli.experiment.override import put_value
from rnacli.experiment.tune import Range, Tune
from rnacli.experiment.tuned_keys import follow_key

Suggest = Callable[[str, Range], Any]
"""Chooses a value for a key of the search."""


def copy_document(document: Document) -> Document:
    """A document that may be changed; the plain data and the places are copies."""
    return Document(copy.deepcopy(document.value), dict(document.places), dict(document.keys), document.source)


def choose_values(tune: Tune, suggest: Suggest) -> dict[str, Any]:
    """A value for each key of the search that leads somewhere after the choices of those before it."""
    document, values = copy_document(of_file(tune)), dict[str, Any]()
    for key, each in tune.over.items():
        name = follow_key(document.value, key)
        if name is not None:
            values[key] = suggest(key, each)
            put_value(document, name, copy.deepcopy(values[key]), document.place(("tune", "over", key)))
    return values


def changed_document(tune: Tune, values: Mapping[str, Any], places: Mapping[str, Place] = {}) -> Document:
    """The file with the ``values`` of some keys, and without its search. ``places``: where the values are said."""
    document = copy_document(of_file(tune))
    for key, value in values.items():
        name = follow_key(document.value, key)
        if name is not None:
            place = places.get(key) or document.place(("tune", "over", key))
            put_value(document, name, copy.deepcopy(value), place)
    document.value.pop("tune", None)
    return document


def of_file(tune: Tune) -> Document:
    if tune.document is None:
        raise TypeError("this search is of no file")
    return tune.document
