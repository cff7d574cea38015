"""Who does what: each piece of work has one worker at a time, and is done once, whoever dies.

A piece has a name. It is a chain of attempts, trials of an Optuna study: the first that has not failed is the one that
counts. An attempt waits until a worker takes it, which the database lets one alone do. A worker gives signs of life;
from one that gives none any more, another takes over: it adds an attempt behind, and only then lets that one fail. A
worker may die between any two of these steps, and two may do the same one: a spare attempt counts for nothing as long
as one before it has not failed. What was noted in an attempt that failed is kept.
"""

import contextlib
import logging
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rnacli.errors import RnaError
from rnacli.tuning.together.storage import Storage, lost_storage

log = logging.getLogger("rnacli")
Result = TypeVar("Result")
WORK = "work"
"""The attribute of an attempt that names its piece of work."""
LONGEST_GOODBYE = 5.0
"""Seconds that giving back what is held may take when the process is to end."""


class Lost(Exception):
    """Another worker has taken over this piece: nothing was heard of this one for too long."""


@dataclass
class Piece:
    """A piece of work. ``attempts``: in their order."""

    name: str
    attempts: list[Any] = field(default_factory=list)

    @property
    def counting(self) -> Any:
        """The attempt that counts, if one does."""
        return next((each for each in self.attempts if each.state.name != "FAIL"), None)

    @property
    def is_free(self) -> bool:
        """Whether a worker may take it."""
        return self.counting is not None and self.counting.state.name == "WAITING"

    @property
    def is_done(self) -> bool:
        return self.counting is not None and self.counting.state.is_finished()

    @property
    def given(self) -> dict[str, Any]:
        """The parameters that it was offered with: those of the first attempt."""
        return dict(self.attempts[0].params)

    @property
    def notes(self) -> dict[str, Any]:
        """What was noted, in whichever attempt."""
        return {name: value for each in reversed(self.attempts) for name, value in each.user_attrs.items()}


