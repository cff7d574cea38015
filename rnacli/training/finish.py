"""A trained network becomes a finished run: saved, measured, drawn."""

import contextlib
import dataclasses
import itertools
import logging
import math
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.numpy_forward import TOLERANCE, numpy_forward, numpy_weights
from rnacli.errors import RnaError, describe_failure, system_error
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.files import written_beside
from rnacli.fitting.history import History
from rnacli.fitting.job import Job
from rnacli.machine import give_back_memory
from rnacli.networks.scales import include_scales, takes_raw_data
from rnacli.networks.weights import expected_weights, get_weights
from rnacli.plots.make_views import make_views, with_film, with_history
from rnacli.plots.paint import begin_pictures
from rnacli.results.evaluate import evaluate_network, finite_figures, try_to_measure
from rnacli.results.numpy_answers import Forward, no_answers
from rnacli.results.outputs import keras_answers, threshold_decisions
from rnacli.results.prediction_csv import predictions_text
from rnacli.runs.find import is_fold
from rnacli.runs.folder import Run
from rnacli.runs.open import rewrite_file
from rnacli.runs.weights import dump_arrays
from rnacli.seeds.train import Seeds, note_seeds
from rnacli.tasks.threshold import sweep_thresholds
from rnacli.training.film import Film
from rnacli.training.picture_samples import write_moving_picture
from rnacli.words import quote_path

log = logging.getLogger("rnacli")


def finish_run(
    run: Run,
    job: Job,
    history: History,
    stopped: list[int],
    film: Film | None = None,
    seeds: Seeds | None = None,
    early: Sequence[str] = (),
) -> Run:
    """Save the network, evaluate it, draw, and close the record; after a signal, on the held-out rows alone.

    The training is over: a score or a picture that fails is said, and takes nothing else with it. ``seeds``: the
    networks of other seeds; ``early``: the pictures that were drawn before training.
    """
    config, data, network, validated = job.config, job.data, job.network, job.validated
    if stopped:
        log.info("stopping: the run is being saved; press Ctrl-C again to leave at once")
    give_back_memory()  # of what training needed, before more is asked for
    history.save()
    warn_of_nan(history)
    run.write("weights.npz", dump_arrays(get_weights(network)))
    save_model(run, include_scales(network, data.preprocessing.encoder, config, data.tasks))
    write_example(run, data)
    forward, is_light = choose_answers(config, data, network)
    choose_threshold(run, config, data, forward)
    final = evaluate_network(network, data, data.held_out, forward)
    columns = history.columns()
    views = make_views(config, data, network, forward, final)
    views = with_history(views, columns, validated, seeds.curves(columns) if seeds else {})
    if film is not None and is_light:
        views[0] = with_film(views[0], film.frames, network, config, data, len(history.rows))
    early = [name for name in early if (run.path / "plots" / name).is_file()]  # nobody has removed it meanwhile
    drawn = begin_pictures([] if is_fold(run) else views, drawn=early)  # of a fold: when it is asked for them
    others = [part for part in data.parts if part != data.held_out and not stopped]
    results = {part: try_to_measure(network, data, part) for part in others} | {data.held_out: final.measures}
    if seeds:
        note_seeds(run, job, seeds, results, columns)
    if any(task.answers for task in data.tasks.values()):
        run.write("predictions.csv", predictions_text(final, data))
    run.save(
        epochs=len(history.rows),
        results={part: finite_figures(measures) for part, measures in results.items()},
        held_out=data.held_out,
        scores=finite_figures(final.all_scores),
        **({"as_the_row_before": finite_figures(final.all_naive)} if final.all_naive else {}),
        threshold=next((each.threshold for each in final.every if each.threshold is not None), None),
        validated_on=validated,
        light=is_light,
    )
    give_back_memory()
    with said_if_missing(run.path), said_if_longer(run.record["seconds"]["training"]):
        for picture in itertools.chain(early, drawn(run.path / "plots")):
            run.note(f"plots/{picture}")
        write_moving_picture(run)
    # Last of all: until then, a resume finishes it.
    run.save(
        status="interrupted" if stopped else "finished",
        signal=stopped[0] if stopped else None,
        finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    )
    return run


@contextlib.contextmanager
def said_if_missing(folder: Path) -> Iterator[None]:
    """Say which pictures of a folder cannot be had, where all that matters is written."""
    try:
        yield
    except RnaError as error:
        for problem in error.problems:
            log.warning("%s; %s", problem, problem.hint)
    except OSError as error:
        log.warning("%s; the pictures are missing: rna plot %s draws them", system_error(error), quote_path(folder))


