"""Training, from a config to a finished run folder."""

import contextlib
import importlib.util
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import (
    choice,
    consistency,
    dataset,
    engine,
    evaluation,
    files,
    fitting,
    light,
    model,
    pictures,
    runs,
    weights_file,
)
from rnacli.choice import Choice
from rnacli.dataset import Data
from rnacli.errors import CONFIG, RnaError
from rnacli.fitting import History
from rnacli.language import Config
from rnacli.runs import Run

log = logging.getLogger("rnacli")


def train(config: Config, folder: Path, cache: Path, listeners: Sequence[Any] = ()) -> Run:
    """Train the config's network and write its run folder below ``folder``.

    ``cache`` keeps downloads; ``listeners`` are Keras callbacks that watch. The first SIGINT or SIGTERM ends training
    after the step under way: the run is then complete but for its last epochs, and its status ``interrupted``.
    Raises ``RnaError`` for what the user can mend.
    """
    engine.require(config.device)
    data = dataset.load(config, cache)
    planned = model.plan(config, data.preprocessing.shape)
    consistency.require(config, data, planned[-1].shape)
    validated = validation_part(config, data)
    trained_on = len(data.parts["train"])
    # Made here too, so that what Keras refuses is refused before there is a run folder.
    watching = callbacks(config, Path())
    chosen = choice.choose(
        config, planned, trained_on, fitting.batch_rows(config, trained_on), watching, choice.gpu(config)
    )
    machine = engine.start(config.device, chosen.threads, config.precision)
    network = model.build(config, data.preprocessing.shape)
    model.compile(network, config, data.task)

    run = runs.create(folder, config, runs.architecture(config, data.preprocessing.shape))
    begin(run, config, data, network, machine, chosen)
    history = History(run)
    watching = [*callbacks(config, run.path), history, *listeners]
    try:
        with fitting.interruptible(network) as stopped:
            began = time.perf_counter()
            if config.epochs > 0:
                fitting.fit(network, config, data, chosen, validated, history, watching, stopped)
            run.save(seconds={"training": round(time.perf_counter() - began, 3)})
        return finish(run, config, data, network, history, validated, stopped)
    except BaseException as error:
        with contextlib.suppress(OSError):
            history.save()
        with contextlib.suppress(OSError):
            run.save(status="failed", error=str(error) or type(error).__name__)
        raise


# Before

OWN = ("config.yaml", "run.json", "history.csv", "split.csv", "model.keras", "weights.npz")
"""Files of a run folder that a checkpoint must not write."""


def validation_part(config: Config, data: Data) -> str | None:
    """The part that each epoch is measured on, or ``None``."""
    if config.validation_data == "auto":
        return "validation" if "validation" in data.parts else None
    if config.validation_data != "none" and config.validation_data not in data.parts:
        raise RnaError(
            f"the data have no {config.validation_data} part",
            place=str(config.place("validation_data")),
            hint="add it to split",
            exit_code=CONFIG,
        )
    return None if config.validation_data == "none" else config.validation_data


def callbacks(config: Config, folder: Path) -> list[Any]:
    """The file's callbacks; those that write do so below the run's ``folder``."""
    made = []
    for spec in config.callbacks:
        more: dict[str, Any] = {}
        if spec.name == "tensorboard":
            if importlib.util.find_spec("tensorboard") is None:
                raise RnaError(
                    "tensorboard is not installed",
                    place=str(spec.place),
                    exit_code=CONFIG,
                    hint="pip install 'rnacli[tensorboard]'",
                )
            more["log_dir"] = str(folder / "tensorboard")
        if spec.name == "model_checkpoint":
            name = Path(str(spec.arguments["filepath"]))
            if name.is_absolute() or ".." in name.parts or str(name) in OWN:
                wrong = "is a file of the run itself" if str(name) in OWN else "leads out of the run folder"
                raise RnaError(
                    f"filepath {name} {wrong}",
                    place=str(spec.place),
                    exit_code=CONFIG,
                    hint="filepath: checkpoints/{epoch:02d}.keras",
                )
            more["filepath"] = str(folder / name)
        made.append(model.instantiate(spec, **more))
    return made


def begin(run: Run, config: Config, data: Data, network: Any, machine: engine.Machine, chosen: Choice) -> None:
    """Write what is known before the first step: config, split, preprocessing, summary."""
    run.write("config.yaml", runs.portable(config, run.path))
    run.write("preprocessing.json", data.preprocessing.dump())
    run.write("split.csv", split_table(data))
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    run.write("summary.txt", "\n".join(lines) + "\n")
    run.save(
        name=config.name,
        seed=config.seed,
        machine=asdict(machine),
        engine=asdict(chosen),
        data={
            "files": data.rows.files,
            "rows": {part: len(rows) for part, rows in data.parts.items()},
            "inputs": list(data.preprocessing.shape),
            "task": data.task.kind,
            "classes": list(data.preprocessing.classes),
        },
        network={"parameters": network.count_params(), "outputs": list(network.output_shape[1:])},
    )


def split_table(data: Data) -> str:
    """``row,part`` for every row that has a part, in the order in which the parts use them; rows count from 0."""
    lines = ["row,part"]
    for part, rows in data.parts.items():
        lines.extend(f"{row},{part}" for row in rows.tolist())
    return "\n".join(lines) + "\n"


# After


def finish(
    run: Run, config: Config, data: Data, network: Any, history: History, validated: str | None, stopped: list[int]
) -> Run:
    """Save the network, evaluate it, draw, and close the record."""
    history.save()
    warn_of_nan(history)
    run.write("weights.npz", weights_file.dump(model.weights(network)))
    save_model(run, network)
    results = {part: evaluation.measure(network, data, part) for part in data.parts if part != data.held_out}
    final = evaluation.evaluate_network(network, data, data.held_out)
    results[data.held_out] = final.measures
    run.write("predictions.csv", evaluation.predictions_table(final, data))
    run.save(
        status="interrupted" if stopped else "finished",
        signal=stopped[0] if stopped else None,
        epochs=len(history.rows),
        results={part: evaluation.finite(measures) for part, measures in results.items()},
        held_out=data.held_out,
        scores=evaluation.finite(final.scores),
        validated_on=validated,
        light=is_light(config, data, network, final.outputs),
    )
    for picture in pictures.draw(run.path / "plots", config.name, data, network, history.columns(), validated, final):
        run.note(f"plots/{picture}")
    run.save(finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    return run


def is_light(config: Config, data: Data, network: Any, outputs: np.ndarray) -> bool:
    """Whether NumPy gives the ``outputs`` that Keras gave for the held-out rows, on some of them."""
    shapes = light.shapes(config, data.preprocessing.shape)
    if shapes is None or shapes != model.expected(network):
        return False
    x = data.rows.x[data.parts[data.held_out][:1000]]
    ours = light.forward(config, model.weights(network), data.preprocessing.inputs(x))
    return bool(np.abs(ours - outputs[: len(x)]).max() <= light.TOLERANCE)


def warn_of_nan(history: History) -> None:
    """Say when the loss stopped being a number."""
    for row in [*history.rows, history.cut_short]:
        if not math.isfinite(row.get("loss", 0.0)):
            log.warning(
                "the loss is %s from epoch %d on: try a smaller learning rate, or scale the inputs",
                row["loss"],
                int(row["epoch"]),
            )
            return


def save_model(run: Run, network: Any) -> None:
    """``model.keras``, for the user: a plain Keras model that needs nothing of ours."""
    with files.beside(run.path / "model.keras") as part:
        network.save(part)
    run.note("model.keras")
