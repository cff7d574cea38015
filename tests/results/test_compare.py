"""Runs side by side: the settings that differ, and whether a difference on the same rows is more than chance."""

import itertools
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import problem_of

from rnacli.commands.app import main
from rnacli.commands.show import next_steps
from rnacli.document.write import dump_yaml
from rnacli.results.chance import bootstrap_mean, correct_holm
from rnacli.results.compare import compare_runs
from rnacli.runs.find import find_runs
from rnacli.runs.folder import Run
from rnacli.runs.settings import differing_settings

CONFIG: dict[str, Any] = {
    "name": "pets",
    "layers": [{"dense": {"units": 4}}, {"dropout": {"rate": 0.2}}, {"dense": {"units": 1}}],
    "loss": "mse",
    "optimizer": {"adam": {"learning_rate": 0.001, "beta_1": 0.9}},
    "metrics": ["mae"],
    "epochs": 3,
}


def write_run(folder: Path, name: str, predictions: list[tuple[Any, ...]] = [], **changes: Any) -> Run:  # noqa: B006
    """A finished run of no training: its config, history and predictions."""
    path = folder / name
    path.mkdir(parents=True)
    run = Run(path, {"status": "finished", "started": f"2026-01-01T00:00:{len(list(folder.iterdir())):02}+00:00"})
    run.write("config.yaml", dump_yaml({**CONFIG, **changes}))
    run.write("history.csv", "epoch,loss,val_loss,seconds\n1,3.0,4.0,0.1\n2,2.0,3.5,0.1\n3,1.0,3.25,0.1\n")
    if predictions:
        run.write("predictions.csv", "".join(",".join(map(str, line)) + "\n" for line in predictions))
    figures = {"train": {"loss": 1.0, "mae": 0.5}, "test": {"loss": 3.25, "mae": changes.get("epochs", 3) / 10}}
    about = {"classes": ["a", "b"]} if predictions and len(predictions[0]) > 3 else {}
    run.save(data=about, epochs=changes.get("epochs", 3), results=figures, held_out="test", scores={"r2": 0.5})
    return run


def numbers(answers: list[float]) -> list[tuple[Any, ...]]:
    return [("row", "truth", "prediction"), *((i, 0.0, answer) for i, answer in enumerate(answers))]


def classes(answers: str) -> list[tuple[Any, ...]]:
    """Rows of the truth ``a``."""
    rows = [(i, "a", answer, 0.5, 0.5) for i, answer in enumerate(answers)]
    return [("row", "truth", "prediction", "probability_a", "probability_b"), *rows]


def test_settings_that_differ_have_the_names_that_set_takes(tmp_path: Path) -> None:
    wider = [{"dense": {"units": 8}}, *CONFIG["layers"][1:]]
    runs = [write_run(tmp_path, "one"), write_run(tmp_path, "two", layers=wider, epochs=5)]
    assert differing_settings(runs) == {"layers.0.dense.units": ["4", "8"], "epochs": ["3", "5"]}


def test_other_objects_and_other_lists_are_told_in_short(tmp_path: Path) -> None:
    sgd = {"sgd": {"learning_rate": 0.1, "momentum": 0.0}}
    deeper = [*CONFIG["layers"], "flatten"]
    runs = [write_run(tmp_path, "one"), write_run(tmp_path, "two", optimizer=sgd, layers=deeper, metrics=[])]
    assert differing_settings(runs) == {
        "layers": ["dense 4, dropout 0.2, dense 1", "dense 4, dropout 0.2, dense 1, flatten"],
        "optimizer": ["adam", "sgd"],
        "optimizer.*.learning_rate": ["0.001", "0.1"],
        "metrics": ["mae", "-"],
    }


def test_a_config_that_cannot_be_read_has_no_settings(tmp_path: Path) -> None:
    one, two = write_run(tmp_path, "one"), write_run(tmp_path, "two")
    (two.path / "config.yaml").write_text("a: [", "utf-8")
    assert differing_settings([one, two])["epochs"] == ["3", "-"]


@pytest.mark.parametrize(
    ("first", "second", "alone", "p"),
    [
        ("aaaa" + "b" * 6, "b" * 4 + "aaaaaa", (4, 6), 0.7539),  # R: mcnemar.exact, and by hand: 2 * P(X <= 4), n = 10
        ("a" * 10, "b" * 10, (10, 0), 2 / 2**10),
        ("ab" * 5, "ab" * 5, (0, 0), 1.0),
    ],
)
def test_classes_are_compared_by_mcnemar(
    tmp_path: Path, first: str, second: str, alone: tuple[int, int], p: float
) -> None:
    runs = [write_run(tmp_path, "one", classes(first)), write_run(tmp_path, "two", classes(second))]
    [difference] = compare_runs(runs).differences
    assert (difference.one_better, difference.other_better) == alone
    assert difference.p == pytest.approx(p, abs=1e-4)
    assert difference.is_chance == (p >= 0.05)


