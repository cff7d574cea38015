"""Pictures in folders: which are read, of which class and part each is, how they are kept, and what is refused."""

import csv
import logging
import os
import shutil
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import (
    PICTURES,
    copied,
    data_of,
    experiment,
    problem_of,
    problems_of,
    raw_inputs,
    run_of,
    without_pictures,
    write_pictures,
)
from PIL import Image

from rnacli.data import folder_files
from rnacli.errors import CONFIG, DATA
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config
from rnacli.pictures.find import ENDINGS, list_files
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs import reload
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network

THREE = PICTURES.replace("units: 1, activation: sigmoid", "units: 3, activation: softmax").replace(
    "binary", "sparse_categorical"
)
"""For three classes."""


def config_of(folder: Path, text: str = PICTURES, **keys: Any) -> Config:
    """The experiment on a folder's pictures, with some keys of its data set changed."""
    plain = {"images": str(folder), "image_size": [8, 10], "scale": {"rescale": 255}, **keys}
    return experiment(text, folder.parent, dataset=plain)


def load(folder: Path, **keys: Any) -> Data:
    return load_data(config_of(folder, **keys), folder.parent / "cache")


def write_parts(folder: Path, **counts: int) -> None:
    for seed, (part, count) in enumerate(counts.items()):
        write_pictures(folder / part, count=count, seed=seed)


def names_of(data: Data, part: str) -> list[str]:
    assert data.rows.ids is not None
    return data.rows.ids[data.parts[part]].tolist()


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Which pictures, of which class and part


def test_folders_are_the_parts_and_the_classes(tmp_path: Path) -> None:
    write_parts(tmp_path / "data", train=5, val=2, Test=3)
    data = load(tmp_path / "data")
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 10, "validation": 4, "test": 6}
    assert names_of(data, "test")[::3] == ["Test/cats/cats_0.png", "Test/dogs/dogs_0.png"]
    assert data.targets("test", next(iter(data.tasks))).tolist() == [0, 0, 0, 1, 1, 1]
    assert next(iter(data.tasks.values())).classes == ("cats", "dogs")
    with Image.open(tmp_path / "data" / "val" / "dogs" / "dogs_1.png") as picture:
        resized = np.asarray(picture.resize((10, 8), Image.Resampling.BILINEAR))
    assert (data.raw("validation")[3] == resized).all()


def test_folders_of_classes_are_divided_in_equal_shares(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data", ("10", "9", "2"), 10)
    data = load_data(config_of(tmp_path / "data", THREE), tmp_path)
    assert next(iter(data.tasks.values())).classes == ("2", "9", "10")
    assert np.bincount(data.targets("test", next(iter(data.tasks)))).tolist() == [2, 2, 2]


def test_parts_of_folders_and_of_the_file_go_together(tmp_path: Path) -> None:
    write_parts(tmp_path / "data", train=10, test=3)
    data = load(tmp_path / "data", split={"validation": 0.2})
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 16, "validation": 4, "test": 6}
    problem = problem_of(lambda: load(tmp_path / "data", split={"test": 0.3}), exit_code=CONFIG)
    assert (problem.message, problem.hint) == ("the folder test is the test part", "remove test from split")


