"""How the command starts and ends: soon, and in order when a signal ends it. For the command alone, not the library."""

import contextlib
import gc
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

from rnacli import files, signals
from rnacli.signals import Interrupted

UNUSED = ("sklearn", "matplotlib", "pandas")
"""What Keras imports where it is installed, for wrappers and galleries that no command uses: over a second."""


@contextlib.contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Let imports in the block find that some packages are not installed; and collect no garbage meanwhile."""
    absent = [name for name in names if name not in sys.modules]
    gc.disable()
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        gc.freeze()
        gc.enable()


def start_engine() -> None:
    """Import TensorFlow, Keras and pandas without what they do not need."""
    with hidden(*UNUSED):
        import rnacli.engine  # noqa: F401
    start_pandas()


def start_pandas() -> None:
    """Import pandas without pyarrow, which it would import for text: 40 MiB and a tenth of a second."""
    with hidden("pyarrow"):
        import pandas  # noqa: F401


def one_thread() -> None:
    """Keep NumPy's products of small matrices on one thread: the others would only spin. Before NumPy is imported."""
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    start_pandas()


GRACE = 1.0
"""Seconds that are left to the process after a second signal."""


def run(main: Callable[[], NoReturn]) -> NoReturn:
    """Run ``main`` and leave at once with its exit code, everything flushed: taking TensorFlow down takes a second."""
    try:
        answer_signals()
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except Interrupted as end:
        code = 128 + end.number
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    files.remove_parts()
    os._exit(code)


def answer_signals() -> None:
    """Let signals that end the process raise ``Interrupted``, so that what is half written is removed on the way out.

    Python comes to that only between two steps of its own. A second signal therefore ends the process after
    ``GRACE``, whatever it is doing.
    """
    for each in signals.answered():
        signal.signal(each, interrupt)
    if os.name == "posix":
        read, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        threading.Thread(target=end_at_the_second, args=(read,), daemon=True).start()


def interrupt(number: int, frame: object) -> None:
    """Raise ``Interrupted``, once for one press."""
    now = time.monotonic()
    if now - pressed.get("last", -math.inf) > signals.ONE_PRESS:
        pressed["last"] = now
        raise Interrupted(number)


pressed: dict[str, float] = {}
"""When a signal was last answered."""


def end_at_the_second(pipe: int) -> None:
    """Read the numbers of signals from a pipe, and end the process after the second one."""
    os.read(pipe, 1)
    first = time.monotonic()
    while True:
        number = os.read(pipe, 1)[0]
        if time.monotonic() - first > signals.ONE_PRESS:
            time.sleep(GRACE)
            files.remove_parts()
            os._exit(128 + number)
