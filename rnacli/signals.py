"""The signals that ask a process to end, and the exception that they become."""

import signal

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Ctrl-C, the polite kill, and a terminal that is closed."""
ONE_PRESS = 0.25
"""Seconds within which a signal that comes again is the same one: ``timeout`` sends it to the process and its group."""


class Interrupted(BaseException):
    """A signal ends the command. ``number``: the signal's; ``hint``: what is saved, and how to go on."""

    def __init__(self, number: int, hint: str = ""):
        self.number, self.hint = number, hint
        super().__init__(f"signal {number}")


def behind(error: BaseException | None) -> Interrupted | None:
    """The interruption that an error was made of: the definition of a class does so, and code in C."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def answered() -> "list[signal.Signals]":
    """Those of the signals that are not ignored, as ``nohup`` has it, and that no other language answers."""
    return [each for each in SIGNALS if signal.getsignal(each) not in (signal.SIG_IGN, None)]
