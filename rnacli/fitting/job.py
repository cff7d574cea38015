"""From a config to a network that is ready to be trained, and the first files of its run."""

import dataclasses
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rnacli.checks.check import require_consistency
from rnacli.checks.first_step import first_step_problems
from rnacli.checks.indices import index_problems
from rnacli.document.write import dump_yaml
from rnacli.engine.tensorflow import Machine, require_device, start_tensorflow
from rnacli.engine.workers import count_joined, joined
from rnacli.errors import CONFIG, RnaError
from rnacli.examples.load import Data, complete_config, load_data
from rnacli.experiment.config import Config
from rnacli.fitting.choose_engine import EngineChoice, choose_engine, uses_gpu
from rnacli.fitting.find_rate import RangeTest, asks_for_rate, test_rates, with_rate
from rnacli.machine import processor_name
from rnacli.networks.adapt import adapt_layers
from rnacli.networks.build import build_network, compile_network
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.learners import adapts
from rnacli.networks.phases import count_by_phase
from rnacli.networks.plan import plan_network
from rnacli.networks.pretrained import make_loader
from rnacli.networks.sizes import complete_layers
from rnacli.results.maker import describe_numbers
from rnacli.results.prediction_csv import ROWS_AT_ONCE
from rnacli.runs.folder import Run
from rnacli.runs.open import CHECKPOINTS
from rnacli.runs.portable import portable_settings
from rnacli.runs.reload import data_sizes
from rnacli.runs.settings import keep_settings
from rnacli.tables.safe_cells import safe_row
from rnacli.tasks.task import Task


def prepare_job(
    config: Config,
    cache: Path,
    offline: bool = False,
    chosen: EngineChoice | None = None,
    data: Data | None = None,
) -> "Job":
    """Read the data and build the network. ``chosen``: how it is to be trained; ``None``: as is best on this machine.

    ``data``: those of the config, where they were read before. Raises ``RnaError``.
    """
    require_device(config.device)
    data = data or load_data(config, cache, offline)
    preprocessing = data.preprocessing
    config = complete_layers(complete_config(config, data.tasks), preprocessing.encoder.inputs, data.tasks)
    planned = plan_network(config, preprocessing.inputs)
    if config.engine.threads != "auto":  # before the checks try what augments: TensorFlow keeps its first threads
        start_tensorflow(config.device, config.engine.threads)
    require_consistency(config, data, planned)
    validated = validation_part(config, data)
    trained_on = len(data.parts["train"])
    # Made here too, so that what Keras refuses is refused before there is a run folder.
    watching = [callback for phase in config.phase_configs for callback in build_callbacks(phase, Path())]
    size = config.phase_configs[0].rows_per_step(trained_on)
    chosen = chosen or choose_engine(config, planned, trained_on, size, watching, uses_gpu(config.device))
    if joined:
        chosen = dataclasses.replace(
            chosen, fuse=False, jit=False, why=f"not fused: {count_joined()} workers share a step"
        )
    machine = start_tensorflow(config.device, chosen.threads, config.precision)
    if refused := first_step_problems(config, data, planned):
        raise RnaError.of(refused, CONFIG)
    pretrained: dict[str, dict[str, str]] = {}
    load = make_loader(config, offline, pretrained)
    if any(map(adapts, config.layers)):
        config = adapt_layers(config, data, load)
        plan_network(config, preprocessing.inputs)  # with what was learnt, its layers fit together too
        if wrong := index_problems(config, data):
            raise RnaError.of(wrong, CONFIG)

    def build() -> Any:
        network = build_network(config, preprocessing.inputs, load)
        compile_network(network, config, data.tasks)
        return network

    network, rate = build(), None
    if asks_for_rate(config):
        rate = test_rates(network, config, data)
        config = with_rate(config, rate)
        network = build()  # anew: as if the file had named that rate
    return Job(config, data, network, chosen, validated, machine, cache, pretrained, rate)


