"""What TensorFlow keeps of networks: that it does so still, and that it is forgotten with them."""

import gc
import weakref
from pathlib import Path
from typing import Any

from fixtures import CIRCLES, experiment, without_pictures

from rnacli.engine import forget
from rnacli.engine.forget import forget_gradients, kept_gradients, only_new_searched
from rnacli.engine.tensorflow import tf
from rnacli.training.train import train_network


def trace_one() -> None:
    """Trace a function with a gradient of its own, as Keras does."""
    square = tf.custom_gradient(lambda x: (x * x, lambda dy: 2 * x * dy))
    tf.function(square, autograph=False).get_concrete_function(tf.TensorSpec((), tf.float32))


def test_a_training_forgets_what_it_brought_and_nothing_else(tmp_path: Path, monkeypatch: Any) -> None:
    forget_gradients()
    trace_one()
    (users,) = kept_gradients()  # the private name is still the one
    brought: list[int] = []
    monkeypatch.setattr(forget, "forget_gradients", lambda besides: brought.append(len(kept_gradients())))
    config = experiment(CIRCLES, tmp_path, epochs=1)
    with without_pictures():
        train_network(config, tmp_path / "runs", tmp_path)
        monkeypatch.undo()
        train_network(config, tmp_path / "runs", tmp_path)
    assert brought[0] > 1  # Keras' networks still bring some
    assert users in kept_gradients()
    assert len(kept_gradients()) == brought[0]  # those of the first training alone
    forget_gradients()
    assert not kept_gradients()


def test_without_the_registry_nothing_is_forgotten(monkeypatch: Any) -> None:
    module = forget.sys.modules[tf.RegisterGradient.__module__]
    monkeypatch.delattr(module, "gradient_registry")
    forget_gradients()
    assert kept_gradients() == set()


class Ring:
    """Keeps itself."""

    def __init__(self) -> None:
        self.itself = self


def test_only_what_is_new_is_searched_for_garbage() -> None:
    """New garbage goes within the block, so that memory does not grow; what was there before goes after it."""
    old = Ring()
    before = weakref.ref(old)
    with only_new_searched():
        within = weakref.ref(Ring())
        del old
        gc.collect()
        assert within() is None
        assert before() is not None
    gc.collect()
    assert before() is None
