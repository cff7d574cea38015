"""What the columns of a table are read as, and what they are found to hold."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np

from rnacli.data.roles import Roles
from rnacli.data.table_keys import TableKeys
from rnacli.document.write import name_hint
from rnacli.encoders.column import Content
from rnacli.encoders.kind_of import are_sentences, infer_kind
from rnacli.encoders.odd_numbers import Odd, counts_rows, find_odd
from rnacli.encoders.section import Column
from rnacli.encoders.table import COLUMN_KINDS
from rnacli.errors import DATA, Problem, RnaError
from rnacli.pictures.find import is_picture_name
from rnacli.tables.alike import find_alike, tell_alike
from rnacli.tables.cells import MEASURES, Check, Want, word_numbers
from rnacli.tables.csv.faults import Mend
from rnacli.tables.csv.read import CsvFile
from rnacli.tables.csv.totals import find_total, is_total
from rnacli.tables.gather import count_words, replace_words
from rnacli.tables.numbers import Written
from rnacli.tables.several import find_separator
from rnacli.tables.source import Source
from rnacli.tables.table import Table
from rnacli.words import clean, fill_template

log = logging.getLogger("rnacli")

FEW = 20
"""Rows from which a column of as many words is no accident."""
NUMBERS = "numbers"
"""What a column of numbers holds where nothing else is said of it."""
LEAVE_OUT = "leave it out: columns: {{column}: ignore}"
SENTENCES = "its words are read by columns: {{column}: {kind: text}}; {{column}: ignore} leaves it out"
PICTURES = "columns: {{column}: {kind: image, image_size: [150, 150]}}, or ignore"

FEATURE = Mend(
    "if its words are categories: columns: {{column}: categorical}; to leave it out: columns: {{column}: ignore}",
    "leave the column out with columns: {{column}: ignore}, or fill it",
)
TARGET = Mend(
    "for classes: loss: sparse_categorical_crossentropy, and softmax in a last layer with one unit for each class",
    "to leave such rows out: columns: {{column}: {fill: drop}}",
    "if a blank is an answer too: columns: {{column}: {fill: {constant: {other}}}}; to leave such rows out: fill: drop",
)


def wanted_cells(roles: Roles, contents: Mapping[str, Content] | None) -> dict[str, Want]:
    """How each column is read, inputs first; ``contents``: what they were found to hold before."""
    data = roles.data
    wants = {}
    for name in roles.features:
        column = data.column(name)
        wants[name] = allowed(name, contents[name].want if contents else read_as(stated_kind(column), column), data)
    for name in roles.numbers:
        column = data.column(name)
        may_miss = name in roles.targets and (drops(name, data) or roles.stands_for(name) is not None)
        wants[name] = number_want(column)._replace(missing=may_miss)
    for name in roles.apart:
        wants[name] = cell_want(name, data)
    for name in roles.texts:
        optional = name in (data.id, data.split.group) or (
            name in roles.targets
            and (drops(name, data) or bool(data.label_separator) or roles.stands_for(name) is not None)
        )
        wants[name] = Want("text", optional, data.column(name).strip, gone=data.column(name).missing)
    if (order := data.split.order_by) and order not in wants:
        wants[order] = read_as(stated_kind(data.column(order)), data.column(order))._replace(missing=False)
    return wants


def number_want(column: Column) -> Want:
    """How the cells of a column are read that is wanted to be numbers, such as a target."""
    kind = stated_kind(column)
    if kind in MEASURES:
        return COLUMN_KINDS[kind].read_as(column)
    return Want("number", strip=column.strip, unit=column.unit, gone=column.missing)


def cell_want(name: str, data: TableKeys, check: Check | None = None) -> Want:
    """How the cells of a column are read that name its arrays, such as the paths of pictures."""
    return Want("text", drops(name, data) or data.column(name).unreadable == "skip", check=check)


def read_as(kind: str, column: Column) -> Want:
    """How the cells of a kind of column are read; ``auto``, and dates of a format to be found: as whatever they are."""
    if kind not in COLUMN_KINDS or (kind == "date" and not column.format):
        return Want("any", strip=column.strip, gone=column.missing)
    return COLUMN_KINDS[kind].read_as(column)


def stated_kind(column: Column) -> str:
    """The kind that the config gives a column, by name or by what only one kind has."""
    if column.kind != "auto":
        return column.kind
    return next((kind for kind in reversed(COLUMN_KINDS) if COLUMN_KINDS[kind].is_implied_by(column)), "auto")


def allowed(name: str, want: Want, data: TableKeys) -> Want:
    """A column whose missing values are an error is read so."""
    return want._replace(missing=want.missing and data.fill_of(name) != "error")


def drops(name: str, data: TableKeys) -> bool:
    """Whether rows without a value in a column are left out."""
    return data.fill_of(name) == "drop"


def settle_kinds(
    table: Table, roles: Roles, sources: Sequence[Source], wants: Mapping[str, Want]
) -> dict[str, Content]:
    """What each input column holds; words that mean numbers become those, in place. Raises ``RnaError``."""
    kinds: dict[str, Content] = {}
    problems: list[Problem] = []
    again: dict[str, Want] = {}
    shown, written = sources[0].shown, sources[0].form.written
    for name in roles.features:
        column = roles.data.column(name)
        content = judge_column(table, name, column, wants[name], written)
        if stated_kind(column) == "auto" and are_paths(table.words.get(name, ())):
            why = fill_template("paths of pictures such as '{word:.40}'", word=table.words[name][0])
            problems.append(column_problem(name, why, shown, PICTURES))
        elif content.kind == "faulty" and not content.hint:
            again[name] = content.want
        elif content.kind == "faulty":
            problems.append(column_problem(name, content.why, shown, content.hint))
        elif content.kind == "words":
            problems.append(too_many(name, content.why, table, shown))
        elif content.kind == "empty":
            problems.append(column_problem(name, "", shown, LEAVE_OUT))
        else:
            tell_content(name, content, table)
            if content.why == NUMBERS:
                tell_odd_numbers(name, table, len(roles.features) == 1)
            if content.want.kind != "words" and name in table.words:
                replace_words(table, name, word_numbers(table.words[name], content.want, written).tolist())
        kinds[name] = content
    if again:
        read_again(sources, again)
    if problems:
        raise RnaError.of(problems, DATA)
    return kinds


def are_paths(words: Sequence[str]) -> bool:
    """Whether all words are names of pictures' files, as far as they show it."""
    return bool(words) and all(is_picture_name(word.replace("\\", "/").rpartition("/")[2]) for word in words)


