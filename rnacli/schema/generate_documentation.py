"""What the docstrings of the installed Keras and scikit-learn say of what the catalogue offers."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from rnacli.schema.docstrings import describe_arguments, summarize
from rnacli.schema.plain_words import ARGUMENTS

KERAS_PAGES = "https://keras.io/api/"
PAGES = {
    "application": "applications/",
    "optimizer": "optimizers/",
    "schedule": "optimizers/learning_rate_schedules/",
    "loss": "losses/",
    "metric": "metrics/",
    "initializer": "layers/initializers/",
    "regularizer": "layers/regularizers/",
    "constraint": "layers/constraints/",
    "activation": "layers/activations/",
    "callback": "callbacks/",
    "keras_dataset": "datasets/",
}
"""The pages of keras.io that list a category."""
LAYER_PAGES = {
    "convolutional": "convolution_layers/",
    "rnn": "recurrent_layers/",
    **{
        name: f"{name}_layers/"
        for name in (
            "core", "pooling", "preprocessing", "normalization", "regularization", "attention", "reshaping", "merging",
        )
    },
    "activations": "activation_layers/",
}  # fmt: skip
"""A package of layers in Keras -> the page of keras.io that lists them."""


def build_documentation(catalog: Mapping[str, Any], find_member: Callable[[str, str], Any]) -> dict[str, Any]:
    """Category -> object -> what it is, its page, and what each argument is of which ``plain_words`` says nothing.

    ``find_member``: gives the class or the function of a category by its name.
    """
    told: dict[str, Any] = {}
    for category, entries in catalog["entries"].items():
        members = {name: find_member(category, entry["target"]) for name, entry in entries.items()}
        told[category] = {name: document_member(category, entry, members[name]) for name, entry in entries.items()}
    return told


def document_member(category: str, entry: Mapping[str, Any], member: Any) -> dict[str, Any]:
    told = describe_arguments(member) if member else {}
    for base in inspect.getmro(member)[1:] if inspect.isclass(member) else ():
        told = describe_arguments(base) | told
    arguments = {name: told[name] for name in entry["arguments"] if name in told and name not in ARGUMENTS}
    said = {"doc": summarize(inspect.getdoc(member) or ""), "link": page_of(category, entry, member)} if member else {}
    return said | ({"arguments": arguments} if arguments else {})


def page_of(category: str, entry: Mapping[str, Any], member: Any) -> str:
    """The page that says more: of scikit-learn's own, or the one of keras.io that lists its like."""
    if category == "sklearn_dataset":
        return f"https://scikit-learn.org/stable/modules/generated/sklearn.datasets.{entry['target']}.html"
    if category == "layer":
        package = member.__module__.split(".")[3]
        return f"{KERAS_PAGES}layers/{LAYER_PAGES.get(package, '')}"
    return KERAS_PAGES + PAGES[category]
