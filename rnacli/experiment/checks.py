"""What the keys of a file say about one another, before any data are read."""

from typing import Any

from rnacli.data.section import PARTS, Part, Split, Words
from rnacli.document.place import KeyPath
from rnacli.experiment.adversarial import layer_lists
from rnacli.schema.keras_object import FIND, KerasSpec
from rnacli.schema.reader import INVALID, Reader
from rnacli.words import fill_template, list_words


def check_split(values: dict[str, Any], reader: Reader) -> None:
    """Fractions must leave rows for training, and what divides the rows must go together."""
    dataset = values.get("dataset")
    if dataset is None or dataset is INVALID:
        return
    split: Split = dataset.split
    path: KeyPath = ("dataset", "split")
    sizes = {name: part for name in ("train", "validation", "test") if isinstance(part := getattr(split, name), Part)}
    fractions = {name: part.size for name, part in sizes.items() if isinstance(part.size, float)}
    total = sum(fractions.values())
    if total > 1 + 1e-9 or (total > 1 - 1e-9 and "train" not in sizes):
        shares = list_words([f"{name} ({size:g})" for name, size in fractions.items()], "and")
        message = "{shares} together take {total:g} of the rows: none are left for training"
        reader.wrong(
            (*path, list(fractions)[-1]), message, "make them add up to less than 1", shares=shares, total=total
        )
    given = [name for name in PARTS if (part := getattr(split, name)) and not isinstance(part, Words)]
    if split.column and given:
        reader.wrong((*path, "column"), "a column says the part of every row", "remove {given:and}", given=given)
    if split.test is not None and dataset.own_test:
        reader.wrong((*path, "test"), "{own_test} has its own test set", "remove test", own_test=dataset.own_test)
    ways = [key for key in ("column", "group", "order_by") if getattr(split, key)]
    if len(ways) > 1:
        reader.wrong((*path, ways[1]), "{ways:and} divide the rows in different ways", "keep one of them", ways=ways)
    for key in ways:
        if not dataset.HAS_COLUMNS:
            reader.wrong((*path, key), "only csv data have columns", "remove {way}", way=key)
        elif key != "column" and not split.column and not split.folds:
            check_whole_groups(key, sizes, reader)
    check_folds(split, dataset.own_test, reader)
    if split.order_by and split.stratify:
        message = "the last rows by a column have the classes that they have"
        reader.wrong((*path, "stratify"), message, "stratify: false, or remove order_by")


def check_folds(split: Split, own_test: str, reader: Reader) -> None:
    """Folds make the test parts: nothing else may."""
    path: KeyPath = ("dataset", "split")
    if split.fold and not split.folds:
        reader.wrong(
            (*path, "fold"), "it is one of the folds, and folds is missing", "folds: 5 beside it, or remove fold"
        )
    if split.repeats and not split.folds:
        message = "folds are made several times, and folds is missing"
        reader.wrong((*path, "repeats"), message, "folds: 5 beside it, or remove repeats")
    if not split.folds:
        return
    if split.repeats and split.order_by:
        message = "by the order of a column, the rows are divided in one way"
        reader.wrong((*path, "repeats"), message, "remove repeats, or order_by")
    if split.fold and split.fold > split.trainings:
        message = "expected a fold from 1 to {folds}, got {fold}"
        hint = "remove fold to train all of them"
        reader.wrong((*path, "fold"), message, hint, folds=split.trainings, fold=split.fold)
    for name in ("test", "column"):
        if getattr(split, name):
            message = "with folds, each row is in the test part of one of them"
            reader.wrong((*path, name), message, "remove {name}, or remove folds", name=name)
    if own_test:
        message = "{own_test} has its own test set: there are no folds to test on"
        reader.wrong((*path, "folds"), message, "remove folds", own_test=own_test)


