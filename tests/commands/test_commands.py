"""The command: what goes to which stream, exit codes, hints, and that what needs no network needs no TensorFlow."""

import compileall
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from fixtures import CIRCLES, FLOWERS, PRICES, ROOT, copied, data_of, environment, run_of, write_data

from rnacli import __version__
from rnacli.commands.app import COMMANDS, main
from rnacli.errors import CONFIG
from rnacli.experiment.editor import SCHEMA_FILE, add_modeline, experiment_schema
from rnacli.experiment.load import load_config
from rnacli.experiment.reference import reference_markdown
from rnacli.experiment.templates import list_templates, templates_folder

HEAVY = {"tensorflow", "keras", "sklearn", "pandas", "matplotlib", "scipy", "numpy"}
MODULES, MODULES_OF_HELP = 420, 200
"""The most modules that a command may import, and that the list of commands may: what they do and 15 % more."""


class Done(NamedTuple):
    code: int
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """The command in this process."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Done(ended.value.code if isinstance(ended.value.code, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# What is instant


@pytest.fixture(scope="module")
def bad_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config with mistakes; our modules are compiled, as an installation has them."""
    compileall.compile_dir(ROOT / "rnacli", quiet=2)
    path = tmp_path_factory.mktemp("bad") / "bad.yaml"
    path.write_text(CIRCLES.replace("dense: {units: 4", "dence: {units: 4").replace("epochs: 3", "epohcs: 3"))
    return path


INSTANT = {
    "help": ["--help"],
    "version": ["--version"],
    "check of a bad file": ["check", "BAD"],
    "train of a bad file": ["train", "BAD"],
    "init": ["init"],
    "schema": ["schema"],
    "an unknown run": ["predict", "nobody", "x.csv"],
}


@pytest.mark.parametrize("arguments", INSTANT.values(), ids=INSTANT)
def test_what_needs_no_network_imports_nothing_slow_and_little_else(bad_file: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "rnacli", *arguments]
    command = [str(bad_file) if word == "BAD" else word for word in command]
    done = subprocess.run(
        command, cwd=bad_file.parent, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "rnacli.commands.app" in names
    assert not {name.partition(".")[0] for name in names} & HEAVY
    assert len(names) < (MODULES_OF_HELP if arguments in (["--help"], ["--version"]) else MODULES)


def test_no_commands_help_imports_what_is_slow() -> None:
    """All of them in one process: together they import little more than each."""
    code = (
        "import sys; from rnacli.commands import app\nfor name in app.COMMANDS:\n    try: app.main([name, '--help'])\n"
        f"    except SystemExit: assert not {HEAVY} & sys.modules.keys(), name\nprint(len(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Usage: rna ") == len(COMMANDS)
    assert int(done.stdout.splitlines()[-1]) < MODULES


@pytest.mark.parametrize(("words", "found"), [("rna tr", "train"), ("rna ", "predict"), ("rna train --s", "--set")])
def test_completion_imports_as_little(words: str, found: str) -> None:
    names = {
        "_RNA_COMPLETE": "complete_bash", "_TYPER_COMPLETE_ARGS": words, "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }  # fmt: skip
    code = "import sys; from rnacli.commands import app\ntry: app.main()\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(**names), capture_output=True, text=True, timeout=60, check=False
    )
    assert found in done.stdout.split()
    assert "rnacli.commands.app" in done.stderr.split()
    assert not set(done.stderr.split()) & HEAVY
    assert len(done.stderr.split()) < MODULES


# Help, hints and exit codes


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call: Call, name: str) -> None:
    done = call(name, "--help")
    assert done.code == 0
    assert done.err == ""
    assert f"rna {name}" in done.out
    assert call(name, "-h") == done
    assert name in call("--help").out