def test_values_are_compared_by_their_absolute_errors(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    near, far = random.normal(0, 1, 200), random.normal(0, 2, 200)
    runs = [
        write_run(tmp_path, "one", numbers(near.tolist())),
        write_run(tmp_path, "two", numbers(far.tolist())),
        write_run(tmp_path, "three", numbers((-near).tolist())),
    ]
    worse, alike = compare_runs(runs).differences
    mean = float(np.abs(far).mean() - np.abs(near).mean())
    assert worse.low is not None
    assert worse.high is not None
    assert worse.low < mean < worse.high
    spread = 1.96 * (np.abs(far) - np.abs(near)).std() / math.sqrt(200)
    assert worse.high - worse.low == pytest.approx(2 * spread, rel=0.1)  # the normal approximation
    assert not worse.is_chance
    assert worse.one_better > worse.other_better
    assert alike.is_chance
    assert (alike.one_better, alike.other_better) == (0, 0)


def test_the_interval_of_many_rows_needs_little_memory() -> None:
    values = np.random.default_rng(0).normal(1, 1, 3_000_000 // 1000)
    p, low, high = bootstrap_mean(values)
    assert low < values.mean() < high
    assert p < 0.001


def test_the_share_of_resamples_is_a_p_value() -> None:
    """That of Student's t, which so many rows allow."""
    from scipy.stats import ttest_1samp

    generator = np.random.default_rng(1)
    for effect in (0.0, 0.08, 0.15):
        values = generator.exponential(1, 400) - 1 + effect
        assert bootstrap_mean(values)[0] == pytest.approx(ttest_1samp(values, 0).pvalue, abs=0.03)


def test_many_p_values_are_corrected_as_a_closed_test_does() -> None:
    """Holm's method: the largest of Bonferroni's corrections over all sets of tests that one is in."""
    values = [0.004, 0.03, 0.011, 0.7, 0.012, 0.02]
    sets = [chosen for size in range(1, 7) for chosen in itertools.combinations(range(6), size)]
    closed = [
        max(min(1, len(each) * min(values[k] for k in each)) for each in sets if i in each) for i in range(len(values))
    ]
    assert correct_holm(values) == pytest.approx(closed)
    assert correct_holm([0.03]) == [0.03]


def test_one_of_many_runs_needs_more_to_be_more_than_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Six rows of six alone are right: p is 0.03, and 0.16 where it is one of five such tests."""
    write_run(tmp_path, "zero", classes("a" * 6 + "a" * 14))
    names = [f"run{i}" for i in range(5)]
    for name in names:
        write_run(tmp_path, name, classes("b" * 6 + "a" * 14))
    pair = compare_runs(find_runs(["zero", "run1"], tmp_path)).differences
    assert [each.is_chance for each in pair] == [False]
    assert [each.corrected for each in pair] == pytest.approx([2 / 2**6])
    many = compare_runs(find_runs(["zero", *names], tmp_path)).differences
    assert all(each.is_chance for each in many)
    assert [each.p for each in many] == pytest.approx([2 / 2**6] * 5)
    assert [each.corrected for each in many] == pytest.approx([10 / 2**6] * 5)
    assert call("compare", "zero", *names, "--runs", tmp_path) == 0
    out = capsys.readouterr().out
    assert "p by McNemar's test, corrected for 5 tests by Holm's method." in out
    assert re.search(r"6 +20 +6 +0 +0.16 +may be chance", out)


def test_no_two_runs_are_called_alike(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / folder, name) for folder in "ab" for name in ("fold_1", "best", "one")]
    for folder in "ab":
        (tmp_path / folder / "config.yaml").write_text("")
    apart = ["a/fold_1", "a/best", str(tmp_path / "a" / "one"), "b/fold_1", "b/best", str(tmp_path / "b" / "one")]
    assert compare_runs(runs).runs == apart


def test_other_test_rows_are_not_compared(tmp_path: Path) -> None:
    other = [("row", "truth", "prediction"), (0, 1.0, 1.0)]
    runs = [write_run(tmp_path, "one", numbers([1.0])), write_run(tmp_path, "two", other), write_run(tmp_path, "none")]
    assert compare_runs(runs).differences == []


def test_runs_are_found_by_patterns_each_once(tmp_path: Path) -> None:
    names = ["2026-01-01_00-00-01_iris_4-3_s0", "2026-01-01_00-00-02_iris-deep_4-3_s0", "2026-01-01_00-00-03_pima_8_s0"]
    for name in names:
        write_run(tmp_path, name)
    assert [run.name for run in find_runs(["iris*"], tmp_path)] == names[:2]
    assert [run.name for run in find_runs(["latest", "*_s0"], tmp_path)] == [names[2], *names[:2]]
    assert problem_of(lambda: find_runs(["irys*"], tmp_path)).hint == "did you mean iris?"


# The commands


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_the_comparison_is_printed_drawn_and_given_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(tmp_path, "one", classes("a" * 10))
    write_run(tmp_path, "two", classes("b" * 10), epochs=5)
    picture = tmp_path / "curves.png"
    assert call("compare", "one", "two", "--runs", tmp_path, "-o", picture) == 0
    out = capsys.readouterr().out
    assert "of 10 rows, 10 are right only in 1 and 0 only in 2: more than chance (McNemar's test, p = 0.002)" in out
    assert [line.split() for line in out.splitlines() if "epochs" in line] == [["epochs", "3", "5"]]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert call("compare", "one", "two", "--runs", tmp_path, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["settings"] == {"epochs": ["3", "5"]}
    assert plain["results"]["test mae"] == [0.3, 0.5]
    assert plain["results"]["test r2"] == [0.5, 0.5]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["one"], "expected two runs or more, got 1"),
        (["one", "one"], "expected two runs or more, got 1"),
        (["one", "two", "--metric", "loss"], "--metric says what is drawn"),
        (["one", "two", "--metric", "los", "-o", "x.png"], "no run has a column 'los'"),
        (["one", "tow"], "there is no such run"),
    ],
)
def test_what_cannot_be_compared_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    for name in ("one", "two"):
        write_run(tmp_path, name)
    assert call("compare", *arguments, "--runs", tmp_path) in (1, 2)
    assert words in capsys.readouterr().err


def test_show_says_what_a_run_is_and_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path, "one")
    assert call("show", "one", "--runs", tmp_path) == 0
    out = capsys.readouterr().out
    assert "█" in out
    assert "val_loss 4 to 3.25" in out
    assert [line.split() for line in out.splitlines() if line.split()[:1] == ["r2"]] == [["r2", "-", "0.5000"]]
    assert f"rna train --resume {run.path}" in out  # its weights are not there
    run.record["files"]["weights.npz"] = ""
    in_default = Run(Path("runs/one"), run.record)
    assert next_steps(in_default) == ["rna plot one", "rna evaluate one", "rna generate one", "rna compare one OTHER"]
    elsewhere = Run(Path("my runs/one"), run.record)  # the name alone is not found
    assert next_steps(elsewhere)[1] == "rna evaluate 'my runs/one'"
    run.record["files"]["predictions.csv"] = ""
    assert next_steps(run)[2] == f"rna predict {run.path} FILE"
    run.record["network"] = {"parameters": "many"}
    run.save()
    assert call("show", "one", "--runs", tmp_path) == 1
    assert "parameters is not what it should be" in capsys.readouterr().err


def test_runs_are_filtered_sorted_and_given_to_scripts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i, (name, epochs) in enumerate([("iris", 5), ("iris", 3), ("pima", 4)]):
        write_run(tmp_path, f"2026-01-01_00-00-0{i}_{name}_4-3_s0", epochs=epochs)
    assert call("runs", "iris", "--runs", tmp_path, "--sort", "mae", "--json") == 0
    assert [row["mae"] for row in json.loads(capsys.readouterr().out)] == [0.3, 0.5]
    assert call("runs", "--runs", tmp_path, "--csv") == 0
    assert capsys.readouterr().out.splitlines()[0] == "run,status,epochs,on,loss,mae"
    assert call("runs", "--runs", tmp_path, "--sort", "mea") == 2
    assert "did you mean mae?" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [40, 60, 80, 160])
def test_a_terminal_of_any_width_has_whole_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    for i, rate in enumerate([0.001, 0.25]):
        name = f"2026-01-01_00-00-0{i}_a-name_4-3_s0"
        write_run(tmp_path, name, optimizer={"adam": {"learning_rate": rate}})
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert call("runs", "--runs", tmp_path) == 0
    captured = capsys.readouterr()
    out = re.sub("\x1b\\[[0-9;]*m", "", captured.out)
    lines = out.splitlines()
    assert max(map(len, lines)) <= max(columns, 36)
    words = out.split()
    assert "3.2500" in words
    assert ("0.25" in words) or "optimizer.adam.learning_rate" in captured.err
