"""Real data for the tests, from the folder that RNA_DATA names or from ../shared/data beside the checkout."""

import gc
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures import FOLDER, without_pictures
from real_data import DATA, fill_cache, fill_keras_home

# A background job of a shell ignores these, and so would all processes that tests start and send signals to.
for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, name), handler)

os.environ["RNA_LANG"] = "en"  # what messages say, tests read in English; those of Spanish choose it

# Keras reads KERAS_HOME when it is imported: the folder is there from now on, and filled for the tests that want it.
KERAS = tempfile.TemporaryDirectory(prefix="rna-keras-")
os.environ["KERAS_HOME"] = KERAS.name


# No test cuts the power: nobody need wait until what is written has reached the disk.
os.fsync = lambda number: None  # type: ignore[assignment]

LOG = logging.getLogger("rnacli")


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end."""
    gc.set_threshold(10_000)
    freeze()


def freeze() -> None:
    """No collection of garbage needs to look again at what is there now."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Neighbours go to the same worker, which then makes what they share once; who is done takes of the other's."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_unconfigure() -> None:
    KERAS.cleanup()
    if FOLDER:
        FOLDER.cleanup()


@pytest.fixture(autouse=True)
def log_as_it_was() -> None:
    """The command takes the library's log for itself; each test finds it as it was."""
    LOG.handlers, LOG.propagate = [], True  # a fixture of the whole session may have taken it before
    LOG.setLevel(logging.NOTSET)


@pytest.fixture(scope="module", autouse=True)
def forget_networks() -> Iterator[None]:
    """A test late in a long session is as quick as an early one: TensorFlow would keep much of all networks before."""
    yield
    if "rnacli.engine.tensorflow" in sys.modules:
        from rnacli.engine.forget import forget_gradients

        forget_gradients()
    freeze()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real data."""
    if not (DATA / "mnist.npz").is_file():
        pytest.skip(f"no real data in {DATA}: set RNA_DATA to the folder with mnist.npz, fashion-mnist/, tabular/")
    return DATA


@pytest.fixture(scope="session")
def keras_home(data_dir: Path) -> Path:
    """Keras' own folder, with MNIST and Fashion-MNIST where it looks for them."""
    fill_keras_home(data_dir, Path(KERAS.name))
    return Path(KERAS.name)


@pytest.fixture(scope="session")
def cache_dir(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of downloads that has the tables which the shipped configs name by URL."""
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(data_dir, folder)
    return folder


@pytest.fixture
def plain() -> Iterator[None]:
    """Training without its pictures, which take longer than all the rest."""
    with without_pictures():
        yield
