"""What an exact resume needs: one file an epoch, checksummed, written beside and renamed; the one before it is kept.

Everything that decides the future of a training is in it: each variable of the network (the state of its random
generators too) and of the optimizer, the counters of the callbacks, the history. The order of the rows is not: it is a
function of seed and epoch.
"""

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnacli import files, json_file, weights_file
from rnacli.engine import keras
from rnacli.errors import RnaError, clean
from rnacli.language import Checkpoint, Config
from rnacli.light import Shapes
from rnacli.trained import checkpoints

log = logging.getLogger("rnacli")

MAGIC = b"rna checkpoint 2\n"
LARGEST_STATE = 64 << 20
"""Bytes that the history, and the numbers of callbacks, may take."""
SHARE = 0.03
"""The most of a training's time that checkpoints of their own accord may take."""
COUNTERS = {
    "EarlyStopping": ("wait", "stopped_epoch", "best", "best_epoch"),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
    "ModelCheckpoint": ("best", "_batches_seen_since_last_saving", "_last_batch_seen", "_current_epoch"),
    "SwapEMAWeights": ("_ema_weights_in_model",),
}
"""What Keras' callbacks remember from epoch to epoch; EarlyStopping keeps weights besides."""
ANEW = "rna train CONFIG starts a new run: config.yaml in the run folder is one"


@dataclass(frozen=True)
class State:
    """A training after ``epoch`` whole epochs.

    ``epochs``: how many there were to be; ``stopped``: a callback has ended it, not just a signal.
    ``history``: the rows so far. ``counters``: those of each callback, in order.
    ``arrays``: the variables, by the names that ``variables`` gives, and the weights that callbacks keep.
    """

    epoch: int
    epochs: int
    stopped: bool
    history: list[dict[str, float]]
    counters: list[dict[str, Any]]
    arrays: dict[str, np.ndarray] = field(repr=False)


def variables(network: Any) -> dict[str, Any]:
    """Every variable that training changes, by a name that is the same in each process."""
    named = {f"network/{i}": variable for i, variable in enumerate(network.variables)}
    return named | {f"optimizer/{i}": variable for i, variable in enumerate(network.optimizer.variables)}


def kept_weights(callbacks: Sequence[Any]) -> dict[int, list[np.ndarray]]:
    """The weights that each early stopping (by its place among the callbacks) keeps as the best."""
    kept = {i: getattr(callback, "best_weights", None) for i, callback in enumerate(callbacks)}
    return {i: weights for i, weights in kept.items() if weights is not None}


def take(
    network: Any, callbacks: Sequence[Any], history: list[dict[str, float]], epochs: int, signals: Sequence[int] = ()
) -> State:
    """The state of a training of so many ``epochs`` at the end of one. ``signals``: those that are to end it."""
    arrays = {name: np.asarray(variable) for name, variable in variables(network).items()}
    for i, weights in kept_weights(callbacks).items():
        arrays |= {f"best/{i}/{j}": weight for j, weight in enumerate(weights)}
    counters = [
        {name: getattr(callback, name) for name in COUNTERS.get(type(callback).__name__, ()) if hasattr(callback, name)}
        for callback in callbacks
    ]
    last = len(history) - 1
    by_callback = not signals or any(getattr(callback, "stopped_epoch", 0) == last > 0 for callback in callbacks)
    return State(last + 1, epochs, bool(network.stop_training) and by_callback, history, counters, arrays)


def give_back(state: State, network: Any, callbacks: Sequence[Any]) -> None:
    """Put a state into a network that is built and compiled as it was, and into its callbacks."""
    for name, variable in variables(network).items():
        variable.assign(state.arrays[name])
    for i, (callback, counters) in enumerate(zip(callbacks, state.counters, strict=True)):
        for name, value in counters.items():
            setattr(callback, name, value)
        best = [name for name in state.arrays if name.startswith(f"best/{i}/")]
        if best:
            callback.best_weights = [state.arrays[name] for name in best]


