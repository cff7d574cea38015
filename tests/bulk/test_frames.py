"""A run as a function of frames: called as Spark, Ray and Dask call it, it says what ``rna predict`` says."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from fixtures import data_of, problem_of, run_of

import rnacli
from rnacli.bulk.frames import FramePredictor
from rnacli.errors import CONFIG
from rnacli.results.predict import predict_rows
from rnacli.runs.folder import Run


def rows_of(name: str, file: str) -> tuple[Run, pd.DataFrame]:
    run = run_of(name)
    return run, pd.read_csv(data_of(run) / file)


def by_command(run: Run, frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """What the command writes for a Parquet file of the frame."""
    frame.to_parquet(folder / "rows.parquet")
    predict_rows(run, folder / "rows.parquet", folder / "out.csv")
    return pd.read_csv(folder / "out.csv")


@pytest.mark.parametrize(
    ("name", "file"), [("flowers", "flowers.csv"), ("prices", "prices.csv"), ("margin", "answers.csv")]
)
def test_a_frame_gives_what_the_command_writes(name: str, file: str, tmp_path: Path) -> None:
    run, frame = rows_of(name, file)
    wanted = by_command(run, frame, tmp_path)
    predict = rnacli.load(run.path).make_predictor()
    given = predict(frame.sample(frac=1, random_state=0)).sort_index()
    pd.testing.assert_frame_equal(given, wanted.drop(columns="plant", errors="ignore"), check_exact=True)


def test_pieces_are_the_whole_as_spark_calls_it(tmp_path: Path) -> None:
    """Spark hands an iterator of frames, some of them empty, and pickles the function."""
    run, frame = rows_of("flowers", "flowers.csv")
    predict = pickle.loads(pickle.dumps(FramePredictor(run.path, ["plant"])))  # noqa: S301

    def predict_all(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        return map(predict, frames)

    pieces = [frame[:0], frame[:31], frame[31:32], frame[32:]]
    whole = pd.concat(predict_all(iter(pieces)))
    pd.testing.assert_frame_equal(whole, by_command(run, frame, tmp_path), check_exact=True)
    schema = "`prediction` string, `probability_lirio` double, `probability_rosa` double, `probability_tulipán` double"
    assert predict.schema == schema


def test_an_empty_frame_has_the_types_of_a_full_one() -> None:
    """As Dask asks for it: ``meta=predict(frame.head(0))``."""
    run, frame = rows_of("flowers", "flowers.csv")
    for only in ("all", "label", "probabilities"):
        predict = FramePredictor(run.path, ["note", "width"], only)
        pd.testing.assert_series_equal(predict(frame[:0]).dtypes, predict(frame).dtypes)


def test_the_frame_is_left_as_it_was_and_its_types_are_taken() -> None:
    run, frame = rows_of("flowers", "flowers.csv")
    predict, before = FramePredictor(run.path), frame.copy()
    wanted = predict(frame)
    pd.testing.assert_frame_equal(frame, before)
    for other in (frame.astype({"height": "Float64"}), frame.astype({"kind": "category"}), frame.convert_dtypes()):
        pd.testing.assert_frame_equal(predict(other), wanted)
    assert predict(frame.set_axis(frame.index + 100)).index.tolist() == [*range(100, 180)]


def test_what_is_wrong_is_told_with_its_row_and_can_be_pickled() -> None:
    run, frame = rows_of("flowers", "flowers.csv")
    predict = FramePredictor(run.path)
    with pytest.raises(rnacli.RnaError) as caught:
        predict(frame.assign(width="wide"))
    assert str(caught.value) == "the frame: row 1: column 'width': expected a number, got 'wide'"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
    mixed = frame.astype({"width": object})
    mixed.loc[3, "width"] = "wide"
    assert "one type" in problem_of(predict, mixed).hint
    assert "there is no column 'height'" in str(problem_of(predict, frame.drop(columns="height")))
    assert "twice" in problem_of(predict, frame.assign(plant=1).rename(columns={"plant": "note"})).message
    assert (
        "would be in the output twice"
        in problem_of(FramePredictor(run.path, ["prediction"]), frame.assign(prediction=1)).message
    )
    assert "one by one" in problem_of(FramePredictor(run_of("pixels").path), frame, exit_code=CONFIG).message
