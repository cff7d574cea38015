"""What several test files share: experiments from a text, what is refused, the command in a process of its own."""

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest.mock
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnacli.data.examples import Examples
from rnacli.document.read import parse_document
from rnacli.encoders.encoder import Encoder, InputSpec
from rnacli.errors import Problem, RnaError
from rnacli.examples.learnt import Preprocessing
from rnacli.examples.load import Data
from rnacli.experiment.config import Config
from rnacli.experiment.load import load_config, read_config
from rnacli.runs.find import open_run
from rnacli.runs.folder import Run
from rnacli.tasks.heads import Head
from rnacli.tasks.task import Task

ROOT = Path(__file__).parents[1]

CIRCLES = """\
name: circles
dataset: {sklearn: make_circles, n_samples: 100, factor: 0.3, noise: 0.07, split: {test: 0.2}, scale: standard}
layers:
  - dense: {units: 4, activation: tanh}
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {sgd: {learning_rate: 0.1}}
metrics: [accuracy]
epochs: 3
batch_size: 16
"""

IRIS = """\
name: iris
seed: 3
dataset: {sklearn: load_iris, split: {test: 40, stratify: true}, scale: standard}
layers:
  - dense: {units: 5, activation: relu}
  - dropout: 0
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: adam
metrics: [accuracy]
epochs: 3
batch_size: 16
"""

TUNED = """\
name: iris
dataset: {sklearn: load_iris, split: {test: 0.2, validation: 0.2}, scale: standard}
layers:
  - dense: {units: 8, activation: relu}
  - repeat: {times: 2, layers: [{dense: 8}, {dropout: 0.1}]}
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: adam
metrics: [accuracy]
epochs: 3
tune:
  trials: 5
  goal: val_accuracy
  over:
    optimizer: {choice: [adam, sgd]}
    optimizer.*.learning_rate: {log: [1e-4, 0.1]}
    optimizer.*.momentum: [0.0, 0.9]
    layers.0.dense.units: {from: 8, to: 32, step: 8}
    layers.1.repeat.times: [1, 4]
    layers.1.repeat.layers.1.dropout.rate: [0.0, 0.5]
    batch_size: {choice: [8, 16]}
"""


def experiment(text: str, folder: Path = ROOT, **changes: Any) -> Config:
    """The experiment in a text, with some of its top-level keys changed."""
    document = parse_document(text, "experiment.yaml")
    document.value.update(changes)
    return read_config(document, folder)


def problems_of(call: Callable[..., Any], *arguments: Any, exit_code: int | None = None) -> tuple[Problem, ...]:
    """What a call refuses."""
    with pytest.raises(RnaError) as caught:
        call(*arguments)
    assert exit_code in (None, caught.value.exit_code)
    return caught.value.problems


def problem_of(call: Callable[..., Any], *arguments: Any, exit_code: int | None = None) -> Problem:
    """The one thing that a call refuses."""
    (problem,) = problems_of(call, *arguments, exit_code=exit_code)
    return problem


def only_task(of: Data | Preprocessing) -> Task:
    """What the only output of a network is for."""
    (task,) = of.tasks.values()
    return task


def only_head(config: Config) -> Head:
    """The only output of a network."""
    (head,) = config.heads.values()
    return head


def by_output(config: Config, what: Any) -> dict[str, Any]:
    """Something of the only output, by its name."""
    return dict.fromkeys(config.outputs, what)


def rows_of(x: Any, y: Any, **more: Any) -> Examples:
    """Rows from lists; the features of a table are ``a``, ``b``, ..."""
    x, y = np.asarray(x), np.asarray(y)
    features = tuple("abcdefghij"[: x.shape[1]]) if x.ndim == 2 else ()
    return Examples(x, y, **({"features": features} | more))


def environment(**more: str) -> dict[str, str]:
    """This process' environment for another Python, which may then keep its byte code."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "NO_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def rna(
    *arguments: object, cwd: Path = ROOT, text: str | None = None, env: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own."""
    command = [sys.executable, "-m", "rnacli", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, input=text, env=env or environment(), capture_output=True, text=True, timeout=120, check=False
    )


