"""Columns of categories."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnacli.document.write import name_hint
from rnacli.encoders.column import MISSING, OTHER, LearntColumn, TrainingColumn
from rnacli.encoders.columns.common import (
    IGNORE,
    check_divisors,
    no_value,
    stated_fill,
)
from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.scale import fit_column_scale
from rnacli.encoders.section import Column, Constant, Defaults
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.cells import Want, find_places, sort_words, spell_word
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")


@dataclass(frozen=True)
class Categorical(LearntColumn):
    """Categories; a raw value is the index in ``words``, or ``len(words)`` for every other word.

    ``encode_as``: ``one_hot``, an input for each of ``words`` (all of them 0 for other words, which have an input of
    their own if ``rare`` ones were grouped in training); ``ordinal``, the index itself, scaled; ``embedding``, the
    index for a table of ``dimensions`` numbers a category that the network learns.
    ``fill``: the index that a missing value gets; ``len(words) + 1`` is a category of its own; ``None``: an error.
    """

    kind: ClassVar[str] = "categorical"
    low = -math.inf
    high = math.inf
    name: str
    words: tuple[str, ...]
    rare: tuple[str, ...]
    fill: float | None
    encode_as: str
    dimensions: int
    offset: float
    divisor: float
    indicator: bool
    strip: str
    missing: tuple[str, ...] = ()

    @classmethod
    def learn(cls, column: TrainingColumn, defaults: Defaults) -> "Categorical":
        options, values = column.options, column.values
        gaps = int(np.isnan(values).sum())
        counts = np.bincount(values[~np.isnan(values)].astype("int64"), minlength=len(column.words))
        present = {word: int(count) for word, count in zip(column.words, counts.tolist(), strict=True) if count}
        if options.categories:
            kept = list(options.categories)
            present = count_as_listed(present, kept)
            rare = sorted(set(present) - set(kept))
            if rare:
                log.warning("column '%s': not in categories: %s", clean(column.name, 40), clean(", ".join(rare), 200))
        else:
            kept = sort_words([word for word, count in present.items() if count >= options.min_count])
            rare = sort_words([word for word, count in present.items() if count < options.min_count])
        fill = fill_category(column.name, kept, present, gaps, stated_fill(options, defaults, words=True), column.place)
        check_category_count(column.name, len(kept), len(values), options, column.place)
        offset, divisor = 0.0, 1.0
        if options.encode == "ordinal":
            codes = {word: i for i, word in enumerate(kept)}
            each = np.repeat([codes.get(word, -1) for word in present], list(present.values())).astype("float64")
            offset, divisor = fit_column_scale(
                each[each >= 0], defaults.scale if options.scale is None else options.scale
            )
        # The rule of thumb of fast.ai's tabular learner.
        dimensions = options.dimensions or min(50, max(1, round(1.6 * (len(kept) + 1) ** 0.56)))
        return cls(
            column.name,
            tuple(kept),
            tuple(rare),
            fill,
            options.encode,
            dimensions,
            offset,
            divisor,
            options.indicator,
            options.strip,
            options.missing,
        )

    @staticmethod
    def read_as(options: Column) -> Want:
        return Want("words", strip=options.strip, gone=options.missing)

    @staticmethod
    def is_implied_by(options: Column) -> bool:
        return (
            options.encode != "one_hot"
            or bool(options.categories)
            or options.min_count > 1
            or options.fill == "missing"
        )

    @property
    def want(self) -> Want:
        return Want("words", self.fill is not None, self.strip, gone=self.missing)

    @property
    def own_input(self) -> InputSpec | None:
        return InputSpec((), "int32", self.size, self.dimensions) if self.encode_as == "embedding" else None

    def describe_inputs(self) -> str:
        return (
            fill_template("embedding of {dimensions}", dimensions=self.dimensions)
            if self.own_input
            else super().describe_inputs()
        )

    @property
    def other(self) -> int:
        return len(self.words)

    @property
    def size(self) -> int:
        """How many different indices there are."""
        return len(self.words) + (2 if self.fill == len(self.words) + 1 else 1)

    @property
    def inputs(self) -> list[str]:
        if self.encode_as != "one_hot":
            return [self.name, *self.indicator_input]
        words = [*self.words, OTHER, MISSING][: self.size]
        if not self.rare:
            del words[self.other]
        return [f"{self.name}={word}" for word in words] + self.indicator_input

    def indices(self, raw: np.ndarray) -> np.ndarray:
        """The index (n,) of each category, that for a missing one in its place."""
        return self.fill_missing(raw)

    def encode_own(self, raw: np.ndarray) -> np.ndarray:
        return self.indices(raw).astype("int32")

    def encode(self, raw: np.ndarray) -> np.ndarray:
        index = self.indices(raw)
        if self.encode_as == "ordinal":
            # An unknown category has no place in the order: it stands in its middle.
            place = np.where(index < len(self.words), index, (len(self.words) - 1) / 2)
            return self.with_indicator(raw, ((place - self.offset) / self.divisor)[:, None])
        table = np.zeros((len(raw), self.size), "float32")
        table[np.arange(len(raw)), index.astype("int64")] = 1
        return self.with_indicator(raw, table if self.rare else np.delete(table, self.other, axis=1))

    def lookup(self, words: Sequence[str]) -> np.ndarray:
        return find_places(words, self.words, self.other).astype("float64")

    @property
    def categories(self) -> Sequence[str]:
        return (*self.words, *self.rare)

    def unseen(self, words: Sequence[str]) -> list[str]:
        places = find_places(words, self.categories, -1)
        return [word for word, place in zip(words, places.tolist(), strict=True) if place < 0]

    def describe_fill(self) -> str:
        if self.fill == len(self.words) + 1:
            return "that is a category of its own"
        if self.fill == self.other:
            return "taken as a category unseen in training"
        return fill_template("taken as '{word:.40}'", word=self.words[int(self.fill or 0)])

    def check(self) -> None:
        check_divisors(self.divisor)
        fits = self.fill is None or self.fill in range(len(self.words) + 2)
        encodes = self.encode_as in ("one_hot", "ordinal", "embedding")
        if not fits or not encodes or not 0 < self.dimensions <= 4096 or len(set(self.words)) < len(self.words):
            raise ValueError("its categories do not fit together")


MOST_INPUTS = 1000
"""Categories that one column may have as inputs of their own."""
MOST_EMBEDDED = 1_000_000


def count_as_listed(present: Mapping[str, int], listed: Sequence[str]) -> dict[str, int]:
    """Words and their counts, those that are the same numbers as ``listed`` words under the names of these."""
    counts: dict[str, int] = {}
    for (word, count), place in zip(present.items(), find_places(present, listed, -1).tolist(), strict=True):
        name = word if place < 0 else listed[place]
        counts[name] = counts.get(name, 0) + count
    return counts


def fill_category(
    name: str, kept: list[str], present: dict[str, int], gaps: int, fill: Any, place: str
) -> float | None:
    """The index that a missing category gets; ``None`` where it is an error."""
    if fill in ("error", "drop"):
        return None
    if fill == "missing" or (fill == "auto" and gaps):
        return float(len(kept) + 1)
    if fill == "auto":
        return float(len(kept))
    if fill == "most_frequent":
        return float(max(range(len(kept)), key=lambda i: present.get(kept[i], 0), default=0))
    if isinstance(fill, Constant | float):
        word = fill.constant if isinstance(fill, Constant) else spell_word(str(fill))
        if word not in kept:
            kept.append(word)
        return float(kept.index(word))
    raise RnaError(
        "column '{name:.40}' holds words, which have no {fill}",
        place=place,
        hint="fill: most_frequent, or fill: missing for a category of its own",
        exit_code=CONFIG,
        name=name,
        fill=fill,
    )


def check_category_count(name: str, categories: int, rows: int, options: Column, place: str) -> None:
    """Categories must not become so many inputs that none of them can be learnt."""
    most = MOST_INPUTS if options.encode == "one_hot" else MOST_EMBEDDED
    if categories > most:
        raise RnaError(
            "column '{name:.40}' has {categories:,} categories in {rows:,} training rows: {encode} takes {most:,}",
            place=place,
            hint=name_hint(
                name, "columns: {{column}: {encode: embedding}}, or {min_count: 10} to group the rare ones, or ignore"
            ),
            exit_code=CONFIG,
            name=name,
            categories=categories,
            rows=rows,
            encode=options.encode,
            most=most,
        )
    if not categories:
        if options.min_count == 1:
            raise no_value(name, place)
        raise RnaError(
            "column '{name:.40}' has no category with {min_count} training rows",
            place=place,
            hint=name_hint(name, IGNORE),
            exit_code=CONFIG,
            name=name,
            min_count=options.min_count,
        )