def test_the_version_is_printed(call: Call) -> None:
    assert call("--version") == Done(0, f"rna {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["train", "c.yaml", "--epochs", "3"], "--set epochs="),
        (["train", "c.yaml", "--lr", "0.1"], "in the config: optimizer: {adam: {learning_rate: 0.01}}"),
        (["train", "c.yaml", "epochs=3"], "--set epochs=3"),
        (["train", "c.yaml", "d.yaml"], "one at a time"),
        (["train", "c.yaml", "--batch-size", "3"], "--set batch_size="),
        (["check", "c.yaml", "--seed=3"], "--set seed="),
        (["train", "c.yaml", "--sett", "epochs=3"], "--set"),
        (["trian", "c.yaml"], "train"),
        (["train"], "this folder holds circles.yaml"),
        (["check"], "this folder holds circles.yaml"),
        (["train", "circles.yaml", "--resume", "latest"], "leave the file out"),
        (["train", "--", "circles.yaml", "--set", "epochs=3"], "options stand before --"),
        (["train", "circles.yaml", "--set", "epochs", "3"], "hint: --set epochs=3"),
        (["train", "circles.yaml", "--set", "epochs:3"], "hint: --set epochs=3"),
        (["train", "below.yaml"], "did you mean nested/below.yaml?"),
        (["train", "data.yaml"], "this folder holds circles.yaml"),
        (["latest"], "rna show latest"),
        (["circles.yaml"], "rna train circles.yaml"),
        (["evaluate"], "latest is the newest run"),
        (["predict", "latest"], "FILE"),
        (["predict", "new.csv"], "rna predict latest new.csv"),
        (["evaluate", "latest", "--part", "tset"], "test"),
        (["train", "circels.yaml"], "circles.yaml"),
        (["train", "circles.yaml", "--set", "epochs"], "--set epochs=10"),
        (["init", "circels"], "circles"),
        (["init", "data.csv"], "rna init --data data.csv"),
    ],
)
def test_a_wrong_command_line_exits_with_2_and_a_hint(call: Call, here: Path, arguments: list[str], hint: str) -> None:
    (here / "circles.yaml").write_text(CIRCLES)
    (here / "data.csv").touch()
    (here / "nested").mkdir()
    (here / "nested" / "below.yaml").touch()
    shutil.copytree(run_of("margin").path.parent, here / "runs")
    done = call(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert hint in done.err


def test_mistakes_of_a_file_are_all_named_on_standard_error(call: Call, bad_file: Path) -> None:
    for command in ("check", "train"):
        done = call(command, bad_file)
        assert done.code == 2
        assert done.out == ""
        assert f"{bad_file}:4:5" in done.err
        assert f"{bad_file}:9:1" in done.err
        assert done.err.count("did you mean") == 2


@pytest.mark.parametrize(
    "arguments", [["evaluate", "nobody"], ["predict", "latest", "none.csv"], ["weights", "."], ["plot", "latest"]]
)
def test_what_is_wrong_with_data_or_runs_exits_with_1(call: Call, here: Path, arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.code == 1
    assert done.out == ""
    assert done.err
    assert "Traceback" not in done.err


def test_a_name_cannot_drive_the_terminal(call: Call, here: Path) -> None:
    done = call("train", "\x1b[31mred\x1b]0;title\x07.yaml")
    assert done.code == 2
    assert "\x1b" not in done.err
    assert "\x07" not in done.err


# Templates and the language


def test_templates_are_listed_with_their_comment(call: Call) -> None:
    done = call("init")
    assert done.code == 0
    known = list_templates()
    assert [line.split()[0] for line in done.out.splitlines()] == list(known)
    assert all(comment in done.out for comment in known.values())


@pytest.mark.parametrize("name", list(list_templates()))
def test_a_template_is_written_and_is_an_experiment(call: Call, here: Path, name: str) -> None:
    done = call("init", name)
    then = "tune" if name.endswith("_tune") else "train"
    assert done == Done(0, f"{name}.yaml\n", f"next: rna check {name}.yaml, then rna {then} {name}.yaml\n")
    experiment = load_config(here / f"{name}.yaml")
    assert experiment.layers or experiment.generator
    template = (templates_folder() / f"{name}.yaml").read_text()
    assert (here / f"{name}.yaml").read_text() == add_modeline(re.sub(r"(rna \w+) configs/", r"\1 ", template))
    assert (here / SCHEMA_FILE).stat().st_size > 100_000


def test_a_template_never_overwrites(call: Call, here: Path) -> None:
    (here / "circles.yaml").write_text("mine")
    assert call("init", "circles").code == 2
    assert (here / "circles.yaml").read_text() == "mine"
    assert call("init", "circles", "-o", "other.yaml").out == "other.yaml\n"
    assert "rna train other.yaml" in (here / "other.yaml").read_text().splitlines()[0]


def test_the_schema_is_json(call: Call) -> None:
    done = call("schema")
    assert json.loads(done.out) == experiment_schema()
    assert call("schema", "--markdown").out.strip() == reference_markdown().strip()


# Streams


def test_training_prints_the_path_of_its_run_and_talks_elsewhere(call: Call, here: Path, plain: None) -> None:
    write_data(here)
    (here / "flowers.yaml").write_text(FLOWERS)
    done = call("train", "flowers.yaml", "--runs", "my runs")
    (run,) = (here / "my runs").iterdir()
    assert done.code == 0
    assert done.out == f"my runs/{run.name}\n"
    assert [line.split()[1] for line in done.err.splitlines() if line.startswith("epoch")] == [
        f"{epoch}/8" for epoch in range(1, 9)
    ]
    assert "test" in done.err.splitlines()[-2]
    for text in (done.out, done.err):
        assert "\x1b" not in text
        assert "\r" not in text
    with np.load(run / "weights.npz") as arrays, np.load(run_of("flowers").path / "weights.npz") as others:
        for name in arrays.files:
            np.testing.assert_array_equal(arrays[name], others[name])


TALKING = [
    {"model_checkpoint": {"filepath": "best.keras", "verbose": 1}},
    {"reduce_lr_on_plateau": {"monitor": "loss", "patience": 0, "min_delta": 1e9, "verbose": 1}},
    {"early_stopping": {"monitor": "loss", "min_delta": 1e9, "verbose": 1}},
]


def test_what_keras_prints_in_training_does_not_reach_standard_output(call: Call, here: Path, plain: None) -> None:
    write_data(here)
    (here / "c.yaml").write_text(PRICES)
    done = call("train", "c.yaml", "-q", "--set", f"callbacks={json.dumps(TALKING)}", "--set", "epochs=2")
    (run,) = (here / "runs").iterdir()
    assert done.out == f"runs/{run.name}\n"


def test_predictions_go_to_standard_output_or_to_a_file(call: Call, here: Path) -> None:
    run = run_of("flowers")
    shown = call("predict", run.path, data_of(run) / "flowers.csv")
    assert shown.code == 0
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert len(rows) == 80
    assert list(rows[0])[:2] == ["plant", "prediction"]
    written = call("predict", run.path, data_of(run) / "flowers.csv", "-o", "out.csv")
    assert written.out == ""
    assert (here / "out.csv").read_text("utf-8") == shown.out
    assert "80 rows" in written.err


def test_an_evaluation_is_a_table_or_json(call: Call) -> None:
    run = run_of("flowers")
    plain = json.loads(call("evaluate", run.path, "--json").out)
    assert plain["measures"] == run.record["results"]["test"]
    assert plain["scores"] == run.record["scores"]
    table = call("evaluate", run.path, "--part", "validation")
    assert table.code == 0
    for word in ("10 validation rows", "loss", "accuracy", "lirio", "tulipán", "precision"):
        assert word in table.out
    assert "\x1b" not in table.out


def test_a_check_shows_rows_layers_and_parameters(call: Call, here: Path) -> None:
    write_data(here)
    (here / "flowers.yaml").write_text(FLOWERS)
    done = call("check", "flowers.yaml")
    assert done.code == 0
    for word in ("50 train", "10 validation", "20 test", "dense_1", "lirio", "59 parameters"):
        assert word in done.out
    assert sorted(path.name for path in here.iterdir()) == [
        "answers.csv", "flowers.csv", "flowers.yaml", "pictures", "pixels.npz", "prices.csv"
    ]  # fmt: skip


def test_a_check_names_what_data_and_network_say_of_each_other(call: Call, here: Path) -> None:
    write_data(here)
    (here / "flowers.yaml").write_text(FLOWERS)
    done = call("check", "flowers.yaml", "--set", "layers.1.dense.units=4")
    assert done.code == 2
    assert "4 units" in done.err
    assert "3 classes" in done.err


def test_weights_are_shown_or_written_as_csv(call: Call) -> None:
    run = run_of("flowers")
    shown = call("weights", run.path)
    assert shown.code == 0
    assert "dense/kernel" in shown.out
    rows = list(csv.DictReader(io.StringIO(call("weights", run.path, "--csv").out)))
    assert len(rows) == run.record["network"]["parameters"]
    with np.load(run.path / "weights.npz") as arrays:
        for name in arrays.files:
            values = [float(row["value"]) for row in rows if row["weight"] == name.partition("/")[2]]
            np.testing.assert_array_equal(np.array(values, "float32"), arrays[name].ravel())


def test_pictures_are_drawn_again(call: Call, tmp_path: Path) -> None:
    run = copied(run_of("margin"), tmp_path)
    before = {path.name: path.read_bytes() for path in (run.path / "plots").iterdir()}
    shutil.rmtree(run.path / "plots")
    done = call("plot", run.path)
    assert done.code == 0
    again = {path.name: path.read_bytes() for path in (run.path / "plots").iterdir()}
    assert sorted(done.out.split()) == sorted(str(run.path / "plots" / name) for name in again)
    assert {name: again[name] for name in before} == before
    assert set(again) - set(before) == {
        "precision_recall.png",
        "calibration.png",
    }  # too few rows for them, but asked for


def test_a_run_is_named_by_latest_in_the_folder_of_runs(call: Call, here: Path) -> None:
    run = run_of("flowers")
    done = call("weights", "latest", "--csv", "--runs", run.path.parent)
    assert done.out == call("weights", "flowers", "--csv", "--runs", run.path.parent).out
    assert done.out == call("weights", run.path, "--csv").out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize("no_color", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_gets_none(no_color: dict[str, str]) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rnacli", "weights", str(run_of("flowers").path)]
    env = environment(**({"TERM": "xterm-256color"} | no_color))
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env, cwd=ROOT) as process:
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:
            pass  # Linux says so when the other side is closed
    os.close(ours)
    assert process.returncode == 0
    assert b"dense/kernel" in shown
    assert not [code for code in shown.split(b"\x1b[")[1:] if code[:1] in b"34"]


def test_a_reader_that_has_enough_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rnacli", "schema"], env=environment(), cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_runs_lists_the_newest_with_what_they_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for i in range(30):
        folder = tmp_path / f"2026-01-01_00-00-{i:02d}_net_2-1_s0"
        folder.mkdir()
        record = {"status": "finished", "epochs": 3, "held_out": "test", "results": {"test": {"loss": i / 4}}}
        (folder / "run.json").write_text("{" if i == 28 else json.dumps(record), "utf-8")
    with pytest.raises(SystemExit, match="0"):
        main(["runs", "--runs", str(tmp_path)])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "_net_" in line]
    assert [line[0] for line in lines] == [f"2026-01-01_00-00-{i:02d}_net_2-1_s0" for i in range(10, 30)]
    assert lines[-1][1:] == ["finished", "3", "test", "7.2500"]
    assert lines[-2][1] == "damaged"
    with pytest.raises(SystemExit, match="0"):
        main(["runs", "--runs", str(tmp_path), "--all"])
    assert sum("_net_" in line for line in capsys.readouterr().out.splitlines()) == 30


def test_no_runs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["runs", "--runs", str(tmp_path)])
    assert "no runs" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "train"])
