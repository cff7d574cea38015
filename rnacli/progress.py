"""How far training is, on standard error: a live bar in a terminal, one plain line an epoch elsewhere."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.engine import keras
from rnacli.fitting import in_order


def listener(epochs: int) -> Any:
    """The Keras callback that shows progress on this standard error."""
    return Bar(epochs) if sys.stderr.isatty() else Lines(epochs)


def figures(logs: Mapping[str, Any] | None) -> str:
    """``loss 0.1234  accuracy 0.9500``."""
    return "  ".join(f"{name} {value:.4g}" for name, value in in_order(logs or {}).items())


@contextlib.contextmanager
def ended(listeners: Sequence[Any]) -> Iterator[None]:
    """Give the terminal back at the end of the block: Keras does not tell callbacks of an end by an exception."""
    try:
        yield
    finally:
        for each in listeners:
            if isinstance(each, Bar):
                each.on_train_end()


def say(line: str) -> None:
    """A line on standard error. Where nobody listens any more, training goes on all the same."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201


class Announce(keras.callbacks.Callback):  # type: ignore[misc]
    """One line before the first epoch: what is trained, on what."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        from rnacli.engine import device_name, threads_used

        steps, parameters = self.params["steps"], self.model.count_params()
        count = threads_used()
        on = f"{device_name()}, {count} thread{'s' if count != 1 else ''}"
        say(f"{self.name}: {parameters:,} parameters, {steps:,} steps an epoch; on {on}")


class Lines(keras.callbacks.Callback):  # type: ignore[misc]
    """``epoch 3/30  loss 0.61  accuracy 0.71  0.2 s``."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        width = len(str(self.epochs))
        seconds = time.perf_counter() - self.began
        say(f"epoch {epoch + 1:{width}}/{self.epochs}  {figures(logs)}  {seconds:.2g} s")


class Bar(keras.callbacks.Callback):  # type: ignore[misc]
    """A bar over all steps. A thread reads the optimizer's step counter, so that steps are not slowed to report."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs
        self.progress: Any = None

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        steps, counter = self.params["steps"] * self.epochs, self.model.optimizer.iterations

        class Counting(Progress):
            def get_renderables(self) -> Any:
                for task in self.tasks:
                    self.update(task.id, completed=min(int(counter), steps))
                return super().get_renderables()

        columns = (
            TextColumn("epoch {task.fields[epoch]}/" + str(self.epochs), markup=False),
            BarColumn(20),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeRemainingColumn(compact=True),
        )
        self.progress = Counting(*columns, console=Console(stderr=True, highlight=False))
        self.task = self.progress.add_task("", total=steps, epoch=0, figures="")
        self.progress.start()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.progress.update(self.task, epoch=epoch + 1, figures=figures(logs))

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.progress is not None:
            self.progress.stop()
