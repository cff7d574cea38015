"""Every shipped config: its first line, its form, one epoch of it, and the figures that it promises."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import arrays_of
from real_data import DATA, local_data, shortened, without_downloads

from rnacli.checks.check import check_experiment
from rnacli.data.csv import Csv
from rnacli.data.keras import Keras
from rnacli.data.text import TextFile
from rnacli.document.read import parse_document
from rnacli.engine.tensorflow import keras
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config, load_config, read_config
from rnacli.runs.folder import Run
from rnacli.training.train import train_network

CONFIGS = Path(__file__).parents[1] / "configs"
NAMES = sorted(path.relative_to(CONFIGS).as_posix() for path in CONFIGS.rglob("*.yaml"))

TARGETS = {
    "circles.yaml": {"test": (0.96, 1.0)},
    "fashion_10_10_adam.yaml": {"test": (0.825, 0.85)},
    "fashion_10_10_sgd.yaml": {"test": (0.73, 0.78)},
    "fashion_512_512_10.yaml": {"test": (0.85, 0.89)},
    "fashion_cnn_adam.yaml": {"test": (0.90, 0.92)},
    "fashion_cnn_deep.yaml": {"test": (0.915, 0.94)},
    "fashion_cnn_sgd.yaml": {"test": (0.84, 0.88)},
    "mnist_10_10.yaml": {"test": (0.83, 0.88)},
    "mnist_cnn.yaml": {"test": (0.965, 0.985)},
    "mnist_logits.yaml": {"test": (0.972, 0.979)},
    "pima.yaml": {"train": (0.82, 0.86), "test": (0.70, 0.76)},
}
"""The accuracy that plain Keras reaches with the same network, over several seeds: part -> lowest, highest."""
FIGURE = re.compile(r"(train|test) (accuracy|binary_accuracy|loss|mae) (about )?(\d+(?:\.\d+)?)")
"""What a first line promises, such as ``test accuracy 0.97``; ``about`` where a line cannot say it exactly."""
SOON = {"auto_mpg_two_targets.yaml", "gan_moons.yaml", "penguins.yaml", "titanic.yaml"}
"""Those of which every test run trains an epoch, of kinds that differ much; the long suite trains all others."""
REPEATED = {"sms_spam.yaml", "sms_spam_words.yaml", "titanic.yaml", "wine_quality.yaml"}
"""Where many test rows are among the training rows too: that is said."""
CONSTANT = {"digits_attention.yaml"}
"""Where pixels at the border are always 0: that is said."""
UNMEASURED = {
    "cifar10_resnet50v2.yaml",
    "cifar10_vgg19.yaml",
    "dogs_cats_features.yaml",
    "dogs_cats_fine_tuning.yaml",
}
"""Those of a pretrained network, whose weights are a download: their first lines promise nothing."""
QUICK = {"circles.yaml"}
LARGEST = {
    "mnist_cnn.yaml",
    "dogs_cats.yaml",
    "dogs_cats_augmented.yaml",
    "fashion_cnn_adam.yaml",
    "fashion_cnn_deep.yaml",
    "fashion_cnn_sgd.yaml",
    "cgan_mnist.yaml",
    "gan_mnist_small.yaml",
    "blood_cells.yaml",
    "houses.yaml",
    "mnist_autoencoder.yaml",
    "quijote.yaml",
    "shakespeare.yaml",
    "shakespeare_transformer.yaml",
}
"""Those that take from two minutes to an hour on two cores."""
UNENDED = {"gan_mnist.yaml"}
"""Those that take hours: nobody has measured what they reach."""


def first_line(name: str) -> str:
    return (CONFIGS / name).read_text("utf-8").splitlines()[0]


def load(name: str, *overrides: str) -> Config:
    return load_config(CONFIGS / name, overrides)


def with_data(name: str, request: pytest.FixtureRequest, *overrides: str) -> Config:
    """An experiment on the real data, where its own are no download."""
    if local := local_data(CONFIGS / name, DATA):
        request.getfixturevalue("data_dir")
    return load(name, *local, *overrides)


def cache_for(experiment: Config, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of downloads; skips the test where the experiment wants real data that are not there."""
    if isinstance(experiment.dataset, Keras):
        request.getfixturevalue("keras_home")
    if isinstance(experiment.dataset, Csv | TextFile):
        folder: Path = request.getfixturevalue("cache_dir")
        return folder
    return tmp_path / "cache"


@pytest.mark.parametrize("name", NAMES)
def test_opens_with_what_it_is_and_its_command(name: str) -> None:
    line = first_line(name)
    promise = "Not measured here: its weights are a download" if name in UNMEASURED else r"Expect .*\d"
    assert re.fullmatch(rf"# [A-Z].*\. {promise}\.   rna train configs/{re.escape(name)}", line)
    assert bool(FIGURE.search(line)) == (name not in UNMEASURED | UNENDED)


