"""Columns that are asked for by name: those that are not there, and what may have been meant."""

import re
from collections.abc import Mapping, Sequence

from rnacli.errors import DATA, Problem, RnaError
from rnacli.tables.csv.faults import MOST_COLUMNS
from rnacli.tables.csv.shape import YEAR
from rnacli.tables.csv.text import Format
from rnacli.words import clean, did_you_mean, fill_template, list_words

VALUE = re.compile(r"[-+]?[\d.,:/-]*\d[\d.,:/-]*\s?[%€$£]?")
"""A number or a date, however it is written."""


def require_columns(wanted: Mapping[str, str], names: Sequence[str], form: Format, shown: str) -> None:
    """Every wanted column must be known; the error names the nearest one.

    ``wanted``: column -> the place in a config that asks for it, or nothing.
    """
    every = set(names)
    absent = [name for name in wanted if name not in every]
    separator = separator_hint(names, form, from_config=any(wanted.values())) if absent else ""
    problems = []
    for name in absent[: 1 if separator else MOST_COLUMNS]:
        free = [other for other in names if other not in wanted]
        near = did_you_mean(name, free) or did_you_mean(name, names)
        hint = separator or near or header_hint(names) or columns_hint(names)
        by = fill_template(", which {place:.300} names", place=wanted[name]) if wanted[name] else ""
        place = f"{shown}:{(form.skip or 0) + 1}"
        problems.append(Problem("there is no column '{name:.40}'{by:.300}", place, hint, name=name, by=by))
    if problems:
        raise RnaError.of(problems, DATA)


def separator_hint(names: Sequence[str], form: Format, from_config: bool) -> str:
    """What to write when the one column of a header looks like several with another delimiter."""
    for other in ";\t|,:^~\x01":
        if other != form.delimiter and any(other in name for name in names) and len(names) <= 2:
            written = {"\t": '"\\t"', "\x01": '"\\x01"'}.get(other, f"'{other}'")
            looks = fill_template("the file looks separated by {written}", written=written)
            return (
                f"{looks}: delimiter: {written}"
                if from_config
                else fill_template("{looks:.300}: expected {mark}", looks=looks, mark=form.mark)
            )
    return ""


def header_hint(names: Sequence[str]) -> str:
    """What to write when the names in a header look like data."""
    numbers = [name for name in names if VALUE.fullmatch(name) and not YEAR.fullmatch(name)]
    return (
        "the first line looks like data: header: false calls the columns 0, 1, 2, ..."
        if 2 * len(numbers) > len(names)
        else ""
    )


def columns_hint(names: Sequence[str]) -> str:
    more = fill_template(" and {count} more", count=len(names) - 20) if len(names) > 20 else ""
    shown = list_words([clean(name, 40) for name in names[:20]], "," if more else "and")
    return fill_template("columns: {names:.1000}{more}", names=shown, more=more)
