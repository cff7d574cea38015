"""The mean of the networks of all seeds of a run: measured, and kept as one plain Keras model."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence

import numpy as np

from rnacli.engine.initial import model_variables
from rnacli.engine.tensorflow import keras
from rnacli.files import written_beside
from rnacli.fitting.job import Job
from rnacli.networks.build import build_network, compile_network
from rnacli.networks.ensemble import join_networks
from rnacli.networks.scales import include_scales
from rnacli.networks.step_activations import has_step
from rnacli.results.evaluate import finite_figures, try_to_measure
from rnacli.runs.folder import Run

log = logging.getLogger("rnacli")

FILE = "ensemble.keras"


def save_ensemble(run: Run, job: Job, weights: Mapping[int, Sequence[np.ndarray]]) -> None:
    """Write ``ensemble.keras``, and what it reaches on each part into the run's record.

    ``weights``: those of each seed's network, as ``model_variables`` has them.
    """
    config, data = job.config, job.data
    if has_step(config):
        log.warning("no ensemble: the network ends in a step, and a mean of labels is none")
        return
    # What has no name is numbered by Keras: from here on, not from the networks that this process has made.
    keras.utils.clear_session(free_memory=False)
    members = []
    for seed, values in weights.items():
        # Keras wants names of their own for networks that are layers of another one.
        own = dataclasses.replace(config, seed=seed, name=f"seed-{seed}")
        member = build_network(own, data.preprocessing.encoder.inputs)
        for variable, value in zip(model_variables(member), values, strict=True):
            variable.assign(value)
        members.append(member)
    joined = join_networks(members, "ensemble")
    compile_network(joined, config, data.tasks)
    measures = {part: finite_figures(try_to_measure(joined, data, part)) for part in data.parts}
    with written_beside(run.path / FILE) as part:
        include_scales(joined, data.preprocessing.encoder, config, data.tasks).save(part)
    run.note(FILE)
    run.save(ensemble={"networks": len(members), "measures": measures})
