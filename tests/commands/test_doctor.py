"""``rna doctor``: what it says of a machine, and that what it measures is a training."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rnacli.commands.app import main
from rnacli.commands.doctor import tell_speed, why_not_writable
from rnacli.engine.gpu import Answers, System, describe_gpu, look_at_system
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


def machine(
    root: Path, driver: str = "", release: str = "6.1.0", card: str = "0x10de", files: tuple[str, ...] = ()
) -> Path:
    """The files of a machine with such a driver, kernel and card."""
    device = root / "sys/bus/pci/devices/0000:01:00.0"
    texts = {device / "vendor": card, device / "class": "0x030200", root / "proc/sys/kernel/osrelease": release}
    if driver:
        said = f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {driver}  Wed Oct 25 2023\nGCC version:  gcc 12.2.0"
        texts[root / "proc/driver/nvidia/version"] = said
    for path, text in (texts | dict.fromkeys((root / name for name in files), "")).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def test_what_of_a_gpu_is_on_a_machine_is_found(tmp_path: Path) -> None:
    there = look_at_system(machine(tmp_path / "a", driver="550.54.14", files=("dev/nvidia1",)))
    assert (there.cards, there.driver, there.is_wsl, "/dev/nvidia0" in there.lacks) == (1, "550.54.14", False, False)
    assert "/dev/nvidia0" in look_at_system(machine(tmp_path / "b", driver="550.54.14")).lacks
    assert look_at_system(machine(tmp_path / "c", driver="a text")).driver == "?"
    other = look_at_system(machine(tmp_path / "d", card="0x8086"))
    assert (other.cards, other.driver) == (0, "")
    windows = {"release": "5.15.153.1-microsoft-standard-WSL2", "card": "0x1414"}
    dxg = ("dev/dxg", "usr/lib/wsl/lib/libcuda.so.1")
    in_windows = [
        look_at_system(machine(tmp_path / name, **windows, files=files)) for name, files in (("e", ()), ("f", dxg))
    ]
    assert [(each.is_wsl, each.lacks) for each in in_windows] == [(True, dxg), (True, ())]


READY = System(cards=1, driver="550.54.14")
FOR_CUDA = Answers(cuda="12.5.1", cudnn="9")
OUT_OF_MEMORY = "failed call to cuInit: CUDA_ERROR_OUT_OF_MEMORY: out of memory"


@pytest.mark.parametrize(
    ("system", "answers", "used"),
    [
        (READY, Answers(cuda="12.5.1", gpus=["NVIDIA A100"] * 2), "2 x NVIDIA A100"),
        (System(), FOR_CUDA, "no NVIDIA card, as its bus says; device: auto trains"),
        (System(cards=1), FOR_CUDA, "the NVIDIA card has no driver (no /proc/driver/nvidia); install NVIDIA's driver"),
        (READY, Answers(), "this TensorFlow is built without CUDA; pip uninstall tensorflow tensorflow-cpu"),
        (
            replace(READY, driver="470.199.02"),
            FOR_CUDA,
            "470.199.02 is too old for CUDA 12.5.1: 525 or newer is needed",
        ),
        (replace(READY, driver="?"), FOR_CUDA, "TensorFlow sees none, and does not say why; nvidia-smi"),
        (
            replace(READY, lacks=("/dev/nvidia0", "libcuda.so.1")),
            FOR_CUDA,
            "lacks /dev/nvidia0 and libcuda.so.1; a container",
        ),
        (replace(READY, missing=("libcudnn.so",)), FOR_CUDA, "CUDA libraries are missing: libcudnn.so; pip install"),
        (READY, replace(FOR_CUDA, reason=OUT_OF_MEMORY), f"TensorFlow sees none: {OUT_OF_MEMORY}; nvidia-smi"),
        (replace(READY, hidden_by="-1"), FOR_CUDA, "CUDA_VISIBLE_DEVICES='-1' hides every GPU; unset"),
        (
            System(is_wsl=True, lacks=("dev/dxg",)),
            FOR_CUDA,
            "Windows gives this Linux no GPU; install NVIDIA's driver for",
        ),
        (System(is_wsl=True, missing=("libcufft.so",)), FOR_CUDA, "CUDA libraries are missing: libcufft.so"),
        (System("win32"), Answers(), "TensorFlow for Windows has no GPU support; run in WSL 2"),
        (System("darwin"), Answers(), "no GPU support on macOS; pip install tensorflow-metal"),
    ],
)
def test_the_first_thing_between_tensorflow_and_a_gpu_is_told(system: System, answers: Answers, used: str) -> None:
    about = describe_gpu(system, answers)
    assert used in about["used"]
    assert ("cards" in about) == (system.name == "linux")
    assert ("CUDA libraries" in about) == bool(answers.cuda and (system.cards or system.is_wsl))


def test_the_speed_is_that_of_the_same_training_both_ways(tmp_path: Path) -> None:
    speed = measure_network("small", NETWORKS["small"], 0.1, tmp_path)
    assert (speed.steps, speed.parameters) == (160, 25)
    assert speed.times > 2  # 12 to 90, by the machine and what else it does
    assert "times as fast as plain fit" in tell_speed(speed)
