"""Data sets of scikit-learn and Keras: the same rows that a script gets, the seed, the names, no network."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
from fixtures import IRIS, ROOT, arrays_of, experiment, only_task, problem_of, raw_inputs

from rnacli.data.examples import Examples, digest_arrays
from rnacli.data.keras import DOWNLOADS
from rnacli.encoders.encoder import InputSpec
from rnacli.errors import CONFIG, DATA
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.results.predict import predict_rows
from rnacli.runs.open import load_run
from rnacli.training.train import train_network


def config_of(seed: int = 0, **data: Any) -> Config:
    return experiment(IRIS, dataset=data, seed=seed)


def read_config(config: Config, cache: Path) -> Examples:
    return config.dataset.read(config.where(cache))


def read(seed: int = 0, **data: Any) -> Examples:
    return read_config(config_of(seed, **data), ROOT)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("make_circles", {"n_samples": 50, "factor": 0.3, "noise": 0.07}),
        ("make_moons", {"n_samples": [20, 30]}),
        ("make_blobs", {"n_samples": 40, "centers": 3, "n_features": 5, "center_box": [-2, 2]}),
        ("make_classification", {"n_samples": 30, "n_features": 6, "n_informative": 3}),
        ("make_regression", {"n_samples": 30, "n_features": 3, "noise": 0.5}),
    ],
)
@pytest.mark.parametrize("random_state", [None, 7])
def test_made_rows_are_those_of_the_function(name: str, arguments: dict[str, Any], random_state: int | None) -> None:
    given = arguments | ({} if random_state is None else {"random_state": random_state})
    rows = read(5, sklearn=name, **given)
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    x, y = getattr(sklearn.datasets, name)(**plain, random_state=5 if random_state is None else random_state)
    np.testing.assert_array_equal(raw_inputs(rows), x)
    np.testing.assert_array_equal(rows.y, y)
    assert rows.features == tuple(f"x{i + 1}" for i in range(x.shape[1]))


@pytest.mark.parametrize("name", ["load_iris", "load_wine", "load_breast_cancer"])
def test_shipped_classes_come_with_their_names(name: str) -> None:
    rows, bunch = read(sklearn=name), getattr(sklearn.datasets, name)()
    np.testing.assert_array_equal(raw_inputs(rows), bunch.data)
    np.testing.assert_array_equal(rows.y, bunch.target)
    assert rows.features == tuple(bunch.feature_names)
    assert rows.classes == tuple(bunch.target_names)


def test_shipped_numbers_have_no_classes() -> None:
    rows = read(sklearn="load_diabetes")
    assert rows.classes is None
    assert rows.y.dtype.kind == "f"
    assert rows.features == ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


def test_several_targets_come_with_their_names() -> None:
    rows = read(sklearn="load_linnerud")
    assert rows.targets == ("Weight", "Waist", "Pulse")
    assert rows.y.shape == (20, 3)
    assert rows.classes is None


def test_several_made_targets_are_known_as_several() -> None:
    """One output for two targets would be trained by broadcasting, and nobody would see it."""
    rows = read(sklearn="make_regression", n_samples=20, n_features=3, n_targets=2)
    assert rows.y.shape == (20, 2)
    assert len(rows.targets) == 2


def test_the_fingerprint_follows_the_data() -> None:
    same, again, other = (read(seed, sklearn="make_moons").files["make_moons"] for seed in (1, 1, 2))
    assert same == again != other
    assert len(same) == 64


def test_the_fingerprint_knows_types_and_shapes() -> None:
    zeros = np.zeros((4, 2))
    digests = {digest_arrays(x) for x in (zeros, zeros.T, zeros.astype("float32"), zeros.astype("int64"))}
    assert len(digests) == 4
    assert digest_arrays(np.asfortranarray(zeros)) == digest_arrays(zeros)


def test_what_scikit_learn_refuses_is_refused_with_its_place() -> None:
    config = config_of(sklearn="make_classification", n_features=2, n_informative=5)
    problem = problem_of(read_config, config, ROOT, exit_code=CONFIG)
    assert "make_classification" in problem.message
    assert "n_features" in problem.message or "informative" in problem.message
    assert problem.place.startswith("experiment.yaml")


# keras.datasets, without network


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that Keras would keep its data sets in."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


class Module:
    """A data set of ``keras.datasets`` as one function loads it."""

    def __init__(self, load: Any):
        self.load_data = load


def test_the_test_set_of_keras_is_the_test_part(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rnacli.engine.tensorflow import keras

    x = np.arange(7 * 4 * 4, dtype=np.uint8).reshape(7, 4, 4)
    y = np.array([0, 1, 9, 3, 4, 5, 6], np.uint8)

    def load_arrays() -> Any:
        print("Downloading data from ...")
        return (x[:5], y[:5]), (x[5:], y[5:, None])

    monkeypatch.setattr(keras.datasets, "mnist", Module(load_arrays))
    config = config_of(keras="mnist", scale={"rescale": 255})
    data = load_data(config, home)
    assert {part: rows.tolist() for part, rows in data.parts.items()} == {"train": [0, 1, 2, 3, 4], "test": [5, 6]}
    assert only_task(data.preprocessing).classes == tuple("0123456789")
    np.testing.assert_array_equal(arrays_of(data, "test")[0], x[5:].astype("float32") / 255)
    assert arrays_of(data, "test")[1].tolist() == [5, 6]


def test_what_keras_prints_does_not_reach_standard_output(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rnacli.engine.tensorflow import keras

    def load_arrays() -> Any:
        print("Downloading data from ...")
        return (np.zeros((2, 3)), np.array([0, 1])), (np.zeros((1, 3)), np.array([1]))

    monkeypatch.setattr(keras.datasets, "mnist", Module(load_arrays))
    read_config(config_of(keras="mnist"), home)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Downloading" in captured.err


@pytest.mark.parametrize("name", sorted(DOWNLOADS))
@pytest.mark.parametrize(
    "error", [Exception("URL fetch failure on https://x: None -- unreachable"), OSError("no route")]
)
def test_offline_the_hint_names_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    from rnacli.engine.tensorflow import keras

    def load_arrays(**arguments: Any) -> Any:
        raise error

    monkeypatch.setattr(keras.datasets, name, Module(load_arrays))
    problem = problem_of(read_config, config_of(keras=name), home, exit_code=DATA)
    assert f"{name} cannot be downloaded" in problem.message
    assert str(home / "datasets") in problem.hint
    assert DOWNLOADS[name] in problem.hint


def test_every_data_set_of_the_catalogue_has_its_file_named() -> None:
    from rnacli.schema.catalog import entry_names

    assert set(entry_names("keras_dataset")) == set(DOWNLOADS)


def test_a_mistake_of_ours_is_no_download_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rnacli.engine.tensorflow import keras

    def load_arrays() -> Any:
        raise TypeError("a bug")

    monkeypatch.setattr(keras.datasets, "mnist", Module(load_arrays))
    with pytest.raises(TypeError, match="a bug"):
        read_config(config_of(keras="mnist"), home)


# Offline


def offline(config: Config, cache: Path) -> Examples:
    return config.dataset.read(config.where(cache, offline=True))


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' folder in a place of its own, and a network that must not be asked for anything."""
    from keras.src.backend import config

    def connect(*arguments: Any) -> Any:
        raise AssertionError("a connection is made")

    monkeypatch.setattr("socket.getaddrinfo", connect)
    monkeypatch.setattr("socket.create_connection", connect)
    monkeypatch.setattr(config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", sorted(DOWNLOADS))
def test_offline_nothing_is_asked_of_the_network(closed: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of(keras=name)
    problem = problem_of(offline, config, closed, exit_code=DATA)
    assert "stay offline" in problem.message
    assert problem.place.startswith("experiment.yaml")
    assert str(closed / "datasets" / DOWNLOADS[name]) in problem.hint
    assert "https://" in problem.hint
    assert capsys.readouterr() == ("", "")


def test_offline_a_file_that_is_there_is_used_and_one_that_is_damaged_stays(closed: Path, data_dir: Path) -> None:
    (closed / "datasets").mkdir()
    file = closed / "datasets" / "mnist.npz"
    file.write_bytes(b"half of it")
    assert "stay offline" in problem_of(offline, config_of(keras="mnist"), closed).message
    assert file.read_bytes() == b"half of it"
    shutil.copyfile(data_dir / "mnist.npz", file)
    assert len(offline(config_of(keras="mnist"), closed).x) == 70_000


# Texts


def write_numbered(path: Path, name: str) -> None:
    """A file of texts as Keras has it: reviews that say with one word what they are."""
    random = np.random.default_rng(0)
    y = np.arange(60) % 2
    rows = [[int(w) for w in random.integers(10, 40, random.integers(3, 12))] + [1 + int(label)] for label in y]
    x = np.empty(60, object)
    x[:] = rows
    parts = {"x": x, "y": y} if name == "reuters" else {"x_train": x, "y_train": y, "x_test": x[:20], "y_test": y[:20]}
    np.savez(path, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts_of_keras_are_padded_numbers_of_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: None
) -> None:
    from rnacli.engine.tensorflow import keras

    module = getattr(keras.datasets, name)
    write_numbered(tmp_path / f"{name}.npz", name)
    # Keras' own loading but for its checksum, which only the real file has.
    monkeypatch.setitem(module.load_data.__globals__, "get_file", lambda *_, **__: str(tmp_path / f"{name}.npz"))
    layers = [{"embedding": {"output_dim": 4, "mask_zero": True}}, "global_average_pooling1d"]
    softmax = {"dense": {"units": 2 if name == "imdb" else 46, "activation": "softmax"}}
    config = experiment(
        IRIS, tmp_path, dataset={"keras": name, "num_words": 30, "output_sequence_length": 8}, layers=[*layers, softmax]
    )
    data = load_data(config, tmp_path)
    (x, _), _ = module.load_data(num_words=30)
    row = [*x[0][:8], *[0] * (8 - len(x[0]))]
    assert raw_inputs(data.rows)[0].tolist() == row
    assert data.preprocessing.encoder.inputs["x"] == InputSpec((8,), "int32", tokens=30)
    run = train_network(config, tmp_path / "runs", tmp_path)
    assert load_run(run).config.layers[0].arguments["input_dim"] == 30
    np.savez(tmp_path / "new.npz", x=raw_inputs(data.rows)[:3])
    assert predict_rows(run, tmp_path / "new.npz", tmp_path / "out.csv") == 3
    np.savez(tmp_path / "new.npz", x=raw_inputs(data.rows)[:3] + 0.5)
    problem = problem_of(predict_rows, run, tmp_path / "new.npz", tmp_path / "out.csv")
    assert "expected whole numbers" in problem.message
    np.savez(tmp_path / "new.npz", x=raw_inputs(data.rows)[:3] + 30)
    assert "knows the whole numbers 0 to 29" in problem_of(
        predict_rows, run, tmp_path / "new.npz", tmp_path / "out.csv"
    ).message  # fmt: skip
    tasks = data.tasks.values()
    assert next(iter(tasks)).classes[0] == ("negative" if name == "imdb" else "cocoa")


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ({"keras": "imdb", "scale": "standard"}, "the numbers of words have no scale"),
        ({"keras": "mnist", "output_sequence_length": 8}, "output_sequence_length is for texts: imdb and reuters"),
        ({"keras": "imdb", "num_words": 0}, "at least 1"),
    ],
)
def test_what_texts_of_keras_cannot_have(dataset: dict[str, Any], said: str) -> None:
    assert said in problem_of(lambda: config_of(**dataset), exit_code=CONFIG).message
