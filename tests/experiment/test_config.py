"""From a file and ``--set`` to an experiment, and back: defaults, the one rule, overrides, references, problems."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, experiment, problem_of, problems_of

from rnacli.data.csv import Csv
from rnacli.data.npz import Npz
from rnacli.data.section import Part, Split
from rnacli.data.sklearn import Sklearn
from rnacli.document.read import parse_document
from rnacli.encoders.section import Column, Constant
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.experiment.load import default_name, dump_config, load_config, read_config
from rnacli.experiment.override import apply_override
from rnacli.schema.keras_object import KerasSpec, make_spec

LEAST = """\
dataset: {sklearn: make_moons}
layers: [dense: 1]
loss: hinge
"""
CSV = LEAST.replace("sklearn: make_moons", "csv: a.csv, target: y")


def load(folder: Path, text: str, *sets: str) -> Config:
    path = folder / "experiment.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, sets)


def reread(made: Config) -> Config:
    return read_config(parse_document(dump_config(made), "again.yaml"), made.folder)


def arguments(spec: KerasSpec) -> dict[str, Any]:
    """What the file gave the object."""
    return {name: spec.arguments[name] for name in spec.given}


# Reading


def test_what_a_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    made = load(tmp_path, LEAST)
    assert made.name == "experiment"
    assert (made.seed, made.epochs, made.batch_size) == (0, 1, 32)
    assert (made.optimizer.name, made.metrics, made.callbacks) == ("rmsprop", None, ())
    assert (made.class_weight, made.threshold) == (None, 0.5)
    assert (made.validation_data, made.device, made.precision, made.engine.threads) == (
        "auto",
        "auto",
        "float32",
        "auto",
    )
    assert isinstance(made.dataset, Sklearn)
    assert (made.dataset.scale, made.dataset.split) == ("none", Split(test=Part(0.2)))
    assert made.folder == tmp_path


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("wine", "wine"), ("Wine 2.b", "Wine-2.b"), ("vino ñ", "vino-ñ"), ("-._", "experiment"), ("...", "experiment"),
        ("x" * 80, "x" * 64), ("con", "experiment"), ("a/../b", "a-..-b"), ("😀", "experiment"),
    ],
)  # fmt: skip
def test_the_default_name_is_what_a_folder_can_be_called(stem: str, name: str) -> None:
    assert default_name(stem) == name


def test_a_csv_and_an_npz_have_defaults_of_their_own() -> None:
    table = experiment(LEAST, dataset={"csv": "a.csv", "target": "y"}).dataset
    assert isinstance(table, Csv)
    assert (table.scale, table.split, table.features, table.header) == ("standard", Split(test=Part(0.2)), None, True)
    assert table.missing == ("", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
    arrays = experiment(LEAST, dataset={"npz": "a.npz"}).dataset
    assert isinstance(arrays, Npz)
    assert (arrays.scale, arrays.split) == ("none", Split())


def test_numbers_that_are_column_names_are_their_digits() -> None:
    made = experiment(LEAST, dataset={"csv": "a.csv", "target": 4, "features": [0, "1"], "id": 2}).dataset
    assert isinstance(made, Csv)
    assert (made.target, made.features, made.id) == ("4", ("0", "1"), "2")


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (0.2, Part(0.2)), (20, Part(20)), ({"first": 5}, Part(5, "first")), ({"last": 0.5}, Part(0.5, "last")),
        ("other.csv", "other.csv"), (None, None),
    ],
)  # fmt: skip
def test_the_forms_of_a_part(written: Any, part: Any) -> None:
    made = experiment(LEAST, dataset={"csv": "a.csv", "target": "y", "split": {"test": written}})
    assert made.dataset.split.test == part
    assert reread(made).dataset == made.dataset


# The one rule


@pytest.mark.parametrize(
    ("written", "name", "given"),
    [
        ("flatten", "flatten", {}),
        ("Flatten", "flatten", {}),
        ({"flatten": None}, "flatten", {}),
        ({"flatten": {}}, "flatten", {}),
        ({"dense": 10}, "dense", {"units": 10}),
        ({"Dense": {"units": 10}}, "dense", {"units": 10}),
        ({"dropout": 0.5}, "dropout", {"rate": 0.5}),
        ({"MaxPooling2D": 2}, "max_pooling2d", {"pool_size": 2}),
        ({"max_pooling_2d": [2, 3]}, "max_pooling2d", {"pool_size": (2, 3)}),
        ({"dense": {"units": 3, "activation": "ReLU"}}, "dense", {"units": 3, "activation": "relu"}),
        ({"conv2d": {"filters": 8, "kernel_size": 3}}, "conv2d", {"filters": 8, "kernel_size": 3}),
    ],
)
def test_a_layer_is_a_name_a_name_with_arguments_or_a_name_with_a_value(
    written: Any, name: str, given: dict[str, Any]
) -> None:
    (layer,) = experiment(LEAST, layers=[written]).layers
    assert layer.name == name
    assert arguments(layer) == given


@pytest.mark.parametrize(
    ("key", "written", "name", "given"),
    [
        ("optimizer", "SGD", "sgd", {}),
        ("optimizer", {"adam": 0.01}, "adam", {"learning_rate": 0.01}),
        ("optimizer", {"sgd": {"momentum": 0.9, "nesterov": True}}, "sgd", {"momentum": 0.9, "nesterov": True}),
        ("loss", "mse", "mean_squared_error", {}),
        ("loss", {"huber": 2}, "huber", {"delta": 2.0}),
        ("loss", {"BinaryCrossentropy": {"from_logits": True}}, "binary_crossentropy", {"from_logits": True}),
    ],
)
def test_optimizers_and_losses_follow_the_same_rule(key: str, written: Any, name: str, given: dict[str, Any]) -> None:
    spec = getattr(experiment(LEAST, **{key: written}), key)
    assert (spec.name, arguments(spec)) == (name, given)


def test_an_object_that_is_made_in_code_is_complete_or_an_error() -> None:
    spec = make_spec("optimizer", "sgd", momentum=0.9)
    assert (spec.arguments["momentum"], spec.arguments["learning_rate"], spec.given) == (0.9, 0.01, {"momentum"})
    with pytest.raises(ValueError, match="no argument 'momentun'"):
        make_spec("optimizer", "sgd", momentun=0.9)


def test_objects_nest_by_the_same_rule() -> None:
    made = experiment(
        LEAST
        + """
