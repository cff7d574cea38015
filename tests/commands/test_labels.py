"""Notes, tags, the trash, help, beginnings of names, and that a thousand runs are listed in half a second of CPU."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from fixtures import environment

from rnacli.commands.app import COMMANDS, main
from rnacli.errors import RnaError
from rnacli.runs.find import find_run, run_names
from rnacli.runs.folder import Run, lock_run
from rnacli.runs.labels import Labels, read_labels, write_labels
from rnacli.runs.settings import differing_settings


class Done(NamedTuple):
    code: object
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command in a folder with three runs."""
    monkeypatch.chdir(tmp_path)
    for i, name in enumerate(("circles", "circles", "iris")):
        make_run(tmp_path / "runs", i, name)

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return Done(ended.value.code, *capsys.readouterr())

    return run


def make_run(folder: Path, number: int, name: str = "circles") -> Path:
    """A run folder of which no more is there than a list of runs reads."""
    minute, hour = number % 60, number // 60
    path = folder / f"2026-11-{1 + hour // 24:02d}_{hour % 24:02d}-{minute:02d}-00_{name}_2-4-1_s{number}"
    path.mkdir(parents=True)
    started = f"2026-11-{1 + hour // 24:02d}T{hour % 24:02d}:{minute:02d}:00+00:00"
    settings = {
        "name": name, "seed": number, "dataset": {"sklearn": "make_circles", "split": {"test": 0.2}},
        "layers": [{"dense": {"units": 4 + number % 3, "activation": "tanh"}}, {"dense": {"units": 1}}],
        "optimizer": {"sgd": {"learning_rate": 0.1, "momentum": 0.0}}, "loss": {"binary_crossentropy": {}},
    }  # fmt: skip
    Run(path, {"status": "finished", "started": started}).save(
        epochs=3,
        held_out="test",
        settings=settings,
        results={part: {"loss": 0.5 + number / 1e4, "accuracy": 0.75} for part in ("train", "test")},
        scores={"accuracy": 0.75, "f1_score": 0.7},
        machine={"device": "CPU", "versions": {f"package {i}": "1.2.3" for i in range(8)}},
        files={f"plots/{i}.png": "0" * 64 for i in range(12)},
        data={"files": {"make_circles": "0" * 64}, "rows": {"train": 80, "test": 20}, "classes": ["0", "1"]},
    )
    (path / "plots").mkdir()
    return path


def test_a_note_and_tags_are_shown_and_found(call: Call) -> None:
    assert call("note", "iris", "the best so far").code == 0
    assert call("note", "iris").out == "the best so far\n"
    assert call("tag", "iris", "best", "clase-3").err.endswith("best, clase-3\n")
    assert call("tag", "iris").out == "best clase-3\n"
    rows = json.loads(call("runs", "--tag", "best", "--json").out)
    assert [(row["note"], row["tags"]) for row in rows] == [("the best so far", "best clase-3")]
    assert "the best so far" in call("runs").out
    shown = call("show", "iris").out
    assert "the best so far" in shown
    assert "best clase-3" in shown
    assert json.loads(call("show", "iris", "--json").out)["tags"] == ["best", "clase-3"]
    call("tag", "iris", "best", "--remove")
    assert call("runs", "--tag", "best").code == 1
    call("note", "iris", "")
    call("tag", "iris", "clase-3", "--remove")
    assert not (find_run("iris", Path("runs")).path / "labels.json").exists()


def test_labels_are_of_few_letters_and_a_strangers_are_harmless(call: Call) -> None:
    assert call("tag", "iris", "two words").code == 2
    assert call("note", "iris", "x" * 2001).code == 2
    path = find_run("iris", Path("runs")).path
    for damaged in (b"{", b'{"tags": 3}', b'{"note": ["x"]}', b"[]"):
        (path / "labels.json").write_bytes(damaged)
        assert read_labels(path) == Labels()
        assert call("runs").code == 0
    (path / "labels.json").write_text(json.dumps({"note": "\x1b[31mred", "tags": ["a\nb"]}))
    assert "\x1b" not in call("runs").out
    assert "\x1b" not in call("show", "iris").out


def test_a_training_that_goes_on_keeps_the_labels(tmp_path: Path) -> None:
    path = make_run(tmp_path, 0)
    run = find_run(str(path), tmp_path)
    write_labels(path, "a note")
    run.save(status="running")
    assert read_labels(path).note == "a note"


def test_a_search_and_a_cross_validation_are_removed_as_a_whole(call: Call) -> None:
    folds, search = Path("runs/2026-11-20_10-00-00_mine_2-folds"), Path("runs/2026-11-20_11-00-00_mine_tune")
    for name in ("fold_1", "fold_2"):
        make_run(folds, 1, name).rename(folds / name)
    (folds / "config.yaml").write_text("")
    make_run(search, 2, "mine").rename(search / "best")
    (search / "search.json").write_text('{"status": "finished"}')
    part = call("rm", f"{search.name}/best")
    assert part.code == 1
    assert f"rna rm {search.name}" in part.err
    assert call("rm", "*_mine_*").out.splitlines() == [f"runs/.trash/{each.name}" for each in (folds, search)]
    assert not folds.exists()
    assert not search.exists()
    assert call("rm", "--empty-trash").err.startswith("removed for good: 2 runs, ")