class OnTime:
    """A process that is sent a signal when its talk shows a word, and then waited for."""

    def __init__(self, *arguments: object, cwd: Path, word: str, number: signal.Signals):
        command = [sys.executable, "-m", "rnacli", *map(str, arguments)]
        with subprocess.Popen(
            command, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            lines = []
            for line in process.stderr:
                lines.append(line)
                if word in line:
                    process.send_signal(number)
                    break
            self.stdout, rest = process.communicate(timeout=180)
            self.stderr = "".join(lines) + rest
            self.returncode = process.returncode


# What something takes

HANG = 60
"""Seconds after which something that takes a few at most is taken for one that never ends."""


@contextlib.contextmanager
def no_hang(seconds: float = HANG) -> Iterator[None]:
    """A guard against what never ends, not a measurement; only the main thread may use it."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    former = signal.signal(signal.SIGALRM, lambda number, frame: pytest.fail(f"no end after {seconds} seconds"))
    rest, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, rest)
        signal.signal(signal.SIGALRM, former)


def costs(*calls: Callable[[], object], repeats: int = 3) -> list[float]:
    """The least processor time of each call, measured in turns: to be compared with each other and nothing else."""
    measured: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, times in zip(calls, measured, strict=True):
            began = time.process_time()
            call()
            times.append(time.process_time() - began)
    return [min(times) for times in measured]


# Runs that several files look at

FLOWERS = """\
name: flowers
seed: 1
dataset:
  csv: flowers.csv
  target: kind
  id: plant
  features: [height, width, weight]
  split: {test: 0.25, validation: 10, stratify: true}
layers:
  - dense: {units: 8, activation: relu}
  - dense: {units: 3, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: {adam: {learning_rate: 0.05}}
metrics: [accuracy]
epochs: 8
batch_size: 8
"""
PRICES = """\
name: prices
dataset: {csv: prices.csv, target: price, split: {test: {last: 15}}}
layers:
  - dense: {units: 6, activation: relu}
  - dense: 1
loss: mse
optimizer: {adam: {learning_rate: 0.05}}
metrics: [mae]
epochs: 5
batch_size: 16
"""
PAIRS = """\
name: pairs
dataset: {csv: prices.csv, target: [price, rooms], split: {test: 15}}
layers: [{dense: {units: 6, activation: relu}}, dense: 2]
loss: mse
epochs: 2
"""
MARGIN = """\
name: margin
dataset: {csv: answers.csv, target: answer, split: {test: 0.3}}
layers: [{dense: {units: 4, activation: relu}}, {dense: {units: 1, activation: tanh}}]
loss: hinge
optimizer: {sgd: {learning_rate: 0.1}}
metrics: [accuracy]
epochs: 5
batch_size: 4
"""
LOGITS = MARGIN.replace("name: margin", "name: logits").replace("hinge", "{binary_crossentropy: {from_logits: true}}")
LOGITS = LOGITS.replace("units: 1, activation: tanh", "units: 1")
PIXELS = """\
name: pixels
dataset: {npz: pixels.npz, scale: {rescale: 255}}
layers: [flatten, {dense: {units: 3, activation: softmax}}]
loss: sparse_categorical_crossentropy
epochs: 2
"""
PICTURES = """\
name: pictures
dataset:
  images: pictures
  image_size: [8, 10]
  augment: [random_flip: horizontal, random_rotation: 0.1]
  scale: {rescale: 255}
  split: {test: 8, validation: 4, stratify: true}
layers:
  - conv2d: {filters: 2, kernel_size: 3, activation: relu}
  - flatten
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: {adam: 0.01}
epochs: 2
batch_size: 8
"""
RUNS = {
    "circles": CIRCLES, "iris": IRIS, "flowers": FLOWERS, "prices": PRICES, "pairs": PAIRS, "margin": MARGIN,
    "logits": LOGITS, "pixels": PIXELS, "pictures": PICTURES,
}  # fmt: skip
PICTURED = {"flowers", "margin", "pixels"}
KINDS = ("lirio", "rosa", "tulipán")


def write_data(folder: Path) -> None:
    """The files that ``RUNS`` read: made of random numbers with a seed, easy to learn."""
    random = np.random.default_rng(11)
    kinds = np.arange(80) % 3
    sizes = random.normal(size=(80, 3)) * 0.3 + np.array([[1, 5, 2], [3, 4, 8], [6, 1, 5]])[kinds]
    rows = [
        f'p{i:03},"{height:.4f}",{width:.4f},{KINDS[kind]},{weight:.6f},"note, {i}"'
        for i, ((height, width, weight), kind) in enumerate(zip(sizes, kinds, strict=True))
    ]
    (folder / "flowers.csv").write_text("\n".join(["plant,height,width,kind,weight,note", *rows]) + "\n", "utf-8")
    area, age = random.uniform(40, 200, 60), random.uniform(0, 50, 60)
    rows = [f"{a:.3f},{years:.3f},{3 * a - years + 20:.3f},{a / 25:.2f}" for a, years in zip(area, age, strict=True)]
    (folder / "prices.csv").write_text("\n".join(["area,age,price,rooms", *rows]) + "\n")
    x = random.normal(size=(40, 2))
    rows = [f"{a:.5f},{b:.5f},{'yes' if a + b > 0 else 'no'}" for a, b in x]
    (folder / "answers.csv").write_text("\n".join(["a,b,answer", *rows]) + "\n")
    labels = np.arange(36) % 3
    images = random.integers(0, 120, (36, 8, 8)).astype("uint8")
    images[np.arange(36), labels * 2] = 255
    np.savez(folder / "pixels.npz", x_train=images[:24], y_train=labels[:24], x_test=images[24:], y_test=labels[24:])
    write_pictures(folder / "pictures")


def write_pictures(folder: Path, classes: Sequence[str] = ("cats", "dogs"), count: int = 15, seed: int = 0) -> None:
    """A folder of small pictures for each class, as PNG: all differ, and each class has a colour."""
    from PIL import Image

    random = np.random.default_rng(seed)
    for i, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for j in range(count):
            pixels = random.integers(0, 120, (9, 12, 3))
            pixels[..., i % 3] += 100
            Image.fromarray(pixels.astype("uint8")).save(folder / name / f"{name}_{j}.png")


SHARED = "RNA_TEST_RUNS"
"""The variable with the folder that all processes of a test session share: the first one makes and removes it."""
FOLDER = None if SHARED in os.environ else tempfile.TemporaryDirectory(prefix="rna-tests-")
if FOLDER:
    os.environ[SHARED] = FOLDER.name


@functools.cache
def run_of(name: str) -> Run:
    """A small run, trained once in a test session. Its folder must not be changed: take a copy."""
    from rnacli.training.train import train_network

    folder = Path(os.environ[SHARED]) / name
    try:
        folder.mkdir()
    except FileExistsError:
        if (folder / "finished").exists():
            return open_run(*(folder / "runs").iterdir())
        folder = Path(tempfile.mkdtemp(dir=folder.parent))  # another process is at it: nobody waits
    write_data(folder)
    (folder / "experiment.yaml").write_text(RUNS[name], "utf-8")
    made = load_config(folder / "experiment.yaml")
    with with_pictures() if name in PICTURED else without_pictures():
        run = train_network(made, folder / "runs", folder / "cache")
    (folder / "finished").touch()
    return open_run(run.path)


@contextlib.contextmanager
def with_pictures() -> Iterator[None]:
    """Training with its pictures, also for a test that does without: the run is shared with others."""
    from rnacli.plots.before import begin_data_pictures
    from rnacli.plots.paint import begin_pictures

    with (
        unittest.mock.patch("rnacli.training.finish.begin_pictures", begin_pictures),
        unittest.mock.patch("rnacli.training.train.begin_data_pictures", begin_data_pictures),
    ):
        yield


@contextlib.contextmanager
def unpainted() -> Iterator[None]:
    """Pictures are chosen and named, and their files are empty: for who looks at which ones there are."""
    with unittest.mock.patch("rnacli.plots.paint.paint_pictures", lambda wanted, form="png": [b""] * len(wanted)):
        yield


@contextlib.contextmanager
def without_pictures() -> Iterator[None]:
    """Training without its pictures, which take longer than all the rest."""
    with (
        unittest.mock.patch("rnacli.training.finish.begin_pictures", return_value=lambda folder: []),
        unittest.mock.patch("rnacli.training.train.begin_data_pictures", return_value=list),
        unittest.mock.patch("rnacli.training.cross_validate.draw_folds", return_value=[]),
    ):
        yield


def data_of(run: Run) -> Path:
    """The folder with the data of a run of ``run_of``."""
    return run.path.parents[1]


def copied(run: Run, folder: Path) -> Run:
    """A run and its data in a folder of their own."""
    shutil.copytree(data_of(run), folder / "copy")
    return open_run(folder / "copy" / "runs" / run.path.name)


def some_slow(cases: Iterable[Any], every: int) -> list[Any]:
    """Each of so many cases for the long suite, and the others for the one before a release."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else [case]), marks=SLOW if i % every == 0 else EXHAUSTIVE)
        for i, case in enumerate(cases)
    ]


SLOW, EXHAUSTIVE = pytest.mark.slow, pytest.mark.exhaustive


def peak_memory() -> int:
    """The most bytes of memory that this process has had."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("only Linux knows a process' own peak")
    return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) * 1024  # type: ignore[index]


def beside_one_another(learnt: Preprocessing, raw: np.ndarray) -> np.ndarray:
    """All inputs (n, width) of raw examples beside one another, those of one array as they are."""
    return encode_beside(learnt.encoder, raw)


def encode_beside(encoder: Encoder, raw: np.ndarray) -> np.ndarray:
    """As ``beside_one_another``, by an encoder."""
    arrays = list(encoder.encode(raw).values())
    if len(arrays) == 1:
        return arrays[0] if arrays[0].ndim > 1 else arrays[0][:, None].astype("float32")
    return np.hstack([array.reshape(len(array), -1).astype("float32") for array in arrays])


def raw_inputs(rows: Examples) -> np.ndarray:
    """The raw inputs of all examples."""
    return rows.x.take(np.arange(len(rows.x)))


def arrays_of(data: Data, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs beside one another, and encoded targets, of a part."""
    (encoded,) = data.encoded_targets(part).values()
    return beside_one_another(data.preprocessing, data.raw(part)), encoded


def names_of(learnt: Preprocessing) -> tuple[str, ...]:
    """What each input of a table is called."""
    if learnt.columns is None:
        return learnt.encoder.features
    return (*learnt.columns.names, *(learnt.columns.features[j] for j in learnt.columns.own))


def embeddings_of(columns: Any) -> tuple[tuple[str, int, int], ...]:
    """Name, number of categories and dimensions of each embedded column."""
    inputs = columns.inputs.items()
    return tuple((name, spec.categories, spec.dimensions) for name, spec in inputs if spec.categories)


def one_input(*shape: int) -> dict[str, InputSpec]:
    """The inputs of a network that has one."""
    return {"x": InputSpec(shape)}
