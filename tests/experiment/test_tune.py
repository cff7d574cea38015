"""The section ``tune``, and the word ``repeat``: what they mean, and each mistake with its line."""

from pathlib import Path

import pytest
from fixtures import TUNED, experiment, problem_of

from rnacli.document.read import parse_document
from rnacli.experiment.check_tune import goal_direction
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, load_config, read_trial
from rnacli.experiment.tuned_keys import follow_key
from rnacli.runs.portable import portable_config
from rnacli.schema.keras_object import KerasSpec


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "iris.yaml"


def tell(layers: tuple[KerasSpec, ...]) -> list[str]:
    return [f"{spec.name} {spec.arguments.get('units') or spec.arguments.get('rate')}" for spec in layers]


def test_a_trial_is_the_file_with_some_keys_changed() -> None:
    config = experiment(TUNED)
    values = {
        "optimizer": "sgd",
        "optimizer.*.learning_rate": 0.05,
        "optimizer.*.momentum": 0.5,
        "layers.0.dense.units": 24,
        "layers.1.repeat.times": 3,
        "layers.1.repeat.layers.1.dropout.rate": 0.25,
    }
    trial = read_trial(config, values)
    assert tell(trial.layers) == ["dense 24", *["dense 8", "dropout 0.25"] * 3, "dense 3"]
    assert isinstance(trial.optimizer, KerasSpec)
    assert trial.optimizer.name == "sgd"
    assert (trial.optimizer.arguments["learning_rate"], trial.optimizer.arguments["momentum"]) == (0.05, 0.5)
    assert trial.tune is None
    assert tell(config.layers) == ["dense 8", *["dense 8", "dropout 0.1"] * 2, "dense 3"]


def test_a_reference_follows_the_value_of_a_trial() -> None:
    config = experiment(TUNED.replace("[{dense: 8},", "[{dense: '${layers.0.dense.units}'},"))
    assert tell(read_trial(config, {"layers.0.dense.units": 16}).layers)[:2] == ["dense 16", "dense 16"]


def test_a_run_of_a_tuned_file_has_no_search(tmp_path: Path) -> None:
    config = experiment(TUNED)
    (tmp_path / "config.yaml").write_text(portable_config(config, tmp_path))
    again = load_config(tmp_path / "config.yaml")
    assert again.tune is None
    assert again.layers == config.layers
    assert "log: [0.0001, 0.1]" in dump_config(config)


