"""Config files in a folder: for hints at those that may have been meant."""

from itertools import islice
from pathlib import Path

from rnacli.words import clean, fill_template, first_of


def list_names(folder: Path) -> list[str]:
    try:
        return sorted(clean(entry.name) for entry in islice(folder.iterdir(), 1000))
    except OSError:
        return []


def is_config_name(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def find_below(path: Path) -> str:
    """A hint at a file of this name in a folder beside it: the configs of this repository are in ``configs``."""
    folders = [Path(path.parent, name) for name in list_names(path.parent)]
    found = [
        str(folder / path.name) for folder in folders if is_config_name(path.name) and (folder / path.name).is_file()
    ]
    return fill_template("did you mean {found:.500}?", found=found[0]) if found else ""


def list_configs(folder: Path) -> str:
    """A hint at the configs in a folder."""
    if not folder.is_dir():
        return fill_template("there is no folder {folder:.500}", folder=folder)
    names, here = [name for name in list_names(folder) if is_config_name(name)], folder == Path()
    if not names:
        return "this folder holds no .yaml file; rna init writes one" if here else "that folder holds no .yaml file"
    return fill_template(
        "this folder holds {names:.300}" if here else "that folder holds {names:.300}", names=first_of(names)
    )
