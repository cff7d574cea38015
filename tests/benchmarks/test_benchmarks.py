"""The comparisons compare the same work, and ``rna`` is not the slower side; ratios only, never seconds."""

import csv
import inspect
import json
import subprocess
import sys
from pathlib import Path

import plain
import pytest
import report
import run

from rnacli.errors import RnaError
from rnacli.experiment.load import load_config

HERE = Path(__file__).parent


@pytest.mark.parametrize("job", run.TRAINING)
def test_both_sides_train_as_long(job: str) -> None:
    ours = load_config(run.TRAINING[job][0])
    assert inspect.signature(plain.TRAINING[job]).parameters["epochs"].default == ours.epochs


def test_the_bad_file_is_bad() -> None:
    with pytest.raises(RnaError) as caught:
        load_config(HERE / "configs" / "mistakes.yaml")
    assert len(caught.value.problems) == 3


def test_facts_must_agree() -> None:
    assert run.same([0.5, 0.25], [0.5001, 0.25])
    assert not run.same([0.5, 0.25], [0.5, 0.26])
    assert not run.same(30, 31)


def test_ratios_are_of_pairs() -> None:
    ours = [report.Measured({"wall": seconds}, "") for seconds in (1.0, 2.0, 4.0)]
    theirs = [report.Measured({"wall": seconds}, "") for seconds in (3.0, 4.0, 20.0)]
    assert list(report.rows_of("job", ours, theirs)) == [report.Row("job", "whole command, s", 2.0, 4.0, 3.0, 2.0, 5.0)]


@pytest.mark.slow
def test_rna_is_not_slower(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "run.py"), "--quick", "--jobs", "circles", "predict_768", "startup"]
    command += ["--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    heading, empty, names, *table = done.stdout.splitlines()
    for word in ("cores", "load", "Python", "Keras", "TensorFlow", "rna ", "QUICK"):
        assert word in heading
    assert empty == ""
    assert names == "| job | measure | rna | Keras | Keras / rna | least | greatest |"
    assert (tmp_path / "report.md").read_text("utf-8") == done.stdout
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")

    with (tmp_path / "report.csv").open(encoding="utf-8") as file:
        rows = {(row["comparison"], row["measure"]): row for row in csv.DictReader(file)}
    assert len(table) == 1 + len(rows)
    timed = {
        # Two processes need both cores: beside other work the clock is no measure.
        "circles": ("training, s", "processor time, s"),
        "predict_768, Keras at 32": ("whole command, s",),
        "predict_768, Keras at 4096": ("whole command, s",),
    }
    for comparison, measures in timed.items():
        assert float(rows[comparison, "peak memory, MiB"]["keras"]) > 0
        for measure in measures:
            row = rows[comparison, measure]
            assert float(row["least"]) <= float(row["ratio"]) <= float(row["greatest"])
            assert float(row["ratio"]) >= 1.0, row
    for comparison in ("rna --help", "rna check, a bad file"):
        assert float(rows[comparison, "processor time, s"]["rna"]) > 0
        assert rows[comparison, "processor time, s"]["keras"] == ""

    with (tmp_path / "measurements.csv").open(encoding="utf-8") as file:
        sides = [(row["comparison"], row["side"]) for row in csv.DictReader(file) if row["measure"] == "wall"]
    assert sides[:2] == [("circles", "rna"), ("circles", "keras")]


@pytest.mark.slow
def test_a_further_epoch_of_pictures_costs_a_fifth_at_most(tmp_path: Path, data_dir: Path) -> None:
    if not (data_dir / "images" / "dogs-cats").is_dir():
        pytest.skip(f"no pictures in {data_dir}")
    command = [sys.executable, str(HERE / "run.py"), "--quick", "--jobs", "pictures", "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "report.csv").open(encoding="utf-8") as file:
        [row] = [row for row in csv.DictReader(file) if row["measure"].endswith("an epoch, s")]
    assert float(row["rna"]) < float(row["keras"]) / 5


@pytest.mark.slow
def test_plain_keras_reports_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / "plain.py"), "circles", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["job"], told["epochs"], told["parameters"]) == ("circles", 1, 25)
    assert set(told["seconds"]) == {"importing", "fitting", "in_all"}
    assert set(told["metrics"]) == {"test"}
