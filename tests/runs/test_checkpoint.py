"""The checkpoint file: whole or refused, of just this network, the one before it kept, and cheap."""

import errno
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import CIRCLES, by_output, experiment, one_input, only_head, problem_of

from rnacli.engine.tensorflow import keras
from rnacli.experiment.config import Checkpoint
from rnacli.networks.build import build_network, compile_network
from rnacli.networks.plan import plan_network
from rnacli.runs.checkpoint import (
    MAGIC,
    State,
    newest_state,
    read_state,
    restore_newest,
    state_variables,
    take_state,
    write_state,
)
from rnacli.runs.folder import lock_run
from rnacli.runs.open import list_checkpoints
from rnacli.tasks.choose import choose_form
from rnacli.tasks.classes import Classes
from rnacli.training.keep import KeepCheckpoints, give_back_state

KINDS = ["EarlyStopping", "ReduceLROnPlateau"]


def network(units: int = 4) -> Any:
    """A compiled network of two inputs with its optimizer's variables."""
    layers = [{"dense": units}, {"dropout": 0.5}, {"dense": {"units": 1, "activation": "sigmoid"}}]
    made = experiment(CIRCLES, layers=layers, optimizer="adam")
    plan_network(made, one_input(2))
    built = build_network(made, one_input(2))
    task = Classes(choose_form(only_head(made), np.array([0, 1]), "y"), ("y",), ("0", "1"), ("0", "1"))
    compile_network(built, made, by_output(made, task))
    built.optimizer.build(built.trainable_variables)
    return built


def callbacks() -> list[Any]:
    return [keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True), keras.callbacks.ReduceLROnPlateau()]


def state(built: Any, epochs: int = 2) -> State:
    """A state in which every number is another one."""
    for i, variable in enumerate(state_variables(built).values()):
        variable.assign(np.full(variable.shape, i + 1))
    waiting = callbacks()
    waiting[0].best_weights, waiting[0].wait, waiting[0].best = built.get_weights(), 2, np.float32(0.25)
    waiting[0].best_epoch = 1
    waiting[1].cooldown_counter = 5
    built.stop_training = False
    history = [{"epoch": i + 1, "loss": 0.1 + i, "val_loss": float("nan")} for i in range(epochs)]
    return take_state(built, waiting, history, 9)


def test_a_state_comes_back_whole(tmp_path: Path) -> None:
    built = network()
    written = state(built)
    write_state(tmp_path, written)
    other, waiting = network(), callbacks()
    found = newest_state(tmp_path, other, KINDS)
    assert found is not None
    assert (found.epoch, found.epochs, found.stopped) == (2, 9, False)
    assert repr(found.history) == repr(written.history)
    give_back_state(found, other, waiting)
    for name, variable in state_variables(other).items():
        np.testing.assert_array_equal(variable, state_variables(built)[name])
    assert (waiting[0].wait, waiting[0].best, waiting[1].cooldown_counter) == (2, 0.25, 5)
    for mine, theirs in zip(waiting[0].best_weights, built.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_dropout_and_the_optimizer_are_in_it() -> None:
    named = state_variables(network())
    paths = [variable.path for variable in named.values()]
    assert any("seed_generator_state" in path for path in paths)
    assert any("iteration" in path for path in paths)
    assert any("learning_rate" in path for path in paths)
    assert sum("momentum" in path for path in paths) == 4
    assert len(paths) == len({id(variable) for variable in named.values()})


def test_every_flipped_byte_and_every_cut_is_found(tmp_path: Path) -> None:
    built = network()
    write_state(tmp_path, state(built))
    [path] = list_checkpoints(tmp_path)
    content = path.read_bytes()
    places = np.random.default_rng(0).integers(0, len(content), 60)
    for place in [0, len(MAGIC), len(MAGIC) + 64, len(content) - 1, *places.tolist()]:
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        path.write_bytes(damaged)
        problem = problem_of(read_state, path, built, KINDS, exit_code=1)
        assert "the checkpoint is damaged" in problem.message
        assert problem.place == str(path)
    for length in (0, 1, len(MAGIC), len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        problem_of(read_state, path, built, KINDS)
    path.write_bytes(content)
    assert read_state(path, built, KINDS).epoch == 2


def rewritten(path: Path, **changes: Any) -> None:
    """Change what a checkpoint says of itself, with the checksum of that."""
    text, _, arrays = path.read_bytes()[len(MAGIC) + 65 :].partition(b"\n")
    content = json.dumps(json.loads(text) | changes).encode() + b"\n" + arrays
    path.write_bytes(MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 3},
        {"epoch": -1},
        {"counters": []},
        {"counters": [{"wait": 1}, {"stop": 1}]},
        {"counters": [{"__class__": 1}, {}]},
        {"history": ["epoch", "loss"]},
        {"history": None},
        {"best": {"best/1/0": [[2], "float32"]}},
        {"best": {}},
        {"counters": [{"wait": "1", "best_epoch": 1}, {}]},
        {"counters": [{}, {}]},
        {"counters": [{"best_epoch": None}, {}]},
        {"counters": [{"best_epoch": float("inf")}, {}]},
        {"counters": [{"best_epoch": 1}]},
    ],
)
def test_what_is_whole_but_not_ours_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    built = network()
    write_state(tmp_path, state(built))
    [path] = list_checkpoints(tmp_path)
    rewritten(path)
    assert read_state(path, built, KINDS).epoch == 2
    rewritten(path, **changes)
    assert "damaged" in problem_of(read_state, path, built, KINDS).message