def test_pictures_of_class_folders_are_cross_validated(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data", count=9)
    folds = [load(tmp_path / "data", split={"folds": 3, "fold": fold}) for fold in (1, 2, 3)]
    tested = [name for data in folds for name in names_of(data, "test")]
    assert len(tested) == len(set(tested)) == 18


def test_named_classes_leave_the_others_out_and_order_the_outputs(tmp_path: Path) -> None:
    write_parts(tmp_path / "data", train=3, test=2)
    write_pictures(tmp_path / "data" / "train", ("owls",), 3)
    data = load(tmp_path / "data", class_names=["owls", "cats"])
    assert next(iter(data.tasks.values())).classes == ("owls", "cats")
    assert data.targets("train", next(iter(data.tasks))).tolist() == [0, 0, 0, 1, 1, 1]
    assert names_of(data, "test") == ["test/cats/cats_0.png", "test/cats/cats_1.png"]


def test_accents_may_be_spelt_in_two_ways(tmp_path: Path) -> None:
    composed, apart = "años y niños", unicodedata.normalize("NFD", "años y niños")
    write_pictures(tmp_path / "data" / "train", (apart, "otros"), 3)
    write_pictures(tmp_path / "data" / "test", (composed, "otros"), 2, seed=1)
    for names in ({}, {"class_names": ["otros", composed]}, {"class_names": ["otros", apart]}):
        data = load(tmp_path / "data", **names)
        assert sorted(next(iter(data.tasks.values())).classes) == [composed, "otros"]
        assert np.bincount(data.targets("train", next(iter(data.tasks)))).tolist() == [3, 3]
        assert np.bincount(data.targets("test", next(iter(data.tasks)))).tolist() == [2, 2]
    write_pictures(tmp_path / "data" / "train", (composed,), 1)
    problem = problem_of(lambda: load(tmp_path / "data"))
    assert problem.message == f"two folders are called '{composed}', with accents in two spellings"


# What is refused or said


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (lambda f: (f / "train" / "owls").mkdir(), "class 'owls' has no pictures",
         "add pictures, or remove its folder"),
        (lambda f: write_pictures(f / "test", ("dog",), 1), "'dog' is no class of the training pictures",
         "did you mean dogs?"),
        (lambda f: write_pictures(f / "test", ("whale",), 1), "'whale' is no class of the training pictures",
         "classes: cats and dogs"),
        (lambda f: shutil.rmtree(f / "train" / "dogs"), "there is one class, 'cats'",
         "expected a folder for each class"),
        (lambda f: [shutil.rmtree(f / "train" / name) for name in ("cats", "dogs")], "there are no folders in it",
         "expected a folder of pictures for each class, such as cats/ and dogs/"),
        (lambda f: [shutil.rmtree(f / "test" / name) for name in ("cats", "dogs")], "there are no pictures in it", ""),
        (lambda f: (f / "train").rename(f / "validation"), "'test' holds folders of classes, and none beside it "
         "is for training", "call one train"),
        (lambda f: (f / "training").mkdir(), "'train' and 'training' both mean train", "keep one"),
    ],
)  # fmt: skip
def test_folders_that_do_not_fit_are_named(tmp_path: Path, change: Any, message: str, hint: str) -> None:
    write_parts(tmp_path / "data", train=2, test=1)
    change(tmp_path / "data")
    problem = problem_of(lambda: load(tmp_path / "data"), exit_code=DATA)
    assert (problem.message, problem.hint) == (message, hint)


def test_what_no_class_tells_apart_and_what_no_class_holds_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    write_pictures(folder, ("cats", "Cats"), 2)
    (folder / "cats" / "cats_0.png").rename(folder / "loose.png")
    problem = problem_of(lambda: load(folder))
    assert problem.message == "stratify wants at least 2 rows of each class, and 'cats' has 1"
    assert "'Cats' and 'cats' are two classes: only case tells them apart" in said(caplog)
    assert f"{folder}: pictures beside the folders of the classes are not read: 1" in said(caplog)
    (tmp_path / "datum.csv").touch()
    problem = problem_of(lambda: load(tmp_path / "datas"), exit_code=DATA)
    assert (problem.message, problem.hint) == ("no such folder", "did you mean data?")


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    write_pictures(tmp_path / "animals", count=1)
    (tmp_path / "people.csv").write_text("a,b\n1,2\n")
    assert problem_of(lambda: load(tmp_path / "animal"), exit_code=DATA).hint == "did you mean animals?"
    problem = problem_of(lambda: load(tmp_path / "people.csv"), exit_code=CONFIG)
    assert problem.message.endswith("people.csv is a file, not a folder")
    problem = problem_of(lambda: load(tmp_path / "animals", class_names=["cats", "dog"]), exit_code=CONFIG)
    assert (problem.message, problem.hint) == ("there is no folder called 'dog'", "did you mean dogs?")


