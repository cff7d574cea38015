"""The signals that ask a process to end, and who says what is to be done then. The command alone reads them."""

import contextlib
import signal
from collections.abc import Callable, Iterator

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, the polite kill, and a terminal that is closed."""

answers: list[Callable[[int], str | None]] = []
"""The newest one answers a signal: with a hint for the user if the process is to leave, ``None`` if it goes on."""


@contextlib.contextmanager
def answered_by(answer: Callable[[int], str | None]) -> Iterator[None]:
    """Let ``answer`` answer signals in the block: in another thread, while the main one stands still."""
    count = len(answers)
    answers.append(answer)
    try:
        yield
    finally:
        del answers[count:]


def ask_around(answer: Callable[[int], str | None], number: int) -> str:
    """What the answer around ``answer`` says, for one that has no hint of its own."""
    place = answers.index(answer)
    return (answers[place - 1](number) if place else "") or ""
