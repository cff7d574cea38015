"""The experiment that is proposed for a table: its keys, with a comment on each."""

import itertools
from collections.abc import Sequence
from typing import Any

from rnacli.document.comments import Comments
from rnacli.encoders.section import TOGETHER
from rnacli.language import translate
from rnacli.starter.cnn import convolutions
from rnacli.starter.goal import MOST_CLASSES
from rnacli.starter.look import Look
from rnacli.starter.notes import file_in_words, show_percent
from rnacli.starter.survey import ColumnSurvey
from rnacli.tables.cells import sort_words
from rnacli.tasks.positive import likely_positive
from rnacli.words import clean, count_things, fill_template

SMALL, LARGE, HUGE = 2000, 20_000, 200_000
"""Rows from which networks and batches are larger."""
RARE = 0.4
"""A class with less than this part of an even share is rare: 20 % of two classes."""
FEW = 5
"""A class with fewer rows is not in every part."""


def compose_experiment(look: Look, csv: str, name: str) -> tuple[dict[str, Any], Comments]:
    """The experiment as plain data, and the comments on its keys."""
    comments = Comments()
    value: dict[str, Any] = {"name": name, "dataset": compose_dataset(look, csv, comments)}
    value["layers"] = compose_layers(look, comments)
    value |= compose_training(look, comments)
    return value, comments


def compose_dataset(look: Look, csv: str, comments: Comments) -> dict[str, Any]:
    dataset: dict[str, Any] = {"csv": csv}
    comments.beside["dataset", "csv"] = file_in_words(look)
    dataset |= {name: look.stated[name] for name in look.stated if name in READING}
    if not look.data.header and not look.data.column_names:
        comments.beside["dataset", "header"] = "the first line is data: the columns are called 0, 1, 2, ..."
    dataset["target"] = [number_or_name(name) for name in look.target] if isinstance(look.target, list) else (
        number_or_name(look.target)
    )  # fmt: skip
    comments.beside["dataset", "target"] = f"{look.goal.why}{classes_in_words(look)}"
    if look.separator:
        dataset["label_separator"] = look.separator
        comments.beside["dataset", "label_separator"] = "several labels in a cell; without it, each cell is one class"
    if positive := positive_class(look):
        dataset["positive"] = number_or_name(positive)
        comments.beside["dataset", "positive"] = "the class that precision, recall and threshold are about"
    if columns := compose_columns(look, comments):
        dataset["columns"] = columns
    gaps = [column for column in look.inputs if column.missing]
    if gaps:
        dataset["fill"] = "auto"
        where = clean(gaps[0].name, 20) if len(gaps) == 1 else count_things(len(gaps), "column")
        are_texts = all(column.kind == "text" for column in gaps)
        become = fill_template(
            "taken as texts of one unknown word"
            if are_texts
            else "numbers get the median, words a category of their own"
        )
        comments.beside["dataset", "fill"] = fill_template(
            "missing values in {where}: {become}", where=where, become=become
        )
    if any(column.kind != "text" for column in look.inputs):
        dataset["scale"] = "standard"
        comments.beside["dataset", "scale"] = "numbers: mean 0, standard deviation 1, by the training rows"
    dataset["split"] = compose_split(look, comments)
    return dataset


def classes_in_words(look: Look) -> str:
    """A few classes with their shares, or where the border to numbers is."""
    shares = [f"{clean(label, 20)} {show_percent(share)}" for label, share in look.goal.shares.items()]
    if look.goal.has_classes and len(shares) <= 3:
        return f": {', '.join(shares)}"
    border = look.goal.has_classes and translate("whole numbers") in look.goal.why
    return fill_template(" (of more than {most_classes}, a number)", most_classes=MOST_CLASSES) if border else ""


READING = ("header", "column_names", "delimiter", "decimal", "thousands", "encoding", "missing", "label_separator")
"""Keys that say how a file is read."""


def number_or_name(name: str) -> str | int:
    return int(name) if name.isdecimal() and name == str(int(name)) and len(name) < 10 else name


