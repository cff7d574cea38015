"""The networks in the slots of one program trained to their ends, each with callbacks of its own, as Keras has them."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rnacli.engine.many import Logs, Many, Resident
from rnacli.experiment.config import Config
from rnacli.networks.callbacks import build_callbacks
from rnacli.results.outputs import with_derived
from rnacli.tasks.task import Task

WATCHING = ("early_stopping", "reduce_lr_on_plateau")
"""The callbacks that change a training; others write files, or end it where it is ended anyway."""


@dataclass
class SlotTraining:
    """How a network was trained: its epochs, its measures after each of them, and whether its loss became no number."""

    seed: int
    history: dict[str, list[float]] = field(default_factory=dict)
    epochs: int = 0
    diverged: bool = False

    def note(self, logs: Mapping[str, float]) -> None:
        """Add an epoch's measures to the history."""
        for name, value in logs.items():
            self.history.setdefault(name, [math.nan] * self.epochs).append(value)
        self.epochs += 1


class WatchedSlot:
    """A network in a slot of a program, as far as Keras' callbacks look at one: its learning rate, its end."""

    def __init__(self, many: Many, slot: int, metrics: Sequence[Any]):
        self.many, self.slot = many, slot
        self.stop_training, self.metrics, self.optimizer = False, metrics, self

    @property
    def learning_rate(self) -> np.ndarray:
        return np.asarray(self.many.rates[self.slot])

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        rates = self.many.rates
        rates[self.slot] = rate
        self.many.rates = rates
        self.forget()

    def forget(self) -> None:
        """Forget what was fetched of the program: it has changed."""


class SlotNetwork(WatchedSlot):
    """One whose weights are kept when it ends, while others go on."""

    def __init__(self, many: Many, slot: int, ends: "Ends"):
        super().__init__(many, slot, many.network.metrics)
        self.ends = ends

    def get_weights(self) -> list[np.ndarray]:
        return [stacked[self.slot].copy() for stacked in self.ends.current()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.ends.kept[self.slot] = weights


class Ends:
    """The weights with which networks have ended, while the others of their program go on."""

    def __init__(self, many: Many):
        self.many, self.now = many, list[np.ndarray]()
        self.kept: dict[int, list[np.ndarray]] = {}

    def current(self) -> list[np.ndarray]:
        """The weights (slots, ...) after this epoch: fetched once."""
        self.now = self.now or self.many.weights()
        return self.now

    def settle(self) -> None:
        """Give each network the weights with which it has ended."""
        self.now = []
        if self.kept:
            stacked = self.many.weights()
            for slot, weights in self.kept.items():
                for values, value in zip(stacked, weights, strict=True):
                    values[slot] = value
            self.many.assign(stacked)


def train_slots(
    many: Many, config: Config, tasks: Mapping[str, Task], seeds: Sequence[int], held_out: Resident | None
) -> list[SlotTraining]:
    """Train a network of each seed, in the first slots, for the config's epochs or until its callbacks end it.

    ``held_out``: the rows that each epoch is measured on. The slots then have the weights that each has ended with.
    """
    watching = tuple(spec for spec in config.callbacks if spec.name in WATCHING)
    trained, ends = [SlotTraining(seed) for seed in seeds], Ends(many)
    networks = [SlotNetwork(many, slot, ends) for slot in range(len(seeds))]
    callbacks = [build_callbacks(dataclasses.replace(config, callbacks=watching), Path()) for _ in seeds]
    for slot, seed in enumerate(seeds):
        many.load(slot, seed)
        for callback in callbacks[slot]:
            callback.set_model(networks[slot])
            callback.on_train_begin()
    running = set(range(len(seeds)))
    for epoch in range(config.epochs):
        logs, ends.now = measured_epoch(many, held_out), []
        for slot in sorted(running):
            own = with_derived(many.network, tasks, {name: float(values[slot]) for name, values in logs.items()})
            trained[slot].diverged = not math.isfinite(own["loss"])
            if not trained[slot].diverged:
                for callback in callbacks[slot]:
                    callback.on_epoch_end(epoch, own)
            trained[slot].note(own)
            if trained[slot].diverged or networks[slot].stop_training or epoch + 1 == config.epochs:
                running.remove(slot)
                ends.kept.update({slot: networks[slot].get_weights()} if epoch + 1 < config.epochs else {})
                for callback in () if trained[slot].diverged else callbacks[slot]:
                    callback.on_train_end()
        if not running:
            break
    ends.settle()
    return trained


def measured_epoch(many: Many, held_out: Resident | None) -> Logs:
    """An epoch of all networks, and what each reaches on the rows that it is measured on."""
    logs = many.train_epoch()
    if held_out is not None:
        logs |= {f"val_{name}": values for name, values in many.measure(held_out).items()}
    return logs
