"""Run folders: one each, found by name, every file checked, paths that go along."""

import dataclasses
import datetime
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures import CIRCLES, IRIS, experiment, problem_of

from rnacli.data.csv import Csv
from rnacli.document.read import parse_document
from rnacli.errors import DATA
from rnacli.experiment.config import Config
from rnacli.experiment.load import dump_config
from rnacli.runs.find import find_run, newest_runs, open_run
from rnacli.runs.folder import Run, architecture_name, create_run, lock_run, status_of
from rnacli.runs.portable import portable_config


class Clock(datetime.datetime):
    """A day on which the second does not pass."""

    second_: int = 5

    @classmethod
    def now(cls, tz: Any = None) -> "Clock":
        return cls(2026, 11, 21, 18, 40, cls.second_)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "second_", 5)
    monkeypatch.setattr(datetime, "datetime", Clock)
    return Clock


def make(folder: Path, name: str = "circles", files: dict[str, str] | None = None) -> Run:
    """A run with a record."""
    made = experiment(CIRCLES, name=name)
    run = create_run(folder, made, architecture_name(made, (2,)))
    for file, content in (files or {}).items():
        run.write(file, content)
    run.save(status="finished")
    return run


# Making


def test_a_folder_is_called_after_time_name_architecture_and_seed(tmp_path: Path, clock: type[Clock]) -> None:
    assert make(tmp_path / "deep" / "runs").name == "2026-11-21_18-40-05_circles_2-4-1_s0"


def test_runs_of_one_second_have_folders_of_their_own(tmp_path: Path, clock: type[Clock]) -> None:
    names = [make(tmp_path).name for _ in range(3)]
    assert names[0] == "2026-11-21_18-40-05_circles_2-4-1_s0"
    assert len(set(names)) == 3
    assert all(name.startswith(names[0]) for name in names)


@pytest.mark.parametrize(
    ("layers", "shape", "name"),
    [
        ([{"dense": 4}, {"dense": 2}, {"dense": 1}], (2,), "2-4-2-1"),
        (["flatten", {"dense": 10}, {"dropout": 0.2}, {"dense": 3}], (28, 28), "28x28-10-3"),
        ([{"conv2d": {"filters": 8, "kernel_size": 3}}, "flatten", {"dense": 2}], (8, 8, 3), "8x8x3-8-2"),
        (["flatten"], (3,), "3"),
    ],
)
def test_an_architecture_is_the_inputs_and_the_units(layers: Any, shape: tuple[int, ...], name: str) -> None:
    assert architecture_name(experiment(CIRCLES, layers=layers), shape) == name


def test_a_long_architecture_still_makes_a_folder(tmp_path: Path) -> None:
    made = experiment(CIRCLES, layers=[{"dense": 1000}] * 200, name="x" * 64)
    assert create_run(tmp_path, made, architecture_name(made, (2,))).path.is_dir()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, **more: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    problem = problem_of(make, tmp_path / "runs", exit_code=DATA)
    assert problem.place == str(tmp_path / "runs")
    assert "permission denied" in problem.message


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    assert problem_of(make, tmp_path / "runs", exit_code=DATA).place == str(tmp_path / "runs")
    assert problem_of(make, tmp_path / "runs" / "deeper", exit_code=DATA).place == str(tmp_path / "runs" / "deeper")


# Finding


def test_a_run_is_found_by_path_by_name_and_as_the_latest(tmp_path: Path, clock: type[Clock]) -> None:
    first = make(tmp_path)
    clock.second_ = 6
    second = make(tmp_path, "iris")
    clock.second_ = 7
    third = make(tmp_path)
    assert find_run(str(first.path), Path("elsewhere")).path == first.path
    assert find_run(first.name, tmp_path).path == first.path
    assert find_run("iris", tmp_path).path == second.path
    assert find_run("circles", tmp_path).path == third.path
    assert find_run("latest", tmp_path).path == third.path
    assert find_run(second.name, tmp_path).record["status"] == "finished"


def test_an_experiment_with_underscores_is_found(tmp_path: Path) -> None:
    run = make(tmp_path, "two_layers_s1")
    assert find_run("two_layers_s1", tmp_path).path == run.path


