"""What a file, its data and its network contradict one another in: said before training, with what mends it."""

import dataclasses
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import experiment, problem_of

from rnacli.checks.check import check_experiment, require_consistency
from rnacli.errors import CONFIG, Problem
from rnacli.examples.load import complete_metrics, load_data
from rnacli.experiment.callbacks import COUNTS
from rnacli.fitting.job import prepare_job
from rnacli.networks.instantiate import instantiate
from rnacli.networks.plan import LayerPlan
from rnacli.schema.catalog import entry_names
from rnacli.schema.keras_object import make_spec
from rnacli.tasks.metrics import INTEGER_METRICS, count_results

LABELS = """\
dataset: {csv: labels.csv, target: [red, round, rare], split: {test: 10, validation: 10}}
layers: [{dense: {units: 4, activation: relu}}, {dense: {units: 3, activation: sigmoid}}]
loss: binary_crossentropy
"""
LOGITS = LABELS.replace("units: 3, activation: sigmoid", "units: 3")
LOGITS = LOGITS.replace("loss: binary_crossentropy", "loss: {binary_crossentropy: {from_logits: true}}")
PRICE = """\
dataset: {csv: labels.csv, target: price, features: [a, b], split: {test: 10}}
layers: [{dense: {units: 1, activation: sigmoid}}]
loss: mse
"""
SIZES = """\
dataset: {csv: labels.csv, target: size, features: [a, b], split: {test: 10}}
layers: [{dense: {units: 3, activation: softmax}}]
loss: sparse_categorical_crossentropy
"""
COLOUR = """\
dataset: {csv: labels.csv, target: red, features: [a, b], split: {test: 10, validation: 10}}
layers: [{dense: {units: 1}}]
loss: {binary_crossentropy: {from_logits: true}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty things: two measures, three labels of which one is rare, a price and a size."""
    random = np.random.default_rng(4)
    a, b = random.normal(size=(2, 60))
    lines = [
        f"{x:.4f},{y:.4f},{int(x > 0)},{int(y > 0)},{int(i == 7)},{300 + 50 * x:.3f},{'SML'[i % 3]}"
        for i, (x, y) in enumerate(zip(a, b, strict=True))
    ]
    made = tmp_path_factory.mktemp("labels")
    (made / "labels.csv").write_text("\n".join(["a,b,red,round,rare,price,size", *lines]) + "\n")
    return made


def found(text: str, folder: Path, **changes: Any) -> tuple[list[Problem], list[Problem]]:
    result = check_experiment(experiment(text, folder, **changes), folder / "cache")
    return result.wrong, result.doubtful


def only(problems: list[Problem]) -> Problem:
    (problem,) = problems
    return problem


def layers(units: int, activation: str) -> list[Any]:
    return [{"dense": {"units": units, "activation": activation}}]


def columns(**kinds: Any) -> dict[str, Any]:
    return {"csv": "labels.csv", "target": "price", "features": ["a", "b"], "columns": kinds, "split": {"test": 10}}


# Labels


def test_labels_that_fit_have_nothing_against_them(folder: Path) -> None:
    for text in (LABELS, LOGITS):
        assert found(text, folder) == ([], [])


@pytest.mark.parametrize(
    ("text", "head", "said", "hint"),
    [
        (LABELS, (2, "sigmoid"), "has 2 units, and the 3 labels want 3", "- dense: {units: 3, activation: sigmoid}"),
        (LOGITS, (1, "linear"), "has 1 unit, and the 3 labels want 3", "- dense: 3"),
        (LABELS, (3, "softmax"), "softmax shares a probability of 1", "- dense: {units: 3, activation: sigmoid}"),
    ],
)
def test_the_head_of_labels(text: str, head: tuple[int, str], said: str, hint: str, folder: Path) -> None:
    problem = only(found(text, folder, layers=layers(*head))[0])
    assert said in problem.message
    assert problem.hint == hint
    assert problem.place.startswith("experiment.yaml:")


def test_the_activation_of_labels_must_suit_the_loss(folder: Path) -> None:
    problem = only(found(LABELS, folder, layers=layers(3, "relu"))[1])
    assert "expects probabilities" in problem.message
    assert problem.hint.startswith("activation: sigmoid")
    problem = only(found(LOGITS, folder, layers=layers(3, "sigmoid"))[1])
    assert "expects raw outputs" in problem.message


