"""TensorFlow's start: its chatter filtered and nothing else, a GPU's absence explained; this machine and its memory."""

import os
import sys
from pathlib import Path

import pytest
from fixtures import CIRCLES, experiment, problem_of

from rnacli.engine.tensorflow import keras, quiet, start_tensorflow, tf
from rnacli.errors import CONFIG, DATA, RnaError
from rnacli.machine import format_bytes
from rnacli.networks.memory import check_memory
from rnacli.training.train import train_network

CHATTER = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    b"I0000 00:00:1700000000.000000    1234 cpu_feature_guard.cc:227] This TensorFlow binary is optimized\n",
    b"To enable the following instructions: AVX2, in other operations, rebuild TensorFlow\n",
    b"E0000 00:00:1700000000.000000    1234 cuda_executor.cc:1309] INTERNAL: Failed call to cuInit: UNKNOWN ERROR\n",
)
ORDINARY = (
    b"error: the disk is full\n",
    b"W0000 00:00:1700000000.000000    1234 op_kernel.cc:1839] OP_REQUIRES failed\n",
    b"E0000 00:00:1700000000.000000    1234 gpu_device.cc:1] out of memory\n",
    b"In total there are 3 I0000 lines\n",
    b"no newline at the end",
)


def written(capfd: pytest.CaptureFixture[str]) -> bytes:
    return capfd.readouterr().err.encode()


def test_chatter_is_kept_and_every_other_line_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    lines = [CHATTER[0], ORDINARY[0], *CHATTER[1:3], *ORDINARY[1:4], CHATTER[3], ORDINARY[4]]
    with quiet():
        for line in lines:
            os.write(2, line)
    assert written(capfd) == b"".join(ORDINARY)


def test_what_python_writes_is_passed_on_in_its_order(capfd: pytest.CaptureFixture[str]) -> None:
    print("before", file=sys.stderr)
    with quiet():
        print("within", file=sys.stderr)
        os.write(2, CHATTER[1])
    print("after", file=sys.stderr)
    assert written(capfd) == b"before\nwithin\nafter\n"


def test_after_an_error_standard_error_works_as_before(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet():
            os.write(2, b"the reason\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    os.write(2, CHATTER[1])
    assert written(capfd) == b"the reason\n" + CHATTER[1]


def test_a_closed_standard_error_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(number: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    with quiet():
        entered = True
    assert entered


# Devices


@pytest.fixture
def without_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnacli.engine.tensorflow.GPUS", [])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize(
    ("environment", "platform", "said"),
    [
        ({"CUDA_VISIBLE_DEVICES": ""}, "linux", "CUDA_VISIBLE_DEVICES"),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, "linux", "CUDA_VISIBLE_DEVICES"),
        ({}, "win32", "Windows"),
        ({}, "darwin", "macOS"),
        ({}, "linux", "device: gpu, but "),  # which of the reasons: tests/commands/test_doctor.py
    ],
)
def test_a_gpu_that_is_not_there_is_refused_with_the_reason(
    without_gpu: None,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    platform: str,
    said: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    problem = problem_of(start_tensorflow, "gpu", exit_code=DATA)
    assert "gpu" in problem.message
    assert said in problem.message
    assert problem.hint


def test_a_run_that_wants_a_gpu_is_refused_before_there_is_a_folder(without_gpu: None, tmp_path: Path) -> None:
    made = experiment(CIRCLES, tmp_path, device="gpu")
    problem_of(train_network, made, tmp_path / "runs", tmp_path, exit_code=DATA)
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_without_a_gpu_the_processor_is_used(without_gpu: None, device: str) -> None:
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    assert start_tensorflow(device).device == "CPU"


# Precision, versions


def test_a_machine_is_described() -> None:
    machine = start_tensorflow()
    assert machine.threads >= 1
    assert machine.precision == "float32"
    assert machine.versions["python"] == sys.version.split()[0]
    assert {"rna", "tensorflow", "keras", "numpy", "scikit-learn", "platform"} <= set(machine.versions)


def test_settings_of_another_user_of_keras_do_not_matter() -> None:
    keras.config.set_floatx("float64")
    keras.config.set_image_data_format("channels_first")
    start_tensorflow()
    assert keras.config.floatx() == "float32"
    assert keras.config.image_data_format() == "channels_last"


# Memory


@pytest.mark.parametrize(
    ("parameters", "fits"), [(0, True), (1000, True), (2**26, True), (2**26 + 1, False), (10**15, False)]
)
def test_a_network_must_fit_into_memory_with_gradients_and_optimizer(
    monkeypatch: pytest.MonkeyPatch, parameters: int, fits: bool
) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2**18}.__getitem__)  # 1 GiB
    if fits:
        check_memory(parameters, "c.yaml:4:5")
        return
    with pytest.raises(RnaError) as caught:
        check_memory(parameters, "c.yaml:4:5")
    assert caught.value.exit_code == CONFIG
    problem = caught.value.problems[0]
    assert problem.place == "c.yaml:4:5"
    assert "1 GiB" in problem.message


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (512, "512 bytes"), (2048, "2 KiB"), (3.5 * 2**30, "3.5 GiB"), (2**60, "1.05e+06 TiB")],
)
def test_sizes_are_read_by_people(count: float, text: str) -> None:
    assert format_bytes(count) == text
