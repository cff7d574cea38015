"""A search that several workers share: each trial is a piece of work that one of them has at a time."""

import contextlib
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rnacli.document.write import yaml_flow
from rnacli.experiment.config import Config
from rnacli.experiment.tune import Tune
from rnacli.tuning.journal import dump_trained, read_trained
from rnacli.tuning.outcome import COMPLETE, Goal, Outcome, Row, Trained
from rnacli.tuning.propose import parameters, propose_values
from rnacli.tuning.together.leases import Leases, Lost, Piece
from rnacli.tuning.trainer import Work
from rnacli.tuning.trials import Listener, Trials

TRIAL, PART = "trial", "part"
NEWS = 2.0
"""Seconds for which a trial under way is judged by what is known already."""


class SharedTrials(Trials):
    """Trial n is chosen by what all workers know when the first of them comes to it; of ``random`` and ``grid``, by its
    number alone. ``began``: when, in seconds since 1970; ``folder``: for checkpoints, where all workers see them.
    """

    def __init__(
        self, config: Config, goal: Goal, prunes: bool, leases: Leases, began: float, folder: Path,
        listeners: Sequence[Listener] = (),
    ):  # fmt: skip
        super().__init__(config, goal, prunes, listeners)
        self.leases, self.began, self.folder = leases, began, folder
        self.is_exhausted = False
        self.refresh(is_new=False)

    @property
    def seconds(self) -> float:
        return time.time() - self.began

    @property
    def is_over(self) -> bool:
        """Whether all trials have ended, in whichever process."""
        pieces = self.refresh()
        none_left = self.is_exhausted or self.is_spent(len(pieces))
        return none_left and all(piece.is_done for piece in pieces)

    def refresh(self, is_new: bool = True, at_most: float = 0.0) -> list[Piece]:
        """The trials as they are now, in their order; what has ended of them is told."""
        every = self.leases.read(at_most)
        numbers = range(sum(name.startswith(f"{TRIAL} ") for name in every))
        pieces = [every[f"{TRIAL} {number}"] for number in numbers]
        for number, piece in enumerate(pieces):
            self.values.setdefault(number, values_of(self.tune, piece.given))
            if piece.is_done and number not in self.outcomes:
                self.parts[number] = parts_of(piece)
                self.conclude(number, is_new)
        return pieces

    def known_to(self, number: int) -> list[Outcome]:
        self.refresh(at_most=NEWS)
        return self.ended

    def begin_next(self) -> bool:
        claimed = None if self.leases.is_quiet else self.claim_next()
        if claimed is None:
            return False
        number, piece = claimed
        self.parts.pop(number, None)
        if parts := parts_of(piece):  # of a worker that died
            self.parts[number] = parts
        self.begin(number, self.values[number], self.folder / f"{TRIAL}_{number + 1}")
        if number in self.outcomes:  # all of it was trained, and that had not been said
            self.leave(number)
        return True

    def claim_next(self) -> tuple[int, Piece] | None:
        """A trial that is this worker's from now on: one that was given up, else a new one; ``None``: there is none."""
        self.leases.take_over()
        while True:
            pieces = self.refresh()
            free = next(((number, piece) for number, piece in enumerate(pieces) if piece.is_free), None)
            if free is None:
                if not self.offer_next(len(pieces)):
                    self.leases.be_quiet()
                    return None
            elif self.leases.claim(free[1]):
                return free

    def offer_next(self, number: int) -> bool:
        """Choose the values of a new trial, unless there are enough."""
        if self.is_exhausted or self.is_spent(number):
            return False
        running = [values for n, values in sorted(self.values.items()) if n not in self.outcomes]
        values = propose_values(self.tune, self.config.seed, self.goal, number, self.ended, running)
        if values is None:
            self.is_exhausted = True
            return False
        self.leases.offer(f"{TRIAL} {number}", **parameters(self.tune, values))
        return True

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        self.require_goal(rows)
        return self.leases.holds(f"{TRIAL} {work.number}") and super().goes_on(work, rows)

    def record(self, number: int, part: int, trained: Trained) -> None:
        try:
            super().record(number, part, trained)
        except Lost:  # another worker has it
            self.waiting = [work for work in self.waiting if work.number != number]
        else:
            if number in self.outcomes:
                self.leave(number)

    def write(self, number: int, part: int, trained: Trained) -> None:
        self.leases.note(f"{TRIAL} {number}", f"{PART} {part}", dump_trained(trained))

    def leave(self, number: int) -> None:
        """Let all know that a trial has ended."""
        outcome = self.outcomes[number]
        value = outcome.value(self.goal.name) if outcome.state == COMPLETE else None
        with contextlib.suppress(Lost):
            self.leases.finish(f"{TRIAL} {number}", value)
        shutil.rmtree(self.folder / f"{TRIAL}_{number + 1}", ignore_errors=True)


def parts_of(piece: Piece) -> dict[int, Trained]:
    """The networks of a trial that are trained."""
    notes = {name: line for name, line in piece.notes.items() if name.startswith(f"{PART} ")}
    return {int(name.removeprefix(f"{PART} ")): read_trained(line) for name, line in notes.items()}


def values_of(tune: Tune, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a trial, from the parameters that Optuna has of it; in the order of the search."""
    values: dict[str, Any] = {}
    for key, each in tune.over.items():
        if key in given:
            labels = [yaml_flow(choice) for choice in each.choices]
            values[key] = each.choices[labels.index(given[key])] if labels else given[key]
    return values
