"""Makes what the comparisons read: ``python prepare.py FOLDER NAME...``; a name is ``mnist``, ``rows-768``, ...

A process of its own, because the memory of whoever starts a process counts in that process' peak.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("RNA_DATA", ROOT.parent / "shared" / "data"))
BLOCK = 100_000
"""Rows that are made; a longer file repeats them."""


def table(path: Path, rows: int, columns: str, labelled: bool) -> None:
    """A CSV of ``columns`` of normal numbers, and a label that follows from them."""
    import numpy as np
    import pandas as pd

    x = np.random.default_rng(0).normal(size=(min(rows, BLOCK), len(columns)))
    made = pd.DataFrame(x, columns=list(columns))
    if labelled:
        made["label"] = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(int)
    text = made.to_csv(index=False, header=False, float_format="%.5f")
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(made.columns) + "\n")
        for start in range(0, rows, BLOCK):
            left = rows - start
            file.write(text if left >= len(x) else "".join(text.splitlines(keepends=True)[:left]))


def pima(folder: Path) -> None:
    """The CSV behind an https URL, where ``rna`` keeps what it has downloaded."""
    import yaml

    from rnacli.tables.download import cached_path

    url = yaml.safe_load((ROOT / "configs" / "pima.yaml").read_text("utf-8"))["dataset"]["csv"]
    shutil.copyfile(DATA / "tabular" / "clean-pima-indians-diabetes.csv", cached_path(url, folder))


def mnist(folder: Path) -> None:
    """The file that ``keras.datasets.mnist`` would have downloaded."""
    shutil.copyfile(DATA / "mnist.npz", folder / "mnist.npz")


def fashion(folder: Path) -> None:
    """The files that ``keras.datasets.fashion_mnist`` would have downloaded."""
    (folder / "fashion-mnist").mkdir(exist_ok=True)
    for file in (DATA / "fashion-mnist").iterdir():
        shutil.copyfile(file, folder / "fashion-mnist" / file.name)


def digits(folder: Path) -> None:
    """The first 2,560 digits."""
    import numpy as np

    with np.load(DATA / "mnist.npz") as file:
        names = {f"{name}_{part}": rows for part, rows in (("train", 2560), ("test", 256)) for name in "xy"}
        np.savez(folder / "digits.npz", **{name: file[name][:rows] for name, rows in names.items()})


KNOWN: dict[str, tuple[str, Callable[[Path], None]]] = {
    "pima": ("cache", pima),
    "mnist": ("keras/datasets", mnist),
    "fashion": ("keras/datasets", fashion),
    "digits": (".", digits),
}


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for name in sys.argv[2:]:
        kind, _, count = name.partition("-")
        if kind in KNOWN:
            below, copy = KNOWN[kind]
            (folder / below).mkdir(parents=True, exist_ok=True)
            copy(folder / below)
        elif not (path := folder / f"{name}.csv").exists():
            part = path.with_suffix(".part")
            columns = "abcdefghij" if kind == "wide" else "abcdefgh"
            table(part, int(count), columns, labelled=kind != "rows")
            part.replace(path)
    shutil.copyfile(Path(__file__).parent / "configs" / "table.yaml", folder / "table.yaml")


if __name__ == "__main__":
    main()
