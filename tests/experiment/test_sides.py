"""What a file may say of a generator and a discriminator; each mistake has its place and its mend."""

from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, experiment, problem_of, problems_of
from gan import GAN, gan

from rnacli.checks.check import check_experiment
from rnacli.document.read import parse_document
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, read_config


def test_the_complete_file_reads_as_the_same(tmp_path: Path) -> None:
    config = gan(tmp_path)
    assert (config.noise, config.discriminator_steps) == (6, 1)
    text = dump_config(config)
    assert "layers:" not in text.replace("networks", "")
    assert read_config(parse_document(text, "config.yaml"), tmp_path) == config
    assert list(config.sides) == ["generator", "discriminator"]
    assert [spec.name for spec in config.optimizers.values()] == ["adam", "rmsprop"]
    both = gan(tmp_path, optimizer={"adam": 1e-4}, noise=None)
    assert [spec.arguments["learning_rate"] for spec in both.optimizers.values()] == [1e-4, 1e-4]
    assert both.noise == 100


DENSE = {"dense": {"units": 1, "activation": "sigmoid"}}


@pytest.mark.parametrize(
    ("changes", "place", "said", "mend"),
    [
        ({"layers": [{"dense": 1}]}, "layers", "layers is given beside generator and discriminator", "remove layers"),
        ({"discriminator": None}, "generator", "generator is given, and discriminator is missing", "discriminator: a"),
        ({"loss": "mse"}, "loss", "expected a loss of two classes, real and fake, got mean_squared_error", "logits"),
        ({"discriminator": ["flatten", DENSE]}, "discriminator.1", "with from_logits expects raw", "- dense: 1, w"),
        ({"discriminator": ["flatten", {"dense": 2}]}, "discriminator.1", "last layer (dense) has 2 units", "dense: 1"),
        ({"loss": "binary_crossentropy"}, "loss", "expects probabilities", "from_logits: true"),
        ({"metrics": ["accuracy"]}, "metrics", "metrics is for outputs that are compared", "generator_loss"),
        ({"threshold": 0.3}, "threshold", "threshold is for outputs", "remove it"),
        ({"class_weight": "balanced"}, "class_weight", "class_weight is for outputs", "remove it"),
        ({"phases": [{"epochs": 3}]}, "phases", "one phase", "epochs: 10"),
        ({"optimizer": {"generator": "adam"}}, "optimizer", "discriminator is missing", "or one for both"),
        (
            {"optimizer": {"generator": "adam", "discriminator": "adan"}},
            "optimizer.discriminator",
            "no optimizer",
            "adam",
        ),
        ({"optimizer": {"adam": {"use_ema": True}}}, "optimizer", "use_ema is not for two", "remove it"),
        ({"callbacks": ["reduce_lr_on_plateau"]}, "callbacks.0", "have two", "schedule"),
        ({"samples": {"grid": [0, 3]}}, "samples.grid.0", "from 1 to 100", ""),
        ({"samples": {"grid": 3}}, "samples.grid", "rows and columns", ""),
        ({"samples": {"prompt": "a"}}, "samples.prompt", "prompt is for texts, and a generator makes pictures", "grid"),
        ({"samples": {"length": 9, "temperature": 1}}, "samples.temperature", "temperature is for texts", "remove it"),
        ({"dataset": {"text": "poem.txt"}}, "dataset", "a text is written by one network", "layers"),
        (
            {"discriminator": [{"lstm": {"units": 3, "stateful": True}}, {"dense": 1}]},
            "discriminator.0",
            "rows come in random order",
            "remove stateful",
        ),
        (
            {"discriminator": [{"embedding": {"output_dim": 3}}, "flatten", {"dense": 1}]},
            "discriminator.0",
            "embedding needs input_dim",
            "input_dim: ...",
        ),
        (
            {"generator": [{"dense": {"units": 6, "activation": "heaviside"}}]},
            "generator.0",
            "heaviside has no gradient",
            "sigmoid or tanh",
        ),
        (
            {"generator": [{"dense": {"units": 3, "from": "nose"}}]},
            "generator.0.dense.from",
            "called 'nose'",
            "did you mean noise",
        ),
    ],
)
def test_what_does_not_fit_is_said_at_its_place(changes: Any, place: str, said: str, mend: str) -> None:
    problems = problems_of(lambda: experiment(GAN, **changes), exit_code=CONFIG)
    problem = problems[0]
    assert problem.message.startswith(f"{place}: ")
    assert said in problem.message
    assert mend in problem.hint


def test_samples_of_a_text_have_no_grid(tmp_path: Path) -> None:
    layers = [{"embedding": {"output_dim": 4}}, {"gru": {"units": 4, "return_sequences": True}}, {"dense": {}}]
    chain: dict[str, Any] = {"generator": None, "discriminator": None, "noise": None, "layers": layers}
    chain |= {"dataset": {"text": "poem.txt"}, "optimizer": "adam"}
    chain["loss"] = {"sparse_categorical_crossentropy": {"from_logits": True}}
    problem = problem_of(lambda: experiment(GAN, **chain, samples={"grid": [2, 2]}), exit_code=CONFIG)
    assert problem.message == "samples.grid: grid is for pictures, and this network writes texts"
    assert problem.hint == "remove it; the keys of these are every, prompt, temperature and length"
    config = experiment(GAN, **chain, samples={"prompt": "a"})
    assert read_config(parse_document(dump_config(config), "config.yaml"), config.folder) == config


