"""How far a search is, on standard error: a live table of the best trials in a terminal, one line a trial elsewhere."""

import math
import sys
import time
from typing import Any

from rnacli.document.write import yaml_flow
from rnacli.terminal.console import format_figure, make_console, print_note
from rnacli.tuning.outcome import COMPLETE, Outcome
from rnacli.tuning.search import Search
from rnacli.tuning.trainer import Trainer
from rnacli.words import clean

SHOWN = 5
"""The best trials in the live table."""


def make_search_display() -> Any:
    """What shows a search on this standard error."""
    return LiveTable() if sys.stderr.isatty() else TrialLines()


def tell_values(outcome: Outcome) -> str:
    """``learning_rate 0.0123  units 32``: keys by their last part, unless two end alike."""
    lasts = [key.rpartition(".")[2] for key in outcome.values]
    names = {key: last if lasts.count(last) == 1 else key for key, last in zip(outcome.values, lasts, strict=True)}
    return "  ".join(f"{clean(names[key])} {tell_value(value)}" for key, value in outcome.values.items())


def tell_value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else clean(yaml_flow(value))


class TrialLines:
    """``trial 12/64  val_accuracy 0.7727 (best 0.7922, trial 8)  learning_rate 0.01``."""

    def begin(self, search: Search, trainer: Trainer) -> None:
        self.search = search
        self.most = search.tune.most
        how = f"{trainer.room} at once in one program" if trainer.shares else "one after the other"
        of = f"{self.most} trials" if self.most is not None else "trials"
        print_note(f"{search.config.name}: {of} of {search.config.epochs} epochs, {how}; {search.tune.search}")

    def trial(self, outcome: Outcome) -> None:
        print_note(self.tell(outcome))

    def tell(self, outcome: Outcome) -> str:
        goal, of = self.search.goal, "" if self.most is None else f"/{self.most}"
        reached = f"{goal.name} {format_figure(outcome.value(goal.name))}"
        if outcome.state != COMPLETE:
            last = outcome.trained[0].rows[-1].get(goal.name, math.nan) if outcome.trained[0].rows else math.nan
            reached = f"{outcome.state} after {outcome.epochs} epochs"
            reached += "" if math.isnan(last) else f", {goal.name} {format_figure(last)}"
        best = goal.rank(self.search.ended)
        beside = f" (best {format_figure(best[0].value(goal.name))}, trial {best[0].number + 1})" if best else ""
        return f"trial {outcome.number + 1}{of}  {reached}{beside}  {tell_values(outcome)}"

    def confirming(self, done: int, of: int) -> None:
        if done == of or done % 20 == 0:
            print_note(f"confirming the best trials with fresh seeds: {done}/{of}")

    def close(self) -> None:
        """Nothing is open."""


class LiveTable(TrialLines):
    """The best trials so far, and a line of how far the search is, in their place on the terminal."""

    live: Any = None
    line = ""

    def begin(self, search: Search, trainer: Trainer) -> None:
        from rich.live import Live

        super().begin(search, trainer)
        self.began, self.before, self.closed = time.monotonic(), len(search.outcomes), False
        self.live = Live(
            get_renderable=self.draw, console=make_console(note=True), transient=True, refresh_per_second=2
        )
        self.live.start()

    def draw(self) -> Any:
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        goal, search = self.search.goal, self.search
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("trial", goal.name, "values"):
            table.add_column(Text(clean(name)), justify="left" if name == "values" else "right", overflow="ellipsis")
        for each in goal.rank(search.ended)[:SHOWN]:
            cells = (str(each.number + 1), format_figure(each.value(goal.name)), tell_values(each))
            table.add_row(*map(Text, cells))
        return Group(table, Text(self.line or self.status()))

    def status(self) -> str:
        """``23/64 trials (4 pruned)  1.2 s a trial  0:49 left``."""
        states = [each.state for each in self.search.ended]
        others = [f"{states.count(state)} {state}" for state in dict.fromkeys(states) if state != COMPLETE]
        of = "" if self.most is None else f"/{self.most}"
        said = f"{len(states)}{of} trials" + (f" ({', '.join(others)})" if others else "")
        if done := len(states) - self.before:
            each = (time.monotonic() - self.began) / done
            said += f"  {each:.2g} s a trial"
            if self.most is not None:
                left = int(each * (self.most - len(states)))
                said += f"  {left // 60}:{left % 60:02d} left"
        return said

    def trial(self, outcome: Outcome) -> None:
        """The table is drawn anew by itself."""

    def confirming(self, done: int, of: int) -> None:
        self.line = f"confirming the best trials with fresh seeds: {done}/{of}"

    def close(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None
            print_note(self.status())