def check_whole_groups(key: str, sizes: dict[str, Part], reader: Reader) -> None:
    """Parts by ``group`` or ``order_by`` have plain sizes, and one part has."""
    path: KeyPath = ("dataset", "split")
    if not sizes:
        reader.wrong((*path, key), "it divides rows among parts, and no part has a size", "test: 0.2 beside it")
    how = {"group": "whole groups are drawn", "order_by": "the rows are taken by the column's order"}[key]
    for name, part in sizes.items():
        if part.end:
            message = "{how}, not the {end} ones of the file"
            reader.wrong(
                (*path, name),
                message,
                "{name}: {size:g}, or remove {way}",
                how=fill_template(how),
                end=part.end,
                name=name,
                size=part.size,
                way=key,
            )


def check_validation_data(values: dict[str, Any], reader: Reader) -> None:
    dataset, chosen = values.get("dataset"), values.get("validation_data", "auto")
    if dataset is None or INVALID in (dataset, chosen) or dataset.split.column:
        return
    split: Split = dataset.split
    if chosen == "validation" and not dataset.may_validate:
        reader.wrong(
            ("validation_data",), "the split has no validation part", "dataset: {split: {validation: 0.1}}, or test"
        )
    if chosen == "test" and split.test is None and not split.folds and not dataset.MAY_BRING_TEST:
        reader.wrong(("validation_data",), "the split has no test part", "dataset: {split: {test: 0.2}}")


def check_vocabulary_sizes(values: dict[str, Any], reader: Reader) -> None:
    """An ``embedding`` may leave ``input_dim`` to the data where these are words that it takes itself."""
    dataset = values.get("dataset")
    if dataset is INVALID:
        return
    follows = dataset is not None and dataset.has_tokens
    for path, layers in layer_lists(values):
        for i, spec in enumerate(layers):
            for inner in spec.every_layer:
                if not (follows and path == ("layers",) and inner is spec):
                    require_size(inner, (*path, i), reader)


def require_size(spec: KerasSpec, path: KeyPath, reader: Reader) -> None:
    if "input_dim" in spec.entry.arguments and spec.arguments["input_dim"] is None:
        hint = (
            "{entry}: {input_dim: ...}; where it takes a column of texts itself, columns: {name: {kind: text}} says it"
        )
        reader.wrong(path, "{entry} needs input_dim", hint, entry=spec.name)


def check_state(values: dict[str, Any], reader: Reader) -> None:
    """No layer may keep its state from one batch to the next: in training, rows come in random order."""
    for path, layers in layer_lists(values):
        for i, spec in enumerate(layers):
            if any(inner.arguments.get("stateful") for inner in spec.every_layer):
                message = (
                    "stateful would carry the state from one row to another that does not follow it: in training, rows "
                    "come in random order"
                )
                hint = "remove stateful; rna generate keeps the state from token to token by itself"
                reader.wrong((*path, i), message, hint)


def check_found_rates(values: dict[str, Any], reader: Reader) -> None:
    """A learning rate is found once, before the first epoch, for one network."""
    optimizer, phases = values.get("optimizer"), values.get("phases")
    of_phases = (
        [] if phases in (None, INVALID) else [(("phases", i), phase.optimizer) for i, phase in enumerate(phases)]
    )
    for path, spec in of_phases:
        if isinstance(spec, KerasSpec) and spec.arguments.get("learning_rate") == FIND:
            message = "a learning rate is found before the first epoch, for all phases"
            reader.wrong((*path, "optimizer"), message, "a number here, or find in the optimizer of the file")
    is_adversarial = not values.get("layers", True)
    each = optimizer.values() if isinstance(optimizer, dict) else [optimizer]
    if is_adversarial and any(
        isinstance(spec, KerasSpec) and spec.arguments.get("learning_rate") == FIND for spec in each
    ):
        message = "a generator and a discriminator have two optimizers, and no loss that falls: nothing can be found"
        reader.wrong(("optimizer",), message, "write numbers, such as adam: {learning_rate: 0.0001}")