def test_the_newest_of_one_second_is_found(tmp_path: Path, clock: type[Clock]) -> None:
    made = [make(tmp_path) for _ in range(12)]
    assert find_run("latest", tmp_path).path == made[-1].path
    assert find_run("circles", tmp_path).path == made[-1].path


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("12-00-00", "2026-11-21T12:00:00+09:00"), ("03-30-00", "2026-11-21T03:30:00-08:00")),
        (("02-59-00", "2026-10-25T02:59:00+02:00"), ("02-01-00", "2026-10-25T02:01:00+01:00")),  # in autumn
        (("09-00-00", "1970-01-01T00:00:00"), ("08-00-00", None)),  # a record without the time has it in its name
    ],
)
def test_the_latest_began_last_whatever_the_clock_on_the_wall_said(
    tmp_path: Path, earlier: tuple[str, str], later: tuple[str, str | None]
) -> None:
    for name, (time, started) in {"first": earlier, "second": later}.items():
        folder = tmp_path / f"2026-11-21_{time}_{name}_2-1_s0"
        folder.mkdir()
        record = {"status": "finished", "started": started, "files": {}}
        (folder / "run.json").write_text(json.dumps({key: value for key, value in record.items() if value is not None}))
    assert "second" in find_run("latest", tmp_path).name
    assert ["first" in run.name for run in newest_runs(tmp_path, None)] == [True, False]


def test_runs_are_listed_by_name_by_its_beginning_and_a_search_by_its_own(tmp_path: Path) -> None:
    for name, inside in (("moons_2-4-1_s0", ""), ("moons_tune_tune", "best"), ("circles_2-4-1_s0", "")):
        path = tmp_path / f"2026-11-21_18-40-05_{name}"
        (path / inside).mkdir(parents=True)
        (path / inside / "run.json").write_text('{"status": "finished", "files": {}}')
        if inside:
            (path / "search.json").write_text('{"status": "finished"}')

    def listed(pattern: str) -> list[str]:
        found = (run.path.relative_to(tmp_path).parts[0] for run in newest_runs(tmp_path, None, pattern))
        return sorted(each.partition("_18-40-05_")[2] for each in found)

    assert listed("moons") == ["moons_2-4-1_s0"]
    assert listed("moons_tune") == listed("*_tune_tune") == ["moons_tune_tune"]
    assert listed("moo") == listed("moon*") == ["moons_2-4-1_s0", "moons_tune_tune"]
    assert listed("square") == []


def test_folders_that_are_no_runs_are_passed_over(tmp_path: Path) -> None:
    run = make(tmp_path)
    (tmp_path / "zzz").mkdir()
    (tmp_path / "notes.txt").write_text("")
    assert find_run("latest", tmp_path).path == run.path


@pytest.mark.parametrize(
    ("name", "said"),
    [("circels", "no such run"), ("latest/x", "no such run"), ("2026-01-01_x", "no such run"), ("", "")],
)
def test_a_run_that_is_not_there_is_refused(tmp_path: Path, name: str, said: str) -> None:
    make(tmp_path)
    problem = problem_of(find_run, name, tmp_path, exit_code=DATA)
    assert said in problem.message
    if name == "circels":
        assert "circles" in problem.hint


def test_without_runs_the_latest_is_refused(tmp_path: Path) -> None:
    problem_of(find_run, "latest", tmp_path / "none", exit_code=DATA)
    problem_of(find_run, "latest", tmp_path, exit_code=DATA)


@pytest.mark.parametrize("record", ["", "{", "[]", "3", '{"files": []}', "null", "[" * 100_000, "\xff"])
def test_a_damaged_record_is_refused(tmp_path: Path, record: str) -> None:
    (tmp_path / "run.json").write_text(record, "latin-1")
    problem = problem_of(open_run, tmp_path, exit_code=DATA)
    assert problem.place == str(tmp_path / "run.json")
    assert "damaged" in problem.message


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    problem_of(open_run, tmp_path, exit_code=DATA)
    (tmp_path / "file").write_text("")
    problem_of(open_run, tmp_path / "file", exit_code=DATA)