optimizer: {sgd: {learning_rate: {cosine_decay: {initial_learning_rate: 0.1, decay_steps: 100}}}}
metrics: [acc, {top_k_categorical_accuracy: 2}]
callbacks: [{early_stopping: {monitor: loss, patience: 2}}]
""",
        layers=[
            {
                "dense": {
                    "units": 4,
                    "kernel_initializer": {"random_normal": {"stddev": 0.1}},
                    "kernel_regularizer": {"l2": 0.01},
                    "bias_constraint": {"max_norm": 2},
                    "bias_initializer": "he_normal",
                }
            },
            {"bidirectional": {"layer": {"lstm": 3}}},
        ],
    )
    schedule = made.optimizer.arguments["learning_rate"]
    assert (schedule.entry.category, schedule.name) == ("schedule", "cosine_decay")
    assert arguments(schedule) == {"initial_learning_rate": 0.1, "decay_steps": 100}
    dense, wrapped = made.layers
    assert arguments(dense.arguments["kernel_initializer"]) == {"stddev": 0.1}
    assert (dense.arguments["kernel_regularizer"].name, arguments(dense.arguments["kernel_regularizer"])) == (
        "l2",
        {"l2": 0.01},
    )
    assert dense.arguments["bias_constraint"].name == "max_norm"
    assert dense.arguments["bias_initializer"].name == "he_normal"
    assert dense.arguments["activity_regularizer"] is None
    assert arguments(wrapped.arguments["layer"]) == {"units": 3}
    assert [metric.name for metric in made.metrics] == ["accuracy", "top_k_categorical_accuracy"]
    assert arguments(made.metrics[1]) == {"k": 2}


@pytest.mark.parametrize(
    ("layer", "said", "hint"),
    [
        ("dence", "no layer called 'dence'", "dense"),
        ({"dense": {"units": 4, "activaton": "relu"}}, "no argument 'activaton'", "activation"),
        ({"dense": {}}, "dense needs units", "dense: {units: ...}"),
        ({"dense": {"unit": 4}}, "no argument 'unit'", "did you mean units?"),
        ({"dense": {"output_dim": 4}}, "no argument 'output_dim'", "did you mean units?"),
        ({"dense": {"units": 4, "init": "zeros"}}, "no argument 'init'", "did you mean kernel_initializer?"),
        ({"dropout": {"p": 0.5}}, "no argument 'p'", "did you mean rate?"),
        ({"lstm": {"units": 4, "inner_activation": "relu"}}, "inner_activation", "did you mean recurrent_activation?"),
        ({"dense": {"units": 4, "W_regularizer": "l2"}}, "W_regularizer", "did you mean kernel_regularizer?"),
        ({"discretization": 5}, "for bin_boundaries, got 5", "discretization: {num_bins: 5}"),
        ({"flatten": {"lr": 1}}, "no argument 'lr'", "flatten takes data_format, name, dtype"),
        ({"dense": {"units": 4}, "activation": "relu", "name": "x"}, "expected one name, got dense, activation and "
         "name", "write dense: {units: 4, activation: relu, name: x}"),
        ({"dense": [4, "relu"]}, "expected a whole number of at least 1 for units, got a list",
         "name the arguments: dense: {units: 4, activation: relu}"),
        ({"conv2d": [8, [3, 3], None]}, "for filters", "conv2d: {filters: 8, kernel_size: a list, strides: nothing}"),
        ({"dense": {"units": 4, "input_dim": 2}}, "no argument 'input_dim'", "follows from the data"),
        ({"dense": 0}, "at least 1", ""),
        ({"dense": "4"}, "got '4'", "remove the quotes"),
        ({"dense": 2.5}, "whole number", ""),
        ({"dropout": True}, "a number", ""),
        ({"flatten": 3}, "", ""),
        ({"add": 3}, "add takes no single value, got 3", "add takes name, dtype"),
        ({"lambda": "x"}, "not offered", ""),
        ({"dense": {"units": 4, "kernel_regularizer": "l3"}}, "no regularizer called 'l3'",
         "known: l1, l1_l2, l2 and orthogonal_regularizer"),
        ({"dense": {"units": 4, "activation": "softmux"}}, "no activation called 'softmux'", "softmax"),
        ({"dense": {"units": 4, "activation": {"leaky_relu": 0.2}}}, "an activation", "layer of its own"),
        ({"dense": {"units": 4, "activation": 3}}, "expected an activation such as relu, got 3", ""),
        ("", "expected a layer such as dense: 10, got ''", ""),
        ({}, "expected a layer such as dense: 10, got a mapping", ""),
        (3, "expected a layer such as dense: 10, got 3", ""),
        (["dense"], "expected a layer such as dense: 10, got a list", "write it without these brackets"),
    ],
)  # fmt: skip
def test_what_is_no_layer_is_refused_with_a_mend(layer: Any, said: str, hint: str) -> None:
    problem = problem_of(lambda: experiment(LEAST, layers=[layer]), exit_code=CONFIG)
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("optimizer", "hint"),
    [
        ({"sgd": {"learning_rate": 0.02, "decay": 1e-6}},
         "learning_rate: {inverse_time_decay: {initial_learning_rate: 0.02, decay_steps: 1, decay_rate: 1e-06}}"),
        ({"adam": {"lr": 0.5, "decay": 0.1}}, "{initial_learning_rate: 0.5, decay_steps: 1, decay_rate: 0.1}"),
        ({"rmsprop": {"decay": 0.1}}, "{initial_learning_rate: 0.001, decay_steps: 1, decay_rate: 0.1}"),
        ({"nadam": {"schedule_decay": 0.004}}, "leave it out"),
        ({"adam": {"momentum": 0.9}}, "sgd and rmsprop have a momentum; that of adam and its like is beta_1"),
    ],
)  # fmt: skip
def test_an_old_word_is_not_taken_for_one_that_does_something_else(optimizer: Any, hint: str) -> None:
    problems = problems_of(lambda: experiment(LEAST, optimizer=optimizer), exit_code=CONFIG)
    assert hint in problems[-1].hint
    assert not any("weight_decay" in problem.hint or "ema" in problem.hint for problem in problems)


@pytest.mark.parametrize(
    ("rate", "said", "hint"),
    [
        ("fast", "there is no schedule called 'fast'", "write a number such as 0.01, or one of cosine_decay, "),
        ("1%", "expected a number or a schedule, got '1%'", "did you mean 0.01?"),
        ("cosine_deca", "there is no schedule called 'cosine_deca'", "did you mean cosine_decay?"),
        ("0", "expected a number above 0, got 0", ""),
        (
            "[0.1]",
            "expected a number above 0, find or a schedule such as cosine_decay: {...}, got a list",
            "write it without these brackets: 0.1",
        ),
    ],
)
def test_a_learning_rate_is_a_number_or_a_schedule(rate: str, said: str, hint: str) -> None:
    problem = problem_of(experiment, LEAST + f"optimizer: {{sgd: {{learning_rate: {rate}}}}}", exit_code=CONFIG)
    assert problem.message == f"optimizer.sgd.learning_rate: {said}"
    assert problem.hint.startswith(hint)


# Problems


MANY = """\
name: bad name!
epochs: -1
datasett: 3
dataset:
  csv: a.csv
  target: y
  tarjets: y
  split: {test: 120%}
layers:
  - dence: 4
  - dense: {units: x}
