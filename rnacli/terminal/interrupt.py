"""How signals end the command: a thread reads them, whatever the main one is doing, and has them answered.

Nothing needs to be unwound: every file is written beside and renamed, so that a process may end at any moment.
"""

import _thread
import contextlib
import math
import os
import signal
import sys
import threading
import time

from rnacli.files import remove_unfinished
from rnacli.language import translate
from rnacli.signals import SIGNALS, answers
from rnacli.terminal.console import can_move

ONE_PRESS = 0.25
"""Seconds within which a signal that comes again is the same one: ``timeout`` sends it to the process and its group."""
BELOW = "\n"
"""A progress bar ends in no new line."""

calm = threading.Event()
"""Set while no signal is being answered: meanwhile the main thread stands still."""


def answer_signals() -> None:
    """Have signals answered from now on; not one that is ignored, as ``nohup`` has it, or that other code answers."""
    read, write = os.pipe()
    # Standard error once more: what is written to the first one is caught while TensorFlow starts.
    talk = os.dup(2) if sys.stderr is not None else -1
    if os.name == "posix":
        os.set_blocking(write, False)
        os.register_at_fork(after_in_child=lambda: os.close(talk) if talk >= 0 else None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    calm.set()
    for each in SIGNALS:
        if signal.getsignal(each) not in (signal.SIG_IGN, None):
            signal.signal(each, lambda number, frame: calm.wait())
    threading.Thread(target=read_signals, args=(read, talk), daemon=True).start()


def read_signals(pipe: int, talk: int) -> None:
    """Have each signal answered whose number comes out of a pipe; one that comes meanwhile ends the process at once.

    ``talk``: where it is said.
    """
    last = -math.inf
    while True:
        number = os.read(pipe, 1)[0]
        if number not in SIGNALS or time.monotonic() - last < ONE_PRESS:
            continue
        last = time.monotonic()
        if not calm.is_set():
            os._exit(128 + number)
        calm.clear()
        _thread.interrupt_main(signal.Signals(number))  # it had its signal before, and would go on
        os.read(pipe, 1)  # the number that this has written
        threading.Thread(target=answer_signal, args=(number, talk), daemon=True).start()


def answer_signal(number: int, talk: int) -> None:
    """Do what is to be done when a signal comes, and leave, unless the process is to go on."""
    hint: str | None = ""
    with contextlib.suppress(Exception):  # what is told of the end must not keep it
        hint = answers[-1](number) if answers else ""
    if hint is None:
        calm.set()
        return
    # Not to sys.stderr: the main thread may stand still in the middle of writing to it.
    with contextlib.suppress(OSError, ValueError), open(talk, "w", errors="backslashreplace") as file:
        file.write(BELOW * can_move(file) + translate("interrupted") + (f": {hint}\n" if hint else "\n"))
    remove_unfinished()
    os._exit(128 + number)