def test_a_label_that_teaches_nothing_is_named(folder: Path) -> None:
    split = {"test": 10, "validation": {"first": 10}}  # the row with the rare label validates
    data = {"csv": "labels.csv", "target": ["red", "round", "rare"], "split": split}
    problem = only(found(LABELS, folder, dataset=data)[1])
    assert problem.message == "no training row has the label rare: nothing can be learnt of it"


@pytest.mark.parametrize(
    ("text", "metric", "hint"),
    [
        (LABELS, "accuracy", "metrics: [binary_accuracy]"),
        (LABELS, "categorical_accuracy", "metrics: [binary_accuracy]"),
        (LABELS, "f1_score", "f1_score: {average: micro, threshold: 0.5}"),
        (LOGITS, "binary_accuracy", "binary_accuracy: {threshold: 0}"),
        (LOGITS, "precision", "precision: {thresholds: 0}"),
        (LOGITS, "auc", "auc: {from_logits: true}"),
        (LOGITS, "f1_score", "activation: sigmoid in the last layer, and a loss without from_logits"),
        (COLOUR, "binary_accuracy", "binary_accuracy: {threshold: 0}"),
        (COLOUR, "auc", "auc: {from_logits: true}"),
        (COLOUR, "categorical_accuracy", "metrics: [accuracy]"),
        (COLOUR, "top_k_categorical_accuracy", "metrics: [accuracy]"),
    ],
)
def test_a_metric_that_would_mislead_is_named_with_a_better_one(
    text: str, metric: str, hint: str, folder: Path
) -> None:
    wrong, doubtful = found(text, folder, metrics=[metric])
    assert not wrong
    assert only(doubtful).hint == hint
    assert only(doubtful).message.startswith(f"{metric} does not fit")


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        (LABELS, "binary_accuracy"),
        (LABELS, "precision"),
        (LABELS, {"auc": {"multi_label": True}}),
        (LABELS, {"f1_score": {"average": "macro", "threshold": 0.5}}),
        (LOGITS, {"binary_accuracy": {"threshold": 0}}),
        (LOGITS, {"auc": {"from_logits": True}}),
        (LOGITS, {"recall": {"thresholds": 0}}),
        (COLOUR, "accuracy"),
    ],
)
def test_a_metric_that_suits_is_let_through(text: str, metric: Any, folder: Path) -> None:
    assert found(text, folder, metrics=[metric]) == ([], [])


def test_a_metric_of_integers_cannot_measure_labels(folder: Path) -> None:
    problem = only(found(LABELS, folder, metrics=["sparse_categorical_accuracy"])[0])
    assert problem.hint == "metrics: [binary_accuracy]"


def test_labels_written_as_other_numbers_are_named(folder: Path) -> None:
    data = {"csv": "labels.csv", "target": ["a", "b"], "features": ["price"], "split": {"test": 10}}
    wrong, doubtful = found(LABELS, folder, dataset=data, layers=layers(2, "sigmoid"))
    assert not wrong
    assert "compares with 0 and 1" in only(doubtful).message
    assert "loss: mean_squared_error" in only(doubtful).hint


# Threshold


@pytest.mark.parametrize("text", [LABELS, COLOUR])
@pytest.mark.parametrize("threshold", [0.2, "f1", "matthews_corrcoef"])
def test_a_threshold_for_labels_and_for_two_classes(text: str, threshold: Any, folder: Path) -> None:
    assert found(text, folder, threshold=threshold) == ([], [])


@pytest.mark.parametrize(("text", "kind"), [(PRICE, "regression"), (SIZES, "multiclass")])
@pytest.mark.parametrize("threshold", [0.2, "f1"])
def test_a_threshold_is_refused_where_nothing_is_compared_with_it(
    text: str, kind: str, threshold: Any, folder: Path
) -> None:
    problem = only(found(text, folder, threshold=threshold)[0])
    assert f"the task is {kind}" in problem.message
    assert found(text, folder, threshold=0.5)[0] == []


