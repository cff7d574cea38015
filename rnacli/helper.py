"""A second process, forked before TensorFlow is imported: meanwhile scikit-learn and matplotlib load there, and work.

Functions of ours are called there; or here, where there is none (as in a library), it is busy, or arrays are large.
"""

import contextlib
import functools
import gc
import importlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rnacli.imports import hidden_packages
from rnacli.machine import give_back_memory
from rnacli.signals import SIGNALS

LARGEST = 64 << 20
"""Bytes of arrays above which to send them would cost more than it saves."""
UNUSED = ("pandas", "pyarrow")
"""What scikit-learn imports where it is installed, for tables that are none of ours: 60 MiB."""
idle: list[Any] = []
"""The connection to the second process, while there is one and it has nothing to do."""


@contextlib.contextmanager
def start_helper(modules: Sequence[str]) -> Iterator[None]:
    """Let a second process import ``modules``, and then work, until the end of the block. It is forked."""
    import multiprocessing

    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=serve_calls, args=(modules, ours, theirs), daemon=True)
    process.start()
    theirs.close()
    idle.append(ours)
    try:
        yield
    finally:
        idle.clear()
        process.kill()
        process.join()


def serve_calls(modules: Sequence[str], ours: Any, theirs: Any) -> None:
    """Work until the first process ends, or a function fails: it is then called again where the error can be seen."""
    ours.close()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # they are for the first process to answer
    for stream in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    with hidden_packages(*UNUSED):
        for name in modules:
            importlib.import_module(name)
    gc.freeze()  # what is imported stays: garbage is looked for in what comes
    while True:
        function, arguments = theirs.recv()
        theirs.send(function(*arguments))
        del function, arguments
        gc.collect()  # figures are full of circles
        give_back_memory()


def begin_aside(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """Begin ``function(*arguments)`` in the second process; gives a function that gives the result, once."""
    call = functools.partial(function, *arguments)
    if not idle or sum(getattr(each, "nbytes", 0) for each in arguments) > LARGEST:
        return call
    connection = idle[0]

    def receive() -> Any:
        try:
            result = connection.recv()
        except (OSError, EOFError):
            return call()
        idle.append(connection)
        return result

    try:
        connection.send((function, arguments))
    except Exception:  # it has ended, or this cannot be sent
        return call
    idle.clear()
    return receive


def run_aside(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function(*arguments)`` gives, from the second process if there is one."""
    return begin_aside(function, *arguments)()
