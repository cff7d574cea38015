"""Prediction: by column name, whatever else a file has, in chunks that nobody notices, and never half a file."""

import csv
import io
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fixtures import KINDS, data_of, problem_of, problems_of, rna, run_of, without_pictures

from rnacli.encoders.columns.categorical import Categorical
from rnacli.engine.tensorflow import keras
from rnacli.errors import CONFIG, RnaError
from rnacli.experiment.load import load_config
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.runs.open import load_run
from rnacli.training.train import train_network


def text_of(run: Run, source: Path | str) -> str:
    """What is written for a file, or for the text of one on standard input."""
    output = io.StringIO()
    predict_rows(run, source if isinstance(source, Path) else io.BytesIO(source.encode()), output)
    return output.getvalue()


def rows_of(run: Run, source: Path | str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(run, source))))


def flowers() -> pd.DataFrame:
    return pd.read_csv(data_of(run_of("flowers")) / "flowers.csv", dtype=str)


def shares(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([[float(value) for name, value in row.items() if name.startswith("probability_")] for row in rows])


# What is written


def test_classes_have_a_label_and_a_probability_for_each(tmp_path: Path) -> None:
    run, whole = run_of("flowers"), flowers()
    text = text_of(run, data_of(run) / "flowers.csv")
    assert text.splitlines()[0] == "plant,prediction,probability_lirio,probability_rosa,probability_tulipán"
    rows = rows_of(run, data_of(run) / "flowers.csv")
    assert [row["plant"] for row in rows] == whole["plant"].tolist()
    np.testing.assert_allclose(shares(rows).sum(axis=1), 1, atol=1e-6)
    assert [row["prediction"] for row in rows] == [KINDS[i] for i in shares(rows).argmax(axis=1)]


@pytest.mark.parametrize("name", ["circles", "flowers", "prices", "pairs", "margin", "logits", "pixels"])
def test_predictions_are_those_of_training_and_of_the_saved_model(name: str, tmp_path: Path) -> None:
    run = run_of(name)
    known = pd.read_csv(run.path / "predictions.csv")
    if name == "pixels":
        source = data_of(run) / "pixels.npz"
        with np.load(source) as arrays:
            np.save(tmp_path / "x.npy", arrays["x_test"])
        source = tmp_path / "x.npy"
    elif name == "circles":
        import sklearn.datasets

        x, _ = sklearn.datasets.make_circles(100, factor=0.3, noise=0.07, random_state=0)
        source = tmp_path / "x.csv"
        pd.DataFrame(x[known["row"]], columns=["x1", "x2"]).to_csv(source, index=False)
    else:
        file = {"pairs": "prices", "margin": "answers", "logits": "answers"}.get(name, name)
        source = tmp_path / "x.csv"
        pd.read_csv(data_of(run) / f"{file}.csv").loc[known["row"]].to_csv(source, index=False)
    found = pd.read_csv(io.StringIO(text_of(run, source)))
    assert len(found) == len(known)
    for column in known.columns.intersection(found.columns):
        if found[column].dtype.kind == "f":
            np.testing.assert_allclose(found[column], known[column], rtol=1e-5, atol=1e-6)
        else:
            assert found[column].tolist() == known[column].tolist()
    assert len(known.columns.intersection(found.columns)) >= 1 + (name not in ("prices", "pairs"))


@pytest.mark.parametrize(("name", "header"), [("prices", "prediction"), ("pairs", "prediction_price,prediction_rooms")])
def test_numbers_are_written_under_their_targets(name: str, header: str) -> None:
    run = run_of(name)
    assert text_of(run, data_of(run) / "prices.csv").splitlines()[0] == header


def test_two_classes_have_two_probabilities_also_from_one_output() -> None:
    rows = rows_of(run_of("margin"), "a,b\n3,3\n-3,-3\n")
    assert [row["prediction"] for row in rows] == ["yes", "no"]
    for row in rows:
        assert float(row["probability_no"]) + float(row["probability_yes"]) == pytest.approx(1)


def test_numbers_keep_every_digit_that_float32_has() -> None:
    run = run_of("prices")
    network = keras.models.load_model(run.path / "model.keras", compile=False)
    whole = pd.read_csv(data_of(run) / "prices.csv")[["area", "age", "rooms"]]
    wanted = network.predict(whole.to_numpy("float32"), verbose=0)[:, 0]
    written = [row["prediction"] for row in rows_of(run, data_of(run) / "prices.csv")]
    np.testing.assert_allclose(np.array(written, "float64"), wanted, rtol=1e-6)
    digits = [len(text.strip("-0.").replace(".", "")) for text in written]
    assert max(digits) in (8, 9)  # what float32 has, and no digits of float64 that mean nothing


# What is read


def test_columns_are_taken_by_name_and_others_left_alone(tmp_path: Path) -> None:
    run, whole = run_of("flowers"), flowers()
    wanted = text_of(run, data_of(run) / "flowers.csv")
    for columns in (
        ["plant", "weight", "width", "height"],
        ["kind", "height", "note", "plant", "weight", "width"],
        ["width", "plant", "height", "weight"],
    ):
        whole[columns].to_csv(tmp_path / "new.csv", index=False)
        assert text_of(run, tmp_path / "new.csv") == wanted
    whole.assign(note="", more=float("nan"), kind="").to_csv(tmp_path / "new.csv", index=False)
    assert text_of(run, tmp_path / "new.csv") == wanted


def test_ids_are_written_as_they_are() -> None:
    ids = ["007", "1e3", "ñ", "a b", "x,y", '"q"', "-1.50", ""]
    content = io.StringIO()
    csv.writer(content).writerows([["plant", "height", "width", "weight"], *([word, 1, 5, 2] for word in ids)])
    assert [row["plant"] for row in rows_of(run_of("flowers"), content.getvalue())] == ids


def test_chunks_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, file in (("flowers", "flowers.csv"), ("prices", "prices.csv")):
        run = run_of(name)
        monkeypatch.undo()
        whole = rows_of(run, data_of(run) / file)
        for chunk in (1, 7, 60):
            monkeypatch.setattr("rnacli.results.new_examples.CHUNK", chunk)
            parts = rows_of(run, data_of(run) / file)
            assert [row.get("plant") for row in parts] == [row.get("plant") for row in whole]
            assert [list(row) for row in parts] == [list(row) for row in whole]
            for mine, theirs in zip(parts, whole, strict=True):
                for column, value in theirs.items():
                    if column.startswith("probability_") or name == "prices":
                        assert float(mine[column]) == pytest.approx(float(value), rel=1e-5, abs=1e-6)
                    else:
                        assert mine[column] == value


def test_a_row_alone_is_predicted_as_among_many() -> None:
    run = run_of("flowers")
    head, *lines = (data_of(run) / "flowers.csv").read_text("utf-8").splitlines()
    many = shares(rows_of(run, "\n".join([head, *lines]) + "\n"))
    for i in (0, 17, 79):
        np.testing.assert_allclose(shares(rows_of(run, f"{head}\n{lines[i]}\n"))[0], many[i], atol=1e-6)


@pytest.mark.parametrize("form", ["x", "x_test", "the only one", "npy", "one row"])
def test_arrays_are_predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    run = run_of("pixels")
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", 5)
    with np.load(data_of(run) / "pixels.npz") as arrays:
        x = arrays["x_test"]
    path = tmp_path / ("x.npy" if form in ("npy", "one row") else "x.npz")
    if form in ("npy", "one row"):
        np.save(path, x[0] if form == "one row" else x)
    else:
        np.savez(path, **({form: x} if form == "the only one" else {"x_train": x[:2], form: x, "y_test": np.zeros(12)}))
    rows = rows_of(run, path)
    assert len(rows) == (1 if form == "one row" else 12)
    assert set(rows[0]) == {"prediction", "probability_0", "probability_1", "probability_2"}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.zeros((4, 8, 7))}, "(4, 8, 7)"), ({"x": np.zeros((0, 8, 8))}, "no rows"),
        ({"x": np.full((4, 8, 8), np.nan)}, "nan"), ({"a": np.zeros((4, 8, 8)), "b": np.zeros(3)}, "'x'"),
        ({"x": np.zeros((4, 8, 8)).astype(str)}, "numbers"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    assert said in problem_of(text_of, run_of("pixels"), tmp_path / "x.npz").message


def test_a_table_for_a_network_of_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert "(8, 8)" in problem_of(text_of, run_of("pixels"), tmp_path / "x.csv").message


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ("plant,height,width\np,1,2\n", ":1", "'weight'"),
        ("plant,Height,width,weight\np,1,2,3\n", ":1", "'height'"),
        ("plant,height,width,weight\np,1,2,3\nq,1,x,3\n", ":3", "'x'"),
        ("plant,height,width,weight\n", "", "no rows"),
        ("", "", "empty"),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_their_line(content: str, place: str, said: str) -> None:
    problem = problems_of(text_of, run_of("flowers"), content)[0]
    assert problem.place == f"<stdin>{place}"
    assert said in problem.message


def test_rows_without_ids_are_predicted_and_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    named = text_of(run_of("flowers"), "plant,height,width,weight\np,1,2,3\n").splitlines()
    bare = text_of(run_of("flowers"), "Plant,height,width,weight\np,1,2,3\n").splitlines()
    assert bare == [line.partition(",")[2] for line in named]
    said = "<stdin>: there is no column 'plant': the predictions have no ids (did you mean Plant?)"
    assert said in caplog.messages
    pd.DataFrame({"height": [1.0], "width": [2.0], "weight": [3.0]}).to_parquet(tmp_path / "new.parquet")
    assert text_of(run_of("flowers"), tmp_path / "new.parquet").splitlines() == bare


def test_a_file_that_is_not_there_is_named() -> None:
    for name in ("flower.csv", "flower.npz"):
        missing = data_of(run_of("flowers")) / name
        problem = problem_of(text_of, run_of("flowers"), missing)
        assert (problem.place, problem.message) == (str(missing), "no such file")
        assert "flowers.csv" in problem.hint


# A table with columns of every kind: training, evaluation and prediction see the same numbers

GARDEN = """\
name: garden
seed: 5
dataset:
  csv: garden.csv
  target: kind
  id: plant
  columns: {soil: {fill: most_frequent}, shade: ENCODE, bed: ignore, acid: {indicator: true}}
  split: {test: 0.3, stratify: true}
layers:
  - dense: {units: 8, activation: relu}
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: 0.05}}
epochs: 4
batch_size: 16
"""


def garden() -> pd.DataFrame:
    """200 rows as words, with gaps in every column that may have some."""
    random = np.random.default_rng(8)
    kind = random.integers(0, 3, 200)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, 200) + 100 * kind, "D")
    rows = pd.DataFrame(
        {
            "plant": [f"{i:04}" for i in range(200)],
            "acid": (random.normal(size=200) + kind).round(3).astype(str),
            "soil": np.array(["clay", "sand", "loam"])[(kind + random.integers(0, 2, 200)) % 3],
            "shade": [f"s{(7 * i + k) % 20}" for i, k in enumerate(kind)],
            "wet": random.choice(["yes", "no"], 200),
            "sown": days.strftime("%Y-%m-%d"),
            "bed": [f"bed {i}" for i in range(200)],
            "kind": np.array(KINDS)[kind],
        }
    )
    for name in ("acid", "soil", "shade", "wet", "sown"):
        rows.loc[random.choice(200, 20, replace=False), name] = ""
    return rows


