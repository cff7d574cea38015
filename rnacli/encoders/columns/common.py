"""What the columns of a table teach: fills, scales and categories, from the training rows alone."""

from typing import Any

import numpy as np

from rnacli.document.write import name_hint
from rnacli.encoders.column import TrainingColumn
from rnacli.encoders.scale import fit_power
from rnacli.encoders.section import Column, Constant, Defaults, Rescale
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.cells import spell_word
from rnacli.tables.numbers import NUMBER

IGNORE = "columns: {{column}: ignore}"


def stated_fill(options: Column, defaults: Defaults, words: bool = False) -> str | float | Constant:
    """What stands for a missing value: as the column asks, or as the data set does where that suits the column."""
    if options.fill is not None:
        return options.fill
    for_words = defaults.fill == "missing" or (
        isinstance(defaults.fill, Constant) and not NUMBER.fullmatch(defaults.fill.constant)
    )
    for_numbers = defaults.fill in ("mean", "median") or isinstance(defaults.fill, float)
    return "auto" if (for_numbers if words else for_words) else defaults.fill


def fill_number(column: TrainingColumn, fill: Any, auto: str) -> float | None:
    """What stands for a missing number; ``None`` where it is an error."""
    if isinstance(fill, Constant | float) or fill == "missing":
        value = spell_word(fill.constant) if isinstance(fill, Constant) else fill
        try:
            return float(value)
        except ValueError:
            raise RnaError(
                "column '{name:.40}' contains numbers, but '{value:.40}' is not a number",
                place=column.place,
                hint="fill: median, or fill: 0 with indicator: true",
                exit_code=CONFIG,
                name=column.name,
                value=value,
            ) from None
    if fill in ("drop", "error"):
        return None
    present = column.present
    if not len(present):
        raise no_value(column.name, column.place)
    fill = auto if fill == "auto" else fill
    if fill == "most_frequent":
        values, counts = np.unique(present, return_counts=True)
        return float(values[counts.argmax()])
    return float(np.median(present) if fill == "median" else np.mean(present))


def blank_answer(present: np.ndarray, rows: int) -> float | None:
    """What a missing value is, among numbers or answers ``present`` (n,) of which there is one alone: the other one.

    A box that is ticked or not is written as yes or nothing, or as 1 or nothing. ``None`` where that is not so.
    """
    if len(present) in (0, rows) or present.min() != present.max() or present[0] not in (0.0, 1.0):
        return None
    return 1.0 - float(present[0])


def blank_or_fill(column: TrainingColumn, defaults: Defaults) -> str | float | Constant:
    """As ``stated_fill``; where nothing is stated, and a blank is an answer, that answer."""
    fill = stated_fill(column.options, defaults)
    answer = blank_answer(column.present, len(column.values)) if fill == "auto" else None
    return fill if answer is None else answer


def power_of(name: str, values: np.ndarray, scale: str | Rescale, place: str) -> float | None:
    """The power of the scale of a column (n,). Raises ``RnaError`` for a logarithm of numbers below 0."""
    try:
        return fit_power(values, scale)
    except ValueError as error:
        raise RnaError(
            "column '{name:.40}': log is for numbers from 0 on, and one is {value}",
            place=place,
            hint=name_hint(name, "columns: {{column}: {scale: power}} takes any number"),
            exit_code=CONFIG,
            name=name,
            value=error,
        ) from None


def no_value(name: str, place: str) -> RnaError:
    """The error for a column that could teach nothing."""
    return RnaError(
        "column '{name:.40}' has no value in any training row",
        place=place,
        hint=name_hint(name, IGNORE),
        exit_code=CONFIG,
        name=name,
    )


def check_divisors(*divisors: float) -> None:
    """Refuse a scale that divides by zero. Raises ``ValueError``."""
    if not all(divisors):
        raise ValueError("a divisor is zero")