@pytest.mark.parametrize("name", NAMES)
def test_is_the_same_after_writing_and_reading(name: str) -> None:
    experiment = load(name)
    assert experiment.name == Path(name).stem
    again = read_config(parse_document(dump_config(experiment), "config.yaml"), experiment.folder)
    assert again == experiment


REPEATED_INPUTS = "the same inputs|only one value"
SHORTENED = f"{REPEATED_INPUTS}|moving averages|frozen with random weights"
"""What is said of an experiment that is cut to one epoch, and of weights that are not there to be read."""


def train_without_a_warning(
    experiment: Config, folder: Path, cache: Path, caplog: pytest.LogCaptureFixture, but: str = REPEATED_INPUTS
) -> Run:
    """A run, of whose config and data nothing was to be said ``but`` some, and whose pictures are drawn."""
    checked = check_experiment(experiment, cache)
    assert checked.wrong == []
    assert [doubt.message for doubt in checked.doubtful if not re.search(but, doubt.message)] == []
    run = train_network(experiment, folder, cache)
    # TensorFlow itself warns where one process trains many networks.
    said = [record.message for record in caplog.records if record.name == "rnacli" and record.levelname == "WARNING"]
    assert [message for message in said if not re.search(but, message)] == []
    of_data = any(re.search(REPEATED_INPUTS, message) for message in said)
    assert of_data == (f"{experiment.name}.yaml" in REPEATED | CONSTANT)
    assert run.record["status"] == "finished"
    assert run.record["network"]["parameters"] == checked.parameters
    drawn = {path.suffix for path in (run.path / "plots").rglob("*") if path.is_file()}
    assert {".png"} <= drawn <= {".png", ".gif"}
    return run


def fewer_rows(load_data: Callable[[], Any]) -> Callable[[], Any]:
    """What loads a data set of Keras: of its training rows 2,000, and of its test rows 1,000."""
    return lambda: [
        tuple(array[:count] for array in part) for part, count in zip(load_data(), (2000, 1000), strict=True)
    ]


@pytest.mark.parametrize(
    "name", [*sorted(SOON), *(pytest.param(n, marks=pytest.mark.slow) for n in sorted(LARGEST | UNENDED | UNMEASURED))]
)
def test_an_epoch_is_trained_without_a_warning(
    name: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for source in (keras.datasets.mnist, keras.datasets.fashion_mnist):
        monkeypatch.setattr(source, "load_data", fewer_rows(source.load_data))
    changes = [*shortened(CONFIGS / name, 1), *without_downloads(CONFIGS / name, DATA, tmp_path)]
    if isinstance(load(name).dataset, TextFile):
        changes += ["dataset.stride=2000", "samples.length=20"]
    experiment = with_data(name, request, *changes)
    train_without_a_warning(experiment, tmp_path, cache_for(experiment, request, tmp_path), caplog, SHORTENED)


def by_length(name: str) -> Any:
    """A name, marked by how long the whole training takes."""
    marks = [pytest.mark.exhaustive] if name in LARGEST else [] if name in QUICK else [pytest.mark.slow]
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [*map(by_length, sorted({*NAMES} - UNMEASURED - UNENDED))])
def test_reaches_what_it_promises(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    experiment = with_data(name, request)
    cache = cache_for(experiment, request, tmp_path)
    results = train_without_a_warning(experiment, tmp_path, cache, caplog).record["results"]
    for part, (lowest, highest) in TARGETS.get(name, {}).items():
        assert lowest <= results[part]["accuracy"] <= highest
    for part, measure, about, figure in FIGURE.findall(first_line(name)):
        measured = results[part][measure]
        if "accuracy" in measure:
            assert measured == pytest.approx(float(figure), abs=0.15 if about else 0.03)
        else:
            assert measured == pytest.approx(float(figure), rel=0.1)


class Steps(keras.callbacks.Callback):  # type: ignore[misc]
    """How many steps the first epoch takes."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.count = int(self.model.optimizer.iterations)


def test_circles_are_those_of_the_tutorial(tmp_path: Path, plain: None) -> None:
    experiment, steps = load("circles.yaml", "epochs=1"), Steps()
    x, _ = arrays_of(load_data(experiment, tmp_path), "train")
    first = [
        [-0.44230374, 0.15891901],
        [0.03728977, 0.68298475],
        [1.33847, 1.28640686],
        [1.80691874, -0.62922478],
        [-1.11428973, -1.53859523],
    ]
    np.testing.assert_allclose(x[:5], first, rtol=1e-6)
    run = train_network(experiment, tmp_path, tmp_path, [steps])
    assert run.record["network"]["parameters"] == 25
    assert steps.count == 160
