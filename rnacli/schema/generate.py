"""Writes ``catalog.json`` and ``documentation.json`` from the installed Keras and scikit-learn.

``python -m rnacli.schema.generate`` does it.
Names, order and defaults are the signatures'; types and bounds are those of ``rules.py``, other
names and refusals those of ``names.py``.
"""

import fnmatch
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rnacli.schema.catalog import BASE_ARGUMENTS
from rnacli.schema.generate_documentation import build_documentation
from rnacli.schema.names import ALIASES, CORRECTED, OWN, PARTS_OF_NAMES, REFUSED
from rnacli.schema.rules import find_rule, sklearn_rule
from rnacli.words import plain_name

Data = dict[str, Any]

KERAS = {
    "layer": ("layers", "Layer"),
    "optimizer": ("optimizers", "Optimizer"),
    "schedule": ("optimizers.schedules", "LearningRateSchedule"),
    "loss": ("losses", "Loss"),
    "metric": ("metrics", "Metric"),
    "initializer": ("initializers", "Initializer"),
    "regularizer": ("regularizers", "Regularizer"),
    "constraint": ("constraints", "Constraint"),
    "activation": ("activations", ""),
    "callback": ("callbacks", "Callback"),
}
"""For each category its Keras module and the base class of its members (activations are functions)."""

CALL = ("use_causal_mask",)
"""What Keras takes where a layer is called, and a file says beside the arguments with which it is made."""

PREPROCESSING = {-1.0: "tf", 0.0: "none"}
"""Keras' names of how an application wants pixels, by what becomes of a black one that is not changed by channel."""


def build_catalog() -> Data:
    """Everything that the installed Keras and scikit-learn offer to a file, and why not the rest."""
    import keras
    import sklearn

    entries = {category: dict(sorted(keras_entries(category))) for category in KERAS}
    for category, named in OWN.items():
        own = {name: own_entry(name, aliases) for name, aliases in named.items()}
        entries[category] = dict(sorted({**entries[category], **own}.items()))
    entries["application"] = dict(sorted(application_entries()))
    entries["metric"]["accuracy"] = {"target": "accuracy", "arguments": {}}  # compile chooses the class by the target
    entries["sklearn_dataset"] = dict(sorted(sklearn_entries()))
    entries["keras_dataset"] = dict(sorted(keras_dataset_entries()))
    for category, named in ALIASES.items():
        for name, aliases in named.items():
            entry = entries[category][name]
            entry["aliases"] = sorted({*entry.get("aliases", ()), *aliases})
    return {
        "versions": {"keras": keras.__version__, "scikit-learn": sklearn.__version__},
        "entries": entries,
        "refused": {category: dict(sorted(refused_names(category).items())) for category in entries},
    }


def own_entry(name: str, aliases: list[str]) -> Data:
    return {"target": name, **({"aliases": aliases} if aliases else {}), "arguments": {}}


def catalog_text(data: Data) -> str:
    """The catalogue as JSON, one entry a line, so that two versions can be compared by eye."""
    parts = [f'"versions": {json_line(data["versions"])}']
    parts += [f"{json_line(part)}: {lines_of(data[part])}" for part in ("entries", "refused")]
    return json_block(parts) + "\n"


def lines_of(categories: Data) -> str:
    """Category -> name -> value as JSON, one name a line."""
    blocks = []
    for category, named in categories.items():
        lines = (f"{json_line(name)}: {json_line(value)}" for name, value in named.items())
        blocks.append(f"{json_line(category)}: {json_block(lines)}")
    return json_block(blocks)


def json_block(lines: Iterable[str]) -> str:
    return "{\n" + ",\n".join(lines) + "\n}"


def json_line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def keras_entries(category: str) -> Iterator[tuple[str, Data]]:
    """The members of a Keras module, each once under the name that tutorials write, with its other names."""
    module = keras_module(category)
    spellings: dict[Any, list[str]] = {}
    for attribute in sorted(vars(module)):
        member = getattr(module, attribute)
        if is_offered(category, member) and attribute not in refused_names(category):
            spellings.setdefault(member, []).append(attribute)
    for member, attributes in spellings.items():
        target = member.__name__ if member.__name__ in attributes else attributes[0]
        name = name_in_files(target, vars(module))
        aliases = sorted({a for a in (*attributes, member.__name__) if plain_name(a) != plain_name(name)})
        arguments = {} if category == "activation" else describe_arguments(f"{category}.{target}", member)
        yield name, {"target": target, **({"aliases": aliases} if aliases else {}), "arguments": arguments}


def application_entries() -> Iterator[tuple[str, Data]]:
    """The networks of ``keras.applications``, without their tops unless a file says otherwise."""
    import keras

    for target, function in vars(keras.applications).items():
        if inspect.isfunction(function):
            arguments = describe_arguments(f"application.{target}", function)
            arguments["include_top"]["default"] = False
            arguments["name"]["default"] = None
            first = {name: arguments.pop(name) for name in ("weights", "pooling")}
            trainable = {"trainable": {"type": "boolean", "default": True}}
            name = re.sub(PARTS_OF_NAMES, r"_\1", target).lower()
            preprocessing = preprocessing_of(inspect.getmodule(function))
            yield (
                name,
                {"target": target, "preprocessing": preprocessing, "arguments": {**first, **arguments, **trainable}},
            )