def judge_column(table: Table, name: str, column: Column, want: Want, written: Written) -> Content:
    """What an input column holds, as the config says or as its values show."""
    stated, words = stated_kind(column), table.words.get(name, ())
    if stated != "auto" and want.kind != "any":
        return Content(stated, "as the config says", want)
    if name not in table.words:
        empty = np.isnan(table.values[:, table.columns.index(name)]).all()
        content = Content("empty", "") if empty else Content("numeric", NUMBERS, Want("number"))
    else:
        content = infer_kind(words, count_words(table, name), written)
    if stated == "date" and content.kind != "date" and not (content.kind == "faulty" and content.hint):
        content = Content("faulty", "", Want("date"))
    elif content.kind == "faulty" and not content.hint:
        content = content._replace(want=Want("number"))
    return content._replace(want=content.want._replace(strip=column.strip, gone=column.missing))


def tell_content(name: str, content: Content, table: Table) -> None:
    """Say what a column was taken for, where people might mean something else."""
    if content.hint:
        log.info("%s: %s (%s)", clean(name, 40), fill_template(content.why), name_hint(name, content.hint))
    if content.kind == "categorical":
        tell_totals(name, table)
        tell_spellings(name, table.words.get(name, ()))
        tell_several(name, table.words.get(name, ()))
    if content.kind == "categorical" and (words := len(table.words[name])) >= FEW and 2 * words > len(table):
        words_of = fill_template("{words:,} different words in {count:,} rows", words=words, count=len(table))
        words_of += fill_template(", nearly one for each") if 10 * words > 9 * len(table) else ""
        mend = SENTENCES if are_sentences(table.words[name]) else LEAVE_OUT
        log.warning("%s: %s; %s", clean(name, 40), words_of, name_hint(name, mend))


