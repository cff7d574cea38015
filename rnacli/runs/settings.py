"""The settings of runs as ``--set`` names them, and those in which runs differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.errors import RnaError
from rnacli.runs.folder import Run

# YAML is imported where it is read or written: most runs have their settings as JSON, and most settings are alike.

OBJECTS = ("optimizer", "loss")
"""What has the name of one of Keras' objects, and its arguments below."""
NONE = "-"


def read_settings(run: Run) -> dict[str, Any]:
    """The run's config as plain data; empty where it cannot be read."""
    if isinstance(kept := run.record.get("settings"), dict):
        return kept
    from rnacli.document.read import parse_document

    path = run.path / "config.yaml"
    try:
        settings = parse_document(path.read_text("utf-8"), str(path)).value
    except (RnaError, OSError, UnicodeDecodeError):
        return {}
    return {name: settings[name] for name in settings if name != "tune"} if isinstance(settings, dict) else {}


def differing_settings(runs: Sequence[Run]) -> dict[str, list[str]]:
    """The settings that are not the same in all runs, by their dotted keys: what each run has, ``-`` for nothing.

    Lists that hold other things (layers, callbacks) are told in short, for their items cannot be compared. Where an
    optimizer or a loss is another one, ``*`` stands for its name before the arguments that all of them have.
    """
    every = [read_settings(run) for run in runs]
    columns: dict[str, list[str]] = {}
    for name in dict.fromkeys(name for settings in every for name in settings):
        values = [settings.get(name) for settings in every]
        if all(value == values[0] for value in values):
            continue
        holds = [name_items(value) for value in values]
        if any(inner != holds[0] for inner in holds) and name in OBJECTS and all(len(inner) == 1 for inner in holds):
            columns[name] = [str(inner[0]) for inner in holds]
            anonymous = [{"*": next(iter(value.values()))} if isinstance(value, dict) else {} for value in values]
            flat = [dict(walk_values(name, value)) for value in anonymous]
            columns |= {key: [each[key] for each in flat] for key in flat[0] if all(key in each for each in flat)}
        elif any(inner != holds[0] for inner in holds) and all(isinstance(value, list | None) for value in values):
            columns[name] = [NONE if value is None else ", ".join(map(tell_item, value)) or NONE for value in values]
        else:
            flat = [dict(walk_values(name, value)) for value in values]
            names = dict.fromkeys(key for each in flat for key in each)
            columns |= {key: [each.get(key, NONE) for each in flat] for key in names}
    return {name: values for name, values in columns.items() if len(set(values)) > 1}


def keep_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What ``run.json`` keeps of a run's settings, which is read much faster than its YAML; nothing for infinities."""
    try:
        json.dumps(settings, allow_nan=False)
    except ValueError:
        return {}
    return {"settings": settings}


def walk_values(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """The values in a value, as YAML in one line, each with its dotted key."""
    items: Iterator[tuple[Any, Any]] | None = None
    if isinstance(value, Mapping) and value:
        items = iter(value.items())
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        items = enumerate(value)
    if items is None:
        from rnacli.document.write import yaml_flow

        yield key, NONE if value is None else yaml_flow(value)
        return
    for name, item in items:
        yield from walk_values(f"{key}.{name}", item)


def name_items(value: Any) -> list[Any]:
    """The names of what a list or a mapping holds, without arguments."""
    if isinstance(value, list):
        return [next(iter(item), "") if isinstance(item, dict) else item for item in value]
    return list(value) if isinstance(value, dict) else [value]


def tell_item(item: Any) -> str:
    """``dense 4`` for a layer of four units: an object's name and its first argument, if that is one value."""
    if not isinstance(item, dict) or not item:
        return str(item)
    from rnacli.document.write import yaml_flow

    name, arguments = next(iter(item.items()))
    first = next(iter(arguments.values()), None) if isinstance(arguments, dict) else arguments
    return str(name) if first is None or isinstance(first, dict | list) else f"{name} {yaml_flow(first)}"
