"""A config as it stands in a run folder: complete, and with paths that start from there."""

import contextlib
import os
from pathlib import Path
from typing import Any

from rnacli.data.kind import move_files
from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.experiment.adversarial import SIDES
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config
from rnacli.schema.catalog import find_entry
from rnacli.schema.layer import APPLICATION


def portable_config(config: Config, folder: Path) -> str:
    """The complete config for a run folder: relative paths of data files start from there."""
    return dump_yaml(portable_settings(config, folder))


def portable_settings(config: Config, folder: Path) -> dict[str, Any]:
    """As ``portable_config``, as plain data."""
    plain = portable_plain(config, folder)
    plain.pop("tune", None)  # whose keys are of the file as it was written
    return plain


def portable_plain(config: Config, folder: Path) -> dict[str, Any]:
    """The plain data of the complete config, relative paths of data files starting from ``folder``."""
    plain: dict[str, Any] = parse_document(dump_config(config), "config.yaml").value
    move_files(config.dataset, plain["dataset"], lambda name: moved_path(name, config.folder, folder))
    move_all_weights(plain, config.folder, folder)
    return plain


def move_all_weights(plain: dict[str, Any], old: Path, new: Path) -> None:
    """Let the paths of weights in a config's plain data start from the folder ``new``."""
    lists = (plain.get(name, []) for name in ("layers", *SIDES))
    for layers in (*lists, *plain.get("networks", {}).values()):
        move_weights(layers, old, new)


def move_weights(layers: list[Any], old: Path, new: Path) -> None:
    """Let the paths of weights in the plain data of layers start from the folder ``new``."""
    for layer in layers:
        arguments = next(iter(layer.values())) if isinstance(layer, dict) else None
        if isinstance(arguments, dict) and find_entry(APPLICATION, next(iter(layer))):
            weights = arguments.get("weights")
            if isinstance(weights, str) and weights != "imagenet":
                arguments["weights"] = moved_path(weights, old, new)


def moved_path(name: str, old: Path, new: Path) -> str:
    """A path that started from the folder ``old``, starting from ``new``; absolute ones stay."""
    path = Path(name).expanduser()
    if path.is_absolute():
        return name
    with contextlib.suppress(ValueError):  # Windows: another drive has no relative path
        return Path(os.path.relpath((old / path).resolve(), new.resolve())).as_posix()
    return (old / path).resolve().as_posix()