loss: {mse: {axis: 3}}
metrics: accuracy
batch_size: 0
"""


def test_every_mistake_is_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = problems_of(load, tmp_path, MANY, exit_code=CONFIG)
    places = [tuple(map(int, problem.place.rsplit(":", 2)[1:])) for problem in found]
    assert [line for line, _ in places] == [1, 2, 3, 7, 8, 10, 11, 12, 13, 14]
    assert places == sorted(places)
    assert all(problem.place.startswith(str(tmp_path / "experiment.yaml")) for problem in found)


def test_a_mistake_stands_at_its_value_or_at_its_key(tmp_path: Path) -> None:
    text = CIRCLES.replace("activation: tanh", "activaton: tanh").replace("epochs: 3", "epochs: three")
    found = {problem.place.removeprefix(str(tmp_path)): problem for problem in problems_of(load, tmp_path, text)}
    assert set(found) == {"/experiment.yaml:4:23", "/experiment.yaml:9:9"}
    assert found["/experiment.yaml:4:23"].message.startswith("layers.0.dense.activaton: ")
    assert "did you mean activation?" in found["/experiment.yaml:4:23"].hint
    assert found["/experiment.yaml:9:9"].message.startswith("epochs: ")
    problem = problem_of(load, tmp_path, CIRCLES.replace("units: 4, ", ""))
    assert problem.message == "layers.0.dense: dense needs units"
    assert problem.place.endswith("experiment.yaml:4:5")


@pytest.mark.parametrize(
    "changes",
    [
        {"callbacks": [{"early_stopping": {"monitor": 3}}]},
        {"callbacks": [{"early_stopping": {"monitor": "accuracy", "patience": -1}}], "metrics": []},
        {"callbacks": [{"early_stopping": "accuracy"}], "metrics": ["acuracy"]},
        {"validation_data": "tets", "callbacks": [{"early_stopping": "loss"}]},
        {"dataset": {"sklearn": "make_moons", "noise": -1}, "validation_data": "validation"},
        {"dataset": {"csv": "a.csv", "target": "y", "columns": {"a": {"fil": 0}, "b": {}}}},
        {"dataset": 3},
    ],
)
def test_what_follows_from_a_mistake_is_not_another(changes: dict[str, Any]) -> None:
    assert problem_of(lambda: experiment(LEAST, **changes), exit_code=CONFIG)


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        (LEAST.replace("}", ", epochs: 3}"), "1:32", "top level"),
        (LEAST + "split: {test: 3}", "4:1", "dataset"),
        (LEAST + "epohcs: 3", "4:1", "epochs"),
        (LEAST.replace("make_moons", "make_moon"), "1:20", "make_moons"),
        (LEAST.replace("make_moons}", "make_moons, noize: 1}"), "1:32", "noise"),
        (LEAST.replace("sklearn", "sklern"), "1:11", "sklearn"),
        (LEAST.replace("sklearn: make_moons", "csv: a.csv, trget: y"), "1:23", "target"),
        (LEAST.replace("}", ", target: y}"), "1:40", "such data have their own labels"),
        (LEAST.replace("}", ", csv_file: y}"), "1:32", "n_samples, shuffle"),
        (LEAST + "xyz: 5", "4:1", "known keys: name, seed, dataset"),
    ],
)
def test_a_key_that_stands_in_the_wrong_place_is_told_where_it_belongs(
    tmp_path: Path, text: str, place: str, hint: str
) -> None:
    problem = problem_of(load, tmp_path, text, exit_code=CONFIG)
    assert problem.place.endswith(f"experiment.yaml:{place}")
    assert hint in problem.hint


WHOLE, SHARE = "expected a whole number of at least 0, got ", "expected a number above 0 and below 1, got "


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        ("epochs:", WHOLE + "nothing", "write a value after the colon, or leave the key out"),
        ("epochs: true", WHOLE + "true", "epochs: 20"),
        ("epochs: [3]", WHOLE + "a list", "write it without these brackets: 3"),
        ("epochs: {a: 3}", WHOLE + "a mapping", "epochs: 20"),
        ("epochs: '3'", WHOLE + "'3'", "remove the quotes: 3"),
        ("epochs: 010", WHOLE + "'010'", "write 10, without the leading zero"),
        ("epochs: 1,5", WHOLE + "'1,5'", "write it with a decimal point: 1.5"),
        ("epochs: -2.5", WHOLE + "-2.5", "round it: -3 or -2"),
        ("epochs: -1", WHOLE + "-1", "epochs: 20"),
        ("epochs: .inf", WHOLE + ".inf", "write an ordinary number"),
        ("epochs: 1e18", WHOLE + "1e+18", "write a smaller number"),
        ("threshold: -.INF", SHARE + "-.inf", "write an ordinary number"),
        ("threshold: .nan", SHARE + ".nan", "write an ordinary number"),
        ("threshold: 0.0", SHARE + "0.0", ""),
        ("threshold: 1", SHARE + "1", ""),
        ("threshold: 12.5 %", "expected accuracy, balanced_accuracy, f1 or matthews_corrcoef or "
         "a number above 0 and below 1, got '12.5 %'",
         "did you mean 0.125?"),
        ("seed: 4294967296", "expected a whole number from 0 to 4294967295, got 4294967296",
         "seed: 42; seeds: [0, 1, 2] trains the network with each"),
        ("batch_size: ful", "expected full or a whole number of at least 1, got 'ful'", "did you mean full?"),
        ("device: tpu", "expected auto, cpu or gpu, got 'tpu'", "did you mean cpu or gpu?"),
        ("class_weight: even", "expected balanced or a mapping (name: value), got 'even'",
         "class_weight: {yes: 2, no: 1}"),
        ("metrics: accuracy", "expected a list, got 'accuracy'", "metrics: [accuracy]"),
        ("callbacks: {early_stopping: 5}", "expected a list, got a mapping", "- early_stopping: {patience: 5}"),
        ("engine: 3", "expected a mapping (key: value), got 3", ""),
        ("optimizer: [sgd]", "expected an optimizer such as adam, got a list", "write it without these brackets: sgd"),
        ("optimizer: [sgd, adam]", "expected an optimizer such as adam, got a list",
         "write one, not a list; rna tune tries several: "
         "tune: {over: {optimizer: {choice: [adam, sgd]}}}"),
    ],
)  # fmt: skip
def test_what_a_key_cannot_hold_is_said_with_a_mend(written: str, said: str, hint: str) -> None:
    problem = problem_of(experiment, LEAST + written, exit_code=CONFIG)
    key, _, value = written.partition(":")
    assert problem.place == f"experiment.yaml:4:{len(key) + (3 if value else 2)}"
    assert (problem.message, problem.hint) == (f"{key}: {said}", hint)


PART = "expected a fraction between 0 and 1, a number of rows, {first: n}, {last: n} or a file, got "


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        ("header: maybe", "header: expected true or false, got 'maybe'", ""),
        ("header: 0", "header: expected true or false, got 0", "did you mean false?"),
        ("id: 1.5", "id: expected a column's name, got 1.5", "put it in quotes: '1.5'"),
        ("id: true", "id: expected a column's name, got true", ""),
        ("features: []", "features: expected a list, got an empty one",
         "features: [first_column, second_column]; left out, they are all columns but the target"),
        ("features: [a, {b: c}]", "features.1: expected a column's name, got a mapping", ""),
        ("scale: minmx",
         "scale: expected standard, minmax, robust, log, power or none or a mapping (key: value), got 'minmx'",
         "did you mean minmax?"),
        ("scale: {}", "scale: rescale is missing", "add the key rescale (what every input is divided by)"),
        ("scale: {rescal: 2}", "scale.rescal: unknown key", "did you mean rescale?"),
        ("scale: {x: 2, rescale: 2}", "scale.x: unknown key", "known keys: rescale and offset"),
        ("columns: [a]", "columns: expected a mapping (name: value), got a list",
         "columns: {age: {fill: median}, city: categorical, name: ignore}"),
        ("columns: {a: 3}", "columns.a: expected a kind of column such as categorical, or a mapping such as {fill: "
         "median}, got 3", ""),
        ("columns: {a: numerc}",
         "columns.a: expected auto, numeric, categorical, boolean, date, duration, fraction, text, image or ignore, "
         "got 'numerc'",
         "did you mean numeric?"),
        ("columns: {a: {fil: mean}}", "columns.a.fil: unknown key", "did you mean fill?"),
        ("split: {train: b.csv}", "split.train: the training rows are in the data set's own file",
         "test: or validation: may be a second file"),
        ("split: {train: -1}", "split.train: expected a fraction between 0 and 1, a number of rows, {first: n} or "
         "{last: n}, got -1", ""),
        ("split: {test: b}", f"split.test: {PART}'b'", "a file's name ends in .csv or .npz"),
        ("split: {test: '0.2'}", f"split.test: {PART}'0.2'", "remove the quotes: 0.2"),
        ("split: {test: 1.5}", f"split.test: {PART}1.5", "a fraction is below 1, and a number of rows is whole"),
        ("split: {test: {first: 0}}", f"split.test.first: {PART}0", ""),
        ("split: {test: {first: true}}", f"split.test.first: {PART}true", ""),
        ("split: {test: {middle: 2}}", f"split.test: {PART}a mapping", "{first: 10000} takes the first 10000 rows"),
        ("split: {test: [1]}", f"split.test: {PART}a list", ""),
    ],
)  # fmt: skip
def test_what_a_key_of_a_table_cannot_hold_is_said_with_a_mend(written: str, said: str, hint: str) -> None:
    problem = problem_of(experiment, CSV.replace("y}", f"y, {written}}}"), exit_code=CONFIG)
    assert (problem.message, problem.hint) == (f"dataset.{said}", hint)


@pytest.mark.parametrize(
    ("path", "taken", "refused"),
    [
        ("seed", [0, 2**32 - 1], [-1, 2**32]),
        ("epochs", [0, 10**17], [-1]),
        ("batch_size", [1, "full"], [0]),
        ("threshold", [0.001, 0.999, "accuracy", "balanced_accuracy", "f1", "matthews_corrcoef"], [0, 1, "recall"]),
        ("validation_data", ["auto", "test", "none"], ["train"]),
        ("device", ["auto", "cpu", "gpu"], ["cuda"]),
        ("precision", ["float32", "mixed_float16", "mixed_bfloat16"], ["float16"]),
        ("class_weight.a", [0.001], [0]),
        ("engine.threads", ["auto", 1, 1024], [0, 1025]),
        ("engine.fuse", ["auto", True, False], ["always", 1]),
        ("checkpoint.every", [1, None], [0]),
        ("checkpoint.seconds", [0.001, None], [0]),
        ("dataset.scale", ["standard", "minmax", "none"], ["auto"]),
        ("dataset.scale.rescale", [0.001], [0]),
        ("dataset.decimal", ["auto", ".", ","], [";"]),
        ("dataset.delimiter", ["auto", "whitespace", ";", "\t"], ["", "ab", "\n", '"']),
        ("dataset.sha256", ["0123456789abcdef" * 4], ["0" * 63, "0" * 65, "A" * 64]),
        ("dataset.label_separator", ["|", " - "], [""]),
        ("dataset.class_names", [["a", "b"], None], [["a"], []]),
        ("dataset.fill", ["auto", "error", 0, -1.5], ["zero", None]),
        ("dataset.stream", ["auto", True, False], ["always"]),
        ("dataset.columns.a.fill", ["median", 0, None], ["zero"]),
        ("dataset.columns.a.encode", ["one_hot", "ordinal", "embedding"], ["hash"]),
        ("dataset.columns.a.dimensions", [1, 4096], [0, 4097]),
        ("dataset.columns.a.min_count", [1], [0]),
        ("dataset.columns.a.categories", [["x"], [1, 2]], [[], "x"]),
        ("dataset.columns.a.parts", [["year", "second"]], [[], ["week"]]),
        ("dataset.columns.a.format", ["%d/%m/%Y"], ["d/m/Y"]),
        ("dataset.split.test", [1, 0.001, 0.999, "b.csv"], [0, 0.0, 1.0, 1.5, -1]),
        ("dataset.split.train", [1, 0.5], ["b.csv"]),
    ],
)
def test_what_a_key_may_hold_ends_at_its_bounds(path: str, taken: list[Any], refused: list[Any]) -> None:
    def read(value: Any) -> Config:
        document = parse_document(CSV, "experiment.yaml")
        *sections, key = path.split(".")
        inside = document.value
        for section in sections:
            if not isinstance(inside.get(section), dict):
                inside[section] = {}
            inside = inside[section]
        inside[key] = value
        return read_config(document, Path())

    for value in taken:
        assert reread(read(value)) == read(value)
    for value in refused:
        assert problem_of(read, value, exit_code=CONFIG).message


@pytest.mark.parametrize(
    ("words", "meant"), [("yes Yes on ON y Y 'true'", "true"), ("no NO off Off n N 'false'", "false")]
)
def test_the_words_of_yaml_1_1_are_told_what_they_were_meant_as(words: str, meant: str) -> None:
    for word in words.split():
        problem = problem_of(experiment, CSV.replace("y}", f"y, header: {word}}}"), exit_code=CONFIG)
        shown = word.strip("'")
        assert problem.message == f"dataset.header: expected true or false, got '{shown}'"
        is_word = f"did you mean {meant}? (in YAML 1.2, {shown} is a word)"
        assert problem.hint == (f"remove the quotes: {meant}" if word != shown else is_word)


@pytest.mark.parametrize(
    ("dataset", "place", "said", "hint"),
    [
        ("3", "10", "expected a mapping (key: value), got 3", "dataset: {csv: data.csv, target: column_to_predict}"),
        ("{csv: a.csv, target: true}", "31", "expected a column's name or a list, got true", ""),
        ("{sklearn: 3}", "20", "expected the name of a data set, got 3", ""),
        ("{keras: xyz}", "18", "Keras has no data set called 'xyz'",
         "known: boston_housing, california_housing, cifar10, cifar100, fashion_mnist, imdb, mnist and reuters"),
        ("{target: y}", "1",
         "one of csv, sklearn, keras, npz, images, rows, text or text_folders must say what data it is",
         "for a CSV file: csv: data.csv"),
        ("{csv: a.csv, npz: a.npz}", "23", "csv and npz are given at once", "keep one kind of data"),
    ],
)  # fmt: skip
def test_what_are_no_data_is_refused_at_its_place(dataset: str, place: str, said: str, hint: str) -> None:
    problem = problem_of(experiment, LEAST.replace("{sklearn: make_moons}", dataset), exit_code=CONFIG)
    assert problem.place == f"experiment.yaml:1:{place}"
    assert (problem.message.split(": ", 1)[1], problem.hint) == (said, hint)


def test_what_is_said_of_columns_is_a_word_or_a_mapping_also_in_the_complete_file() -> None:
    text = CSV.replace(
        "y}",
        "y, fill: mean, columns: {a: categorical, b: {fill: 0, min_count: 1}, c: {kind: date}, d: {}, "
        "e: {kind: numeric, fill: {constant: 3}, scale: {rescale: 2}}, f: {categories: [x, 2], parts: [day]}, "
        "g: {standardize: null, ngrams: [1, 3]}}}",
    )
    made = experiment(text).dataset
    assert isinstance(made, Csv)
    assert made.column("c") == Column(kind="date")
    assert made.column("d") == made.column("never named") == Column()
    assert dataclasses.astuple(Column()) == (
        "auto",
        None,
        False,
        None,
        "one_hot",
        None,
        1,
        None,
        None,
        None,
        "",
        "",
        (),
        None,
        "rgb",
        "bilinear",
        False,
        False,
        (),
        "auto",
        "error",
        None,
        None,
        "lower_and_strip_punctuation",
        "whitespace",
        None,
        "int",
    )
    assert made.column("f") == Column(categories=("x", "2"), parts=("day",))
    assert [made.fill_of(name) for name in "abez"] == ["mean", 0, Constant(constant="3"), "mean"]
    written = parse_document(dump_config(experiment(text)), "dump").value["dataset"]["columns"]
    assert written == {
        "a": "categorical", "b": {"fill": 0}, "c": "date", "d": "auto",
        "e": {"kind": "numeric", "fill": {"constant": "3"}, "scale": {"rescale": 2}},
        "f": {"categories": ["x", "2"], "parts": ["day"]}, "g": {"standardize": None, "ngrams": [1, 3]},
    }  # fmt: skip
    assert reread(experiment(text)).dataset == made


# Back to a file

KINDS_OF_FILES = {
    "an ordinary one": CIRCLES,
    "the shortest": LEAST,
    "a checkpoint": CIRCLES + "callbacks: [{model_checkpoint: best.keras}]\n",
    "callbacks": CIRCLES + "validation_data: test\ncallbacks: [early_stopping, {terminate_on_nan: {}}]\n",
    "null": LEAST.replace("dense: 1", "dense: {units: 1, kernel_regularizer: null, name: last, dtype: float32}"),
    "a regularizer": LEAST.replace("dense: 1", "dense: {units: 3, kernel_regularizer: {l2: 0.5}, use_bias: false}"),
    "a schedule": LEAST
    + "optimizer: {adam: {learning_rate: {cosine_decay: {decay_steps: 9, initial_learning_rate: 1}}}}",
    "a wrapped layer": LEAST.replace("dense: 1", "bidirectional: {layer: {lstm: {units: 2, return_state: true}}}"),
    "class names": CSV.replace("y}", "y, class_names: [no, 'yes', '1.0']}"),
    "pixels": CSV.replace("y}", "y, scale: {rescale: 255}}"),
    "two targets": CSV.replace("target: y", "target: [y, 2], header: false"),
    "missing words": CSV.replace("y}", "y, missing: ['', '-', '~', 'null', NA, 9]}"),
    "a part column": CSV.replace("y}", "y, id: 3, split: {column: part, stratify: true}}"),
    "files as parts": CSV.replace("y}", "y, split: {test: b.csv, validation: {last: 3}}}"),
    "no parts": CSV.replace("y}", "y, split: {}}"),
    "another format": CSV.replace("y}", "y, delimiter: \"\\t\", decimal: ',', encoding: latin-1}"),
    "arrays": LEAST.replace("sklearn: make_moons", "npz: a.npz, split: {train: 0.5, validation: 10}"),
    "lists for scikit-learn": LEAST.replace("make_moons", "make_blobs, centers: 2, center_box: [-1, 1], scale: minmax"),
    "digits": LEAST.replace("sklearn: make_moons", "keras: mnist, split: {validation: {first: 10}}"),
    "the machine": LEAST + "engine: {threads: 2}\nprecision: mixed_float16\nseed: 4294967295\n",
    "steps": LEAST + "batch_size: full\nepochs: 0\nvalidation_data: none\n",
    "metrics": LEAST + "metrics: [accuracy, {mean_squared_error: {name: error}}, {auc: {num_thresholds: 20}}]\n",
}


@pytest.mark.parametrize("text", KINDS_OF_FILES.values(), ids=KINDS_OF_FILES)
def test_a_dumped_experiment_is_read_as_an_equal_one(text: str) -> None:
    made = experiment(text)
    assert reread(made) == made


@pytest.mark.parametrize("text", KINDS_OF_FILES.values(), ids=KINDS_OF_FILES)
def test_dumping_again_changes_nothing(text: str) -> None:
    made = experiment(text)
    assert dump_config(reread(made)) == dump_config(made)


def test_a_dump_writes_objects_inside_others_as_the_file_has_them() -> None:
    names = {"kernel_initializer": "random_normal", "bias_initializer": {"random_uniform": {"seed": 1}}}
    made = experiment(LEAST, layers=[{"dense": {"units": 1, **names}}])
    dense = parse_document(dump_config(made), "dump").value["layers"][0]["dense"]
    assert dense["kernel_initializer"] == "random_normal"
    assert dense["bias_initializer"] == {"random_uniform": {"minval": -0.05, "maxval": 0.05, "seed": 1}}


def test_a_dump_writes_every_default_out() -> None:
    plain = parse_document(dump_config(experiment(LEAST)), "dump").value
    assert list(plain) == [
        "name", "seed", "dataset", "layers", "loss", "optimizer", "threshold", "epochs", "batch_size",
        "validation_data", "callbacks", "checkpoint", "device", "precision", "engine",
    ]  # fmt: skip
    assert plain["dataset"] == {
        "sklearn": "make_moons", "n_samples": 100, "shuffle": True, "scale": "none",
        "split": {"test": 0.2, "stratify": False, "train_on_validation": False},
    }  # fmt: skip
    assert plain["layers"][0]["dense"] == {
        "units": 1, "use_bias": True, "kernel_initializer": "glorot_uniform",
        "bias_initializer": "zeros", "trainable": True,
    }  # fmt: skip
    assert plain["optimizer"]["rmsprop"]["learning_rate"] == 0.001
    assert plain["engine"] == {"fuse": "auto", "jit": "auto", "features": True, "threads": "auto"}


# --set


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("epochs=5", ("epochs",), 5),
        ("Batch-Size=full", ("batch_size",), "full"),
        (" seed = 7", ("seed",), 7),
        ("optimizer.sgd.learning_rate=0.5", ("optimizer", "sgd"), {"learning_rate": 0.5}),
        ("optimizer=adam", ("optimizer",), "adam"),
        ("optimizer={adam: 0.1}", ("optimizer",), {"adam": 0.1}),
        ("loss.binary_crossentropy.from_logits=true", ("loss",), {"binary_crossentropy": {"from_logits": True}}),
        ("layers.0.dense.units=9", ("layers", 0, "dense"), {"units": 9, "activation": "tanh"}),
        ("layers.0.Dense.use_bias=false", ("layers", 0, "dense", "use_bias"), False),
        ("layers.1=flatten", ("layers", 1), "flatten"),
        ("layers=[dense: 1]", ("layers",), [{"dense": 1}]),
        ("metrics=[auc, precision]", ("metrics",), ["auc", "precision"]),
        ("metrics.0.accuracy.name=acc", ("metrics",), [{"accuracy": {"name": "acc"}}]),
        ("dataset.split.test=10", ("dataset", "split"), {"test": 10}),
        ("dataset.split.stratify=true", ("dataset", "split"), {"test": 0.2, "stratify": True}),
        ("dataset.scale.rescale=2", ("dataset", "scale"), {"rescale": 2}),
        ("engine.threads=1", ("engine",), {"threads": 1}),
        ("name=", ("name",), ""),
        ("name='5'", ("name",), "5"),
        ("validation_data=null", ("validation_data",), None),
    ],
)
def test_an_override_changes_one_value_of_the_document(override: str, path: tuple[str | int, ...], value: Any) -> None:
    document = parse_document(CIRCLES, "c.yaml")
    untouched = {key: item for key, item in document.value.items() if key != path[0]}
    apply_override(document, override)
    found: Any = document.value
    for step in path:
        found = found[step]
    assert repr(found) == repr(value)
    assert {key: document.value[key] for key in untouched} == untouched


@pytest.mark.parametrize(
    ("text", "override", "key", "value"),
    [
        ("optimizer: sgd", "optimizer.sgd.learning_rate=0.5", "optimizer", {"sgd": {"learning_rate": 0.5}}),
        ("optimizer: SGD", "optimizer.sgd.momentum=0.5", "optimizer", {"SGD": {"momentum": 0.5}}),
        ("optimizer: {adam: 0.1}", "optimizer.adam.beta_1=0.5", "optimizer",
         {"adam": {"learning_rate": 0.1, "beta_1": 0.5}}),
        ("layers: [dense: 10]", "layers.0.dense.activation=relu", "layers",
         [{"dense": {"units": 10, "activation": "relu"}}]),
        ("layers: [dropout: 0.5]", "layers.0.dropout.seed=1", "layers", [{"dropout": {"rate": 0.5, "seed": 1}}]),
        ("layers: [flatten]", "layers.0.flatten.name=flat", "layers", [{"flatten": {"name": "flat"}}]),
        ("layers: [{dense: {units: 3, kernel_regularizer: {l2: 0.1}}}]", "layers.0.dense.kernel_regularizer.l2=0.5",
         "layers", [{"dense": {"units": 3, "kernel_regularizer": {"l2": 0.5}}}]),
        ("layers: [{dense: {units: 3, bias_initializer: HeNormal}}]",
         "layers.0.dense.bias_initializer.he_normal.seed=5",
         "layers", [{"dense": {"units": 3, "bias_initializer": {"HeNormal": {"seed": 5}}}}]),
        ("layers: [add: 3]", "layers.0.add.name=sum", "layers", [{"add": {"value": 3, "name": "sum"}}]),
        ("callbacks: [{early_stopping: val_loss}]", "callbacks.0.early_stopping.patience=3", "callbacks",
         [{"early_stopping": {"monitor": "val_loss", "patience": 3}}]),
        ("callbacks: [{model_checkpoint: best.keras}]", "callbacks.0.model_checkpoint.save_best_only=true",
         "callbacks", [{"model_checkpoint": {"filepath": "best.keras", "save_best_only": True}}]),
    ],
)  # fmt: skip
def test_what_is_a_name_or_a_value_gets_room_for_arguments(text: str, override: str, key: str, value: Any) -> None:
    document = parse_document(text, "c.yaml")
    apply_override(document, override)
    assert document.value[key] == value


def test_the_last_override_wins(tmp_path: Path) -> None:
    made = load(tmp_path, CIRCLES, "epochs=5", "optimizer=adam", "epochs=6", "optimizer.adam.learning_rate=0.5")
    assert made.epochs == 6
    assert arguments(made.optimizer) == {"learning_rate": 0.5}


def test_an_override_is_read_before_references(tmp_path: Path) -> None:
    text = CIRCLES + "callbacks: [{model_checkpoint: '${name}.keras'}]"
    made = load(tmp_path, text, "name=moon", "batch_size=${epochs}", "epochs=7")
    assert made.callbacks[0].arguments["filepath"] == "moon.keras"
    assert made.batch_size == 7


@pytest.mark.parametrize(
    ("override", "said", "hint"),
    [
        ("epochs", "expected key=value", "epochs=10"),
        ("=3", "expected key=value", ""),
        ("epochs=many", "a whole number", ""),
        ("epohcs=3", "unknown key", "epochs"),
        ("optimizer.adam.learning_rate=0.1", "optimizer is sgd, not adam", "optimizer.sgd"),
        ("layers.0.dropout.rate=0.1", "layers.0 is dense, not dropout", "layers.0.dense"),
        ("layers.7.dense.units=3", "no entry 7", "0 to 1"),
        ("layers.first=3", "no entry first", "0 to 1"),
        ("layers.-1=flatten", "no entry -1", "0 to 1"),
        ("layers.0.dense.unitz=3", "no argument 'unitz'", "units"),
        ("epochs=[1", "", ""),
        ("epochs=3 # three", "comment", ""),
        ("optimizer.sgd.learning_rate=-1", "above 0", ""),
        # Where the file has a value, and where it has a key, that the option replaces.
        ("optimizer={sgd: {learning_rate: -1}}", "above 0", ""),
        ("optimizer={sgd: {lr: 1}}", "no argument 'lr'", "learning_rate"),
        ("dataset={sklearn: make_moons, factor: 1}", "no argument 'factor'", "n_samples"),
    ],
)
def test_a_wrong_override_is_refused_where_it_was_given(tmp_path: Path, override: str, said: str, hint: str) -> None:
    problem = problem_of(load, tmp_path, CIRCLES, override, exit_code=CONFIG)
    assert problem.place == f"--set {override}"
    assert said in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("digits", ["9" * 10, "9" * 5000])
def test_a_position_of_any_length_is_only_one_that_is_not_there(tmp_path: Path, digits: str) -> None:
    assert "no entry 999" in problem_of(load, tmp_path, CIRCLES, f"layers.{digits}=flatten").message
    assert "not there" in problem_of(load, tmp_path, CIRCLES, f"epochs=${{layers.{digits}}}").message


@pytest.mark.parametrize(
    ("override", "hint"),
    [
        ("layers.0.dropout.rate=0.1", "dropout is layers.1 or layers.3"),
        ("layers.0.Flatten.name=flat", "Flatten is layers.2"),
        ("layers.0.lstm.units=3", "--set layers.0.dense.<argument>=..., or --set 'layers.0={lstm: {...}}'"),
        ("loss.mse.name=x", "--set loss.hinge.<argument>=..., or --set 'loss={mse: {...}}'"),
    ],
)
def test_an_override_of_another_object_is_told_where_that_stands(tmp_path: Path, override: str, hint: str) -> None:
    text = LEAST.replace("[dense: 1]", "[dense: 4, dropout: 0.1, flatten, {dropout: {rate: 0.2}}]")
    assert problem_of(load, tmp_path, text, override, exit_code=CONFIG).hint == hint


def test_what_an_override_did_not_give_keeps_its_place(tmp_path: Path) -> None:
    text = CIRCLES.replace("activation: tanh", "activation: tahn")
    found = problems_of(load, tmp_path, text, "layers.0.dense.units=0")
    assert {problem.place for problem in found} == {
        f"{tmp_path / 'experiment.yaml'}:4:35",
        "--set layers.0.dense.units=0",
    }


# ${references}


def test_a_reference_is_the_value_itself_and_inside_a_text_its_digits() -> None:
    made = experiment(
        """\