def dump(state: State) -> bytes:
    """As the bytes of a file."""
    shapes = {name: [list(array.shape), str(array.dtype)] for name, array in state.arrays.items() if "best/" in name}
    columns = list(state.history[0]) if state.history else []
    # As JSON, a hundred thousand epochs would be too many to be read again.
    history = np.array([[row[name] for name in columns] for row in state.history], "float64")
    plain = {
        "epoch": state.epoch,
        "epochs": state.epochs,
        "stopped": state.stopped,
        "history": columns,
        "counters": state.counters,
        "best": shapes,
    }
    arrays = {**state.arrays, "history": history.reshape(-1, len(columns))}
    content = json.dumps(plain, default=number).encode() + b"\n" + weights_file.dump(arrays)
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def number(value: Any) -> Any:
    """NumPy's numbers as JSON has them."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no number")


def kinds(config: Config) -> list[str]:
    """Keras' names of the config's callbacks, in order."""
    return [spec.entry.target for spec in config.callbacks]


def read(path: Path, network: Any, callbacks: Sequence[str]) -> State:
    """The state in a file, if it is whole and of just such a network and such ``kinds`` of callbacks.

    The network is compiled, and its optimizer built. Raises ``RnaError``.
    """
    expected: Shapes = {
        name: (tuple(variable.shape), str(np.asarray(variable).dtype)) for name, variable in variables(network).items()
    }
    best: Shapes = {
        f"best/{i}/{j}": (tuple(weight.shape), str(weight.dtype))
        for i, kind in enumerate(callbacks)
        if kind == "EarlyStopping"
        for j, weight in enumerate(network.get_weights())
    }
    room = sum(weights_file.size_of(shapes) for shapes in (expected, best))
    try:
        content = weights_file.read_bounded(path, len(MAGIC) + 65 + LARGEST_STATE + room)
        start = len(MAGIC) + 65
        body = content[start:]
        if content[:start] != MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n":
            raise ValueError("its checksum is another one")
        text, _, arrays = body.partition(b"\n")
        json_file.check_size(text)
        plain = json.loads(text)
        holders = {name.rpartition("/")[0] for name in plain["best"]}
        kept = {name: each for name, each in best.items() if name.rpartition("/")[0] in holders}
        if set(kept) != set(plain["best"]):
            raise ValueError("it holds other weights than the network has")
        counters = [dict(each) for each in plain["counters"]]
        if len(counters) != len(callbacks) or not all(
            set(each) <= set(COUNTERS.get(kind, ())) for each, kind in zip(counters, callbacks, strict=True)
        ):
            raise ValueError("it is of other callbacks")
        if not all(isinstance(value, int | float | None) for each in counters for value in each.values()):
            raise ValueError("its counters are no numbers")
        if not all(isinstance(counters[int(name[len("best/") :])].get("best_epoch"), int) for name in holders):
            raise ValueError("it does not say which epoch was the best")
        epoch, columns = int(plain["epoch"]), [str(name) for name in plain["history"]]
        table: Shapes = {"history": ((epoch, len(columns)), "float64")}
        parsed = weights_file.parse(arrays, expected | kept | table)
        rows = [dict(zip(columns, row, strict=True)) for row in parsed.pop("history").tolist()]
        history = [{name: int(value) if name == "epoch" else value for name, value in row.items()} for row in rows]
        return State(epoch, int(plain["epochs"]), bool(plain["stopped"]), history, counters, parsed)
    except RnaError:
        raise
    except Exception as error:  # json, zipfile and numpy raise many kinds on a damaged file
        raise RnaError(f"the checkpoint is damaged: {clean(error, 120)}", place=str(path), hint=ANEW) from None


def write(folder: Path, state: State) -> None:
    """Write a state into ``folder``, where the one before it stays, and no other. Raises ``OSError``.

    Those of later epochs are what a resume could not read.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"epoch-{state.epoch:06d}"
    files.write(path, dump(state))
    files.sync(folder)
    found = checkpoints(folder)
    for other in {*found[found.index(path) + 1 :], *found[: max(0, found.index(path) - 1)]}:
        other.unlink(missing_ok=True)