@pytest.fixture(scope="module", params=["{encode: one_hot}", "{encode: embedding, dimensions: 3}", "{encode: ordinal}"])
def garden_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("garden")
    garden().to_csv(folder / "garden.csv", index=False)
    (folder / "garden.yaml").write_text(GARDEN.replace("ENCODE", request.param), "utf-8")
    with without_pictures():
        return train_network(load_config(folder / "garden.yaml"), folder / "runs", folder / "cache")


def test_train_evaluate_and_predict_give_the_same_figures(garden_run: Run, tmp_path: Path) -> None:
    whole, known = garden(), pd.read_csv(garden_run.path / "predictions.csv", dtype=str)
    assert len(known) == 60
    rows = whole.loc[known["row"].astype(int)]
    rows.to_csv(tmp_path / "test.csv", index=False)
    found = rows_of(garden_run, tmp_path / "test.csv")
    assert [row["plant"] for row in found] == rows["plant"].tolist()
    assert [row["prediction"] for row in found] == known["prediction"].tolist()
    chosen = [name for name in known if name.startswith("probability_")]
    np.testing.assert_allclose(shares(found), known[chosen].astype(float), rtol=1e-5, atol=1e-7)
    again = evaluate_run(garden_run, tmp_path)
    other = evaluate_run(garden_run, tmp_path, file=tmp_path / "test.csv")
    assert again.measures == garden_run.record["results"]["test"]
    assert other.measures == pytest.approx(again.measures, rel=1e-6)
    assert other.scores == pytest.approx(again.scores)
    np.testing.assert_allclose(shares(found), again.probabilities, rtol=1e-5, atol=1e-7)


