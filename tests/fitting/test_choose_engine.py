"""What is decided for which network, and what the config overrules."""

from pathlib import Path
from typing import Any

import pytest
from fixtures import one_input

from rnacli.document.read import parse_document
from rnacli.document.write import dump_yaml
from rnacli.experiment.load import read_config
from rnacli.fitting import choose_engine as choice
from rnacli.fitting.choose_engine import EngineChoice, choose_engine
from rnacli.networks.callbacks import build_callbacks
from rnacli.networks.plan import plan_network

SMALL = [{"dense": {"units": 4, "activation": "tanh"}}, {"dense": 1}]
WIDE = ["flatten", {"dense": {"units": 512, "activation": "relu"}}, {"dense": {"units": 512}}, {"dense": 10}]
CONVOLUTION = [{"reshape": {"target_shape": [28, 28, 1]}}, {"conv2d": {"filters": 32, "kernel_size": 5}}, *WIDE]


def decide(
    layers: list[Any], shape: tuple[int, ...], rows: int, size: int, gpu: bool = False, **more: Any
) -> EngineChoice:
    plain = {"dataset": {"sklearn": "load_iris"}, "loss": "mse", "layers": layers, "epochs": 5, **more}
    config = read_config(parse_document(dump_yaml(plain), "test.yaml"), Path())
    watching = build_callbacks(config, Path())
    return choose_engine(config, plan_network(config, one_input(*shape)), rows, size, watching, gpu)


def test_a_small_network_is_fused_on_one_thread() -> None:
    chosen = decide(SMALL, (2,), 800, 5)
    assert chosen.fuse
    assert chosen.threads == 1


def test_xla_is_compiled_only_where_it_pays() -> None:
    assert not decide(SMALL, (2,), 800, 5).jit
    assert decide(SMALL, (2,), 80_000, 5).jit
    assert decide(WIDE, (28, 28), 60_000, 128).jit


def test_convolutions_never_go_through_xla_on_a_processor() -> None:
    chosen = decide(CONVOLUTION, (28, 28), 60_000, 64)
    assert not chosen.jit
    assert "Conv2D" in chosen.why
    assert decide(CONVOLUTION, (28, 28), 60_000, 64, gpu=True).jit


def test_large_products_use_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "count_cores", lambda: 7)
    assert decide(WIDE, (28, 28), 60_000, 128).threads == 7


def test_slow_steps_are_run_few_at_a_time() -> None:
    fast, slow = decide(SMALL, (2,), 800, 5), decide(CONVOLUTION, (28, 28), 60_000, 64)
    assert fast.steps > 800
    assert slow.steps < 200


@pytest.mark.parametrize(
    ("callback", "fused"),
    [
        ("terminate_on_nan", False),
        ({"model_checkpoint": {"filepath": "best.keras", "save_freq": 10}}, False),
        ({"model_checkpoint": {"filepath": "best.keras"}}, True),
        ({"early_stopping": {"monitor": "loss"}}, True),
        ({"reduce_lr_on_plateau": {"monitor": "loss"}}, True),
        ("swap_ema_weights", None),
    ],
)
def test_callbacks_that_need_every_batch(callback: Any, fused: bool | None) -> None:
    optimizer = {"sgd": {"use_ema": True}}
    chosen = decide(SMALL, (2,), 800, 5, callbacks=[callback], optimizer=optimizer)
    assert fused is None or chosen.fuse == fused
    assert chosen.fuse or "every batch" in chosen.why


def test_the_config_overrules() -> None:
    chosen = decide(SMALL, (2,), 800, 5, engine={"fuse": False, "jit": True, "threads": 3})
    assert (chosen.fuse, chosen.jit, chosen.threads) == (False, True, 3)
    assert chosen.why.count("as the config says") == 2


def test_sequences_count_each_step() -> None:
    plain = {"dataset": {"sklearn": "load_iris"}, "loss": "mse", "layers": [{"lstm": 8}, {"dense": 1}]}
    config = read_config(parse_document(dump_yaml(plain), "test.yaml"), Path())
    short, long = (plan_network(config, one_input(steps, 3))[0].products for steps in (5, 50))
    assert long == 10 * short
