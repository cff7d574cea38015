"""``run.json``: what a training says of itself, read again from a folder that may be a stranger's."""

import math
from collections.abc import Mapping
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
    outputs: dict[str, dict[str, Any]]


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


def figures_by_part(record: Mapping[str, Any]) -> dict[str, dict[str, float | None]]:
    """What was measured on each part of the rows; of the held-out ones, scikit-learn's scores behind that.

    A score that is another one than the measure of its name - of a scaled target, Keras' is of scaled values - has
    ``OF_DATA`` behind its name.
    """
    figures = {part: dict(measured) for part, measured in (record.get("results") or {}).items()}
    held_out = figures.setdefault(str(record.get("held_out", "")), {})
    for name, value in (record.get("scores") or {}).items():
        held_out[name_beside(held_out, name, value)] = value
    return {part: measured for part, measured in figures.items() if measured}


def name_beside(measured: Mapping[str, float | None], name: str, value: float | None) -> str:
    """What a score is called beside Keras' measures: as the one of its name, unless that is another number."""
    same = measured.get(name)
    if same is None or value is None or math.isclose(same, value, rel_tol=1e-3, abs_tol=1e-6):
        return name
    return f"{name}{OF_DATA}"


OF_DATA = " (scikit-learn)"
"""What stands behind a score where Keras' measure of that name is another number."""


def output_names(record: Mapping[str, Any]) -> list[str]:
    """What the outputs of a network are called, where it has several: before each of their measures stands its name."""
    return list((record.get("data") or {}).get("outputs") or ())


def has_classes(record: Mapping[str, Any], output: str = "") -> bool:
    """Whether a run predicts classes or labels; of several outputs, whether that one does."""
    data = record.get("data") or {}
    about = data["outputs"].get(output, {}) if data.get("outputs") else data
    return bool(about.get("classes"))


def usual_commands(record: Mapping[str, Any], name: str) -> list[str]:
    """What people do with a finished run called ``name``: one without predictions generates."""
    predicts = "predictions.csv" in record.get("files", {})
    return [f"rna evaluate {name}", f"rna predict {name} FILE" if predicts else f"rna generate {name}"]


class Glance(TypedDict, total=False):
    """What a list of runs tells of each: the rest is held against its types where a run is opened."""

    status: str
    started: str
    epochs: int
    results: dict[str, Figures]
    held_out: PartName


def read_record(path: Path, kind: Any = Record) -> dict[str, Any]:
    """The record in a file, with ``files`` in any case; what ``kind`` names is of its types. Raises ``RnaError``."""
    if path.stat().st_size > LARGEST_JSON:
        raise RnaError("the file is too large to be written by rna", place=str(path), hint=WHOLE_RUN)
    try:
        record: dict[str, Any] = read_plain(kind, parse_json(path.read_bytes()))
    except ValueError as error:
        raise RnaError("the file is damaged: {error:.100}", place=str(path), hint=WHOLE_RUN, error=error) from None
    record.setdefault("files", {})
    return record
