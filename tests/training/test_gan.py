"""The run of a generator and its discriminator: what is in it, and what every command makes of it."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import problem_of
from gan import GAN, gan
from PIL import Image

from rnacli.commands.weights import load_weights
from rnacli.errors import CONFIG
from rnacli.experiment.config import Config
from rnacli.pictures.grid import gif_bytes, tile_pictures, to_pixels
from rnacli.plots.paint import redraw_pictures
from rnacli.results.evaluate import evaluate_run
from rnacli.results.generate import generate_from
from rnacli.results.generate_options import GenerateOptions
from rnacli.results.predict import predict_rows
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network

FIGURES = {"loss", "generator_loss", "discriminator_loss", "real", "fake"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A whole run of four epochs, with its pictures."""
    folder = tmp_path_factory.mktemp("gan")
    return train_network(gan(folder), folder / "runs", folder / "cache")


def test_what_is_in_the_run_folder(run: Run) -> None:
    names = {path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()}
    assert {
        "model.keras",
        "discriminator.keras",
        "weights.npz",
        "samples/epoch-002.png",
        "samples/epoch-004.png",
    } <= names
    assert {f"plots/{name}.png" for name in ("generated", "losses", "real_and_fake", "network", "filters")} <= names
    assert "predictions.csv" not in names
    assert not {name for name in names if name.startswith(("samples/epoch-001", "plots/loss.png", "plots/real.png"))}
    record = json.loads((run.path / "run.json").read_text())
    assert set(record["files"]) == names - {"run.json"} - {name for name in names if name.startswith("checkpoint/")}
    assert (record["status"], record["data"]["task"]) == ("finished", "generation")
    history = read_history(run, run.config())
    assert set(history) == {"epoch", "seconds", *FIGURES}
    with Image.open(run.path / "samples/epoch-002.png") as one, Image.open(run.path / "samples/epoch-004.png") as other:
        assert one.size == other.size == ((3 * 10 - 2) * 4, (2 * 10 - 2) * 4)
        assert one.tobytes() != other.tobytes()
    with Image.open(run.path / "plots/samples.gif") as moving:
        assert moving.n_frames == 2  # type: ignore[attr-defined]


def test_it_is_evaluated_to_the_same_figures_again(run: Run, tmp_path: Path) -> None:
    result = evaluate_run(run, tmp_path)
    assert result.measures == run.record["results"]["test"]
    assert set(result.plain()["measures"]) == FIGURES
    assert evaluate_run(run, tmp_path, "train").rows == 256
    x = np.load(run.config().folder / run.config().dataset.npz)["x"]  # type: ignore[attr-defined]
    np.savez(tmp_path / "other.npz", x=x[:50], y=np.zeros(50))
    other = evaluate_run(run, tmp_path, file=tmp_path / "other.npz")
    assert (other.rows, set(other.measures)) == (50, FIGURES)
    np.savez(tmp_path / "other.npz", x=x[:50, :4], y=np.zeros(50))
    assert "rows of shape (4, 8)" in problem_of(evaluate_run, run, tmp_path, None, tmp_path / "other.npz").message


def test_its_weights_are_named_by_their_side(run: Run) -> None:
    names = list(load_weights(run))
    assert "generator/dense/kernel" in names
    assert "discriminator/dense/bias" in names
    assert len(names) == len(set(names))


def test_it_predicts_nothing_and_says_what_it_does(run: Run, tmp_path: Path) -> None:
    problem = problem_of(predict_rows, run, tmp_path, tmp_path / "out.csv", exit_code=CONFIG)
    assert problem.hint == f"rna generate {run.path}"


@pytest.mark.usefixtures("plain")
def test_it_is_reproduced_to_the_last_bit(run: Run, tmp_path: Path) -> None:
    again = reproduce_run(run, tmp_path / "again", tmp_path)
    assert again.exact
    names = ("samples/epoch-002.png", "samples/epoch-004.png")
    assert [(again.run.path / name).read_bytes() == (run.path / name).read_bytes() for name in names] == [True, True]


def test_its_pictures_are_drawn_again(run: Run, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (run.path / "plots").glob("*.png")}
    assert {path.name for path in redraw_pictures(run, tmp_path)} == set(before)
    assert {path.name: path.read_bytes() for path in (run.path / "plots").glob("*.png")} == before


# rna generate


class Nowhere:
    """Standard output that nothing may be written to."""

    def write(self, text: str) -> None:
        raise AssertionError(text)


def make(run: Run, **options: Any) -> None:
    generate_from(open_run(run.path), GenerateOptions(**options), Nowhere())  # type: ignore[arg-type]


