"""How the command starts and ends: soon, and with nothing lost. For the command alone, not the library."""

import contextlib
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from rnacli.helper import start_helper
from rnacli.imports import hidden_packages
from rnacli.terminal.console import shown_meanwhile
from rnacli.terminal.interrupt import answer_signals

UNUSED = ("sklearn", "matplotlib", "pandas")
"""What Keras imports where it is installed, for wrappers and galleries that no command uses: over a second."""


def import_engine(quiet: bool = False) -> None:
    """Import TensorFlow, Keras and pandas without what they do not need; a terminal shows meanwhile that it is so."""
    with contextlib.nullcontext() if quiet else shown_meanwhile("starting TensorFlow ..."):
        with hidden_packages(*UNUSED):
            import rnacli.engine.tensorflow  # noqa: F401
        import_pandas()


is_command = False
"""Whether ``run`` runs this process."""


def helper_beside() -> contextlib.AbstractContextManager[None]:
    """Let a second process load scikit-learn and matplotlib while this one loads TensorFlow, and work with them.

    Not in a process that is not the command's own: it may have threads, and a fork without them may wait for ever.
    On other systems than Linux a fork is not safe, or not there.
    """
    return start_helper(BESIDE) if is_command and sys.platform == "linux" else contextlib.nullcontext()


BESIDE = (
    "sklearn.metrics",
    "sklearn.model_selection",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "matplotlib.layout_engine",
    "matplotlib.legend",
)
"""What takes long to load."""


def import_pandas() -> None:
    """Import pandas without pyarrow, which it would import for text: 40 MiB and a tenth of a second."""
    with hidden_packages("pyarrow"):
        import pandas  # noqa: F401


def use_one_thread() -> None:
    """Keep NumPy's products of small matrices on one thread: the others would only spin. Before NumPy is imported."""
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    import_pandas()


def open_closed_streams() -> None:
    """Let standard streams that are closed, as services start commands, lead nowhere: what nobody can read is lost.

    Their numbers are taken, too: the next file that is opened would get them, and what is said would go into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def run_command(main: Callable[[], NoReturn]) -> NoReturn:
    """Run ``main`` and leave at once with its exit code, everything flushed: taking TensorFlow down takes a second."""
    global is_command
    is_command = True
    open_closed_streams()
    answer_signals()
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    os._exit(code)
