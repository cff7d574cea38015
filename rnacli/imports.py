"""Imports that leave out what other packages would bring along, unused."""

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def hidden_packages(*names: str) -> Iterator[None]:
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
