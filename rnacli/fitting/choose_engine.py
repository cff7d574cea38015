"""How a network is trained on this machine - steps fused or not, XLA or not, how many threads - and why.

The figures were measured with the networks of ``tests/benchmarks`` on four shared cores.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rnacli.engine.tensorflow import GPUS, keras
from rnacli.experiment.config import Config
from rnacli.machine import count_cores
from rnacli.networks.plan import LayerPlan

FLOPS = 2e10
"""Arithmetic a second that one core does in small products of matrices."""
STEP = 1e-4
"""Seconds that a fused step costs besides its arithmetic; XLA saves nearly all of it."""
XLA_COMPILES = 0.4
"""Seconds that XLA takes to compile a small network's step beyond what TensorFlow takes to trace it."""
XLA_SAVES = 0.3
"""The share of the arithmetic's time that XLA saves in dense networks."""
SINGLE_THREADED = 1e8
"""Arithmetic a step below which threads cost more than they bring."""
LONGEST = 0.25
"""Seconds that one execution should take: Ctrl-C and progress wait for its end."""
XLA_LAYERS = {
    "Activation", "ActivityRegularization", "Add", "Average", "BatchNormalization", "Concatenate", "Dense", "Dot",
    "Dropout", "ELU", "Embedding", "Flatten", "GaussianDropout", "GaussianNoise", "Identity", "LayerNormalization",
    "LeakyReLU", "Maximum", "Minimum", "Multiply", "Network", "PReLU", "ReLU", "Rescaling", "Reshape",
    "RMSNormalization", "Softmax", "Subtract", "UnitNormalization",
}  # fmt: skip
"""Layers that XLA makes faster on a processor; its convolutions are disastrous there."""


@dataclass(frozen=True)
class EngineChoice:
    """``steps``: the most that are run in one execution. ``together``: how many networks one program trains, as folds
    are; 0: this one alone."""

    fuse: bool
    jit: bool
    threads: int
    steps: int
    why: str
    together: int = 0


def choose_engine(
    config: Config, layers: Sequence[LayerPlan], rows: int, size: int, callbacks: Sequence[Any] = (), gpu: bool = False
) -> EngineChoice:
    """Decide for the planned ``layers``, ``rows`` training rows and batches of ``size``; the config may overrule.

    ``callbacks``: those of the file, since one that looks at every batch needs every batch.
    """
    wanted, reasons = config.engine, []
    flops = 6.0 * size * sum(layer.products for layer in layers)
    total = config.epochs * -(-rows // size)

    nosy = [type(callback).__name__ for callback in callbacks if needs_batches(callback)]
    fuse = not nosy if wanted.fuse == "auto" else bool(wanted.fuse)
    if wanted.fuse != "auto":
        reasons.append(f"fuse: {str(fuse).lower()} as the config says")
    elif nosy:
        reasons.append(f"not fused: {nosy[0]} looks at every batch")

    slow = [kind for layer in layers for kind in layer.kinds if kind not in XLA_LAYERS]
    slow += [spec.entry.target for specs in config.dataset.augmentation.values() for spec in specs]
    saved = total * (STEP + XLA_SAVES * flops / FLOPS)
    jit = (
        ((gpu and not config.dataset.augmentation) or (not slow and saved > XLA_COMPILES))
        if wanted.jit == "auto"
        else bool(wanted.jit)
    )
    if wanted.jit != "auto":
        reasons.append(f"jit: {str(jit).lower()} as the config says")
    elif not gpu:
        reasons.append(
            f"no XLA: {slow[0]} is slow with it on a processor" if slow
            else f"{'XLA' if jit else 'no XLA'}: it would save {saved:.1f} s and costs {XLA_COMPILES} s"
        )  # fmt: skip

    choice = EngineChoice(fuse, jit, choose_threads(config, flops), 1, "; ".join(reasons))
    return dataclasses.replace(choice, steps=longest_chunk(flops, choice))


def choose_threads(config: Config, flops: float) -> int:
    """The threads for steps of so much arithmetic; the config may overrule."""
    if config.engine.threads != "auto":
        return int(config.engine.threads)
    return 1 if flops < SINGLE_THREADED else count_cores()


def longest_chunk(flops: float, choice: EngineChoice) -> int:
    """The most steps of so much arithmetic that are run in one execution."""
    seconds = STEP * (not choice.jit) + flops / FLOPS / (1 if choice.jit else choice.threads) + 1e-5
    return max(1, int(LONGEST / seconds))


def needs_batches(callback: Any) -> bool:
    """Whether a callback of Keras' does something at every batch."""
    if isinstance(callback, keras.callbacks.ModelCheckpoint):
        return bool(callback.save_freq != "epoch")
    if isinstance(callback, keras.callbacks.TensorBoard):
        profiles = getattr(callback, "_stop_batch", 1) > 0  # of `profile_batch`, which Keras does not keep by this name
        return bool(callback.update_freq != "epoch" or callback.write_steps_per_second or profiles)
    plain = keras.callbacks.Callback
    hooks = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
    return any(getattr(type(callback), hook) is not getattr(plain, hook) for hook in hooks)


def uses_gpu(device: str) -> bool:
    """Whether a run on that ``device`` of the file will be on a GPU."""
    return bool(GPUS) and device != "cpu"
