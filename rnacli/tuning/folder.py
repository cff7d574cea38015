"""The folder of a search: what stands in it, and how it is made, found and opened again.

``config.yaml`` (the file as it was written, with all defaults of its top level), ``search.json`` (the record),
``trials.jsonl`` (the journal: what a resume needs), ``trials.csv``, ``histories.npz``, ``confirmed.csv``,
``best.yaml``, ``best/`` (an ordinary run) and ``plots/``.
"""

import copy
import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnacli.document.write import dump_yaml
from rnacli.errors import RnaError
from rnacli.experiment.config import Config
from rnacli.files import write_file
from rnacli.runs.find import BEST, SEARCH, read_search, search_names
from rnacli.runs.folder import create_run
from rnacli.runs.portable import move_all_weights, portable_plain
from rnacli.words import did_you_mean

CONFIG_NAME, BEST_CONFIG = "config.yaml", "best.yaml"
__all__ = ["BEST", "BEST_CONFIG", "CONFIG_NAME", "SearchFolder", "create_search", "find_search", "open_search"]


@dataclass
class SearchFolder:
    """A search's folder. ``record`` is ``search.json``."""

    path: Path
    record: dict[str, Any] = field(default_factory=dict)

    def save(self, **changes: Any) -> None:
        """Put ``changes`` into ``search.json``, in one step."""
        self.record.update(changes)
        text = json.dumps(self.record, indent=1, ensure_ascii=False, allow_nan=False)
        write_file(self.path / SEARCH, (text + "\n").encode())

    def write(self, name: str, content: bytes | str) -> None:
        """Write one file of the search."""
        write_file(self.path / name, content.encode() if isinstance(content, str) else content)


def create_search(config: Config, runs: Path) -> SearchFolder:
    """A new folder ``<time>_<name>_tune`` below ``runs``, with the config, which is to be read from there again.

    The config says with which threads all trials, and the best run, are trained: they decide the last digits.
    """
    now = datetime.datetime.now().astimezone()
    run = create_run(runs, config, "tune", f"{now:%Y-%m-%d_%H-%M-%S}_{config.name}_tune")
    folder = SearchFolder(run.path, {"status": "running", "started": now.isoformat(timespec="seconds")})
    folder.write(CONFIG_NAME, written_config(config, run.path))
    return folder


def written_config(config: Config, folder: Path) -> str:
    """The config of a search: what the file says as it says it, since the keys of the search lead through that."""
    if config.tune is None or config.tune.document is None:
        raise TypeError("this experiment has no search")
    written = copy.deepcopy(config.tune.document.value)
    plain = portable_plain(config, folder)
    move_all_weights(written, config.folder, folder)
    kept = {name: value for name, value in written.items() if name not in ("dataset", "engine", "tune")}
    return dump_yaml({**plain, **kept})


def open_search(path: Path) -> SearchFolder:
    """The search in a folder. Raises ``RnaError`` if it is none."""
    record = path / SEARCH
    if not record.is_file():
        message, hint = "this is not the folder of a search: it has no search.json", "rna tune prints it last"
        raise RnaError(message, place=str(path), hint=hint)
    return SearchFolder(path, read_search(path))


def find_search(name: str, runs: Path) -> SearchFolder:
    """A search by its folder, by its folder's name, by its experiment's name (the newest), or ``latest``.

    Raises ``RnaError``.
    """
    names = search_names(runs)
    if name == "latest" and names:
        return open_search(runs / names[-1])
    if Path(name).is_dir():
        return open_search(Path(name))
    named = [each for each in names if each == name or each.split("_", 2)[-1].removesuffix("_tune") == name]
    if named:
        return open_search(runs / named[-1])
    hint = did_you_mean(name, names, "{names:and}" if names else "rna tune config.yaml begins one")
    raise RnaError("there is no such search", place=name, hint=hint)
