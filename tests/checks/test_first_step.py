"""Losses and metrics that would end the first step: refused before there is a run, and no others."""

from pathlib import Path
from typing import Any

import pytest
from fixtures import experiment, problem_of

from rnacli.checks.check import check_experiment
from rnacli.checks.first_step import is_refused, may_refuse
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG
from rnacli.fitting.job import prepare_job
from rnacli.networks.instantiate import instantiate
from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.keras_object import make_spec

IRIS = """\
dataset: {sklearn: load_iris, split: {test: 0.2}}
layers: [{dense: {units: 3, activation: softmax}}]
loss: LOSS
metrics: METRICS
"""
BACK = """\
dataset: {sklearn: load_digits, target: input, split: {test: 0.2}}
layers: [{reshape: [8, 8]}, {dense: 8}, flatten]
loss: LOSS
metrics: METRICS
"""
ONE_HOT = "loss: categorical_crossentropy makes the targets one-hot"


@pytest.mark.parametrize(
    ("text", "loss", "metrics", "message", "hint"),
    [
        (IRIS, "sparse_categorical_crossentropy", "[accuracy, mae]",
         "mean_absolute_error does not take targets of the shape ('batch',) and outputs of the shape ('batch', 3)",
         ONE_HOT),
        (IRIS, "circle", "[]",
         "circle does not take targets of the shape ('batch', 3) and outputs of the shape ('batch', 3)",
         "another loss"),
        (IRIS, "{categorical_crossentropy: {axis: 3}}", "[]",
         "categorical_crossentropy is computed along axis 3, and the outputs have the shape ('batch', 3)",
         "leave axis out: it is the last one then"),
        (IRIS, "categorical_crossentropy", "[{concordance_correlation: {axis: 2}}]",
         "concordance_correlation is computed along axis 2, and the outputs have the shape ('batch', 3)",
         "leave axis out: it is the last one then"),
    ],
)  # fmt: skip
def test_what_would_end_the_first_step_is_named(
    tmp_path: Path, text: str, loss: str, metrics: str, message: str, hint: str
) -> None:
    config = experiment(text.replace("LOSS", loss).replace("METRICS", metrics), tmp_path)
    (problem,) = check_experiment(config, tmp_path).wrong
    assert (problem.message, problem.hint) == (message, hint)
    assert problem.place.startswith("experiment.yaml:" + ("3" if loss.strip("{").split(":")[0] in message else "4"))
    assert problem_of(prepare_job, config, tmp_path, exit_code=CONFIG) == problem


def test_a_callback_that_keras_refuses_is_named_by_the_check(tmp_path: Path) -> None:
    text = IRIS.replace("LOSS", "sparse_categorical_crossentropy").replace("METRICS", "[accuracy]")
    for given, said in (("filepath: a.keras, save_freq: null", "save_freq"), ("filepath: ../a.keras", "leads out")):
        config = experiment(f"{text}callbacks: [{{model_checkpoint: {{{given}}}}}]\n", tmp_path)
        assert said in problem_of(check_experiment, config, tmp_path, exit_code=CONFIG).message


TARGETS: dict[str, tuple[Any, str, int]] = {
    "binary": ((7, 1), "float32", 1), "integer": ((7,), "int64", 3), "one-hot": ((7, 3), "float32", 3),
    "labels": ((7, 4), "float32", 4), "numbers": ((7, 2), "float32", 2),
}  # fmt: skip
NEEDED = {"recall": 0.5, "precision": 0.5, "specificity": 0.5, "sensitivity": 0.5, "num_classes": 3}
NEEDED |= {"target_class_ids": [0]}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:In loss")
@pytest.mark.parametrize("category", ["loss", "metric"])
def test_what_is_not_tried_is_never_refused(category: str) -> None:
    """Each of the catalogue, as it is, for targets of each task."""
    tried = 0
    for name in set(entry_names(category)) - {"perceptron", "accuracy"}:
        entry = find_entry(category, name)
        assert entry is not None
        needed = {each.name: NEEDED[each.name] for each in entry.arguments.values() if each.required}
        spec = make_spec(category, name, **needed)
        for shape, dtype, units in TARGETS.values():
            targets, outputs = keras.KerasTensor(shape, dtype), keras.KerasTensor((7, units))
            if needed or may_refuse(spec, targets, outputs):
                continue
            tried += 1
            assert not is_refused(instantiate(spec), targets, outputs), (name, shape)
    assert tried > 60
