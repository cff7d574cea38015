"""Training, from a config to a finished run folder."""

import contextlib
import csv
import importlib.util
import io
import logging
import math
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import consistency, dataset, engine, evaluation, model, pictures, runs, weights_file
from rnacli.dataset import Data
from rnacli.engine import keras, tf
from rnacli.errors import CONFIG, RnaError
from rnacli.language import Config
from rnacli.runs import Run

log = logging.getLogger("rnacli")


def train(config: Config, folder: Path, cache: Path, listeners: Sequence[Any] = ()) -> Run:
    """Train the config's network and write its run folder below ``folder``.

    ``cache`` keeps downloads; ``listeners`` are Keras callbacks that watch. The first SIGINT or SIGTERM ends training
    after the step under way: the run is then complete but for its last epochs, and its status ``interrupted``.
    Raises ``RnaError`` for what the user can mend.
    """
    machine = engine.start(config.device, config.engine.threads, config.precision)
    data = dataset.load(config, cache)
    network = model.build(config, data.preprocessing.shape)
    model.compile(network, config, data.task)
    consistency.require(config, data, network.output_shape[1:])
    callbacks(config, Path())  # refused here, before there is a run folder
    validated = validation_part(config, data)

    run = runs.create(folder, config, runs.architecture(config, data.preprocessing.shape))
    begin(run, config, data, network, machine)
    history = History(run)
    watching = [*callbacks(config, run.path), history, *listeners]
    try:
        with interruptible(network) as stopped:
            fit(network, config, data, validated, watching, stopped)
        return finish(run, config, data, network, history, validated, stopped)
    except BaseException as error:
        history.save()
        with contextlib.suppress(OSError):
            run.save(status="failed", error=str(error) or type(error).__name__)
        raise


# Before


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
            if name.is_absolute() or ".." in name.parts:
                raise RnaError(
                    f"filepath {name} leads out of the run folder",
                    place=str(spec.place),
                    exit_code=CONFIG,
                    hint="filepath: checkpoints/{epoch:02d}.keras",
                )
            more["filepath"] = str(folder / name)
        made.append(model.instantiate(spec, **more))
    return made


def begin(run: Run, config: Config, data: Data, network: Any, machine: engine.Machine) -> None:
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
        machine=machine.plain(),
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


# The loop


def order(seed: int, epoch: Any, rows: int) -> Any:
    """The order (rows,) of the training rows in an epoch, counted from 0: a function of seed and epoch alone.

    Keras' own ``shuffle=True`` gives every epoch the same order once a seed is set.
    """
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(epoch, tf.int64)])
    return tf.random.experimental.stateless_shuffle(tf.range(rows, dtype=tf.int64), key, alg="philox")


