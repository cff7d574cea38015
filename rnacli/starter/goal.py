"""What is to be predicted, judged by the values of the target columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnacli.encoders.kind_of import infer_kind
from rnacli.errors import CONFIG, RnaError
from rnacli.starter.survey import column_values
from rnacli.tables.cells import spell_number, whole_form
from rnacli.tables.gather import count_words
from rnacli.tables.numbers import Written
from rnacli.tables.several import separate
from rnacli.tables.table import Table
from rnacli.words import fill_template

MOST_CLASSES = 20
"""Different whole numbers that are taken for classes."""
MOST_LABELS = 1000
"""Different words that can be classes."""


@dataclass(frozen=True)
class Goal:
    """``kind``: one of ``TASK_KINDS``, and ``why`` it is that. ``rows``: how many have all targets; ``gaps``: the
    targets that some rows lack. ``counts``: the rows of each class or label. ``moments``: mean and deviation of each
    number. ``blind``: the mean absolute error of always saying the median.
    """

    kind: str
    why: str
    rows: int
    gaps: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    moments: dict[str, tuple[float, float]] = field(default_factory=dict)
    blind: float = 0.0

    @property
    def has_classes(self) -> bool:
        return self.kind in ("binary", "multiclass")

    @property
    def shares(self) -> dict[str, float]:
        """The share of the rows that each class or label has, the greatest first."""
        order = sorted(self.counts, key=lambda label: -self.counts[label])
        return {label: self.counts[label] / self.rows for label in order}


def judge_targets(table: Table, targets: Sequence[str], task: str, separator: str, written: Written) -> Goal:
    """What the ``targets`` are; ``task``: ``auto`` or one of ``TASK_KINDS``. Raises ``RnaError``.

    Words, and whole numbers with at most 20 different values (and five rows for each), are classes; other numbers are
    numbers; several columns of 0 and 1 are labels, or classes where each row has one 1; one column with a
    ``separator`` in its cells is labels too.
    """
    values = {name: column_values(table, name) for name in targets}
    has = ~np.any([np.isnan(y) for y in values.values()], axis=0)
    gaps = tuple(name for name, y in values.items() if np.isnan(y).any())
    rows = int(has.sum())
    if not rows:
        raise RnaError("{name:.40}: every value is missing", place="--target", exit_code=CONFIG, name=targets[0])
    if separator and len(targets) == 1:
        return labels_in_cells(table, targets[0], separator, rows)
    if len(targets) > 1:
        return several_goal(table, {name: y[has] for name, y in values.items()}, task, rows, gaps)
    return single_goal(table, targets[0], values[targets[0]], task, written, rows, gaps)


def single_goal(
    table: Table, name: str, values: np.ndarray, task: str, written: Written, rows: int, gaps: tuple[str, ...]
) -> Goal:
    """One target: classes or a number."""
    present = values[~np.isnan(values)]
    numeric = name not in table.words
    if numeric:
        labels, frequencies = np.unique(present, return_counts=True)
        counts = dict(zip(map(spell_number, labels.tolist()), frequencies.tolist(), strict=True))
    else:
        counts = {}
        for word, count in zip(map(whole_form, table.words[name]), count_words(table, name).tolist(), strict=True):
            counts[word] = counts.get(word, 0) + count
    different = len(counts)
    if task == "multilabel":
        raise goal_error(
            "{name:.40} is one column, and multilabel wants several of 0 and 1",
            "--target 'label*', or --set dataset.label_separator='|' for several labels in a cell",
            name=name,
        )
    if different == 1:
        message = "{name:.40} has one value only, '{only:.40}': nothing can be learnt"
        raise RnaError(
            message, place="--target", hint="another column as the --target", name=name, only=next(iter(counts))
        )
    whole = numeric and not (present % 1).any()
    few = different <= max(2, min(MOST_CLASSES, rows // 5))
    many = different > MOST_LABELS or (different > MOST_CLASSES and 2 * different > rows)
    as_classes = task in ("binary", "multiclass") or (task == "auto" and (whole and few if numeric else not many))
    if not as_classes:
        if not numeric:
            inferred = infer_kind(table.words[name], count_words(table, name), written)
            what = (
                fill_template(inferred.why)
                if inferred.kind == "faulty"
                else fill_template("{different:,} different words in {rows:,} rows", different=different, rows=rows)
            )
            hint = "another column as the --target, or fix its values"
            raise goal_error(
                "{name:.40}: {what:.300}, no numbers", hint if many else "--task multiclass", name=name, what=what
            )
        why = (
            fill_template("{different:,} different values, so a number", different=different)
            if not (whole and few)
            else fill_template("a number, as --task says")
        )
        return number_goal({name: present}, why, rows, gaps)
    if task == "binary" and different != 2:
        raise goal_error(
            "{name:.40} has {different:,} different values, and binary wants 2",
            "--task multiclass",
            name=name,
            different=different,
        )
    if many:
        raise goal_error(
            "{name:.40} has {different:,} different values in {rows:,} rows: no classes",
            "--task regression",
            name=name,
            different=different,
            rows=rows,
        )
    why = "{different:,} different words, so classes"
    if numeric:
        why = (
            "{different:,} different whole numbers, so classes"
            if whole
            else "{different:,} different numbers, so classes"
        )
    kind = "multiclass" if different > 2 or task == "multiclass" else "binary"
    return Goal(
        kind,
        fill_template(why, different=different),
        rows,
        gaps,
        counts,
    )


def several_goal(
    table: Table, values: Mapping[str, np.ndarray], task: str, rows: int, gaps: tuple[str, ...]
) -> Goal:  # fmt: skip
    """Several targets, of the rows that have them all: labels of 0 and 1, or numbers."""
    words = next((name for name in values if name in table.words), None)
    if words is not None:
        hint = "one of them: --target {words:.40}"
        raise goal_error("several targets are numbers, and {words:.40} holds words", hint, words=words)
    bits = all(np.isin(y, (0, 1)).all() for y in values.values())
    if bits and task in ("auto", "multiclass") and (np.sum([*values.values()], axis=0) == 1).all():
        counts = {name: int(y.sum()) for name, y in values.items()}
        return Goal(
            "multiclass",
            fill_template("{count} columns with one 1 in each row, so classes", count=len(values)),
            rows,
            gaps,
            counts,
        )
    if task in ("binary", "multiclass"):
        raise goal_error(
            "{task} wants one target, and there are {count}",
            "--task multilabel, or one --target",
            task=task,
            count=len(values),
        )
    odd = next((name for name, y in values.items() if not np.isin(y, (0, 1)).all()), None)
    if odd is not None and task == "multilabel":
        raise goal_error("multilabel wants 0 and 1, and {odd:.40} has others", "--task regression", odd=odd)
    if odd is None and task != "regression":
        counts = {name: int(y.sum()) for name, y in values.items()}
        return Goal(
            "multilabel", fill_template("{count} columns of 0 and 1, so labels", count=len(values)), rows, gaps, counts
        )
    return number_goal(values, fill_template("{count} numbers", count=len(values)), rows, gaps)


def number_goal(values: Mapping[str, np.ndarray], why: str, rows: int, gaps: tuple[str, ...]) -> Goal:
    moments = {name: (float(y.mean()), float(y.std())) for name, y in values.items()}
    blind = float(np.mean([np.abs(y - np.median(y)).mean() for y in values.values()]))
    return Goal("regression", why, rows, gaps, {}, moments, blind)


def labels_in_cells(table: Table, name: str, separator: str, rows: int) -> Goal:
    """Several labels in each cell of one column; a cell may be empty."""
    if name not in table.words:
        raise goal_error("{name:.40} has no cell with several labels", "leave label_separator out", name=name)
    counts: dict[str, int] = {}
    for cell, count in zip(table.words[name], count_words(table, name).tolist(), strict=True):
        for label in set(separate(cell, separator)):
            counts[label] = counts.get(label, 0) + count
    why = fill_template("{count} labels with '{separator:.10}' between them", count=len(counts), separator=separator)
    return Goal("multilabel", why, max(rows, len(table)), (), counts)


def goal_error(message: str, hint: str, **values: Any) -> RnaError:
    return RnaError(message, place="--target", hint=hint, exit_code=CONFIG, **values)
