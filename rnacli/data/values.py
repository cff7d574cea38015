"""What a table's rows have besides inputs: targets, an order, weights, parts, and which of them are usable."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from rnacli.data.columns import drops, read_again
from rnacli.data.examples import Examples
from rnacli.data.roles import Roles
from rnacli.data.table_keys import TableKeys
from rnacli.document.write import name_hint
from rnacli.encoders.column import Content
from rnacli.encoders.columns.date import Date
from rnacli.errors import CONFIG, RnaError
from rnacli.tables.arrays import join_arrays
from rnacli.tables.cells import Want, find_distinct, spell_number, whole_form, word_numbers
from rnacli.tables.csv.faults import DATES
from rnacli.tables.csv.text import line_of_row
from rnacli.tables.numbers import CODE, PLAIN, Written, parse_number, plain_number, positive_part
from rnacli.tables.source import Source
from rnacli.tables.table import Table
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")


def targets_of(table: Table, roles: Roles, written: Written) -> np.ndarray:
    """The targets (n,) or (n, targets): numbers, or text where it is not all numbers; records, of several outputs."""
    if roles.by_output:
        return join_arrays({name: target_of(name, table, roles, written) for name in roles.targets})
    if len(roles.targets) == 1:
        return target_of(roles.targets[0], table, roles, written)
    return np.asarray(table.values[:, [table.columns.index(name) for name in roles.targets]])


def target_of(name: str, table: Table, roles: Roles, written: Written) -> np.ndarray:
    """One target (n,): numbers, or text where it is not all numbers."""
    blank = roles.stands_for(name)
    if name not in roles.worded:
        values = np.asarray(table.values[:, table.columns.index(name)])
        return values if blank is None else np.where(np.isnan(values), number_for(name, blank), values)
    words = table.texts[name]
    if blank is not None:
        words = np.array([blank if word is None else word for word in words], object)
    separated = roles.data.label_separator and not roles.by_output
    return words if separated else as_numbers_if_all(words, written, name in roles.labels)


def number_for(name: str, blank: str) -> float:
    """The number that stands for a blank in a target of numbers. Raises ``RnaError``."""
    number = parse_number(blank)
    if math.isnan(number):
        message = "column '{name:.40}' holds numbers, and '{blank:.40}' is to stand for a missing one"
        raise RnaError(message, hint="fill: {constant: 0}", exit_code=CONFIG, name=name, blank=blank)
    return number


def as_numbers_if_all(words: np.ndarray, written: Written = PLAIN, labels: bool = True) -> np.ndarray:
    """Text (n,) as numbers where all of it is, so that 1 and 1.0 are one label.

    ``labels``, which may be codes such as 01 or 1.10, stay text where numbers are spelled otherwise.
    """
    meant = {word: parse_number(word, written, accounts=not labels) for word in set(words.tolist()) - {None}}
    if any(map(math.isnan, meant.values())):
        return words
    if labels or (len(meant) < 3 and not any(map(positive_part, meant))):
        spelled = {word: whole_form(plain_number(word, written)) for word in meant}
        if any(spell_number(number) != spelled[word] for word, number in meant.items()):
            return words
    return np.array([meant.get(word, math.nan) for word in words], "float64")


def named_texts(table: Table, name: str | None) -> np.ndarray | None:
    return table.texts[name] if name else None


def order_of(table: Table, data: TableKeys, source: Source) -> np.ndarray | None:
    """What rows are ordered by (n,), float64: numbers, or dates in seconds. Raises ``RnaError`` for other words."""
    name = data.split.order_by
    if not name:
        return None
    if name in table.texts:
        different, index = find_distinct(table.texts[name])
    elif name in table.words:
        different, index = np.array(table.words[name]), table.values[:, table.columns.index(name)]
    else:
        return np.array(table.values[:, table.columns.index(name)])
    present = np.array([word is not None for word in different], bool)
    each = np.full(len(different), np.nan)
    each[present] = order_words(name, [str(word) for word in different[present]], data, source)
    order = np.full(len(index), np.nan)
    order[~np.isnan(index)] = each[index[~np.isnan(index)].astype("int64")]
    return order


def order_words(name: str, words: Sequence[str], data: TableKeys, source: Source) -> np.ndarray:
    """The numbers or dates (words,) that words mean; never their places in the alphabet, which is no order in time."""
    written, form = source.form.written, data.column(name).format or ""
    numbers = word_numbers(words, Want("number"), written)
    if not form and not np.isnan(numbers).any():
        return numbers
    content = Date.recognize(words, written) if not form else None
    want = content.want if content and content.kind == Date.kind else Want("date", format=form)
    dates = word_numbers(words, want, written)
    if want.format and not form:
        log.info("rows are in the order of %s: %s", clean(name, 40), fill_template(content.why) if content else "")
    if np.isnan(dates).any():
        hint = content.hint if content and content.hint else DATES
        raise RnaError(
            "column '{name:.40}': expected dates or numbers to order the rows by, got '{word:.40}'",
            place=source.shown,
            hint=name_hint(name, hint),
            name=name,
            word=words[int(np.isnan(dates).argmax())],
        )
    return dates


def weights_of(table: Table, data: TableKeys, source: Source) -> np.ndarray | None:
    """How much each row (n,) counts."""
    if not data.sample_weight:
        return None
    weights = np.array(table.values[:, table.columns.index(data.sample_weight)])
    if (weights < 0).any():
        row = int(np.argmax(weights < 0))
        raise RnaError(
            "column '{name:.40}': a weight is at least 0, got {weight:g} (row {row})",
            place=source.shown,
            name=data.sample_weight,
            weight=weights[row],
            row=row + 1,
        )
    return weights


def usable_rows(rows: Examples, data: TableKeys) -> np.ndarray | None:
    """Which rows (n,) are left where those with missing values are dropped; ``None`` if all are.

    In a series, a missing value is dropped with every row that has it in its window.
    """
    kept = np.ones(len(rows.y), bool)
    for j, name in enumerate(rows.features):
        if drops(name, data):
            kept &= ~np.isnan(rows.column(j, np.arange(len(rows.y))))
    if rows.series is not None:
        kept = rows.series.count_past(~kept) == 0
    if any(drops(name, data) for name in rows.targets):
        for y in [rows.y[name] for name in rows.y.dtype.names] if rows.y.dtype.names else [rows.y]:
            kept &= ~pd.isna(y.reshape(len(y), -1)).any(axis=1)
    if kept.all():
        return None
    log.info("%s of %s rows are left out, since a value is missing", f"{int((~kept).sum()):,}", f"{len(kept):,}")
    return kept


def require_numbers(piece: Table, names: Iterable[str], source: Source, kinds: Mapping[str, Content]) -> None:
    """Refuse words in columns that hold numbers in the first rows: some are codes such as 01001, or no numbers."""
    for name in names:
        read_again([source], {name: kinds[name].want})
        at = next(i for i, word in enumerate(piece.words[name]) if CODE.fullmatch(word))
        row = int((piece.values[:, piece.columns.index(name)] == at).argmax())
        raise RnaError(
            "column '{name:.40}': got '{code:.40}', which is written as a code, and the first rows hold numbers",
            place=place_of_row([source], [piece.start + len(piece)], piece.start + row),
            hint=name_hint(
                name, "for codes: columns: {{column}: categorical}; for numbers: columns: {{column}: numeric}"
            ),
            name=name,
            code=piece.words[name][at],
        )


def place_of_row(sources: Sequence[Source], ends: Sequence[int], row: int) -> str:
    """Where a row of several files stands: ``file:line``. ``ends``: how many rows there are up to the end of each."""
    i = next(i for i, end in enumerate(ends) if row < end)
    source, within = sources[i], row - (ends[i - 1] if i else 0)
    if source.is_parquet:
        return fill_template("{shown:.300}: row {within}", shown=source.shown, within=within + 1)
    return f"{source.shown}:{line_of_row(source.path, source.form, within, source.shown)}"
