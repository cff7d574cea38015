"""A data frame's columns as they are wanted: one conversion for every format of file."""

import logging
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rnacli.tables.cells import Want, read_numbers, read_words, spell_number
from rnacli.tables.numbers import CODE, FLOAT32_MAX, Written, parse_number, positive_part
from rnacli.tables.table import Table
from rnacli.words import clean

log = logging.getLogger("rnacli")

NO_ROWS = "add rows to it, or give another file"
"""What to do about a file without one."""


def convert_frame(
    frame: pd.DataFrame, wants: Mapping[str, Want], written: Written, start: int, kept: Sequence[str] = ()
) -> Table:
    """A frame's columns as they are wanted, those in ``kept`` also as texts.

    ``ValueError`` where a cell needs a closer look.
    """
    inputs = [name for name, want in wants.items() if want.kind != "text"]
    values = np.empty((len(frame), len(inputs)))
    words: dict[str, Sequence[str]] = {}
    for i, name in enumerate(inputs):
        want, column = wants[name], frame[name]
        if name in kept and want.kind == "number":
            column = numbers_in(column, written)
        if want.kind == "words" or (want.kind == "any" and column.dtype.kind not in "iuf"):
            codes, different = read_words(column, want, want.written(written))
            numbers = all_numbers(different, written) if want.kind == "any" else None
            if numbers is not None:
                values[:, i] = np.array([*numbers, math.nan])[codes]
            else:
                values[:, i] = np.where(codes < 0, np.nan, codes)
                words[name] = different
        else:
            values[:, i] = read_numbers(column, want, written)
            if want.kind == "number" and start == 0 and column.dtype.kind not in "iuf":
                tell_accounts(name, column)
        if not want.missing and np.isnan(values[:, i]).any():
            raise ValueError("missing values")
    kept_texts = {name: original_texts(frame[name]) for name in kept}
    return Table(tuple(inputs), values, words, convert_texts(frame, wants, written) | kept_texts, start)


def tell_accounts(name: str, column: pd.Series) -> None:
    """Log that numbers are negative that no minus stands before."""
    words = (word.strip() for word in column.unique() if isinstance(word, str))
    word = next(filter(positive_part, words), "")
    if word:
        log.info("%s: '%s' is read as a negative number", clean(name, 40), clean(word, 30))


def all_numbers(words: Sequence[str], written: Written) -> list[float] | None:
    """The number that each word is; ``None`` where one is none, or has a zero in front as codes have it."""
    numbers = []
    for word in words:
        number = parse_number(word, written)
        if math.isnan(number) or CODE.fullmatch(word):
            return None
        numbers.append(number)
    if any(abs(number) > FLOAT32_MAX for number in numbers):
        raise ValueError("infinite numbers")
    return numbers


def convert_texts(frame: pd.DataFrame, wants: Mapping[str, Want], written: Written) -> dict[str, np.ndarray]:
    """The columns that are wanted as text, (n,) of str, or ``None`` where missing; equal words are one object."""
    texts = {}
    for name in (name for name, want in wants.items() if want.kind == "text"):
        codes, different = read_words(frame[name], wants[name], wants[name].written(written))
        if not wants[name].missing and (codes < 0).any():
            raise ValueError("missing text")
        if (check := wants[name].check) and check(different):
            raise ValueError("texts that are not wanted")
        texts[name] = np.array([*different, None], dtype=object)[codes]
    return texts


def original_texts(column: pd.Series) -> np.ndarray:
    """A column (n,) of str as it stands in the file, empty where nothing does; whole numbers without a fraction."""
    if column.dtype.kind in "iuf":
        column = column.map(spell_number, na_action="ignore").astype(object)
    return column.fillna("").to_numpy(object)


def numbers_in(column: pd.Series, written: Written) -> pd.Series:
    """A column of text as numbers, in one go where there is nothing else in it; else as it is."""
    if column.dtype.kind in "iuf" or written.decimal != ".":
        return column
    try:
        return pd.to_numeric(column.mask(column.isin(written.missing)))
    except ValueError:
        return column
