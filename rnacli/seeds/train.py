"""The networks of a run's other seeds: trained behind its own one, and what all of them reach, as figures and files."""

import itertools
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnacli.engine.feed import feed_part
from rnacli.engine.initial import model_variables
from rnacli.experiment.seeds import other_seeds
from rnacli.fitting.job import Job
from rnacli.networks.plan import plan_network
from rnacli.results.evaluate import finite_figures
from rnacli.results.outputs import with_derived
from rnacli.runs.folder import Run
from rnacli.runs.seeds import CURVES, TABLE, find_spread, write_curves
from rnacli.seeds.alone import Measures, SeedResult, forget_seeds, measured_columns, train_alone
from rnacli.seeds.choose import SeedsChoice, choose_seeds
from rnacli.seeds.ensemble import save_ensemble
from rnacli.seeds.many import make_many
from rnacli.seeds.processes import trained_beside
from rnacli.seeds.slots import train_slots
from rnacli.tables.write import csv_text
from rnacli.words import count_things

log = logging.getLogger("rnacli")


@dataclass(frozen=True)
class Seeds:
    """The networks of a run's other seeds. ``seconds``: those of training and measuring them."""

    results: Sequence[SeedResult]
    choice: SeedsChoice
    seconds: float

    def curves(self, own: Mapping[str, Sequence[float]]) -> dict[str, list[Sequence[float]]]:
        """Each measure's values after each epoch, a list for each seed; ``own``: the history of the run's network."""
        every = [own, *(each.history for each in self.results)]
        return {name: [each[name] for each in every if name in each] for name in measured_columns(own)}

    def note(self, run: Run, own: SeedResult) -> None:
        """Write what all of them reach, the run's ``own`` first, and put it into the run's record."""
        every = [own, *self.results]
        run.write(TABLE, seeds_table(every))
        run.write(CURVES, write_curves({each.seed: each.history for each in every}))
        run.save(
            seeds={
                "seeds": [each.seed for each in every],
                "diverged": [each.seed for each in every if each.diverged],
                "together": self.choice.together,
                "why": self.choice.why,
                "seconds": round(self.seconds, 3),
                "measures": spread_measures(every),
            }
        )


def train_seeds(run: Run, job: Job) -> Seeds | None:
    """Train the networks of the config's other seeds, as each would be by itself; ``None`` where there are none.

    Raises ``RnaError``.
    """
    seeds = other_seeds(job.config)
    if not seeds:
        return None
    began = time.perf_counter()
    layers = plan_network(job.config, job.data.preprocessing.encoder.inputs)
    choice = choose_seeds(job.config, job.data, layers, len(seeds))
    log.info("%s, %s", count_things(len(seeds), "more seed"), choice.why)
    if choice.processes > 1:
        log.info("%d processes share them", choice.processes)
    if choice.together:
        results = train_together(job, seeds, choice.together)
    else:
        results = train_each(run, job, seeds, choice.processes)
    if lost := [result.seed for result in results if result.diverged]:
        log.warning("training has diverged with %s: %s", count_things(len(lost), "seed"), ", ".join(map(str, lost)))
    return Seeds(results, choice, time.perf_counter() - began)


def train_together(job: Job, seeds: Sequence[int], together: int) -> list[SeedResult]:
    """By one program, so many at a time."""
    many = make_many(job, min(together, len(seeds)))
    parts: dict[str, Any] = {part: feed_part(job.data, part) for part in job.data.parts}
    held_out = parts[job.validated] if job.validated else None
    results = []
    for start in range(0, len(seeds), many.slots):
        some = seeds[start : start + many.slots]
        trained = train_slots(many, job.config, job.data.tasks, some, held_out)
        logs = {part: many.measure(parts[part]) for part in job.data.parts}
        weights = many.weights()
        for slot, each in enumerate(trained):
            measures = {
                part: with_derived(many.network, job.data.tasks, {name: float(v[slot]) for name, v in of_part.items()})
                for part, of_part in logs.items()
            }
            own = [stacked[slot] for stacked in weights]
            results.append(SeedResult(each.seed, each.epochs, each.diverged, each.history, measures, own))
    return results


def train_each(run: Run, job: Job, seeds: Sequence[int], processes: int = 1) -> list[SeedResult]:
    """One after the other, some of them in other ``processes``; those that were trained before are as they were."""
    own, *shares = (seeds[i::processes] for i in range(processes))
    trained: dict[int, SeedResult] = {}
    with trained_beside(run, job.cache, shares) as wait:
        for i, seed in enumerate(itertools.chain(own, *shares)):
            if i == len(own):
                wait()
            log.info("seed %d: %d of %d more", seed, i + 1, len(seeds))
            trained[seed] = train_alone(run, job, seed)
    return [trained[seed] for seed in seeds]


def note_seeds(run: Run, job: Job, seeds: Seeds, measures: Measures, history: Mapping[str, Sequence[float]]) -> None:
    """Write what the seeds of a run reach; ``measures`` and ``history``: those of its own network."""
    weights = [np.asarray(variable) for variable in model_variables(job.network)]
    epochs = len(history.get("epoch", ()))
    own = SeedResult(job.config.seed, epochs, False, measured_columns(history), measures, weights)
    seeds.note(run, own)
    if job.config.ensemble:
        save_ensemble(run, job, {each.seed: each.weights for each in [own, *seeds.results] if not each.diverged})
    forget_seeds(run)


def spread_measures(results: Sequence[SeedResult]) -> dict[str, dict[str, Any]]:
    """Mean, standard deviation, lowest and highest of each measure on each part; of networks that have not diverged."""
    counted = [each.measures for each in results if not each.diverged]
    spreads: dict[str, dict[str, Any]] = {}
    for part in results[0].measures:
        for name in dict.fromkeys(name for measures in counted for name in measures.get(part, {})):
            spread = find_spread([measures.get(part, {}).get(name) for measures in counted])
            if spread is not None:
                spreads.setdefault(part, {})[name] = list(spread)
    return spreads


def seeds_table(results: Sequence[SeedResult]) -> str:
    """``seeds.csv``: the epochs and every measure of every part, a row for each seed; empty cells for no numbers."""
    columns = list(
        dict.fromkeys((part, name) for each in results for part in each.measures for name in each.measures[part])
    )
    table: list[list[Any]] = [["seed", "epochs", *(f"{part} {name}" for part, name in columns)]]
    for each in results:
        figures = {part: finite_figures(measures) for part, measures in each.measures.items()}
        table.append([each.seed, each.epochs, *(figures.get(part, {}).get(name) for part, name in columns)])
    return csv_text(table)