def test_a_row_has_the_same_digits_wherever_it_stands(garden_run: Run, tmp_path: Path) -> None:
    whole = garden()
    text = text_of(garden_run, whole.to_csv(index=False))
    assert text_of(garden_run, whole[whole.columns[::-1]].to_csv(index=False)) == text
    assert text_of(garden_run, whole.drop(columns=["kind", "bed"]).to_csv(index=False, sep=";")) == text
    shutil.copytree(garden_run.path, tmp_path / "elsewhere" / garden_run.path.name)
    moved = open_run(tmp_path / "elsewhere" / garden_run.path.name)
    assert text_of(moved, whole.to_csv(index=False)) == text
    head, *lines = text.splitlines()
    shuffled = whole.sample(frac=1, random_state=1)
    found = text_of(garden_run, shuffled.to_csv(index=False)).splitlines()
    assert found == [head, *(lines[i] for i in shuffled.index)]
    for i in (0, 71, 199):
        assert text_of(garden_run, whole.loc[[i]].to_csv(index=False)).splitlines() == [head, lines[i]]


def test_gaps_and_new_categories_are_filled_as_in_training_and_counted(
    garden_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "rnacli")
    learnt = load_run(garden_run).preprocessing.columns
    assert learnt is not None
    fills = {column.name: column.fill for column in learnt}
    head = "plant,acid,soil,shade,wet,sown\n"
    (gaps,) = rows_of(garden_run, head + "p,,,s1,,\n")
    said = "\n".join(record.getMessage() for record in caplog.records)
    for name in ("acid", "soil", "wet", "sown"):
        assert f"{name}: 1 of 1 row has no value; taken as" in said
    soil = next(column for column in learnt if isinstance(column, Categorical) and column.name == "soil")
    filled = [soil.words[int(fills["soil"] or 0)], "s1", "yes" if fills["wet"] else "no"]
    date = pd.Timestamp(fills["sown"], unit="s").isoformat()
    (same,) = rows_of(garden_run, head + f"p,{fills['acid']!r},{','.join(filled)},{date}\n")
    assert abs(shares([gaps]) - shares([same])).max() > 0  # what was missing has an input of its own
    (new,) = rows_of(garden_run, head + "p,1,chalk,s999,no,2024-05-05\n")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "soil: 1 of 1 row has a category unseen in training: 'chalk'" in said
    assert "shade: 1 of 1 row has a category unseen in training: 's999'" in said
    assert np.isfinite(shares([new])).all()


