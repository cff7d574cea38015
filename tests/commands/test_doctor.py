"""``rna doctor``: what it says of a machine, and that what it measures is a training."""

import json
from pathlib import Path

import pytest

from rnacli.commands.app import main
from rnacli.commands.doctor import tell_speed, why_not_writable
from rnacli.engine.gpu import describe_gpu
from rnacli.engine.tensorflow import GPUS
from rnacli.fitting.measure_speed import NETWORKS, measure_network


def call(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def test_versions_machine_gpu_packages_and_folders_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "table.csv").write_bytes(b"x" * 2048)
    arguments = ("doctor", "--quick", "--cache", str(cache), "--runs", str(tmp_path / "runs"))
    assert call(*arguments, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["versions"].keys() >= {"python", "tensorflow", "keras", "numpy", "pandas", "scikit-learn"}
    assert facts["folders"]["cache"].endswith("1 file, 2 KiB")
    assert facts["speed"] == []
    assert facts["GPU"]["used"]
    assert call(*arguments) == 0
    assert facts["versions"]["keras"] in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_named_and_is_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert why_not_writable(tmp_path / "new" / "folder") == ""
    assert "file" in why_not_writable(tmp_path / "file" / "runs")
    assert call("doctor", "--quick", "--cache", str(tmp_path), "--runs", str(tmp_path / "file" / "runs")) == 1
    assert "cannot be written: runs" in capsys.readouterr().err


def machine(root: Path, driver: str = "", release: str = "6.1.0", card: bool = True) -> Path:
    """The files of a machine with such a driver and kernel."""
    device = root / "sys/bus/pci/devices/0000:01:00.0"
    for path in (device, root / "proc/sys/kernel", root / "proc/driver/nvidia"):
        path.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n" if card else "0x8086\n")
    (device / "class").write_text("0x030200\n")
    (root / "proc/sys/kernel/osrelease").write_text(release)
    if driver:
        (root / "proc/driver/nvidia/version").write_text(f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {driver}\n")
    return root


def test_each_thing_between_tensorflow_and_a_gpu_is_told(tmp_path: Path) -> None:
    with_driver = describe_gpu(machine(tmp_path / "a", driver="550.54.14"))
    assert with_driver["cards"] == "1 of NVIDIA"
    assert with_driver["driver"] == "550.54.14"
    assert "WSL" not in with_driver
    without = describe_gpu(machine(tmp_path / "b"))
    assert without["driver"] == "none loaded"
    in_windows = describe_gpu(machine(tmp_path / "c", release="5.15-microsoft-standard-WSL2"))
    assert in_windows["WSL"] == "yes, without a driver of Windows"
    if not GPUS:
        assert "no NVIDIA driver" in without["used"]
        assert "without CUDA" in with_driver["used"] or "TensorFlow sees none" in with_driver["used"]
        assert "install NVIDIA's driver for Windows" in in_windows["used"]
    bare = describe_gpu(machine(tmp_path / "d", card=False))
    assert bare["cards"] == "0 of NVIDIA"
    assert "no NVIDIA card" in bare["used"] or "x " in bare["used"]


def test_the_speed_is_that_of_the_same_training_both_ways(tmp_path: Path) -> None:
    speed = measure_network("small", NETWORKS["small"], 0.1, tmp_path)
    assert (speed.steps, speed.parameters) == (160, 25)
    assert speed.times > 2  # 12 to 90, by the machine and what else it does
    assert "times as fast as plain fit" in tell_speed(speed)
