"""Training, from a config to a finished run folder."""

import contextlib
import dataclasses
import importlib.util
import logging
import math
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import (
    checkpoint,
    choice,
    consistency,
    dataset,
    ending,
    engine,
    evaluation,
    files,
    fitting,
    light,
    model,
    pictures,
    runs,
    task,
    thresholds,
    trained,
    weights_file,
)
from rnacli.choice import Choice
from rnacli.dataset import Data
from rnacli.errors import CONFIG, RnaError, clean, of_system
from rnacli.evaluation import Forward
from rnacli.fitting import History
from rnacli.language import Config
from rnacli.runs import Run

log = logging.getLogger("rnacli")


def train(config: Config, folder: Path, cache: Path, listeners: Sequence[Any] = (), offline: bool = False) -> Run:
    """Train the config's network and write its run folder below ``folder``.

    ``cache`` keeps downloads, and ``offline`` makes no new ones; ``listeners`` are Keras callbacks that watch. The
    first SIGINT or SIGTERM ends training after the step under way: the run is then complete but for its last epochs,
    and its status ``interrupted``. Raises ``RnaError`` for what the user can mend.
    """
    return begin(prepare(config, cache, offline), folder, listeners)


def prepare(config: Config, cache: Path, offline: bool = False, chosen: Choice | None = None) -> "Job":
    """Read the data and build the network. ``chosen``: how it is to be trained; ``None``: as is best on this machine.

    Raises ``RnaError``.
    """
    engine.require(config.device)
    data = dataset.load(config, cache, offline)
    config, known = task.complete(config, data.task), data.preprocessing
    planned = model.plan(config, known.shape, known.embeddings)
    consistency.require(config, data, planned[-1].shape)
    validated = validation_part(config, data)
    trained_on = len(data.parts["train"])
    # Made here too, so that what Keras refuses is refused before there is a run folder.
    watching = callbacks(config, Path())
    chosen = chosen or choice.choose(
        config, planned, trained_on, fitting.batch_rows(config, trained_on), watching, choice.gpu(config)
    )
    machine = engine.start(config.device, chosen.threads, config.precision)
    network = model.build(config, known.shape, known.embeddings)
    model.compile(network, config, data.task)
    return Job(config, data, network, chosen, validated, machine)


def begin(job: "Job", folder: Path, listeners: Sequence[Any] = ()) -> Run:
    """Make a run folder for a job below ``folder``, and train it there."""
    run = runs.create(folder, job.config, runs.architecture(job.config, job.data.preprocessing.shape))
    with checkpoint.alone(run.path):
        try:
            write_first(run, job)
        except BaseException:
            runs.remove(run)
            raise
        return complete(run, job, listeners)


@dataclass(frozen=True)
class Job:
    """A network that is ready to be trained, and its data. ``validated``: the part that each epoch is measured on."""

    config: Config
    data: Data
    network: Any
    chosen: Choice
    validated: str | None
    machine: engine.Machine


def complete(run: Run, job: Job, listeners: Sequence[Any], state: checkpoint.State | None = None) -> Run:
    """Train a job to its end, from ``state`` if there is one, and write what comes of it."""
    config, network = job.config, job.network
    history = History(run, state.history if state else ())
    first = 0 if state is None else state.epoch
    # What a callback has ended stays so, unless more epochs are asked for than it knew of.
    over = state is not None and state.stopped and config.epochs == state.epochs
    try:
        with fitting.interruptible(network) as stopped:
            own = callbacks(config, run.path)
            keep = checkpoint.Keep(
                run.path / trained.CHECKPOINTS, own, history, config.epochs, state, config.checkpoint, stopped
            )
            began = time.perf_counter()
            if config.epochs > 0:
                fitting.fit(
                    network,
                    config,
                    job.data,
                    job.chosen,
                    job.validated,
                    history,
                    [*own, history, *listeners, keep],
                    stopped,
                    range(first, first if over else config.epochs),
                )
            run.save(seconds={"training": round(time.perf_counter() - began, 3), "checkpoints": round(keep.spent, 3)})
        return finish(run, config, job.data, network, history, job.validated, stopped)
    except BaseException as error:
        told = ending.tell(run, history, config.epochs, error)
        if told is error:
            raise
        raise told from error


# Before

OWN = ("config.yaml", "run.json", "history.csv", "split.csv", "preprocessing.json", "model.keras", "weights.npz")
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


FIRST = ("config.yaml", "preprocessing.json", "split.csv", "summary.txt")
"""The files that ``write_first`` writes."""


