"""The network of a trained run, with its weights."""

import logging
from typing import Any

from rnacli.engine.tensorflow import start_tensorflow
from rnacli.networks.build import build_network, compile_network, phase_entry
from rnacli.networks.phases import set_trainable
from rnacli.networks.plan import plan_network
from rnacli.networks.weights import expected_weights, set_weights
from rnacli.runs.checkpoint import restore_newest
from rnacli.runs.open import CHECKPOINTS, TrainedRun
from rnacli.runs.weights import require_weights_size

log = logging.getLogger("rnacli")


def restore_network(opened: TrainedRun) -> Any:
    """The compiled Keras network of a run, with its weights; of a run that was not finished, with the latest.

    Raises ``RnaError``.
    """
    config, preprocessing = opened.config, opened.preprocessing
    start_tensorflow(config.device, opened.threads, config.precision)
    planned = plan_network(config, preprocessing.inputs)
    if opened.is_finished:  # before the network of a forged config takes its memory
        require_weights_size(opened.run.path / "weights.npz", sum(layer.parameters for layer in planned))
    network = build_network(config, preprocessing.inputs)
    compile_network(network, config, preprocessing.tasks)
    if opened.is_finished:
        set_weights(network, opened.weights(expected_weights(network)))
        if config.phases:
            set_trainable(network, config, len(config.phases))  # as it was at the end
    else:
        which = restore_newest(
            opened.run.path / CHECKPOINTS, network, config, phase_entry(network, config, preprocessing.tasks)
        )
        run = opened.run.path
        log.info(
            "this run is not finished: its weights are those of %s; continue with rna train --resume %s", which, run
        )
    return network
