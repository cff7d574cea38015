"""``trials.jsonl``: a line for each network that a search has trained, written when it ends: what a resume needs."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.files import sync_folder
from rnacli.tuning.outcome import Trained

NAME = "trials.jsonl"
LARGEST = 1 << 30


class Journal:
    """The lines of a search's folder; each is on the disk before the search goes on."""

    def __init__(self, folder: Path):
        self.path = folder / NAME

    def read(self) -> list[dict[str, Any]]:
        """The whole lines; what a killed process wrote half is cut off. Raises ``RnaError`` where they are damaged."""
        if not self.path.is_file():
            return []
        if self.path.stat().st_size > LARGEST:
            raise RnaError("the file is too large to be written by rna", place=str(self.path), hint=WHOLE_RUN)
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self.path.open("rb+") as file:
                file.truncate(whole)
        return list(self.parse(content[:whole]))

    def parse(self, content: bytes) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(content.splitlines(), 1):
            try:
                read = json.loads(line)
                if not isinstance(read, dict):
                    raise ValueError("no mapping")
            except ValueError as error:
                place = f"{self.path}:{number}"
                message = "the file is damaged: {error:.100}"
                raise RnaError(message, place=place, hint=WHOLE_RUN, error=error) from None
            yield read

    def add(self, line: Mapping[str, Any]) -> None:
        """Append a line, durably."""
        is_new = not self.path.exists()
        with self.path.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.path.parent)


def dump_trained(network: Trained) -> dict[str, Any]:
    """A network as a line has it; of its rows, a list for each measure."""
    names = dict.fromkeys(name for row in network.rows for name in row)
    rows = {name: [row.get(name) for row in network.rows] for name in names}
    return {"seed": network.seed, "state": network.state, "kept": network.kept, "error": network.error, "rows": rows}


def read_trained(line: Mapping[str, Any]) -> Trained:
    """The network of a line."""
    columns: dict[str, list[Any]] = line["rows"]
    count = max(map(len, columns.values()), default=0)
    rows = [{name: float(values[i]) for name, values in columns.items() if values[i] is not None} for i in range(count)]
    return Trained(int(line["seed"]), str(line["state"]), rows, int(line["kept"]), str(line["error"]))
