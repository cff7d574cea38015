"""The real data, from the folder that RNA_DATA names or from ../shared/data: put where ``rna`` looks for them."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

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
    if beside := re.search(r"csv: *\.\./data/([\w-]+/[\w-]+\.csv)", text):
        return [f"dataset.csv={(data / 'images' / beside[1]).as_posix()}"]
    if folder := re.search(r"images: *\.\./data/([\w-]+)", text):
        return [f"dataset.images={(data / 'images' / folder[1]).as_posix()}"]
    return []


def shortened(config: Path, epochs: int) -> list[str]:
    """What gives a shipped config so many epochs; each of its phases, where it has such."""
    phases: list[Any] = yaml.safe_load(config.read_text("utf-8")).get("phases", [])
    return [f"phases.{i}.epochs={epochs}" for i in range(len(phases))] or [f"epochs={epochs}"]


def without_downloads(config: Path, data: Path, folder: Path) -> list[str]:
    """What lets a shipped config of a pretrained network train for a test: no weights, small pictures, few rows.

    CIFAR-10, of which there is a part alone, is written into ``folder``.
    """
    import numpy as np

    plain = yaml.safe_load(config.read_text("utf-8"))
    given = [(i, name, value) for i, layer in enumerate(plain.get("layers", ())) if isinstance(layer, dict)
             for name, value in layer.items() if isinstance(value, dict)]  # fmt: skip
    changes = [f"layers.{i}.{name}.weights=null" for i, name, value in given if value.get("weights") == "imagenet"]
    if not changes:
        return []
    changes += [f"layers.{i}.{name}.size=1" for i, name, _ in given if name == "up_sampling2d"]
    if "images" in plain["dataset"]:
        source = data / "images" / Path(plain["dataset"]["images"]).name
        for inside in source.glob("*/*"):
            copy = folder / source.name / inside.relative_to(source)
            copy.mkdir(parents=True)
            for picture in sorted(inside.iterdir())[:12]:
                shutil.copy(picture, copy)
        return [*changes, "dataset.image_size=32", f"dataset.images={(folder / source.name).as_posix()}"]
    part = np.load(data / "cifar10-7k.npz")
    rows = {"x_train": 150, "y_train": 150, "x_test": 100, "y_test": 100}
    np.savez(folder / "cifar10.npz", **{name: part[name][:count] for name, count in rows.items()})
    split = "split: {validation: 50, stratify: true}"
    return [*changes, f"dataset={{npz: {(folder / 'cifar10.npz').as_posix()}, {split}}}"]


def fill_cache(data: Path, folder: Path) -> None:
    """Put the tables that the shipped configs name by URL where downloads are kept."""
    from rnacli.data.csv import Csv
    from rnacli.data.text import TextFile
    from rnacli.experiment.load import load_config
    from rnacli.files import file_sha256
    from rnacli.tables.download import cached_path

    known = {file_sha256(path): path for name in ("tabular", "text") for path in (data / name).iterdir()}
    by_name = {path.name: path for path in known.values()}
    for path in (ROOT / "configs").glob("*.yaml"):
        table = load_config(path).dataset
        if isinstance(table, TextFile) and "://" in table.text:
            shutil.copyfile(known[str(table.sha256)], cached_path(table.text, folder))
        if isinstance(table, Csv) and "://" in table.csv:
            shutil.copyfile(known[str(table.sha256)], cached_path(table.csv, folder))
            if isinstance(table.split.test, str):
                shutil.copyfile(by_name[Path(table.split.test).name], cached_path(table.split.test, folder))
