"""The GPU that TensorFlow sees, or every reason on the way to one why it sees none; nothing here starts TensorFlow."""

import ctypes
import importlib.util
import os
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rnacli.words import fill_template

LIBRARIES = ("libcudart.so", "libcublas.so", "libcufft.so", "libcusolver.so", "libcusparse.so", "libcudnn.so")
"""The libraries of CUDA that TensorFlow opens."""
MAJORS = ("", *(f".{major}" for major in range(8, 15)))
"""The endings of a library: without its development files it is there under its version alone."""
OLDEST_DRIVERS = {11: 450, 12: 525, 13: 580}
"""The oldest driver for each CUDA: "minor version compatibility" in the release notes of NVIDIA's CUDA Toolkit."""
NVIDIA = "0x10de"


@dataclass(frozen=True)
class System:
    """What of a GPU this system has; ``driver``: its version, empty where none is loaded."""

    name: str = "linux"
    cards: int = 0
    driver: str = ""
    is_wsl: bool = False
    lacks: tuple[str, ...] = ()
    """What belongs to a driver that works, and is not here."""
    missing: tuple[str, ...] = ()
    """The libraries of CUDA that are not here."""
    hidden_by: str | None = None
    """``CUDA_VISIBLE_DEVICES``."""


@dataclass(frozen=True)
class Answers:
    """What TensorFlow says: the CUDA that it is built for (empty: none), the GPUs that it sees, why it sees none."""

    cuda: str = ""
    cudnn: str = ""
    gpus: list[str] = field(default_factory=list)
    reason: str = ""


# What the system has


def look_at_system(root: Path = Path("/")) -> System:
    """What of a GPU is here; ``root``: where the system's files are."""
    if sys.platform != "linux":
        return System(sys.platform, hidden_by=os.environ.get("CUDA_VISIBLE_DEVICES"))
    is_wsl = "microsoft" in read_text(root / "proc/sys/kernel/osrelease").lower()
    return System(
        sys.platform,
        cards=sum(is_card(folder) for folder in root.glob("sys/bus/pci/devices/*")),
        driver=read_driver(root),
        is_wsl=is_wsl,
        lacks=tuple(list_lacking(root, is_wsl)),
        missing=tuple(name for name in LIBRARIES if not has_library(name)),
        hidden_by=os.environ.get("CUDA_VISIBLE_DEVICES"),
    )


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def is_card(device: Path) -> bool:
    """Whether a device of the bus is NVIDIA's and draws or computes: the class of a display begins with 03."""
    return read_text(device / "vendor") == NVIDIA and read_text(device / "class").startswith("0x03")


def read_driver(root: Path) -> str:
    """The version of NVIDIA's driver that the kernel has loaded; ``?`` where it does not say."""
    path = root / "proc/driver/nvidia/version"
    version = re.search(r"\b\d{3,4}\.\d+(\.\d+)?\b", read_text(path))
    return version[0] if version else "?" if path.exists() else ""


def list_lacking(root: Path, is_wsl: bool) -> Iterator[str]:
    """The files of a driver that works that are not here: a container has them only where it is given the GPU."""
    if is_wsl:
        yield from (name for name in ("dev/dxg", "usr/lib/wsl/lib/libcuda.so.1") if not (root / name).exists())
        return
    if not any(root.glob("dev/nvidia[0-9]*")):
        yield "/dev/nvidia0"
    if not opens("libcuda.so.1"):
        yield "libcuda.so.1"


def has_library(name: str) -> bool:
    """Whether a library is where pip puts it, or where the system looks for it."""
    found = importlib.util.find_spec("nvidia")
    folders = (found.submodule_search_locations or ()) if found else ()
    return any(any(Path(folder).glob(f"*/lib/{name}*")) for folder in folders) or any(
        opens(f"{name}{major}") for major in MAJORS
    )