def test_a_network_gets_the_weights_of_the_best_epoch_in_their_order_whatever_that_of_their_names(
    tmp_path: Path,
) -> None:
    callbacks = [{"early_stopping": {"monitor": "loss"}}, {"reduce_lr_on_plateau": {"monitor": "loss"}}]
    built, made = network(), experiment(CIRCLES, callbacks=callbacks)
    written = state(built)
    best = built.get_weights()
    written.arrays.update({name: array + 1 for name, array in written.arrays.items() if name.startswith("network/")})
    write_state(tmp_path, written)
    [path] = list_checkpoints(tmp_path)
    rewritten(path, best={name: [] for name in reversed(written.arrays) if name.startswith("best/")})
    other = network()
    assert restore_newest(tmp_path, other, made) == "epoch 2, the best of 2"
    for mine, theirs in zip(other.get_weights(), best, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    path.unlink()
    assert "no checkpoint" in problem_of(restore_newest, tmp_path, other, made).message


def test_a_checkpoint_of_another_network_or_of_other_callbacks_is_refused(tmp_path: Path) -> None:
    built = network()
    write_state(tmp_path, state(built))
    [path] = list_checkpoints(tmp_path)
    problem_of(read_state, path, network(5), KINDS)
    problem_of(read_state, path, built, KINDS[:1])
    problem_of(read_state, path, built, KINDS[::-1])


def test_a_link_and_a_huge_file_are_not_read(tmp_path: Path) -> None:
    built = network()
    write_state(tmp_path / "real", state(built))
    [path] = list_checkpoints(tmp_path / "real")
    link = path.with_name("epoch-000007")
    link.symlink_to(path)
    problem_of(read_state, link, built, KINDS)
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    assert "damaged" in problem_of(read_state, path, built, KINDS).message
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    problem_of(newest_state, tmp_path / "linked", built, KINDS)


def test_two_are_kept_and_none_of_later_epochs(tmp_path: Path) -> None:
    built = network()
    for epoch in (1, 2, 5, 9):
        write_state(tmp_path, state(built, epoch))
    assert [path.name for path in list_checkpoints(tmp_path)] == ["epoch-000005", "epoch-000009"]
    (tmp_path / "epoch-1000000").write_bytes(b"damaged")
    assert list_checkpoints(tmp_path)[-1].name == "epoch-1000000"
    found = newest_state(tmp_path, built, KINDS)
    assert found is not None
    assert found.epoch == 9
    write_state(tmp_path, state(built, 6))
    assert [path.name for path in list_checkpoints(tmp_path)] == ["epoch-000005", "epoch-000006"]
    write_state(tmp_path, state(built, 1))
    assert [path.name for path in list_checkpoints(tmp_path)] == ["epoch-000001"]


def test_what_a_signal_ended_is_not_ended_by_a_callback() -> None:
    built, waiting = network(), callbacks()
    history = [{"epoch": 1.0}, {"epoch": 2.0}]
    built.stop_training = True
    assert take_state(built, waiting, history, 9).stopped
    assert not take_state(built, waiting, history, 9, [2]).stopped
    waiting[0].stopped_epoch = 1
    assert take_state(built, waiting, history, 9, [2]).stopped


def test_where_a_file_system_has_no_locks_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    with lock_run(tmp_path):
        assert "another process" in problem_of(lock_run(tmp_path).__enter__).message
    with lock_run(tmp_path):
        pass

    def none(*_: Any) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    with lock_run(tmp_path), lock_run(tmp_path):
        pass


class Examples:
    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Checkpoint(every=1), [1, 2, 3, 4, 5, 6, 7]),
        (Checkpoint(every=3), [3, 6, 7]),
        (Checkpoint(seconds=25), [3, 6, 7]),
        (Checkpoint(every=5, seconds=25), [3, 5, 7]),
        ("auto", [1, 5, 7]),
    ],
)
def test_checkpoints_are_as_frequent_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Any, expected: list[int]
) -> None:
    """An epoch takes 10 seconds here, and a checkpoint 0.75."""
    clock, written = [0.0], []
    monkeypatch.setattr("rnacli.training.keep.time.perf_counter", lambda: clock[0])

    def write(folder: Path, state: State) -> None:
        written.append(state.epoch)
        clock[0] += 0.75

    monkeypatch.setattr("rnacli.training.keep.write_state", write)
    history, built = Examples(), network()
    keep = KeepCheckpoints(tmp_path, [], history, 7, None, asked)
    keep.set_model(built)
    built.stop_training = False
    keep.on_train_begin()
    for epoch in range(7):
        clock[0] += 10
        history.rows.append({"epoch": epoch + 1.0})
        keep.on_epoch_end(epoch)
    assert written == expected


def test_an_epoch_that_was_cut_short_has_none(tmp_path: Path) -> None:
    history, built = Examples(), network()
    keep = KeepCheckpoints(tmp_path, [], history, 7, None, Checkpoint(every=1))
    keep.set_model(built)
    built.stop_training = True
    keep.on_train_begin()
    keep.on_epoch_end(0)
    assert not list_checkpoints(tmp_path)


def test_weights_that_are_no_numbers_are_not_kept(tmp_path: Path) -> None:
    history, built = Examples(), network()
    keep = KeepCheckpoints(tmp_path, [], history, 7, None, Checkpoint(every=1))
    keep.set_model(built)
    built.stop_training = False
    keep.on_train_begin()
    history.rows = [{"epoch": 1.0}]
    keep.on_epoch_end(0)
    built.layers[-1].bias.assign([np.nan])
    history.rows = [{"epoch": 1.0}, {"epoch": 2.0}]
    keep.on_epoch_end(1)
    assert [path.name for path in list_checkpoints(tmp_path)] == ["epoch-000001"]
