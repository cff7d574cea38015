"""What newcomers wrote, and the words that lead them on: a hint must not lead astray."""

from pathlib import Path

import pytest
from fixtures import IRIS, problem_of

from rnacli.checks.check import check_experiment
from rnacli.commands.app import main
from rnacli.errors import CONFIG
from rnacli.experiment.load import load_config

FIRST = "  - dense: {units: 5, activation: relu}\n"


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        (FIRST, "  - repeat: 3\n", "- repeat: {times: 2, layers: [{dense: 32}]}"),
        (FIRST, "  - my.Attention\n", "none that are written in Python"),
        (FIRST, "  - keras.layers.Dense: 3\n", "dense"),
        (FIRST, "  - type: dense\n    units: 8\n", "write dense: {units: 8}"),
        (FIRST, "  - dense: 8\n    activation: relu\n", "write dense: {units: 8, activation: relu}"),
        ("epochs: 3\n", "epochs: 3\nnotes: x\n", "rna note latest"),
        ("epochs: 3\n", "epochs: 3\ntags: [a]\n", "rna tag latest"),
        ("epochs: 3\n", "epochs: 3\nvalidation_split: 0.2\n", "dataset: {split: {validation: 0.2}}"),
        ("optimizer: adam", "optimizer: {name: sgd, learning_rate: 0.1}", "{sgd: {learning_rate: 0.1}}"),
    ],
)
def test_a_hint_is_what_the_file_needs(tmp_path: Path, before: str, after: str, hint: str) -> None:
    path = tmp_path / "iris.yaml"
    assert before in IRIS
    path.write_text(IRIS.replace(before, after))
    assert hint in problem_of(load_config, path, exit_code=CONFIG).hint


def test_dropout_after_the_last_layer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "iris.yaml"
    path.write_text(IRIS.replace("softmax}\n", "softmax}\n  - dropout: 0.5\n"))
    (problem,) = check_experiment(load_config(path), tmp_path).wrong
    assert "dropout is the last layer" in problem.message
    assert "before the layer" in problem.hint


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("loss", ["binary_crossentropy", "binary_focal_crossentropy", "hinge", "squared_hinge"])
def test_a_loss_of_two_classes_does_not_take_three(tmp_path: Path, loss: str, count: int) -> None:
    path = tmp_path / "iris.yaml"
    head = f"dense: {{units: {count}, activation: {'tanh' if 'hinge' in loss else 'sigmoid'}}}"
    text = IRIS.replace("dense: {units: 3, activation: softmax}", head)
    path.write_text(text.replace("sparse_categorical_crossentropy", loss))
    problem = problem_of(check_experiment, load_config(path), tmp_path, exit_code=CONFIG)
    assert "is for 2 classes" in problem.message
    assert "units: 1" not in problem.hint


@pytest.mark.parametrize(
    ("word", "hint"), [("export", "model.keras"), ("resume", "rna train --resume"), ("entrenar", "rna train CONFIG")]
)
def test_a_word_that_is_no_command_is_answered(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word, "x"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert hint in said
    assert "Did you mean" not in said