def tell_odd_numbers(name: str, table: Table, is_alone: bool) -> None:
    """Say of numbers that they may be something else; ``is_alone``: they are the only input."""
    values = table.values[:, table.columns.index(name)]
    odd = find_odd(name, values[~np.isnan(values)])
    if odd is None and not is_alone and len(values) >= FEW and counts_rows(name, values):
        odd = Odd("whole numbers that count the rows, or name them", LEAVE_OUT)
    if odd:
        log.warning("%s: %s; %s", clean(name, 40), fill_template(odd.why), name_hint(name, odd.hint))


def tell_totals(name: str, table: Table) -> None:
    """Say of a word of one row that it may sum up the others."""
    for word, count in zip(table.words[name], count_words(table, name), strict=True):
        if count == 1 and is_total(word):
            log.warning("%s: '%s' in one row; if that row sums up others, remove it", clean(name, 40), clean(word, 40))


def tell_last_total(source: Source, table: Table) -> None:
    """Say of a last row that it may sum up the others, where its word is in no column that is read."""
    if isinstance(source, CsvFile) and (word := find_total(source)) and not is_known(word, table):
        log.warning("%s: the last row begins with '%s'; if it sums up others, remove it", source.shown, clean(word, 40))


def is_known(word: str, table: Table) -> bool:
    return any(word in words for words in table.words.values())


COMPARED = 10_000
"""Words of a column whose spellings are compared."""


def tell_spellings(name: str, words: Sequence[str]) -> None:
    """Say of categories that they differ in spelling alone."""
    if pairs := find_alike(words[:COMPARED]):
        more = fill_template(" ({count:,} more)", count=len(pairs) - 1) if len(pairs) > 1 else ""
        alike = tell_alike(*pairs[0], "two categories")
        log.warning("%s: %s%s: write them alike in the file", clean(name, 40), alike, more)


SEVERAL = "columns: {{column}: {split: '{separator}', output_mode: multi_hot}} takes them one by one"


def tell_several(name: str, words: Sequence[str]) -> None:
    """Say of categories that each may be several values."""
    if separator := find_separator(words[:COMPARED]):
        word = next(word for word in words if separator in word)
        what = fill_template("'{word}' is one category, and looks like several values", word=clean(word, 40))
        log.warning("%s: %s; %s", clean(name, 40), what, name_hint(name, SEVERAL, separator=separator))


def column_problem(name: str, why: str, shown: str, hint: str) -> Problem:
    message = "column '{name:.40}' holds {why:.300}" if why else "column '{name:.40}': every value is missing"
    return Problem(message, shown, name_hint(name, hint), name=name, why=fill_template(why))


def read_again(sources: Sequence[Source], faulty: Mapping[str, Want]) -> None:
    """Raise the ``RnaError`` that names each word among numbers."""
    for source in sources:
        for _ in source.read(faulty, None, dict.fromkeys(faulty, FEATURE)):
            pass


def is_plain_number(want: Want) -> bool:
    """Whether cells are wanted to be numbers without a unit."""
    return want.kind == "number" and not want.unit


def too_many(name: str, why: str, table: Table, shown: str) -> Problem:
    """The problem of a column of so many words that they are hardly categories, or that are sentences."""
    if separator := find_separator(table.words[name][:COMPARED]):
        message = "column '{name:.40}' has {why:.300} in {rows:,} rows, each of several values"
        hint = name_hint(name, SEVERAL, separator=separator)
        return Problem(message, shown, hint, name=name, why=fill_template(why), rows=len(table))
    if are_sentences(table.words[name]):
        message = "column '{name:.40}' has {why:.300} in {rows:,} rows, most of them sentences"
        return Problem(message, shown, name_hint(name, SENTENCES), name=name, why=fill_template(why), rows=len(table))
    return Problem(
        "column '{name:.40}' has {why:.300} in {rows:,} rows: too many to be categories",
        shown,
        name_hint(
            name,
            "columns: {{column}: ignore} leaves it out; {{column}: {encode: embedding}} learns a vector for each; "
            "{{column}: {min_count: 10}} groups the rare ones",
        ),
        name=name,
        why=fill_template(why),
        rows=len(table),
    )
