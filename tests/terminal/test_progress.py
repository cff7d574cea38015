"""Progress in a terminal: a line an epoch, and a bar below that fits; what an early stopping has done is said."""

import io
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from rnacli.engine.tensorflow import keras
from rnacli.terminal import progress
from rnacli.terminal.console import print_note, shown_meanwhile
from rnacli.terminal.progress import ProgressBar
from rnacli.terminal.sparkline import draw_sparkline
from rnacli.training.early_stopping import tell_early_stopping


def shown(monkeypatch: pytest.MonkeyPatch, epochs: int, width: int, encoding: str = "utf-8", until: int = 0) -> str:
    """What a terminal gets of a training."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    console = Console(file=file, force_terminal=True, width=width, no_color=True, highlight=False)
    monkeypatch.setattr(progress, "make_console", lambda: console)
    bar = ProgressBar(epochs)
    bar.set_params({"steps": 4})
    bar.set_model(SimpleNamespace(optimizer=SimpleNamespace(iterations=2)))
    bar.on_train_begin()
    for epoch in range(until or epochs):
        bar.on_epoch_begin(epoch)
        bar.on_epoch_end(epoch, {"loss": 1 / (epoch + 1), "accuracy": 0.5, "val_loss": 2.0, "val_accuracy": 0.25})
    bar.progress.refresh()
    bar.on_train_end()
    file.flush()
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", raw.getvalue().decode(encoding))


@pytest.mark.parametrize(("epochs", "lines"), [(3, 3), (50, 50), (120, 41)])  # the first, and every third
def test_each_epoch_has_a_line_or_every_so_many(monkeypatch: pytest.MonkeyPatch, epochs: int, lines: int) -> None:
    text = shown(monkeypatch, epochs, 90)
    told = re.findall(r"epoch +(\d+)/\d+  loss \S+  accuracy 0.5  val_loss 2  val_accuracy 0.25  \S+ s", text)
    assert len(told) == lines
    assert int(told[-1]) == epochs


@pytest.mark.parametrize(
    ("width", "figures"),
    [(90, "loss 1  accuracy 0.5  val_loss 2  val_accuracy 0.25  0.0 s"), (40, "loss 1  val_loss 2  0.0 s"),
     (62, "loss 1  accuracy 0.5  val_loss 2  val_accuracy 0.25")],
)  # fmt: skip
def test_a_line_has_as_many_whole_figures_as_fit(monkeypatch: pytest.MonkeyPatch, width: int, figures: str) -> None:
    lines = [line for line in re.split(r"[\r\n]", shown(monkeypatch, 3, width)) if line.startswith("epoch 1/3  loss")]
    assert [re.sub(r"\S+ s$", "0.0 s", line.rstrip()) for line in lines] == [f"epoch 1/3  {figures}"]


def test_a_terminal_that_cannot_move_has_a_line_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    kinds = [type(progress.make_progress(3)) for term in ("xterm", "dumb") if not monkeypatch.setenv("TERM", term)]
    assert kinds == [ProgressBar, progress.EpochLines]


def test_the_last_epoch_of_a_training_that_ends_early_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "epoch   8/120  loss 0.125" in shown(monkeypatch, 120, 80, until=8)


@pytest.mark.parametrize(("width", "encoding"), [(40, "utf-8"), (40, "ascii"), (160, "utf-8")])
def test_the_bar_fits_and_counts_from_one(monkeypatch: pytest.MonkeyPatch, width: int, encoding: str) -> None:
    text = shown(monkeypatch, 300, width, encoding)
    bars = [line for line in re.split(r"[\r\n]", text) if re.match(r"epoch \d+/300 .*(--|\d):(--|\d\d)$", line)]
    assert bars
    assert max(map(len, bars)) <= width
    assert not any(sign in text for sign in ("\\u", "…"))
    assert bars[0].startswith("epoch 1/300")


STOPPED = "stopped after epoch 4 of 9: val_loss has not improved for 2 epochs"


@pytest.mark.parametrize(
    ("losses", "keywords", "epochs", "said"),
    [
        ([3, 2, 2, 2], {"restore_best_weights": True}, 9, f"{STOPPED}; the weights of epoch 2 are kept"),
        ([3, 2, 2, 2], {}, 9, f"{STOPPED} (restore_best_weights: true keeps the weights of epoch 2)"),
        ([3, 2, 2], {"restore_best_weights": True}, 3, "the weights of epoch 2 of 3 are kept: the best by val_loss"),
        ([3, 2, 1], {"restore_best_weights": True}, 3, ""),
        ([3, 2, 2], {}, 3, ""),
    ],
)
def test_early_stopping_is_told(losses: list[float], keywords: dict[str, Any], epochs: int, said: str) -> None:
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, mode="min", **keywords)
    callback.set_model(network)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": np.float32(loss)})
    callback.on_train_end()
    assert tell_early_stopping(callback, len(losses), epochs) == said


def test_losses_as_small_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", SimpleNamespace(encoding="utf-8"))
    assert draw_sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert draw_sparkline([5, float("nan"), 1]) == "█ ▁"
    assert len(draw_sparkline(range(1000))) <= 30
    assert draw_sparkline([2, 2]) == "▁▁"
    assert draw_sparkline([]) == ""
    monkeypatch.setattr("sys.stdout", SimpleNamespace(encoding="ascii"))
    assert draw_sparkline([9, 0]) == "#_"


def test_what_is_shown_meanwhile_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    with shown_meanwhile("starting"):
        assert file.getvalue() == ""  # no terminal
    file.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setenv("TERM", "xterm")
    with shown_meanwhile("starting"):
        assert file.getvalue() == "starting\r"
        print_note("ok")  # the line stays below it
        assert file.getvalue() == "starting\r        \rok\nstarting\r"
    assert file.getvalue() == "starting\r        \rok\nstarting\r        \r"