def test_a_threshold_is_chosen_on_the_validation_part(folder: Path) -> None:
    data = {"csv": "labels.csv", "target": "red", "features": ["a", "b"], "split": {"test": 10}}
    problem = only(found(COLOUR, folder, threshold="f1", dataset=data)[0])
    assert "there is none" in problem.message
    assert "validation: 0.2" in problem.hint
    assert found(COLOUR, folder, threshold=0.3, dataset=data) == ([], [])
    data["split"] = {"validation": 10}
    wrong, doubtful = found(COLOUR, folder, threshold="f1", dataset=data)
    assert not wrong
    assert "too good" in only(doubtful).message


# Numbers


@pytest.mark.parametrize(
    ("activation", "scale", "fits"),
    [
        ("sigmoid", None, False),
        ("sigmoid", "standard", False),
        ("sigmoid", "minmax", True),
        ("tanh", "minmax", True),
        ("relu", None, True),
        ("relu", "standard", False),
        ("relu", "minmax", True),
        ("linear", None, True),
        ("linear", "standard", True),
    ],
)
def test_targets_must_be_in_the_range_of_the_head_as_they_are_scaled(
    activation: str, scale: str | None, fits: bool, folder: Path
) -> None:
    data = columns(**({"price": {"scale": scale}} if scale else {}))
    wrong, doubtful = found(PRICE, folder, dataset=data, layers=layers(1, activation))
    assert not wrong
    assert (doubtful == []) == fits
    if not fits:
        assert f"{activation} gives" in only(doubtful).message
        assert "columns: {price: {scale: minmax}}" in only(doubtful).hint


@pytest.mark.parametrize(
    ("text", "target", "loss", "activation", "hint"),
    [
        (COLOUR, "red", "hinge", "sigmoid", "activation: tanh, or loss: binary_crossentropy"),
        (PRICE, "a", "poisson", "exponential", "loss: mean_squared_error"),
        (PRICE, "a", "msle", "linear", "loss: mean_squared_error"),
        (PRICE, "price", "poisson", "linear", "activation: exponential in the last layer"),
        (COLOUR, "red", "hinge", "tanh", ""),
        (PRICE, "price", "poisson", "exponential", ""),
    ],
)
def test_a_loss_that_targets_or_outputs_do_not_suit(
    text: str, target: str, loss: str, activation: str, hint: str, folder: Path
) -> None:
    data = {**columns(), "target": target, "features": ["b"]}
    wrong, doubtful = found(text, folder, dataset=data, loss=loss, layers=layers(1, activation))
    assert not wrong
    assert [problem.hint for problem in doubtful] == [hint] * bool(hint)


def test_of_several_targets_those_outside_the_range_are_named(folder: Path) -> None:
    data = {**columns(a={"scale": "minmax"}), "target": ["a", "price", "rare"], "features": ["b"]}
    problem = only(found(PRICE, folder, dataset=data, layers=layers(3, "sigmoid"))[1])
    assert "the target price goes" in problem.message


OUTPUT = LayerPlan("dense", "Dense", (2,), (1,), 3)


