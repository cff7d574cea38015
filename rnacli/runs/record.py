"""``run.json``: what a training says of itself, read again from a folder that may be a stranger's."""

from pathlib import Path
from typing import Any, Literal, TypedDict

from rnacli.errors import WHOLE_RUN, RnaError
from rnacli.strict_json import LARGEST_JSON, parse_json, read_plain

PartName = Literal["train", "validation", "test"]
Figures = dict[str, float | None]


class MachineRecord(TypedDict, total=False):
    device: str
    threads: int
    precision: str
    versions: dict[str, str]


class DataRecord(TypedDict, total=False):
    folder: str
    files: dict[str, str]
    sizes: list[int]
    rows: dict[str, int]
    classes: list[Any]
    positive: str | None


class NetworkRecord(TypedDict, total=False):
    parameters: int


class Record(TypedDict, total=False):
    """What stands in ``run.json`` as training goes on; ``engine`` is read where it is used."""

    status: str
    started: str
    seconds: dict[str, float]
    network: NetworkRecord
    files: dict[str, str]
    rewriting: dict[Literal["config.yaml", "preprocessing.json"], str]
    machine: MachineRecord
    data: DataRecord
    epochs: int
    resumed: list[Any]
    results: dict[str, Figures]
    scores: Figures
    held_out: PartName
    validated_on: PartName | None


def read_record(path: Path) -> dict[str, Any]:
    """The record in a file, with ``files`` in any case. Raises ``RnaError``."""
    if path.stat().st_size > LARGEST_JSON:
        raise RnaError("the file is too large to be one of ours", place=str(path), hint=WHOLE_RUN)
    try:
        record: dict[str, Any] = read_plain(Record, parse_json(path.read_bytes()))
    except ValueError as error:
        raise RnaError("the file is damaged: {error:.100}", place=str(path), hint=WHOLE_RUN, error=error) from None
    record.setdefault("files", {})
    return record
