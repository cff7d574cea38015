"""``model.keras`` takes the data as they are, in plain Keras, and gives what ``rna predict`` does."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import CIRCLES, PRICES, environment, experiment, run_of, write_data
from PIL import Image

import rnacli
from rnacli.engine.tensorflow import keras
from rnacli.networks.scales import suits_float32
from rnacli.training.train import train_network

SCALED = {"price": {"scale": "standard"}}


def train(folder: Path, text: str, **changes: Any) -> rnacli.Run:
    write_data(folder)
    config = experiment(text, folder, **{"epochs": 2} | changes)
    return rnacli.load(train_network(config, folder / "runs", folder / "cache").path)


def answers(run: rnacli.Run, x: np.ndarray) -> tuple[Any, np.ndarray]:
    """The saved model and what it says of raw examples."""
    model = keras.models.load_model(run.path / "model.keras")
    return model, np.asarray(model.predict(x, verbose=0))


@pytest.mark.parametrize(
    ("dataset", "units"),
    [({"scale": "minmax"}, 1), ({"target": ["price", "rooms"], "columns": SCALED}, 2)],
    ids=["minmax", "standard, and one scaled target of two"],
)
def test_a_table_of_numbers(tmp_path: Path, plain: None, dataset: dict[str, Any], units: int) -> None:
    layers = [{"dense": {"units": 6, "activation": "relu"}}, {"dense": units}]
    dataset = {"csv": "prices.csv", "target": "price", "split": {"test": 5}, **dataset}
    run = train(tmp_path, PRICES, dataset=dataset, layers=layers)
    frame = pd.read_csv(tmp_path / "prices.csv")
    inputs = [name for name in ("area", "age", "price", "rooms") if name not in dataset["target"]]
    model, said = answers(run, frame[inputs].to_numpy("float32"))
    np.testing.assert_allclose(said, run.predict(frame), rtol=1e-5, atol=1e-5)
    assert model.layers[0].name == "scale_of_data"
    assert (model.layers[-1].name == "units_of_data") == ("columns" in dataset)


def test_the_tutorials_last_step(tmp_path: Path) -> None:
    """``load_model``, ``predict(X)``: accuracy 0.522 where the data were not scaled first."""
    run = rnacli.load(run_of("circles").path)
    from sklearn.datasets import make_circles

    x, _ = make_circles(30, factor=0.3, noise=0.05, random_state=4)
    model, said = answers(run, x.astype("float32"))
    np.save(tmp_path / "x.npy", x)
    ours = run.predict(tmp_path / "x.npy")
    np.testing.assert_allclose(said[:, 0], ours.iloc[:, -1], rtol=0, atol=1e-6)
    figures = model.evaluate(x.astype("float32"), np.zeros(len(x)), verbose=0, return_dict=True)
    assert set(figures) == {"loss", *(str(each) for each in run.results["test"] if each != "loss")}


def test_pixels_and_pictures() -> None:
    run = rnacli.load(run_of("pixels").path)
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 8)).astype("uint8")
    _, said = answers(run, x)
    ours = run.predict(x).filter(like="probability")
    np.testing.assert_allclose(said, ours, rtol=0, atol=1e-6)
    model, _ = answers(rnacli.load(run_of("pictures").path), np.zeros((1, 8, 10, 3), "uint8"))
    assert model.input_shape == (None, 8, 10, 3)


def test_what_no_plain_layer_does_is_left_to_rna(tmp_path: Path, plain: None) -> None:
    for text, changes in ((PRICES, {"scale": "none"}), (PRICES, {"columns": {"area": {"indicator": True}}})):
        folder = tmp_path / str(len(changes))
        folder.mkdir(exist_ok=True)
        dataset = {"csv": "prices.csv", "target": "price", **changes}
        run = train(folder, text, dataset=dataset, epochs=0)
        model = keras.models.load_model(run.path / "model.keras")
        assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
        (folder / "runs").rename(folder / f"runs of {len(list(folder.iterdir()))}")


@pytest.mark.parametrize(("offset", "divisor", "suits"), [
    (0.0, 255.0, True), (2000.0, 12.5, True), (1e22, 1e21, False), (0.0, 1e-7, False), (0.0, -2.0, False),
])  # fmt: skip
def test_a_scale_that_float32_cannot_hold_stays_out_of_the_model(offset: float, divisor: float, suits: bool) -> None:
    assert suits_float32((np.array([offset]), np.array([divisor]))) == suits


def test_the_network_stays_as_it_was() -> None:
    """The saved model shares its layers, and the run's weights and summary are those of the network alone."""
    run = rnacli.load(run_of("circles").path)
    assert [layer.name for layer in run.model.layers] == ["dense", "dense_1"]
    saved = keras.models.load_model(run.path / "model.keras")
    for mine, theirs in zip(
        run.model.get_weights(), saved.layers[1].get_weights() + saved.layers[2].get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_a_neuron_that_ends_in_a_step(tmp_path: Path, plain: None) -> None:
    layers = [{"dense": {"units": 1, "activation": "heaviside"}}]
    run = train(tmp_path, CIRCLES, layers=layers, loss="perceptron", metrics=["accuracy"])
    x = np.random.default_rng(0).normal(size=(20, 2)).astype("float32")
    _, said = answers(run, x)
    np.save(tmp_path / "x.npy", x)
    assert said[:, 0].astype(int).astype(str).tolist() == run.predict(tmp_path / "x.npy")["prediction"].tolist()


JOINED = [
    {"dense": {"units": 4, "activation": "relu", "from": "size", "name": "large"}},
    {"dense": {"units": 4, "activation": "relu", "from": "years", "name": "old"}},
    {"concatenate": ["large", "old"]},
]


def test_a_graph_of_two_inputs(tmp_path: Path, plain: None) -> None:
    dataset = {
        "csv": "prices.csv", "target": "price", "split": {"test": 5}, "columns": SCALED,
        "inputs": {"size": ["area", "rooms"], "years": "age"},
    }  # fmt: skip
    run = train(tmp_path, PRICES, dataset=dataset, layers=[*JOINED, {"dense": 1}])
    frame = pd.read_csv(tmp_path / "prices.csv")
    given = {
        name: frame[columns].to_numpy("float32") for name, columns in (("size", ["area", "rooms"]), ("years", ["age"]))
    }
    _, said = answers(run, given)  # type: ignore[arg-type]
    np.testing.assert_allclose(said, run.predict(frame), rtol=1e-6, atol=1e-5)
    assert not (run.path / "predict.py").exists()


def test_a_graph_of_pictures_and_numbers(tmp_path: Path, plain: None) -> None:
    """Pixels of 0 to 255 beside numbers as they are; what training makes of pictures is not in the model."""
    rng = np.random.default_rng(0)
    (tmp_path / "p").mkdir()
    pixels = rng.integers(0, 256, (20, 9, 8, 3)).astype("uint8")
    for i, each in enumerate(pixels):
        Image.fromarray(each).save(tmp_path / "p" / f"{i}.png")
    frame = pd.DataFrame({
        "photo": [f"p/{i}.png" for i in range(20)], "size": rng.normal(120, 30, 20), "age": np.arange(20.0),
        "kind": np.arange(20) % 2, "cost": rng.normal(900, 70, 20),
    })  # fmt: skip
    frame.to_csv(tmp_path / "t.csv", index=False)
    photo = {"kind": "image", "image_size": [9, 8], "scale": {"rescale": 255}, "augment": ["random_flip"]}
    dataset = {
        "csv": "t.csv", "target": ["cost", "kind"], "split": {"test": 4},
        "columns": {"photo": photo, "cost": {"scale": "standard"}},
    }  # fmt: skip
    layers = [
        {"conv2d": {"filters": 2, "kernel_size": 3, "from": "photo"}},
        {"flatten": {"name": "seen"}},
        {"concatenate": {"from": ["seen", "columns"], "name": "all"}},
        {"dense": {"units": 1, "name": "cost"}},
        {"dense": {"units": 1, "activation": "sigmoid", "name": "kind", "from": "all"}},
    ]
    losses = {"cost": "mse", "kind": "binary_crossentropy"}
    run = train(tmp_path, PRICES, dataset=dataset, layers=layers, loss=losses, metrics=None)
    model = keras.models.load_model(run.path / "model.keras")
    said = model.predict({"photo": pixels, "columns": frame[["size", "age"]].to_numpy("float32")}, verbose=0)
    ours = run.predict(tmp_path / "t.csv")
    np.testing.assert_allclose(said["cost"][:, 0], ours["cost"], rtol=1e-6)
    np.testing.assert_allclose(said["kind"][:, 0], ours["probability_kind_1"], rtol=0, atol=1e-6)
    assert not (run.path / "predict.py").exists()


def test_a_graph_of_one_input_and_two_outputs(tmp_path: Path, plain: None) -> None:
    dataset = {"csv": "prices.csv", "target": ["price", "rooms"], "split": {"test": 5}, "columns": SCALED}
    layers = [
        {"dense": {"units": 6, "activation": "relu", "name": "body"}},
        {"dense": {"units": 1, "name": "price"}},
        {"dense": {"units": 1, "name": "rooms", "from": "body"}},
    ]
    losses = {"price": "mean_squared_error", "rooms": "mean_squared_error"}
    run = train(tmp_path, PRICES, dataset=dataset, layers=layers, loss=losses, metrics=None)
    frame = pd.read_csv(tmp_path / "prices.csv")
    model = keras.models.load_model(run.path / "model.keras")
    said = model.predict(frame[["area", "age"]].to_numpy("float32"), verbose=0)
    ours = run.predict(frame)
    for name in ("price", "rooms"):
        np.testing.assert_allclose(said[name][:, 0], ours[name], rtol=1e-6, atol=1e-5)


def test_arrays_of_an_npz_file(tmp_path: Path, plain: None) -> None:
    rng = np.random.default_rng(0)
    x_a, x_b = rng.normal(5, 3, (60, 3)), rng.normal(-2, 9, (60, 2))
    np.savez(tmp_path / "two.npz", x_a=x_a, x_b=x_b, y=(x_a[:, 0] > 5).astype(int))
    layers = [
        {"dense": {"units": 4, "activation": "tanh", "from": "a", "name": "one"}},
        {"concatenate": ["one", "b"]},
        {"dense": {"units": 1, "activation": "sigmoid"}},
    ]
    dataset = {"npz": "two.npz", "split": {"test": 0.2}, "scale": "standard"}
    run = train(tmp_path, CIRCLES, dataset=dataset, layers=layers)
    np.savez(tmp_path / "new.npz", x_a=x_a, x_b=x_b)
    model, said = answers(run, {"a": x_a.astype("float32"), "b": x_b.astype("float32")})  # type: ignore[arg-type]
    ours = run.predict(tmp_path / "new.npz")
    np.testing.assert_allclose(said[:, 0], ours.iloc[:, -1], rtol=0, atol=1e-6)
    loss = model.evaluate({"a": x_a, "b": x_b}, (x_a[:, 0] > 5).astype(int), verbose=0, return_dict=True)
    assert "accuracy" in loss


def test_beside_a_network_of_words_stands_how_to_use_it(tmp_path: Path, plain: None) -> None:
    rows = [f"{kind},{i % 9},{int(kind == 'a')}\n" for i in range(40) for kind in "ab"]
    (tmp_path / "words.csv").write_text("kind,size,y\n" + "".join(rows))
    run = train(tmp_path, CIRCLES, dataset={"csv": "words.csv", "target": "y", "split": {"test": 0.2}})
    done = subprocess.run(
        [sys.executable, "predict.py", "../../words.csv"],
        cwd=run.path, env=environment(), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[0] == "prediction,probability_0,probability_1"
    assert len(done.stdout.splitlines()) == 81
    said = pd.read_csv(io.StringIO(done.stdout))
    np.testing.assert_array_equal(said["probability_1"], run.predict(tmp_path / "words.csv")["probability_1"])
    assert "predict.py" in run.record["files"]