def test_training_says_in_what_units_its_figures_are(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = experiment(PRICE, folder, dataset=columns(price={"scale": "minmax"}))
    data = load_data(config, folder / "cache")
    y = data.rows.y[data.parts["train"]]
    with caplog.at_level(logging.INFO, "rnacli"):
        require_consistency(complete_metrics(config, data.tasks), data, [OUTPUT])
    (said,) = [record.getMessage() for record in caplog.records if "scaled" in record.getMessage()]
    assert f"price (1 stands for {y.max() - y.min():.6g})" in said
    caplog.clear()
    data = load_data(experiment(PRICE, folder, layers=layers(1, "linear")), folder / "cache")
    with caplog.at_level(logging.INFO, "rnacli"):
        require_consistency(experiment(PRICE, folder, layers=layers(1, "linear")), data, [OUTPUT])
    assert "scaled" not in caplog.text


# What is watched


def test_a_callback_cannot_watch_the_metric_of_another_task(folder: Path) -> None:
    watching = [{"early_stopping": {"monitor": "accuracy"}}]
    problem = only(found(PRICE, folder, callbacks=watching)[0])
    assert "'accuracy'" in problem.message
    assert "mae" in problem.hint
    assert found(SIZES, folder, callbacks=watching)[0] == []
    watching[0]["early_stopping"]["monitor"] = "val_binary_accuracy"
    assert found(LABELS, folder, callbacks=watching) == ([], [])


@pytest.mark.parametrize(
    ("text", "metric", "hint"),
    [
        (SIZES.replace("sparse_", ""), "f1_score", "f1_score: {average: macro}"),
        (LABELS, {"fbeta_score": {"threshold": 0.5}}, "fbeta_score: {average: macro}"),
        (COLOUR, {"precision": {"thresholds": [0, 1]}}, "precision: {thresholds: 0.5}"),
    ],
)
def test_what_is_several_numbers_cannot_be_watched(text: str, metric: Any, hint: str, folder: Path) -> None:
    name = metric if isinstance(metric, str) else next(iter(metric))
    problem = only(found(text, folder, metrics=[metric], callbacks=[{"early_stopping": name}])[0])
    assert "watches one number" in problem.message
    assert problem.hint == hint
    assert found(text, folder, metrics=[metric])[0] == []


def test_one_output_has_one_f1(folder: Path) -> None:
    one = {"layers": layers(1, "sigmoid"), "loss": "binary_crossentropy", "metrics": [{"f1_score": {"threshold": 0.5}}]}
    assert found(COLOUR, folder, callbacks=[{"early_stopping": "val_f1_score"}], **one) == ([], [])


@pytest.mark.parametrize("name", entry_names("metric"))
def test_how_many_numbers_a_metric_gives_and_what_is_better_is_as_keras_has_it(name: str) -> None:
    needed: dict[str, dict[str, Any]] = {
        "iou": {"num_classes": 2, "target_class_ids": [0]}, "mean_iou": {"num_classes": 2},
        "one_hot_iou": {"num_classes": 2, "target_class_ids": [0]}, "one_hot_mean_iou": {"num_classes": 2},
        "precision_at_recall": {"recall": 0.5}, "recall_at_precision": {"precision": 0.5},
        "sensitivity_at_specificity": {"specificity": 0.5}, "specificity_at_sensitivity": {"sensitivity": 0.5},
    }  # fmt: skip
    for more in ({}, {"thresholds": [0.2, 0.6]}, {"average": "macro"}, {"class_aggregation": None}):
        spec = make_spec("metric", name, **needed.get(name, {}))
        if set(more) <= set(spec.entry.arguments) and name != "accuracy":
            spec = make_spec("metric", name, **needed.get(name, {}), **more)
            metric = instantiate(spec)
            truth = np.zeros((4,) if name in INTEGER_METRICS | {"mean_iou"} else (4, 2), "float32")
            metric.update_state(truth, truth if name == "mean_iou" else np.full((4, 2), 0.5, "float32"))
            assert np.size(metric.result()) == count_results(spec, 2), more
            assert hasattr(metric, "_direction") == (name not in COUNTS)


# Numbers that are looked up

NUMBERS = """\
dataset: {csv: numbers.csv, target: y, scale: none, split: {test: 10}}
layers: [{embedding: {input_dim: 8, output_dim: 2}}, flatten, {dense: {units: 1, activation: sigmoid}}]
loss: binary_crossentropy
"""


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty rows of two numbers of words, 0 to 7."""
    made = tmp_path_factory.mktemp("numbers")
    lines = [f"{i % 8},{i % 5},{i % 2}" for i in range(40)]
    (made / "numbers.csv").write_text("\n".join(["a,b,y", *lines]) + "\n")
    return made


def looking_up(*before: Any) -> list[Any]:
    return [*before, "flatten", {"dense": {"units": 1, "activation": "sigmoid"}}]


@pytest.mark.parametrize(
    ("before", "scale", "said", "hint"),
    [
        ([{"embedding": {"input_dim": 8, "output_dim": 2}}], "standard", "looks up whole numbers", "scale: none"),
        ([{"reshape": [2]}, {"embedding": {"input_dim": 8, "output_dim": 2}}], "minmax", "(a, b)", "scale: none"),
        ([{"category_encoding": {"num_tokens": 8}}], "standard", "category_encoding looks up", "scale: none"),
        (["integer_lookup"], "standard", "integer_lookup looks up", "scale: none"),
        ([{"embedding": {"input_dim": 7, "output_dim": 2}}], "none", "0 to 6, and gets 7 (a)", "input_dim: 8"),
        ([{"category_encoding": {"num_tokens": 3}}], "none", "0 to 2, and gets", "num_tokens: 8"),
        ([{"dense": 3}, {"embedding": {"input_dim": 8, "output_dim": 2}}], "none", "dense before it", "before dense"),
        ([{"discretization": {"num_bins": 9}}, {"embedding": {"input_dim": 8, "output_dim": 2}}], "none",
         "gives 0 to 8", "input_dim: 9"),
    ],
)  # fmt: skip
def test_what_is_looked_up_must_be_known(before: list[Any], scale: str, said: str, hint: str, numbers: Path) -> None:
    config = experiment(NUMBERS, numbers, layers=looking_up(*before))
    config = dataclasses.replace(config, dataset=dataclasses.replace(config.dataset, scale=scale))
    problem = only(check_experiment(config, numbers / "cache").wrong)
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    "before",
    [
        [{"embedding": {"input_dim": 8, "output_dim": 2}}],
        [{"category_encoding": {"num_tokens": 8}}],
        ["integer_lookup", {"embedding": {"input_dim": 9, "output_dim": 2}}],
        [{"discretization": {"num_bins": 8}}, {"embedding": {"input_dim": 8, "output_dim": 2}}],
    ],
)
def test_what_is_known_is_looked_up(before: list[Any], numbers: Path) -> None:
    assert found(NUMBERS, numbers, layers=looking_up(*before))[0] == []


def test_a_vocabulary_that_was_learnt_must_be_known_too(numbers: Path) -> None:
    config = experiment(
        NUMBERS, numbers, layers=looking_up("integer_lookup", {"embedding": {"input_dim": 8, "output_dim": 2}})
    )
    problem = problem_of(prepare_job, config, numbers / "cache", exit_code=CONFIG)
    assert problem.hint == "input_dim: 9"


# What goes with several classes

ONE_HOT = SIZES.replace("sparse_", "").replace("test: 10", "test: 20, stratify: true")


@pytest.mark.parametrize(
    ("metric", "hint"),
    [
        ("precision", "precision: {class_id: 1}"),
        ("recall", "recall: {class_id: 1}"),
        ({"precision_at_recall": 0.5}, "precision_at_recall: {class_id: 1}"),
        ("auc", "auc: {multi_label: true}"),
        ("true_positives", "recall: {class_id: 1}"),
        ("binary_accuracy", "metrics: [accuracy]"),
        ("binary_crossentropy", "metrics: [categorical_crossentropy]"),
        ({"f1_score": "micro"}, "f1_score: {average: macro}"),
    ],
)
def test_a_metric_of_single_outputs_is_doubted_where_one_class_is_right(metric: Any, hint: str, folder: Path) -> None:
    wrong, doubtful = found(ONE_HOT, folder, metrics=[metric])
    assert not wrong
    assert hint in only(doubtful).hint


def test_a_metric_of_one_class_is_let_through(folder: Path) -> None:
    metrics = [{"precision": {"class_id": 1}}, {"auc": {"multi_label": True}}, {"f1_score": "macro"}, "accuracy"]
    assert found(ONE_HOT, folder, metrics=metrics) == ([], [])
    problem = only(found(ONE_HOT, folder, metrics=[{"recall": {"class_id": 3}}])[0])
    assert "has 3 outputs, and class_id is 3" in problem.message


def test_a_class_that_a_part_has_no_row_of_is_named(folder: Path) -> None:
    data = {"csv": "labels.csv", "target": "size", "features": ["a", "b"], "split": {"test": {"last": 2}}}
    doubt = only(found(SIZES, folder, dataset=data)[1])
    assert doubt.message == "no test row is of class S: the test figures say nothing of it"
    assert "stratify: true" in doubt.hint


@pytest.mark.parametrize(
    ("behind", "hint"),
    [
        ({"dense": {"units": 3, "activation": "softmax"}}, "softmax only in the last layer"),
    ],
)
def test_a_layer_behind_the_softmax_is_doubted(behind: Any, hint: str, folder: Path) -> None:
    stack = [{"dense": {"units": 3, "activation": "softmax"}}, behind]
    wrong, doubtful = found(ONE_HOT, folder, layers=stack, metrics=["accuracy"])
    assert not wrong
    assert "follows softmax" in only(doubtful).message
    assert hint in only(doubtful).hint
    assert found(ONE_HOT, folder, layers=[*stack[:1], "flatten"])[0] == []


@pytest.mark.parametrize("dataset", [{"sklearn": "load_iris"}, {"sklearn": "load_digits"}])
def test_a_loss_of_two_classes_is_refused_for_a_named_data_set_of_more(dataset: dict[str, Any], folder: Path) -> None:
    config = experiment(COLOUR, folder, dataset={**dataset, "split": {"test": 10}})
    problem = problem_of(check_experiment, config, folder / "cache", exit_code=CONFIG)
    assert "is for 2 classes" in problem.message
    assert "loss: sparse_categorical_crossentropy" in problem.hint


def test_a_network_that_is_frozen_as_a_whole_is_doubted(folder: Path) -> None:
    frozen = {"dense": {"units": 1, "trainable": False}}
    assert "every layer is frozen" in only(found(PRICE, folder, layers=[frozen], metrics=[])[1]).message
    assert found(PRICE, folder, layers=[frozen, {"dense": 1}], metrics=[])[1] == []


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ([{}, {"unfreeze": "last"}], "last is not frozen before"),
        ([{"freeze": "first"}, {"unfreeze": "first"}], ""),
        ([{}, {"freeze": ["first", "last"]}], "every layer is frozen in this phase"),
    ],
)
def test_phases_that_change_nothing_are_doubted(phases: list[dict[str, Any]], said: str, folder: Path) -> None:
    named = [{"dense": {"units": 1, "name": name}} for name in ("first", "last")]
    each = [{"epochs": 1, **phase} for phase in phases]
    doubtful = found(PRICE, folder, layers=named, metrics=[], phases=each)[1]
    assert [doubt.message.startswith(said) for doubt in doubtful] == [True] * bool(said)


def test_a_callback_that_watches_rows_that_the_data_do_not_have_is_refused(folder: Path) -> None:
    (folder / "parts.csv").write_text(
        "".join(f"{x},{2 * x},train\n" for x in ["a", *range(9)]).replace("a,aa,train", "a,b,part")
    )
    data = {"csv": "parts.csv", "target": "b", "split": {"column": "part"}}
    wrong = found(PRICE, folder, dataset=data, metrics=[], callbacks=["early_stopping"])[0]
    assert only(wrong).message == "early_stopping watches val_loss, but there are no validation rows"


# What divides by the target


@pytest.mark.parametrize("name", ["mape", "msle", "poisson"])
@pytest.mark.parametrize(("scale", "fits"), [("standard", False), ("minmax", False), ({"rescale": 100}, True)])
def test_what_is_of_positive_targets_is_doubted_where_a_scale_moves_them(
    name: str, scale: Any, fits: bool, folder: Path
) -> None:
    data, last = columns(price={"scale": scale}), layers(1, "exponential" if name == "poisson" else "linear")
    for changes in ({"loss": name, "metrics": []}, {"metrics": [name]}):
        wrong, doubtful = found(PRICE, folder, dataset=data, layers=last, **changes)
        assert not wrong
        assert (doubtful == []) == fits
        if not fits:
            assert only(doubtful).hint == "columns: {price: {scale: {rescale: 100}}}, or {scale: none}"


@pytest.mark.parametrize(("momentum", "left"), [(0.99, "67%"), (0.9, None)])
def test_moving_averages_near_their_start_are_doubted(momentum: float, left: str | None, folder: Path) -> None:
    layers = [{"dense": 3}, {"batch_normalization": {"momentum": momentum}}, {"dense": 1}]
    doubts = found(PRICE, folder, layers=layers, metrics=[], epochs=40, batch_size="full")[1]
    assert [left in doubt.message for doubt in doubts] == [True] * bool(left)
