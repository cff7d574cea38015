"""What the columns of a table teach: fills, scales and categories, from the training rows alone."""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnacli import yaml_writer
from rnacli.dataset import scaling
from rnacli.dataset.cells import NUMBER, in_order, spell_text
from rnacli.dataset.columns import Boolean, Categorical, Columns, Date, Learnt, Numeric, date_parts
from rnacli.dataset.rows import Rows
from rnacli.errors import CONFIG, RnaError, clean
from rnacli.language import Column, Config, Constant, Csv, Rescale

log = logging.getLogger("rnacli")

MOST_INPUTS = 1000
"""Categories that one column may have as inputs of their own."""
MOST_EMBEDDED = 1_000_000
IGNORE = "columns: {%s: ignore}"


def learn(rows: Rows, train: np.ndarray, config: Config) -> Columns:
    """The columns of a table, from its training rows (indices ``train``). Raises ``RnaError``."""
    data = config.dataset
    if not isinstance(data, Csv):
        raise TypeError("only tables have columns")
    learnt = []
    for j, name in enumerate(rows.features):
        asked, values = data.column(name), rows.column(j, train)
        place = str(config.place("dataset", "columns", name))
        learnt.append(LEARN[rows.kinds[name][0]](name, values, asked, data, rows.words.get(name, ()), place))
    note_fills(learnt, rows, train)
    return Columns(learnt)


def fill_of(asked: Column, data: Csv, words: bool = False) -> str | float | Constant:
    """What stands for a missing value: as the column asks, or as the data set does where that suits the column."""
    if asked.fill is not None:
        return asked.fill
    for_words = data.fill == "missing" or (isinstance(data.fill, Constant) and not NUMBER.fullmatch(data.fill.constant))
    for_numbers = data.fill in ("mean", "median") or isinstance(data.fill, float)
    return "auto" if (for_numbers if words else for_words) else data.fill


def learn_numeric(name: str, values: np.ndarray, asked: Column, data: Csv, words: Sequence[str], place: str) -> Numeric:
    known = values[~np.isnan(values)]
    fill = fill_number(name, known, fill_of(asked, data), "median", place)
    scale = data.scale if asked.scale is None else asked.scale
    offset, divisor = fit_scale(np.where(np.isnan(values), math.nan if fill is None else fill, values), scale)
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return Numeric(name, fill, offset, divisor, asked.indicator, low, high)


def fill_number(name: str, known: np.ndarray, fill: Any, auto: str, place: str) -> float | None:
    """What stands for a missing number, from those ``known``; ``None`` where it is an error."""
    if isinstance(fill, Constant | float) or fill == "missing":
        value = spell_text(fill.constant) if isinstance(fill, Constant) else fill
        try:
            return float(value)
        except ValueError:
            raise RnaError(
                f"column '{clean(name, 40)}' holds numbers, and '{clean(value, 40)}' is none",
                place=place,
                hint="fill: median, or fill: 0 with indicator: true",
                exit_code=CONFIG,
            ) from None
    if fill in ("drop", "error"):
        return None
    if not len(known):
        raise no_value(name, place)
    fill = auto if fill == "auto" else fill
    if fill == "most_frequent":
        values, counts = np.unique(known, return_counts=True)
        return float(values[counts.argmax()])
    return float(np.median(known) if fill == "median" else np.mean(known))


def fit_scale(values: np.ndarray, scale: str | Rescale) -> tuple[float, float]:
    """Offset and divisor for the values (n,) of a column, by scikit-learn's scalers."""
    if isinstance(scale, Rescale):
        return 0.0, float(scale.rescale)
    if scale == "none" or not len(values):
        return 0.0, 1.0
    offset, divisor = scaling.fit(values[:, None], scale)
    return float(offset[0]), float(divisor[0])


def learn_boolean(name: str, values: np.ndarray, asked: Column, data: Csv, words: Sequence[str], place: str) -> Boolean:
    known = values[~np.isnan(values)]
    fill = fill_number(name, known, fill_of(asked, data), "most_frequent", place)
    return Boolean(name, fill, asked.indicator)


def learn_date(name: str, values: np.ndarray, asked: Column, data: Csv, words: Sequence[str], place: str) -> Date:
    known = values[~np.isnan(values)]
    fill = fill_number(name, known, fill_of(asked, data), "median", place)
    parts = asked.parts
    if parts is None:
        timed = bool((known % 86_400 != 0).any())
        parts = ("year", "month", "day", "day_of_week", *(("hour",) if timed else ()))
    scale = data.scale if asked.scale is None else asked.scale
    raw = known if fill is None else np.where(np.isnan(values), fill, values)
    scales = [fit_scale(column, scale) for column in date_parts(raw, parts).T]
    offset, divisor = zip(*scales, strict=True)
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return Date(name, fill, asked.format or "", parts, offset, divisor, asked.indicator, low, high)


