"""What ends training before its end: a signal, after the step under way; a loss that is no number."""

import contextlib
from collections.abc import Iterator
from typing import Any

from rnacli.errors import RnaError
from rnacli.signals import answered_by, answers
from rnacli.words import fill_template


@contextlib.contextmanager
def interruptible(network: Any) -> Iterator[list[int]]:
    """Let the first signal in the block end training after the step under way; the next is for who answers around it.

    Gives a list that then holds the signal's number.
    """
    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        network.stop_training = True
        answers.remove(stop)

    with answered_by(stop):
        yield received


class Diverged(RnaError):
    """The loss, or a weight, is no number any more, and would never be one again.

    ``epoch`` and ``step`` count from 1; no step: it is not known which one it was.
    """

    def __init__(self, what: str, epoch: int, step: int | None = None):
        self.epoch, self.step = epoch, step
        message = "training has diverged: {what} at step {step:,} of epoch {epoch:,}"
        if step is None:
            message = "training has diverged: {what} in epoch {epoch:,}"
        super().__init__(message, what=fill_template(what), step=step, epoch=epoch)
