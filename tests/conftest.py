"""Real data for the tests, from the folder that RNA_DATA names or from ../shared/data beside the checkout."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("RNA_DATA") or ROOT.parent / "shared" / "data")

# A background job of a shell ignores these, and so would all processes that tests start and send signals to.
for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, name), handler)

# Keras reads KERAS_HOME when it is imported: the folder is there from now on, and filled for the tests that want it.
KERAS = tempfile.TemporaryDirectory(prefix="rna-keras-")
os.environ["KERAS_HOME"] = KERAS.name


def pytest_unconfigure() -> None:
    KERAS.cleanup()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real data."""
    if not (DATA / "mnist.npz").is_file():
        pytest.skip(f"no real data in {DATA}: set RNA_DATA to the folder with mnist.npz, fashion-mnist/, tabular/")
    return DATA


@pytest.fixture(scope="session")
def keras_home(data_dir: Path) -> Path:
    """Keras' own folder, with MNIST and Fashion-MNIST where it looks for them."""
    datasets = Path(KERAS.name) / "datasets"
    (datasets / "fashion-mnist").mkdir(parents=True, exist_ok=True)
    for file in [data_dir / "mnist.npz", *(data_dir / "fashion-mnist").iterdir()]:
        # Copies that can be written: Keras deletes a file that it takes for damaged.
        shutil.copyfile(file, datasets / file.relative_to(data_dir))
    return Path(KERAS.name)


@pytest.fixture(scope="session")
def cache_dir(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of downloads that has the tables which the shipped configs name by URL."""
    from rnacli import config, files
    from rnacli.dataset import cache
    from rnacli.language import Csv

    folder = tmp_path_factory.mktemp("cache")
    known = {files.sha256(path): path for path in (data_dir / "tabular").iterdir()}
    by_name = {path.name: path for path in known.values()}
    for path in (ROOT / "configs").glob("*.yaml"):
        data = config.load(path).dataset
        if isinstance(data, Csv) and "://" in data.csv:
            shutil.copyfile(known[str(data.sha256)], cache.path_for(data.csv, folder))
            if isinstance(data.split.test, str):
                shutil.copyfile(by_name[Path(data.split.test).name], cache.path_for(data.split.test, folder))
    return folder