@pytest.mark.parametrize(
    ("key", "leads"),
    [
        ("optimizer.*.learning_rate", "optimizer.adam.learning_rate"),
        ("optimizer.Adam.Learning_Rate", "optimizer.adam.learning_rate"),
        ("optimizer.*.momentum", None),
        ("layers.0.*.units", "layers.0.dense.units"),
        ("layers.0.dense.kernel_regularizer.l2.l2", "layers.0.dense.kernel_regularizer.l2.l2"),
        ("layers.0.dense.kernel_regularizer.l3", None),
        ("layers.3.dense.units", None),
        ("dataset.split.validation", "dataset.split.validation"),
        ("batch_size", "batch_size"),
        ("batch_size.x.y", "batch_size.x.y"),  # told when it is read
        ("speed", None),
    ],
)
def test_where_a_key_leads(key: str, leads: str | None) -> None:
    assert follow_key(parse_document(TUNED, "x").value, key) == leads


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("from: 8", "from: 0", 18, "layers.0.dense.units: expected a whole number of at least 1, got 0"),
        ("0.5]", "1.5]", 20, "expected a number from 0 to 1, got 1.5"),
        ("[adam, sgd]", "[adam, sgdd]", 15, "there is no optimizer called 'sgdd'"),
        ("0.dense.units:", "0.dense.unitz:", 18, "there is no layers.0.dense.unitz in the file"),
        ("0.dense.units:", "7.dense.units:", 18, "there is no layers.7 in the file"),
        ("*.momentum", "*.moment", 17, "there is no optimizer.*.moment in the file"),
        ("[8, 16]", "[8]", 21, "a choice of one is none"),
        ("[8, 16]", "[8, 8]", 21, "8 is among the choices twice"),
        ("[1, 4]", "[4, 1]", 19, "expected a lower and a higher number, got 4 and 1"),
        ("[1, 4]", "[1, x]", 19, "expected two numbers, got a list"),
        ("{log: [1e-4, 0.1]}", "{log: [0, 0.1]}", 16, "a logarithmic range begins above 0, got 0"),
        ("step: 8", "step: 100", 18, "expected a step above 0 and of at most 24, got 100"),
        ("step: 8", "stp: 8", 18, "expected a range, got a mapping"),
        ("goal: val_accuracy", "goal: val_acc", 13, "nothing called 'val_acc' is logged"),
        ("goal: val_accuracy", "goal: accuracy", 13, "accuracy is of the rows that the network learns from"),
        ("trials: 5", "trials: 5\n  search: grid", 17, "this range has infinitely many"),
        (", validation: 0.2", "", 12, "a search is by the validation part, and the split has none"),
        ("epochs: 3", "epochs: 3\nvalidation_data: test", 11, "a search must not see the test rows"),
        ("units: 8,", "units: '${batch_size}',", 18, "which follows another key"),
        ("times: 2", "tims: 2", 5, "repeat takes times and layers"),
        ("{dropout: 0.1}]", "{dropout: {rate: 0.1, name: a}}]", 5, "a layer that is repeated has no name"),
        ("{dropout: 0.1}]", "{dropout: 1.1}]", 5, "expected a number from 0 to 1, got 1.1"),
        ("  over:", "  ovr:", 14, "unknown key"),
        ("epochs: 3\ntune:", "epochs: 3\nthreshold: f1\ntune:\n  retrain: all", 13, "f1 is chosen on the validation"),
        ("epochs: 3\ntune:", "phases: [{epochs: 3}]\ntune:\n  retrain: all", 12, "phases have their own"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_line(path: Path, before: str, after: str, line: int, said: str) -> None:
    assert before in TUNED
    path.write_text(TUNED.replace(before, after))
    places = []
    with pytest.raises(Exception, match=r".") as caught:
        load_config(path)
    for problem in caught.value.problems:  # type: ignore[attr-defined]
        places.append((problem.place.removeprefix(f"{path}:").partition(":")[0], problem.message))
    assert any(place == str(line) and said in message for place, message in places), places


def test_a_key_below_another_stands_behind_it(path: Path) -> None:
    first, second = "    optimizer: {choice: [adam, sgd]}\n", "    optimizer.*.learning_rate: {log: [1e-4, 0.1]}\n"
    path.write_text(TUNED.replace(first + second, second + first))
    problem = problem_of(load_config, path, exit_code=2)
    assert problem.hint == "write optimizer above optimizer.*.learning_rate"


def test_the_mend_of_a_missing_validation_part() -> None:
    problem = problem_of(experiment, TUNED.replace(", validation: 0.2", ""), exit_code=2)
    assert problem.hint == "dataset: {split: {validation: 0.2}}"


@pytest.mark.parametrize(
    ("metric", "goal", "direction"),
    [
        ("accuracy", "val_loss", "min"),
        ("accuracy", "val_accuracy", "max"),
        ("auc", "val_auc", "max"),
        ("mae", "val_mae", "min"),
        ("false_negatives", "val_false_negatives", "min"),
        ("true_positives", "val_true_positives", "max"),
        ("cosine_similarity", "val_cosine_similarity", "max"),
        ("kl_divergence", "val_kl_divergence", "min"),
    ],
)
def test_the_direction_of_a_goal(metric: str, goal: str, direction: str) -> None:
    text = TUNED.replace("metrics: [accuracy]", f"metrics: [{metric}]").replace("goal: val_accuracy", f"goal: {goal}")
    assert goal_direction(experiment(text)) == direction


def test_repeated_layers_are_written_out_and_may_be_nested() -> None:
    text = TUNED[: TUNED.index("tune:")]
    inner = "{repeat: {times: 2, layers: [{dropout: 0.1}]}}"
    config: Config = experiment(text.replace("{dropout: 0.1}", inner))
    assert tell(config.layers) == ["dense 8", *["dense 8", "dropout 0.1", "dropout 0.1"] * 2, "dense 3"]
    assert tell(experiment(text.replace("times: 2", "times: 0")).layers) == ["dense 8", "dense 3"]