def newest(folder: Path, network: Any, callbacks: Sequence[str]) -> State | None:
    """The newest state in ``folder`` that is whole, or ``None`` where no epoch has one yet.

    Raises ``RnaError`` where there are some and each is damaged, and where the folder itself is gone.
    """
    if not folder.is_dir() or folder.is_symlink():
        raise RnaError("the checkpoints of this run are gone", place=str(folder), hint=ANEW)
    found = checkpoints(folder)
    for i, path in enumerate(reversed(found)):
        try:
            return read(path, network, callbacks)
        except RnaError as error:
            if i == len(found) - 1:
                raise
            log.warning("%s; going on from the one before it", error)
    return None


def restore(folder: Path, network: Any, config: Config) -> str:
    """Give a compiled network the weights that it would have, had training ended with the newest checkpoint.

    Returns which those are: ``epoch 12``, or ``epoch 9, the best of 12``. Raises ``RnaError`` as ``newest`` does.
    """
    network.optimizer.build(network.trainable_variables)
    state = newest(folder, network, kinds(config))
    if state is None:
        raise RnaError("there is no checkpoint", place=str(folder), hint=ANEW)
    for name, variable in variables(network).items():
        variable.assign(state.arrays[name])
    if not any(counters.get("_ema_weights_in_model") for counters in state.counters):
        network.optimizer.finalize_variable_values(network.trainable_variables)
    which = f"epoch {state.epoch}"
    for i, counters in enumerate(state.counters):
        best = [state.arrays[name] for name in state.arrays if name.startswith(f"best/{i}/")]
        if best:
            network.set_weights(best)
            which = f"epoch {int(counters['best_epoch']) + 1}, the best of {state.epoch}"
    return which


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training the run in ``folder`` meanwhile.

    The lock is on the folder itself and ends with the process, however that ends; where the system has no such locks,
    nothing is kept. Raises ``RnaError`` where another process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        message, hint = "another process is training this run", "wait until it ends, or end it"
        raise RnaError(message, place=str(folder), hint=hint) from None
    except OSError:  # a file system without locks
        pass
    try:
        yield
    finally:
        os.close(number)


class Keep(keras.callbacks.Callback):  # type: ignore[misc]
    """Writes a checkpoint at the end of an epoch, and puts a state back before the first one.

    ``asked``: how often, as the config says; ``auto``: as often as takes at most ``SHARE`` of the time. The last epoch
    always has one. ``signals``: will hold those that are to end training.
    """

    def __init__(
        self,
        folder: Path,
        callbacks: Sequence[Any],
        history: Any,
        epochs: int,
        state: State | None = None,
        asked: str | Checkpoint = "auto",
        signals: Sequence[int] = (),
    ):
        super().__init__()
        self.folder, self.callbacks, self.history, self.epochs = folder, callbacks, history, epochs
        self.state, self.asked, self.signals = state, asked, signals
        self.cost, self.spent = 0.0, 0.0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.state is not None:
            give_back(self.state, self.model, self.callbacks)
        self.began = self.last = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        whole = len(self.history.rows) == epoch + 1
        if whole and (self.is_due(epoch) or epoch + 1 == self.epochs or self.model.stop_training):
            start = time.perf_counter()
            state = take(self.model, self.callbacks, self.history.rows, self.epochs, self.signals)
            if all(np.isfinite(state.arrays[name]).all() for name in state.arrays if name.startswith("network/")):
                write(self.folder, state)
            self.last = time.perf_counter()
            self.cost = self.last - start
            self.spent += self.cost

    def is_due(self, epoch: int) -> bool:
        now = time.perf_counter()
        if isinstance(self.asked, Checkpoint):
            late = self.asked.seconds is not None and now - self.last >= self.asked.seconds
            return late or (self.asked.every is not None and (epoch + 1) % self.asked.every == 0)
        return self.spent + self.cost <= SHARE * (now - self.began)
