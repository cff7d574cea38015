"""The real data, from the folder that RNA_DATA names or from ../shared/data: put where ``rna`` looks for them."""

import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("RNA_DATA") or ROOT.parent / "shared" / "data")


def fill_keras_home(data: Path, home: Path) -> None:
    """Put MNIST and Fashion-MNIST where Keras looks for them: copies, since Keras deletes what it takes for damaged."""
    datasets = home / "datasets"
    (datasets / "fashion-mnist").mkdir(parents=True, exist_ok=True)
    for file in [data / "mnist.npz", *(data / "fashion-mnist").iterdir()]:
        shutil.copyfile(file, datasets / file.relative_to(data))


def local_data(config: Path, data: Path) -> list[str]:
    """What a shipped config is to be changed by, where its data are a file or a folder beside it and no download."""
    text = config.read_text("utf-8")
    if table := re.search(r"csv: *([\w-]+\.csv)", text):
        return [f"dataset.csv={(data / 'tabular' / table[1]).as_posix()}"]
    if folder := re.search(r"images: *\.\./data/([\w-]+)", text):
        return [f"dataset.images={(data / 'images' / folder[1]).as_posix()}"]
    return []


def fill_cache(data: Path, folder: Path) -> None:
    """Put the tables that the shipped configs name by URL where downloads are kept."""
    from rnacli.data.csv import Csv
    from rnacli.data.text import TextFile
    from rnacli.experiment.load import load_config
    from rnacli.files import file_sha256
    from rnacli.tables.download import cached_path

    known = {file_sha256(path): path for folder in ("tabular", "text") for path in (data / folder).iterdir()}
    by_name = {path.name: path for path in known.values()}
    for path in (ROOT / "configs").glob("*.yaml"):
        table = load_config(path).dataset
        if isinstance(table, TextFile) and "://" in table.text:
            shutil.copyfile(known[str(table.sha256)], cached_path(table.text, folder))
        if isinstance(table, Csv) and "://" in table.csv:
            shutil.copyfile(known[str(table.sha256)], cached_path(table.csv, folder))
            if isinstance(table.split.test, str):
                shutil.copyfile(by_name[Path(table.split.test).name], cached_path(table.split.test, folder))