def test_a_package_that_is_not_there_is_named_before_tensorflow_starts(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text(CIRCLES + "callbacks: [tensorboard]\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *more: None)
    monkeypatch.setattr(f"rnacli.commands.{command}.import_engine", lambda: pytest.fail("TensorFlow starts"))
    with pytest.raises(SystemExit) as end:
        main([command, str(tmp_path / "c.yaml"), "--runs", str(tmp_path)][: 4 if command == "train" else 2])
    assert end.value.code == CONFIG
    assert "pip install tensorboard" in capsys.readouterr().err


def test_check_lists_the_layers_within_a_base(call: Call, here: Path) -> None:
    np.savez(here / "grey.npz", x=np.zeros((9, 32, 32, 3), "uint8"), y=np.arange(9) % 3)
    base = "{mobilenet: {weights: null, alpha: 0.25, pooling: avg, trainable: false}}"
    text = f"dataset: {{npz: grey.npz}}\nlayers: [{base}, {{dense: {{units: 3, activation: softmax}}}}]\n"
    (here / "base.yaml").write_text(f"{text}loss: sparse_categorical_crossentropy\n")
    assert "conv_dw_1" not in call("check", "base.yaml").out
    done = call("check", "base.yaml", "--layers")
    assert done.code == 0
    assert "in mobilenet" in done.out
    assert "conv_pw_13_relu" in done.out
    (here / "circles.yaml").write_text(CIRCLES)
    assert "no layer has layers within it" in call("check", "circles.yaml", "--layers").err
