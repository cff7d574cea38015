"""How many times faster than plain Keras ``fit`` this machine trains, measured in some seconds."""

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.document.read import parse_document
from rnacli.engine.feed import pack
from rnacli.engine.tensorflow import keras
from rnacli.experiment.load import read_config
from rnacli.fitting.fit import fit_network
from rnacli.fitting.history import History
from rnacli.fitting.job import Job, prepare_job
from rnacli.runs.folder import Run

NETWORKS = {
    "small": """\
dataset: {sklearn: make_circles, n_samples: 1000, factor: 0.3, noise: 0.07, split: {test: 0.2}, scale: standard}
layers:
  - dense: {units: 4, activation: tanh}
  - dense: {units: 2, activation: tanh}
  - dense: {units: 1, activation: sigmoid}
loss: binary_crossentropy
optimizer: sgd
metrics: [accuracy]
epochs: 1000000
batch_size: 5
""",
    "middle": """\
dataset: {sklearn: make_classification, n_samples: 3000, n_features: 784, n_informative: 40, n_classes: 10,
  split: {test: 0.2}, scale: standard}
layers:
  - dense: {units: 128, activation: relu}
  - dense: {units: 10, activation: softmax}
loss: sparse_categorical_crossentropy
optimizer: adam
metrics: [accuracy]
epochs: 1000000
batch_size: 32
""",
}
"""A network of a tutorial, and one of the size of MNIST's."""


@dataclass(frozen=True)
class Speed:
    """Seconds of an epoch (the median, without the first one) of one network, by plain ``fit`` and by ``rna``."""

    network: str
    parameters: int
    steps: int
    plain: float
    ours: float

    @property
    def times(self) -> float:
        """How many times faster ``rna`` is."""
        return self.plain / self.ours


class Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a training after some ``seconds``, and has those of each epoch."""

    def __init__(self, seconds: float):
        super().__init__()
        self.seconds, self.epochs = seconds, list[float]()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epochs.append(time.perf_counter() - self.began)
        # The first one traces and compiles; of two others the second may tell.
        self.model.stop_training = sum(self.epochs[1:]) > self.seconds and len(self.epochs) > LEAST

    @property
    def median(self) -> float:
        return statistics.median(self.epochs[1:])


LEAST = 3


def measure_speeds(seconds: float = 10.0) -> Iterator[Speed]:
    """Train each of the ``NETWORKS`` both ways, some ``seconds`` together."""
    for name, text in NETWORKS.items():
        with tempfile.TemporaryDirectory(prefix="rna-doctor-") as folder:
            yield measure_network(name, text, seconds / len(NETWORKS) / 2, Path(folder))


def measure_network(name: str, text: str, seconds: float, folder: Path) -> Speed:
    """Train one network by plain ``fit``, compiled as Keras does by itself, and as ``rna train`` does."""
    job = prepare_job(read_config(parse_document(text, "doctor.yaml"), folder), folder)
    plain = train_plainly(job, Watch(seconds)).median
    watch, run = Watch(seconds), Run(folder)
    epochs = range(job.config.epochs)
    fit_network(dataclasses.replace(job, validated=None), History(run), [watch], [], epochs)
    steps = -(-len(job.data.parts["train"]) // int(job.config.batch_size))
    return Speed(name, job.network.count_params(), steps, plain, watch.median)


def train_plainly(job: Job, watch: Watch) -> Watch:
    """Train a copy of a job's network as a script would: ``compile`` and ``fit``, all else left to Keras."""
    data, config = job.data, job.config
    network = keras.models.clone_model(job.network)
    (loss,) = config.heads.values()
    (optimizer,) = config.optimizers.values()
    network.compile(optimizer=optimizer.name, loss=loss.loss.name, metrics=["accuracy"])
    network.fit(
        pack(data.preprocessing.encoder.encode(data.raw("train"))),
        pack(data.encoded_targets("train")),
        batch_size=int(config.batch_size),
        epochs=config.epochs,
        callbacks=[watch],
        verbose=0,
    )
    return watch