def test_missing_values_that_training_refused_are_refused_in_new_rows(tmp_path: Path) -> None:
    whole = garden()
    whole[(whole != "").all(axis=1)].to_csv(tmp_path / "garden.csv", index=False)
    text = GARDEN.replace("shade: ENCODE", "shade: {fill: error}").replace(
        "soil: {fill: most_frequent}", "wet: {fill: drop}"
    )
    (tmp_path / "garden.yaml").write_text(text.replace("epochs: 4", "epochs: 0"), "utf-8")
    with without_pictures():
        run = train_network(load_config(tmp_path / "garden.yaml"), tmp_path / "runs", tmp_path / "cache")
    head = "plant,acid,soil,shade,wet,sown\np,1,clay,s1,yes,2024-01-01\n"
    for row, name in (("q,1,clay,,yes,2024-01-01", "shade"), ("q,1,clay,s1,,2024-01-01", "wet")):
        problem = problem_of(text_of, run, f"{head}{row}\n")
        assert problem.place == "<stdin>:3"
        assert problem.message == f"column '{name}': the value is missing"
    assert len(rows_of(run, head + "q,,,s1,yes,\n")) == 2


# Files


def test_a_file_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("flowers")
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", 30)
    watched: list[int] = []
    count = predict_rows(run, data_of(run) / "flowers.csv", tmp_path / "out.csv", watched.append)
    assert (count, watched) == (80, [30, 60, 80])
    assert (tmp_path / "out.csv").read_text("utf-8") == text_of(run, data_of(run) / "flowers.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_after_an_error_there_is_no_file_or_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.results.new_examples.CHUNK", 10)
    lines = (data_of(run_of("flowers")) / "flowers.csv").read_text("utf-8").splitlines()
    (tmp_path / "new.csv").write_text("\n".join([*lines, "p,1,x,rosa,2,-"]) + "\n", "utf-8")
    with pytest.raises(RnaError):
        predict_rows(run_of("flowers"), tmp_path / "new.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]
    (tmp_path / "out.csv").write_text("former")
    with pytest.raises(RnaError):
        predict_rows(run_of("flowers"), tmp_path / "new.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "former"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("output", "said"), [(".", "folder"), ("none/out.csv", "folder"), ("in.csv", "overwrite")])
def test_an_output_that_cannot_be_is_refused_before_anything_is_read(tmp_path: Path, output: str, said: str) -> None:
    (tmp_path / "in.csv").write_text("nothing that could be read")
    source = tmp_path / "in.csv"
    problem = problem_of(predict_rows, run_of("flowers"), source, tmp_path / output, exit_code=CONFIG)
    assert said in problem.message
    assert source.read_text() == "nothing that could be read"


def test_the_input_by_another_name_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("x")
    (tmp_path / "link.csv").symlink_to("in.csv")
    os.link(tmp_path / "in.csv", tmp_path / "hard.csv")
    for name in ("link.csv", "hard.csv"):
        problem_of(predict_rows, run_of("flowers"), tmp_path / "in.csv", tmp_path / name, exit_code=CONFIG)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_device_or_a_pipe_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    """``-o /dev/null`` must not end as an ordinary file of that name."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        run = run_of("margin")
        predict_rows(run, data_of(run) / "answers.csv", tmp_path / "pipe")
    except RnaError:
        pass
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_standard_input_and_output_carry_csv_and_nothing_else(tmp_path: Path) -> None:
    run = run_of("flowers")
    text = (data_of(run) / "flowers.csv").read_text("utf-8")
    done = rna("predict", run.path, "-", cwd=tmp_path, text=text)
    assert done.returncode == 0
    assert "\r" not in done.stdout
    found, wanted = (
        pd.read_csv(io.StringIO(each)) for each in (done.stdout, text_of(run, data_of(run) / "flowers.csv"))
    )
    pd.testing.assert_frame_equal(found, wanted, rtol=1e-5, atol=1e-6)
    assert "80 rows" in done.stderr
    assert list(tmp_path.iterdir()) == []
