"""Kills real trainings and searches with SIGKILL, resumes them, and compares them with one that was never killed.

``python tests/kill.py [--kills 50] [--seed 0] [--jobs 2]`` kills trainings at random moments; ``--only NAME`` one of
them, or one of the searches: ``slots`` or ``shapes``. ``--sweep`` kills before, in and after every single
write instead. Exits with 1 unless all are the same to the last bit.
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

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

DENSE = """\
name: dense
seed: 5
dataset: {sklearn: make_moons, n_samples: 300, noise: 0.2, split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 16, activation: relu}
  - batch_normalization
  - dropout: 0.3
  - gaussian_noise: 0.05
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.02}}
metrics: [accuracy]
threshold: f1
epochs: 14
batch_size: 16
callbacks:
  - early_stopping: {monitor: val_loss, patience: 5, restore_best_weights: true}
  - reduce_lr_on_plateau: {monitor: val_loss, patience: 1, factor: 0.5, cooldown: 1}
checkpoint: {every: 1}
engine: {fuse: true}
"""
IMAGES = """\
name: images
seed: 6
dataset:
  images: digits
  image_size: 8
  color_mode: grayscale
  augment:
    - random_translation: {height_factor: 0.1, width_factor: 0.1}
    - random_rotation: 0.05
  split: {test: 0.2, validation: 0.2}
  scale: {rescale: 255}
layers:
  - random_flip: horizontal
  - conv_2d: {filters: 4, kernel_size: 3, activation: relu}
  - batch_normalization
  - max_pooling_2d: 2
  - flatten
  - dropout: 0.2
  - dense: {units: 10, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {sgd: {learning_rate: 0.05, momentum: 0.9}}
metrics: [accuracy]
epochs: 8
batch_size: 32
callbacks:
  - early_stopping: {monitor: val_loss, patience: 3, restore_best_weights: true}
  - reduce_lr_on_plateau: {monitor: val_loss, patience: 1, cooldown: 2}
checkpoint: {every: 1}
engine: {fuse: true}
"""
TEXT = """\
name: text
seed: 7
dataset: {text: poem.txt, window: 12, split: {test: 0.1, validation: 0.1}}
layers:
  - embedding: {output_dim: 8}
  - lstm: {units: 12, return_sequences: true, dropout: 0.1}
  - dropout: 0.2
  - dense: {}
loss: {sparse_categorical_crossentropy: {from_logits: true}}
optimizer: {adam: 0.02}
epochs: 3
batch_size: 32
samples: {every: 2, prompt: "en", temperature: [0, 0.8], length: 70}
checkpoint: {every: 1}
"""
GAN = """\
name: gan
seed: 7
dataset:
  images: digits
  image_size: 8
  color_mode: grayscale
  augment:
    - random_translation: {height_factor: 0.1, width_factor: 0.1}
  split: {test: 0.2, validation: 0.2}
  scale: {rescale: 127.5, offset: -1}
noise: 5
generator:
  - dense: {units: 32, use_bias: false}
  - reshape: [4, 4, 2]
  - batch_normalization
  - leaky_relu: 0.1
  - conv2d_transpose: {filters: 1, kernel_size: 3, strides: 2, padding: same, activation: tanh}
discriminator:
  - conv2d: {filters: 4, kernel_size: 3, strides: 2, padding: same}
  - batch_normalization
  - leaky_relu: 0.1
  - dropout: 0.2
  - flatten
  - dense: 1
loss: {binary_crossentropy: {from_logits: true}}
optimizer: {generator: {adam: 1e-3}, discriminator: {sgd: {learning_rate: 0.01, momentum: 0.9}}}
epochs: 8
batch_size: 32
samples: {every: 1, grid: [2, 2]}
checkpoint: {every: 1}
engine: {fuse: true}
"""
EXPERIMENTS = {"dense": DENSE, "images": IMAGES, "text": TEXT, "gan": GAN}
SLOTS = """\
name: slots
seed: 2
dataset: {sklearn: make_circles, n_samples: 200, factor: 0.3, noise: 0.2, random_state: 0,
  split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 4, activation: tanh}
  - dropout: 0.1
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: {learning_rate: 0.1}}
metrics: [accuracy]
epochs: 12
batch_size: 12
callbacks: [{early_stopping: {monitor: val_loss, patience: 4, restore_best_weights: true}}]
checkpoint: {every: 1}
tune:
  trials: 24
  goal: val_accuracy
  confirm: {best: 2, seeds: 4}
  over:
    optimizer.*.learning_rate: {log: [1e-3, 1.0]}
    layers.1.dropout.rate: [0.0, 0.5]