def test_runs_go_to_the_trash_and_then_for_good(call: Call) -> None:
    newest = find_run("circles", Path("runs")).path
    done = call("rm", "circles")
    assert done.out == f"runs/.trash/{newest.name}\n"
    assert (Path("runs/.trash") / newest.name / "run.json").is_file()
    assert len(run_names(Path("runs"))) == 2
    assert newest.name not in call("runs").out
    (Path("runs/.trash") / newest.name).rename(newest)  # as the hint says
    assert call("rm", "circles*", "iris").code == 0
    assert run_names(Path("runs")) == []
    assert call("rm", "--empty-trash").err.startswith("removed for good: 3 runs, ")
    assert not Path("runs/.trash").exists()
    assert call("rm").code == 2
    assert call("rm", "x", "--empty-trash").code == 2


def test_nothing_outside_the_folder_of_runs_is_removed(call: Call, tmp_path: Path) -> None:
    elsewhere = make_run(tmp_path / "elsewhere", 7)
    linked = Path("runs") / "2026-11-09_00-00-00_link_1-1_s0"
    linked.symlink_to(elsewhere)
    fold = Path("runs/2026-11-10_00-00-00_whole_5-folds_s0/fold_1")
    make_run(Path("runs"), 9).rename(Path("runs/moved"))
    fold.parent.mkdir()
    Path("runs/moved").rename(fold)
    (fold.parent / "config.yaml").write_text("name: whole\n")
    for name, said in (
        (str(elsewhere), "not in the folder of runs"),
        ("..", "run.json"),
        (str(linked), "link"),
        (str(fold), "a fold of a cross-validation"),
    ):
        done = call("rm", name)
        assert done.code == 1
        assert said in done.err
    (find_run("iris", Path("runs")).path / "link").symlink_to(elsewhere)
    assert "link" in call("rm", "iris").err
    assert call("rm", fold.parent.name).code == 0
    trash = Path("runs/.trash")
    trash.rename(tmp_path / "hidden")
    trash.symlink_to(tmp_path / "elsewhere")
    for arguments in (["rm", "circles"], ["rm", "--empty-trash"]):
        assert "link" in call(*arguments).err
    assert (elsewhere / "run.json").is_file()


def test_a_run_in_training_is_not_removed(call: Call) -> None:
    path = find_run("iris", Path("runs")).path
    with lock_run(path):
        assert "another process is training" in call("rm", "iris").err
    assert path.is_dir()


def test_links_in_the_trash_are_removed_and_not_followed(call: Call, tmp_path: Path) -> None:
    kept = make_run(tmp_path / "kept", 3)
    call("rm", "iris")
    (trashed,) = Path("runs/.trash").iterdir()
    (trashed / "link").symlink_to(kept)
    assert call("rm", "--empty-trash").code == 0
    assert (kept / "run.json").is_file()


def test_a_run_is_found_by_the_beginning_of_its_name(call: Call) -> None:
    folder = Path("runs")
    assert find_run("iri", folder).path.name.endswith("iris_2-4-1_s2")
    assert find_run("2026-11-01_00-01", folder).path.name.endswith("s1")
    assert find_run("circ", folder).path.name.endswith("s1")  # the newest of the one experiment
    with pytest.raises(RnaError, match="several begin so"):
        find_run("2026", folder)
    make_run(folder, 5, "circus")
    with pytest.raises(RnaError, match="circles and circus"):
        find_run("circ", folder)
    assert find_run("circus", folder).path.name.endswith("s5")


def test_help_is_what_the_option_says(call: Call) -> None:
    assert call("help") == call("--help")
    for name in COMMANDS:
        assert call("help", name) == call(name, "--help")
    done = call("help", "trian")
    assert done.code == 2
    assert "did you mean train?" in done.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("rna show ", ["latest", "iris", "circles"]),
        ("rna show iri", ["iris"]),
        ("rna rm circles cir", ["circles"]),
        ("rna compare 2026-11-01_00-01", ["2026-11-01_00-01-00_circles_2-4-1_s1"]),
        ("rna init circles_u", ["circles_unscaled"]),
        ("rna evaluate latest --part t", ["train", "test"]),
        ("rna predict latest x.csv --only ", ["label", "probabilities", "all"]),
        ("rna train x.yaml --set opt", ["optimizer="]),
        ("rna help fin", ["find-lr"]),
    ],
)
def test_the_shell_completes_values(
    call: Call, words: str, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_RNA_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    done = call()
    proposed = done.out.split()
    assert proposed[: len(expected)] == expected, done.err
    assert all(name.startswith(words.rpartition(" ")[2]) for name in proposed)


def test_settings_are_read_from_run_json_as_from_the_file(tmp_path: Path) -> None:
    runs = [find_run(str(make_run(tmp_path, i)), tmp_path) for i in range(3)]
    with_json = differing_settings(runs)
    assert with_json == {"seed": ["0", "1", "2"], "layers.0.dense.units": ["4", "5", "6"]}
    from rnacli.document.write import dump_yaml

    for run in runs:
        (run.path / "config.yaml").write_text(dump_yaml(run.record.pop("settings")))
    assert differing_settings(runs) == with_json


def test_a_thousand_runs_take_half_a_second(tmp_path: Path) -> None:
    """Of CPU, beside what the same command takes for one run, three times over for a machine that is busy."""
    for i in range(1000):
        make_run(tmp_path / "many", i)
    make_run(tmp_path / "one", 0)

    def cost(folder: str, *arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "rnacli", *arguments, "--runs", str(tmp_path / folder)]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.stdout
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    for arguments in (("runs", "--all"), ("runs", "--all", "--csv"), ("show", "latest")):
        costs = [cost("many", *arguments) - cost("one", *arguments)]
        if costs[0] >= 0.9:  # the first one compiles byte code, too
            costs.append(cost("many", *arguments) - cost("one", *arguments))
        assert min(costs) < 0.9
