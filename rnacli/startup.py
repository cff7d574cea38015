"""What lets the command start and end sooner, and changes nothing else: for the command alone, not for the library."""

import gc
import os
import sys
from collections.abc import Callable
from typing import NoReturn

UNUSED = ("sklearn", "matplotlib", "pandas")
"""What Keras imports where it is installed, for wrappers and galleries that no command uses: over a second."""


def start_engine() -> None:
    """Import TensorFlow and Keras without what they do not need, and without collecting garbage meanwhile."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    gc.disable()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        import rnacli.engine  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]
        gc.freeze()
        gc.enable()


def one_thread() -> None:
    """Keep NumPy's products of small matrices on one thread: the others would only spin. Before NumPy is imported."""
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def run(main: Callable[[], NoReturn]) -> NoReturn:
    """Run ``main`` and leave at once with its exit code, everything flushed: taking TensorFlow down takes a second."""
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    os._exit(code)