# Files


def test_files_are_remembered_with_their_digests(tmp_path: Path) -> None:
    run = make(tmp_path, files={"a.txt": "words", "plots/b.txt": "more"})
    again = open_run(run.path)
    assert set(again.record["files"]) == {"a.txt", "plots/b.txt"}
    assert again.read("a.txt") == b"words"
    assert again.read("plots/b.txt") == b"more"
    assert sorted(path.name for path in run.path.iterdir()) == ["a.txt", "plots", "run.json"]


@pytest.mark.parametrize("change", ["changed", "gone", "a link", "a folder", "unknown"])
def test_a_file_that_is_not_what_training_wrote_is_refused_by_name(tmp_path: Path, change: str) -> None:
    run = make(tmp_path, files={"a.txt": "words"})
    path = run.path / "a.txt"
    path.unlink()
    if change == "changed":
        path.write_text("wordz")
    elif change == "a link":
        (tmp_path / "same.txt").write_text("words")
        path.symlink_to(tmp_path / "same.txt")
    elif change == "a folder":
        path.mkdir()
    elif change == "unknown":
        path.write_text("words")
        run.save(files={})
    problem = problem_of(lambda: open_run(run.path).read("a.txt"), exit_code=DATA)
    assert problem.place == str(path)


def test_a_record_is_replaced_and_never_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make(tmp_path)

    def fail(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        run.save(status="failed", more="x" * 10_000)
    assert [path.name for path in run.path.iterdir()] == ["run.json"]
    assert json.loads((run.path / "run.json").read_text())["status"] == "finished"


# The config in a run


@pytest.mark.parametrize(
    ("dataset", "paths"),
    [
        ({"csv": "data/a.csv", "target": "y"}, {"csv": "../../data/a.csv"}),
        ({"csv": "../a.csv", "target": "y"}, {"csv": "../../../a.csv"}),
        ({"csv": "/data/a.csv", "target": "y"}, {"csv": "/data/a.csv"}),
        ({"csv": "https://x.org/a.csv", "target": "y"}, {"csv": "https://x.org/a.csv"}),
        ({"npz": "a b.npz"}, {"npz": "../../a b.npz"}),
        ({"csv": "a.csv", "target": "y", "split": {"test": "b.csv", "validation": 0.1}},
         {"csv": "../../a.csv", "test": "../../b.csv", "validation": 0.1}),
        ({"sklearn": "make_moons"}, {"test": 0.2}),
    ],
)  # fmt: skip
def test_paths_start_from_the_run_folder(tmp_path: Path, dataset: dict[str, Any], paths: dict[str, Any]) -> None:
    made = experiment(IRIS, tmp_path / "project", dataset=dataset)
    (tmp_path / "project" / "runs" / "one").mkdir(parents=True)
    plain = parse_document(portable_config(made, tmp_path / "project" / "runs" / "one"), "c").value["dataset"]
    found = plain | plain["split"]
    assert {name: found[name] for name in paths} == paths


def test_the_config_of_a_run_is_read_from_its_folder(tmp_path: Path) -> None:
    made = experiment(IRIS, tmp_path, dataset={"csv": "a.csv", "target": "y", "features": ["x", "1"]})
    run = create_run(tmp_path / "runs", made, "1")
    run.write("config.yaml", portable_config(made, run.path))
    again = run.config()
    assert isinstance(again, Config)
    assert again.folder == run.path
    assert isinstance(again.dataset, Csv)
    assert again.dataset.csv == "../../a.csv"
    back = dataclasses.replace(again, dataset=dataclasses.replace(again.dataset, csv="a.csv"))
    assert dump_config(back) == dump_config(made)


def test_a_run_without_a_config_is_refused(tmp_path: Path) -> None:
    problem_of(make(tmp_path).config, exit_code=DATA)


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_a_run_whose_process_is_gone_is_not_called_running(tmp_path: Path) -> None:
    run = Run(tmp_path, {"status": "running"})
    with lock_run(tmp_path):
        assert status_of(run) == "running"
    assert status_of(run) == "stopped"
    assert status_of(Run(tmp_path, {"status": "failed"})) == "failed"
