"""A second process, forked before TensorFlow is imported: meanwhile scikit-learn and matplotlib load there, and work.

It is sent the arguments of functions that it knows, and sends back what they give: arrays and plain values, as npy and
JSON, so that nothing is run that is sent. Where there is none (in a library, on another system than Linux), where it
fails, or where arrays are so large that sending them costs more than it saves, the functions run here.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import signal
import struct
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from rnacli import signals

LARGEST = 64 << 20
"""Bytes that are sent at once."""
LENGTH = struct.Struct("<Q")
ARRAY, BYTES = "\0array", "\0bytes"
"""What stands for them in JSON."""


class Later:
    """What a function gives, when it is asked for."""

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Any]):
        self.function, self.arguments = function, arguments
        self.known, self.value = False, None

    def result(self) -> Any:
        if not self.known:
            receive(self)
        if not self.known:
            self.known, self.value = True, self.function(*self.arguments)
        return self.value


class Process:
    """The second process, from the first one's side. ``waiting``: what it has been asked for and has not yet given."""

    def __init__(self, number: int, functions: Sequence[str], read: int, write: int):
        self.number, self.functions, self.read, self.write = number, functions, read, write
        self.waiting: Later | None = None


running: list[Process] = []
"""The second process, if there is one."""


def start(modules: Sequence[str], functions: Sequence[str]) -> None:
    """Fork a process that imports ``modules``, and then runs what it is asked for of ``functions`` (``module:name``).

    They take and give arrays and plain values, and touch nothing else. On other systems than Linux there is none.
    """
    if running or sys.platform != "linux":
        return
    down, up = os.pipe(), os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the thread that waits for signals and holds no lock
        number = os.fork()
    if number == 0:
        os.close(down[1])
        os.close(up[0])
        serve(modules, functions, down[0], up[1])
    os.close(down[0])
    os.close(up[1])
    running.append(Process(number, functions, up[0], down[1]))


def stop() -> None:
    """End the second process."""
    while running:
        process = running.pop()
        os.close(process.read)
        os.close(process.write)
        with contextlib.suppress(OSError):
            os.kill(process.number, signal.SIGKILL)
            os.waitpid(process.number, 0)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What ``function(*arguments)`` gives, from the second process where it knows the function."""
    return begin(function, *arguments).result()


def begin(function: Callable[..., Any], *arguments: Any) -> Later:
    """As ``call``, for a result that is asked for later."""
    later, name = Later(function, arguments), f"{function.__module__}:{function.__qualname__}"
    for process in running:
        if process.waiting is not None:
            receive(process.waiting)
    for process in running:
        if name in process.functions:
            with contextlib.suppress(TypeError), ended_by_errors():
                send(process.write, encoded([process.functions.index(name), list(arguments)]))
                process.waiting = later
    return later


def receive(later: Later) -> None:
    """Take the result of a function from the second process, if that is what it works at."""
    for process in running:
        if process.waiting is later:
            with ended_by_errors():
                later.known, later.value = decoded(received(process.read))
                process.waiting = None


@contextlib.contextmanager
def ended_by_errors() -> Any:
    """End the second process if talking to it fails, or is interrupted: the next answer would be of this question."""
    try:
        yield
    except TypeError:  # before anything was sent
        raise
    except (OSError, EOFError):
        stop()
    except BaseException:
        stop()
        raise


# The second process


def serve(modules: Sequence[str], functions: Sequence[str], read: int, write: int) -> NoReturn:
    """Answer until the first process ends. Signals are for that one to answer, and its output is not held open."""
    try:
        signal.set_wakeup_fd(-1)
        for each in signals.SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        gc.disable()
        for name in modules:
            importlib.import_module(name)
        known = [getattr(importlib.import_module(where), name) for where, name in (f.split(":") for f in functions)]
        gc.freeze()
        gc.enable()
        while True:
            send(write, answer(known, received(read)))
    finally:
        os._exit(0)


def answer(functions: Sequence[Callable[..., Any]], content: bytes) -> bytes:
    """``[true, what the function gives]``, or ``[false, null]`` where it fails: the first process then runs it."""
    try:
        number, arguments = decoded(content)
        return encoded([True, functions[number](*arguments)])
    except Exception:
        return encoded([False, None])


# What is sent


def send(pipe: int, content: bytes) -> None:
    view = memoryview(LENGTH.pack(len(content)) + content)
    while view:
        view = view[os.write(pipe, view) :]


def received(pipe: int) -> bytes:
    (length,) = LENGTH.unpack(exactly(pipe, LENGTH.size))
    return exactly(pipe, length)


def exactly(pipe: int, length: int) -> bytes:
    """So many bytes. Raises ``EOFError``."""
    content = bytearray()
    while len(content) < length:
        piece = os.read(pipe, length - len(content))
        if not piece:
            raise EOFError
        content += piece
    return bytes(content)


def encoded(value: Any) -> bytes:
    """Arrays and plain values as JSON, and the arrays behind it. Raises ``TypeError`` for anything else."""
    import numpy as np

    arrays: list[np.ndarray] = []

    def plain(other: Any) -> Any:
        if isinstance(other, bytes):
            return {BYTES: plain(np.frombuffer(other, "uint8"))}
        if isinstance(other, np.generic):
            return other.item()
        if not isinstance(other, np.ndarray) or other.dtype.hasobject:
            raise TypeError(f"{type(other).__name__} is not sent")
        arrays.append(other)
        if sum(array.nbytes for array in arrays) > LARGEST:
            raise TypeError("too large")
        return {ARRAY: len(arrays) - 1}

    text = json.dumps(value, default=plain).encode()
    file = io.BytesIO()
    file.write(LENGTH.pack(len(text)) + text)
    for array in arrays:
        np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
    return file.getvalue()


def decoded(content: bytes) -> Any:
    """What ``encoded`` was given, but lists for tuples."""
    import numpy as np

    (length,) = LENGTH.unpack_from(content)
    file = io.BytesIO(content)
    file.seek(LENGTH.size + length)
    arrays = []
    while file.tell() < len(content):
        arrays.append(np.lib.format.read_array(file, allow_pickle=False))

    def restored(plain: dict[str, Any]) -> Any:
        if plain.keys() == {ARRAY}:
            return arrays[plain[ARRAY]]
        return plain[BYTES].tobytes() if plain.keys() == {BYTES} else plain

    return json.loads(content[LENGTH.size : LENGTH.size + length], object_hook=restored)