def test_a_seed_gives_the_same_pictures_in_each_form(run: Run, tmp_path: Path) -> None:
    make(run, count=5, seed=2, output=tmp_path / "x.npz")
    make(run, count=5, seed=2, output=tmp_path / "grid.png")
    (tmp_path / "many").mkdir()
    make(run, count=5, seed=2, output=tmp_path / "many")
    x = np.load(tmp_path / "x.npz")["x"]
    assert (x.shape, x.dtype) == ((5, 8, 8), np.uint8)
    assert x.std() > 5
    files = sorted((tmp_path / "many").iterdir())
    assert [path.name for path in files] == [f"000{i}.png" for i in range(1, 6)]
    for path, pixels in zip(files, x, strict=True):
        with Image.open(path) as picture:
            np.testing.assert_array_equal(np.asarray(picture), pixels)
    with Image.open(tmp_path / "grid.png") as grid:
        np.testing.assert_array_equal(np.asarray(grid), tile_pictures(x, 3))
    make(run, count=5, seed=3, output=tmp_path / "other.npz")
    assert (np.load(tmp_path / "other.npz")["x"] != x).any()
    # The fixed noise of the samples is that of the config's seed.
    make(run, count=6, seed=3, output=tmp_path / "six.npz")
    with Image.open(run.path / "samples/epoch-004.png") as sample:
        np.testing.assert_array_equal(np.asarray(sample), tile_pictures(np.load(tmp_path / "six.npz")["x"], 3))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"count": 0}, "expected a whole number from 1 to"),
        ({"count": 1_000_000}, "expected a number from 1 to 100,000"),
        ({"prompt": "a"}, "this is for text, and the run makes pictures or numbers"),
        ({"seed": -1}, "expected a number from 0 to"),
        ({"output": "x.jpg"}, "pictures are not written as .jpg"),
        ({"output": "x.csv"}, "pictures are not written as .csv"),
        ({"output": "nowhere/x.png"}, "the folder for this file is not there"),
        ({"count": 20_000, "output": "x.png"}, "a grid holds 10,000 pictures"),
    ],
)
def test_what_cannot_be_made_is_refused(run: Run, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    if "output" in options:
        options = options | {"output": tmp_path / options["output"]}
    assert said in problem_of(lambda: make(run, **options), exit_code=CONFIG).message


@pytest.mark.usefixtures("plain")
def test_tables_of_numbers_are_made_in_their_own_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(0)
    rows = zip(generator.normal(500, 20, 300), generator.normal(-3, 0.5, 300), strict=True)
    (tmp_path / "t.csv").write_text("price,depth,y\n" + "".join(f"{a},{b},0\n" for a, b in rows))
    changes: dict[str, Any] = {
        "dataset": {"csv": "t.csv", "target": "y"},
        "generator": [{"dense": {"units": 8, "activation": "relu"}}, {"dense": 2}],
        "discriminator": [{"dense": {"units": 8, "activation": "relu"}}, {"dense": 1}],
    }
    config: Config = gan(tmp_path, GAN, **changes, samples=None, epochs=2)
    run = train_network(config, tmp_path / "runs", tmp_path / "cache")
    generate_from(open_run(run.path), GenerateOptions(count=40, output=tmp_path / "made.csv"), Nowhere())  # type: ignore[arg-type]
    made = list(csv.DictReader((tmp_path / "made.csv").read_text().splitlines()))
    assert (len(made), list(made[0])) == (40, ["price", "depth"])
    assert 300 < np.mean([float(row["price"]) for row in made]) < 700
    assert -6 < np.mean([float(row["depth"]) for row in made]) < 0
    assert "makes numbers" in problem_of(lambda: make(run, output=tmp_path / "x.png"), exit_code=CONFIG).message


# Grids


def test_a_grid_has_its_pictures_in_rows(tmp_path: Path) -> None:
    pixels = np.arange(5, dtype="uint8")[:, None, None, None] * np.ones((5, 150, 150, 3), "uint8")
    grid = tile_pictures(pixels, 2)
    assert grid.shape == (3 * 152 - 2, 2 * 152 - 2, 3)
    assert [grid[152 * (i // 2), 152 * (i % 2), 0] for i in range(6)] == [0, 1, 2, 3, 4, 255]
    assert grid[150, 0, 0] == 255
    np.testing.assert_array_equal(to_pixels(np.array([-1.0, 0.0, 1.0, 3.0, np.nan]), -1, 1), [0, 128, 255, 255, 0])
    for i, colour in enumerate(((200, 0, 0), (0, 200, 0))):
        Image.new("RGB", (20, 10), colour).save(tmp_path / f"{i}.png")
    (tmp_path / "m.gif").write_bytes(gif_bytes([tmp_path / "0.png", tmp_path / "1.png"]))
    with Image.open(tmp_path / "m.gif") as moving:
        assert moving.n_frames == 2  # type: ignore[attr-defined]
        moving.seek(1)
        assert moving.convert("RGB").getpixel((3, 3))[1] > 150  # type: ignore[index]
