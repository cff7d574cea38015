"""TensorFlow and Keras, started quietly; the device, the threads and the precision that a run uses.

The one module that imports them: the others take ``keras`` and ``tf`` from here, so that nothing starts before it.
"""

import contextlib
import os
import platform
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from rnacli.engine.gpu import Answers, look_at_system, why_no_gpu
from rnacli.errors import DATA, RnaError
from rnacli.machine import count_cores
from rnacli.words import fill_template

CHATTER = re.compile(
    rb"WARNING: All log messages before absl"
    rb"|I\d{4} "
    rb"|[WE]\d{4} .*(cuda_platform|cuda_executor|cuda_dnn|cuda_fft|cuda_blas|cudart_stub|computation_placer|cuInit)"
    rb"|W\d{4} .*Not handling type DT_DOUBLE"  # oneDNN, of layers that it leaves to TensorFlow's own kernels
    rb"|E\d{4} .*oneDNN supports DT_"  # once, at the first operation of that type
    rb"|To enable the following instructions"
)
"""Lines that TensorFlow writes when it starts and that mean nothing is wrong."""

REASON = re.compile(rb"Cannot dlopen|cuInit|Ignoring visible gpu device")
"""Lines that say why a GPU cannot be used."""
_heard: list[bytes] = []


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep TensorFlow's chatter from standard error; every other line is passed on when the block ends."""
    try:
        saved = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    try:
        captured = tempfile.TemporaryFile()  # noqa: SIM115
    except OSError:  # the disk is full
        os.close(saved)
        yield
        return
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    with captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(saved, 2)
            captured.seek(0)
            for line in captured:
                _heard.append(line)
                if not CHATTER.match(line):
                    os.write(2, line)
            os.close(saved)


os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")


with quiet():
    import keras
    import tensorflow as tf

    GPUS = tf.config.list_physical_devices("GPU")

# Several networks in one process, as folds are, have functions of their own; TensorFlow takes them for one.
tf.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in record.getMessage())
# Of inputs called as columns, with accents or blanks, which no tensor may have: Keras goes by the keys all the same.
warnings.filterwarnings("ignore", "When providing `inputs` as a dict, all keys in the dict must match the names")
# Said by the checks, once and at its place.
warnings.filterwarnings("ignore", "Layer .* was passed an input with a mask attached to it")


__all__ = ["keras", "tf"]


@dataclass(frozen=True)
class Machine:
    """What a run really used."""

    device: str
    threads: int
    precision: str
    versions: dict[str, str]


def start_tensorflow(device: str = "auto", threads: str | int = "auto", precision: str = "float32") -> Machine:
    """Choose device, thread count and precision for this process.

    TensorFlow fixes device and threads at its first operation: later calls in one process keep the first ones.
    Raises ``RnaError`` as ``require`` does.
    """
    require_device(device)
    with quiet(), contextlib.suppress(RuntimeError):
        count = count_cores() if threads == "auto" else int(threads)
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)
        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        for gpu in tf.config.get_visible_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)
    with quiet():
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
        for dtype in {"float32", precision.removeprefix("mixed_")}:
            tf.ones((2, 2), dtype).numpy()
        used = device_name()
    return Machine(used, threads_used(), precision, versions())


def require_device(device: str) -> None:
    """Raise ``RnaError`` that says why, where a GPU is asked for and TensorFlow sees none."""
    if device == "gpu" and not GPUS:
        why, hint = why_no_gpu(look_at_system(), ask_tensorflow())
        raise RnaError("device: gpu, but {why:.300}", hint=hint, exit_code=DATA, why=why)


def threads_used() -> int:
    """The threads that TensorFlow shares one operation among."""
    return int(tf.config.threading.get_intra_op_parallelism_threads() or count_cores())


def device_name() -> str:
    """``CPU``, or ``GPU`` with its model."""
    visible = tf.config.get_visible_devices("GPU")
    if not visible:
        return "CPU"
    return f"GPU ({model_of(visible[0])})"


def ask_tensorflow() -> Answers:
    """What TensorFlow says of GPUs: for which CUDA it is built, which it sees, and why it could not open one."""
    built = tf.sysconfig.get_build_info()
    heard = [line.decode(errors="replace").strip() for line in _heard if REASON.search(line)]
    return Answers(
        cuda=built.get("cuda_version", "?") if tf.test.is_built_with_cuda() else "",
        cudnn=built.get("cudnn_version", "?"),
        gpus=[model_of(gpu) for gpu in GPUS],
        reason=re.sub(r"^.*?\] ", "", heard[-1]) if heard else "",
    )


def model_of(gpu: object) -> str:
    return str(tf.config.experimental.get_device_details(gpu).get("device_name", fill_template("unknown model")))


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    import importlib.metadata

    import numpy

    from rnacli import __version__

    return {
        "rna": __version__,
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": numpy.__version__,
        "scikit-learn": importlib.metadata.version("scikit-learn"),
        "platform": platform.platform(),
    }