@pytest.mark.parametrize(
    ("keys", "messages"),
    [
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
         ["pad_to_aspect_ratio: a picture is cropped or padded, not both"]),
        ({"class_names": ["cats", "cats"]}, ["class_names: the class 'cats' is named twice"]),
        ({"split": {"test": "other.npz"}},
         ["split.test: a part of pictures is a folder called test beside train, in the folder images"]),
        ({"split": {"group": "patient"}}, ["split.group: only csv data have columns"]),
        ({"image_size": [8, 8, 3]}, ["image_size: expected two numbers, [height, width], got a list"]),
        ({"augment": ["dense"]}, ["augment.0: dense is not a layer that augments pictures: expected one such as "
                                  "random_flip or random_rotation"]),
    ],
)  # fmt: skip
def test_keys_that_do_not_fit_are_named_before_anything_is_read(
    tmp_path: Path, keys: dict[str, Any], messages: list[str]
) -> None:
    problems = problems_of(lambda: config_of(tmp_path, **keys), exit_code=CONFIG)
    assert [problem.message for problem in problems] == [f"dataset.{message}" for message in messages]


def test_classes_want_a_loss_for_classes(tmp_path: Path) -> None:
    text = PICTURES.replace("binary_crossentropy", "mse").replace(", activation: sigmoid", "")
    problem = problem_of(lambda: load_data(config_of(tmp_path / "data", text), tmp_path), exit_code=CONFIG)
    assert problem.message == "the folders are classes, and this is a loss for numbers"


def test_a_class_that_a_part_lacks_and_pictures_on_both_sides_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_parts(tmp_path / "data", train=4, test=2)
    shutil.rmtree(tmp_path / "data" / "test" / "dogs")
    shutil.copy(tmp_path / "data/train/cats/cats_2.png", tmp_path / "data/test/cats/other name.png")
    (tmp_path / "data" / "new").mkdir()
    load(tmp_path / "data")
    assert said(caplog) == [
        f"{tmp_path / 'data'}: not read, since they are no parts: new",
        "the test part has no pictures of dogs",
        "1 of 3 test rows have the same inputs as training rows: the test scores may be too good",
    ]


# Unreadable pictures


def damage(folder: Path) -> None:
    """A picture of each class becomes unreadable."""
    (folder / "cats" / "cats_1.png").write_text("no picture")
    (folder / "dogs" / "dogs_0.png").write_bytes(b"")


def test_every_unreadable_picture_is_named_or_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_pictures(tmp_path / "data", count=10)
    damage(tmp_path / "data")
    *named, last = problems_of(lambda: load(tmp_path / "data"), exit_code=DATA)
    assert [problem.place.removeprefix(f"{tmp_path}/data/") for problem in named] == [
        "cats/cats_1.png",
        "dogs/dogs_0.png",
    ]
    assert last.message == "2 of 20 pictures are unreadable"
    text = PICTURES.replace("epochs: 2", "epochs: 0")
    config = config_of(tmp_path / "data", text, unreadable="skip", augment=["random_flip"])
    with without_pictures():
        run = train_network(config, tmp_path / "runs", tmp_path)
    assert "2 of 20 pictures are unreadable and left out" in said(caplog)
    with (run.path / "rejected.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["reason"] for row in rows] == ["this is not a picture that can be read", "the file is empty"]
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]


# Where they are kept


def test_it_does_not_show_where_pictures_are_kept(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data", count=30)

    def train(keep: str, fuse: bool) -> Run:
        text = f"{PICTURES}engine: {{fuse: {str(fuse).lower()}}}\n"
        config = config_of(tmp_path / "data", text, cache=keep, augment=[{"random_flip": "horizontal"}])
        with without_pictures():
            return train_network(config, tmp_path / "runs", tmp_path / "cache")

    for fuse, keep in ((True, "disk"), (False, "none")):
        one, other = train("memory", fuse), train(keep, fuse)
        for name in ("weights.npz", "predictions.csv", "split.csv", "preprocessing.json"):
            assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name
    assert len(list((tmp_path / "cache").glob("pictures-*.npy"))) == 1


def test_a_cache_is_of_these_pictures_in_this_form_alone(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data", count=5)
    first = load(tmp_path / "data", cache="disk")
    Image.new("RGB", (12, 9), "white").save(tmp_path / "data" / "cats" / "cats_0.png")
    second = load(tmp_path / "data", cache="disk")
    assert (raw_inputs(second.rows)[0] == 255).all()
    assert not (raw_inputs(first.rows)[0] == 255).all()
    assert load(tmp_path / "data", cache="disk", image_size=5).rows.x.shape == (5, 5, 3)
    pixels = raw_inputs(second.rows)
    for path in list((tmp_path / "cache").glob("pictures-*.npy")):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[:200])
    assert (raw_inputs(load(tmp_path / "data", cache="disk").rows) == pixels).all()


def test_many_pictures_stay_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path / "data", count=5)
    assert load(tmp_path / "data").rows.x.resident
    monkeypatch.setattr("rnacli.data.decoded.SMALL", 10 * 8 * 10 * 3 - 1)
    data = load(tmp_path / "data")
    assert (data.rows.x.resident, data.rows.x.in_any_order) == (False, True)