def compose_columns(look: Look, comments: Comments) -> dict[str, Any]:
    """What is to be said of single columns."""
    columns: dict[str, Any] = {}
    for name in look.targets:
        keys: dict[str, Any] = {}
        why = []
        if unit := look.units.get(name):
            keys["unit"] = unit
            why.append(fill_template("numbers with '{unit:.20}'", unit=unit))
        if name in look.goal.gaps and not look.data.label_separator:
            keys["fill"] = "drop"
            why.append(fill_template("rows without it are left out"))
        mean, deviation = look.goal.moments.get(name, (0.0, 1.0))
        if deviation and not (abs(mean) <= 1 and 0.5 <= deviation <= 2):
            keys["scale"] = "standard"
            why.append(
                fill_template(
                    "mean {mean:.4g}, standard deviation {deviation:.4g}: scaled, and so learnt sooner",
                    mean=mean,
                    deviation=deviation,
                )
            )
        if keys:
            columns[name] = keys
            comments.beside["dataset", "columns", name] = "; ".join(why)
    for column in look.columns:
        if column.say is not None:
            columns[column.name] = column.say
            comments.beside["dataset", "columns", column.name] = column.why
    return columns


def compose_split(look: Look, comments: Comments) -> dict[str, Any]:
    ways = look.data.split
    if ways.column:
        return {"column": ways.column}
    validation = 0.15 if look.goal.rows < SMALL // 2 else 0.1
    split: dict[str, Any] = {"test": 0.2, "validation": validation}
    comment = fill_template("test for the end, validation for the curves")
    if look.goal.has_classes and not (ways.group or ways.order_by):
        rarest, least = min(look.goal.counts.items(), key=lambda item: item[1])
        if least >= FEW and look.goal.rows * validation >= len(look.goal.counts):
            split["stratify"] = True
            comment += fill_template("; classes alike")
        else:
            comment += fill_template(
                "; '{rarest}': {least} rows, too few to stratify", rarest=clean(rarest, 20), least=least
            )
    comments.beside["dataset", "split"] = comment
    return split | {name: value for name in ("group", "order_by") if (value := getattr(ways, name))}


def compose_layers(look: Look, comments: Comments) -> list[Any]:
    """Two hidden layers, wider for many rows, and a head for the task; texts become the mean of their words first."""
    wide, narrow = (64, 32) if look.goal.rows > SMALL else (32, 16)
    pictures = [column for column in look.inputs if column.kind == "image"]
    layers: list[Any] = (
        compose_pictures(pictures, len(pictures) < len(look.inputs)) if pictures else compose_texts(look, comments)
    )
    if pictures:
        comments.beside["layers", 0] = "looks for small shapes; each layer below for larger ones, on half the size"
    first = len(layers)
    comments.beside["layers", first] = fill_template("32 and then 16; over {small:,} rows, 64 and then 32", small=SMALL)
    comments.beside["layers", first + 1] = "in each step, one unit in ten is left out: against overfitting"
    layers += [
        {"dense": {"units": wide, "activation": "relu"}},
        {"dropout": 0.1},
        {"dense": {"units": narrow, "activation": "relu"}},
    ]
    units, activation, why = {
        "binary": (
            1,
            "sigmoid",
            fill_template("the probability of {positive_class}", positive_class=clean(positive_class(look), 40)),
        ),
        "multiclass": (len(look.goal.counts), "softmax", "one unit a class: their probabilities"),
        "multilabel": (len(look.goal.counts), "sigmoid", "one unit a label: its probability"),
        "regression": (len(look.targets), "linear", "the number itself" if len(look.targets) == 1 else "one a number"),
    }[look.goal.kind]
    comments.beside["layers", len(layers)] = why
    return [*layers, {"dense": {"units": units, "activation": activation}}]


def compose_texts(look: Look, comments: Comments) -> list[Any]:
    """The layers that make a row of numbers of each text, and join it with the other inputs; none without texts."""
    texts = [column.name for column in look.inputs if column.kind == "text"]
    own = [column.name for column in look.inputs if column.kind == "several" or column.say == {"encode": "embedding"}]
    others = [TOGETHER] if len(look.inputs) > len(texts) + len(own) else []
    is_alone = len(look.inputs) == 1
    taken = {column.name for column in look.columns} | {TOGETHER}
    means: list[str] = []
    layers: list[Any] = []
    for text in texts:
        mean = next(name for i in itertools.count(1) if (name := f"text_{i}") not in {*taken, *means})
        means.append(mean)
        comments.beside["layers", len(layers)] = "a vector for each word, which is learnt; padding is passed over"
        comments.beside["layers", len(layers) + 1] = "their mean: lstm: 32 in its place reads them in their order"
        start = {} if is_alone else {"from": text}
        layers.append({"embedding": {"output_dim": 32, "mask_zero": True} | start})
        layers.append({"global_average_pooling1d": {"name": mean}} if not is_alone else "global_average_pooling1d")
    if texts and not is_alone:
        layers.append({"concatenate": [*means, *others, *own]})
    return layers