@dataclass(frozen=True)
class Job:
    """A network that is ready to be trained, and its data.

    ``validated``: the part that each epoch is measured on. ``cache``: where downloads are kept. ``pretrained``: the
    files that weights came from. ``rate``: the test by which the learning rate was found, if it was.
    """

    config: Config
    data: Data
    network: Any
    chosen: EngineChoice
    validated: str | None
    machine: Machine
    cache: Path
    pretrained: dict[str, dict[str, str]] = field(default_factory=dict)
    rate: RangeTest | None = None


def validation_part(config: Config, data: Data) -> str | None:
    """The part that each epoch is measured on, or ``None``."""
    if config.validation_data == "auto":
        return "validation" if "validation" in data.parts else None
    if config.validation_data != "none" and config.validation_data not in data.parts:
        raise RnaError(
            "the data have no {validation_data} part",
            place=str(config.place("validation_data")),
            hint="add it to split",
            exit_code=CONFIG,
            validation_data=config.validation_data,
        )
    return None if config.validation_data == "none" else config.validation_data


FIRST = ("config.yaml", "preprocessing.json", "split.csv", "rejected.csv", "summary.txt")
"""The files that ``write_first`` writes."""


def write_first(run: Run, job: Job) -> None:
    """Write what is known before the first step: config, split, preprocessing, summary."""
    config, data, network = job.config, job.data, job.network
    settings = portable_settings(config, run.path)
    run.write("config.yaml", dump_yaml(settings))
    run.write("preprocessing.json", data.preprocessing.dump())
    run.write("split.csv", split_table(data))
    if data.rows.rejected:
        rejected = [safe_row([problem.place, problem.message]) for problem in data.rows.rejected]
        run.write("rejected.csv", "".join([safe_row(["picture", "reason"]), *rejected]))
    lines: list[str] = []
    phases = count_by_phase(network, config)
    network.summary(print_fn=lines.append)
    lines += [f"phase {i}: {a:,} trainable parameters, {b:,} frozen" for i, (a, b) in enumerate(phases, 1)]
    run.write("summary.txt", "\n".join(lines) + "\n")
    (run.path / CHECKPOINTS).mkdir()  # a run without it has lost it
    run.save(
        name=config.name,
        seed=config.seed,
        **keep_settings(settings),
        machine=asdict(job.machine) | {"processor": processor_name()},
        engine=asdict(job.chosen),
        **({"learning_rate": job.rate.plain()} if job.rate else {}),
        data={
            "folder": str(run.path.resolve()),
            "files": data.rows.files,
            "sizes": data_sizes(config),
            "rows": {part: len(rows) for part, rows in data.parts.items()},
            "inputs": list(data.preprocessing.shape),
            **describe_tasks(data.tasks),
            **({"task": "generation", "numbers": describe_numbers(data)} if config.sides else {}),
        },
        **({"workers": count_joined()} if joined else {}),
        network={"parameters": network.count_params(), "outputs": describe_outputs(network, config)}
        | ({"pretrained": job.pretrained} if job.pretrained else {}),
    )


def describe_tasks(tasks: Mapping[str, Task]) -> dict[str, Any]:
    """What the outputs are for, as ``run.json`` has it: of several, by their names."""
    each = {
        name: {"task": task.form.kind, "classes": list(task.classes), "positive": task.positive}
        for name, task in tasks.items()
    }
    return next(iter(each.values())) if len(each) == 1 else {"outputs": each}


def describe_outputs(network: Any, config: Config) -> Any:
    """The shape of a row of outputs; of several, by their names."""
    if len(config.outputs) == 1:
        return list(network.output_shape[1:])
    layers = {name: network.get_layer(config.keras_names[i]) for name, i in config.outputs.items()}
    return {name: list(layer.output.shape[1:]) for name, layer in layers.items()}


def split_table(data: Data) -> str:
    """``row,part`` for every row that has a part, in the order in which the parts use them; rows count from 0."""
    pieces = ["row,part\n"]
    for part, rows in data.parts.items():
        for start in range(0, len(rows), ROWS_AT_ONCE):
            pieces.append("".join(f"{row},{part}\n" for row in rows[start : start + ROWS_AT_ONCE].tolist()))
    return "".join(pieces)
