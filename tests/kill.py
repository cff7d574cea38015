"""Kills real trainings and searches with SIGKILL, resumes them, and compares them with one that was never killed.

``python tests/kill.py [NAME ...] [--kills 50] [--seed 0] [--jobs 2]`` kills each experiment of ``kill_cases.py``, or
those that are named, so often at random moments, one of two phases once between them; ``--sweep`` before, in and after
every single write instead. Exits with 1 unless all are the same to the last bit.
"""

import argparse
import io
import itertools
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from kill_cases import EXPERIMENTS, SEARCHES, TRAININGS, write_data

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


# In a process that is to be killed

Death = tuple[int | str, str] | None
"""At which operation a process dies, by number or name; ``before`` or ``after`` it, or ``half``: with a file cut."""
BETWEEN = {"phases": ("replace epoch-000003", "after")}
"""Between the phases of an experiment: when the checkpoint after the first phase's last epoch is written."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["rnacli.training.resume", "rnacli.plots.make_views", "sklearn.datasets", "sklearn.metrics"]
)


def work(folder: Path, death: Death, report: str, epochs: int | None = None) -> None:
    """Train the experiment in ``folder``, or resume its run; a child's errors go to a file, and so does its report."""
    number = os.open(folder / "talk", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(number, 2)
    os.dup2(number, 1)
    from rnacli.experiment.load import load_config
    from rnacli.runs.find import newest_runs
    from rnacli.training.resume import resume_run
    from rnacli.training.train import train_network

    operations: list[str] = []
    watch_operations(operations, death)
    (folder / "started").touch()
    try:
        if (folder / "search").exists():
            search(folder)
            os._exit(0)
        found = newest_runs(folder / "runs", 1)
        if found:
            resume_run(found[0], folder / "cache", epochs=epochs)
        else:
            shutil.rmtree(folder / "runs", ignore_errors=True)
            train_network(load_config(folder / "experiment.yaml"), folder / "runs", folder / "cache")
    finally:
        if report:
            (folder / report).write_text("\n".join(operations))
    os._exit(0)  # a plain exit would take TensorFlow down, for a second


def search(folder: Path) -> None:
    """Search as the experiment in ``folder`` says, or go on with its search."""
    from rnacli.experiment.load import load_config
    from rnacli.tuning.folder import open_search
    from rnacli.tuning.tune import resume_search, tune_network

    config, runs = load_config(folder / "experiment.yaml"), folder / "runs"
    if known := [path for path in runs.glob("*/search.json") if '"lag"' in path.read_text()]:
        resume_search(open_search(known[0].parent), folder)
    else:
        shutil.rmtree(runs, ignore_errors=True)
        tune_network(config, runs, folder)


def watch_operations(operations: list[str], death: Death) -> None:
    """Note every step of training and every change that this process makes to files; die at one of them."""
    from rnacli.fitting.history import History

    def watched(name: str, call: Callable[..., Any], described: Callable[..., str]) -> Callable[..., Any]:
        def made(*arguments: Any, **options: Any) -> Any:
            operations.append(f"{name} {described(*arguments)}".strip())
            due = death is not None and death[0] in (len(operations) - 1, operations[-1])
            if due and death is not None and death[1] != "after":
                if death[1] == "half" and name == "fsync":
                    os.truncate(arguments[0], os.fstat(arguments[0]).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return call(*arguments, **options)
            finally:
                if due:
                    os.kill(os.getpid(), signal.SIGKILL)

        return made

    os.fsync = watched("fsync", os.fsync, lambda number: "")  # type: ignore[assignment]
    os.replace = watched("replace", os.replace, lambda old, new: Path(new).name)
    os.unlink = watched("unlink", os.unlink, lambda path, **options: Path(path).name)
    counted = History.counted

    def counting(history: Any, train_function: Any, calls: int, epochs: int) -> Any:
        return watched("step", counted(history, train_function, calls, epochs), lambda iterator: "")

    History.counted = counting  # type: ignore[method-assign]


# From outside


@dataclass
class Folder:
    """A folder with an experiment, whose run is trained by processes that die."""

    path: Path
    text: str

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True)
        (self.path / "experiment.yaml").write_text(self.text)
        if self.text in SEARCHES.values():
            (self.path / "search").touch()
        write_data(self.path, self.text)

    def start(self, death: Death = None, report: str = "", epochs: int | None = None) -> Any:
        """A process at work, seen to have begun."""
        (self.path / "started").unlink(missing_ok=True)
        process = PROCESSES.Process(target=work, args=(self.path, death, report, epochs))
        process.start()
        while not (self.path / "started").exists() and process.is_alive():
            time.sleep(0.005)
        return process

    def go(self, death: Death = None, report: str = "", epochs: int | None = None) -> int:
        """Work until the process ends; gives its exit code."""
        process = self.start(death, report, epochs)
        process.join(600)
        if process.is_alive():
            process.kill()
            raise TimeoutError(self.talk)
        return int(process.exitcode)

    def finish(self, epochs: int | None = None) -> Path:
        """Train or resume to the end, unless it has come to that; gives the run's folder."""
        known = list(self.path.glob(f"runs/*/{self.record}"))
        is_over = bool(known) and json.loads(known[0].read_bytes()).get("status") == "finished"
        if (epochs is not None or not is_over) and (code := self.go(epochs=epochs)):
            raise RuntimeError(f"exit code {code}: {self.talk}")
        return self.run

    @property
    def record(self) -> str:
        """The file that says how far it is."""
        return "search.json" if self.text in SEARCHES.values() else "run.json"

    @property
    def run(self) -> Path:
        [record] = self.path.glob(f"runs/*/{self.record}")
        return record.parent

    @property
    def talk(self) -> str:
        return (self.path / "talk").read_text()


# The same or not

VOLATILE = {"started", "finished", "seconds", "resumed"}
"""What ``run.json`` says of time."""


def differences(one: Path, other: Path) -> list[str]:
    """In what two finished run folders are not the same, but for what says when and how fast they were made."""
    parts = {path: contents(path) for path in (one, other)}
    names = sorted({*parts[one], *parts[other]})
    return [name for name in names if parts[one].get(name) != parts[other].get(name)]


READING = threading.Lock()
"""Python 3.11 counts the depth of a syntax tree for all threads at once, and NumPy reads an array's header as one."""


def contents(run: Path) -> dict[str, Any]:
    """Everything in a run folder that must come out the same."""
    with READING:
        return read_contents(run) if (run / "run.json").is_file() else read_search(run)


def read_search(search: Path) -> dict[str, Any]:
    """Everything in the folder of a search that must come out the same: all but its record and its journal."""
    found = {f"best/{name}": content for name, content in read_contents(search / "best").items()}
    for path in sorted(path for path in search.rglob("*") if path.is_file() and search / "best" not in path.parents):
        name = path.relative_to(search).as_posix()
        if name not in ("search.json", "trials.jsonl"):
            found[name] = path.read_bytes()
    return found


def read_contents(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(path for path in run.rglob("*") if path.is_file()):
        name, content = path.relative_to(run).as_posix(), path.read_bytes()
        if name.startswith("checkpoint/") or "tfevents" in name:
            continue
        if path.suffix in (".keras", ".h5"):
            numbers = of_keras(content) if path.suffix == ".keras" else of_h5(content)
            found |= {f"{name}/{key}": value for key, value in numbers.items()}
        else:
            found[name] = READERS.get(name, bytes)(content)
    newest = max(run.glob("checkpoint/epoch-*"))
    text, _, arrays = newest.read_bytes().split(b"\n", 2)[2].partition(b"\n")
    state = json.loads(text)
    with np.load(io.BytesIO(arrays), allow_pickle=False) as file:
        numbers = {name: file[name] for name in file.files}
    numbers["history"] = numbers["history"][:, [name != "seconds" for name in state["history"]]]
    dumped = {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in numbers.items()}
    return found | {"last checkpoint": newest.name, "state": repr(state), "arrays of the state": dumped}


def of_record(content: bytes) -> dict[str, Any]:
    record = json.loads(content)
    files = {name: value for name, value in record["files"].items() if not name.endswith((".keras", "history.csv"))}
    del record["data"]["folder"]
    record.get("seeds", {}).pop("seconds", None)
    return {key: value for key, value in record.items() if key not in VOLATILE} | {"files": files}


def of_history(content: bytes) -> list[list[str]]:
    rows = [line.split(",") for line in content.decode().splitlines()]
    return [[cell for cell, name in zip(row, rows[0], strict=True) if name != "seconds"] for row in rows]


def of_keras(content: bytes) -> dict[str, Any]:
    """The layers and the numbers of a model file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # Keras tells objects from one another by their addresses.
        layers = re.sub(rb', "shared_object_id": \d+', b"", archive.read("config.json"))
        return {"layers": json.loads(layers)} | of_h5(archive.read("model.weights.h5"))


def of_h5(content: bytes) -> dict[str, bytes]:
    """The numbers in an HDF5 file."""
    import h5py

    found = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[()].tobytes()

    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(take)
    return found


READERS: dict[str, Callable[[bytes], Any]] = {"run.json": of_record, "history.csv": of_history}


# Many of them


def at_random(folder: Folder, whole: float, generator: random.Random) -> str:
    """Kill at a random moment of ``whole`` seconds, sometimes the resumed one too; tells what was killed when."""
    moments = []
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        process = folder.start()
        moment = generator.uniform(0, whole)
        process.join(moment)
        if not process.is_alive():
            break
        process.kill()
        process.join()
        moments.append(f"{moment:.2f} s, {phase(folder)}")
    if not moments:
        shutil.rmtree(folder.path / "runs")
    return "; ".join(moments) or "too late"


def at_operation(folder: Folder, death: Death) -> str:
    """Kill at one of the operations."""
    code = folder.go(death)
    return f"{death}" + ("" if code == -signal.SIGKILL else f", ended with {code}")


def phase(folder: Folder) -> str:
    """What a killed process has left."""
    known = sorted(path.name for path in folder.path.glob("runs/*/*") if not path.name.startswith("."))
    if "search.json" in known:
        lines = next(folder.path.glob("runs/*/trials.jsonl"), None)
        ended = len(lines.read_text().splitlines()) if lines else 0
        return f"after {ended} networks" if "best" not in known else "with the best run begun"
    if "run.json" not in known:
        return "before the run"
    epochs = sorted(path.name for path in folder.path.glob("runs/*/checkpoint/epoch-*"))
    if "weights.npz" in known:
        return f"in the end, with {'plots' if 'plots' in known else 'weights'}"
    return f"after {epochs[-1]}" if epochs else "before a checkpoint"


@dataclass
class Result:
    experiment: str
    what: str
    differs: Sequence[str]


def train_whole(name: str, home: Path) -> tuple[Path, float, list[str]]:
    """Train an experiment twice, never killed: its run, the seconds of the second, and in what that differs."""
    base = Folder(home / f"{name}-whole", EXPERIMENTS[name]).finish()
    start = time.perf_counter()
    again = Folder(home / f"{name}-again", EXPERIMENTS[name]).finish()
    return base, time.perf_counter() - start, differences(base, again)


def trial(name: str, base: Path, where: Path, kill: Callable[[Folder], str]) -> Result:
    """One killed and resumed run against the one that was never killed."""
    folder = Folder(where, EXPERIMENTS[name])
    what = kill(folder)
    while what == "too late":
        what = kill(folder)
    try:
        return Result(name, what, differences(base, folder.finish()))
    except Exception as error:
        return Result(name, what, [f"{type(error).__name__}: {str(error)[-1000:]}"])
    finally:
        shutil.rmtree(where)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(EXPERIMENTS)}; default: all trainings")
    parser.add_argument("--kills", type=int, default=50, help="of each experiment")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sweep", action="store_true", help="kill before, in and after every write")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rna-kill-") as place:
        home = Path(place)
        names = asked.names or list(TRAININGS)
        with ThreadPoolExecutor(asked.jobs) as pool:
            wholes = dict(zip(names, pool.map(lambda name: train_whole(name, home), names), strict=True))
        rounds: dict[str, list[tuple[str, Path, Callable[[Folder], str]]]] = {}
        for name, (base, seconds, different) in wholes.items():
            print(f"{name}: {seconds:.2f} s when it is not killed", flush=True)
            if different:
                print(f"{name}: not even the same twice: {'; '.join(different)}")
                return 1
            jobs = rounds.setdefault(name, [])
            if asked.sweep:
                jobs += [(name, base, kill) for kill in sweep(Folder(home / f"{name}-traced", EXPERIMENTS[name]))]
            else:
                if name in BETWEEN:
                    jobs.append((name, base, lambda folder, death=BETWEEN[name]: at_operation(folder, death)))
                for i in range(asked.kills - (name in BETWEEN)):
                    generator = random.Random(f"{asked.seed} {name} {i}")
                    jobs.append((name, base, lambda folder, s=seconds, g=generator: at_random(folder, s, g)))  # type: ignore[misc]
        every = [job for jobs in itertools.zip_longest(*rounds.values()) for job in jobs if job is not None]
        with ThreadPoolExecutor(asked.jobs) as pool:
            results = []
            made = pool.map(lambda i, job: trial(job[0], job[1], home / str(i), job[2]), itertools.count(), every)
            for result in made:
                results.append(result)
                print(f"{result.experiment:8}{'; '.join(result.differs) or 'identical':12}{result.what}", flush=True)
    for name in dict.fromkeys(result.experiment for result in results):
        of_name = [not result.differs for result in results if result.experiment == name]
        print(f"{name}: {sum(of_name)} of {len(of_name)} are identical")
    return int(any(result.differs for result in results))


def sweep(folder: Folder) -> list[Callable[[Folder], str]]:
    """A kill before, in and after each operation but the steps, of which some will do."""
    if folder.go(report="operations"):
        raise RuntimeError(folder.talk)
    operations = (folder.path / "operations").read_text().splitlines()
    kills: list[Callable[[Folder], str]] = []
    for i, operation in enumerate(operations):
        kind, _, what = operation.partition(" ")
        known = {
            "fsync": ("before", "half", "after"),
            "replace": ("before", "after"),
            "step": ("after",) * (i % 3 == 0),
        }
        for way in known.get(kind, () if what.startswith(".") else ("after",)):
            kills.append(lambda folder, death=(i, way), what=operation: f"{at_operation(folder, death)} {what}")  # type: ignore[misc]
    return kills


if __name__ == "__main__":
    sys.exit(main())
