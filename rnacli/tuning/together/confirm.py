"""The best trials once more with fresh seeds, shared by several workers: each network is a piece of work."""

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from rnacli.experiment.config import Config
from rnacli.experiment.tune import Confirmation
from rnacli.tuning.confirm import Confirming
from rnacli.tuning.journal import dump_trained
from rnacli.tuning.outcome import Goal, Outcome, Row, Trained
from rnacli.tuning.together.leases import Leases, Lost, Piece
from rnacli.tuning.together.search import PART, parts_of
from rnacli.tuning.trainer import Work

CONFIRM = "confirm"


class SharedConfirming(Confirming):
    """The networks of fresh seeds, each a piece of work. ``folder``: for checkpoints, where all workers see them."""

    def __init__(
        self, config: Config, best: Sequence[Outcome], confirmation: Confirmation, goal: Goal, leases: Leases,
        folder: Path, tell: Callable[[int, int], None],
    ):  # fmt: skip
        super().__init__(config, best, confirmation, goal, tell)
        self.leases, self.folder = leases, folder

    @property
    def is_over(self) -> bool:
        return all(piece is not None and piece.is_done for piece in self.refresh())

    def refresh(self) -> list[Piece | None]:
        """The pieces as they are now; ``None``: it is not offered yet."""
        every = self.leases.read()
        pieces = [every.get(name_of(outcome.number, part)) for outcome, part in self.every]
        for (outcome, part), piece in zip(self.every, pieces, strict=True):
            if piece is not None and piece.is_done and (outcome.number, part) not in self.trained:
                self.keep(outcome.number, part, parts_of(piece)[0])
        return pieces

    def take(self) -> Work | None:
        if self.leases.is_quiet:
            return None
        self.leases.take_over()
        while True:
            pieces = self.refresh()
            wanted = next((i for i, piece in enumerate(pieces) if piece is None or piece.is_free), None)
            if wanted is None:
                self.leases.be_quiet()
                return None
            outcome, part = self.every[wanted]
            piece = pieces[wanted]
            if piece is None:
                self.leases.offer(name_of(outcome.number, part))
            elif self.leases.claim(piece):
                work = self.work_of(outcome, part)
                return dataclasses.replace(work, checkpoints=self.folder / f"{CONFIRM}_{outcome.number + 1}_{part}")

    def goes_on(self, work: Work, rows: Sequence[Row]) -> bool:
        return self.leases.holds(name_of(work.number, work.part))

    def end(self, work: Work, trained: Trained) -> None:
        name = name_of(work.number, work.part)
        try:
            self.leases.note(name, f"{PART} 0", dump_trained(trained))
            self.leases.finish(name)
        except Lost:
            return
        self.keep(work.number, work.part, trained)
        if work.checkpoints is not None:
            shutil.rmtree(work.checkpoints, ignore_errors=True)


def name_of(number: int, part: int) -> str:
    return f"{CONFIRM} {number} {part}"
