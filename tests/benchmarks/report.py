"""The report: what was measured, as medians and as ratios, in Markdown and CSV."""

import csv
import datetime
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEASURES = {
    "training": "training, s",
    "wall": "whole command, s",
    "cpu": "processor time, s",
    "epoch": "processor time an epoch, s",
    "letters": "processor time of 1,000 letters, s",
    "memory": "peak memory, MiB",
    "accuracy": "accuracy",
}


@dataclass
class Measured:
    """One process. ``figures`` by the keys of ``MEASURES``; ``facts`` must be those of the other side."""

    figures: dict[str, float]
    stdout: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the report: medians, and the median, least and greatest of the ratios theirs / ours of each pair."""

    comparison: str
    measure: str
    rna: float
    keras: float | None = None
    ratio: float | None = None
    least: float | None = None
    greatest: float | None = None


def rows_of(name: str, ours: Sequence[Measured], theirs: Sequence[Measured]) -> Iterator[Row]:
    for measure, title in MEASURES.items():
        mine = [each.figures[measure] for each in ours if measure in each.figures]
        if not mine:
            continue
        if not theirs:
            if measure != "memory":  # so little that it may be this process' own
                yield Row(name, title, statistics.median(mine))
            continue
        other = [each.figures[measure] for each in theirs]
        medians = statistics.median(mine), statistics.median(other)
        if measure == "accuracy":
            yield Row(name, title, *medians)
            continue
        ratios = [b / a for a, b in zip(mine, other, strict=True)]
        yield Row(name, title, *medians, statistics.median(ratios), min(ratios), max(ratios))


def heading(quick: bool, repeat: int) -> str:
    """Machine, versions, date."""
    model, info = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    if info.exists():
        named = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model n")]
        model = named[0] if named else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    names = {"Keras": "keras", "TensorFlow": "tensorflow", "rna": "rnacli"}
    versions = [f"{shown} {importlib.metadata.version(name)}" for shown, name in names.items()]
    return (
        f"{model}, {cores} cores, load {load}; Python {platform.python_version()}, {', '.join(versions)}; "
        f"{datetime.date.today()}; medians of {repeat}"
        + ("; QUICK: fewer epochs and rows, figures not to be quoted" if quick else "")
    )


def markdown(rows: Sequence[Row]) -> str:
    lines = ["| job | measure | rna | Keras | Keras / rna | least | greatest |", "| --- | --- |" + " ---: |" * 5]
    before = ""
    for row in rows:
        name, before = "" if row.comparison == before else row.comparison, row.comparison
        ratios = ["" if each is None else f"{each:.2f}" for each in (row.ratio, row.least, row.greatest)]
        cells = [name, row.measure, number(row.rna), number(row.keras), *ratios]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def write_csv(path: Path, names: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *lines])
