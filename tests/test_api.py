"""From Python: a file or a dict is trained, a run is loaded and used, with the digits of the command."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fixtures import FLOWERS, data_of, environment, rna, run_of, write_data
from PIL import Image

import rnacli
from rnacli.document.read import parse_document


def test_what_it_offers_is_there_without_tensorflow() -> None:
    code = "import sys, rnacli; rnacli.load, rnacli.train; assert 'tensorflow' not in sys.modules; print(dir(rnacli))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['RnaError', 'Run', '__version__', 'load', 'train']"
    assert (Path(rnacli.__file__).parent / "py.typed").is_file()
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        rnacli.trian  # noqa: B018


def test_a_file_and_a_dict_train_what_the_command_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: None, capfd: pytest.CaptureFixture[str]
) -> None:
    write_data(tmp_path)
    (tmp_path / "flowers.yaml").write_text(FLOWERS, "utf-8")
    monkeypatch.chdir(tmp_path)
    one = rnacli.train("flowers.yaml", epochs=2, optimizer__adam__learning_rate=0.01)
    settings = parse_document(FLOWERS, "flowers.yaml").value
    other = rnacli.train(settings, epochs=np.int64(2), optimizer={"adam": {"learning_rate": 0.01}})
    assert one.path.parent == Path("runs")
    assert one.path != other.path
    pd.testing.assert_frame_equal(one.history.drop(columns="seconds"), other.history.drop(columns="seconds"))
    assert list(one.history.index) == [1, 2]
    assert one.results["train"]["loss"] == pytest.approx(one.history.loss.iloc[-1], rel=0.3)
    assert capfd.readouterr().out == ""
    assert rnacli.load("flowers").path == Path("runs") / other.path.name


def test_predictions_have_the_digits_of_the_command(tmp_path: Path) -> None:
    run = rnacli.load(run_of("flowers").path)
    file = data_of(run_of("flowers")) / "flowers.csv"
    frame = pd.read_csv(file)
    predicted = run.predict(frame.drop(columns="kind"))
    done = rna("predict", run.path, file)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(predicted) == list(rows[0])
    assert predicted["prediction"].tolist() == [row["prediction"] for row in rows]
    for name in predicted.columns[1:]:
        if name.startswith("probability"):
            assert predicted[name].tolist() == [float(row[name]) for row in rows]
    pd.testing.assert_frame_equal(run.predict(file), predicted)
    some = frame.iloc[[5, 2, 9]]
    expected = predicted.iloc[[5, 2, 9]]
    for given in (some, some.iloc[:, ::-1], some.to_dict("list"), some.to_dict("records")):
        kept = expected if isinstance(given, pd.DataFrame) else expected.reset_index(drop=True)
        pd.testing.assert_frame_equal(run.predict(given)[list(expected)], kept)
    assert run.predict(some.iloc[0].to_dict()).to_dict("records") == [expected.iloc[0].to_dict()]
    assert run.evaluate(frame)["measures"] == run.evaluate(file)["measures"]


def test_bad_rows_are_left_out_by_their_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"area": [100.0, "x\ny", 50.0], "age": 3, "rooms": 2}, index=["a", "b", "c"])
    prices = rnacli.load(run_of("prices").path)
    assert list(prices.predict(frame, on_error="skip").index) == ["a", "c"]
    assert "expected a number" in (tmp_path / "rows.rejected.csv").read_text("utf-8")
    with pytest.raises(rnacli.RnaError, match="the rows:3: column 'area'"):
        prices.predict(frame)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_picture_is_its_file(tmp_path: Path, mode: str) -> None:
    run = rnacli.load(run_of("pictures").path)
    pixels = np.random.default_rng(0).integers(0, 255, (9, 12, 3)).astype("uint8")
    file = tmp_path / "turned.jpg"
    picture = Image.fromarray(pixels).convert(mode)
    turned = picture.getexif()
    turned[0x112] = 6
    picture.save(file, exif=turned)
    known = run.predict(file).drop(columns="picture")
    pd.testing.assert_frame_equal(run.predict(Image.open(file)), known)
    pd.testing.assert_frame_equal(
        run.predict([str(file), file]).drop(columns="picture"), pd.concat([known] * 2, ignore_index=True)
    )
    pd.testing.assert_frame_equal(run.predict([Image.open(file)]), known)


def test_values_and_arrays_are_predicted() -> None:
    prices = rnacli.load(run_of("prices").path)
    frame = pd.DataFrame({"area": [100.0, 50.0], "age": [3.0, 4.0], "rooms": [3.0, 2.0]})
    assert prices.predict(frame)["prediction"].dtype == float
    pixels = rnacli.load(run_of("pixels").path)
    assert len(pixels.predict(np.zeros((3, 8, 8), "uint8"))) == 3
    with pytest.raises(rnacli.RnaError, match="area"):
        prices.predict(frame.drop(columns="area"))
    with pytest.raises(rnacli.RnaError, match="no rows"):
        prices.predict(None)
    with pytest.raises(rnacli.RnaError, match="these are texts"):
        prices.predict(["a", "b"])


def test_a_run_is_measured_and_its_network_is_keras_own() -> None:
    run = rnacli.load(run_of("iris").path)
    assert run.evaluate()["measures"]["loss"] == pytest.approx(run.results["test"]["loss"], rel=1e-5)
    assert run.model.count_params() == run.record["network"]["parameters"]
    assert run.scores
    assert "finished" in repr(run)
    assert "learnt from" in run._repr_html_()
    assert "<table>" in run._repr_html_()


def test_what_is_wrong_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(rnacli.RnaError, match="there is no layer called 'dence'"):
        rnacli.train({"dataset": {"sklearn": "load_iris"}, "layers": ["dence"], "loss": "mse"})
    with pytest.raises(rnacli.RnaError, match="a config cannot hold this"):
        rnacli.train({"dataset": {"sklearn": "load_iris"}, "layers": [object()], "loss": "mse"})
    with pytest.raises(rnacli.RnaError, match="there is no such run"):
        rnacli.load("nothing", runs=tmp_path)
