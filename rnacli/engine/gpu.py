"""The GPU that TensorFlow sees, or every reason on the way to one why it sees none."""

import ctypes
import importlib.util
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from rnacli.engine.tensorflow import GPUS, tf, why_no_gpu
from rnacli.words import fill_template

LIBRARIES = {
    "libcudart.so": "cuda_runtime",
    "libcublas.so": "cublas",
    "libcufft.so": "cufft",
    "libcusolver.so": "cusolver",
    "libcusparse.so": "cusparse",
    "libcudnn.so": "cudnn",
}
"""The libraries of CUDA that TensorFlow opens, and the folder of each below ``nvidia`` where pip has brought it."""
NVIDIA = "0x10de"


def describe_gpu(root: Path = Path("/")) -> dict[str, str]:
    """What stands between TensorFlow and a GPU, a line under each word: card, driver, TensorFlow, CUDA libraries, WSL.

    The last line, ``used``, is the GPU, or why there is none and what to do about it. ``root``: where the system's
    files are.
    """
    about: dict[str, str] = {
        "cards": fill_template("{count} of NVIDIA", count=count_cards(root)),
        "driver": read_driver(root),
    }
    if is_wsl(root):
        said = "yes; its driver is that of Windows" if has_wsl_driver(root) else "yes, without a driver of Windows"
        about["WSL"] = fill_template(said)
    about["TensorFlow"] = describe_build()
    if sys.platform == "linux" and tf.test.is_built_with_cuda():
        missing = [name for name in LIBRARIES if not has_library(name)]
        about["CUDA libraries"] = fill_template("missing: {names:.300}" if missing else "all there",
                                                names=", ".join(missing))  # fmt: skip
    if GPUS:
        details = tf.config.experimental.get_device_details(GPUS[0])
        about["used"] = f"{len(GPUS)} x {details.get('device_name', fill_template('unknown model'))}"
    else:
        message, hint = why_no_gpu(root)
        if is_wsl(root) and not has_wsl_driver(root):
            message, hint = "Windows gives this Linux no GPU", "install NVIDIA's driver for Windows, and wsl --update"
        if sys.platform == "linux" and not count_cards(root) and not is_wsl(root):
            message, hint = "this machine has no NVIDIA card, as its bus says", "trainings run on the processor"
        message, hint = fill_template(message), fill_template(hint)
        about["used"] = fill_template("none: {why}; {hint}", why=message, hint=hint)
    return about


def count_cards(root: Path) -> int:
    """The cards of NVIDIA's on the machine's bus."""
    return sum(is_card(folder) for folder in root.glob("sys/bus/pci/devices/*"))


def is_card(device: Path) -> bool:
    """Whether a device of the bus is NVIDIA's and draws or computes: the class of a display begins with 03."""
    try:
        vendor, kind = ((device / name).read_text("utf-8").strip() for name in ("vendor", "class"))
    except OSError:
        return False
    return vendor == NVIDIA and kind.startswith("0x03")


def read_driver(root: Path) -> str:
    """The version of NVIDIA's driver that the kernel has loaded."""
    try:
        said = (root / "proc/driver/nvidia/version").read_text("utf-8", "replace")
    except OSError:
        return fill_template("none loaded")
    version = re.search(r"\b\d{3,4}\.\d+(\.\d+)?\b", said)
    return version[0] if version else fill_template("loaded")


def is_wsl(root: Path) -> bool:
    """Whether this Linux runs within Windows."""
    try:
        return "microsoft" in (root / "proc/sys/kernel/osrelease").read_text("utf-8").lower()
    except OSError:
        return False


def has_wsl_driver(root: Path) -> bool:
    return (root / "dev/dxg").exists() and (root / "usr/lib/wsl/lib/libcuda.so.1").exists()


def describe_build() -> str:
    """For which CUDA the installed TensorFlow was built."""
    built = tf.sysconfig.get_build_info()
    if not tf.test.is_built_with_cuda():
        return fill_template("built without CUDA for {machine}", machine=platform.machine())
    cuda, cudnn = (built.get(name, "?") for name in ("cuda_version", "cudnn_version"))
    return fill_template("built for CUDA {cuda} and cuDNN {cudnn}", cuda=cuda, cudnn=cudnn)


def has_library(name: str) -> bool:
    """Whether a library is where pip puts it, or where the system looks for it."""
    return any(list_brought(name)) or opens(name)


def list_brought(name: str) -> Iterator[Path]:
    """The files of a library that pip has brought."""
    found = importlib.util.find_spec("nvidia")
    for folder in (found.submodule_search_locations or ()) if found else ():
        yield from Path(folder, LIBRARIES[name], "lib").glob(f"{name}*")


def opens(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
