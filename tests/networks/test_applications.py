"""Networks of ``keras.applications`` as layers: their names, their pixels, their weights; and what stays frozen."""

import hashlib
import inspect
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import environment, experiment, one_input, problem_of, some_slow, without_pictures

from rnacli.checks.check import check_experiment
from rnacli.engine.tensorflow import keras
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.networks.applications import KerasFile, preprocess_pixels, swapped
from rnacli.networks.build import build_network
from rnacli.networks.plan import plan_network
from rnacli.networks.pretrained import fetch_imagenet
from rnacli.networks.restore import restore_network
from rnacli.results.outputs import evaluation_batch_size, run_answers
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.schema.catalog import entry_names, find_entry
from rnacli.schema.keras_object import make_spec
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network

SMALL = "mobilenet: {weights: imagenet, alpha: 0.25, pooling: avg, trainable: false}"
FILE = "mobilenet_2_5_224_tf_no_top.h5"
"""What Keras calls its weights of ImageNet."""
TEXT = """\
name: transfer
dataset: {npz: pictures.npz}
layers:
  - BASE
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: 0.01}
metrics: [accuracy]
epochs: 2
batch_size: 8
"""


def small_base() -> Any:
    return keras.applications.MobileNet((32, 32, 3), alpha=0.25, include_top=False, weights=None, pooling="avg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Pictures, and a home of Keras with the weights of a small base under the name that Keras gives them."""
    folder = tmp_path_factory.mktemp("transfer")
    random = np.random.default_rng(3)
    y = np.arange(36) % 3
    x = random.integers(0, 100, (36, 32, 32, 3)).astype("uint8")
    x[np.arange(36), :, :, y] += 120
    np.savez(folder / "pictures.npz", x_train=x[:24], y_train=y[:24], x_test=x[24:], y_test=y[24:])
    keras.utils.set_random_seed(5)
    base = small_base()
    (folder / "home" / "models").mkdir(parents=True)
    base.save(folder / "home" / "models" / FILE)
    base.save_weights(folder / "small.weights.h5")
    base.save(folder / "small.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(folder / "home"))
        yield folder


def config_of(folder: Path, base: str = SMALL, *overrides: str, text: str = TEXT) -> Config:
    (folder / "transfer.yaml").write_text(text.replace("BASE", base), "utf-8")
    return load_config(folder / "transfer.yaml", overrides)


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    with without_pictures():
        return train_network(config_of(folder), folder / "runs", folder / "cache", offline=True)


@pytest.fixture(scope="module")
def trained(run: Run) -> Any:
    return keras.models.load_model(run.path / "model.keras")


def applications() -> list[str]:
    return [name for name, each in vars(keras.applications).items() if inspect.isfunction(each)]


def test_all_of_them_are_layers_by_their_names() -> None:
    assert len(applications()) == 40
    entries = [find_entry("application", name) for name in applications()]
    assert sorted(entry.name for entry in entries if entry) == entry_names("application")
    assert not set(entry_names("application")) & set(entry_names("layer"))


@pytest.mark.parametrize("target", applications())
def test_pixels_become_what_keras_makes_of_them(target: str) -> None:
    spec = make_spec("application", target, weights=None)
    start = keras.Input((4, 5, 3))
    end = preprocess_pixels(spec, start)
    module = inspect.getmodule(getattr(keras.applications, target))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3)).astype("float32")
    expected = module.preprocess_input(pixels.copy(), data_format="channels_last")  # type: ignore[union-attr]
    ours = pixels if end is start else np.asarray(keras.Model(start, end)(pixels))
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize(
    "name",
    ["mobilenet_v2", *some_slow([name for name in entry_names("application") if name != "mobilenet_v2"], 6)],
)
def test_each_is_planned_as_one_layer(name: str) -> None:
    shape = (96, 96, 3)
    config = experiment(TEXT.replace("BASE", f"{name}: {{weights: imagenet, pooling: avg, trainable: false}}"))
    base, head = plan_network(config, one_input(*shape))
    assert (base.name, len(base.shape), base.inputs) == (name, 1, shape)
    assert 0 < base.frozen == base.parameters
    assert (head.frozen, head.parameters) == (0, 3 * (base.shape[0] or 0) + 3)
    assert base.outputs > 10 * (base.shape[0] or 0)
    assert base.products > base.parameters
    assert base.imagenet_file is not None
    assert base.imagenet_file.name.endswith(".h5")