name: moons-${seed}-${epochs}
seed: 7
epochs: ${seed}
dataset: {sklearn: make_moons, noise: "${optimizer.sgd.learning_rate}", random_state: "${ seed }"}
layers: [dense: "${dataset.random_state}", {dropout: "${dataset.noise}"}, dense: {units: "${layers.0.dense}"}]
loss: hinge
optimizer: {sgd: {learning_rate: 0.25}}
"""
    )
    assert made.name == "moons-7-7"
    assert made.epochs == 7
    assert isinstance(made.epochs, int)
    assert isinstance(made.dataset, Sklearn)
    assert made.dataset.sklearn.arguments["noise"] == 0.25
    assert made.layers[2].arguments["units"] == 7
    assert made.layers[1].arguments["rate"] == 0.25


@pytest.mark.parametrize(("written", "value"), [("${batch_size}", 32), ("${seed}", 0), ("${epochs}", 1)])
def test_a_key_that_is_left_out_is_referred_to_by_its_default(written: str, value: int) -> None:
    made = experiment(LEAST, dataset={"sklearn": "make_moons", "random_state": written})
    assert isinstance(made.dataset, Sklearn)
    assert made.dataset.sklearn.arguments["random_state"] == value


def test_the_name_of_the_file_can_be_referred_to(tmp_path: Path) -> None:
    made = load(tmp_path, CIRCLES.replace("name: circles\n", "") + "callbacks: [{model_checkpoint: '${name}.keras'}]")
    assert made.callbacks[0].arguments["filepath"] == "experiment.keras"


def test_a_list_is_referred_to_with_the_references_in_it() -> None:
    dataset = {"csv": "a.csv", "target": "y", "missing": ["${name}"], "features": "${dataset.missing}"}
    made = experiment(LEAST, dataset=dataset)
    assert isinstance(made.dataset, Csv)
    assert made.dataset.features == made.dataset.missing == ("experiment",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": "${epohcs}"}, "not there"),
        ({"epochs": "${epochs}"}, "refers back to itself"),
        ({"epochs": "${seed}", "seed": "${epochs}"}, "refers back to itself"),
        ({"name": "a${name}"}, "refers back to itself"),
        ({"epochs": "${dataset}"}, "refers to a mapping"),
        ({"epochs": "${layers.3}"}, "not there"),
        ({"epochs": "${loss.0}"}, "not there"),
        ({"epochs": "${}"}, "not there"),
        ({"epochs": "${dataset.sklearn.x}"}, "not there"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_at_its_place(changes: dict[str, Any], said: str) -> None:
    found = problems_of(lambda: experiment(LEAST, **changes), exit_code=CONFIG)
    assert any(said in problem.message for problem in found)


def test_a_reference_that_leads_nowhere_is_one_problem(tmp_path: Path) -> None:
    problem = problem_of(load, tmp_path, CIRCLES.replace("epochs: 3", "epochs: ${epoch}"), exit_code=CONFIG)
    assert problem.place.endswith("experiment.yaml:9:9")
    assert problem.hint == "did you mean epochs?"
    problem = problem_of(experiment, LEAST + "epochs: ${xyz}", exit_code=CONFIG)
    assert problem.hint == "keys that have a value: loss, epochs and name"


def test_references_that_double_cannot_fill_the_memory() -> None:
    growing: dict[str, Any] = {f"k{i}": 2 * f"${{k{i + 1}}}" for i in range(60)} | {"k60": "x" * 50}
    found = problems_of(lambda: experiment(LEAST, name="${k0}", **growing), exit_code=CONFIG)
    assert any("grow beyond" in problem.message for problem in found)


# What keys say about one another


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({"test": 0.6, "validation": 0.4}, "validation (0.4) and test (0.6) together take 1 of the rows"),
        ({"test": 0.6, "validation": 0.5}, "together take 1.1 of the rows"),
        ({"test": 0.6, "train": 0.5}, "together take 1.1 of the rows"),
        ({"test": 1.0}, "a fraction"),
        ({"test": 0}, "a fraction"),
        ({"test": True}, "a fraction"),
        ({"test": "20%"}, "a fraction"),
        ({"test": {"first": 2, "last": 2}}, "a fraction"),
        ({"column": "part", "test": 0.2}, "says the part of every row"),
        ({"column": "part", "train": 0.5}, "says the part of every row"),
        ({"column": "part", "validation": "b.csv"}, "says the part of every row"),
    ],
)
def test_a_split_that_cannot_be_is_refused(split: dict[str, Any], said: str) -> None:
    dataset = {"csv": "a.csv", "target": "y", "split": split}
    problem = problem_of(lambda: experiment(LEAST, dataset=dataset), exit_code=CONFIG)
    assert said in problem.message


@pytest.mark.parametrize(
    "split",
    [{"test": 0.2, "train": 0.8}, {"test": 0.1, "validation": 0.89}, {"test": 0.7, "validation": 30, "train": 40}],
)
def test_a_split_that_leaves_rows_for_training_is_taken(split: dict[str, Any]) -> None:
    made = experiment(LEAST, dataset={"sklearn": "make_moons", "split": split}).dataset.split
    assert {name: getattr(made, name).size for name in split} == split


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ({"sklearn": "make_moons", "split": {"column": "part"}}, "only csv data have columns"),
        ({"keras": "mnist", "split": {"test": 0.2}}, "has its own test set"),
        ({"csv": "a.csv", "target": "y", "npz": "a.npz"}, "at once"),
        ({"target": "y"}, "must say what data it is"),
        ({"sklearn": "fetch_openml"}, "not offered"),
        ({"csv": "a.csv"}, "target is missing"),
    ],
)
def test_data_that_cannot_be_are_refused(dataset: dict[str, Any], said: str) -> None:
    found = problems_of(lambda: experiment(LEAST, dataset=dataset), exit_code=CONFIG)
    assert any(said in problem.message for problem in found)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"validation_data": "validation"}, "no validation part"),
        ({"validation_data": "test", "dataset": {"csv": "a", "target": "y", "split": {}}}, "no test part"),
        ({"callbacks": ["early_stopping"]}, "there are no validation rows"),
        ({"callbacks": [{"early_stopping": "val_acc"}], "validation_data": "test"}, "nothing called 'val_acc'"),
        ({"callbacks": [{"early_stopping": "accuracy"}], "metrics": []}, "nothing called 'accuracy'"),
        ({"callbacks": [{"early_stopping": "val_loss"}], "validation_data": "none"}, "there are no validation rows"),
        ({"callbacks": [{"reduce_lr_on_plateau": {"monitor": "lossy"}}]}, "nothing called 'lossy'"),
    ],
)
def test_what_is_watched_must_be_measured(changes: dict[str, Any], said: str) -> None:
    problem = problem_of(lambda: experiment(LEAST, **changes), exit_code=CONFIG)
    assert said in problem.message


@pytest.mark.parametrize(("monitor", "mode"), [("accuracy", "min"), ("auc", "min"), ("loss", "max"), ("mae", "max")])
def test_a_mode_that_takes_the_worst_for_the_best_is_refused(monitor: str, mode: str) -> None:
    text = f"metrics: [auc, accuracy, mae]\ncallbacks: [{{early_stopping: {{monitor: {monitor}, mode: {mode}}}}}]"
    problem = problem_of(experiment, LEAST + text, exit_code=CONFIG)
    assert f"with mode: {mode} takes the worst {monitor} for the best" in problem.message
    experiment(LEAST + text.replace(f"mode: {mode}", "mode: auto"))


@pytest.mark.parametrize(
    ("monitor", "hint"),
    [
        ("val_acuracy", "did you mean val_accuracy?"),
        ("xyz", "logged: loss, auc, accuracy, val_loss, val_auc and val_accuracy"),
        ("val_precision", "add it to what is measured: metrics: [precision]"),
        ("val_acc", "did you mean val_accuracy?"),
    ],
)
def test_what_is_not_measured_is_said_at_its_place(monitor: str, hint: str) -> None:
    text = f"metrics: [auc, accuracy]\ncallbacks: [terminate_on_nan, {{early_stopping: {{monitor: {monitor}}}}}]"
    problem = problem_of(experiment, LEAST + text, exit_code=CONFIG)
    assert (problem.place, problem.hint) == ("experiment.yaml:5:58", hint)


@pytest.mark.parametrize(
    ("monitor", "hint"),
    [
        ("val_acc", "did you mean val_accuracy?"),
        ("mean_absolute_error", "did you mean mae?"),
        ("val_mean_absolute_error", "did you mean val_mae?"),
        ("val_auc", "add it to what is measured: metrics: [auc]"),
        ("lr", "did you mean learning_rate?"),
    ],
)
def test_a_file_without_metrics_watches_those_of_its_task(monitor: str, hint: str) -> None:
    watching = [{"reduce_lr_on_plateau": "loss"}, {"early_stopping": {"monitor": monitor, "mode": "min"}}]
    assert problem_of(lambda: experiment(LEAST, callbacks=watching), exit_code=CONFIG).hint == hint


@pytest.mark.parametrize(
    ("callback", "hint"),
    [
        ({"early_stopping": 5}, "early_stopping: {patience: 5}"),
        ({"early_stopping": 2.5}, "early_stopping: {patience: 5}"),
        ({"early_stopping": True}, "early_stopping: {patience: 5}"),
        ({"ReduceLROnPlateau": 3}, "reduce_lr_on_plateau: {patience: 3}"),
        ({"model_checkpoint": 2}, "model_checkpoint: {filepath: best.keras}"),
        ({"tensorboard": 2}, "tensorboard: {histogram_freq: 2}"),
        ({"model_checkpoint": "{val_acc:.2f}.keras"}, "did you mean val_accuracy?"),
        ({"model_checkpoint": "{loss:d}.keras"}, "filepath: checkpoints/{epoch:02d}.keras"),
        ("swap_ema_weights", "optimizer: {rmsprop: {use_ema: true}}"),
        ({"early_stopping": "val_true_positives"}, "add mode: max"),
        ({"model_checkpoint": {"filepath": "a.keras", "monitor": "false_negatives", "save_best_only": True}}, "min"),
    ],
)
def test_a_callback_that_keras_would_end_a_training_with_is_refused(callback: Any, hint: str) -> None:
    metrics = ["accuracy", "true_positives", "false_negatives"]
    problem = problem_of(
        lambda: experiment(LEAST, callbacks=[callback], metrics=metrics, validation_data="test"), exit_code=CONFIG
    )
    assert hint in problem.hint


@pytest.mark.parametrize("schedule", ["exponential_decay", "inverse_time_decay"])
def test_a_schedule_leaves_no_callback_the_learning_rate(schedule: str) -> None:
    rate = {schedule: {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9}}
    changes = {"callbacks": [{"reduce_lr_on_plateau": "loss"}], "optimizer": {"sgd": {"learning_rate": rate}}}
    problem = problem_of(lambda: experiment(LEAST, **changes), exit_code=CONFIG)
    assert "is a schedule" in problem.message
    changes["optimizer"] = {"sgd": {"learning_rate": 0.1}}
    assert len(experiment(LEAST, **changes).callbacks) == 1


@pytest.mark.parametrize("split", [{"validation": 0.1}, {"validation": "b.csv"}, {"column": "part"}])
def test_validation_data_are_the_part_that_is_there(split: dict[str, Any]) -> None:
    table = {"csv": "a.csv", "target": "y", "split": split}
    assert experiment(LEAST, dataset=table, validation_data="validation").validation_data == "validation"


@pytest.mark.parametrize(
    "changes",
    [
        {"callbacks": [{"early_stopping": "loss"}]},
        {"callbacks": [{"early_stopping": "accuracy"}]},
        {"callbacks": [{"early_stopping": "binary_accuracy"}]},
        {"callbacks": [{"early_stopping": "mae"}]},
        {"callbacks": ["early_stopping"], "validation_data": "test"},
        {"callbacks": ["early_stopping"], "dataset": {"sklearn": "make_moons", "split": {"validation": 0.2}}},
        {"callbacks": [{"early_stopping": "val_acc"}], "validation_data": "test", "metrics": ["acc"]},
        {"callbacks": [{"early_stopping": "error"}], "metrics": [{"mse": {"name": "error"}}]},
        {"callbacks": ["early_stopping"], "dataset": {"csv": "a", "target": "y", "split": {"column": "part"}}},
        {"callbacks": [{"model_checkpoint": "best.keras"}]},
    ],
)
def test_what_is_measured_can_be_watched_also_by_the_complete_file(changes: dict[str, Any]) -> None:
    made = experiment(LEAST, **changes)
    assert len(reread(made).callbacks) == len(made.callbacks) == 1


@pytest.mark.parametrize("name", ["epoch", "loss", "seconds", "learning_rate", "val_loss", "val_accuracy", "val_"])
def test_no_metric_is_called_as_what_is_logged_already(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.yaml").write_text(CIRCLES.replace("[accuracy]", f"[mse, {{binary_accuracy: {{name: {name}}}}}]"))
    problem = problem_of(load_config, tmp_path / "a.yaml", exit_code=CONFIG)
    assert f"cannot be called '{name}'" in problem.message
    assert problem.place == f"{tmp_path / 'a.yaml'}:8:41"


@pytest.mark.parametrize(
    ("metric", "logged"),
    [
        ("mae", "mae"),
        ("MAE", "mae"),
        ("MeanAbsoluteError", "mean_absolute_error"),
        ({"f1": "macro"}, "f1"),
        ({"f1": {"average": "macro"}}, "f1"),
        ({"mae": {"name": "error"}}, "error"),
    ],
)
def test_a_metric_is_logged_under_the_word_of_the_file(metric: Any, logged: str) -> None:
    made = experiment(LEAST, metrics=[metric])
    assert made.metrics[0].logged == logged
    assert reread(made).metrics[0].logged == logged


def test_a_reference_within_a_text_is_as_yaml_writes_it(tmp_path: Path) -> None:
    changes = ("dataset={sklearn: make_moons, shuffle: false, noise: 0.25}", "epochs=7")
    made = load(tmp_path, CIRCLES, *changes, "name=m-${dataset.shuffle}-${dataset.noise}-${epochs}")
    assert made.name == "m-false-0.25-7"


@pytest.mark.parametrize(("size", "hint"), [("20 %", "did you mean 0.2?"), ("120%", "")])
def test_a_share_is_suggested_where_it_is_one(tmp_path: Path, size: str, hint: str) -> None:
    assert problem_of(load, tmp_path, CIRCLES, f"dataset.split.test={size}").hint.startswith(hint or "a file's name")
