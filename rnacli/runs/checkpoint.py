"""What an exact resume needs: one file an epoch, checksummed, written beside and renamed; the one before it is kept.

Everything that decides the future of a training is in it: each variable of the network (the state of its random
generators too) and of the optimizer, the counters of the callbacks, the history. The order of the rows is not: it is a
function of seed and epoch.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.files import sync_folder, write_file
from rnacli.runs.open import list_checkpoints
from rnacli.runs.optimizers import build_optimizers, finalize_weights, optimizer_variables
from rnacli.runs.weights import ExpectedArrays, arrays_size, dump_arrays, parse_arrays, read_bounded
from rnacli.schema.keras_object import KerasSpec
from rnacli.strict_json import check_json_size, read_dataclass
from rnacli.words import fill_template

log = logging.getLogger("rnacli")

MAGIC = b"rna checkpoint 2\n"
LARGEST_STATE = 64 << 20
"""Bytes that the history, and the numbers of callbacks, may take."""
HEAD = len(MAGIC) + 65
"""Bytes before the content: ``MAGIC``, and a line with the content's SHA-256."""
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
    phase: int = 0
    """Counted from 0."""


@dataclass(frozen=True)
class PlainState:
    """What of a ``State`` is written as JSON, before the arrays.

    ``history``: the columns, whose numbers are an array. ``best``: name -> shape and type of the weights that
    callbacks keep.
    """

    epoch: int
    epochs: int
    stopped: bool
    history: list[str]
    counters: list[dict[str, Any]]
    best: dict[str, Any]
    phase: int = 0


Enter = Callable[[int], Sequence[str]]
"""Makes the network what it is in a phase, and gives the kinds of its callbacks; ``ValueError`` for no such phase."""


def state_variables(network: Any) -> dict[str, Any]:
    """Every variable that training changes, by a name that is the same in each process."""
    named = {f"network/{i}": variable for i, variable in enumerate(network.variables)}
    random = [variable for layers in network.augmentation.values() for layer in layers for variable in layer.variables]
    named |= {f"augment/{i}": variable for i, variable in enumerate(random)}
    return named | {f"optimizer/{i}": variable for i, variable in enumerate(optimizer_variables(network))}


def kept_weights(callbacks: Sequence[Any]) -> dict[int, list[np.ndarray]]:
    """The weights that each early stopping (by its place among the callbacks) keeps as the best."""
    kept = {i: getattr(callback, "best_weights", None) for i, callback in enumerate(callbacks)}
    return {i: weights for i, weights in kept.items() if weights is not None}


def take_state(
    network: Any,
    callbacks: Sequence[Any],
    history: list[dict[str, float]],
    epochs: int,
    signals: Sequence[int] = (),
    phase: int = 0,
) -> State:
    """The state of a training of so many ``epochs`` at the end of one. ``signals``: those that are to end it."""
    arrays = {name: np.asarray(variable) for name, variable in state_variables(network).items()}
    for i, weights in kept_weights(callbacks).items():
        arrays |= {f"best/{i}/{j}": weight for j, weight in enumerate(weights)}
    counters = [
        {name: getattr(callback, name) for name in COUNTERS.get(type(callback).__name__, ()) if hasattr(callback, name)}
        for callback in callbacks
    ]
    last = len(history) - 1
    by_callback = not signals or any(getattr(callback, "stopped_epoch", 0) == last > 0 for callback in callbacks)
    return State(last + 1, epochs, bool(network.stop_training) and by_callback, history, counters, arrays, phase)


