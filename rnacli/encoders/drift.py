"""How rows differ from those of training, counted column by column: gaps, unseen categories, values out of range."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnacli.encoders.table import Columns
from rnacli.tables.alike import fold_label
from rnacli.words import clean, count_things, fill_template

log = logging.getLogger("rnacli")

NAMED = 5
"""Unseen categories that are named; the others are only counted."""
COMPARED = 10_000
"""Categories of training whose spellings are compared with those of unseen ones."""
SHOWN = 20
"""Columns of which something is said; the others are only counted."""


class Drift:
    """What is noted of the rows that it is shown; it costs next to nothing where there is nothing to note."""

    def __init__(self, columns: Columns):
        self.columns = columns.learnt
        self.rows = 0
        self.missing, self.outside, self.unseen = (np.zeros(len(self.columns), "int64") for _ in range(3))
        self.tokens, self.unknown = (np.zeros(len(self.columns), "int64") for _ in range(2))
        self.words: dict[str, dict[str, None]] = {}
        ranges = [(column.low, column.high) for column in self.columns]
        self.low, self.high = np.array(ranges).T

    def see(self, values: np.ndarray, words: Mapping[str, Sequence[str]]) -> None:
        """Count some rows (n, columns) as they were read: before their words are looked up."""
        self.rows += len(values)
        if not len(values):
            return
        fits = (values.min(axis=0) >= self.low) & (values.max(axis=0) <= self.high)
        for j in np.flatnonzero(~fits).tolist():  # a column with a NaN is never within
            column = np.asarray(values[:, j])
            self.missing[j] += np.isnan(column).sum()
            self.outside[j] += ((column < self.low[j]) | (column > self.high[j])).sum()
        for j, learnt in enumerate(self.columns):
            if new := learnt.unseen(words.get(learnt.name, ())):
                self.see_words(j, np.asarray(values[:, j]), list(words[learnt.name]), new)
            if learnt.width:
                self.see_texts(j, np.asarray(values[:, j]), words.get(learnt.name, ()))

    def see_words(self, j: int, column: np.ndarray, words: Sequence[str], new: Sequence[str]) -> None:
        """Count the rows whose word is ``new``, and remember the first of those words."""
        others = set(new)
        is_new = np.array([word in others for word in words])
        codes = column[~np.isnan(column)].astype("int64")
        self.unseen[j] += is_new[codes].sum()
        first_words = self.words.setdefault(self.columns[j].name, {})
        first_words |= dict.fromkeys(new[: NAMED + 1])

    def see_texts(self, j: int, column: np.ndarray, texts: Sequence[str]) -> None:
        """Count the words of texts, of which ``column`` (n,) holds the indices, and remember those unknown."""
        codes, counts = np.unique(column[~np.isnan(column)].astype("int64"), return_counts=True)
        some = [texts[code] for code in codes.tolist()] if texts else []
        if counted := self.columns[j].unknown_words(some):
            tokens, unknown, names = counted
            self.tokens[j] += int(tokens @ counts)
            self.unknown[j] += int(unknown @ counts)
            self.words.setdefault(self.columns[j].name, {}).update(dict.fromkeys(names[: NAMED + 1]))

    def notes(self) -> list[str]:
        """What there is to say, in a line or more for a column."""
        told = [lines for j in range(len(self.columns)) if (lines := list(self.of_column(j)))]
        more = len(told) - SHOWN
        last = [fill_template("and {columns}", columns=count_things(more, "more column"))] if more > 0 else []
        return [line for lines in told[:SHOWN] for line in lines] + last

    def of_column(self, j: int) -> Iterator[str]:
        column = self.columns[j]
        name = clean(column.name, 40)
        if self.unseen[j]:
            yield self.say(
                "{name}: {count:,} of {rows} has a category unseen in training: {words:.400}",
                "{name}: {count:,} of {rows} have categories unseen in training: {words:.400}",
                self.unseen[j],
                name=name,
                words=self.first_words(column.name, column.categories),
            )
        if self.unknown[j]:
            yield self.say(
                "{name}: {count:,} of {tokens:,} words is unknown: {words:.400}",
                "{name}: {count:,} of {tokens:,} words are unknown: {words:.400}",
                self.unknown[j],
                name=name,
                tokens=self.tokens[j],
                words=self.first_words(column.name),
            )
        if self.outside[j]:
            yield self.say(
                "{name}: {count:,} of {rows} is outside {range:.200}",
                "{name}: {count:,} of {rows} are outside {range:.200}",
                self.outside[j],
                name=name,
                range=column.describe_range(),
            )
        if self.missing[j]:
            yield self.say(
                "{name}: {count:,} of {rows} has no value; {filled:.200}",
                "{name}: {count:,} of {rows} have no value; {filled:.200}",
                self.missing[j],
                name=name,
                filled=fill_template(column.describe_fill()),
            )

    def first_words(self, name: str, known: Sequence[str] = ()) -> str:
        """The first words of a column that training did not have, each with the ``known`` one of another spelling."""
        words = list(self.words[name])
        alike = {fold_label(word): clean(word, 40) for word in known[:COMPARED]}
        named = []
        for word in words[:NAMED]:
            meant = alike.get(fold_label(word), "")
            named.append(
                f"'{clean(word, 40)}'" + (fill_template(" (training has '{meant}')", meant=meant) * bool(meant))
            )
        return ", ".join(named) + ", ..." * (len(words) > NAMED)

    def say(self, one: str, many: str, count: int, **values: Any) -> str:
        """A template for ``one`` row or value, or for many."""
        rows = count_things(self.rows, "row")
        return fill_template(one if count == 1 else many, count=count, rows=rows, **values)

    def tell(self) -> None:
        """Log the notes."""
        for note in self.notes():
            log.info("%s", note)


def note_drift(columns: Columns, pieces: Iterable[np.ndarray], words: Mapping[str, Sequence[str]]) -> None:
    """Log how rows, in pieces (n, columns) as they were read, differ from those of training."""
    drift = Drift(columns)
    for values in pieces:
        drift.see(values, words)
    drift.tell()
