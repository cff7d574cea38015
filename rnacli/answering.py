"""How signals end the command: with an exception where one can be raised, and without where none gets through."""

import math
import os
import signal
import sys
import threading
import time
from importlib.machinery import ExtensionFileLoader
from types import FrameType
from typing import Any

from rnacli import files
from rnacli.signals import ONE_PRESS, SIGNALS, Interrupted, answered

GRACE = 1.0
"""Seconds that are left to the process after a second signal."""
SOON = 0.02
"""Seconds until an exception is tried again that could not be raised."""


def answer() -> None:
    """Let signals that end the process raise ``Interrupted``, so that what is half written is removed on the way out.

    Python comes to that only between two steps of its own. A second signal therefore ends the process after
    ``GRACE``, whatever it is doing.
    """
    for each in answered():
        signal.signal(each, interrupt)
    sys.unraisablehook = unraisable
    if os.name == "posix":
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        threading.Thread(target=end_at_the_second, args=(read,), daemon=True).start()


pressed: dict[str, float] = {}
"""When a signal was last answered."""


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise ``Interrupted``, once for one press."""
    now = time.monotonic()
    if now - pressed.get("last", -math.inf) > ONE_PRESS:
        pressed["last"] = now
        end(number, frame)


def end(number: int, frame: FrameType | None) -> None:
    """Raise ``Interrupted``, or a little later if a module in C is being imported: it would make it an ImportError."""
    if hasattr(signal, "setitimer") and imports_c(frame):
        end_soon(number)
    else:
        raise Interrupted(number)


def end_soon(number: int) -> None:
    signal.signal(signal.SIGALRM, lambda _, frame: end(number, frame))
    signal.setitimer(signal.ITIMER_REAL, SOON)


INTO_C = (ExtensionFileLoader.create_module.__code__, ExtensionFileLoader.exec_module.__code__)


def imports_c(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in INTO_C:
            return True
        frame = frame.f_back
    return False


def unraisable(lost: Any) -> None:
    """Try again where an exception goes nowhere, as in ``__del__``."""
    if isinstance(lost.exc_value, Interrupted) and hasattr(signal, "setitimer"):
        end_soon(lost.exc_value.number)
    else:
        sys.__unraisablehook__(lost)


def end_at_the_second(pipe: int) -> None:
    """Read the numbers of signals from a pipe, and end the process after the second one."""
    # One that the system gave to this thread would not wake the main one, which is to answer it.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    first = math.inf
    while True:
        number = os.read(pipe, 1)[0]
        if number not in SIGNALS:
            continue
        if first == math.inf:
            first = time.monotonic()
            # One that came right before the main thread went to sleep has not woken it: this one does.
            time.sleep(SOON)
            signal.pthread_kill(threading.main_thread().ident or 0, number)
        elif time.monotonic() - first > ONE_PRESS:
            time.sleep(GRACE)
            files.remove_parts()
            os._exit(128 + number)