"""
SHAPES = SLOTS.replace("name: slots", "name: shapes").replace("trials: 24", "trials: 8\n  seeds: 2").replace(
    "  over:", "  over:\n    layers.0.dense.units: [2, 9]"
)  # fmt: skip
SEARCHES = {"slots": SLOTS, "shapes": SHAPES}


# In a process that is to be killed

Death = tuple[int, str] | None
"""At which of its operations a process dies, and when: ``before``, ``after``, or ``half``, with a file cut in two."""
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["rnacli.training.resume", "rnacli.plots.view", "sklearn.datasets", "sklearn.metrics"])


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
            due = death is not None and len(operations) - 1 == death[0]
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
        if "images: digits" in self.text:
            write_digits(self.path / "digits")
        (self.path / "poem.txt").write_text("en un lugar de la mancha de cuyo nombre no quiero acordarme\n" * 25)

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
        process.join(1200)
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


def write_digits(folder: Path) -> None:
    """Small handwritten digits, each a file in its class' folder."""
    import sklearn.datasets
    from PIL import Image

    x, y = sklearn.datasets.load_digits(return_X_y=True)
    for i, (values, digit) in enumerate(zip(x[:320], y[:320], strict=True)):
        (folder / str(digit)).mkdir(parents=True, exist_ok=True)
        Image.fromarray((values.reshape(8, 8) * 15).astype("uint8")).save(folder / str(digit) / f"{i}.png")


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


def trial(name: str, base: Path, where: Path, kill: Callable[[Folder], str]) -> Result:
    """One killed and resumed run against the one that was never killed."""
    folder = Folder(where, (EXPERIMENTS | SEARCHES)[name])
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
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=[*EXPERIMENTS, *SEARCHES])
    parser.add_argument("--sweep", action="store_true", help="kill before, in and after every write")
    asked = parser.parse_args()
    chosen = {asked.only: (EXPERIMENTS | SEARCHES)[asked.only]} if asked.only else EXPERIMENTS
    with tempfile.TemporaryDirectory(prefix="rna-kill-") as place:
        home = Path(place)
        jobs: list[tuple[str, Path, Callable[[Folder], str]]] = []
        for name, text in chosen.items():
            base = Folder(home / f"{name}-whole", text).finish()
            start = time.perf_counter()
            again = Folder(home / f"{name}-again", text).finish()
            seconds = time.perf_counter() - start
            if different := differences(base, again):
                print(f"{name}: not even the same twice: {'; '.join(different)}")
                return 1
            print(f"{name}: {seconds:.2f} s when it is not killed", flush=True)
            if asked.sweep:
                jobs += [(name, base, kill) for kill in sweep(Folder(home / f"{name}-traced", text))]
            else:
                share = asked.kills // len(chosen) + (asked.kills % len(chosen) if name == next(iter(chosen)) else 0)
                for i in range(share):
                    generator = random.Random(f"{asked.seed} {name} {i}")
                    jobs.append((name, base, lambda folder, s=seconds, g=generator: at_random(folder, s, g)))  # type: ignore[misc]
        with ThreadPoolExecutor(asked.jobs) as pool:
            results = []
            made = pool.map(lambda i, job: trial(job[0], job[1], home / str(i), job[2]), itertools.count(), jobs)
            for result in made:
                results.append(result)
                print(f"{result.experiment:8}{'; '.join(result.differs) or 'identical':12}{result.what}", flush=True)
    same = sum(not result.differs for result in results)
    print(f"{same} of {len(results)} are identical")
    return int(same < len(results))


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

            def kill(folder: Folder, death: Death = (i, way), operation: str = operation) -> str:
                code = folder.go(death)
                return f"{death} {operation}" + ("" if code == -signal.SIGKILL else f", ended with {code}")

            kills.append(kill)
    return kills


if __name__ == "__main__":
    sys.exit(main())