def test_a_check_neither_downloads_nor_wants_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_experiment(config_of(folder), folder / "cache").doubtful == []
    monkeypatch.setenv("KERAS_HOME", str(folder / "nowhere"))
    checked = check_experiment(config_of(folder), folder / "cache")
    (doubt,) = checked.doubtful
    assert "training downloads them" in doubt.message
    assert str(folder / "nowhere" / "models" / FILE) in doubt.hint
    assert problem_of(check_experiment, config_of(folder), folder / "cache", True, exit_code=1)
    assert not (folder / "nowhere").exists()


def test_the_widest_layer_within_says_how_many_rows_are_evaluated_at_once() -> None:
    config = experiment(
        TEXT.replace("BASE", "mobilenet: {weights: null, alpha: 0.25}").replace("- dense", "- flatten\n  - dense")
    )
    network = build_network(config, one_input(128, 128, 3))
    assert evaluation_batch_size(network) == 128  # 65 x 65 x 16 numbers; the base itself gives 4 x 4 x 256


def test_a_run_begins_with_the_weights_of_imagenet_and_leaves_them(folder: Path, run: Run, trained: Any) -> None:
    expected = keras.models.load_model(folder / "small.keras")
    for ours, theirs in zip(trained.layers[0].weights, expected.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=ours.path)  # batch normalization too
    digest = hashlib.sha256((folder / "home" / "models" / FILE).read_bytes()).hexdigest()
    assert run.record["network"]["pretrained"] == {"mobilenet": {"file": FILE, "sha256": digest}}
    x = np.load(folder / "pictures.npz")["x_test"].astype("float32")
    features = expected(keras.applications.mobilenet.preprocess_input(x.copy()))
    np.testing.assert_allclose(trained.layers[1](features), trained(x), atol=1e-6)