def write_first(run: Run, job: Job) -> None:
    """Write what is known before the first step: config, split, preprocessing, summary."""
    config, data, network = job.config, job.data, job.network
    run.write("config.yaml", runs.portable(config, run.path))
    run.write("preprocessing.json", data.preprocessing.dump())
    run.write("split.csv", split_table(data))
    lines: list[str] = []
    network.summary(print_fn=lines.append)
    run.write("summary.txt", "\n".join(lines) + "\n")
    (run.path / trained.CHECKPOINTS).mkdir()  # a run without it has lost it
    run.save(
        name=config.name,
        seed=config.seed,
        machine=asdict(job.machine) | {"processor": processor()},
        engine=asdict(job.chosen),
        data={
            "folder": str(run.path.resolve()),
            "files": data.rows.files,
            "rows": {part: len(rows) for part, rows in data.parts.items()},
            "inputs": list(data.preprocessing.shape),
            "task": data.task.kind,
            "classes": list(data.preprocessing.classes),
        },
        network={"parameters": network.count_params(), "outputs": list(network.output_shape[1:])},
    )


def processor() -> str:
    """The processor's name: another kind has other last digits, even with the same software."""
    with contextlib.suppress(OSError):  # Linux
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith(("model name", "CPU part")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def split_table(data: Data) -> str:
    """``row,part`` for every row that has a part, in the order in which the parts use them; rows count from 0."""
    pieces = ["row,part\n"]
    for part, rows in data.parts.items():
        for start in range(0, len(rows), evaluation.ROWS_AT_ONCE):
            pieces.append("".join(f"{row},{part}\n" for row in rows[start : start + evaluation.ROWS_AT_ONCE].tolist()))
    return "".join(pieces)


# After


def finish(
    run: Run, config: Config, data: Data, network: Any, history: History, validated: str | None, stopped: list[int]
) -> Run:
    """Save the network, evaluate it, draw, and close the record; after a signal, on the held-out rows alone."""
    if stopped:
        log.info("stopping: the run is being written; once more leaves at once")
    history.save()
    warn_of_nan(history)
    run.write("weights.npz", weights_file.dump(model.weights(network)))
    save_model(run, network)
    forward, is_light = answers(config, data, network)
    choose_threshold(run, config, data, forward)
    final = evaluation.evaluate_network(network, data, data.held_out, forward)
    drawn = pictures.begin(config, data, forward, history.columns(), validated, final)
    others = [part for part in data.parts if part != data.held_out and not stopped]
    results = {part: evaluation.measure(network, data, part) for part in others} | {data.held_out: final.measures}
    run.write("predictions.csv", evaluation.predictions_table(final, data))
    run.save(
        epochs=len(history.rows),
        results={part: evaluation.finite(measures) for part, measures in results.items()},
        held_out=data.held_out,
        scores=evaluation.finite(final.scores),
        threshold=final.threshold,
        validated_on=validated,
        light=is_light,
    )
    try:
        for picture in drawn(run.path / "plots"):
            run.note(f"plots/{picture}")
    except OSError as error:  # all that matters is written
        log.warning("%s; the pictures are missing: rna plot %s draws them", of_system(error), clean(run.path, 300))
    # Last of all: until then, a resume finishes it.
    run.save(
        status="interrupted" if stopped else "finished",
        signal=stopped[0] if stopped else None,
        finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    return run


def choose_threshold(run: Run, config: Config, data: Data, forward: Forward) -> None:
    """Where the config names a score, keep with the run the threshold that is best by it on the validation part."""
    score = config.threshold
    if not isinstance(score, str):
        return
    sweep = thresholds.sweep(*evaluation.decisions(forward, data, "validation"))
    chosen = sweep.best(score)
    data.preprocessing = dataclasses.replace(data.preprocessing, threshold=chosen)
    trained.rewrite(run, "preprocessing.json", data.preprocessing.dump())
    if len(sweep.thresholds):
        reached = sweep.scores[score].max()
        log.info("threshold %.4g: %s %.4g on the validation part", chosen, score.replace("_", " "), reached)
    else:
        log.warning("the threshold stays 0.5: the validation part lacks one of the classes, or outputs are not finite")


def answers(config: Config, data: Data, network: Any) -> tuple[Forward, bool]:
    """The network's answers, and whether they are NumPy's: where those are Keras' own on some of the held-out rows."""
    known, by_keras = data.preprocessing, evaluation.predictor(config, network, data.preprocessing)
    shapes = None if known.embeddings else light.shapes(config, known.shape)
    if shapes is None or shapes != model.expected(network):
        return by_keras, False
    weights, some = model.weights(network), data.rows.x[data.parts[data.held_out][:1000]]

    def by_numpy(x: np.ndarray) -> np.ndarray:
        return light.forward(config, weights, known.inputs(x))

    is_light = bool(np.abs(by_numpy(some) - by_keras(some)).max() <= light.TOLERANCE)
    return (by_numpy if is_light else by_keras), is_light


def warn_of_nan(history: History) -> None:
    """Say when the validation loss was no number; where the training loss is none, training has ended."""
    for row in history.rows:
        if not math.isfinite(row.get("val_loss", 0.0)):
            log.warning("the validation loss is %s in epoch %d", row["val_loss"], int(row["epoch"]))
            return


def save_model(run: Run, network: Any) -> None:
    """``model.keras``, for the user: a plain Keras model that needs nothing of ours."""
    with files.beside(run.path / "model.keras") as part:
        network.save(part)
    run.note("model.keras")