def preprocessing_of(module: Any) -> str:
    """How a module of applications wants pixels of 0 to 255, by Keras' name for it."""
    import numpy as np

    black = module.preprocess_input(np.zeros((1, 1, 1, 3), "float32"), data_format="channels_last").ravel()
    if len(set(black.tolist())) == 1:
        return PREPROCESSING[float(black[0])]
    return "caffe" if black[0] < -100 else "torch"


def keras_module(category: str) -> Any:
    import keras

    module: Any = keras
    for part in KERAS[category][0].split("."):
        module = getattr(module, part)
    return module


def is_offered(category: str, member: Any) -> bool:
    base = KERAS[category][1]
    if base:
        return inspect.isclass(member) and issubclass(member, getattr(keras_module(category), base))
    return inspect.isfunction(member) and next(iter(inspect.signature(member).parameters)) == "x"


def name_in_files(target: str, module: Mapping[str, Any]) -> str:
    """Keras' own lower-case name where it has one, else the class name in snake case."""
    lower = [name for name in module if name == name.lower() and plain_name(name) == plain_name(target)]
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", target)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return lower[0] if lower else CORRECTED.get(snake, snake)


def sklearn_entries() -> Iterator[tuple[str, Data]]:
    import sklearn.datasets

    for name in sklearn.datasets.__all__:
        if name.startswith(("make_", "load_")) and name not in refused_names("sklearn_dataset"):
            arguments = describe_arguments(f"sklearn_dataset.{name}", getattr(sklearn.datasets, name))
            yield name, {"target": name, "arguments": arguments}


def keras_dataset_entries() -> Iterator[tuple[str, Data]]:
    import keras

    for name, module in vars(keras.datasets).items():
        if hasattr(module, "load_data") and name not in refused_names("keras_dataset"):
            yield name, {"target": name, "arguments": describe_arguments(f"keras_dataset.{name}", module.load_data)}


def refused_names(category: str) -> dict[str, str]:
    """The refused names and why, patterns replaced by what scikit-learn has."""
    import sklearn.datasets

    refused = {name: why for names, why in REFUSED.get(category, {}).items() for name in names.split()}
    for pattern in [name for name in refused if "*" in name]:
        refused |= dict.fromkeys(fnmatch.filter(sklearn.datasets.__all__, pattern), refused.pop(pattern))
    return refused


def describe_arguments(owner: str, function: Callable[..., Any]) -> dict[str, Data]:
    """The arguments of a class or function that a file can give, in the order of its signature."""
    parameters = _parameters(function)
    named = {name: p for name, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    named.pop("self", None)
    if owner.startswith("layer.") and any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
        base = _parameters(keras_module("layer").Layer)
        named |= {name: base[name] for name in BASE_ARGUMENTS if name not in named}
    checks = getattr(function, "_skl_parameter_constraints", {})
    arguments = {}
    for name, parameter in named.items():
        rule = find_rule(f"{owner}.{name}", "" if name in checks else name)
        rule = rule or (sklearn_rule(checks[name]) if name in checks else "")
        if rule != "drop":
            arguments[name] = describe_argument(rule, parameter)
    if owner.startswith("layer."):
        of_call = inspect.signature(function.call).parameters  # type: ignore[attr-defined]
        arguments |= {name: {"type": "boolean", "default": False, "call": True} for name in CALL if name in of_call}
    return arguments


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    # Keras' classes have a __new__ that takes anything, and inspect would prefer it.
    return inspect.signature(function.__init__ if inspect.isclass(function) else function).parameters


def describe_argument(rule: str, parameter: inspect.Parameter) -> Data:
    """An argument as data: the rule's type and bounds, the signature's default."""
    default = parameter.default
    by_default = {bool: "boolean", int: "integer", float: "number", str: "text"}.get(type(default), "any")
    kind, *words = (rule or by_default).split()
    argument: Data = {"type": kind}
    if default is not parameter.empty and "required" not in words:
        argument["default"] = plain_data(default)
    elif "optional" in words:
        argument["default"] = None
    for word in words:
        bound = re.fullmatch(r"(>=|<=|>|<)(.+)", word)
        if bound:
            argument[{">=": "minimum", "<=": "maximum", ">": "above", "<": "below"}[bound[1]]] = json.loads(bound[2])
        elif word == "null" and default is not None:  # a default that is null says as much
            argument["nullable"] = True
        elif word not in ("null", "required", "optional"):
            argument["choices"] = word.split("|")
    return argument


def plain_data(value: Any) -> Any:
    return [plain_data(item) for item in value] if isinstance(value, tuple | list) else value


def find_member(category: str, name: str) -> Any:
    """The class or the function; nothing for what is of no class of Keras."""
    import keras
    import sklearn.datasets

    if category == "sklearn_dataset":
        return getattr(sklearn.datasets, name)
    if category == "keras_dataset":
        return getattr(keras.datasets, name).load_data
    return getattr(keras.applications if category == "application" else keras_module(category), name, None)


def main() -> None:
    data, folder = build_catalog(), Path(__file__).parent
    folder.joinpath("catalog.json").write_text(catalog_text(data), encoding="utf-8")
    folder.joinpath("documentation.json").write_text(
        lines_of(build_documentation(data, find_member)) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
