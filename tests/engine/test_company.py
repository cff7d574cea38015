"""A row gets the same digits in any company: beside others, alone, anywhere, whatever multiplies the matrices."""

import os
import subprocess
import sys

import numpy as np
import pytest
from fixtures import IRIS, ROOT, experiment

from rnacli.encoders.scale import Scale
from rnacli.networks.build import build_network
from rnacli.results.outputs import keras_answers

KERNELS = ("Haswell", "SkylakeX", "Zen", "Prescott")
"""What NumPy's BLAS calls some of its kernels: those of other processors round in other ways."""
ALONE = """\
import sys
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from rnacli.engine.numpy_forward import exact_product
for threads in (2, 1):
    random = np.random.default_rng(0)
    with threadpool_limits(threads):
        assert all(each["num_threads"] <= threads for each in threadpool_info())
        for rows, inputs, units in ((5000, 8, 12), (700, 784, 300), (4099, 3, 1), (33, 5000, 7)):
            x = random.normal(size=(rows, inputs)) * 10.0 ** random.integers(-6, 6, inputs)
            kernel = random.normal(size=(inputs, units))
            whole = exact_product(x, kernel)
            assert np.allclose(whole, x @ kernel, rtol=1e-9, atol=1e-9 * np.abs(whole).max())
            for count in (1, 2, 3, 7, 16, 31):
                some = random.integers(0, rows, count)
                assert (exact_product(x[some], kernel) == whole[some]).all(), (rows, inputs, units, count, threads)
            sys.stdout.write(whole.tobytes().hex()[:4000])
    print()
"""


def test_products_are_the_same_on_every_kernel_and_number_of_threads() -> None:
    found = list[str]()
    for kernel in KERNELS:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "OPENBLAS_CORETYPE": kernel,
            "OPENBLAS_NUM_THREADS": "2",
        }
        done = subprocess.run([sys.executable, "-c", ALONE], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{kernel}: {done.stderr}"
        found += done.stdout.splitlines()
    assert (len(found), len(set(found))) == (2 * len(KERNELS), 1)


NETWORKS = {
    "convolutions": (
        (12, 12, 1),
        [{"conv2d": {"filters": 8, "kernel_size": 3, "activation": "relu"}}, "max_pooling2d", "flatten"],
        {},
    ),
    "recurrent": ((10, 3), [{"bidirectional": {"layer": {"lstm": 9}}}], {}),
    "norms": ((7, 6), ["layer_normalization", {"gru": {"units": 8, "return_sequences": True}}, "flatten"], {}),
    "rms": (
        (5, 9),
        [
            "rms_normalization",
            {"conv1d": {"filters": 4, "kernel_size": 2, "activation": "gelu"}},
            "flatten",
            "unit_normalization",
        ],
        {},
    ),
    "mixed precision": ((20,), [{"dense": {"units": 33, "activation": "gelu"}}], {"precision": "mixed_bfloat16"}),
}
"""The shape of a row, layers that only Keras knows, and more of the config."""


@pytest.mark.parametrize("name", NETWORKS)
def test_keras_gives_a_row_the_same_digits_in_any_company(name: str) -> None:
    shape, layers, more = NETWORKS[name]
    config = experiment(IRIS, layers=[*layers, {"dense": {"units": 3, "activation": "softmax"}}], **more)
    encoder = Scale(shape)
    network = build_network(config, encoder.inputs)
    answers = keras_answers(config, network, encoder)

    def forward(x: np.ndarray) -> np.ndarray:
        (outputs,) = answers(x).values()
        return outputs

    random = np.random.default_rng(2)
    x = random.normal(size=(1500, *shape)).astype("float32")
    whole = forward(x)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole, network.predict(x, verbose=0), atol=1e-2 if more else 2e-6)
    assert (forward(x[::-1])[::-1] == whole).all()
    for count in (1, 3, 17, 200):
        some = random.integers(0, len(x), count)
        assert (forward(x[some]) == whole[some]).all()
