"""Which trainer a search has: many networks in one program where that pays, else one after the other."""

from dataclasses import dataclass
from pathlib import Path

from rnacli.experiment.config import Config
from rnacli.experiment.tune import TRIALS
from rnacli.fitting.job import prepare_job
from rnacli.networks.plan import plan_network
from rnacli.networks.sizes import complete_layers
from rnacli.seeds.choose import choose_seeds
from rnacli.seeds.many import uses_xla
from rnacli.seeds.slots import WATCHING
from rnacli.tuning.one_by_one import OneByOne, without_files
from rnacli.tuning.shared_data import SharedData
from rnacli.tuning.slots import Slots, count_groups, slots_of
from rnacli.tuning.trainer import Trainer

PAYS = 8
"""Trials of a program from which on it costs less than training them alone: it takes seconds to compile."""


def choose_trainer(
    config: Config, cache: Path, offline: bool, shares: bool, data: SharedData | None = None
) -> Trainer:  # fmt: skip
    """The trainer for a search. ``shares``: whether its networks share programs, as ``shares_programs`` has found;
    ``data``: what has been read for that."""
    groups = count_groups(config.tune) if config.tune else None
    if groups is not None and shares:
        return Slots(config, cache, offline, groups, data)
    return OneByOne(config, cache, offline, data)


@dataclass(frozen=True)
class Sharing:
    """Networks of a search share programs; ``xla``: which XLA compiles."""

    xla: bool


def shares_programs(config: Config, shared: SharedData, cache: Path, offline: bool) -> Sharing | None:
    """Whether networks of a search are to share programs: there are enough trials for each program, and their
    arithmetic is small beside a step's other costs."""
    tune = config.tune
    groups = count_groups(tune) if tune else None
    if tune is None or groups is None or (tune.most or TRIALS) < PAYS * groups:
        return None
    plain, data = without_files(config), shared.of(config)
    if any(each.name not in WATCHING for each in plain.callbacks):
        return None
    inputs = data.preprocessing.encoder.inputs
    layers = plan_network(complete_layers(plain, inputs, data.tasks), inputs)
    room = slots_of(tune)
    if config.applications or choose_seeds(plain, data, layers, room).together < room:
        return None
    return Sharing(uses_xla(prepare_job(plain, cache, offline, data=data)))
