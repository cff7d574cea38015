"""A row gets the same digits in any company: beside others, alone, anywhere, whatever multiplies the matrices."""

import os
import subprocess
import sys
from itertools import product
from typing import Any

import numpy as np
import pytest
from fixtures import ROOT

KERNELS = ("Haswell", "SkylakeX", "Zen", "Prescott")
"""What NumPy's BLAS calls some of its kernels: those of other processors round in other ways."""
ALONE = """\
import sys
import numpy as np
from rnacli import light
random = np.random.default_rng(0)
for rows, inputs, units in ((5000, 8, 12), (700, 784, 300), (4099, 3, 1), (33, 5000, 7)):
    x = random.normal(size=(rows, inputs)) * 10.0 ** random.integers(-6, 6, inputs)
    kernel = random.normal(size=(inputs, units))
    whole = light.exact_product(x, kernel)
    assert np.allclose(whole, x @ kernel, rtol=1e-9, atol=1e-9 * np.abs(whole).max())
    for count in (1, 2, 3, 7, 16, 31):
        some = random.integers(0, rows, count)
        assert (light.exact_product(x[some], kernel) == whole[some]).all(), (rows, inputs, units, count)
    sys.stdout.write(whole.tobytes().hex()[:4000])
"""


def test_products_are_the_same_on_every_kernel_and_number_of_threads() -> None:
    found = set()
    for kernel, threads in product(KERNELS, "12"):
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "OPENBLAS_CORETYPE": kernel,
            "OPENBLAS_NUM_THREADS": threads,
        }
        done = subprocess.run([sys.executable, "-c", ALONE], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{kernel}, {threads} threads: {done.stderr}"
        found.add(done.stdout)
    assert len(found) == 1


def layers_of(name: str) -> tuple[tuple[int, ...], list[Any]]:
    """The shape of a row, and layers that only Keras knows."""
    import keras

    kinds = keras.layers
    return {
        "convolutions": ((12, 12, 1), [kinds.Conv2D(8, 3, activation="relu"), kinds.MaxPooling2D(), kinds.Flatten()]),
        "recurrent": ((10, 3), [kinds.Bidirectional(kinds.LSTM(9))]),
        "attention": ((7, 6), [kinds.LayerNormalization(), kinds.GRU(8, return_sequences=True), kinds.Flatten()]),
        "rms": (
            (5, 9),
            [
                kinds.RMSNormalization(),
                kinds.Conv1D(4, 2, activation="gelu"),
                kinds.Flatten(),
                kinds.UnitNormalization(),
            ],
        ),
        "mixed precision": ((20,), [kinds.Dense(33, activation="gelu", dtype="mixed_bfloat16")]),
    }[name]


@pytest.mark.parametrize("name", ["convolutions", "recurrent", "attention", "rms", "mixed precision"])
def test_keras_gives_a_row_the_same_digits_in_any_company(name: str) -> None:
    import keras

    from rnacli import evaluation
    from rnacli.dataset.preprocessing import Preprocessing
    from rnacli.task import Task

    keras.utils.set_random_seed(1)
    shape, layers = layers_of(name)
    network = keras.Sequential([keras.Input(shape), *layers, keras.layers.Dense(3, activation="softmax")])
    known = Preprocessing(shape, (), ("y",), ("a", "b", "c"), ("a", "b", "c"), Task("multiclass", "integer", "none"))
    forward = evaluation.predictor(network, known)
    random = np.random.default_rng(2)
    x = random.normal(size=(1500, *shape)).astype("float32")
    whole = forward(x)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole, network.predict(x, verbose=0), atol=1e-2 if "mixed" in name else 2e-6)
    assert (forward(x[::-1])[::-1] == whole).all()
    for count in (1, 3, 17, 200):
        some = random.integers(0, len(x), count)
        assert (forward(x[some]) == whole[some]).all()
