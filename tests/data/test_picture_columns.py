"""Pictures in the columns of a table: which cells mean which pictures, beside which inputs, and what is refused."""

import csv
import io
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import experiment, only_task, problem_of, problems_of, without_pictures
from PIL import Image as Picture

from rnacli.data.arrays import Array
from rnacli.data.picture_columns import what_is_wrong
from rnacli.data.views import array_named
from rnacli.document.read import parse_document
from rnacli.errors import CONFIG, DATA, Problem
from rnacli.examples.load import Data, load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import PredictionOptions
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.training.reproduce import reproduce_run
from rnacli.training.train import train_network

ROWS = 30
ALONE = """\
name: alone
dataset:
  csv: table.csv
  target: light
  features: [photo]
  columns: {photo: {image_size: [8, 10], scale: {rescale: 255}}}
layers: [conv2d: {filters: 2, kernel_size: 3}, flatten, dense: 1]
loss: mse
optimizer: {sgd: 0.01}
epochs: 1
"""
BOTH = """\
name: both
dataset:
  csv: table.csv
  target: light
  id: row
  features: [photo, size, colour]
  columns: {photo: {kind: image, image_size: [8, 10], scale: {rescale: 255}}}
  split: {test: 6, validation: 4}
layers:
  - flatten: {from: photo}
  - dense: {units: 4, activation: relu, name: seen}
  - dense: {units: 4, activation: relu, from: columns, name: told}
  - concatenate: [seen, told]
  - dense: 1
loss: mse
optimizer: {sgd: 0.01}
epochs: 2
"""


