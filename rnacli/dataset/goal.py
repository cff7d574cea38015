"""What is to be predicted, judged by the values of the target columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rnacli.dataset import store
from rnacli.dataset.cells import spell_number, spell_text
from rnacli.dataset.inference import infer
from rnacli.dataset.preprocessing import separated
from rnacli.dataset.rows import Table
from rnacli.dataset.survey import values_of
from rnacli.errors import CONFIG, RnaError, clean

MOST_CLASSES = 20
"""Different whole numbers that are taken for classes."""
MOST_LABELS = 1000
"""Different words that can be classes."""


@dataclass(frozen=True)
class Goal:
    """``kind``: one of ``task.KINDS``, and ``why`` it is that. ``rows``: how many have all targets; ``gaps``: the
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


def judge(table: Table, targets: Sequence[str], asked: str, separator: str, decimal: str) -> Goal:
    """What the ``targets`` are; ``asked``: ``auto`` or one of ``task.KINDS``. Raises ``RnaError``.

    Words, and whole numbers with at most 20 different values (and five rows for each), are classes; other numbers are
    numbers; several columns of 0 and 1 are labels, and so is one column with a ``separator`` in its cells.
    """
    values = {name: values_of(table, name) for name in targets}
    has = ~np.any([np.isnan(each) for each in values.values()], axis=0)
    gaps = tuple(name for name, each in values.items() if np.isnan(each).any())
    rows = int(has.sum())
    if not rows:
        raise RnaError(f"{clean(targets[0], 40)}: every value is missing", place="--target", exit_code=CONFIG)
    if separator and len(targets) == 1:
        return labels_in_cells(table, targets[0], separator, rows)
    if len(targets) > 1:
        return several(table, {name: each[has] for name, each in values.items()}, asked, rows, gaps)
    return single(table, targets[0], values[targets[0]], asked, decimal, rows, gaps)


def single(
    table: Table, name: str, values: np.ndarray, asked: str, decimal: str, rows: int, gaps: tuple[str, ...]
) -> Goal:
    """One target: classes or a number."""
    known = values[~np.isnan(values)]
    numeric = name not in table.words
    if numeric:
        labels, each = np.unique(known, return_counts=True)
        counts = dict(zip(map(spell_number, labels.tolist()), each.tolist(), strict=True))
    else:
        counts = {}
        for word, each in zip(map(spell_text, table.words[name]), store.counts(table, name).tolist(), strict=True):
            counts[word] = counts.get(word, 0) + each
    shown, different = clean(name, 40), len(counts)
    if asked == "multilabel":
        raise refused(
            f"{shown} is one column, and multilabel wants several of 0 and 1",
            "--target 'label*', or --set dataset.label_separator='|' for several labels in a cell",
        )
    if different == 1:
        message = f"{shown} has one value only, '{clean(next(iter(counts)), 40)}': nothing can be learnt"
        raise RnaError(message, place="--target", hint="another column as the --target")
    whole = numeric and not (known % 1).any()
    few = different <= max(2, min(MOST_CLASSES, rows // 5))
    many = different > MOST_LABELS or (different > MOST_CLASSES and 2 * different > rows)
    as_classes = asked in ("binary", "multiclass") or (asked == "auto" and (whole and few if numeric else not many))
    if not as_classes:
        if not numeric:
            found = infer(table.words[name], store.counts(table, name), decimal)
            what = found.why if found.kind == "faulty" else f"{different:,} different words in {rows:,} rows"
            hint = "another column as the --target, or mend its values"
            raise refused(f"{shown}: {what}, no numbers", hint if many else "--task multiclass")
        why = f"{different:,} different values, so a number" if not (whole and few) else "a number, as --task says"
        return numbers({name: known}, why, rows, gaps)
    if asked == "binary" and different != 2:
        raise refused(f"{shown} has {different:,} different values, and binary wants 2", "--task multiclass")
    if many:
        raise refused(f"{shown} has {different:,} different values in {rows:,} rows: no classes", "--task regression")
    what = "whole numbers" if whole else "numbers" if numeric else "words"
    kind = "multiclass" if different > 2 or asked == "multiclass" else "binary"
    return Goal(kind, f"{different:,} different {what}, so classes", rows, gaps, counts)


def several(
    table: Table, values: Mapping[str, np.ndarray], asked: str, rows: int, gaps: tuple[str, ...]
) -> Goal:  # fmt: skip
    """Several targets, of the rows that have them all: labels of 0 and 1, or numbers."""
    words = next((name for name in values if name in table.words), None)
    if words is not None:
        hint = f"one of them: --target {clean(words, 40)}"
        raise refused(f"several targets are numbers, and {clean(words, 40)} holds words", hint)
    if asked in ("binary", "multiclass"):
        raise refused(f"{asked} wants one target, and there are {len(values)}", "--task multilabel, or one --target")
    odd = next((name for name, each in values.items() if not np.isin(each, (0, 1)).all()), None)
    if odd is not None and asked == "multilabel":
        raise refused(f"multilabel wants 0 and 1, and {clean(odd, 40)} has others", "--task regression")
    if odd is None and asked != "regression":
        counts = {name: int(each.sum()) for name, each in values.items()}
        return Goal("multilabel", f"{len(values)} columns of 0 and 1, so labels", rows, gaps, counts)
    return numbers(values, f"{len(values)} numbers", rows, gaps)


def numbers(values: Mapping[str, np.ndarray], why: str, rows: int, gaps: tuple[str, ...]) -> Goal:
    moments = {name: (float(each.mean()), float(each.std())) for name, each in values.items()}
    blind = float(np.mean([np.abs(each - np.median(each)).mean() for each in values.values()]))
    return Goal("regression", why, rows, gaps, {}, moments, blind)


def labels_in_cells(table: Table, name: str, separator: str, rows: int) -> Goal:
    """Several labels in each cell of one column; a cell may be empty."""
    if name not in table.words:
        raise refused(f"{clean(name, 40)} has no cell with several labels", "leave label_separator out")
    counts: dict[str, int] = {}
    for cell, each in zip(table.words[name], store.counts(table, name).tolist(), strict=True):
        for label in set(separated(cell, separator)):
            counts[label] = counts.get(label, 0) + each
    why = f"{len(counts)} labels with '{clean(separator, 10)}' between them"
    return Goal("multilabel", why, max(rows, len(table)), (), counts)


def refused(message: str, hint: str) -> RnaError:
    return RnaError(message, place="--target", hint=hint, exit_code=CONFIG)
