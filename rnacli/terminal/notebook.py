"""How far training is, in a notebook: a bar and the last epoch's figures, below the cell."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from rnacli.engine.tensorflow import keras
from rnacli.terminal.progress import format_logs
from rnacli.words import clean, fill_template

SECONDS = 0.2
"""Between one look of the bar and the next, at least: a page is slower than a small network's epochs."""


def in_notebook() -> bool:
    """Whether a notebook shows what this process displays."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


class NotebookBar(keras.callbacks.Callback):  # type: ignore[misc]
    """One line of HTML that follows the epochs."""

    def __init__(self, name: str, epochs: int):
        super().__init__()
        self.name, self.epochs, self.done = name, epochs, 0
        self.shown_at = 0.0
        self.handle: Any = None
        self.line = ""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.done = epoch + 1
        said = fill_template("epoch {done} of {epochs}", done=self.done, epochs=self.epochs)
        self.line = f"{said}  {'  '.join(format_logs(logs))}"
        if time.monotonic() - self.shown_at >= SECONDS or self.done == self.epochs:
            self.show()

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.done:
            self.show()

    def show(self) -> None:
        from IPython.display import HTML, display

        look = HTML(draw_bar(self.name, self.done, self.epochs, self.line))
        if self.handle is None:
            self.handle = display(look, display_id=True)
        else:
            self.handle.update(look)
        self.shown_at = time.monotonic()


def draw_bar(name: str, done: int, epochs: int, line: str) -> str:
    """The bar as HTML: nothing of a name is markup."""
    from html import escape

    label = escape(clean(name))
    about = escape(fill_template("training of {name:.80}", name=name), quote=True)
    return (
        f'<div><progress max="{epochs}" value="{done}" aria-label="{about}"></progress> '
        f"{label}: <code>{escape(clean(line))}</code></div>"
    )