def opens(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


# What is said of it


def describe_gpu(system: System, answers: Answers) -> dict[str, str]:
    """What stands between TensorFlow and a GPU, a line under each word: card, driver, TensorFlow, CUDA libraries, WSL.

    The last line, ``used``, is the GPU, or why there is none and what to do about it.
    """
    about: dict[str, str] = {}
    if system.name == "linux":
        about["cards"] = fill_template("{count} of NVIDIA", count=system.cards)
        if system.is_wsl:
            said = "yes, without a driver of Windows" if system.lacks else "yes; its driver is that of Windows"
            about["WSL"] = fill_template(said)
        else:
            about["driver"] = system.driver or fill_template("none loaded")
    about["TensorFlow"] = describe_build(answers)
    if answers.cuda and (system.cards or system.driver or system.is_wsl):
        said = "missing: {names:.300}" if system.missing else "all there"
        about["CUDA libraries"] = fill_template(said, names=", ".join(system.missing))
    if answers.gpus:
        about["used"] = f"{len(answers.gpus)} x {answers.gpus[0]}"
    else:
        why, hint = why_no_gpu(system, answers)
        about["used"] = fill_template("none: {why}; {hint}", why=why, hint=fill_template(hint))
    return about


def describe_build(answers: Answers) -> str:
    """For which CUDA the installed TensorFlow was built."""
    if not answers.cuda:
        return fill_template("built without CUDA for {machine}", machine=platform.machine())
    return fill_template("built for CUDA {cuda} and cuDNN {cudnn}", cuda=answers.cuda, cudnn=answers.cudnn)


def why_no_gpu(system: System, answers: Answers) -> tuple[str, str]:
    """Why TensorFlow sees no GPU, and what to do about it: the first thing that is wrong on the way to one."""
    if system.hidden_by is not None and system.hidden_by.strip() in ("", "-1"):
        said = "CUDA_VISIBLE_DEVICES={value!r} hides every GPU"
        return fill_template(said, value=system.hidden_by), "unset CUDA_VISIBLE_DEVICES"
    if system.name == "win32":
        return fill_template("TensorFlow for Windows has no GPU support"), "run in WSL 2, or device: cpu"
    if system.name == "darwin":
        said = "this TensorFlow has no GPU support on macOS"
        return fill_template(said), "pip install tensorflow-metal, or device: cpu"
    if system.is_wsl and system.lacks:
        hint = "install NVIDIA's driver for Windows, and wsl --update"
        return fill_template("Windows gives this Linux no GPU"), hint
    if not system.is_wsl and not system.driver:
        if not system.cards:
            return fill_template(
                "this machine has no NVIDIA card, as its bus says"
            ), "device: auto trains on the processor"
        said = "the NVIDIA card has no driver (no /proc/driver/nvidia)"
        return fill_template(said), "install NVIDIA's driver for Linux and restart, or device: cpu"
    if not answers.cuda:
        hint = "pip uninstall tensorflow tensorflow-cpu, then pip install 'tensorflow[and-cuda]'"
        return fill_template("this TensorFlow is built without CUDA"), hint
    if system.lacks:
        said = "the driver is loaded, but this system lacks {names:and}"
        return fill_template(said, names=system.lacks), "a container is given the GPU: docker run --gpus all"
    if is_too_old(system.driver, answers.cuda):
        said = "driver {driver} is too old for CUDA {cuda}: {oldest} or newer is needed"
        oldest = OLDEST_DRIVERS[major_of(answers.cuda)]
        return fill_template(said, driver=system.driver, cuda=answers.cuda, oldest=oldest), "install a newer driver"
    if system.missing:
        said = "CUDA libraries are missing: {names:.300}"
        return fill_template(said, names=", ".join(system.missing)), "pip install 'tensorflow[and-cuda]' brings them"
    said = "TensorFlow sees none: {reason:.300}" if answers.reason else "TensorFlow sees none, and does not say why"
    return fill_template(said, reason=answers.reason), "nvidia-smi says whether the driver works"


def is_too_old(driver: str, cuda: str) -> bool:
    return 0 < major_of(driver) < OLDEST_DRIVERS.get(major_of(cuda), 0)


def major_of(version: str) -> int:
    """The first number of a version; 0 where there is none."""
    number = version.partition(".")[0]
    return int(number) if number.isdecimal() else 0