def write_table(folder: Path, rows: int = ROWS, name: str = "table.csv") -> pd.DataFrame:
    """A table beside its pictures, whose light, colour and labels are columns too."""
    random = np.random.default_rng(3)
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    table = []
    for i in range(rows):
        light, colour = int(random.integers(40, 200)), i % 3
        pixels = random.integers(0, 20, (9, 12, 3))
        pixels[..., colour] += light
        Picture.fromarray(pixels.astype("uint8")).save(folder / "photos" / f"año {i}.png")
        tags = "|".join(tag for tag, has in (("light", light > 120), ("red", colour == 0), ("any", True)) if has)
        row = {"row": f"r{i}", "photo": f"photos/año {i}.png", "size": round(random.normal(), 3)}
        part = ("train", "test", "validation")[i % 3]
        of_picture = {"colour": "rgb"[colour], "light": light / 100, "tags": tags}
        table.append({**row, **of_picture, "place": i // 3, "part": part})
    frame = pd.DataFrame(table)
    frame.to_csv(folder / name, index=False)
    return frame


def config_of(folder: Path, text: str = BOTH, photo: dict[str, Any] | None = None, **keys: Any) -> Config:
    """The experiment on a folder's table, with some keys of its data set, or of its column of pictures, changed."""
    dataset = parse_document(text, "c.yaml").value["dataset"] | keys
    options = {**dataset["columns"]["photo"], **(photo or {})}
    dataset["columns"]["photo"] = {name: value for name, value in options.items() if value is not None}
    return experiment(text, folder, dataset=dataset)


def load(folder: Path, text: str = BOTH, photo: dict[str, Any] | None = None, **keys: Any) -> Data:
    return load_data(config_of(folder, text, photo, **keys), folder / "cache")


def pixels_of(data: Data) -> np.ndarray:
    pictures: Array = array_named(data.rows.x, "photo")
    return pictures.take(np.arange(len(pictures)))


def as_read(folder: Path, row: int) -> np.ndarray:
    with Picture.open(folder / "photos" / f"año {row}.png") as picture:
        return np.asarray(picture.resize((10, 8), Picture.Resampling.BILINEAR))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on pictures and columns. Its folder must not be changed: take a copy."""
    folder = tmp_path_factory.mktemp("both")
    write_table(folder)
    with without_pictures():
        return train_network(config_of(folder), folder / "runs", folder / "cache")


def folder_of(run: Run) -> Path:
    return run.path.parents[1]


def copy_of(run: Run, folder: Path) -> Run:
    shutil.copytree(folder_of(run), folder / "copy")
    return open_run(folder / "copy" / "runs" / run.path.name)


def predict(run: Run, table: Path, **options: Any) -> list[dict[str, str]]:
    written = io.StringIO()
    predict_rows(run, table, written, options=PredictionOptions(**options))
    return rows_in(written.getvalue())


def rows_in(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# What is read


def test_a_cell_is_the_path_of_a_picture_from_the_folder_of_the_table(tmp_path: Path) -> None:
    frame = write_table(tmp_path)
    data = load(tmp_path, ALONE)
    assert data.preprocessing.shape == data.rows.x.shape == (8, 10, 3)
    assert all((pixels_of(data)[i] == as_read(tmp_path, i)).all() for i in range(ROWS))
    assert data.rows.y.tolist() == frame["light"].tolist()
    frame.loc[::2, "photo"] = [str(tmp_path / path) for path in frame["photo"][::2]]
    frame.loc[1::2, "photo"] = [path.replace("/", "\\") for path in frame["photo"][1::2]]
    frame.to_csv(tmp_path / "table.csv", index=False)
    assert (pixels_of(load(tmp_path, ALONE)) == pixels_of(data)).all()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pictures_are_an_input_beside_the_other_columns(tmp_path: Path, form: str) -> None:
    frame = write_table(tmp_path)
    if form == "parquet":
        frame.to_parquet(tmp_path / "table.parquet")
    data = load(tmp_path, csv=f"table.{form}")
    assert {name: spec.shape for name, spec in data.preprocessing.encoder.inputs.items()} == {
        "columns": (4,), "photo": (8, 10, 3),
    }  # fmt: skip
    raw = data.raw("test")
    encoded = data.preprocessing.encoder.encode(raw)
    rows = data.parts["test"]
    np.testing.assert_allclose(encoded["photo"][2], as_read(tmp_path, int(rows[2])) / 255, rtol=1e-6)
    train = frame["size"][data.parts["train"]]
    np.testing.assert_allclose(
        encoded["columns"][:, 0], (frame["size"][rows] - train.mean()) / train.std(ddof=0), rtol=1e-5, atol=1e-6
    )
    assert (encoded["columns"][:, 1:].argmax(1) == ["bgr".index(colour) for colour in frame["colour"][rows]]).all()


def test_a_scale_is_learnt_from_the_training_pictures_alone(tmp_path: Path) -> None:
    write_table(tmp_path)
    data = load(tmp_path, photo={"scale": "standard"})
    pixels = pixels_of(data)[data.parts["train"]].astype("float64")
    encoded = data.preprocessing.encoder.encode(data.raw("train"))["photo"]
    expected = (pixels - pixels.mean((0, 1, 2))) / pixels.std((0, 1, 2))
    np.testing.assert_allclose(encoded, expected, rtol=1e-4, atol=1e-5)


def test_classes_labels_groups_order_weights_and_parts_are_those_of_any_table(tmp_path: Path) -> None:
    write_table(tmp_path)
    head = "dense: {units: 3, activation: softmax}"
    classes = ALONE.replace("dense: 1", head).replace("mse", "sparse_categorical_crossentropy")
    data = load(tmp_path, classes, target="colour", split={"group": "place", "test": 0.3}, sample_weight="light")
    assert only_task(data).classes == ("b", "g", "r")
    assert not {*data.parts["test"] // 3} & {*data.parts["train"] // 3}
    assert data.rows.weights is not None
    labels = classes.replace("softmax", "sigmoid").replace("sparse_categorical", "binary")
    data = load(tmp_path, labels, target="tags", label_separator="|", split={"column": "part"})
    assert only_task(data).labels == ("any", "light", "red")
    assert {part: len(rows) for part, rows in data.parts.items()} == {"train": 10, "validation": 10, "test": 10}
    data = load(tmp_path, ALONE, split={"order_by": "place", "test": 9})
    assert (data.parts["test"] >= 21).all()


def test_one_picture_may_be_in_many_rows_and_a_row_may_have_two(tmp_path: Path) -> None:
    frame = write_table(tmp_path)
    frame["photo"], frame["other"] = frame["photo"][np.arange(ROWS) // 2].to_numpy(), frame["photo"]
    frame.to_csv(tmp_path / "table.csv", index=False)
    assert all((pixels_of(load(tmp_path, ALONE))[i] == as_read(tmp_path, i // 2)).all() for i in range(ROWS))
    text = ALONE.replace("[photo]", "[photo, other]").replace("columns: {", "columns: {other: {image_size: 4}, ")
    encoder = load(tmp_path, text.replace("[conv", "[flatten: {from: other}, conv")).preprocessing.encoder
    assert {name: spec.shape for name, spec in encoder.inputs.items()} == {"photo": (8, 10, 3), "other": (4, 4, 3)}


def test_paths_of_a_second_file_start_from_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = write_table(tmp_path)
    (tmp_path / "more").mkdir()
    frame["photo"] = "../" + frame["photo"]
    frame[:5].to_csv(tmp_path / "more" / "test.csv", index=False)
    monkeypatch.chdir(tmp_path.parent)
    for stream in (True, False):
        data = load(Path(tmp_path.name), split={"test": "more/test.csv"}, stream=stream)
        assert data.parts["test"].tolist() == [*range(ROWS, ROWS + 5)]
        assert all((pixels_of(data)[i] == as_read(tmp_path, i % ROWS)).all() for i in range(ROWS + 5))
        assert data.raw("test").dtype.names == ("columns", "photo")


def test_inputs_may_call_pictures_otherwise_but_join_them_with_nothing(tmp_path: Path) -> None:
    write_table(tmp_path)
    text = BOTH.replace("from: photo", "from: seen").replace("from: columns, name: told", "from: told, name: known")
    text = text.replace("[seen, told]", "[seen_1, known]").replace("name: seen}", "name: seen_1}")
    inputs = load(tmp_path, text, inputs={"seen": "photo", "told": "rest"}).preprocessing.encoder.inputs
    assert {name: spec.group for name, spec in inputs.items()} == {"told": "told", "photo": "seen"}
    text = text.replace("from: seen", "from: photo")
    assert load(tmp_path, text, inputs={"told": ["size", "colour"]}).preprocessing.encoder.inputs["photo"].group == ""
    problem = problem_of(lambda: load(tmp_path, text, inputs={"told": ["size", "photo"], "more": "rest"}))
    assert problem.message == "told would join the pictures of 'photo' with other columns"


def test_it_does_not_show_where_pictures_are_kept(tmp_path: Path) -> None:
    write_table(tmp_path)
    runs = []
    with without_pictures():
        for keep in ("memory", "disk", "none"):
            config = config_of(tmp_path, photo={"cache": keep, "augment": [{"random_flip": "horizontal"}]})
            runs.append(train_network(config, tmp_path / keep, tmp_path / "cache"))
    weights = [(run.path / "weights.npz").read_bytes() for run in runs]
    assert weights[0] == weights[1] == weights[2]
    assert len(list((tmp_path / "cache").glob("pictures-*.npy"))) == 1


def test_the_file_of_a_run_says_it_all(tmp_path: Path) -> None:
    write_table(tmp_path)
    config = config_of(tmp_path, photo={"color_mode": "grayscale", "augment": [{"random_rotation": 0.1}]})
    again = experiment(dump_config(config), tmp_path)
    assert again.dataset == config.dataset
    assert [*again.dataset.augmentation] == ["photo"]


# What is wrong


def spoil(folder: Path) -> None:
    """Four rows of the table get no picture."""
    frame = pd.read_csv(folder / "table.csv")
    (folder / "photos" / "broken.png").write_bytes((folder / "photos" / "año 1.png").read_bytes()[:60])
    frame.loc[[2, 5, 7], "photo"] = ["photos/none.png", "photos/broken.png", "photos/gone.png"]
    frame.to_csv(folder / "table.csv", index=False)


def test_every_cell_without_a_picture_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    write_table(tmp_path)
    spoil(tmp_path)
    for keep in ("memory", "disk", "disk", "none"):  # nothing of the first try is taken for good in the second
        missing, broken = problems_of(lambda keep=keep: load(tmp_path, photo={"cache": keep}), exit_code=DATA)
        assert missing.place == "table.csv:4"
        assert missing.message == "column 'photo': photos/none.png: there is no such file (also in line 9)"
        assert missing.hint == f"paths start from the folder {tmp_path}"
        assert str(broken) == "table.csv:7: column 'photo': photos/broken.png: the PNG picture is damaged or cut off"
        assert "columns: {photo: {unreadable: skip}}" in broken.hint


def test_a_cell_that_is_empty_is_named(tmp_path: Path) -> None:
    frame = write_table(tmp_path)
    frame.loc[[3], "photo"] = [""]
    frame.to_csv(tmp_path / "table.csv", index=False)
    assert str(problem_of(lambda: load(tmp_path))) == "table.csv:5: column 'photo': the value is missing"
    assert 3 not in np.concatenate([*load(tmp_path, fill="drop").parts.values()])


def test_rows_without_a_picture_are_left_out_where_the_file_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_table(tmp_path)
    spoil(tmp_path)
    with without_pictures(), caplog.at_level(logging.WARNING):
        run = train_network(config_of(tmp_path, photo={"unreadable": "skip"}), tmp_path / "runs", tmp_path / "cache")
    assert "photo: 3 of 30 rows have no picture that can be read, and are left out" in caplog.messages
    rows = {int(line.split(",")[0]) for line in (run.path / "split.csv").read_text().splitlines()[1:]}
    assert rows == {*range(ROWS)} - {2, 5, 7}
    assert "photos/none.png" in (run.path / "rejected.csv").read_text()
    assert evaluate_run(run, tmp_path / "cache").rows == 6


def test_a_picture_that_has_changed_since_training_is_named(tmp_path: Path, run: Run) -> None:
    copy = copy_of(run, tmp_path)
    shutil.copy(folder_of(copy) / "photos" / "año 2.png", folder_of(copy) / "photos" / "año 1.png")
    assert "the data have changed" in problem_of(lambda: evaluate_run(copy, tmp_path / "cache")).message


def test_words_that_are_paths_are_not_taken_for_categories(tmp_path: Path) -> None:
    write_table(tmp_path)
    text = ALONE.replace("[conv2d: {filters: 2, kernel_size: 3}, flatten, dense: 1]", "[dense: 1]")
    text = text.replace("photo: {image_size: [8, 10], scale: {rescale: 255}}", "")
    problem = problem_of(lambda: load_data(experiment(text, tmp_path), tmp_path), exit_code=DATA)
    assert problem.message == "column 'photo' holds paths of pictures such as 'photos/año 0.png'"
    assert problem.hint == "columns: {photo: {kind: image, image_size: [150, 150]}}, or ignore"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"image_size": None}, "a column of pictures needs image_size"),
        ({"fill": "mean"}, "fill is not for a column of pictures"),
        ({"strip": "x"}, "strip is not for a column of pictures"),
        ({"kind": "numeric"}, "kind is not for a column of pictures"),
        ({"scale": "log"}, "log is for skewed numbers, not for pixels"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "a picture is cropped or padded, not both"),
        ({"kind": "numeric", "image_size": None, "scale": "none", "cache": "disk"}, "cache is for columns of pictures"),
    ],
)
def test_keys_that_do_not_fit_are_named_before_anything_is_read(
    tmp_path: Path, keys: dict[str, Any], message: str
) -> None:
    assert problem_of(lambda: config_of(tmp_path, photo=keys), exit_code=CONFIG).message.endswith(message)


def test_what_mixes_rows_is_refused_beside_other_inputs(tmp_path: Path) -> None:
    write_table(tmp_path)
    config = config_of(tmp_path, photo={"augment": ["mix_up"]})
    problem = problem_of(lambda: train_network(config, tmp_path / "runs", tmp_path / "cache"), exit_code=CONFIG)
    assert "mix_up mixes the pictures of several rows" in problem.message


# New rows


def test_new_rows_are_predicted_by_their_pictures_wherever_the_run_is(tmp_path: Path, run: Run) -> None:
    shutil.copytree(folder_of(run) / "photos", tmp_path / "new" / "photos")
    table = pd.read_csv(folder_of(run) / "table.csv")
    table[["colour", "photo", "size", "row"]].to_csv(tmp_path / "new" / "rows.csv", index=False)
    shutil.copytree(run.path, tmp_path / "moved")
    predicted = predict(open_run(tmp_path / "moved"), tmp_path / "new" / "rows.csv", columns=("photo",))
    assert [row["row"] for row in predicted] == table["row"].tolist()
    assert [row["photo"] for row in predicted] == table["photo"].tolist()
    tested = rows_in((run.path / "predictions.csv").read_text("utf-8"))
    by_id = {row["row"]: row["prediction"] for row in predicted}
    assert {row["id"]: row["prediction"] for row in tested} == {row["id"]: by_id[row["id"]] for row in tested}


def test_new_rows_without_a_picture_are_named_or_left_out(tmp_path: Path, run: Run) -> None:
    copy = copy_of(run, tmp_path)
    table = folder_of(copy) / "table.csv"
    whole = {row["row"]: row["prediction"] for row in predict(copy, table)}
    spoil(table.parent)
    missing, broken = problems_of(lambda: predict(copy, table))
    assert (missing.place, broken.place) == (f"{table}:4", f"{table}:7")
    assert broken.hint.endswith("--on-error skip leaves such rows out")
    output = tmp_path / "out.csv"
    assert predict_rows(copy, table, output, options=PredictionOptions(on_error="skip")) == ROWS - 3
    good = {row["row"]: row["prediction"] for row in rows_in(output.read_text("utf-8"))}
    assert good == {name: whole[name] for name in whole if name not in ("r2", "r5", "r7")}
    rejected = rows_in((tmp_path / "out.rejected.csv").read_text("utf-8"))
    assert [(row["line"], row["row"]) for row in rejected] == [("4", "r2"), ("7", "r5"), ("9", "r7")]


def test_what_is_no_table_of_paths_is_refused_and_standard_input_starts_from_here(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez(tmp_path / "x.npz", x_columns=np.zeros((2, 4)), x_photo=np.zeros((2, 8, 10, 3), "uint8"))
    problem = problem_of(lambda: predict(run, tmp_path / "x.npz"))
    assert (problem.message, problem.hint) == (
        "the network takes the columns of a table, and these are arrays",
        "a CSV with size, colour, photo",
    )
    monkeypatch.chdir(folder_of(run))
    written = io.StringIO()
    predict_rows(run, io.BytesIO(Path("table.csv").read_bytes()), written)
    assert rows_in(written.getvalue()) == predict(run, Path("table.csv"))


def test_another_table_is_measured_by_its_pictures(tmp_path: Path, run: Run) -> None:
    write_table(tmp_path / "other", 8, "other.csv")
    measured = evaluate_run(run, tmp_path / "cache", file=tmp_path / "other" / "other.csv")
    assert measured.rows == 8
    predicted = predict(run, tmp_path / "other" / "other.csv")
    light = pd.read_csv(tmp_path / "other" / "other.csv")["light"].to_numpy()
    errors = (light - np.array([float(row["prediction"]) for row in predicted])) ** 2
    np.testing.assert_allclose(measured.measures["loss"], errors.mean(), rtol=1e-5)


def test_a_run_on_pictures_in_a_column_is_reproduced_to_the_bit(tmp_path: Path, run: Run) -> None:
    with without_pictures():
        assert reproduce_run(copy_of(run, tmp_path), tmp_path / "again", tmp_path / "cache").exact


def test_a_url_is_no_path_of_a_picture() -> None:
    missing = Problem("cannot be opened: No such file or directory", "x")
    assert what_is_wrong(missing, "https://example.org/a.png", Path())[0] == "pictures are files here, not URLs"
    assert what_is_wrong(missing, "a.png", Path())[1] == f"paths start from the folder {Path.cwd()}"
