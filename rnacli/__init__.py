"""Train, evaluate and use the neural networks that a YAML file describes."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnacli.api import Run, load, train
    from rnacli.errors import RnaError

__version__ = "0.1.0"
__all__ = ["RnaError", "Run", "load", "train"]


def __getattr__(name: str) -> Any:
    """What notebooks use; the command, which needs none of it, starts without."""
    if name not in __all__:
        raise AttributeError(f"module 'rnacli' has no attribute '{name}'")
    return getattr(importlib.import_module("rnacli.api"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
