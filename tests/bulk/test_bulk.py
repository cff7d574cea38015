"""Many files: each is predicted as it would be alone, once, whatever happens to the others and to the processes."""

import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from fixtures import data_of, environment, problem_of, rna, run_of

from rnacli.bulk.ended import read_note
from rnacli.bulk.files import Job, list_files, list_jobs, output_name, take_shard
from rnacli.bulk.one_file import Outcome
from rnacli.bulk.predict_many import plan_batch, predict_batch
from rnacli.commands.app import main
from rnacli.errors import CONFIG, DATA
from rnacli.results.predict import predict_rows
from rnacli.results.prediction_options import DEFAULT_OPTIONS, PredictionOptions
from rnacli.runs.folder import Run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder of three tables of flowers, of different sizes."""
    whole = pd.read_csv(data_of(run_of("flowers")) / "flowers.csv", dtype=str)
    folder = tmp_path / "in"
    folder.mkdir()
    for i, rows in ((1, whole[:30]), (2, whole[30:37]), (10, whole[37:])):
        rows.to_csv(folder / f"part-{i}.csv", index=False)
    return folder


def predict(
    run: Run, source: object, output: Path, options: PredictionOptions = DEFAULT_OPTIONS, **more: object
) -> list[Outcome]:
    batch = plan_batch(run, [str(source)], output, options, str(more.pop("shard", "")))
    return list(predict_batch(run, batch, options, **more))  # type: ignore[arg-type]


def alone(run: Run, source: Path) -> str:
    output = io.StringIO()
    predict_rows(run, source, output)
    return output.getvalue()


# Which files


def test_patterns_folders_and_names_mean_files(parts: Path) -> None:
    (parts / "_SUCCESS").write_text("")
    (parts / ".part-3.csv").write_text("")
    names = ["part-1.csv", "part-2.csv", "part-10.csv"]
    for given in ([str(parts)], [str(parts / "part-*.csv")], [str(parts / name) for name in reversed(names)]):
        assert [path.name for path, _ in list_files(given)] == names
    assert "part-1.csv" in problem_of(list_files, [str(parts / "part-l.csv")]).hint
    assert problem_of(list_files, [str(parts / "x-*.csv")]).message == "no file has a name like this"
    (parts / "none").mkdir()
    assert problem_of(list_files, [str(parts / "none")]).message == "no file in this folder is a table"


def test_a_pattern_keeps_its_folders_and_two_files_never_have_one_output(tmp_path: Path) -> None:
    for day in ("day=1", "day=2"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "part.parquet").write_bytes(b"")
    jobs = list_jobs([str(tmp_path / "*" / "part.parquet")], tmp_path / "out", skips=False)
    assert [job.output.relative_to(tmp_path / "out").as_posix() for job in jobs] == ["day=1/part.csv", "day=2/part.csv"]
    both = [str(tmp_path / day / "part.parquet") for day in ("day=1", "day=2")]
    assert "would have one name" in problem_of(list_jobs, both, tmp_path / "out", False, exit_code=CONFIG).message
    assert "the folder of the input" in problem_of(list_jobs, both[:1], tmp_path / "day=1", False).message
    names = {"a.csv.gz": "a.csv", "b.snappy.parquet": "b.snappy.csv", "d/x.npy": "d/x.csv"}
    assert {name: output_name(Path(name)).as_posix() for name in names} == names


def test_shards_are_disjoint_and_all_together(parts: Path) -> None:
    jobs = [Job(Path(f"{i}"), Path(f"{i}.csv")) for i in range(7)]
    shards = [take_shard(jobs, f"{i}/3") for i in (1, 2, 3)]
    assert sorted(job for shard in shards for job in shard) == sorted(jobs)
    assert [len(shard) for shard in shards] == [3, 2, 2]
    for wrong in ("0/3", "4/3", "2", "a/b", "1/0"):
        assert problem_of(take_shard, jobs, wrong, exit_code=CONFIG).place == "--shard"


# What comes of them


@pytest.mark.parametrize("workers", [1, 2])
def test_each_file_is_predicted_as_alone_and_once(parts: Path, tmp_path: Path, workers: int) -> None:
    run, out = run_of("flowers"), tmp_path / "out"
    outcomes = predict(run, parts / "part-*.csv", out, workers=workers)
    assert sum(outcome.rows for outcome in outcomes) == 80
    for source in parts.iterdir():
        assert (out / source.name).read_text("utf-8") == alone(run, source)
    before = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.is_file()}
    assert sorted(path.name for path in before) == sorted(path.name for path in parts.iterdir())
    assert predict(run, parts, out, workers=workers) == []
    rows = (parts / "part-2.csv").read_text("utf-8").splitlines(keepends=True)
    (parts / "part-2.csv").write_text("".join(rows[:3]), "utf-8")
    (out / "part-10.csv").unlink()
    assert {outcome.job.source.name for outcome in predict(run, parts, out)} == {"part-2.csv", "part-10.csv"}
    assert (out / "part-2.csv").read_text("utf-8") == alone(run, parts / "part-2.csv")
    changed = {path.name for path, former in before.items() if path.stat().st_mtime_ns != former}
    assert changed == {"part-2.csv", "part-10.csv"}


def test_one_folder_has_the_predictions_of_one_run_and_one_form(parts: Path, tmp_path: Path) -> None:
    run, out = run_of("flowers"), tmp_path / "out"
    predict(run, parts, out, shard="1/3")
    assert [path.name for path in out.glob("*.csv")] == ["part-1.csv"]
    labels = PredictionOptions(only="label")
    assert "another run" in problem_of(plan_batch, run, [str(parts)], out, labels, exit_code=CONFIG).message
    record = json.loads(json.dumps(run.record))
    record["files"]["weights.npz"] = "0" * 64
    assert "another run" in problem_of(predict, Run(run.path, record), parts, out).message
    assert len(plan_batch(run, [str(parts)], out, PredictionOptions("skip")).jobs) == 2


def test_a_bad_file_is_told_and_the_others_go_on(parts: Path, tmp_path: Path) -> None:
    run, out = run_of("flowers"), tmp_path / "out"
    rows = (parts / "part-2.csv").read_text("utf-8").splitlines(keepends=True)
    (parts / "part-2.csv").write_text("".join([*rows, "p9,tall,1,rosa,2,\n"]), "utf-8")
    (parts / "part-3.csv").write_bytes(b"\x00\x01\x02")
    for workers in (1, 2):
        shutil.rmtree(out, ignore_errors=True)
        outcomes = {each.job.source.name: each for each in predict(run, parts, out, workers=workers)}
        assert [bool(outcomes[name].problems) for name in sorted(outcomes)] == [False, False, True, True]
        (problem,) = outcomes["part-2.csv"].problems
        assert problem.place == f"{parts / 'part-2.csv'}:9"
        assert "'tall'" in problem.message
        assert sorted(path.name for path in out.glob("*")) == [".rna", "part-1.csv", "part-10.csv"]
    skip = PredictionOptions("skip")
    outcomes = {each.job.source.name: each for each in predict(run, parts, out, skip)}
    assert sorted(outcomes) == ["part-2.csv", "part-3.csv"]
    assert outcomes["part-2.csv"].rows == 7
    assert (out / "part-2.rejected.csv").is_file()
    assert {job.source.name for job in plan_batch(run, [str(parts)], out).jobs} == {"part-2.csv", "part-3.csv"}
    (parts / "part-2.csv").write_text("".join(rows), "utf-8")
    predict(run, parts, out)
    assert not (out / "part-2.rejected.csv").exists()


def test_what_a_killed_process_has_left_is_removed(parts: Path, tmp_path: Path) -> None:
    run, out = run_of("flowers"), tmp_path / "out"
    out.mkdir()
    (out / ".123-45.part.part-1.csv").write_text("half")
    (out / ".123-45.part.part-2.csv").write_text("half")
    predict(run, parts, out, shard="1/3")
    assert not (out / ".123-45.part.part-1.csv").exists()
    assert (out / ".123-45.part.part-2.csv").exists()  # of another shard, that may be at work
    (out / ".rna" / "part-1.csv.json").write_text("{damaged")
    assert read_note(Job(parts / "part-1.csv", out / "part-1.csv")) == {}
    assert len(predict(run, parts, out, shard="1/3")) == 1


def test_a_process_that_is_killed_takes_one_file_with_it(parts: Path, tmp_path: Path) -> None:
    """The file that it had is told, another process takes its place, and the same call again is whole."""
    run, out = run_of("flowers"), tmp_path / "out"
    batch = plan_batch(run, [str(parts)], out)
    outcomes = predict_batch(run, batch, workers=2)
    first = next(outcomes)
    victim = multiprocessing.active_children()[0]
    os.kill(victim.pid or 0, signal.SIGKILL)
    rest = list(outcomes)
    failed = [each for each in (first, *rest) if each.problems]
    assert len(rest) == 2
    assert len(failed) <= 1  # none where it had ended just before
    for each in failed:
        assert "ended by signal 9" in each.problems[0].message
    assert not multiprocessing.active_children()
    predict(run, parts, out, workers=2)
    for source in parts.iterdir():
        assert (out / source.name).read_text("utf-8") == alone(run, source)
    assert not list(out.glob(".*.part.*"))


# The command


def test_the_command_predicts_into_a_folder(parts: Path, tmp_path: Path) -> None:
    run = run_of("flowers")
    done = rna("predict", run.path, "in/part-*.csv", "-o", "out/", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "80 rows of 3 files predicted" in done.stderr
    (parts / "part-3.csv").write_text("plant,height\np1,2\n")
    done = rna("predict", run.path, "in", "-o", "out", "--workers", "2", cwd=tmp_path)
    assert done.returncode == DATA
    assert "part-3.csv" in done.stderr
    assert "3 had been predicted before" in done.stderr
    assert "1 file failed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["in/part-*.csv", "-o", "all.csv"], "expected one file, got 3"),
        (["in/part-1.csv", "--shard", "1/2"], "for many files"),
        (["in/part-1.csv", "--workers", "2"], "for many files"),
        (["in/part-1.csv", "-o", "out/", "--engine", "spark://x"], "dask://"),
        (["-", "-o", "out/"], "no such file"),
    ],
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], word: str, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["predict", str(run_of("flowers").path), *arguments])
    assert ended.value.code in (CONFIG, DATA)
    assert word in capsys.readouterr().err
    assert not list(tmp_path.glob("*.csv"))


def test_a_pattern_may_mean_one_file(parts: Path, capsys: Capture) -> None:
    run = run_of("flowers")
    with pytest.raises(SystemExit):
        main(["predict", str(run.path), str(parts / "part-2*.csv")])
    assert capsys.readouterr().out == alone(run, parts / "part-2.csv")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it has other signals")
def test_an_interrupted_command_leaves_whole_files_and_goes_on(parts: Path, tmp_path: Path) -> None:
    run, whole = run_of("flowers"), pd.read_csv(parts / "part-1.csv", dtype=str)
    large = pd.concat([whole] * 2000)
    for i in range(20, 26):
        large.to_csv(parts / f"part-{i}.csv", index=False)
    command = [sys.executable, "-m", "rnacli", "predict", str(run.path), "in", "-o", "out/", "--workers", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "out" / "part-10.csv").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of them
        assert process.stderr is not None
        said = process.stderr.read()
        code = process.wait(60)
    assert code == 128 + signal.SIGINT
    assert "the same command continues" in said
    assert "Traceback" not in said
    assert not list((tmp_path / "out").glob(".*.part.*"))
    assert rna("predict", run.path, "in", "-o", "out/", cwd=tmp_path).returncode == 0
    for source in parts.iterdir():
        assert (tmp_path / "out" / source.name).read_text("utf-8") == alone(run, source)
