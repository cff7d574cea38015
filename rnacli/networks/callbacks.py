"""Keras' callbacks, as a file has them: those that write do so below the run's folder, and over no file of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnacli.errors import CONFIG, RnaError, describe_failure
from rnacli.experiment.callbacks import require_packages
from rnacli.experiment.config import Config
from rnacli.files import path_inside
from rnacli.networks.instantiate import instantiate
from rnacli.schema.keras_object import KerasSpec

OWN = (
    "config.yaml", "history.csv", "model.keras", "predictions.csv", "preprocessing.json", "run.json", "split.csv",
    "summary.txt", "weights.npz",
)  # fmt: skip
"""The files that a run has of its own."""


def build_callbacks(config: Config, folder: Path) -> list[Any]:
    """The file's callbacks; those that write do so below the run's ``folder``. Raises ``RnaError``."""
    callbacks = []
    for spec in config.callbacks:
        more: dict[str, Any] = {}
        if spec.name == "tensorboard":
            require_packages(config)
            more["log_dir"] = str(folder / "tensorboard")
        if spec.name == "model_checkpoint":
            saved_path(spec, folder, str(spec.arguments["filepath"]))
        callbacks.append(instantiate(spec, **more))
        if spec.name == "model_checkpoint":
            keep_inside(callbacks[-1], spec, folder)
    return callbacks


def saved_path(spec: KerasSpec, folder: Path, name: str) -> Path:
    """The path of a file that the callback of ``spec`` writes into a run's ``folder``. Raises ``RnaError``."""
    try:
        path = path_inside(folder, name)
    except (RnaError, ValueError):  # ValueError: a NUL
        raise refused(spec, "filepath {name} leads out of the run folder", name) from None
    if path.resolve().relative_to(folder.resolve()).parts[0].casefold() in OWN:
        raise refused(spec, "filepath {name} is a file of the run itself", name)
    return path


def keep_inside(callback: Any, spec: KerasSpec, folder: Path) -> None:
    """Let a callback write below ``folder``: its ``filepath`` is judged when its fields are filled in."""
    fill = callback._get_file_path

    def file_path(epoch: int, batch: int | None, logs: Mapping[str, Any]) -> str:
        try:
            name = fill(epoch, batch, logs)
        except Exception as error:  # what a field asks for may be anything
            message = "filepath {name} cannot be filled in: {why:.200}"
            raise refused(spec, message, callback.filepath, describe_failure(error)) from None
        return str(saved_path(spec, folder, name))

    callback._get_file_path = file_path


def refused(spec: KerasSpec, message: str, name: str, why: str = "") -> RnaError:
    hint = "filepath: checkpoints/{epoch:02d}.keras"
    return RnaError(message, place=str(spec.place), hint=hint, exit_code=CONFIG, name=name, why=why)
