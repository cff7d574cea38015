"""A search by one process: which trial is next, what it may know; its journal, and its end the same after a kill."""

import time
from collections.abc import Sequence

from rnacli.experiment.config import Config
from rnacli.tuning.journal import Journal, dump_trained, read_trained
from rnacli.tuning.outcome import Goal, Outcome, Trained
from rnacli.tuning.propose import propose_values
from rnacli.tuning.trials import Listener, Trials


class Search(Trials):
    """Trial n is chosen, and judged, by the trials up to n - ``lag`` alone, in their order: so that it does not depend
    on which of those at once ends first, nor on whether the search was killed and resumed meanwhile.
    """

    def __init__(
        self, config: Config, goal: Goal, journal: Journal, lag: int, prunes: bool, listeners: Sequence[Listener] = ()
    ):
        super().__init__(config, goal, prunes, listeners)
        self.journal, self.lag, self.next = journal, lag, 0
        self.began, self.spent = time.monotonic(), 0.0
        self.is_over = False
        for line in journal.read():
            if "trial" in line:
                self.spent = max(self.spent, float(line["spent"]))
                self.keep(int(line["trial"]), int(line["part"]), read_trained(line))

    @property
    def seconds(self) -> float:
        """Seconds that the search has taken, in all processes that went on with it."""
        return self.spent + time.monotonic() - self.began

    def known_to(self, number: int) -> list[Outcome]:
        return [self.outcomes[n] for n in range(max(0, number - self.lag + 1))]

    def begin_next(self) -> bool:
        number = self.next
        is_known = self.parts.get(number) is not None  # of before a kill: time is over for new ones alone
        if self.is_over or (self.is_spent(number) and not is_known):
            return False
        if any(n not in self.outcomes for n in range(max(0, number - self.lag + 1))):
            return False
        running = [self.values[n] for n in range(max(0, number - self.lag + 1), number)]
        values = propose_values(self.tune, self.config.seed, self.goal, number, self.known_to(number), running)
        if values is None:
            self.is_over = True
            return False
        self.next = number + 1
        self.begin(number, values)
        return True

    def write(self, number: int, part: int, trained: Trained) -> None:
        self.journal.add({"trial": number, "part": part, "spent": round(self.seconds, 3), **dump_trained(trained)})
