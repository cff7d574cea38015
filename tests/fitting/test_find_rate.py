"""A learning rate by a range test: what is suggested, and that a run with it is one with that number in its file."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from fixtures import CIRCLES, IRIS, problem_of

from rnacli.commands.app import main
from rnacli.errors import CONFIG
from rnacli.experiment.load import load_config
from rnacli.fitting.find_rate import suggest_rate
from rnacli.runs.find import open_run
from rnacli.training.resume import resume_run
from rnacli.training.train import train_network


def test_the_rate_is_where_the_loss_falls_fastest_before_its_lowest() -> None:
    rates = np.geomspace(1e-6, 10, 120)
    places = np.log10(rates)
    losses = 1 - 0.8 / (1 + np.exp(-4 * (places + 2))) + np.where(places > 0, places * 5, 0)
    rate = suggest_rate(rates.tolist(), losses.tolist(), 1.0)
    assert rate is not None
    assert 0.004 < rate < 0.025


@pytest.mark.parametrize("losses", [[0.7] * 120, np.linspace(0.7, 3, 120).tolist(), [0.7, 0.6]])
def test_a_loss_that_falls_nowhere_suggests_nothing(losses: list[float]) -> None:
    assert suggest_rate(np.geomspace(1e-6, 10, len(losses)).tolist(), losses, 0.7) is None


def write_config(folder: Path, text: str, rate: object) -> Path:
    path = folder / "experiment.yaml"
    path.write_text(text.replace("{learning_rate: 0.1}", f"{{learning_rate: {rate}}}"))
    return path


def test_a_run_that_finds_its_rate_is_one_that_names_it(tmp_path: Path, plain: None) -> None:
    text = CIRCLES.replace("- dense: {units: 1,", "- dropout: 0.2\n  - dense: {units: 1,")  # its masks are random
    found = train_network(load_config(write_config(tmp_path, text, "find")), tmp_path / "runs", tmp_path)
    rate = found.record["learning_rate"]["suggestion"]
    assert 0.01 < rate < 5
    assert len(found.record["learning_rate"]["rates"]) == len(found.record["learning_rate"]["losses"])
    assert found.config().optimizers[""].arguments["learning_rate"] == rate
    more = resume_run(open_run(found.path), tmp_path, epochs=5)  # from the file of the run, where it is a number
    assert more.record["learning_rate"]["suggestion"] == rate
    longer = train_network(load_config(write_config(tmp_path, text, rate), ["epochs=5"]), tmp_path / "runs", tmp_path)
    assert more.record["files"]["weights.npz"] == longer.record["files"]["weights.npz"]
    assert "learning_rate" not in longer.record


@pytest.mark.parametrize("change", [["dataset.stream=true"], ["batch_size=full"], ["precision=mixed_bfloat16"]])
def test_every_way_of_training_has_a_rate(tmp_path: Path, plain: None, change: list[str]) -> None:
    (tmp_path / "table.csv").write_text("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 7 > 2:d}\n" for i in range(80)))
    text = CIRCLES.replace(
        "sklearn: make_circles, n_samples: 100, factor: 0.3, noise: 0.07", "csv: table.csv, target: y"
    )
    config = load_config(write_config(tmp_path, text, "find"), change)
    run = train_network(config, tmp_path / "runs", tmp_path)
    assert run.record["learning_rate"]["suggestion"] > 0


def test_it_is_found_once_for_one_network(tmp_path: Path) -> None:
    path = write_config(tmp_path, IRIS + "phases:\n  - epochs: 3\n    optimizer: {sgd: {learning_rate: find}}\n", "")
    problem = problem_of(load_config, path, exit_code=CONFIG)
    assert "before the first epoch" in str(problem)
    assert "phases.0.optimizer" in str(problem)


def test_the_command_prints_the_test_and_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_config(tmp_path, CIRCLES, 0.1)
    with pytest.raises(SystemExit) as ended:
        main(["find-lr", "experiment.yaml"])
    assert ended.value.code == 0
    said = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert float(rows[0]["learning_rate"]) == 1e-6
    assert float(rows[-1]["learning_rate"]) > 1
    assert "suggestion: optimizer: {sgd: {learning_rate: " in said.err
    assert (tmp_path / "circles_find-lr.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SystemExit):
        main(["find-lr", "experiment.yaml", "--json", "-o", "x.png"])
    assert len(json.loads(capsys.readouterr().out)["rates"]) == len(rows)