def test_a_run_needs_the_file_no_more(folder: Path, run: Run, trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_data(config_of(folder), folder / "cache")
    monkeypatch.setenv("KERAS_HOME", str(folder / "nowhere"))
    opened = load_run(run)
    (answers,) = run_answers(opened, restore_network(opened))(data.raw("test")).values()
    np.testing.assert_allclose(answers, trained(data.raw("test").astype("float32")), atol=1e-5)
    # To train it again it does, and says so.
    problem = problem_of(lambda: reproduce_run(run, folder / "again", folder / "cache", offline=True), exit_code=1)
    assert "are not here" in problem.message


@pytest.mark.slow
def test_what_is_saved_loads_in_plain_keras(folder: Path) -> None:
    with without_pictures():
        base = "vgg16: {weights: null, trainable: false, pooling: max}"
        config = config_of(folder, base, "epochs=0")
        path = train_network(config, folder / "runs", folder / "cache").path / "model.keras"
    code = "import sys, keras; print(keras.models.load_model(sys.argv[1], compile=False).output_shape)"
    told = subprocess.run(
        [sys.executable, "-c", code, path], env=environment(), capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "(None, 3)"


@pytest.mark.slow
@pytest.mark.parametrize("source", ["small.weights.h5", "small.keras", f"home/models/{FILE}", "RUN"])
def test_weights_of_a_file_and_of_a_run(folder: Path, run: Run, source: str, tmp_path: Path) -> None:
    name = run.path.relative_to(folder).as_posix() if source == "RUN" else source
    config = config_of(folder, SMALL.replace("imagenet", name), "epochs=0")
    with without_pictures():
        trained = train_network(config, tmp_path, folder / "cache")
    ours = keras.models.load_model(trained.path / "model.keras", compile=False).layers[0]
    for mine, theirs in zip(ours.weights, keras.models.load_model(folder / "small.keras").weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    again = load_config(trained.path / "config.yaml")
    path = trained.path / again.applications[0].arguments["weights"]
    assert path.resolve() == (folder / name).resolve()


def test_what_weights_cannot_be(folder: Path) -> None:
    def train(base: str) -> None:
        train_network(config_of(folder, base), folder / "none", folder / "cache", offline=True)

    (folder / "text.h5").write_text("no HDF5")
    shutil.copy(folder / "pictures.npz", folder / "pictures.zip")
    for base, code, said in (
        ("mobilenet: {weights: small.keras, alpha: 0.5, pooling: avg}", 1, "are not those of this mobilenet"),
        ("vgg16: {weights: text.h5, pooling: avg}", 1, "is damaged, or no file"),  # of few layers
        ("vgg16: {weights: pictures.zip, pooling: avg}", 2, "no file of Keras' weights"),
        ("vgg16: {weights: smal.keras, pooling: avg}", 1, "no such file"),
        ("vgg16: {weights: imagnet, pooling: avg}", 2, "no weights called 'imagnet'"),
        ("mobilenet_v2: {alpha: 0.3}", 2, "mobilenet_v2"),
    ):
        assert said in problem_of(train, base, exit_code=code).message, base
    assert not (folder / "none").exists()


def test_a_file_of_imagenet_is_held_against_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    spec, path = make_spec("application", "vgg16"), tmp_path / "models" / "vgg16.h5"
    wanted = KerasFile("vgg16.h5", "https://nowhere.example/vgg16.h5", hashlib.md5(b"right").hexdigest())
    missing = problem_of(fetch_imagenet, spec, wanted, True, exit_code=1)
    assert str(path) in missing.hint
    assert f"MD5 {wanted.digest}" in missing.hint
    path.parent.mkdir()
    path.write_bytes(b"right")
    assert fetch_imagenet(spec, wanted, True) == path
    path.write_bytes(b"wrong")
    damaged = problem_of(fetch_imagenet, spec, wanted, True, exit_code=1)
    assert wanted.digest in damaged.message
    assert path.read_bytes() == b"wrong"  # Keras would have deleted it


def test_pixels_that_are_scaled_already_are_refused(folder: Path) -> None:
    for change in ("dataset.scale={rescale: 255}", "layers.0={rescaling: 0.0039}"):
        base = SMALL if "scale=" in change else f"identity\n  - {SMALL}"
        wrong = check_experiment(config_of(folder, base, change), folder / "cache").wrong
        said = "mobilenet expects pixels from 0 to 255, and these are scaled"
        assert [problem.message for problem in wrong] == [said]


@pytest.mark.parametrize(
    ("base", "shape", "said"),
    [
        ("mobilenet: imagenet", (32, 32, 1), "red, green and blue"),
        ("vgg16: {weights: null}", (32, 32, 1), "red, green and blue"),
        ("vgg16: {weights: null}", (32,), "expects pictures"),
        ("vgg16: {weights: null}", (16, 16, 3), "at least 32x32"),
    ],
)
def test_rows_that_are_not_for_it(base: str, shape: tuple[int, ...], said: str) -> None:
    assert said in problem_of(plan_network, experiment(TEXT.replace("BASE", base)), one_input(*shape)).message


@pytest.mark.parametrize(
    ("base", "hint"),
    [
        ("mobilenet: {input_shape: [32, 32, 3]}", "the shape follows from the data"),
        ("mobilnet: imagenet", "mobilenet"),
        ("resnet: imagenet", "resnet50"),
    ],
)
def test_slips_in_a_file(base: str, hint: str) -> None:
    assert hint in problem_of(experiment, TEXT.replace("BASE", base), exit_code=2).hint


@pytest.mark.parametrize("epochs", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_base_within_a_network_of_the_file(folder: Path, epochs: int) -> None:
    text = TEXT.replace("layers:", f"networks: {{eye: [{{{SMALL}}}, {{dense: 4}}]}}\nlayers:").replace("BASE", "eye")
    with without_pictures():
        run = train_network(
            config_of(folder, SMALL, f"epochs={epochs}", text=text), folder / "runs", folder / "cache", offline=True
        )
    opened = load_run(run)
    base = restore_network(opened).layers[-2].layers[0]
    for mine, theirs in zip(base.weights, keras.models.load_model(folder / "small.keras").weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_what_is_swapped_is_put_back() -> None:
    class Base:
        word = "before"

    class Derived(Base):
        pass

    def fail() -> None:
        with swapped(Derived, "word", "meanwhile"), swapped(Base, "word", "below"):
            assert (Derived.word, Base.word) == ("meanwhile", "below")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (Derived.word, "word" in vars(Derived)) == ("before", False)
