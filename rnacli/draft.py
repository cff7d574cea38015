"""The experiment that is proposed for a table: its keys, with a comment on each, and what was seen in the data."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnacli.commented import Comments
from rnacli.dataset import goal
from rnacli.dataset.cells import in_order
from rnacli.dataset.goal import Goal
from rnacli.dataset.survey import Seen
from rnacli.dataset.table import Source
from rnacli.errors import clean
from rnacli.language import Csv

MOST_ROWS = 1_000_000
"""Rows of a table that are looked at."""
SMALL, LARGE, HUGE = 2000, 20_000, 200_000
"""Rows from which networks and batches are larger."""
RARE = 0.4
"""A class with less than this part of an even share is rare: 20 % of two classes."""
FEW = 5
"""A class with fewer rows is not in every part."""


@dataclass(frozen=True)
class Look:
    """All that was seen: ``data`` as the options describe it, ``asked``: its keys that they name."""

    data: Csv
    asked: dict[str, Any]
    source: Source
    rows: int
    target: str | list[str]
    targets: tuple[str, ...]
    goal: Goal
    columns: list[Seen]

    @property
    def inputs(self) -> list[Seen]:
        return [column for column in self.columns if column.is_input]

    @property
    def is_whole(self) -> bool:
        return self.rows < MOST_ROWS


def compose(seen: Look, csv: str, name: str) -> tuple[dict[str, Any], Comments]:
    """The experiment as plain data, and the comments on its keys."""
    comments = Comments()
    value: dict[str, Any] = {"name": name, "dataset": compose_dataset(seen, csv, comments)}
    value["layers"] = compose_layers(seen, comments)
    value |= compose_training(seen, comments)
    return value, comments


def compose_dataset(seen: Look, csv: str, comments: Comments) -> dict[str, Any]:
    dataset: dict[str, Any] = {"csv": csv}
    comments.beside["dataset", "csv"] = file_in_words(seen)
    dataset |= {name: seen.asked[name] for name in seen.asked if name in READING}
    if not seen.data.header and not seen.data.column_names:
        comments.beside["dataset", "header"] = "the first line is data: the columns are called 0, 1, 2, ..."
    dataset["target"] = [number_or_name(name) for name in seen.target] if isinstance(seen.target, list) else (
        number_or_name(seen.target)
    )  # fmt: skip
    comments.beside["dataset", "target"] = f"{seen.goal.why}{classes_in_words(seen)}"
    if columns := compose_columns(seen, comments):
        dataset["columns"] = columns
    gaps = [column for column in seen.inputs if column.missing]
    if gaps:
        dataset["fill"] = "auto"
        where = clean(gaps[0].name, 20) if len(gaps) == 1 else f"{len(gaps)} columns"
        comments.beside["dataset", "fill"] = f"gaps in {where}: numbers get the median, words a category of their own"
    dataset["scale"] = "standard"
    comments.beside["dataset", "scale"] = "numbers: mean 0, deviation 1, by the training rows"
    dataset["split"] = compose_split(seen, comments)
    return dataset


def classes_in_words(seen: Look) -> str:
    """A few classes with their shares, or where the border to numbers is."""
    shares = [f"{clean(label, 20)} {percent(share)}" for label, share in seen.goal.shares.items()]
    if seen.goal.has_classes and len(shares) <= 3:
        return f": {', '.join(shares)}"
    border = seen.goal.has_classes and "whole" in seen.goal.why
    return f" (of more than {goal.MOST_CLASSES}, a number)" if border else ""


READING = ("header", "column_names", "delimiter", "decimal", "encoding", "missing", "label_separator")
"""Keys that say how a file is read."""


def number_or_name(name: str) -> str | int:
    return int(name) if name.isdecimal() and name == str(int(name)) and len(name) < 10 else name


def file_in_words(seen: Look) -> str:
    form = seen.source.form
    rows = f"{seen.rows:,} rows" if seen.is_whole else f"{seen.rows:,} rows or more"
    if seen.source.is_parquet:
        return rows
    between = {",": "commas", ";": "semicolons", "\t": "tabs", "whitespace": "blanks"}
    decimal = ", decimal commas" if form.decimal == "," else ""
    return f"{rows}, {between.get(form.delimiter, repr(form.delimiter))} between the values{decimal}"


def compose_columns(seen: Look, comments: Comments) -> dict[str, Any]:
    """What is to be said of single columns."""
    columns: dict[str, Any] = {}
    for name in seen.targets:
        said: dict[str, Any] = {}
        why = []
        if name in seen.goal.gaps and not seen.data.label_separator:
            said["fill"] = "drop"
            why.append("rows without it are left out")
        mean, deviation = seen.goal.moments.get(name, (0.0, 1.0))
        if deviation and not (abs(mean) <= 1 and 0.5 <= deviation <= 2):
            said["scale"] = "standard"
            why.append(f"mean {mean:.4g}, deviation {deviation:.4g}: scaled, and so learnt sooner")
        if said:
            columns[name] = said
            comments.beside["dataset", "columns", name] = "; ".join(why)
    for column in seen.columns:
        if column.say is not None:
            columns[column.name] = column.say
            comments.beside["dataset", "columns", column.name] = column.why
    return columns


def compose_split(seen: Look, comments: Comments) -> dict[str, Any]:
    asked = seen.data.split
    if asked.column:
        return {"column": asked.column}
    validation = 0.15 if seen.goal.rows < SMALL // 2 else 0.1
    split: dict[str, Any] = {"test": 0.2, "validation": validation}
    said = "test for the end, validation for the curves"
    if seen.goal.has_classes and not (asked.group or asked.order_by):
        rarest, least = min(seen.goal.counts.items(), key=lambda item: item[1])
        if least >= FEW and seen.goal.rows * validation >= len(seen.goal.counts):
            split["stratify"] = True
            said += "; classes alike"
        else:
            said += f"; '{clean(rarest, 20)}': {least} rows, too few to stratify"
    comments.beside["dataset", "split"] = said
    return split | {name: value for name in ("group", "order_by") if (value := getattr(asked, name))}


def compose_layers(seen: Look, comments: Comments) -> list[Any]:
    """Two hidden layers, wider for many rows, and a head for the task."""
    wide, narrow = (64, 32) if seen.goal.rows > SMALL else (32, 16)
    comments.beside["layers", 0] = f"32 and then 16; over {SMALL:,} rows, 64 and then 32"
    comments.beside["layers", 1] = "in each step, one unit in ten rests: against learning rows by heart"
    layers: list[Any] = [
        {"dense": {"units": wide, "activation": "relu"}},
        {"dropout": 0.1},
        {"dense": {"units": narrow, "activation": "relu"}},
    ]
    units, activation, why = {
        "binary": (1, "sigmoid", f"the probability of {in_order_last(seen)}"),
        "multiclass": (len(seen.goal.counts), "softmax", "one unit a class: their probabilities"),
        "multilabel": (len(seen.goal.counts), "sigmoid", "one unit a label: its probability"),
        "regression": (len(seen.targets), "linear", "the number itself" if len(seen.targets) == 1 else "one a number"),
    }[seen.goal.kind]
    comments.beside["layers", 3] = why
    return [*layers, {"dense": {"units": units, "activation": activation}}]


def in_order_last(seen: Look) -> str:
    """The class that a single unit stands for."""
    return clean(in_order(list(seen.goal.counts))[-1], 40) if seen.goal.counts else ""


LOSSES = {
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
    "regression": "mse",
}
LOSS_IN_WORDS = {
    "binary": "small where the right one of two classes has a high probability",
    "multiclass": "small where the right class has a high probability",
    "multilabel": "small where each label that is there has a high probability, and no other",
    "regression": "the mean squared error",
}
METRICS = {
    "binary": ["accuracy"],
    "multiclass": ["accuracy"],
    "multilabel": ["binary_accuracy", "auc"],
    "regression": ["mae"],
}


def compose_training(seen: Look, comments: Comments) -> dict[str, Any]:
    """How it is trained and measured."""
    rows, kind = seen.goal.rows, seen.goal.kind
    epochs = 100 if rows > SMALL else 300
    batch = 1024 if rows > HUGE else 256 if rows > LARGE else 32
    comments.beside["loss",] = LOSS_IN_WORDS[kind]
    comments.beside["optimizer",] = "Keras' own step; 0.01 is faster, 0.0001 steadier"
    comments.beside["metrics",] = baseline(seen)
    if rare := rare_class(seen):
        comments.above["epochs",] = f"class_weight: balanced            # {rare}: without the first #, it counts more"
    comments.beside["epochs",] = f"at most: early_stopping ends it; 300, over {SMALL:,} rows 100"
    comments.beside["batch_size",] = f"rows a step; 32, over {LARGE:,} rows 256, over {HUGE:,} rows 1024"
    comments.beside["callbacks",] = "when val_loss has not fallen for 10 epochs, back to the best one"
    return {
        "loss": LOSSES[kind],
        "optimizer": {"adam": {"learning_rate": 0.001}},
        "metrics": METRICS[kind],
        "epochs": epochs,
        "batch_size": batch,
        "callbacks": [{"early_stopping": {"patience": 10, "restore_best_weights": True}}],
    }


def baseline(seen: Look) -> str:
    """What is reached without any network."""
    if seen.goal.has_classes:
        label, share = next(iter(seen.goal.shares.items()))
        return f"always saying '{clean(label, 40)}' is right in {share:.2f} of all cases"
    if seen.goal.kind == "regression":
        scaled = [deviation for _, deviation in seen.goal.moments.values()]
        times = f", {seen.goal.blind / scaled[0]:.2g} deviations" if len(scaled) == 1 and scaled[0] else ""
        return f"always saying the median is wrong by {seen.goal.blind:.4g} on average{times}"
    blind = sum(max(share, 1 - share) for share in seen.goal.shares.values()) / len(seen.goal.counts)
    return f"always saying the same of each label is right in {blind:.2f} of all cases"


def rare_class(seen: Look) -> str:
    """The rarest class with its share, if that is far from even."""
    if not seen.goal.has_classes:
        return ""
    label, share = list(seen.goal.shares.items())[-1]
    return f"'{clean(label, 30)}' is {percent(share)} of the rows" if share < RARE / len(seen.goal.counts) else ""


# Words


def opening(seen: Look, file: str) -> list[str]:
    """The lines that open the file, which is called ``file``."""
    predicts = f"Predicts {goal_in_words(seen)} of {Path(seen.source.shown).name}"
    return [
        f"{predicts}.   rna train {shlex.quote(file)}",
        "",
        f"Written by rna init from {seen.rows:,} rows, as a start: change what you like, and rna check says",
        "whether it fits together. What each key means: rna schema --markdown",
    ]


def goal_in_words(seen: Look) -> str:
    first = clean(seen.targets[0], 40)
    what = f"column {first}" if first.isdecimal() else first
    if len(seen.targets) > 1:
        what = f"{len(seen.targets)} {'labels' if seen.goal.kind == 'multilabel' else 'numbers'}"
    return f"{what} from {plural(len(seen.inputs), 'column')}"


NAMES = {
    "numeric": ("number", "numbers"),
    "boolean": ("yes or no", "yes or no"),
    "categorical": ("category", "categories"),
    "text": ("column of many words", "columns of many words"),
    "date": ("date", "dates"),
}
"""What one column of a kind is called, and what several are."""


def notes(seen: Look) -> Iterator[str]:
    """What was seen, line by line."""
    counts = {kind: sum(column.kind == kind for column in seen.inputs) for kind in NAMES}
    kinds = ", ".join(f"{count} {NAMES[kind][count > 1]}" for kind, count in counts.items() if count)
    inputs = plural(len(seen.inputs), "input column")
    yield f"{clean(seen.source.shown, 300)}: {file_in_words(seen)}; {inputs} ({kinds})"
    if gaps := [f"{column.missing:,} in {clean(column.name, 40)}" for column in seen.inputs if column.missing]:
        yield f"missing values: {some(gaps)}"
    yield f"{some([clean(name, 40) for name in seen.targets])}: {seen.goal.why}: {seen.goal.kind}"
    if seen.goal.gaps:
        yield f"rows without it: {seen.rows - seen.goal.rows:,}, left out"
    if seen.goal.counts:
        shares = [f"{clean(label, 30)} {percent(share)}" for label, share in seen.goal.shares.items()]
        yield f"{'classes' if seen.goal.has_classes else 'labels'}: {some(shares, 8)}"
    for column in seen.columns:
        if not column.is_input:
            yield f"left out: {clean(column.name, 40)}: {column.why}"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}"


def some(words: Sequence[str], most: int = 5) -> str:
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
