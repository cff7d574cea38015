"""A run folder from somebody else: no command runs anything of it, leaves it, shows what is outside, or is blown up."""

import gzip
import hashlib
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures import FLOWERS, copied, environment, no_hang, peak_memory, problem_of, run_of

from rnacli.commands.evaluate import show_evaluation
from rnacli.commands.runs import show_rows, tabulate
from rnacli.commands.show import show_run
from rnacli.errors import RnaError
from rnacli.plots.paint import redraw_pictures
from rnacli.results.evaluate import evaluate_run
from rnacli.results.predict import predict_rows
from rnacli.runs.find import newest_runs, open_run
from rnacli.runs.folder import Run
from rnacli.runs.history import read_history
from rnacli.runs.reload import read_split
from rnacli.runs.weights import require_weights_size
from rnacli.strict_json import parse_json
from rnacli.terminal.console import print_json, standard_output
from rnacli.training.reproduce import reproduce_run
from rnacli.training.resume import recorded_engine, resume_run


def forge(run: Run, **contents: str | bytes) -> Run:
    """Change files of a run (``config_yaml``) and, as an attacker would, their checksums in ``run.json``."""
    record = json.loads((run.path / "run.json").read_bytes())
    for name, content in contents.items():
        path = run.path / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        record["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (run.path / "run.json").write_text(json.dumps(record), "utf-8")
    return open_run(run.path)


def edited(run: Run, name: str, *pairs: str) -> str:
    text = (run.path / name).read_text("utf-8")
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    return text


@pytest.fixture
def flowers(tmp_path: Path) -> Run:
    return copied(run_of("flowers"), tmp_path)


def data(run: Run) -> Path:
    return run.path.parents[1]


def history(run: Run) -> dict[str, list[float]]:
    return read_history(run, run.config())


def predict(run: Run) -> str:
    out = run.path.parents[1] / "out.csv"
    predict_rows(run, data(run) / "flowers.csv", out)
    return out.read_text("utf-8")


# Nothing of it is run

HOOK = """
import builtins, json, os, sys
from pathlib import Path
folder, allowed, log, *more = sys.argv[1:]
folder = os.path.realpath(folder)
seen, on = [], False
libraries = tuple(os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, *sys.path) if path)

def inside(path, *roots):
    path = os.path.realpath(os.fsdecode(path))
    return any(path == root or path.startswith(root + os.sep) for root in roots)

def watch(event, args):
    if not on:
        return
    if event == "open":
        path, mode, flags = args
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        writes = writes or (flags and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if writes and isinstance(path, (str, bytes, os.PathLike)):
            if not inside(path, folder, os.path.realpath(allowed), "/dev/null"):
                seen.append(f"{event} {path!r} {mode}")
    elif event in CHANGING:
        ours = (folder, os.path.realpath(allowed))
        if not all(inside(path, *ours) for path in args[:2] if isinstance(path, (str, bytes, os.PathLike))):
            seen.append(f"{event} {args}")
    elif event in ("exec", "compile"):
        # The code of modules is that of libraries. Libraries also make code of their own templates, of no file.
        code = args[0] if event == "exec" else args[1]
        name = getattr(code, "co_filename", code)
        name = os.fsdecode(name) if isinstance(name, (str, bytes)) else repr(name)
        text = args[0] if event == "compile" else b""
        text = text if isinstance(text, bytes) else str(text).encode()
        if MARK in text or (os.path.isabs(name) and not inside(name, *libraries)):
            seen.append(f"{event} {name}")
    elif event == "import":
        if args[1] and isinstance(args[1], str) and inside(args[1], folder):
            seen.append(f"{event} {args}")
    elif event in NEVER and not known(event, args):
        seen.append(f"{event} {args!r}"[:300])

def known(event, args):
    # What libraries do by themselves, with nothing of the run in it.
    return (
        (event == "socket.bind" and args[1] == ("::1", 0))  # urllib3 looks whether there is IPv6
        or (event == "subprocess.Popen" and args[1] == ["uname", "-p"])  # platform.processor()
        or (event == "subprocess.Popen" and args[0] == "fc-list")  # matplotlib looks for fonts, once
        or (event == "shutil.rmtree" and inside(args[0], os.path.realpath(allowed)))  # a temporary folder
    )

MARK = b"STRANGER"
CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate"}
NEVER = {
    "pickle.find_class", "marshal.load", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "subprocess.Popen", "pty.spawn", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request",
    "http.client.connect", "ftplib.connect", "smtplib.connect", "webbrowser.open", "os.symlink", "os.link", "os.chmod",
    "os.chown", "shutil.unpack_archive", "shutil.rmtree", "os.startfile",
}
sys.path.append(folder)  # where a careless import would find what lies there
sys.addaudithook(watch)

def look(act):
    # What is seen while it is done.
    global seen, on
    seen, on = [], True
    try:
        act()
    finally:
        on = False
    return seen
"""
COMMANDS = """
from rnacli.commands import app

def run(arguments):
    try:
        app.main(arguments)
    except SystemExit as end:
        codes.append(end.code)

codes = []
found = [look(lambda: run(arguments)) for arguments in json.loads(more[0])]
Path(log).write_text(json.dumps([*zip(codes, found, strict=True)]))
"""
QUIET_ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1"}


def laid_with_traps(run: Run) -> Run:
    """Modules and pickles in the run folder that a careless import or reader would run."""
    trap = "open(__file__ + '.PWNED', 'w')  # STRANGER\n"
    for name in ("sitecustomize", "usercustomize", "numpy", "weights", "config", "preprocessing", "matplotlibrc"):
        (run.path / f"{name}.py").write_text(trap)
    (run.path / "model.pkl").write_bytes(b"cos\nsystem\n(S'touch PWNED'\ntR.")
    (run.path / "matplotlibrc").write_text("backend: module://STRANGER\n")
    text = edited(run, "config.yaml", "name: flowers", "name: flowers  # STRANGER")
    return forge(run, config_yaml=text)


def watched(hook: str, run: Run, folder: Path, *more: str) -> Any:
    """What a program with the hook logs: it may write into the run and into ``folder / "out"``."""
    (folder / "out").mkdir()
    (folder / "hook.py").write_text(hook)
    # matplotlib keeps a list of fonts, and Keras its settings: in folders of theirs.
    homes = dict.fromkeys(("TMPDIR", "MPLCONFIGDIR", "KERAS_HOME", "HOME"), str(folder / "out"))
    command = [sys.executable, folder / "hook.py", run.path, folder / "out", folder / "log.json", *more]
    done = subprocess.run(
        list(map(str, command)), env=environment() | homes | QUIET_ENVIRONMENT, cwd=run.path, capture_output=True,
        text=True, timeout=180, check=False,
    )  # fmt: skip
    assert (folder / "log.json").exists(), done.stderr
    return json.loads((folder / "log.json").read_text())


@pytest.mark.skipif(sys.platform == "win32", reason="paths of processes")
@pytest.mark.parametrize(
    "commands",
    [
        ["check", "runs", "show", "weights", "predict", "plot"],
        pytest.param(
            ["evaluate", "evaluate --json", "weights --csv", "reproduce", "resume", "train"], marks=pytest.mark.slow
        ),
    ],
    ids=" ".join,
)
def test_no_command_runs_anything_of_a_run_folder(flowers: Run, tmp_path: Path, commands: list[str]) -> None:
    run = laid_with_traps(flowers)
    out, theirs = tmp_path / "out", data(run) / "theirs.yaml"
    arguments = {
        "predict": ["predict", run.path, data(run) / "flowers.csv", "-o", out / "out.csv"],
        "runs": ["runs", "--runs", run.path.parent],
        "resume": ["train", "--resume", run.path, "--set", "epochs=10"],
        "reproduce": ["reproduce", run.path, "--runs", out / "runs"],
        "train": ["train", theirs, "--runs", out / "runs"],
        "check": ["check", theirs],
    }
    names = ", ".join(f"{{sparse_categorical_accuracy: {{name: '{name}'}}}}" for name in (*OUTSIDE, "a b c"))
    saved = "[{model_checkpoint: 'saved/{epoch:02d} {a b c:.2f}.keras'}]"
    theirs.write_text(FLOWERS.replace("[accuracy]", f"[{names}]") + f"callbacks: {saved}\n", "utf-8")
    verbs = [(verb, *options) for verb, *options in map(str.split, commands)]
    called = [[*map(str, arguments.get(verb, [verb, run.path, *options]))] for verb, *options in verbs]
    logged = watched(HOOK + COMMANDS, run, tmp_path, json.dumps(called))
    assert dict(zip(commands, logged, strict=True)) == {command: [0, []] for command in commands}
    assert not list(tmp_path.rglob("*PWNED*"))
    assert [path for path in tmp_path.rglob("*OUTSIDE*") if path.parent.name != "plots"] == []


OUTSIDE = ("../../../OUTSIDE", "/tmp/OUTSIDE", "plots/../../OUTSIDE", "OUTSIDE.png", "..")
"""Names that would lead a file elsewhere."""


ACTS = (
    "exec(open(folder + '/config.py').read())",
    "compile('STRANGER', 'x', 'eval')",
    "import preprocessing",
    "import pickle; pickle.loads(open(folder + '/model.pkl', 'rb').read())",
    "os.system('true')",
    "import subprocess; subprocess.run(['true'])",
    "import socket; socket.create_connection(('127.0.0.1', 9), 0.1)",
    "open(allowed + '/../outside.txt', 'w')",
    "os.open(allowed + '/../outside.txt', os.O_WRONLY | os.O_CREAT)",
    "os.symlink('/etc/passwd', folder + '/x')",
    "os.rename(folder + '/run.json', allowed + '/../outside.txt')",
)


def test_the_hook_sees_what_is_wrong(flowers: Run, tmp_path: Path) -> None:
    run = laid_with_traps(flowers)
    acts = [f"def act_{i}():\n    try: {act}\n    except Exception: pass\n" for i, act in enumerate(ACTS)]
    names = ", ".join(f"act_{i}" for i in range(len(ACTS)))
    end = f"Path(log).write_text(json.dumps([look(act) for act in ({names}, lambda: None)]))\n"
    *seen, nothing = watched("".join([HOOK, *acts, end]), run, tmp_path)
    assert [act for act, each in zip(ACTS, seen, strict=True) if not each] == []
    assert nothing == []


# Nothing outside it is read, shown or written


@pytest.mark.parametrize(
    "place", ["run.json", "config.yaml", "weights.npz", "history.csv", "checkpoint", "plots", "more/x"]
)
def test_a_run_folder_with_a_link_in_it_is_not_opened(flowers: Run, tmp_path: Path, place: str) -> None:
    path, other = flowers.path / place, tmp_path / "other"
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        shutil.move(path, other)
    else:
        other.mkdir()
    path.symlink_to(other)
    before = sorted(other.rglob("*"))
    problem = problem_of(open_run, flowers.path)
    assert problem.place == str(path)
    assert "link" in problem.message
    assert sorted(other.rglob("*")) == before


def test_a_pipe_in_a_run_folder_is_refused_and_not_waited_for(flowers: Run) -> None:
    (flowers.path / "history.csv").unlink()
    os.mkfifo(flowers.path / "history.csv")
    assert "pipe" in problem_of(open_run, flowers.path).message


def test_a_link_to_a_run_folder_is_the_users_own(flowers: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(flowers.path)
    assert open_run(tmp_path / "mine").record == flowers.record


SECRET = "root:x:0:0:hunter2"


@pytest.mark.parametrize("name", ["{secret}", "../../../secret.txt", "{folder}/*.txt", "../../../secre*"])
@pytest.mark.parametrize("verb", [evaluate_run, redraw_pictures, resume_run])
def test_a_file_that_a_strangers_config_names_is_not_shown(
    flowers: Run, tmp_path: Path, verb: Callable[..., Any], name: str
) -> None:
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n{SECRET},{SECRET}\n")
    named = name.format(secret=tmp_path / "secret.txt", folder=tmp_path)
    run = forge(flowers, config_yaml=edited(flowers, "config.yaml", "../../flowers.csv", named))
    run.save(data={**run.record["data"], "files": {}})
    with pytest.raises(RnaError) as caught:
        verb(open_run(run.path), tmp_path / "cache")
    said = "".join(f"{problem}{problem.hint}" for problem in caught.value.problems)
    assert "hunter" not in said
    assert "have changed since training" in said


@pytest.mark.skipif(sys.platform != "linux", reason="files of the system")
@pytest.mark.parametrize("name", ["/*/*/*/*/*/*/*/*.csv", "/**/x.csv", "/proc/self/pagemap", "/proc/kmsg"])
def test_the_files_of_a_strangers_run_are_looked_for_by_who_needs_them_and_have_an_end(
    flowers: Run, tmp_path: Path, name: str
) -> None:
    before = predict(flowers)
    run = forge(flowers, config_yaml=edited(flowers, "config.yaml", "../../flowers.csv", name))
    run.save(data={**run.record["data"], "files": {"x": hashlib.sha256(b"").hexdigest()}, "sizes": [0]})
    with no_hang(), pytest.raises(RnaError, match=r"too many folders|have changed since"):
        evaluate_run(open_run(run.path), tmp_path / "cache")
    assert predict(open_run(run.path)) == before


def test_names_in_the_record_are_never_paths(flowers: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    outside = dict.fromkeys(("../../../secret.txt", str(tmp_path / "secret.txt")), "0" * 64)
    flowers.save(files={**flowers.record["files"], **outside})
    opened = open_run(flowers.path)
    assert predict(opened)
    flowers.save(rewriting={"../../../secret.txt": hashlib.sha256(SECRET.encode()).hexdigest()})
    assert "damaged" in problem_of(open_run, flowers.path).message


@pytest.mark.parametrize("folder", ["/", "/proc", "../../..", "\0", "x" * 5000, "~root"])
def test_a_former_folder_in_the_record_leads_to_nothing_else(flowers: Run, folder: str) -> None:
    (data(flowers) / "flowers.csv").unlink()
    flowers.save(data={**flowers.record["data"], "folder": folder})
    with pytest.raises(RnaError):
        evaluate_run(open_run(flowers.path), flowers.path)


# What run.json may hold

ODD: tuple[Any, ...] = (None, True, -1, 10**17, 1e308, "x", "\x1b[2J[bold]\x9b", [], [[]], {}, {"a": [1]}, {"": {}})


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where values stand in JSON data."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else ():
        yield from places(item, (*path, key))


def changed(value: Any, path: tuple[str, ...], new: Any) -> Any:
    return {**value, path[0]: changed(value[path[0]], path[1:], new)} if path else new


@pytest.mark.slow
def test_whatever_stands_in_the_record_is_tolerated_or_refused(
    flowers: Run, capsys: pytest.CaptureFixture[str]
) -> None:

    record = json.loads((flowers.path / "run.json").read_bytes())
    expected, split = predict(flowers), read_split(flowers, 80)
    tried = refused = 0
    for path in places(record):
        for odd in ODD:
            (flowers.path / "run.json").write_text(json.dumps(changed(record, path, odd)), "utf-8")
            tried += 1
            show_rows(*tabulate(newest_runs(flowers.path.parent, None), flowers.path.parent))
            try:
                run = open_run(flowers.path)
            except RnaError:
                refused += 1
                continue
            for use in (
                lambda run: read_split(run, 80).keys() == split.keys() or pytest.fail("other parts"),
                history,
                show_run,
                recorded_engine,
                lambda run: run.record.get("light") is not True or predict(run) == expected or pytest.fail("other"),
            ):
                try:
                    use(run)
                except RnaError:
                    refused += 1
    assert tried > 800
    assert refused > 300
    shown = capsys.readouterr().out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[" * 100_000, "deep"),
        (b"[" * 60 + b"]" * 60, "deep"),
        (b"9" * 5000, "digits"),
        (b'{"a": -12345678901234567890}', "digits"),
        (b"NaN", "finite"),
        (b'{"a": [-Infinity]}', "finite"),
        (b"1e999", "finite"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'"\\ud800"', "surrogates"),
        (b'"\xff"', "utf-8"),
        (b"[" + b"[]," * 600_000 + b"0]", "values"),
        (b'"' + b"a" * (17 << 20) + b'"', "larger"),
        (b'"' + b'\\"' * 1_000_000, "Unterminated"),
        (b"", "Expecting"),
    ],
)  # fmt: skip
def test_json_that_ours_would_never_be_is_refused(content: bytes, why: str) -> None:
    before = peak_memory()
    with pytest.raises(ValueError, match=why):
        parse_json(content)
    assert peak_memory() - before < 100 << 20


def test_json_of_ours_is_read() -> None:
    value = {"a": [1, -2.5, 1e-7, 10**17, None, True], "b": {"": '[{,é\U0001f600\\"\x85'}, "c": 0.1 + 0.2}
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


# History and split


@pytest.mark.parametrize("column", ["../../../OUTSIDE", "seconds_1", "mse", "val_epoch", "accuracy_x"])
def test_a_history_of_other_measures_is_refused(flowers: Run, tmp_path: Path, column: str) -> None:
    run = forge(flowers, history_csv=edited(flowers, "history.csv", ",accuracy,", f",{column},"))
    for use in (redraw_pictures, lambda run, cache: reproduce_run(run, tmp_path / "runs", cache)):
        assert problem_of(use, run, tmp_path / "cache").message == "the history is damaged"
    assert not list(tmp_path.rglob("*OUTSIDE*"))


@pytest.mark.parametrize(
    "text",
    ["", "epoch,loss\n1,0.5\n1,0.4\n", "epoch,loss\n1\n", "epoch,loss\n1,x\n", "epoch,loss,loss\n1,2,3\n", "\0",
     "loss\n1\n",
     "epoch,loss\n1,2,3\n", 'epoch,"loss\n1,2\n', "epoch,loss\n2,1\n"],
)  # fmt: skip
def test_a_history_that_is_none_is_refused(flowers: Run, text: str) -> None:
    assert "history" in problem_of(history, forge(flowers, history_csv=text)).message


@pytest.mark.parametrize(
    "pair",
    [("\n", "\n80,train\n"), ("row,part\n", ""), (",test", ",tset"), (",test", ",train"), ("\n", "\n-1,train\n"),
     ("\n", "\n" + "9" * 18 + ",train\n"), ("\n", "\n\u0663,train\n"), ("\n", "\r\n")],
)  # fmt: skip
def test_a_split_that_is_none_is_refused(flowers: Run, pair: tuple[str, str]) -> None:
    text = (flowers.path / "split.csv").read_text()
    assert pair[0] in text
    run = forge(flowers, split_csv=text.replace(*pair, 1).encode())
    assert "split" in problem_of(read_split, run, 80).message


def test_a_row_is_in_one_part_once(flowers: Run) -> None:
    first, second, *others = (flowers.path / "split.csv").read_text().splitlines()[1:]
    text = "\n".join(["row,part", first, first, *others]) + "\n"
    assert second != first
    assert "split" in problem_of(read_split, forge(flowers, split_csv=text), 80).message


@pytest.mark.parametrize("name", ["history.csv", "split.csv", "preprocessing.json", "run.json", "config.yaml"])
def test_a_file_that_is_too_large_is_not_read(flowers: Run, name: str) -> None:
    uses = dict.fromkeys(("run.json", "config.yaml", "preprocessing.json"), predict)
    uses |= {"history.csv": history, "split.csv": lambda run: read_split(run, 80)}
    os.truncate(flowers.path / name, 1 << 30)  # nothing of it is on the disk
    before = peak_memory()
    with pytest.raises(RnaError, match=r"too large to be written by rna|larger than 1 MB"):
        uses[name](open_run(flowers.path))
    assert peak_memory() - before < 100 << 20


# Small files that mean large networks

LAST = "  - dense: {units: 3, activation: softmax}\n"


def with_layers(run: Run, layers: str) -> Run:
    text = (run.path / "config.yaml").read_text("utf-8")
    body = text[text.index("layers:") : text.index("loss:\n")]
    return forge(run, config_yaml=text.replace(body, f"layers:\n{layers}{LAST}"))


@pytest.mark.parametrize(
    "layers",
    [
        "  - dense: 1000000000000\n",
        "  - embedding: {input_dim: 1000000000, output_dim: 4}\n  - flatten\n",
        "  - repeat_vector: 1000000000\n  - flatten\n",
        "  - reshape: [3, 1]\n  - conv1d: {filters: 1000000, kernel_size: 1000000, padding: same}\n  - flatten\n",
        "  - reshape: [3, 1]\n  - zero_padding1d: 2000000000\n  - flatten\n",
        "  - category_encoding: {num_tokens: 1000000000}\n",
        "  - hashing: {num_bins: 1000000000, output_mode: one_hot}\n",
    ],
    ids=["units", "rows", "repeated", "kernel", "padding", "tokens", "bins"],
)
def test_a_network_too_large_for_the_machine_is_refused_in_little_memory(flowers: Run, layers: str) -> None:
    run = with_layers(flowers, layers)
    before = peak_memory()
    assert "memory" in problem_of(evaluate_run, run, data(run)).message
    assert peak_memory() - before < 300 << 20


def test_a_network_larger_than_its_weights_is_refused_before_it_is_built(flowers: Run) -> None:
    run = with_layers(flowers, "  - dense: 6000\n  - dense: 6000\n")
    before = peak_memory()
    assert "weights" in problem_of(evaluate_run, run, data(run)).message
    assert peak_memory() - before < 100 << 20


def test_weights_that_are_too_few_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    path.write_bytes(b"x" * 1000)
    assert require_weights_size(path, 500) is None
    assert problem_of(require_weights_size, path, 501).place == str(path)


def test_aliases_and_long_numbers_in_a_config_are_refused_at_once(flowers: Run) -> None:
    text = (flowers.path / "config.yaml").read_text()
    bomb = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    for content in ("\n".join(["a0: &a0 [lol]", *bomb, text]), text.replace("seed: 1", f"seed: {'9' * 5000}")):
        before = peak_memory()
        with pytest.raises(RnaError, match=r"20,000 values|18 digits"):
            predict(forge(flowers, config_yaml=content))
        assert peak_memory() - before < 100 << 20


def with_words(run: Run, count: int, encode: str) -> Run:
    """The first column as one of categories."""
    learnt = json.loads((run.path / "preprocessing.json").read_bytes())
    words = [f"{i:x}" for i in range(count)]
    column = {"kind": "categorical", "name": "height", "words": words, "rare": [], "fill": None, "encode_as": encode,
              "dimensions": 4096, "offset": 0.0, "divisor": 1.0, "indicator": False, "strip": ""}  # fmt: skip
    learnt["inputs"]["columns"][0] = column
    learnt["inputs"]["shape"] = [count + 2 if encode == "one_hot" else 3]
    return forge(run, preprocessing_json=json.dumps(learnt))


@pytest.mark.parametrize("encode", ["one_hot", "ordinal", "embedding"])
def test_very_many_categories_take_little_memory(flowers: Run, encode: str) -> None:
    run = with_words(flowers, 700_000, encode)
    before = peak_memory()
    if encode == "ordinal":
        assert predict(run).count("\n") == 81
    else:
        with pytest.raises(RnaError):
            predict(run)
    assert peak_memory() - before < 300 << 20


def test_preprocessing_of_other_columns_than_the_data_have_is_refused(flowers: Run) -> None:
    run = with_words(flowers, 1, "one_hot")
    assert "other data" in problem_of(evaluate_run, run, data(run)).message


def test_a_vector_for_each_of_a_billion_words_is_refused(flowers: Run) -> None:
    plain = json.loads((flowers.path / "preprocessing.json").read_bytes())
    plain["inputs"]["shape"] = [10**9]
    assert "damaged" in problem_of(predict, forge(flowers, preprocessing_json=json.dumps(plain))).message


# Text of theirs


NASTY = "[bold]x[/oops] [link=https://x.test]y[/link] :smile: \x1b[31m \x9b2J \u202e $\\frac{a"


def test_text_of_a_run_is_shown_as_it_is_and_drives_no_terminal(
    flowers: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:

    learnt = json.loads((flowers.path / "preprocessing.json").read_bytes())
    learnt["targets"]["classes"] = [NASTY, "=HYPERLINK(1)", "$x$"]
    run = forge(flowers, preprocessing_json=json.dumps(learnt))
    record = {**run.record, "status": NASTY, "results": {"test": {NASTY: 0.5}}, "held_out": "test"}
    (run.path / "run.json").write_text(json.dumps(record))
    show_rows(*tabulate(newest_runs(run.path.parent, None), run.path.parent))
    show_run(open_run(run.path))
    show_evaluation(evaluate_run(open_run(run.path), data(run)))
    shown = capsys.readouterr().out
    assert "[bold]x[/oops]" in shown
    assert r"\x1b[31m" in shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    cells = predict(open_run(run.path)).split(",")
    assert not [cell for cell in cells if cell.startswith("=")]


def test_data_on_a_terminal_drive_it_as_little(
    flowers: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt = json.loads((flowers.path / "preprocessing.json").read_bytes())
    learnt["targets"]["classes"] = [NASTY] * 3
    run = forge(flowers, preprocessing_json=json.dumps(learnt))
    for terminal in (True, False):
        monkeypatch.setattr(sys.stdout, "isatty", lambda terminal=terminal: terminal)
        predict_rows(run, data(run) / "flowers.csv", standard_output())
        print_json(evaluate_run(run, data(run)).plain())
        shown = capsys.readouterr().out
        assert shown.count("\n") > 100
        assert ("\x9b2J" in shown, r"\x9b2J" in shown) == (not terminal, terminal)
        assert bool(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)) != terminal


# Data that unpack to very much


@pytest.mark.parametrize("name", ["new.csv.gz", "new.csv.xz"])
def test_a_packed_line_without_end_is_refused_in_little_memory(flowers: Run, tmp_path: Path, name: str) -> None:
    with (gzip.open if name.endswith("gz") else lzma.open)(tmp_path / name, "wb") as file:
        file.write(b"plant,height,width,weight\n")
        for _ in range(200):
            file.write(b"1" * (1 << 20))
    before = peak_memory()
    with pytest.raises(RnaError, match="a line is longer than"):
        predict_rows(flowers, tmp_path / name, tmp_path / "out.csv")
    assert peak_memory() - before < 300 << 20
    assert not (tmp_path / "out.csv").exists()


def test_very_many_packed_rows_take_little_memory(flowers: Run, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "new.csv.gz", "wb") as file:
        file.write(b"plant,height,width,weight\n" + b"p,1,2,3\n" * 1_000_000)
    before = peak_memory()
    assert predict_rows(flowers, tmp_path / "new.csv.gz", tmp_path / "out.csv") == 1_000_000
    assert peak_memory() - before < 300 << 20