def batches(x: np.ndarray, y: np.ndarray, size: int, seed: int, epochs: int) -> Any:
    """A ``tf.data.Dataset`` of every epoch's batches, one epoch after the other; the last batch may be smaller."""
    with tf.device("CPU:0"):
        inputs, targets = tf.constant(x), tf.constant(y)

    def epoch_of(epoch: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices(order(seed, epoch, len(x))).batch(size)

    return (
        tf.data.Dataset.range(epochs)
        .flat_map(epoch_of)
        .map(lambda rows: (tf.gather(inputs, rows), tf.gather(targets, rows)))
        .prefetch(tf.data.AUTOTUNE)
    )


def fit(
    network: Any, config: Config, data: Data, validated: str | None, watching: list[Any], stopped: list[int]
) -> None:
    """Keras' ``fit`` over our batches."""
    x, y = data.arrays("train")
    size = len(x) if config.batch_size == "full" else min(int(config.batch_size), len(x))
    if config.epochs == 0 or stopped:
        return
    try:
        network.fit(
            batches(x, y, size, config.seed, config.epochs),
            epochs=config.epochs,
            steps_per_epoch=math.ceil(len(x) / size),
            validation_data=data.arrays(validated) if validated else None,
            validation_batch_size=evaluation.batch_size(config),
            callbacks=watching,
            shuffle=False,  # the order is ours
            verbose=0,
        )
    except tf.errors.ResourceExhaustedError:
        raise RnaError("the memory is not enough for a step", hint=f"batch_size: {max(1, size // 2)}") from None


@contextlib.contextmanager
def interruptible(network: Any) -> Iterator[list[int]]:
    """Let the first SIGINT or SIGTERM end training after the step under way; a second one acts as ever.

    Gives a list that then holds the signal's number.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def stop(number: int, frame: object) -> None:
        received.append(number)
        network.stop_training = True
        for each, former in before.items():
            signal.signal(each, former)

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    for each in before:
        signal.signal(each, stop)
    try:
        yield received
    finally:
        for each, former in before.items():
            signal.signal(each, former)


def in_order(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keras' logs, which come by the alphabet: the loss first, what is measured on other rows last."""
    names = sorted(logs, key=lambda name: (name.startswith("val_"), not name.endswith("loss")))
    return {name: float(logs[name]) for name in names}


class History(keras.callbacks.Callback):  # type: ignore[misc]
    """``history.csv``: one row a whole epoch; rewritten in one step, at most once a second."""

    def __init__(self, run: Run):
        super().__init__()
        self.run = run
        self.rows: list[dict[str, float]] = []
        self.written = 0.0

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.steps = int(self.model.optimizer.iterations)
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if int(self.model.optimizer.iterations) - self.steps < self.params["steps"]:
            return  # interrupted in the middle
        values = in_order(logs or {})
        self.rows.append({"epoch": epoch + 1, **values, "seconds": round(time.perf_counter() - self.began, 4)})
        if time.perf_counter() - self.written > 1:
            self.save()

    def save(self) -> None:
        """Write all rows so far."""
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in self.rows for name in row)) or ["epoch"]
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        self.run.write("history.csv", text.getvalue())
        self.written = time.perf_counter()

    def columns(self) -> dict[str, list[float]]:
        """Name -> one value an epoch."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name, math.nan) for row in self.rows] for name in names}


# After


def finish(
    run: Run, config: Config, data: Data, network: Any, history: History, validated: str | None, stopped: list[int]
) -> Run:
    """Save the network, evaluate it, draw, and close the record."""
    history.save()
    warn_of_nan(history)
    run.write("weights.npz", weights_file.dump(model.weights(network)))
    save_model(run, network)
    results = {part: evaluation.measure(network, config, data, part) for part in data.parts if part != data.held_out}
    final = evaluation.evaluate_network(network, config, data, data.held_out)
    results[data.held_out] = final.measures
    run.write("predictions.csv", evaluation.predictions_table(final, data))
    run.save(
        status="interrupted" if stopped else "finished",
        signal=stopped[0] if stopped else None,
        epochs=len(history.rows),
        results={part: finite(measures) for part, measures in results.items()},
        held_out=data.held_out,
        scores=finite(final.scores),
        validated_on=validated,
    )
    for name in pictures.draw(run.path / "plots", config, data, network, history.columns(), validated, final):
        run.note(f"plots/{name}")
    run.save(finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    return run


def warn_of_nan(history: History) -> None:
    """Say when the loss stopped being a number."""
    for row in history.rows:
        if not math.isfinite(row.get("loss", 0.0)):
            log.warning(
                "the loss is %s from epoch %d on: try a smaller learning rate, or scale the inputs",
                row["loss"],
                int(row["epoch"]),
            )
            return


def save_model(run: Run, network: Any) -> None:
    """``model.keras``, for the user: a plain Keras model that needs nothing of ours."""
    part = run.path / f".part-{run.name[-20:]}.keras"
    network.save(part)
    part.replace(run.path / "model.keras")
    run.note("model.keras")


def finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
