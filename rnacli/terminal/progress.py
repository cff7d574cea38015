"""How far training is, on standard error: a live bar in a terminal, one plain line an epoch elsewhere."""

import contextlib
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.fitting.history import order_logs
from rnacli.language import translate
from rnacli.terminal.console import can_move, make_console, print_note, print_sentence, shown_meanwhile
from rnacli.words import count_things, fill_template


def make_progress(epochs: int) -> Any:
    """The Keras callback that shows progress on this standard error."""
    return ProgressBar(epochs) if can_move() else EpochLines(epochs)


def format_logs(logs: Mapping[str, Any] | None) -> list[str]:
    """``loss 0.1234``, ``accuracy 0.95``."""
    return [f"{name} {value:.4g}" for name, value in order_logs(logs or {}).items()]


@contextlib.contextmanager
def shield_terminal(listeners: Sequence[Any]) -> Iterator[None]:
    """Keep a training in the block from standard output, which is for results: some callbacks of Keras' print.

    At the end it gives the terminal back: Keras does not tell ``listeners`` of an end by an exception.
    """
    with contextlib.redirect_stdout(sys.stderr):
        try:
            yield
        finally:
            for listener in listeners:
                if isinstance(listener, ProgressBar):
                    listener.close()


class Announcement(keras.callbacks.Callback):  # type: ignore[misc]
    """One line before the first epoch: what is trained, on what."""

    def __init__(self, name: str):
        super().__init__()
        self.name, self.is_said = name, False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        from rnacli.engine.tensorflow import device_name, threads_used

        if self.is_said:  # in a phase before
            return
        self.is_said = True
        steps, parameters = self.params["steps"], self.model.count_params()
        count = threads_used()
        said = "{name:.200}: {parameters:,} parameters, {steps:,} steps an epoch; on {device:.200}, {threads}"
        values = {"name": self.name, "parameters": parameters, "steps": steps, "device": device_name()}
        print_sentence(fill_template(said, **values, threads=count_things(count, "thread")), note=True)


class EpochLines(keras.callbacks.Callback):  # type: ignore[misc]
    """``epoch 3/30  loss 0.61  accuracy 0.71  0.2 s``."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        print_note(self.format_epoch(epoch, logs))

    def format_epoch(self, epoch: int, logs: Mapping[str, Any] | None, room: float = math.inf) -> str:
        """The line of an epoch: as many whole figures as ``room`` columns hold."""
        width = len(str(self.epochs))
        seconds = time.perf_counter() - self.began
        taken = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.2g}"
        epoch_of = f"{translate('epoch')} {epoch + 1:{width}}/{self.epochs}"
        return fit_pieces([epoch_of, *format_logs(logs), f"{taken} s"], room)


def fit_pieces(pieces: Sequence[str], room: float) -> str:
    """An epoch, its figures and its seconds on a line of ``room`` columns: seconds and training metrics go first."""
    last = len(pieces) - 1
    lengths = [*map(len, pieces[:-1]), max(WIDEST_SECONDS, len(pieces[-1]))]  # or they would come and go

    def rank(i: int) -> int:
        return 0 if i < 2 else 3 if i == last else 1 if pieces[i].startswith("val_") else 2

    kept: list[int] = []
    for i in sorted(range(len(pieces)), key=rank):
        if i == 0 or sum(lengths[k] + 2 for k in kept) + lengths[i] <= room:
            kept.append(i)
    return "  ".join(pieces[i] for i in sorted(kept))


WIDEST_SECONDS = len("0.0078 s")
"""Columns that are kept for the seconds of an epoch."""
MOST_LINES = 50
"""Epochs that each have a line of their own in a terminal; of more, every k-th has."""


class ProgressBar(EpochLines):
    """The epochs' lines, and below them a bar over all steps.

    A thread reads the optimizer's step counter, so that steps are not slowed to report.
    """

    def __init__(self, epochs: int):
        super().__init__(epochs)
        self.done = 0
        self.every = math.ceil(epochs / MOST_LINES) or 1
        self.progress: Any = None
        self.last = ""
        self.meanwhile = contextlib.ExitStack()

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.meanwhile.close()
        steps, counter = self.params["steps"] * self.epochs, self.model.optimizer.iterations
        before = self.params["steps"] * self.done  # in former phases, which had optimizers of their own

        class Counting(Progress):
            def get_renderables(self) -> Any:
                for task in self.tasks:
                    self.update(task.id, completed=min(before + int(counter), steps))
                return super().get_renderables()

        columns = (
            TextColumn(translate("epoch") + " {task.fields[epoch]}/" + str(self.epochs), markup=False),
            BarColumn(16),
            TimeRemainingColumn(compact=True),
        )
        self.progress = Counting(*columns, console=make_console(), transient=True)
        self.task = self.progress.add_task("", total=steps, epoch=min(self.done + 1, self.epochs))
        self.progress.start()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.done = epoch + 1
        self.last = self.format_epoch(epoch, logs, self.progress.console.width)
        self.progress.update(self.task, epoch=min(epoch + 2, self.epochs))
        if self.done % self.every == 0 or self.done in (1, self.epochs):
            self.print_last()

    def print_last(self) -> None:
        """Print the line of the last epoch, if it was not yet."""
        if self.last:
            self.progress.console.print(self.last, soft_wrap=True)
        self.last = ""

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self.close()
        self.meanwhile.enter_context(shown_meanwhile("measuring and drawing ..."))

    def close(self) -> None:
        """Give the terminal back."""
        self.meanwhile.close()
        if self.progress is not None:
            self.progress.stop()
            self.print_last()