@pytest.mark.parametrize("changes", [{"noise": 3}, {"samples": {"every": 2}}, {"discriminator_steps": 2}])
def test_what_only_two_networks_have_is_refused_of_one(changes: Any) -> None:
    (name,) = changes
    assert name in problem_of(lambda: experiment(CIRCLES, **changes), exit_code=CONFIG).message


def test_an_optimizer_for_each_of_two_networks_is_refused_of_one() -> None:
    sides = {"generator": "adam", "discriminator": "adam"}
    problems = problems_of(
        lambda: experiment(CIRCLES, optimizer=sides, callbacks=["reduce_lr_on_plateau"]), exit_code=CONFIG
    )
    assert any("there is one network" in problem.message for problem in problems)


def test_a_file_without_any_network_says_so() -> None:
    text = CIRCLES[: CIRCLES.index("layers:")] + "loss: hinge\n"
    assert problem_of(experiment, text, exit_code=CONFIG).message == "layers is missing"
    (problem,) = problems_of(experiment, text.replace("loss", "generater: [dense: 1]\nloss"), exit_code=CONFIG)
    assert "did you mean generator?" in problem.hint


def checked(tmp_path: Path, **changes: Any) -> Any:
    config: Config = gan(tmp_path, **changes)
    return check_experiment(config, tmp_path / "cache")


def last_of(tmp_path: Path, side: str, **layer: Any) -> dict[str, Any]:
    """A change of the last layer of one side."""
    layers = gan(tmp_path).document.value[side]
    return {side: [*layers[:-1], layer]}


def test_the_generator_must_make_what_the_data_are(tmp_path: Path) -> None:
    result = checked(tmp_path)
    assert (result.wrong, result.doubtful) == ([], [])
    assert result.layers[0].name == "generator/dense"
    assert result.layers[-1].shape == (1,)
    larger = {"filters": 1, "kernel_size": 3, "strides": 3, "padding": "same", "activation": "tanh"}
    (problem,) = checked(tmp_path, **last_of(tmp_path, "generator", conv2d_transpose=larger)).wrong
    assert problem.message == "the generator makes examples of shape (12, 12, 1), and the data have the shape (8, 8)"
    assert problem.place.startswith("experiment.yaml:")
    (problem,) = checked(tmp_path, discriminator=[{"dense": 1}]).wrong
    assert "one number for each example" in problem.message


@pytest.mark.parametrize(
    ("scale", "activation", "said", "is_wrong"),
    [
        ("none", "tanh", "tanh gives -1 to 1, and the scaled data go from 0 to 255", True),
        ({"rescale": 255}, "tanh", "the scaled data only go from 0 to 1", False),
        (
            {"rescale": 127.5, "offset": -1},
            "sigmoid",
            "sigmoid gives 0 to 1, and the scaled data go from -1 to 1",
            True,
        ),
        ({"rescale": 255}, "sigmoid", "", False),
        ("none", "linear", "", False),
    ],
)
def test_the_last_activation_must_reach_the_data(
    tmp_path: Path, scale: Any, activation: str, said: str, is_wrong: bool
) -> None:
    layer = {"filters": 1, "kernel_size": 3, "strides": 2, "padding": "same", "activation": activation}
    dataset = {"npz": "digits.npz", "scale": scale, "split": {"test": 0.2}}
    result = checked(tmp_path, dataset=dataset, **last_of(tmp_path, "generator", conv2d_transpose=layer))
    problems = [problem.message for problem in (result.wrong if is_wrong else result.doubtful)]
    assert [said in message for message in problems] == [True] * bool(said)


def test_doubtful_callbacks_and_what_they_watch(tmp_path: Path) -> None:
    stopping = {"early_stopping": {"monitor": "generator_loss", "mode": "min"}}
    (doubt,) = checked(tmp_path, callbacks=[stopping]).doubtful
    assert "go up and down" in doubt.message
    problem = problem_of(lambda: gan(tmp_path, callbacks=[{"early_stopping": {"monitor": "generater_loss"}}]))
    assert "did you mean generator_loss?" in problem.hint


def test_samples_are_pictures_and_tables_are_numbers(tmp_path: Path) -> None:
    numbers: dict[str, Any] = {
        "dataset": {"sklearn": "make_moons", "n_samples": 60, "scale": "standard"},
        "generator": [{"dense": 4}, {"dense": 2}],
        "discriminator": [{"dense": 4}, {"dense": 1}],
    }
    (problem,) = checked(tmp_path, **numbers).wrong
    assert problem.message.startswith("samples are pictures")
    assert checked(tmp_path, **numbers, samples=None).wrong == []
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{i},{'xyz'[i % 3]},0\n" for i in range(40)))
    numbers["dataset"] = {"csv": "t.csv", "target": "y"}
    (problem,) = checked(tmp_path, **numbers, samples=None).wrong
    assert "column b is of another kind" in problem.message