def dump_state(state: State) -> bytes:
    """As the bytes of a file."""
    shapes = {name: [list(array.shape), str(array.dtype)] for name, array in state.arrays.items() if "best/" in name}
    columns = list(state.history[0]) if state.history else []
    # As JSON, a hundred thousand epochs would be too many to be read again.
    history = np.array([[row[name] for name in columns] for row in state.history], "float64")
    plain = PlainState(state.epoch, state.epochs, state.stopped, columns, state.counters, shapes, state.phase)
    arrays = {**state.arrays, "history": history.reshape(-1, len(columns))}
    content = json.dumps(asdict(plain), default=plain_number).encode() + b"\n" + dump_arrays(arrays)
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def plain_number(value: Any) -> Any:
    """NumPy's numbers as JSON has them."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no number")


def callback_kinds(callbacks: Sequence[KerasSpec]) -> list[str]:
    """Keras' names of the file's ``callbacks``, in order."""
    return [spec.entry.target for spec in callbacks]


def read_phase(path: Path) -> int:
    """The phase that the state in a file says it is of, before anything else of it is looked at; 0 where it is none."""
    try:
        with path.open("rb") as file:
            file.seek(HEAD)
            text = file.readline(LARGEST_STATE)
        check_json_size(text)
        phase = json.loads(text)["phase"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return 0
    return phase if isinstance(phase, int) else 0


def read_state(path: Path, network: Any, callbacks: Sequence[str], enter: Enter | None = None) -> State:
    """The state in a file, if it is whole and of just such a network and such kinds of ``callbacks``.

    The network is compiled, and its optimizer built; or ``enter`` does it for the phase of the state, and gives the
    kinds of its callbacks. Raises ``RnaError``.
    """
    phase = 0
    if enter is not None:
        try:
            phase = read_phase(path)
            callbacks = enter(phase)
        except ValueError as error:
            raise damaged_checkpoint(path, error) from None
    expected: ExpectedArrays = {
        name: (tuple(variable.shape), str(np.asarray(variable).dtype))
        for name, variable in state_variables(network).items()
    }
    best: ExpectedArrays = {
        f"best/{i}/{j}": (tuple(weight.shape), str(weight.dtype))
        for i, kind in enumerate(callbacks)
        if kind == "EarlyStopping"
        for j, weight in enumerate(network.get_weights())
    }
    room = sum(arrays_size(shapes) for shapes in (expected, best))
    try:
        content = read_bounded(path, HEAD + LARGEST_STATE + room)
        body = content[HEAD:]
        if content[:HEAD] != MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n":
            raise ValueError("its checksum is another one")
        text, _, arrays = body.partition(b"\n")
        check_json_size(text)
        plain = read_dataclass(PlainState, json.loads(text))  # which counts from infinity, as no other file does
        if plain.phase != phase:
            raise ValueError("it is of another phase")
        check_counters(plain, callbacks)
        holders = best_holders(plain)
        kept = {name: shape for name, shape in best.items() if name.rpartition("/")[0] in holders}
        if set(kept) != set(plain.best):
            raise ValueError("it holds other weights than the network has")
        if "epoch" not in plain.history or plain.epoch * len(set(plain.history)) * 8 > len(arrays):
            raise ValueError("its history has not as many rows and columns as it says")
        table: ExpectedArrays = {"history": ((plain.epoch, len(plain.history)), "float64")}
        parsed = parse_arrays(arrays, expected | kept | table)
        rows = [dict(zip(plain.history, row, strict=True)) for row in parsed.pop("history").tolist()]
        history = [
            {name: int(value) if name in ("epoch", "phase") else value for name, value in row.items()} for row in rows
        ]
        return State(plain.epoch, plain.epochs, plain.stopped, history, plain.counters, parsed, plain.phase)
    except RnaError:
        raise
    except Exception as error:  # json, zipfile and numpy raise many kinds on a damaged file
        raise damaged_checkpoint(path, error) from None


def damaged_checkpoint(path: Path, error: Exception) -> RnaError:
    return RnaError("the checkpoint is damaged: {error:.120}", place=str(path), hint=ANEW, error=error)


def best_holders(plain: PlainState) -> set[str]:
    """The callbacks that keep weights, as ``best/0``."""
    return {name.rpartition("/")[0] for name in plain.best}


def check_counters(plain: PlainState, callbacks: Sequence[str]) -> None:
    """Refuse counters that are not those of such kinds of ``callbacks``. Raises what a wrong form does."""
    if len(plain.counters) != len(callbacks) or not all(
        set(counters) <= set(COUNTERS.get(kind, ())) for counters, kind in zip(plain.counters, callbacks, strict=True)
    ):
        raise ValueError("it is of other callbacks")
    if not all(isinstance(value, int | float | None) for counters in plain.counters for value in counters.values()):
        raise ValueError("its counters are no numbers")
    for holder in best_holders(plain):
        if not isinstance(plain.counters[int(holder.removeprefix("best/"))].get("best_epoch"), int):
            raise ValueError("it does not say which epoch was the best")


def write_state(folder: Path, state: State) -> None:
    """Write a state into ``folder``, where the one before it stays, and no other. Raises ``OSError``.

    Those of later epochs are what a resume could not read.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"epoch-{state.epoch:06d}"
    write_file(path, dump_state(state))
    sync_folder(folder)
    paths = list_checkpoints(folder)
    for other in {*paths[paths.index(path) + 1 :], *paths[: max(0, paths.index(path) - 1)]}:
        other.unlink(missing_ok=True)


def newest_state(folder: Path, network: Any, callbacks: Sequence[str], enter: Enter | None = None) -> State | None:
    """The newest state in ``folder`` that is whole, or ``None`` where no epoch has one yet; as ``read_state``.

    Raises ``RnaError`` where there are some and each is damaged, and where the folder itself is gone.
    """
    if not folder.is_dir() or folder.is_symlink():
        raise RnaError("the checkpoints of this run are gone", place=str(folder), hint=ANEW)
    paths = list_checkpoints(folder)
    for i, path in enumerate(reversed(paths)):
        try:
            return read_state(path, network, callbacks, enter)
        except RnaError as error:
            if i == len(paths) - 1:
                raise
            log.warning("%s; continuing from the one before it", error)
    return None


def restore_newest(folder: Path, network: Any, config: Config, enter: Enter | None = None) -> str:
    """Give a compiled network the weights that it would have, had training ended with the newest checkpoint.

    Returns which those are: ``epoch 12``, or ``epoch 9, the best of 12``. Raises ``RnaError`` as ``newest_state`` does.
    """
    build_optimizers(network)
    state = newest_state(folder, network, callback_kinds(config.callbacks), enter)
    if state is None:
        raise RnaError("there is no checkpoint", place=str(folder), hint=ANEW)
    for name, variable in state_variables(network).items():
        variable.assign(state.arrays[name])
    if not any(counters.get("_ema_weights_in_model") for counters in state.counters):
        finalize_weights(network)
    which = fill_template("epoch {epoch}", epoch=state.epoch)
    for i, counters in enumerate(state.counters):
        best = [state.arrays[name] for name in state.arrays if name.startswith(f"best/{i}/")]
        if best:
            network.set_weights(best)
            which = fill_template(
                "epoch {best_epoch}, the best of {epoch}", best_epoch=int(counters["best_epoch"]) + 1, epoch=state.epoch
            )
    return which
