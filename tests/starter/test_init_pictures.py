"""``rna init --data`` on pictures: in folders of classes, and in a column of a table."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import only_task, problem_of, without_pictures, write_pictures
from PIL import Image

from rnacli.commands.app import main
from rnacli.errors import CONFIG
from rnacli.examples.load import load_data
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config
from rnacli.pictures.survey import survey_pictures
from rnacli.starter.pictures import propose_for_pictures
from rnacli.starter.propose import propose_experiment
from rnacli.training.train import train_network


def written(folder: Path, text: str) -> Config:
    (folder / "proposed.yaml").write_text(text, "utf-8")
    return load_config(folder / "proposed.yaml", ["epochs=1"])


def trained(config: Config, folder: Path) -> dict[str, Any]:
    """What is recorded of a training that ends without a warning."""
    with without_pictures():
        record = train_network(config, folder / "runs", folder / "cache").record
    assert record["status"] == "finished"
    return record


def save_picture(path: Path, height: int, width: int, mode: str = "RGB", **more: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((height, width, 3), 90, "uint8")).convert(mode).save(path, **more)


def write_table(folder: Path) -> Path:
    """A table of pictures of two colours beside a number."""
    write_pictures(folder / "data", count=20)
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.glob("data/*/*.png"))
    rows = [f"{path},{i % 7},{path[5:9]}" for i, path in enumerate(paths)]
    (folder / "table.csv").write_text("\n".join(["photo,number,kind", *rows]) + "\n")
    return folder / "table.csv"


@pytest.mark.parametrize("classes", [("cats", "dogs"), ("2", "3", "10")])
def test_folders_of_classes_become_a_network_that_trains(
    tmp_path: Path, classes: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    write_pictures(tmp_path / "data", classes, 20)
    proposed = propose_for_pictures(str(tmp_path / "data"), tmp_path / "proposed.yaml")
    config = written(tmp_path, proposed.text)
    assert proposed.text.startswith(f"# Tells {len(classes)} classes of pictures apart.   rna train proposed.yaml\n")
    assert proposed.notes[0].endswith(f"{20 * len(classes)} pictures, in colours, most of 9 x 12")
    assert trained(config, tmp_path)["data"]["inputs"] == [9, 12, 3]
    assert not [record for record in caplog.records if record.name == "rnacli" and record.levelname == "WARNING"]


def test_folders_of_parts_are_the_parts(tmp_path: Path) -> None:
    for i, part in enumerate(("train", "test")):
        write_pictures(tmp_path / "data" / part, count=10, seed=i)
    config = written(tmp_path, propose_for_pictures(str(tmp_path / "data"), tmp_path / "proposed.yaml").text)
    assert trained(config, tmp_path)["data"]["rows"] == {"train": 17, "validation": 3, "test": 20}


def test_the_size_follows_from_the_pictures_as_they_are_shown(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    save_picture(tmp_path / "a.jpg", 300, 100, exif=exif)
    survey = survey_pictures([tmp_path / "a.jpg"])
    assert survey is not None
    assert (survey.height, survey.width, survey.is_grey, survey.image_size) == (100, 300, False, (32, 96))
    for i in range(3):
        save_picture(tmp_path / f"{i}.png", 20, 40, "L")
    (tmp_path / "4.png").write_text("words")
    survey = survey_pictures([*tmp_path.glob("*.png")])
    assert survey is not None
    assert (survey.is_grey, survey.image_size) == (True, (20, 40))
    assert survey_pictures([tmp_path / "4.png"]) is None


def test_grey_pictures_are_read_as_such(tmp_path: Path) -> None:
    for i in range(12):
        save_picture(tmp_path / "data" / "ab"[i % 2] / f"{i}.png", 16, 16, "L")
    config = written(tmp_path, propose_for_pictures(str(tmp_path / "data"), tmp_path / "proposed.yaml").text)
    assert config.dataset.picture_form.shape == (16, 16, 1)


@pytest.mark.parametrize("others", [True, False])
def test_a_column_of_pictures_that_are_there_is_one(tmp_path: Path, others: bool) -> None:
    table = write_table(tmp_path)
    overrides = () if others else ("dataset.columns.number=ignore",)
    proposed = propose_experiment(
        str(table), ["kind"], tmp_path / "proposed.yaml", tmp_path / "cache", overrides=overrides
    )
    config = written(tmp_path, proposed.text)
    record = trained(config, tmp_path)
    assert ("concatenate" in proposed.text) == others
    assert record["data"]["rows"]["test"] == 8


def test_paths_of_pictures_that_are_not_there_are_words(tmp_path: Path) -> None:
    table = write_table(tmp_path)
    table.write_text(table.read_text().replace("data/", "nowhere/"))
    proposed = propose_experiment(str(table), ["kind"], tmp_path / "proposed.yaml", tmp_path / "cache")
    assert "image" not in proposed.text


def test_a_small_class_is_left_out_and_the_positive_class_is_the_one_that_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_pictures(data, ("perros",), 12)
    write_pictures(data, ("gatos",), 9)  # the rarer one, and not the last by name
    write_pictures(data, ("otros",), 1)
    proposed = propose_for_pictures(str(data), tmp_path / "proposed.yaml")
    assert proposed.notes[-1].endswith("too few for training, validation and test: otros")
    assert "the probability of gatos" in proposed.text
    assert only_task(load_data(written(tmp_path, proposed.text), tmp_path)).positive == "gatos"

    (data / "otros").rename(tmp_path / "otros")
    proposed = propose_for_pictures(str(data), tmp_path / "proposed.yaml")
    config = written(tmp_path, proposed.text)
    assert "class_names" not in proposed.text
    assert "the probability of gatos" in proposed.text
    assert only_task(load_data(config, tmp_path)).positive == "gatos"


def test_what_cannot_be_proposed_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data" / "only").mkdir(parents=True)
    problem = problem_of(lambda: propose_for_pictures(str(tmp_path / "data"), tmp_path / "p.yaml"), exit_code=CONFIG)
    assert problem.message.startswith("expected a folder of pictures for each class")
    write_pictures(tmp_path / "few", count=3)
    problem = problem_of(lambda: propose_for_pictures(str(tmp_path / "few"), tmp_path / "p.yaml"))
    assert problem.message == "class 'cats' has 3 pictures: too few for training, validation and test"
    options = ["--target", "a", "-o", str(tmp_path / "p.yaml")]
    with pytest.raises(SystemExit):
        main(["init", "--data", str(tmp_path / "few"), *options])
    assert "of pictures, the folders are the classes" in capsys.readouterr().err
