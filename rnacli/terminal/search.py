"""How far a search is, on standard error: a live table of the best trials in a terminal, one line a trial elsewhere."""

import math
import time
from typing import Any

from rnacli.document.write import yaml_flow
from rnacli.terminal.console import can_move, format_figure, make_console, print_note
from rnacli.tuning.outcome import COMPLETE, Outcome
from rnacli.tuning.trainer import Trainer
from rnacli.tuning.trials import Trials
from rnacli.words import clean, count_things, fill_template

SHOWN = 5
"""The best trials in the live table."""


def make_search_display() -> Any:
    """What shows a search on this standard error."""
    return LiveTable() if can_move() else TrialLines()


def tell_values(outcome: Outcome) -> str:
    """``learning_rate 0.0123  units 32``: keys by their last part, unless two end alike."""
    lasts = [key.rpartition(".")[2] for key in outcome.values]
    names = {key: last if lasts.count(last) == 1 else key for key, last in zip(outcome.values, lasts, strict=True)}
    return "  ".join(f"{clean(names[key])} {tell_value(value)}" for key, value in outcome.values.items())


def tell_value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else clean(yaml_flow(value))


def tell_confirming(done: int, of: int) -> str:
    return fill_template("confirming the best trials with fresh seeds: {done}/{of}", done=done, of=of)


class TrialLines:
    """``trial 12/64  val_accuracy 0.7727 (best 0.7922, trial 8)  learning_rate 0.01``."""

    def begin(self, search: Trials, trainer: Trainer) -> None:
        self.search = search
        self.most = search.tune.most
        how = "{room} at once in one program" if trainer.shares else "one after the other"
        of = count_things(self.most, "trial") if self.most is not None else fill_template("trials")
        said = "{name:.200}: {of} of {epochs}, {how}; {search}"
        values = {"name": search.config.name, "of": of, "epochs": count_things(search.config.epochs, "epoch")}
        how = fill_template(how, room=trainer.room)
        print_note(fill_template(said, **values, how=how, search=search.tune.search))

    def trial(self, outcome: Outcome) -> None:
        print_note(self.tell(outcome))

    def tell(self, outcome: Outcome) -> str:
        goal, of = self.search.goal, str(outcome.number + 1) + ("" if self.most is None else f"/{self.most}")
        reached = f"{goal.name} {format_figure(outcome.value(goal.name))}"
        if outcome.state != COMPLETE:
            last = outcome.trained[0].rows[-1].get(goal.name, math.nan) if outcome.trained[0].rows else math.nan
            state, epochs = fill_template(outcome.state), count_things(outcome.epochs, "epoch")
            reached = fill_template("{state} after {epochs}", state=state, epochs=epochs)
            reached += "" if math.isnan(last) else f", {goal.name} {format_figure(last)}"
        best = goal.rank(self.search.ended)
        beside = ""
        if best:
            value = format_figure(best[0].value(goal.name))
            beside = fill_template(" (best {value}, trial {number})", value=value, number=best[0].number + 1)
        return f"{fill_template('trial')} {of}  {reached}{beside}  {tell_values(outcome)}"

    def confirming(self, done: int, of: int) -> None:
        if done == of or done % 20 == 0:
            print_note(tell_confirming(done, of))

    def close(self) -> None:
        """Nothing is open."""


class LiveTable(TrialLines):
    """The best trials so far, and a line of how far the search is, in their place on the terminal."""

    live: Any = None
    line = ""

    def begin(self, search: Trials, trainer: Trainer) -> None:
        from rich.live import Live

        super().begin(search, trainer)
        self.began, self.before, self.closed = time.monotonic(), len(search.outcomes), False
        self.live = Live(get_renderable=self.draw, console=make_console(), transient=True, refresh_per_second=2)
        self.live.start()

    def draw(self) -> Any:
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        goal, search = self.search.goal, self.search
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        heads = (fill_template("trial"), clean(goal.name), fill_template("values"))
        for name, side in zip(heads, ("right", "right", "left"), strict=True):
            table.add_column(Text(name), justify=side, overflow="ellipsis")  # type: ignore[arg-type]
        for each in goal.rank(search.ended)[:SHOWN]:
            cells = (str(each.number + 1), format_figure(each.value(goal.name)), tell_values(each))
            table.add_row(*map(Text, cells))
        return Group(table, Text(self.line or self.status()))

    def status(self) -> str:
        """``23/64 trials (4 pruned)  1.2 s a trial  0:49 left``."""
        states = [each.state for each in self.search.ended]
        others = [
            f"{states.count(state)} {fill_template(state)}" for state in dict.fromkeys(states) if state != COMPLETE
        ]
        done_of = f"{len(states)}" if self.most is None else f"{len(states)}/{self.most}"
        said = str(fill_template("{done_of} trials", done_of=done_of)) + (f" ({', '.join(others)})" if others else "")
        if done := len(states) - self.before:
            each = (time.monotonic() - self.began) / done
            said += "  " + fill_template("{seconds:.2g} s a trial", seconds=each)
            if self.most is not None and self.most > len(states):
                left = int(each * (self.most - len(states)))
                said += "  " + fill_template("{minutes}:{seconds:02d} left", minutes=left // 60, seconds=left % 60)
        return said

    def trial(self, outcome: Outcome) -> None:
        """The table is drawn anew by itself."""

    def confirming(self, done: int, of: int) -> None:
        self.line = tell_confirming(done, of)

    def close(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None
            print_note(self.status())
