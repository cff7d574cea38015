"""What the command says to bad inputs, and that odd but good ones work."""

import contextlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from badcases import cases
from badcases.cases import Case
from fixtures import HANG, environment, no_hang, without_pictures

from rnacli.commands.app import main

# Keras makes arrays of its variables as NumPy 1 wanted it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PLACE = re.compile(r"[\w.]+:\d+")


def rna(*arguments: object) -> int:
    """The command in this process; its exit code."""
    with pytest.raises(SystemExit) as end:
        main(list(map(str, arguments)))
    return int(end.value.code or 0)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the good files in ``good`` and a finished run of them in ``runs``."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "good").mkdir()
    (folder / "good" / "config.yaml").write_text(cases.CONFIG)
    (folder / "good" / "flowers.csv").write_text(cases.TABLE)
    with without_pictures():
        assert rna("train", "-q", folder / "good" / "config.yaml", "--runs", folder / "runs") == 0
    return folder


def write(path: Path, content: cases.Text) -> None:
    made = content() if callable(content) else content
    if made is not None:
        path.write_bytes(made if isinstance(made, bytes) else made.encode())


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder below, with what changes when it is written."""
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {
        path.relative_to(folder).as_posix(): (0, 0) if path.is_dir() else (status.st_size, status.st_mtime_ns)
        for path, status in found.items()
    }


def is_mentioned(part: str, said: str) -> bool:
    """Whether one of the alternatives is there; the number of a line has to end where it ends."""
    for word in part.lower().split("|"):
        if re.search(re.escape(word) + (r"(?!\d)" if PLACE.fullmatch(word) else ""), said.lower()):
            return True
    return False


class Command:
    """The command in this process, in a folder with a copy of the case's files and of the finished run."""

    def __init__(
        self,
        case: Case,
        folder: Path,
        capture: pytest.CaptureFixture[str],
        patch: pytest.MonkeyPatch,
        good: Path | None,
    ):
        self.folder = folder
        self.case, self.run = folder / "case", folder / "runs" / "none"
        for name in ("case", "here", "home"):
            (folder / name).mkdir()
        write(self.case / "config.yaml", case.config)
        write(self.case / "flowers.csv", case.table)
        write(self.case / "new.csv", case.new)
        if good is not None and "{run}" in case.command:
            shutil.copytree(good, folder, dirs_exist_ok=True)
            (self.run,) = (folder / "runs").iterdir()
        if case.prepare:
            case.prepare(self.case, self.run)
        patch.chdir(folder / "here")
        patch.setenv("HOME", str(folder / "home"))
        before = listing(folder)
        with no_hang(), without_pictures() if good else contextlib.nullcontext():  # which imports TensorFlow
            self.code = rna(*shlex.split(case.command.format(case=self.case, run=self.run)))
        self.said = "".join(capture.readouterr())
        after = listing(folder)
        self.changed = sorted(path for path in before | after if before.get(path) != after.get(path))

    def check(self, case: Case) -> None:
        """What holds for every case."""
        assert self.code in case.exits, self.said
        if self.code != 0 or case.exits == (0,):
            for part in case.mention:
                assert is_mentioned(part, self.said), (part, self.said)
        assert "Traceback" not in self.said
        assert not CONTROL.search(self.said)
        written = ("here/runs",) if case.command.startswith("train") and self.code == 0 else ()
        if case.command.startswith("predict") and self.code == 0:
            written = ("case/out.csv",)
        assert [path for path in self.changed if not path.startswith(written or ("-",))] == []
        assert not list(self.folder.rglob("PWNED"))
        if self.code == 0 and case.then:
            case.then(self.folder)


def identified(named: list[Case]) -> list["pytest.ParameterSet"]:
    return [pytest.param(case, id=case.id) for case in named]


@pytest.mark.parametrize("case", identified(cases.FROM_THE_FILE_ALONE))
def test_a_config_is_refused_before_tensorflow_starts(
    case: Case, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = {"tensorflow", "keras", "sklearn", "pandas", "matplotlib", "numpy"} - set(sys.modules)
    monkeypatch.setattr("rnacli.terminal.startup.hidden_packages", lambda *names: pytest.fail("TensorFlow is started"))
    Command(case, tmp_path, capfd, monkeypatch, None).check(case)
    assert not slow & set(sys.modules)


@pytest.mark.xdist_group("a finished run")
@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{kind}-{case.id}") for kind, named in cases.WITH_TENSORFLOW.items() for case in named],
)
def test_what_is_wrong_is_named(
    case: Case, finished: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capfd.readouterr()
    Command(case, tmp_path, capfd, monkeypatch, finished).check(case)


def test_columns_in_another_order_are_predicted_alike(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = (finished / "runs").iterdir()
    monkeypatch.chdir(tmp_path)
    for name, rows in (("straight", cases.NEW), ("reversed", cases.NEW_REVERSED), ("more", cases.NEW_WITH_ID)):
        Path(f"{name}.csv").write_text(rows)
        assert rna("predict", run, f"{name}.csv", "-o", f"{name}.out.csv") == 0
    straight = Path("straight.out.csv").read_text()
    assert straight == Path("reversed.out.csv").read_text() == Path("more.out.csv").read_text()


COSTS = """\
import json, pathlib, re, sys
from rnacli.commands.app import main
codes = []
for path in sys.argv[1:]:
    try:
        main(["check", path])
    except SystemExit as end:
        codes.append(end.code)
slow = {"tensorflow", "keras", "sklearn", "pandas", "matplotlib", "numpy", "rich"} & set(sys.modules)
status = pathlib.Path("/proc/self/status")  # Linux alone knows its own peak, not its parent's
megabytes = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) / 1024 if status.exists() else 0
print(json.dumps({"codes": codes, "slow": sorted(slow), "megabytes": megabytes}))
"""


@pytest.mark.parametrize(
    "ids",
    [["layer", "epochs-quoted", "tab-indent"], ["billion-laughs"], ["deep-nesting"]],
    ids=["ordinary", "bomb", "deep"],
)
def test_a_bad_config_is_refused_cheaply(ids: list[str], tmp_path: Path) -> None:
    for case in cases.FROM_THE_FILE_ALONE:
        if case.id in ids:
            write(tmp_path / f"{case.id}.yaml", case.config)
    command = [sys.executable, "-c", COSTS, *(str(tmp_path / f"{name}.yaml") for name in ids)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=HANG, check=True)
    cost = json.loads(done.stdout)
    assert cost["codes"] == [2] * len(ids)
    assert cost["slow"] == []
    assert cost["megabytes"] < 200


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signal for a closed pipe")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    write(tmp_path / "config.yaml", cases.CONFIG)
    write(tmp_path / "flowers.csv", cases.TABLE)
    command = [sys.executable, "-m", "rnacli", "check", str(tmp_path / "config.yaml")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(timeout=HANG) in (0, 1)
    assert "Traceback" not in said
    assert "Exception" not in said
    assert "BrokenPipe" not in said