@contextlib.contextmanager
def said_if_longer(seconds: float) -> Iterator[None]:
    """Say it if the pictures take longer than so many ``seconds`` of training, and long enough to wonder."""
    message = "drawing takes longer than the training did; all but the pictures is saved"
    timer = threading.Timer(max(seconds, PATIENCE), log.info, [message])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


PATIENCE = 10.0
"""Seconds for which nobody wonders what a process does."""


def choose_threshold(run: Run, config: Config, data: Data, forward: Forward) -> None:
    """Where the config names a score, keep with the run the threshold that is best by it on the validation part."""
    score = config.threshold
    if not isinstance(score, str):
        return
    for output, task in data.tasks.items():
        if task.threshold is not None:
            choose_output_threshold(run, data, forward, output, score)


def choose_output_threshold(run: Run, data: Data, forward: Forward, output: str, score: str) -> None:
    """As ``choose_threshold``, of one output."""
    try:
        sweep = sweep_thresholds(*threshold_decisions(forward, data, "validation", output))
    except Exception as error:
        log.warning("the threshold stays 0.5: it cannot be chosen: %s", describe_failure(error))
        return
    chosen = sweep.best(score)
    preprocessing = data.preprocessing
    tasks = {**preprocessing.tasks, output: preprocessing.tasks[output].with_threshold(chosen)}
    data.preprocessing = dataclasses.replace(preprocessing, tasks=tasks)
    rewrite_file(run, "preprocessing.json", data.preprocessing.dump())
    if len(sweep.thresholds):
        reached = sweep.scores[score].max()
        log.info("threshold %.4g: %s %.4g on the validation part", chosen, score.replace("_", " "), reached)
    else:
        log.warning("the threshold stays 0.5: the validation part lacks one of the classes, or outputs are not finite")


def choose_answers(config: Config, data: Data, network: Any) -> tuple[Forward, bool]:
    """The network's answers, and whether they are NumPy's: where those are Keras' own on some of the held-out rows."""
    if not any(task.answers for task in data.tasks.values()):
        return no_answers, False
    preprocessing, by_keras = data.preprocessing, keras_answers(config, network, data.preprocessing.encoder)
    shapes = numpy_weights(config, preprocessing.encoder.inputs)
    if shapes is None or shapes != expected_weights(network):
        return by_keras, False
    weights, some = get_weights(network), data.rows.x.take(data.parts[data.held_out][:1000])
    (output,) = config.outputs

    def by_numpy(x: np.ndarray) -> dict[str, np.ndarray]:
        return {output: numpy_forward(config, weights, preprocessing.encoder.encode(x))}

    is_light = bool(np.abs(by_numpy(some)[output] - by_keras(some)[output]).max() <= TOLERANCE)
    return (by_numpy if is_light else by_keras), is_light


def warn_of_nan(history: History) -> None:
    """Say when the validation loss was no number; where the training loss is none, training has ended."""
    for row in history.rows:
        if not math.isfinite(row.get("val_loss", 0.0)):
            log.warning("the validation loss is %s in epoch %d", row["val_loss"], int(row["epoch"]))
            return


EXAMPLE = '''"""Predictions by this network, whose inputs rna prepares: python predict.py FILE"""

import sys

import rnacli

run = rnacli.load(__file__.rpartition("predict.py")[0] or ".")
print(run.predict(sys.argv[1]).to_csv(index=False), end="")
'''
"""What stands beside a network that does not take the data as they are."""


def write_example(run: Run, data: Data) -> None:
    """Write ``predict.py`` where ``model.keras`` cannot take the data as they are, for words or missing values."""
    answers = any(task.answers for task in data.tasks.values())
    if answers and not takes_raw_data(data.preprocessing.encoder, data.tasks):
        run.write("predict.py", EXAMPLE)


def save_model(run: Run, network: Any) -> None:
    """``model.keras``, for the user: a plain Keras model that needs nothing of ours, and takes the data as they are."""
    optimizer = getattr(network, "optimizer", None)
    if (
        optimizer is not None and not optimizer.built
    ):  # of a network that has taken no step: Keras would warn on loading
        optimizer.build(network.trainable_variables)
    with written_beside(run.path / "model.keras") as part:
        network.save(part)
    run.note("model.keras")
    for side, other in getattr(network, "sides", {}).items():
        if side != "generator":
            with written_beside(run.path / f"{side}.keras") as part:
                other.save(part)
            run.note(f"{side}.keras")
