"""What was seen in a table, in words: for the file's first lines, and for people."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from rnacli.starter.look import Look
from rnacli.tables.csv.read import CsvFile
from rnacli.tables.csv.totals import find_total
from rnacli.words import clean, count_things, fill_each, fill_template, first_words


def opening_lines(look: Look, file: str) -> list[str]:
    """The lines that open the file, which is called ``file``."""
    predicts = fill_template(
        "Predicts {goal_in_words} of {name}", goal_in_words=goal_in_words(look), name=Path(look.source.shown).name
    )
    return [
        f"{predicts}.   rna train {shlex.quote(file)}",
        "",
        fill_template(
            "Written by rna init from {rows:,} rows, as a start: change what you like, and rna check says",
            rows=look.rows,
        ),
        fill_template("whether it fits together. What each key means: rna schema --markdown"),
    ]


SEVERAL = {"multiclass": "{count} classes", "multilabel": "{count} labels", "regression": "{count} numbers"}
"""What several target columns are."""


def goal_in_words(look: Look) -> str:
    first = clean(look.targets[0], 40)
    what = fill_template("column {first}", first=first) if first.isdecimal() else first
    if len(look.targets) > 1:
        what = fill_template(SEVERAL[look.goal.kind], count=len(look.targets))
    return fill_template(
        "{what:.300} from {count_things}", what=what, count_things=count_things(len(look.inputs), "column")
    )


NAMES = {
    "numeric": ("{count:,} number", "{count:,} numbers"),
    "boolean": ("{count:,} yes or no", "{count:,} yes or no"),
    "categorical": ("{count:,} category", "{count:,} categories"),
    "text": ("{count:,} text", "{count:,} texts"),
    "words": ("{count:,} column of many words", "{count:,} columns of many words"),
    "date": ("{count:,} date", "{count:,} dates"),
    "duration": ("{count:,} duration", "{count:,} durations"),
    "fraction": ("{count:,} fraction", "{count:,} fractions"),
    "several": ("{count:,} column of several values", "{count:,} columns of several values"),
    "image": ("{count:,} picture", "{count:,} pictures"),
}
"""What one column of a kind is called, and what several are."""


def data_notes(look: Look) -> Iterator[str]:
    """What was seen, line by line."""
    counts = {kind: sum(column.kind == kind for column in look.inputs) for kind in NAMES}
    kinds = ", ".join(fill_template(NAMES[kind][count > 1], count=count) for kind, count in counts.items() if count)
    inputs = count_things(len(look.inputs), "input column")
    yield f"{clean(look.source.shown, 300)}: {file_in_words(look)}; {inputs} ({kinds})"
    if gaps := [
        fill_template("{missing:,} in {name}", missing=column.missing, name=clean(column.name, 40))
        for column in look.inputs
        if column.missing
    ]:
        yield fill_template("missing values: {names:.300}", names=first_words(gaps, 5))
    yield f"{first_words([clean(name, 40) for name in look.targets], 5)}: {look.goal.why}: {look.goal.kind}"
    if look.goal.gaps:
        yield fill_template("rows without it: {rows:,}, left out", rows=look.rows - look.goal.rows)
    if look.goal.counts:
        shares = [f"{clean(label, 30)} {show_percent(share)}" for label, share in look.goal.shares.items()]
        yield fill_template(
            "classes: {shares:.500}" if look.goal.has_classes else "labels: {shares:.500}",
            shares=first_words(shares, 8),
        )
    if isinstance(look.source, CsvFile) and (word := find_total(look.source)):
        yield fill_template("the last row begins with '{word}'; if it sums up others, remove it", word=clean(word, 40))
    for column in look.columns:
        if not column.is_input:
            yield fill_template(
                "left out: {name}: {why:.300}", name=clean(column.name, 40), why=fill_template(column.why)
            )
        elif column.why and column.say in (None, column.kind):
            yield f"{clean(column.name, 40)}: {column.why}"


def file_in_words(look: Look) -> str:
    form = look.source.form
    rows = count_things(look.rows, "row") if look.is_whole else fill_template("{rows:,} rows or more", rows=look.rows)
    if look.source.is_parquet:
        return rows
    words = fill_each("commas", "semicolons", "tabs", "blanks")
    between = dict(zip((",", ";", "\t", "whitespace"), words, strict=True))
    decimal = fill_template(", decimal commas") if form.decimal == "," else ""
    return fill_template(
        "{rows}, {mark} between the values{decimal}",
        rows=rows,
        mark=between.get(form.delimiter, repr(form.delimiter)),
        decimal=decimal,
    )


def show_percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
