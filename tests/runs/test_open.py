"""A run in use: its model opens anywhere, its weights are the model's, its files are what training wrote."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import RUNS, arrays_of, copied, data_of, environment, problem_of, run_of

from rnacli.engine.tensorflow import keras
from rnacli.errors import RnaError
from rnacli.examples.load import load_data
from rnacli.files import file_sha256
from rnacli.networks.restore import restore_network
from rnacli.results.evaluate import evaluate_run
from rnacli.runs.find import open_run
from rnacli.runs.folder import CHECKED, Run
from rnacli.runs.open import load_run

# The model for everybody

BARE = """
import sys
sys.modules["rnacli"] = None
import keras, numpy
for folder in sys.argv[1:]:
    network = keras.models.load_model(folder + "/model.keras")
    arrays = numpy.load(folder + "/inputs.npz")
    assert type(network) is keras.Sequential
    outputs = numpy.asarray(network(arrays["x"].astype("float32"), training=False))
    numpy.savez(folder + "/outputs.npz", y=outputs, loss=numpy.mean(network.loss(arrays["y"], outputs)))
    try:
        import rnacli
        raise SystemExit("rnacli is there")
    except ImportError:
        pass
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each run's ``model.keras`` says of the test rows in a Python that cannot import anything of ours."""
    folders = {}
    for name in RUNS:
        run, folder = run_of(name), tmp_path_factory.mktemp(name)
        data = load_data(run.config(), data_of(run))
        x, (_, y) = data.raw("test"), arrays_of(data, "test")
        (folder / "model.keras").write_bytes((run.path / "model.keras").read_bytes())
        np.savez(folder / "inputs.npz", x=x, y=y)
        folders[name] = folder
    command = [sys.executable, "-I", "-c", BARE, *map(str, folders.values())]
    done = subprocess.run(
        command, env=environment(KERAS_BACKEND="tensorflow"), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name: np.load(folder / "outputs.npz") for name, folder in folders.items()}


@pytest.mark.parametrize("name", RUNS)
def test_the_saved_model_is_the_network_of_the_weights_without_anything_of_ours(bare: Any, name: str) -> None:
    run = run_of(name)
    x, _ = arrays_of(load_data(run.config(), data_of(run)), "test")
    network = restore_network(load_run(run))
    np.testing.assert_allclose(bare[name]["y"], np.asarray(network(x, training=False)), rtol=1e-6, atol=1e-6)
    assert float(bare[name]["loss"]) == pytest.approx(run.record["results"]["test"]["loss"], abs=1e-6, rel=1e-5)


def test_the_saved_model_keeps_the_names_of_layers_and_of_the_experiment() -> None:
    network = keras.models.load_model(run_of("flowers").path / "model.keras")
    assert network.name == "flowers"
    assert [layer.name for layer in network.layers] == ["scale_of_data", "dense", "dense_1"]


def test_weights_are_those_of_the_saved_model() -> None:
    run = run_of("flowers")
    network = keras.models.load_model(run.path / "model.keras", compile=False)
    with np.load(run.path / "weights.npz") as arrays:
        assert arrays.files == ["0/dense/kernel", "1/dense/bias", "2/dense_1/kernel", "3/dense_1/bias"]
        for name, weight in zip(arrays.files, network.get_weights(), strict=True):
            np.testing.assert_array_equal(arrays[name], weight)


# Files that are not what they were


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("change", ["gone", "cut", "a bit", "empty"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str, change: str) -> None:
    run = copied(run_of("margin"), tmp_path)
    path = run.path / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes({"cut": bytes(content[:-20]), "a bit": bytes(content)}.get(change, b""))
    if change == "gone":
        path.unlink()
    with pytest.raises(RnaError) as caught:
        evaluate_run(run, tmp_path)
    assert any(problem.place.startswith(str(path)) for problem in caught.value.problems)


def forged(run: Run, **contents: bytes) -> Run:
    """A run whose record has been made to agree with changed files."""
    for name, content in contents.items():
        path = run.path / name.replace("_", ".")
        path.write_bytes(content)
        run.record["files"][path.name] = file_sha256(path)
    run.save()
    return open_run(run.path)


def test_weights_of_another_network_are_refused_also_with_a_forged_record(tmp_path: Path) -> None:
    run = forged(copied(run_of("margin"), tmp_path), weights_npz=(run_of("iris").path / "weights.npz").read_bytes())
    assert "weights" in str(problem_of(evaluate_run, run, tmp_path))


@pytest.mark.parametrize(
    "layer", ["{lambda: 'print(1)'}", "lambda", "{torch_module_wrapper: x}", "{tfsm_layer: /tmp/x}"]
)
def test_a_config_that_would_run_code_is_refused_also_with_a_forged_record(tmp_path: Path, layer: str) -> None:
    run = copied(run_of("margin"), tmp_path)
    text = (run.path / "config.yaml").read_text()
    assert text.count("layers:\n") == 1
    run = forged(run, config_yaml=text.replace("layers:\n", f"layers:\n  - {layer}\n").encode())
    problem = problem_of(evaluate_run, run, tmp_path)
    assert "layers.0" in problem.message


def test_preprocessing_of_another_shape_is_refused_also_with_a_forged_record(tmp_path: Path) -> None:
    run = copied(run_of("margin"), tmp_path)
    plain = json.loads((run.path / "preprocessing.json").read_text())
    for changes in (
        {"shape": [10**9], "features": [], "offset": 0, "divisor": 1},
        {"shape": [3], "features": ["a", "b", "c"], "offset": [0, 0, 0], "divisor": [1, 1, 1]},
    ):
        content = json.dumps(plain | {"inputs": plain["inputs"] | changes}).encode()
        with pytest.raises(RnaError):
            evaluate_run(forged(run, preprocessing_json=content), tmp_path)


def test_a_file_of_preprocessing_that_is_huge_is_not_read(tmp_path: Path) -> None:
    run = copied(run_of("margin"), tmp_path)
    content = (run.path / "preprocessing.json").read_bytes() + b" " * (17 << 20)
    problem = problem_of(evaluate_run, forged(run, preprocessing_json=content), tmp_path)
    assert "preprocessing.json" in problem.place


def test_a_file_that_the_user_added_does_not_matter(tmp_path: Path) -> None:
    run = copied(run_of("margin"), tmp_path)
    (run.path / "notes.txt").write_text("my best one")
    (run.path / "plots" / "loss.png").unlink()
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]