def test_many_small_files_are_read(tmp_path: Path) -> None:
    write_pictures(tmp_path / "data", count=1)
    for name in ("cats", "dogs"):
        for i in range(1000):
            os.link(tmp_path / "data" / name / f"{name}_0.png", tmp_path / "data" / name / f"{i}.png")
    data = load(tmp_path / "data")
    assert len(data.rows.x) == 2002
    assert (raw_inputs(data.rows)[:1001] == raw_inputs(data.rows)[0]).all()


ODD_NAMES = ("con espacios y ñ.png", "=cmd|calc!A0.png", "line\nend.png", "\x1b[31mred.png", 'a,b".png')


def test_names_of_any_kind_are_safe(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_pictures(tmp_path / "data", count=10)
    for name in ODD_NAMES:
        shutil.copy(tmp_path / "data" / "cats" / "cats_0.png", tmp_path / "data" / "cats" / name)
    shutil.copy(tmp_path / "data" / "dogs" / "dogs_0.png", os.fsencode(tmp_path / "data" / "dogs") + b"/espa\xf1a.png")
    config = config_of(tmp_path / "data", PICTURES.replace("epochs: 2", "epochs: 0"), split={"test": 0.9})
    with without_pictures():
        run = train_network(config, tmp_path / "runs", tmp_path)
    with (run.path / "predictions.csv").open(newline="") as file:
        written = {row["id"] for row in csv.DictReader(file)}
    assert any("espa\ufffda.png" in name for name in written)
    predict_rows(run, [tmp_path / "data"], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 26
    assert "\x1b" not in capfd.readouterr().err
    (tmp_path / "data" / "cats" / "bad\x1b[31m\n.png").write_text("bad")
    problem = problem_of(
        lambda: predict_rows(run, [tmp_path / "data" / "cats" / "bad\x1b[31m\n.png"], tmp_path / "o.csv")
    )
    assert problem.place.endswith("bad\\x1b[31m\\x0a.png")


# A run on pictures


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return copied(run_of("pictures"), tmp_path)


def predicted(run: Run, paths: list[Path], output: Path, **options: Any) -> list[list[str]]:
    predict_rows(run, paths, output, options=PredictionOptions(**options))
    with output.open(newline="") as file:
        return list(csv.reader(file))


def test_a_picture_gets_the_same_digits_alone_in_a_folder_and_after_moving(tmp_path: Path, run: Run) -> None:
    folder = data_of(run) / "pictures"
    header, *rows = predicted(run, [folder], tmp_path / "all.csv")
    assert header == ["picture", "prediction", "probability_cats", "probability_dogs"]
    assert len(rows) == 30
    for row in rows[::10]:
        assert predicted(run, [Path(row[0])], tmp_path / "one.csv")[1] == row
    shutil.move(data_of(run), tmp_path / "moved")
    moved = open_run(tmp_path / "moved" / "runs" / run.path.name)
    again = predicted(moved, [tmp_path / "moved" / "pictures"], tmp_path / "moved.csv")
    assert [row[1:] for row in again[1:]] == [row[1:] for row in rows]
    assert evaluate_run(moved, tmp_path).measures == run.record["results"]["test"]


def test_pictures_that_cannot_be_read_are_skipped_or_named(tmp_path: Path, run: Run) -> None:
    folder = data_of(run) / "pictures"
    damage(folder)
    *named, last = problems_of(lambda: predicted(run, [folder], tmp_path / "out.csv"))
    assert (len(named), last.message) == (2, "2 of 30 pictures are unreadable")
    assert last.hint == "--on-error skip leaves such pictures out"
    rows = predicted(run, [folder], tmp_path / "out.csv", on_error="skip", only="label")
    assert rows[0] == ["picture", "prediction"]
    assert len(rows) == 29
    with (tmp_path / "out.rejected.csv").open(newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [Path(row["picture"]).name for row in rejected] == ["cats_1.png", "dogs_0.png"]
    assert [row["number"] for row in rejected] == ["2", "16"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.png", "no such file"),
        ("experiment.yaml", "this is not a picture that can be read"),
        ("flowers.csv", "this is not a picture that can be read"),
        ("empty", "there are no pictures in it"),
    ],
)
def test_what_is_no_picture_is_not_predicted(tmp_path: Path, run: Run, name: str, message: str) -> None:
    (data_of(run) / "empty").mkdir()
    problem = problem_of(lambda: predicted(run, [data_of(run) / name], tmp_path / "out.csv"))
    assert problem.message == message
    assert not (tmp_path / "out.csv").exists()


def test_pictures_of_another_folder_are_measured_by_the_names_of_their_classes(tmp_path: Path, run: Run) -> None:
    write_pictures(tmp_path / "new", ("dogs", "cats"), 3)
    (tmp_path / "new" / "cats").rename(tmp_path / "new" / "x")
    (tmp_path / "new" / "dogs").rename(tmp_path / "new" / "cats")
    (tmp_path / "new" / "x").rename(tmp_path / "new" / "dogs")
    result = evaluate_run(run, tmp_path, file=tmp_path / "new")
    assert (result.part, result.rows, result.truth.tolist()) == ("file", 6, [0, 0, 0, 1, 1, 1])
    write_parts(tmp_path / "whole", train=2, test=2)
    problem = problem_of(lambda: evaluate_run(run, tmp_path, file=tmp_path / "whole"))
    assert problem.hint == f"--data {tmp_path / 'whole' / 'test'}"
    (tmp_path / "new" / "cat").mkdir()
    assert problem_of(lambda: evaluate_run(run, tmp_path, file=tmp_path / "new")).hint == "did you mean cats?"
    picture = tmp_path / "new" / "dogs" / "cats_0.png"
    assert problem_of(lambda: evaluate_run(run, tmp_path, file=picture)).hint == (
        "rna predict takes pictures without classes"
    )


def test_a_folder_that_has_changed_since_training_is_named(tmp_path: Path, run: Run) -> None:
    folder = data_of(run) / "pictures"
    (folder / "notes.txt").write_text("no picture")
    assert evaluate_run(run, tmp_path).measures == run.record["results"]["test"]
    content = (folder / "cats" / "cats_0.png").read_bytes()
    (folder / "cats" / "cats_0.png").write_bytes((folder / "cats" / "cats_1.png").read_bytes())
    problem = problem_of(lambda: evaluate_run(run, tmp_path))
    assert problem.message.startswith("the data have changed since training")
    (folder / "cats" / "cats_0.png").write_bytes(content)
    (folder / "dogs" / "dogs_9.png").rename(folder / "dogs" / "dogs_99.png")
    assert problem_of(lambda: evaluate_run(run, tmp_path)).message == problem.message


def test_a_run_on_pictures_is_reproduced_to_the_bit(tmp_path: Path, run: Run) -> None:
    with without_pictures():
        assert reproduce_run(run, tmp_path / "runs", tmp_path).exact


def test_the_saved_model_takes_pixels_and_has_no_augmentation(run: Run) -> None:
    from rnacli.engine.tensorflow import keras

    network = keras.models.load_model(run.path / "model.keras")
    assert [type(layer).__name__ for layer in network.layers] == ["Normalization", "Conv2D", "Flatten", "Dense"]
    x = load_data(run.config(), data_of(run)).raw("test")
    assert x.dtype == np.uint8
    np.testing.assert_allclose(network.predict(x, verbose=0), evaluate_run(run, data_of(run)).outputs, atol=1e-6)


def test_a_folder_is_listed_once_to_be_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run, listed = run_of("pictures"), list[Path]()

    def list_noted(folder: Path, root: Path, endings: Collection[str] = ENDINGS) -> list[Path]:
        listed.append(folder)
        return list_files(folder, root, endings)

    monkeypatch.setattr(reload, "list_files", list_noted)
    monkeypatch.setattr(folder_files, "list_pictures", list_noted)
    reload.require_known_files(run, reload.with_data_folder(run, load_run(run).config))
    assert len(listed) == 1