def compose_pictures(pictures: Sequence[ColumnSurvey], has_others: bool) -> list[Any]:
    """Convolutions for each column of pictures, joined where there are several inputs."""
    several = has_others or len(pictures) > 1
    names = [f"seen_{i + 1}" if len(pictures) > 1 else "seen" for i in range(len(pictures))]
    layers: list[Any] = []
    for column, name in zip(pictures, names, strict=True):
        source, called = (column.name, name) if several else ("", "")
        layers += convolutions(tuple(column.say["image_size"]), source, called)
        if several:
            layers.append({"dense": {"units": 16, "activation": "relu", "name": f"{name}_in_short"}})
    if several and pictures:
        ends = [f"{name}_in_short" for name in names] + [TOGETHER] * has_others
        layers.append({"concatenate": ends})
    return layers


def positive_class(look: Look) -> str:
    """The class that a single unit stands for; empty where there are not two classes."""
    labels = sort_words(list(look.goal.counts))
    if look.goal.kind != "binary" or len(labels) != 2:
        return ""
    return labels[likely_positive(labels, labels, [look.goal.counts[label] for label in labels])]


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


def compose_training(look: Look, comments: Comments) -> dict[str, Any]:
    """How it is trained and measured."""
    rows, kind = look.goal.rows, look.goal.kind
    epochs = 100 if rows > SMALL else 300
    batch = 1024 if rows > HUGE else 256 if rows > LARGE else 32
    comments.beside["loss",] = LOSS_IN_WORDS[kind]
    comments.beside["optimizer",] = "Keras' own step; 0.01 is faster, 0.0001 steadier"
    comments.beside["metrics",] = baseline(look)
    if rare := rare_class(look):
        comments.above["epochs",] = fill_template(
            "class_weight: balanced            # {rare}: without the first #, it counts more", rare=rare
        )
    comments.beside["epochs",] = fill_template(
        "at most: early_stopping ends it; 300, over {small:,} rows 100", small=SMALL
    )
    comments.beside["batch_size",] = fill_template(
        "rows a step; 32, over {large:,} rows 256, over {huge:,} rows 1024", large=LARGE, huge=HUGE
    )
    comments.beside["callbacks",] = "when val_loss has not fallen for 10 epochs, back to the best one"
    return {
        "loss": LOSSES[kind],
        "optimizer": {"adam": {"learning_rate": 0.001}},
        "metrics": METRICS[kind],
        "epochs": epochs,
        "batch_size": batch,
        "callbacks": [{"early_stopping": {"patience": 10, "restore_best_weights": True}}],
    }


def baseline(look: Look) -> str:
    """What is reached without any network."""
    if look.goal.has_classes:
        label, share = next(iter(look.goal.shares.items()))
        return fill_template(
            "baseline, always '{label}': right in {share:.2f} of all cases", label=clean(label, 40), share=share
        )
    if look.goal.kind == "regression":
        scaled = [deviation for _, deviation in look.goal.moments.values()]
        times = ""
        if len(scaled) == 1 and scaled[0]:
            times = fill_template(", {count:.2g} standard deviations", count=look.goal.blind / scaled[0])
        return fill_template(
            "baseline, always the median: wrong by {blind:.4g} on average{times}", blind=look.goal.blind, times=times
        )
    blind = sum(max(share, 1 - share) for share in look.goal.shares.values()) / len(look.goal.counts)
    return fill_template("baseline, always the same of each label: right in {blind:.2f} of all cases", blind=blind)


def rare_class(look: Look) -> str:
    """The rarest class with its share, if that is far from even."""
    if not look.goal.has_classes:
        return ""
    label, share = list(look.goal.shares.items())[-1]
    if share >= RARE / len(look.goal.counts):
        return ""
    return fill_template("'{label:.30}' is {percent} of the rows", label=label, percent=show_percent(share))