def learn_categorical(
    name: str, values: np.ndarray, asked: Column, data: Csv, words: Sequence[str], place: str
) -> Categorical:
    gaps = int(np.isnan(values).sum())
    counts = np.bincount(values[~np.isnan(values)].astype("int64"), minlength=len(words))
    present = {word: int(count) for word, count in zip(words, counts.tolist(), strict=True) if count}
    if asked.categories:
        kept = list(asked.categories)
        present = as_listed(present, kept)
        rare = sorted(set(present) - set(kept))
        if rare:
            log.warning("column '%s': not in categories: %s", clean(name, 40), clean(", ".join(rare), 200))
    else:
        kept = in_order([word for word, count in present.items() if count >= asked.min_count])
        rare = in_order([word for word, count in present.items() if count < asked.min_count])
    fill = fill_category(name, kept, present, gaps, fill_of(asked, data, words=True), place)
    check_size(name, len(kept), len(values), asked, place)
    offset, divisor = 0.0, 1.0
    if asked.encode == "ordinal":
        known = {word: i for i, word in enumerate(kept)}
        each = np.repeat([known.get(word, -1) for word in present], list(present.values())).astype("float64")
        offset, divisor = fit_scale(each[each >= 0], data.scale if asked.scale is None else asked.scale)
    # The rule of thumb of fast.ai's tabular learner.
    dimensions = asked.dimensions or min(50, max(1, round(1.6 * (len(kept) + 1) ** 0.56)))
    return Categorical(
        name, tuple(kept), tuple(rare), fill, asked.encode, dimensions, offset, divisor, asked.indicator, asked.strip
    )


def as_listed(present: Mapping[str, int], listed: Sequence[str]) -> dict[str, int]:
    """Words and their counts, those that are the same numbers as ``listed`` words under the names of these."""
    alike = {spell_text(word): word for word in listed}
    counts: dict[str, int] = {}
    for word, count in present.items():
        name = word if word in listed else alike.get(spell_text(word), word)
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
        word = fill.constant if isinstance(fill, Constant) else spell_text(str(fill))
        if word not in kept:
            kept.append(word)
        return float(kept.index(word))
    raise RnaError(
        f"column '{clean(name, 40)}' holds words, which have no {fill}",
        place=place,
        hint="fill: most_frequent, or fill: missing for a category of its own",
        exit_code=CONFIG,
    )


def check_size(name: str, categories: int, rows: int, asked: Column, place: str) -> None:
    """Categories must not become so many inputs that none of them can be learnt."""
    most = MOST_INPUTS if asked.encode == "one_hot" else MOST_EMBEDDED
    if categories > most:
        shown = clean(name, 40)
        raise RnaError(
            f"column '{shown}' has {categories:,} categories in {rows:,} training rows: {asked.encode} takes {most:,}",
            place=place,
            hint=yaml_writer.hint(
                name, "columns: {%s: {encode: embedding}}, or {min_count: 10} to group the rare ones, or ignore"
            ),
            exit_code=CONFIG,
        )
    if not categories:
        shown = clean(name, 40)
        if asked.min_count == 1:
            raise no_value(name, place)
        raise RnaError(
            f"column '{shown}' has no category with {asked.min_count} training rows",
            place=place,
            hint=yaml_writer.hint(name, IGNORE),
            exit_code=CONFIG,
        )


def no_value(name: str, place: str) -> RnaError:
    """The error for a column that could teach nothing."""
    return RnaError(
        f"column '{clean(name, 40)}' has no value in any training row",
        place=place,
        hint=yaml_writer.hint(name, IGNORE),
        exit_code=CONFIG,
    )


LEARN: dict[str, Any] = {
    "numeric": learn_numeric,
    "boolean": learn_boolean,
    "date": learn_date,
    "categorical": learn_categorical,
}


def note_fills(learnt: Sequence[Learnt], rows: Rows, train: np.ndarray) -> None:
    """Say what was put in the place of missing values, and of how many."""
    for j, column in enumerate(learnt):
        gaps = int(np.isnan(rows.column(j, train)).sum())
        if gaps and column.fill is not None:
            share = f"{gaps:,} of {len(train):,} training rows"
            log.info("%s: %s have no value; %s", clean(column.name, 40), share, put(column))
        if isinstance(column, Categorical) and column.rare:
            log.info("%s: %d rare categories are one input", clean(column.name, 40), len(column.rare))


def put(column: Learnt) -> str:
    """What stands for a missing value, in words."""
    if isinstance(column, Categorical):
        if column.fill == len(column.words) + 1:
            return "that is a category of its own"
        if column.fill == len(column.words):
            return "taken as a category unseen in training"
        return f"taken as '{clean(column.words[int(column.fill or 0)], 40)}'"
    if isinstance(column, Boolean):
        return f"taken as {'true' if column.fill else 'false'}"
    if isinstance(column, Date):
        return f"taken as {np.datetime64(int(column.fill or 0), 's')}"
    return f"taken as {column.fill:.6g}"