class Leases:
    """The pieces of work of a study, and those that this worker holds. ``name``: of the study."""

    def __init__(self, storage: Storage, name: str, direction: str = "min"):
        self.storage, self.optuna = storage, storage.optuna
        self.states = self.optuna.trial.TrialState
        self.study: int = self.patient(lambda: self.find_study(name, direction))
        self.held: dict[str, int] = {}
        self.pieces: dict[str, Piece] = {}
        self.read_at, self.quiet_until = 0.0, 0.0
        self.pause = min(2.0, storage.beat / 4)
        self.worker = f"{platform.node()}:{os.getpid()}"

    def find_study(self, name: str, direction: str) -> int:
        ways = self.optuna.study.StudyDirection
        way = ways.MAXIMIZE if direction == "max" else ways.MINIMIZE
        try:
            return int(self.storage.cached.create_new_study([way], name))
        except self.optuna.exceptions.DuplicatedStudyError:
            return int(self.storage.cached.get_study_id_from_name(name))

    def patient(self, call: Callable[[], Result]) -> Result:
        """The result of a call of the database, tried again for as long as others wait for a worker.

        Raises ``RnaError`` where the database stays away.
        """
        from sqlalchemy.exc import SQLAlchemyError

        away = (self.optuna.exceptions.StorageInternalError, SQLAlchemyError)
        until, pause = time.monotonic() + self.storage.grace, 0.2
        while True:
            try:
                return call()
            except away as error:
                if time.monotonic() > until:
                    raise lost_storage(error, self.storage) from None
            except KeyError as error:  # somebody has removed the study
                raise lost_storage(error, self.storage) from None
            time.sleep(pause)
            pause = min(2 * pause, self.storage.beat)

    # Looking

    def read(self, at_most: float = 0.0) -> dict[str, Piece]:
        """All pieces by name, in the order in which they were offered; those of before, if ``at_most`` seconds old."""
        if self.read_at and time.monotonic() - self.read_at < at_most:
            return self.pieces
        trials = self.patient(lambda: self.storage.cached.get_all_trials(self.study, deepcopy=False))
        pieces: dict[str, Piece] = {}
        for trial in trials:
            name = trial.user_attrs.get(WORK)
            if not isinstance(name, str):
                raise RnaError(
                    "the storage has a study of this name that is not of rna tune",
                    place=self.storage.shown,
                    hint="--set name=NAME for another one",
                    exit_code=2,
                )
            pieces.setdefault(name, Piece(name)).attempts.append(trial)
        self.pieces, self.read_at = pieces, time.monotonic()
        return pieces

    def take_over(self) -> None:
        """Let others have what is held by workers that give no sign of life."""
        stale = set(self.patient(lambda: self.storage.backend._get_stale_trial_ids(self.study)))
        for piece in self.read().values():
            attempt = piece.counting
            if attempt is not None and attempt._trial_id in stale and attempt._trial_id not in self.held.values():
                self.pass_on(piece.name, attempt)

    def pass_on(self, name: str, attempt: Any) -> None:
        """Put an attempt behind one that is given up, and let that fail."""
        self.offer(name, attempt.params, attempt.distributions)
        with contextlib.suppress(self.optuna.exceptions.UpdateFinishedTrialError):
            self.patient(lambda: self.storage.backend.set_trial_state_values(attempt._trial_id, self.states.FAIL))

    # Offering, taking, noting, ending

    def offer(
        self, name: str, params: Mapping[str, Any] = {}, distributions: Mapping[str, Any] = {}, **notes: Any
    ) -> None:
        """Let a piece wait for a worker."""
        attempt = self.optuna.trial.create_trial(
            state=self.states.WAITING, params=dict(params), distributions=dict(distributions),
            user_attrs={WORK: name, **notes},
        )  # fmt: skip
        self.patient(lambda: self.storage.backend.create_new_trial(self.study, attempt))

    def claim(self, piece: Piece) -> bool:
        """Take a piece that is free, unless another worker is quicker."""
        number = piece.counting._trial_id
        states, backend = self.states, self.storage.backend
        self.patient(lambda: backend.record_heartbeat(number))  # first: one that is taken without is never missed
        try:
            if not self.patient(lambda: backend.set_trial_state_values(number, states.RUNNING)):
                return False
            self.patient(lambda: backend.set_trial_user_attr(number, "worker", self.worker))
        except self.optuna.exceptions.UpdateFinishedTrialError:
            return False
        self.held[piece.name] = number
        return True

    def holds(self, name: str) -> bool:
        return name in self.held

    def note(self, name: str, key: str, value: Any) -> None:
        """Write something into the attempt of a piece that this worker holds. Raises ``Lost``."""
        self.on_held(name, lambda number: self.storage.backend.set_trial_user_attr(number, key, value))

    def finish(self, name: str, value: float | None = None) -> None:
        """The piece is done; ``value``: what it came to. Raises ``Lost``."""
        state, values = (self.states.PRUNED, None) if value is None else (self.states.COMPLETE, [value])
        self.on_held(name, lambda number: self.storage.backend.set_trial_state_values(number, state, values))
        self.held.pop(name, None)

    def on_held(self, name: str, call: Callable[[int], Any]) -> None:
        number = self.held.get(name)
        if number is None:
            raise Lost(name)
        try:
            self.patient(lambda: call(number))
        except self.optuna.exceptions.UpdateFinishedTrialError:
            self.held.pop(name, None)
            raise Lost(name) from None

    def release(self) -> None:
        """Give back what this worker holds, within some seconds: the process is to end."""

        def give_back() -> None:
            for name, number in list(self.held.items()):
                self.pass_on(name, self.storage.backend.get_trial(number))

        # In a thread of its own: the main one may stand still with the database in its hands.
        thread = threading.Thread(target=give_back, daemon=True)
        thread.start()
        thread.join(LONGEST_GOODBYE)

    def once(self, name: str, do: Callable[[Piece], None]) -> Piece:
        """The piece when it is done: by this worker, with ``do``, or by another one."""
        while True:
            piece = self.read().get(name)
            if piece is None:
                self.offer(name)
            elif piece.is_done:
                return piece
            elif piece.is_free and self.claim(piece):
                with contextlib.suppress(Lost):
                    do(piece)
                    self.finish(name)
            else:
                self.wait()

    def clear(self) -> None:
        """Let the attempts fail that wait to no end: spare ones of what is done."""
        for piece in self.read().values():
            for attempt in piece.attempts if piece.is_done else ():
                if attempt.state is self.states.WAITING:
                    with contextlib.suppress(self.optuna.exceptions.UpdateFinishedTrialError):
                        self.storage.backend.set_trial_state_values(attempt._trial_id, self.states.FAIL)

    # Signs of life

    @contextlib.contextmanager
    def alive(self) -> Iterator[None]:
        """Give signs of life in the block, and give back at its end what is held still."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self.storage.beat):
                for name, number in list(self.held.items()):
                    with contextlib.suppress(Exception):  # the next one may come through; others wait for five
                        self.storage.backend.record_heartbeat(number)
                        if self.storage.backend.get_trial(number).state.is_finished():
                            self.held.pop(name, None)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(LONGEST_GOODBYE)
            if self.held:
                self.release()

    def wait(self) -> None:
        """Wait a little for what other workers do, and take over what nobody does any more."""
        time.sleep(self.pause)
        self.quiet_until = 0.0
        self.take_over()

    @property
    def is_quiet(self) -> bool:
        """Whether there was nothing to take a moment ago: an epoch may be shorter than a question."""
        return time.monotonic() < self.quiet_until

    def be_quiet(self) -> None:
        """Nothing is left to take for now."""
        self.quiet_until = time.monotonic() + self.pause
